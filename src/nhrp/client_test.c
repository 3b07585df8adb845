/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* Two at the start, a second apart; then at a third of the holding time. */
static void registers_and_renews(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	spoke.holdtime_s = 300;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 250000);
	cloud_expect(c, "   0.000 R2 cache-add 10.10.10.1 1.1.1.2\n"
	                "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.010 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                "   1.010 R1 sent 2.2.2.2 Registration Reply 2\n"
	                " 101.020 R2 sent 1.1.1.2 Registration Request 3\n"
	                " 101.030 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                " 101.030 R1 sent 2.2.2.2 Registration Reply 3\n"
	                " 201.040 R2 sent 1.1.1.2 Registration Request 4\n"
	                " 201.050 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                " 201.050 R1 sent 2.2.2.2 Registration Reply 4\n");
}

static void registration_timeout_is_the_interval(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	spoke.registration_s = 20;
	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_run(c, 40000);
	cloud_expect(c, "  21.020 R2 sent 1.1.1.2 Registration Request 3\n"
	                "  21.030 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "  41.040 R2 sent 1.1.1.2 Registration Request 4\n"
	                "  41.050 R1 sent 2.2.2.2 Registration Reply 4\n");
}

/* After the tunnel has come up, each time. */
static void the_first_one_may_wait(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	spoke.registration_delay_s = 7;
	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 7500);
	cloud_expect(c, "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   7.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   7.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   7.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   7.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   7.020 R2 nhs-up 10.10.10.1 1.1.1.2\n");
	cloud_move(c, 1, NULL);
	cloud_move(c, 1, "2.2.2.2");
	cloud_quiet(c);
	cloud_run(c, 6900);
	cloud_expect(c, "");
	cloud_run(c, 200);
	cloud_expect(c, "  14.500 R2 sent 1.1.1.2 Registration Request 2\n"
	                "  14.510 R1 sent 2.2.2.2 Registration Reply 2\n"
	                "  14.520 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

/* 2, 4, 8 … 64, 64 seconds, each times 0.75 to 1.0; one id; down after the third. */
static void nobody_answers(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r2);
	cloud_run(c, 300000);
	cloud_expect(c,
	             "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	             "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	             "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	             "   2.530 R2 sent 1.1.1.2 Registration Request 2\n"
	             "   5.808 R2 sent 1.1.1.2 Registration Request 2\n"
	             "  11.871 R2 nhs-down 10.10.10.1 1.1.1.2 (no reply to registration requests)\n"
	             "  11.871 R2 sent 1.1.1.2 Registration Request 2\n"
	             "  26.909 R2 sent 1.1.1.2 Registration Request 2\n"
	             "  55.726 R2 sent 1.1.1.2 Registration Request 2\n"
	             " 110.725 R2 sent 1.1.1.2 Registration Request 2\n"
	             " 167.597 R2 sent 1.1.1.2 Registration Request 2\n"
	             " 220.078 R2 sent 1.1.1.2 Registration Request 2\n"
	             " 279.699 R2 sent 1.1.1.2 Registration Request 2\n");
	cloud_add(c, &cloud_r1);
	cloud_run(c, 64000);
	cloud_expect(c, " 331.364 R2 sent 1.1.1.2 Registration Request 2\n"
	                " 331.374 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                " 331.374 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                " 331.374 R1 sent 2.2.2.2 Registration Reply 2\n"
	                " 331.384 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

static void the_server_is_lost_and_found(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	c->router[R1].deaf = true;
	cloud_run(c, 2420000);
	cloud_expect(c,
	             "2401.020 R2 sent 1.1.1.2 Registration Request 3\n"
	             "2401.020 R3 sent 1.1.1.2 Registration Request 3\n"
	             "2402.535 R2 sent 1.1.1.2 Registration Request 3\n"
	             "2402.900 R3 sent 1.1.1.2 Registration Request 3\n"
	             "2406.137 R2 sent 1.1.1.2 Registration Request 3\n"
	             "2406.337 R3 sent 1.1.1.2 Registration Request 3\n"
	             "2412.897 R3 nhs-down 10.10.10.1 1.1.1.2 (no reply to registration requests)\n"
	             "2412.897 R3 sent 1.1.1.2 Registration Request 3\n"
	             "2413.246 R2 nhs-down 10.10.10.1 1.1.1.2 (no reply to registration requests)\n"
	             "2413.246 R2 sent 1.1.1.2 Registration Request 3\n");
	c->router[R1].deaf = false;
	cloud_run(c, 20000);
	cloud_expect(c, "2426.162 R2 sent 1.1.1.2 Registration Request 3\n"
	                "2426.172 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "2426.182 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "2427.802 R3 sent 1.1.1.2 Registration Request 3\n"
	                "2427.812 R1 sent 3.3.3.2 Registration Reply 3\n"
	                "2427.822 R3 nhs-up 10.10.10.1 1.1.1.2\n");
}

static void two_servers(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r4);
	cloud_add(c, &cloud_r2_twice);
	cloud_run(c, 2000);
	cloud_expect(c, "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   0.000 R2 set-peer 10.10.10.4 4.4.4.2 static\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.000 R2 sent 4.4.4.2 Registration Request 2\n"
	                "   0.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.010 R4 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R4 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R4 sent 2.2.2.2 Registration Reply 2\n"
	                "   0.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   0.020 R2 nhs-up 10.10.10.4 4.4.4.2\n"
	                "   1.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   1.000 R2 sent 4.4.4.2 Registration Request 4\n"
	                "   1.010 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "   1.010 R4 sent 2.2.2.2 Registration Reply 4\n");
}

/* Known by its NBMA address only: the registration goes to our own address, the reply tells. */
static void a_dynamic_server(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	spoke.nhs[0] = "dynamic nbma 1.1.1.2";
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_expect(c, "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.010 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   0.020 R2 cache-add 10.10.10.1 1.1.1.2\n"
	                "   0.020 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                "   1.010 R1 sent 2.2.2.2 Registration Reply 2\n");
	cloud_expect_cache(c, 1, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

/* NULL: none, or no second one. */
static void answer_name(struct cloud *c, size_t i, const char *one, const char *two)
{
	const char *const address[] = { one, two };
	struct node_event event = { .type = NODE_NAMED };

	event.named.cookie = c->router[i].cookie;
	for (; event.named.n < 2 && address[event.named.n]; event.named.n++)
		event.named.addr[event.named.n] = cloud_addr(address[event.named.n]);
	cloud_event(c, i, &event);
}

/* Looked up again every minute while the server is down, and not while it is up. */
static void a_named_server(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	c->terse = true;
	spoke.nhs[0] = "10.10.10.1 nbma hub.example";
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	answer_name(c, 1, NULL, NULL);
	cloud_run(c, 61000);
	cloud_expect(c, "   0.000 R2 look-up hub.example\n"
	                "   0.000 R2 name-unresolved 10.10.10.1 \"hub.example\"\n"
	                "  60.000 R2 look-up hub.example\n");
	answer_name(c, 1, "1.1.1.9", NULL);
	cloud_run(c, 60000);
	cloud_expect(c,
	             "  61.000 R2 set-peer 10.10.10.1 1.1.1.9 static\n"
	             "  61.000 R2 sent 1.1.1.9 Registration Request 1\n"
	             "  62.000 R2 sent 1.1.1.9 Registration Request 2\n"
	             "  63.530 R2 sent 1.1.1.9 Registration Request 2\n"
	             "  66.808 R2 sent 1.1.1.9 Registration Request 2\n"
	             "  72.871 R2 nhs-down 10.10.10.1 1.1.1.9 (no reply to registration requests)\n"
	             "  72.871 R2 sent 1.1.1.9 Registration Request 2\n"
	             "  72.871 R2 look-up hub.example\n"
	             "  87.909 R2 sent 1.1.1.9 Registration Request 2\n"
	             " 116.726 R2 sent 1.1.1.9 Registration Request 2\n");
	answer_name(c, 1, "1.1.1.2", NULL);
	cloud_run(c, 600000);
	cloud_expect(c, " 121.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                " 121.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                " 121.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                " 121.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                " 121.010 R1 sent 2.2.2.2 Registration Reply 3\n"
	                " 121.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                " 122.000 R2 sent 1.1.1.2 Registration Request 4\n"
	                " 122.010 R1 sent 2.2.2.2 Registration Reply 4\n");
	cloud_expect_cache(c, 1, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

/* The next address when one does not answer, in whatever order they come; the one that answers
 * stays. */
static void a_name_with_two_addresses(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	c->terse = true;
	spoke.nhs[0] = "10.10.10.1 nbma hub.example";
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	answer_name(c, 1, "1.1.1.9", "1.1.1.2");
	cloud_run(c, 12000);
	cloud_expect(c,
	             "   0.000 R2 look-up hub.example\n"
	             "   0.000 R2 set-peer 10.10.10.1 1.1.1.9 static\n"
	             "   0.000 R2 sent 1.1.1.9 Registration Request 1\n"
	             "   1.000 R2 sent 1.1.1.9 Registration Request 2\n"
	             "   2.530 R2 sent 1.1.1.9 Registration Request 2\n"
	             "   5.808 R2 sent 1.1.1.9 Registration Request 2\n"
	             "  11.871 R2 nhs-down 10.10.10.1 1.1.1.9 (no reply to registration requests)\n"
	             "  11.871 R2 sent 1.1.1.9 Registration Request 2\n"
	             "  11.871 R2 look-up hub.example\n");
	answer_name(c, 1, "1.1.1.9", "1.1.1.2");
	cloud_run(c, 2000);
	cloud_expect(c, "  12.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "  12.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "  12.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "  12.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "  12.010 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "  12.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "  13.000 R2 sent 1.1.1.2 Registration Request 4\n"
	                "  13.010 R1 sent 2.2.2.2 Registration Reply 4\n");
	c->router[0].deaf = true;
	cloud_run(c, 2400000);
	cloud_quiet(c);
	answer_name(c, 1, "1.1.1.2", "1.1.1.9");
	cloud_run(c, 1000);
	cloud_expect(c, "2414.739 R2 sent 1.1.1.2 Registration Request 5\n");
	answer_name(c, 1, "1.1.1.2", "1.1.1.9");
	cloud_run(c, 500);
	cloud_expect(c, "");
}

/* Each look-up is answered by the same two addresses. */
static void run_answering(struct cloud *c, unsigned seconds)
{
	while (seconds--) {
		size_t seen = c->trace.len;
		cloud_run(c, 1000);
		if (strstr(c->trace.text + seen, "look-up"))
			answer_name(c, 1, "1.1.1.9", "1.1.1.2");
	}
}

/* An address has time for its protection, and the next one is not the cause of another look-up. */
static void a_protected_name_with_two_addresses(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2, first = cloud_r1;

	c->terse = true;
	first.psk = spoke.psk = "secret";
	spoke.nhs[0] = "10.10.10.1 nbma hub.example";
	cloud_add(c, &first);
	c->router[0].deaf = true;
	cloud_add(c, &spoke);
	answer_name(c, 1, "1.1.1.9", "1.1.1.2");
	run_answering(c, 150);
	cloud_expect(c, "   0.000 R2 look-up hub.example\n"
	                "   0.000 R2 set-peer 10.10.10.1 1.1.1.9 static\n"
	                "  35.083 R2 ike-failed 1.1.1.9 \"no answer to main mode message 1: "
	                "the address does not answer, or UDP port 500 is filtered\"\n"
	                "  60.000 R2 look-up hub.example\n"
	                "  60.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "  94.789 R2 ike-failed 1.1.1.2 \"no answer to main mode message 1: "
	                "the address does not answer, or UDP port 500 is filtered\"\n"
	                " 120.000 R2 look-up hub.example\n"
	                " 120.000 R2 set-peer 10.10.10.1 1.1.1.9 static\n");
	c->router[0].deaf = false;
	run_answering(c, 100);
	cloud_expect(c, " 153.897 R2 ike-failed 1.1.1.9 \"no answer to main mode message 1: "
	                "the address does not answer, or UDP port 500 is filtered\"\n"
	                " 180.000 R2 look-up hub.example\n"
	                " 180.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                " 180.050 R1 ike-up 2.2.2.2\n"
	                " 180.060 R2 ike-up 1.1.1.2\n"
	                " 180.080 R2 ipsec-up 1.1.1.2\n"
	                " 180.080 R2 look-up hub.example\n"
	                " 180.080 R2 sent 1.1.1.2 Registration Request 1\n"
	                " 180.090 R1 ipsec-up 2.2.2.2\n"
	                " 180.090 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                " 180.090 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                " 180.090 R1 sent 2.2.2.2 Registration Reply 1\n"
	                " 180.100 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                " 181.080 R2 sent 1.1.1.2 Registration Request 2\n"
	                " 181.090 R1 sent 2.2.2.2 Registration Reply 2\n");
}

/* Unique registration, new NBMA address: the old one is purged by its own id, then registered anew.
 */
static void the_address_changes(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_move(c, R2, "22.2.2.2");
	cloud_run(c, 5000);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R1 del-peer 10.10.10.2\n"
	                "   2.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.010 R1 cache-delete 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.010 R1 sent 22.2.2.2 Purge Reply 2\n"
	                "   2.010 R1 cache-add 10.10.10.2 22.2.2.2\n"
	                "   2.010 R1 set-peer 10.10.10.2 22.2.2.2 registered\n"
	                "   2.010 R1 nhc-up 10.10.10.2 22.2.2.2\n"
	                "   2.010 R1 sent 22.2.2.2 Registration Reply 3\n"
	                "   3.000 R2 sent 1.1.1.2 Registration Request 4\n"
	                "   3.010 R1 cache-update 10.10.10.2 22.2.2.2\n"
	                "   3.010 R1 sent 22.2.2.2 Registration Reply 4\n");
}

/* The purge is lost: code 14 has it sent again. */
static void the_purge_is_lost(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	c->lose = 1;
	cloud_move(c, R2, "22.2.2.2");
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R1 rejected 10.10.10.2 22.2.2.2 code 14\n"
	                "   2.010 R1 sent 22.2.2.2 Registration Reply 3 code 14\n"
	                "   2.020 R2 refused 10.10.10.1 1.1.1.2 code 14\n"
	                "   2.020 R2 nhs-down 10.10.10.1 1.1.1.2 (refused by the next hop server)\n"
	                "   2.020 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.020 R2 sent 1.1.1.2 Registration Request 4\n"
	                "   2.030 R1 del-peer 10.10.10.2\n"
	                "   2.030 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.030 R1 sent 22.2.2.2 Purge Reply 2\n"
	                "   2.030 R1 set-peer 10.10.10.2 22.2.2.2 registered\n"
	                "   2.030 R1 nhc-up 10.10.10.2 22.2.2.2\n"
	                "   2.030 R1 sent 22.2.2.2 Registration Reply 4\n"
	                "   2.040 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

/* The hub has a later registration than the last one acknowledged: its id is tried next. */
static void the_last_reply_was_lost(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_run(c, 500);
	c->router[1].deaf = true;
	cloud_run(c, 1000);
	c->router[1].deaf = false;
	cloud_quiet(c);
	cloud_move(c, 1, "22.2.2.2");
	cloud_run(c, 900);
	cloud_expect(c, "   1.500 R2 sent 1.1.1.2 Purge Request 1\n"
	                "   1.500 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   1.510 R1 sent 22.2.2.2 Purge Reply 1\n"
	                "   1.510 R1 rejected 10.10.10.2 22.2.2.2 code 14\n"
	                "   1.510 R1 sent 22.2.2.2 Registration Reply 3 code 14\n"
	                "   1.520 R2 refused 10.10.10.1 1.1.1.2 code 14\n"
	                "   1.520 R2 nhs-down 10.10.10.1 1.1.1.2 (refused by the next hop server)\n"
	                "   1.520 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   1.520 R2 sent 1.1.1.2 Registration Request 4\n"
	                "   1.530 R1 del-peer 10.10.10.2\n"
	                "   1.530 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   1.530 R1 sent 22.2.2.2 Purge Reply 2\n"
	                "   1.530 R1 set-peer 10.10.10.2 22.2.2.2 registered\n"
	                "   1.530 R1 nhc-up 10.10.10.2 22.2.2.2\n"
	                "   1.530 R1 sent 22.2.2.2 Registration Reply 4\n"
	                "   1.540 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

/* The address goes, and another one comes, as DHCP does it. */
static void down_and_up_elsewhere(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	cloud_move(c, R2, NULL);
	cloud_run(c, 3000);
	cloud_move(c, R2, "22.2.2.2");
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 nhs-down 10.10.10.1 1.1.1.2 (tunnel is down)\n"
	                "   5.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   5.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   5.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   5.010 R1 del-peer 10.10.10.2\n"
	                "   5.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   5.010 R1 sent 22.2.2.2 Purge Reply 2\n"
	                "   5.010 R1 set-peer 10.10.10.2 22.2.2.2 registered\n"
	                "   5.010 R1 nhc-up 10.10.10.2 22.2.2.2\n"
	                "   5.010 R1 sent 22.2.2.2 Registration Reply 3\n"
	                "   5.020 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

/* Someone else has our address for good: no storm, only the schedule. */
static void refused_for_good(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec thief = cloud_r3;

	c->terse = true;
	thief.overlay = cloud_r2.overlay;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_run(c, 2000);
	cloud_add(c, &thief);
	cloud_quiet(c);
	cloud_run(c, 10000);
	cloud_expect(c, "   2.010 R1 rejected 10.10.10.2 3.3.3.2 code 14\n"
	                "   2.010 R1 sent 3.3.3.2 Registration Reply 1 code 14\n"
	                "   2.020 R3 refused 10.10.10.1 1.1.1.2 code 14\n"
	                "   2.020 R3 nhs-down 10.10.10.1 1.1.1.2 (refused by the next hop server)\n"
	                "   3.659 R3 sent 1.1.1.2 Registration Request 2\n"
	                "   3.669 R1 rejected 10.10.10.2 3.3.3.2 code 14\n"
	                "   3.669 R1 sent 3.3.3.2 Registration Reply 2 code 14\n"
	                "   3.679 R3 refused 10.10.10.1 1.1.1.2 code 14\n"
	                "   7.439 R3 sent 1.1.1.2 Registration Request 3\n"
	                "   7.449 R1 rejected 10.10.10.2 3.3.3.2 code 14\n"
	                "   7.449 R1 sent 3.3.3.2 Registration Reply 3 code 14\n"
	                "   7.459 R3 refused 10.10.10.1 1.1.1.2 code 14\n");
}

static void no_unique_needs_no_purge(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	c->terse = true;
	spoke.no_unique = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_move(c, 1, "22.2.2.2");
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R1 nhc-down 10.10.10.2 2.2.2.2 (NBMA address changed)\n"
	                "   2.010 R1 nhc-up 10.10.10.2 22.2.2.2\n"
	                "   2.010 R1 set-peer 10.10.10.2 22.2.2.2 registered\n"
	                "   2.010 R1 sent 22.2.2.2 Registration Reply 3\n");
	cloud_expect_cache(
		c, R1, "10.10.10.2/32 10.10.10.2 22.2.2.2 dynamic authoritative registered nhop\n");
}

static void unasked_replies(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p = { .type = NHRP_REGISTRATION_REPLY,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 77,
		                 .has_extensions = true,
		                 .n_cie = 1 };

	cloud_add_three(c);
	p.src_nbma = cloud_addr("2.2.2.2");
	p.src_proto = cloud_addr("10.10.10.2");
	p.dst_proto = cloud_addr("10.10.10.1");
	cloud_inject(c, "1.1.1.2", R2, &p);
	assert_int_equal(cloud_drops(c, R2, DROP_UNSOLICITED), 1);
	p.request_id = 0;
	cloud_inject(c, "1.1.1.2", R2, &p);
	assert_int_equal(cloud_drops(c, R2, DROP_UNSOLICITED), 2);
}

/* Ids are reserved before they are used, and a killed router goes on behind what it had reserved.
 */
static void ids_never_repeat(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r2);
	cloud_run(c, 1500);
	assert_int_equal(c->router[0].reserved, 1 + NODE_REQUEST_ID_BLOCK);
	cloud_restart(c, 0);
	cloud_expect(c, "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.500 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   1.500 R2 sent 1.1.1.2 Registration Request 1025\n");
	assert_int_equal(c->router[0].reserved, 1 + 2 * NODE_REQUEST_ID_BLOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(registers_and_renews),
		cloud_unit_test(registration_timeout_is_the_interval),
		cloud_unit_test(the_first_one_may_wait),
		cloud_unit_test(nobody_answers),
		cloud_unit_test(the_server_is_lost_and_found),
		cloud_unit_test(two_servers),
		cloud_unit_test(a_dynamic_server),
		cloud_unit_test(a_named_server),
		cloud_unit_test(a_name_with_two_addresses),
		cloud_unit_test(a_protected_name_with_two_addresses),
		cloud_unit_test(the_address_changes),
		cloud_unit_test(the_purge_is_lost),
		cloud_unit_test(the_last_reply_was_lost),
		cloud_unit_test(down_and_up_elsewhere),
		cloud_unit_test(refused_for_good),
		cloud_unit_test(no_unique_needs_no_purge),
		cloud_unit_test(unasked_replies),
		cloud_unit_test(ids_never_repeat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
