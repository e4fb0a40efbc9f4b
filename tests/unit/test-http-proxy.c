/* SPDX-License-Identifier: Apache-2.0 */
/* Through which proxy a host is asked, and which needs none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/http-proxy.h"
#include "tests/unit/variables.h"

static void some_hosts_need_no_proxy(void **state)
{
	static const struct {
		const char *what, *list, *host;
		bool excepted;
	} cases[] = {
		{"all", "*", "ds.eu-west-1.amazonaws.com", true},
		{"a star among others is no word", "*,x", "ds.eu-west-1.amazonaws.com", false},
		{"the name itself", "ds.example.com", "ds.example.com", true},
		{"whatever its case", "DS.Example.Com", "ds.example.com", true},
		{"a name above", "example.com", "ds.example.com", true},
		{"with a dot", ".example.com", "ds.example.com", true},
		{"a dot means the name too", ".example.com", "example.com", true},
		{"a dot at its end", "example.com.", "ds.example.com", true},
		{"no boundary", "ample.com", "ds.example.com", false},
		{"a name below", "a.ds.example.com", "ds.example.com", false},
		{"the second of two", "localhost,example.com", "ds.example.com", true},
		{"blanks and commas", " localhost , example.com ,", "ds.example.com", true},
		{"nothing", "", "ds.example.com", false},
		{"commas alone", " ,,. ", "ds.example.com", false},
		{"an address", "10.1.2.3", "10.1.2.3", true},
		{"another", "10.1.2.4", "10.1.2.3", false},
		{"the end of an address is no name", "2.3", "10.1.2.3", false},
		{"a network", "10.0.0.0/8", "10.1.2.3", true},
		{"a network whose end is within a byte", "10.1.2.0/29", "10.1.2.7", true},
		{"one beyond it", "10.1.2.0/29", "10.1.2.8", false},
		{"every address", "0.0.0.0/0", "10.1.2.3", true},
		{"but no name", "0.0.0.0/0", "ds.example.com", false},
		{"too many bits", "10.1.2.3/33", "10.1.2.3", false},
		{"bits that are none", "10.1.2.3/x", "10.1.2.3", false},
		{"IPv6", "fd00::1", "[fd00::1]", true},
		{"IPv6 in brackets", "[fd00::1]", "[fd00::1]", true},
		{"IPv6 written otherwise", "fd00:0::0001", "[fd00::1]", true},
		{"a network of IPv6", "fd00::/8", "[fdff::1]", true},
		{"the other family", "0.0.0.0/0", "[fd00::1]", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		print_message("%s\n", cases[i].what);
		assert_int_equal(
			http_proxy_excepts(cases[i].list, cases[i].host), cases[i].excepted);
	}
}

static void proxies_have_an_order(void **state)
{
	static const struct {
		const char *what, *lower, *upper, *all, *no_lower, *no_upper;
		const char *variable, *shown;
		bool user;
	} cases[] = {
		{"none", NULL, NULL, NULL, NULL, NULL, NULL, "", false},
		{"lower case goes first", "http://a:1", "http://b:2", "http://c:3", NULL, NULL,
			"https_proxy", "http://a:1", false},
		{"upper case", NULL, "http://b:2", "http://c:3", NULL, NULL, "HTTPS_PROXY",
			"http://b:2", false},
		{"of every scheme", NULL, NULL, "socks5h://c:3", NULL, NULL, "ALL_PROXY",
			"socks5h://c:3", false},
		{"an empty one is none", "", "http://b:2", NULL, NULL, NULL, "HTTPS_PROXY",
			"http://b:2", false},
		{"without a scheme", NULL, "ftp.example.com:3128", NULL, NULL, NULL, "HTTPS_PROXY",
			"http://ftp.example.com:3128", false},
		{"without a port", NULL, "http://b", NULL, NULL, NULL, "HTTPS_PROXY",
			"http://b:1080", false},
		{"with a password", NULL, "http://me:hunter2@b:2", NULL, NULL, NULL, "HTTPS_PROXY",
			"http://b:2", true},
		{"nonsense", NULL, "http://me:hunter2@b:x", NULL, NULL, NULL, "HTTPS_PROXY", "",
			false},
		{"excepted", NULL, "http://b:2", NULL, "amazonaws.com", NULL, NULL, "", false},
		{"by upper case", NULL, "http://b:2", NULL, NULL, "amazonaws.com", NULL, "", false},
		{"where lower case goes first", NULL, "http://b:2", NULL, "x", "amazonaws.com",
			"HTTPS_PROXY", "http://b:2", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct http_proxy proxy;

		print_message("%s\n", cases[i].what);
		variables_clear(NULL);
		variable_set("https_proxy", cases[i].lower);
		variable_set("HTTPS_PROXY", cases[i].upper);
		variable_set("ALL_PROXY", cases[i].all);
		variable_set("no_proxy", cases[i].no_lower);
		variable_set("NO_PROXY", cases[i].no_upper);
		http_proxy_find("https://ds.eu-west-1.amazonaws.com/", &proxy);
		if (cases[i].variable)
			assert_string_equal(proxy.variable, cases[i].variable);
		else
			assert_null(proxy.variable);
		assert_string_equal(proxy.shown, cases[i].shown);
		assert_int_equal(proxy.user, cases[i].user);
	}
	variables_clear(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_hosts_need_no_proxy),
		cmocka_unit_test(proxies_have_an_order),
	};

	return cmocka_run_group_tests(tests, variables_clear, NULL);
}
