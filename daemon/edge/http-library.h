/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * libcurl, loaded when a connection is near. It brings some 25 libraries with it, whose loading
 * takes longer than all else that a command does until its first request, and commands that ask
 * nobody (check, status, history) need none of them.
 *
 * Its functions are called by their own names, as <curl/curl.h> declares them. http-library.c
 * defines those that are used: each waits until the library is there and calls it, as an import
 * library does elsewhere. A library that cannot be loaded ends the program with a word on standard
 * error and EXIT_FAILURE, as one does that the program is linked with.
 */

/*
 * Begins to load libcurl and to initialize it (curl_global_init), in a thread of its own that takes
 * no signal, while the caller goes on. For a program that is about to connect; the others load it
 * with the first function that they call. Any thread, any number of times.
 */
void http_library_begin(void);
