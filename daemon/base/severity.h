/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much something that is told matters: the same three words for files and for directories. */

enum severity {
	SEVERITY_ERROR,	  /* the file is not taken; LDAPS is at risk, somebody must act */
	SEVERITY_WARNING, /* somebody should act, or something is held back */
	SEVERITY_NOTE,	  /* worth knowing */
	SEVERITIES,
};

/* The word for people and JSON: "error", "warning", "note". Static, never NULL. */
const char *severity_str(enum severity severity);
