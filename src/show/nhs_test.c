/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_IP_NHRP_NHS };
static const struct show_request detail = { .what = SHOW_IP_NHRP_NHS_DETAIL };

static void servers_of_the_lab(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	expect_show(&f, request,
	            "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n"
	            "Tunnel0:\n"
	            "10.10.10.1  RE  NBMA Address: 1.1.1.2 priority = 0 cluster = 0\n");
	expect_show(&f, detail,
	            "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n"
	            "Tunnel0:\n"
	            "10.10.10.1  RE  NBMA Address: 1.1.1.2 priority = 0 cluster = 0"
	            "  req-sent 1  req-failed 0  repl-recv 1 (00:00:58 ago)\n"
	            " Current Request ID: 5 (Ack: 5)\n"
	            " Protection Socket Requested: FALSE\n"
	            "\n"
	            "Pending Registration Requests:\n");
	fake_fini(&f);
}

static void a_protected_tunnel_asks_for_a_socket(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	fake_lab_protect(&f);
	expect_show_has(&f, detail, "\n Protection Socket Requested: TRUE\n");
	fake_fini(&f);
}

static void a_request_without_reply_is_pending(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 100, "172.16.0.2/24");
	struct nhs_view *n = fake_add_nhs(&f, "172.16.0.1", NULL);
	n->tunnel = 100;
	n->requests_sent = 3;
	n->pending = true;
	n->request_id = 57;
	n->retransmit_s = 64;
	expect_show_has(&f, detail, "172.16.0.1  E  NBMA Address: UNKNOWN priority = 0");
	expect_show_has(&f, detail, "  repl-recv 0\n Current Request ID: 57\n");
	expect_show_has(&f, detail,
	                "\nPending Registration Requests:\n"
	                "Registration Request: Reqid 57, Ret 64  NHS 172.16.0.1 expired (Tu100)\n");
	fake_fini(&f);
}

static void addresses_stand_in_one_column(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 0, "172.16.0.2/24");
	fake_add_nhs(&f, "172.16.0.100", "1.1.1.1");
	fake_add_nhs(&f, "172.16.0.1", "1.1.1.2");
	expect_show_has(&f, request,
	                "172.16.0.100  RE  NBMA Address: 1.1.1.1 priority = 0 cluster = 0\n"
	                "172.16.0.1    RE  NBMA Address: 1.1.1.2 priority = 0 cluster = 0\n");
	fake_fini(&f);
}

static void a_tunnel_without_servers_is_left_out(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	expect_show(&f, request,
	            "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_of_the_lab),
		cmocka_unit_test(a_protected_tunnel_asks_for_a_socket),
		cmocka_unit_test(a_request_without_reply_is_pending),
		cmocka_unit_test(addresses_stand_in_one_column),
		cmocka_unit_test(a_tunnel_without_servers_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
