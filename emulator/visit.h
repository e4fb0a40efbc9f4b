/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request to one of the hosts beside the Directory Service: STS, the SSO portal, the instance's
 * metadata, the container's endpoint. What they share is here: faults, counts, the log, the reply.
 * Called with the world's lock held.
 */

#include "emulator/identity.h"
#include "emulator/reply.h"

/* Text of a refusal. */
#define VISIT_MESSAGE_SIZE 768

struct visit {
	struct world *world; /* borrowed, as the request */
	const struct sigv4_request *request;
	const struct visit_host *host;
	int64_t now;			  /* UTC seconds */
	enum served served;		  /* what it is; set by the host's `name` */
	struct identity identity;	  /* "" until the host knows it */
	enum trouble trouble;		  /* how it ended */
	char message[VISIT_MESSAGE_SIZE]; /* its text */
	struct reply *reply;		  /* takes body and content type */
};

/* One host: a table of functions, each of static life. */
struct visit_host {
	/* Whether a request is for it. */
	bool (*takes)(const struct world *world, const struct sigv4_request *request);
	/* Says what the request asks for. */
	enum served (*name)(const struct visit *visit);
	/* Answers: writes the body, or calls visit_refuse. */
	void (*run)(struct visit *visit);
	/* Writes the body of a refusal in the host's form. */
	void (*refuse)(struct visit *visit);
};

/* Ends the visit with an error. */
void visit_refuse(struct visit *visit, enum trouble trouble, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Serves a request, whatever it is, with a reply that was begun with reply_init. */
void visit_serve(struct world *world, const struct visit_host *host,
	const struct sigv4_request *request, struct reply *reply);
