/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/nhrp.h"
#include "node/cloud_test.h"

/* A packet from an NBMA address and an overlay one comes to a router whose peer that is not. */
static void data(struct cloud *c, size_t i, const char *nbma, const char *source)
{
	struct node_event event = { .type = NODE_STRANGER };
	uint8_t packet[NHRP_INDICATION_CONTENTS_LEN] = { 0x45, 0, 0, 84, [8] = 64, [9] = 1 };
	struct addr from = cloud_addr(source);

	memcpy(packet + 12, from.bytes, ADDR_V4_LEN);
	event.hairpin.from = cloud_addr(nbma);
	event.hairpin.bytes = packet;
	event.hairpin.len = sizeof packet;
	cloud_event(c, i, &event);
}

/* The hub is killed, and its state lost. */
static void lose_all(struct cloud *c)
{
	c->terse = true;
	cloud_add_three(c);
	cloud_run(c, 20000);
	cloud_restart(c, R1);
	cloud_quiet(c);
}

static void a_forgotten_client_registers_at_once(void **state)
{
	struct cloud *c = *state;

	lose_all(c);
	data(c, R1, "2.2.2.2", "10.10.10.2");
	cloud_run(c, 9000);
	cloud_expect(c, "  22.000 R1 sent 2.2.2.2 Error Indication 6\n"
	                "  22.010 R2 sent 1.1.1.2 Registration Request 3\n"
	                "  22.020 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "  22.020 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "  22.020 R1 sent 2.2.2.2 Registration Reply 3\n");
	/* Who is known to the hub is no stranger, whatever came before. */
	data(c, R1, "9.9.9.2", "10.10.10.2");
	cloud_expect(c, "");
}

/* Neither end does anything twice in a while. */
static void once_in_a_while(void **state)
{
	struct cloud *c = *state;

	lose_all(c);
	c->cut[0] = cloud_addr("2.2.2.2");
	c->cut[1] = cloud_addr("1.1.1.2");
	data(c, R1, "2.2.2.2", "10.10.10.2");
	data(c, R1, "2.2.2.2", "10.10.10.2");
	assert_int_equal(cloud_drops(c, R1, DROP_TOLD), 1);
	cloud_run(c, NHRP_STRANGER_S * 1000 - 1);
	data(c, R1, "2.2.2.2", "10.10.10.2");
	assert_int_equal(cloud_drops(c, R1, DROP_TOLD), 2);
	cloud_run(c, 1);
	cloud_expect(c, "  22.000 R1 sent 2.2.2.2 Error Indication 6\n");
	c->cut[0] = ADDR_ANY_NONE;
	data(c, R1, "2.2.2.2", "10.10.10.2");
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "R1 nhc-up 10.10.10.2 2.2.2.2\n"));
	cloud_restart(c, R1);
	cloud_quiet(c);
	data(c, R1, "2.2.2.2", "10.10.10.2");
	cloud_run(c, 1000);
	cloud_expect(c, "  26.000 R1 sent 2.2.2.2 Error Indication 6\n");
	assert_int_equal(cloud_drops(c, R2, DROP_TOLD), 1);
}

/* Who sends is told, whoever it sends for: the network behind it, or a router behind that. */
static void who_sends_for_others(void **state)
{
	struct cloud *c = *state;

	lose_all(c);
	data(c, R1, "2.2.2.2", "192.168.2.5");
	data(c, R1, "3.3.3.2", "10.10.10.2");
	cloud_run(c, 1000);
	cloud_expect(c, "  22.000 R1 sent 2.2.2.2 Error Indication 6\n"
	                "  22.000 R1 sent 3.3.3.2 Error Indication 6\n"
	                "  22.010 R2 sent 1.1.1.2 Registration Request 3\n"
	                "  22.010 R3 sent 1.1.1.2 Registration Request 3\n"
	                "  22.020 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "  22.020 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "  22.020 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "  22.020 R1 set-peer 10.10.10.3 3.3.3.2 registered\n"
	                "  22.020 R1 nhc-up 10.10.10.3 3.3.3.2\n"
	                "  22.020 R1 sent 3.3.3.2 Registration Reply 3\n");
}

/* By who has servers, and of our own address. */
static void nobody_else_is_told(void **state)
{
	struct cloud *c = *state;

	lose_all(c);
	data(c, R1, "2.2.2.2", "10.10.10.1");
	data(c, R2, "9.9.9.2", "10.10.10.9");
	data(c, R2, "9.9.9.2", "192.168.9.9");
	cloud_expect(c, "");
}

static void forged_by_who_is_no_server(void **state)
{
	struct cloud *c = *state;

	lose_all(c);
	data(c, R1, "2.2.2.2", "10.10.10.2");
	c->n_flight = 0;
	struct nhrp_packet p;
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	cloud_quiet(c);
	cloud_inject(c, "9.9.9.2", R2, &p);
	cloud_run(c, 1000);
	cloud_expect(c, "");
	assert_int_equal(cloud_drops(c, R2, DROP_TOLD), 1);
}

static void so_many_in_all(void **state)
{
	struct cloud *c = *state;
	char nbma[16];

	cloud_add(c, &cloud_r1);
	c->lose = NHRP_STRANGERS_MAX + 1;
	for (unsigned i = 0; i <= NHRP_STRANGERS_MAX; i++) {
		snprintf(nbma, sizeof nbma, "9.9.%u.%u", i >> 8, i & 0xff);
		data(c, R1, nbma, "10.10.10.9");
	}
	assert_int_equal(c->lose, 1);
	assert_int_equal(cloud_drops(c, R1, DROP_TOLD), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(a_forgotten_client_registers_at_once),
		cloud_unit_test(once_in_a_while),
		cloud_unit_test(who_sends_for_others),
		cloud_unit_test(nobody_else_is_told),
		cloud_unit_test(forged_by_who_is_no_server),
		cloud_unit_test(so_many_in_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
