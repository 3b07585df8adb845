/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "show/fake_node.h"

static void expect_log(const struct trace *t, const char *line)
{
	struct strbuf out;

	strbuf_init(&out);
	assert_int_equal(show_trace_log(t, &out), line != NULL);
	assert_string_equal(out.text, line ? line : "");
	strbuf_fini(&out);
}

static struct trace trace_of(enum trace_type type)
{
	return (struct trace){ .type = type,
		               .overlay = fake_addr("10.10.10.1"),
		               .peer = fake_addr("1.1.1.2") };
}

static void neighbours_come_and_go_as_ios_words_it(void **state)
{
	struct trace t = trace_of(TRACE_NHS_UP);

	(void)state;
	expect_log(&t, "%DMVPN-5-NHRP_NHS_UP: Tunnel0: Next Hop Server : "
	               "(Tunnel: 10.10.10.1 NBMA: 1.1.1.2) is UP");
	t = trace_of(TRACE_NHS_DOWN);
	t.reason = REASON_NO_REPLY;
	expect_log(&t, "%DMVPN-5-NHRP_NHS_DOWN: Tunnel0: Next Hop Server : "
	               "(Tunnel: 10.10.10.1 NBMA: 1.1.1.2) is DOWN, "
	               "Reason: no reply to registration requests");
	t = trace_of(TRACE_NHC_UP);
	t.tunnel = 12;
	expect_log(&t, "%DMVPN-5-NHRP_NHC_UP: Tunnel12: Next Hop Client : "
	               "(Tunnel: 10.10.10.1 NBMA: 1.1.1.2) is UP");
	t = trace_of(TRACE_NHC_DOWN);
	t.reason = REASON_EXPIRED;
	expect_log(&t, "%DMVPN-5-NHRP_NHC_DOWN: Tunnel0: Next Hop Client : "
	               "(Tunnel: 10.10.10.1 NBMA: 1.1.1.2) is DOWN, Reason: holding time expired");
	t = trace_of(TRACE_NHP_UP);
	expect_log(&t, "%DMVPN-5-NHRP_NHP_UP: Tunnel0: Next Hop Peer : "
	               "(Tunnel: 10.10.10.1 NBMA: 1.1.1.2) is UP");
	t = trace_of(TRACE_NHP_DOWN);
	t.peer = ADDR_ANY_NONE;
	expect_log(&t, "%DMVPN-5-NHRP_NHP_DOWN: Tunnel0: Next Hop Peer : "
	               "(Tunnel: 10.10.10.1 NBMA: UNKNOWN) is DOWN");
}

static void a_wrong_authentication(void **state)
{
	struct trace t = trace_of(TRACE_AUTHENTICATION_FAILED);

	(void)state;
	expect_log(&t, "%DMVPN-3-NHRP_ERROR: Tunnel0: Received wrong authentication string from "
	               "(Tunnel: 10.10.10.1 NBMA: 1.1.1.2), Reason: authentication failure (11)");
}

static void a_taken_unique_address_brings_the_remedy(void **state)
{
	struct trace t = trace_of(TRACE_REGISTRATION_REFUSED);
	struct strbuf out;

	(void)state;
	t.code = NHRP_CODE_UNIQUE_REGISTERED;
	strbuf_init(&out);
	assert_true(show_trace_log(&t, &out));
	assert_non_null(strstr(out.text,
	                       "%DMVPN-3-NHRP_ERROR: Tunnel0: Registration Request refused "
	                       "by Next Hop Server (Tunnel: 10.10.10.1 NBMA: 1.1.1.2), "
	                       "Reason: "));
	assert_non_null(strstr(out.text, " (14); "));
	assert_non_null(strstr(out.text, "configure \"ip nhrp registration no-unique\""));
	strbuf_truncate(&out, 0);
	t.code = NHRP_CODE_PROHIBITED;
	assert_true(show_trace_log(&t, &out));
	assert_null(strstr(out.text, "no-unique"));
	strbuf_fini(&out);
}

