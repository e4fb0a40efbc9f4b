/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The members of results: how certificates, LDAPS, directories and trusts are shown. */

#include "emulator/operation.h"

/* Instants of changes carry this fraction, as the service's samples do. Milliseconds. */
#define DESCRIBE_FRACTION 657

/* An element of CertificatesInfo. */
void describe_listed(
	const struct world *world, struct call *call, const struct model_certificate *entry);
/* The member Certificate. */
void describe_entry(const struct world *world, struct call *call, const struct resource *resource,
	const struct model_certificate *entry);
/* The member LDAPSSettingsInfo. */
void describe_ldaps(const struct world *world, struct call *call, const struct resource *resource);
/* An element of DirectoryDescriptions. */
void describe_directory(
	const struct world *world, struct call *call, const struct resource *resource);
/* The elements of RegionsDescription: the Regions of the directory that were asked for. */
void describe_regions_of(
	const struct world *world, struct call *call, const struct resource *resource);
/* The elements of Trusts that belong to the directory and were asked for. */
void describe_trusts_of(struct call *call, const struct resource *resource);
