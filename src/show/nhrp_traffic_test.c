/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_IP_NHRP_TRAFFIC };

/* Numbers of a real router: the total is the sum of the message counters. */
static void totals_leave_suppressed_redirects_out(void **state)
{
	(void)state;
	fake_init(&f);
	struct nhrp_traffic *t = &fake_add_tunnel(&f, 100, "10.0.0.1/24")->traffic;
	t->sent[NHRP_RESOLUTION_REQUEST] = 69;
	t->sent[NHRP_RESOLUTION_REPLY] = 73;
	t->sent[NHRP_REGISTRATION_REQUEST] = 5083;
	t->sent[NHRP_PURGE_REQUEST] = 41;
	t->redirects_suppressed = 12;
	t->received[NHRP_TRAFFIC_INDICATION] = 41;
	t->received[NHRP_REGISTRATION_REPLY] = 5055;
	expect_show(
		&f, request,
		"Tunnel100: Max-send limit:10000Pkts/10Sec, Usage:0%\n"
		"   Sent: Total 5266\n"
		"         69 Resolution Request  73 Resolution Reply  5083 Registration Request\n"
		"         0 Registration Reply  41 Purge Request  0 Purge Reply\n"
		"         0 Error Indication  0 Traffic Indication  12 Redirect Suppress\n"
		"   Rcvd: Total 5096\n"
		"         0 Resolution Request  0 Resolution Reply  0 Registration Request\n"
		"         5055 Registration Reply  0 Purge Request  0 Purge Reply\n"
		"         0 Error Indication  41 Traffic Indication  0 Redirect Suppress\n");
	fake_fini(&f);
}

static void usage_is_a_share_of_the_limit(void **state)
{
	(void)state;
	fake_init(&f);
	struct nhrp_tunnel_view *t = fake_add_tunnel(&f, 0, "10.0.0.1/24");
	t->max_send_packets = 100;
	t->max_send_every_s = 20;
	t->max_send_used = 37;
	expect_show_has(&f, request, "Tunnel0: Max-send limit:100Pkts/20Sec, Usage:37%\n");
	t->max_send_packets = 0;
	expect_show_has(&f, request, "Usage:0%\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals_leave_suppressed_redirects_out),
		cmocka_unit_test(usage_is_a_share_of_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
