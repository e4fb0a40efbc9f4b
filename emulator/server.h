/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The HTTP server: libmicrohttpd on 127.0.0.1, with or without TLS. Waiting replies hold no thread:
 * their connections are suspended until their time.
 */

#include <stdint.h>

#include "base/error.h"
#include "emulator/world.h"

/* Connections at one time. */
#define SERVER_CONNECTIONS_MAX 4096
/* Threads that read, answer and write. */
#define SERVER_THREADS 4
/* A connection without a request is closed after this. Seconds. */
#define SERVER_IDLE 300
/* The fault "slow": a byte in this time. Milliseconds. */
#define SERVER_SLOW_MS 200

struct server;

/*
 * Starts on `port` (0: any free one). `certificate` and `key` are PEM texts that must live as long
 * as the server, or both NULL for plain HTTP. 0 or a negative error with its reason.
 */
int server_start(struct world *world, uint16_t port, const char *certificate, const char *key,
	struct server **ret_server, struct error *error);
/* The port that it listens on. */
uint16_t server_port(const struct server *server);
/* Cuts what is under way and frees the server. */
void server_stop(struct server *server);