static void an_error_of_a_peer_is_explained(void **state)
{
	struct trace t = trace_of(TRACE_ERROR_RECEIVED);
	struct strbuf out;

	(void)state;
	t.code = NHRP_ERROR_AUTHENTICATION;
	strbuf_init(&out);
	assert_true(show_trace_log(&t, &out));
	assert_non_null(strstr(out.text, " (11); \"ip nhrp authentication\" differs between this "
	                                 "router and the peer"));
	strbuf_truncate(&out, 0);
	t.code = 999;
	assert_true(show_trace_log(&t, &out));
	assert_non_null(strstr(out.text, " (999)"));
	strbuf_fini(&out);
}

static void a_nat_in_the_way(void **state)
{
	struct trace t = trace_of(TRACE_NAT_SUSPECTED);
	struct strbuf out;

	(void)state;
	strbuf_init(&out);
	assert_true(show_trace_log(&t, &out));
	assert_non_null(strstr(out.text, "No reply from Next Hop Server (Tunnel: "));
	assert_non_null(strstr(out.text, "a NAT lets only one router behind it speak GRE"));
	strbuf_fini(&out);
}

static void a_name_that_does_not_resolve(void **state)
{
	struct trace t = { .type = TRACE_NAME_UNRESOLVED, .text = "hub.example.com" };

	(void)state;
	expect_log(&t, "%DMVPN-4-NHRP_NAME_UNRESOLVED: Tunnel0: Next Hop Server name "
	               "\"hub.example.com\" does not resolve");
}

static void packets_and_cache_entries_are_not_logged(void **state)
{
	(void)state;
	for (int type = TRACE_PACKET_SENT; type <= TRACE_CACHE_DELETED; type++) {
		struct trace t = trace_of((enum trace_type)type);

		expect_log(&t, NULL);
	}
}

static void protection_comes_and_goes(void **state)
{
	struct trace t = trace_of(TRACE_IPSEC_UP);

	(void)state;
	t.port = 500;
	expect_log(&t, "%CRYPTO-5-SESSION_STATUS: Crypto tunnel is UP. Peer 1.1.1.2:500, Tunnel0");
	t.code = 1;
	expect_log(&t, NULL);
	t = trace_of(TRACE_IPSEC_DOWN);
	t.peer = fake_addr("2001:db8::2");
	t.port = 4500;
	t.reason = REASON_PEER_DEAD;
	expect_log(&t, "%CRYPTO-5-SESSION_STATUS: Crypto tunnel is DOWN. "
	               "Peer [2001:db8::2]:4500, Tunnel0, Reason: peer does not answer");
	t.at = t.peer;
	t.peer = fake_addr("3.3.3.2");
	expect_log(&t, "%CRYPTO-5-SESSION_STATUS: Crypto tunnel is DOWN. "
	               "Peer [2001:db8::2]:4500, NBMA 3.3.3.2, Tunnel0, Reason: peer does not "
	               "answer");
	t = trace_of(TRACE_IKE_UP);
	expect_log(&t, NULL);
}

static void a_failure_says_what_differs_and_what_would_help(void **state)
{
	struct trace t = trace_of(TRACE_IKE_FAILED);

	(void)state;
	t.text = "no pre-shared key for 1.1.1.2 is configured";
	expect_log(&t, "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of IKE failed with peer at "
	               "1.1.1.2: no pre-shared key for 1.1.1.2 is configured");
	t.text = "keys differ";
	t.repeats = 2;
	expect_log(&t, NULL);
	t.repeats = 3;
	expect_log(&t, "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of IKE failed with peer at "
	               "1.1.1.2: keys differ (4 times)");
	t = trace_of(TRACE_IKE_ADVICE);
	t.text = "crypto isakmp key KEY address 1.1.1.2";
	expect_log(&t, "%CRYPTO-6-IKMP_ADVICE: For the peer at 1.1.1.2 configure: "
	               "crypto isakmp key KEY address 1.1.1.2");
	t.repeats = 4;
	expect_log(&t, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_come_and_go_as_ios_words_it),
		cmocka_unit_test(a_wrong_authentication),
		cmocka_unit_test(a_taken_unique_address_brings_the_remedy),
		cmocka_unit_test(an_error_of_a_peer_is_explained),
		cmocka_unit_test(a_nat_in_the_way),
		cmocka_unit_test(a_name_that_does_not_resolve),
		cmocka_unit_test(packets_and_cache_entries_are_not_logged),
		cmocka_unit_test(protection_comes_and_goes),
		cmocka_unit_test(a_failure_says_what_differs_and_what_would_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
