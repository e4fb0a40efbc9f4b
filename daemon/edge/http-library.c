/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/http-library.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Its name since 7.16, where its TLS library is OpenSSL. */
#define LIBRARY "libcurl.so.4"
#define REMEDY	"install the package that has it (Debian: libcurl4, Fedora: libcurl)"

#if LIBCURL_VERSION_NUM >= 0x080000
#define URL_READ const CURLU
#else
#define URL_READ CURLU
#endif

/* clang-format off */
/* What is used of it: result, name, parameters, arguments. */
#define FUNCTIONS(X) \
	X(CURLcode, global_init, (long flags), (flags)) \
	X(CURL *, easy_init, (void), ()) \
	X(CURLcode, easy_perform, (CURL *easy), (easy)) \
	X(CURLcode, easy_recv, (CURL *easy, void *bytes, size_t size, size_t *length), \
		(easy, bytes, size, length)) \
	X(CURLcode, easy_send, (CURL *easy, const void *bytes, size_t size, size_t *length), \
		(easy, bytes, size, length)) \
	X(const char *, easy_strerror, (CURLcode code), (code)) \
	X(time_t, getdate, (const char *text, const time_t *unused), (text, unused)) \
	X(CURLSH *, share_init, (void), ()) \
	X(CURLSHcode, share_cleanup, (CURLSH *share), (share)) \
	X(CURLU *, url, (void), ()) \
	X(CURLUcode, url_get, (URL_READ *url, CURLUPart part, char **text, unsigned flags), \
		(url, part, text, flags)) \
	X(CURLUcode, url_set, (CURLU *url, CURLUPart part, const char *text, unsigned flags), \
		(url, part, text, flags)) \
	X(curl_version_info_data *, version_info, (CURLversion version), (version))

/* The same without a result. */
#define PROCEDURES(X) \
	X(void, easy_cleanup, (CURL *easy), (easy)) \
	X(void, free, (void *memory), (memory)) \
	X(void, url_cleanup, (CURLU *url), (url))

/* The same with a third argument, of the type that the option asks for: result, name, handle, option. */
#define OPTIONS(X) \
	X(CURLcode, easy_setopt, CURL *, CURLoption) \
	X(CURLcode, easy_getinfo, CURL *, CURLINFO) \
	X(CURLSHcode, share_setopt, CURLSH *, CURLSHoption)
/* clang-format on */

#define MEMBER(result, name, parameters, arguments) result(*name) parameters;
#define OPTION_MEMBER(result, name, handle, option) result (*name)(handle, option, ...);
struct libcurl {
	FUNCTIONS(MEMBER)
	PROCEDURES(MEMBER)
	OPTIONS(OPTION_MEMBER)
};

/* ---- loading ---- */

_Noreturn static void give_up(const char *reason)
{
	fprintf(stderr, "ldapsward: " LIBRARY " cannot be used: %s; " REMEDY "\n", reason);
	_exit(EXIT_FAILURE);
}

/* POSIX lets a pointer to a function be taken from dlsym in this way alone. */
static void find(void *handle, const char *name, void *ret_function)
{
	*(void **)ret_function = dlsym(handle, name);
	if (!*(void **)ret_function)
		give_up(dlerror());
}

static struct libcurl library;

#define FIND(result, name, ...) find(handle, "curl_" #name, &library.name);
static void load(void)
{
	/* lazily, as when it is linked: most of what those libraries could call is never called */
	void *handle = dlopen(LIBRARY, RTLD_LAZY);

	if (!handle)
		give_up(dlerror());
	FUNCTIONS(FIND)
	PROCEDURES(FIND)
	OPTIONS(FIND)
	if (library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		give_up("its initialization failed");
}

static const struct libcurl *libcurl(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return &library;
}

static void *load_apart(void *unused)
{
	(void)libcurl();
	return unused;
}

/*
 * A new thread is often queued behind its creator, and would begin when that has done all its work:
 * it is to have another processor, if there is one and a sandbox does not forbid to ask for it.
 */
static int create_elsewhere(pthread_t *ret_thread)
{
	pthread_attr_t attributes;
	cpu_set_t processors;
	int here = sched_getcpu(), r = EINVAL;

	pthread_attr_init(&attributes);
	if (here >= 0 && here < CPU_SETSIZE &&
		sched_getaffinity(0, sizeof(processors), &processors) == 0) {
		CPU_CLR((size_t)here, &processors);
		if (CPU_COUNT(&processors) > 0 && pthread_attr_setaffinity_np(&attributes,
							  sizeof(processors), &processors) == 0)
			r = pthread_create(ret_thread, &attributes, load_apart, NULL);
	}
	pthread_attr_destroy(&attributes);
	return r;
}

void http_library_begin(void)
{
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	/* without a thread the first who needs it loads it */
	if (create_elsewhere(&thread) == 0 || pthread_create(&thread, NULL, load_apart, NULL) == 0)
		(void)pthread_detach(thread);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- its functions ---- */

#define DEFINE(result, name, parameters, arguments)                                                \
	result curl_##name parameters                                                              \
	{                                                                                          \
		return libcurl()->name arguments;                                                  \
	}
FUNCTIONS(DEFINE)

#define DEFINE_PROCEDURE(result, name, parameters, arguments)                                      \
	result curl_##name parameters                                                              \
	{                                                                                          \
		libcurl()->name arguments;                                                         \
	}
PROCEDURES(DEFINE_PROCEDURE)

/* Macros of <curl/curl.h> that look at the types. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_share_setopt

/* Longs and pointers, which are passed alike: nothing here has an option that takes a curl_off_t.
 */
_Static_assert(sizeof(long) == sizeof(void *), "a long is passed as a pointer is");

#define DEFINE_OPTION(result, name, handle_type, option_type)                                      \
	result curl_##name(handle_type handle, option_type option, ...)                            \
	{                                                                                          \
		va_list arguments;                                                                 \
		void *argument;                                                                    \
                                                                                                   \
		va_start(arguments, option);                                                       \
		argument = va_arg(arguments, void *);                                              \
		va_end(arguments);                                                                 \
		return libcurl()->name(handle, option, argument);                                  \
	}
OPTIONS(DEFINE_OPTION)
