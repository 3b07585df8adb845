/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

/* The transcripts of the lab in the later layout, runs of blanks aside. */
static void the_hub_shows_what_the_lab_asks_for(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	expect_show_words(&f, (struct show_request){ .what = SHOW_IP_NHRP },
	                  "10.10.10.2/32 via 10.10.10.2\n"
	                  "Tunnel0 created 00:11:31, expire 01:48:28\n"
	                  "Type: dynamic, Flags: authoritative unique registered used nhop\n"
	                  "NBMA address: 2.2.2.2\n"
	                  "10.10.10.3/32 via 10.10.10.3\n"
	                  "Tunnel0 created 00:08:19, expire 01:51:40\n"
	                  "Type: dynamic, Flags: authoritative unique registered used nhop\n"
	                  "NBMA address: 3.3.3.2\n");
	expect_show_words(&f, (struct show_request){ .what = SHOW_IP_NHRP_BRIEF },
	                  "Target Via NBMA Mode Intfc Claimed\n"
	                  "10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic Tu0 < >\n"
	                  "10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic Tu0 < >\n");
	expect_show_words(&f, (struct show_request){ .what = SHOW_IP_NHRP_TRAFFIC },
	                  "Tunnel0: Max-send limit:10000Pkts/10Sec, Usage:0%\n"
	                  "Sent: Total 3\n"
	                  "0 Resolution Request 0 Resolution Reply 0 Registration Request\n"
	                  "3 Registration Reply 0 Purge Request 0 Purge Reply\n"
	                  "0 Error Indication 0 Traffic Indication 0 Redirect Suppress\n"
	                  "Rcvd: Total 3\n"
	                  "0 Resolution Request 0 Resolution Reply 3 Registration Request\n"
	                  "0 Registration Reply 0 Purge Request 0 Purge Reply\n"
	                  "0 Error Indication 0 Traffic Indication 0 Redirect Suppress\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_IP_NHRP_SUMMARY },
	                "IP NHRP cache 2 entries, 496 bytes\n"
	                "    0 static   2 dynamic    0 incomplete\n");
	fake_fini(&f);
}

static void the_spoke_shows_what_the_lab_asks_for(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	expect_show_words(&f, (struct show_request){ .what = SHOW_IP_NHRP },
	                  "10.10.10.1/32 via 10.10.10.1\n"
	                  "Tunnel0 created 00:13:31, never expire\n"
	                  "Type: static, Flags: authoritative\n"
	                  "NBMA address: 1.1.1.2\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_IP_NHRP_SUMMARY },
	                "IP NHRP cache 1 entry, 248 bytes\n"
	                "    1 static   0 dynamic    0 incomplete\n");
	expect_show_words(&f, (struct show_request){ .what = SHOW_IP_NHRP_NHS },
	                  "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n"
	                  "Tunnel0:\n"
	                  "10.10.10.1 RE NBMA Address: 1.1.1.2 priority = 0 cluster = 0\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hub_shows_what_the_lab_asks_for),
		cmocka_unit_test(the_spoke_shows_what_the_lab_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
