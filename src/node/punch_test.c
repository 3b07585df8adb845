/* SPDX-License-Identifier: Apache-2.0 */
/* Protected spokes behind NATs: direct paths by what the hub knows of their ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/place.h"
#include "node/cloud_test.h"

enum { R4 = 3 }; /* a third spoke */
static const struct cloud_spec r4 = { .name = "R4",
	                              .nbma = "4.4.4.2",
	                              .overlay = "10.10.10.4/24",
	                              .nhs = { "10.10.10.1 nbma 1.1.1.2" } };

static void add(struct cloud *c, const struct cloud_spec *like, const char *public,
                enum cloud_nat nat)
{
	static const char *const inside[] = { "", "192.168.1.2", "192.168.1.3", "192.168.1.4" };
	struct cloud_spec spec = *like;

	spec.psk = "cisco123";
	spec.public = public;
	spec.nat = nat;
	if (public)
		spec.nbma = inside[c->n];
	cloud_add(c, &spec);
	cloud_run(c, 3000);
}

/* R2 and R3 are behind NATs of their own. */
static void add_all(struct cloud *c, enum cloud_nat r2, enum cloud_nat r3)
{
	c->terse = true;
	add(c, &cloud_r1, NULL, CLOUD_NAT_OPEN);
	add(c, &cloud_r2, "2.2.2.2", r2);
	add(c, &cloud_r3, "3.3.3.2", r3);
	cloud_quiet(c);
}

static bool has(const struct cloud *c, const char *text)
{
	return strstr(c->trace.text, text);
}

/* The hub says where each end is; both dial, and the first message of the first comes too early. */
static void through_nats_that_change_the_port(void **state)
{
	struct cloud *c = *state;

	add_all(c, CLOUD_NAT_ONE_PORT, CLOUD_NAT_ONE_PORT);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 3000);
	cloud_expect(c, "   9.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   9.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   9.010 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "   9.020 R3 sent 1.1.1.2 Resolution Reply 3\n"
	                "   9.020 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "   9.030 R1 forwarded 2.2.2.2 Resolution Reply 3\n"
	                "   9.040 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   9.090 R3 ike-up 2.2.2.2\n"
	                "   9.100 R2 ike-up 3.3.3.2\n"
	                "   9.110 R3 ipsec-up 2.2.2.2\n"
	                "   9.110 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   9.110 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   9.120 R2 ipsec-up 3.3.3.2\n"
	                "   9.120 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   9.120 R2 nhp-up 10.10.10.3 3.3.3.2\n");
	cloud_run(c, 600000);
	assert_false(has(c, "ipsec-down"));
}

/* Who is not behind a NAT dials the place in vain, and is reached meanwhile. */
static void behind_one_nat_only(void **state)
{
	struct cloud *c = *state;

	add_all(c, CLOUD_NAT_MANY_PORTS, CLOUD_NAT_MANY_PORTS);
	add(c, &r4, NULL, CLOUD_NAT_OPEN);
	cloud_want(c, R2, "10.10.10.4");
	cloud_run(c, 1000);
	assert_true(has(c, "R2 nhp-up 10.10.10.4 4.4.4.2") && has(c, "R4 nhp-up 10.10.10.2"));
	cloud_want(c, R4, "10.10.10.3");
	cloud_run(c, 1000);
	assert_true(has(c, "R4 nhp-up 10.10.10.3 3.3.3.2") && has(c, "R3 nhp-up 10.10.10.4"));
	cloud_run(c, 600000);
	assert_false(has(c, "ipsec-down") || has(c, "ike-failed"));
}

/* Everything stays by the hub, and both try again with little noise. */
static void through_nats_that_let_nothing_in(void **state)
{
	struct cloud *c = *state;
	unsigned n_failed = 0;

	add_all(c, CLOUD_NAT_MANY_PORTS, CLOUD_NAT_ONE_PORT);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 600000);
	assert_false(has(c, "resolved") || has(c, "nhp-up") || has(c, "ipsec-down"));
	for (const char *at = c->trace.text; (at = strstr(at, "R2 ike-failed")); at++)
		n_failed++;
	assert_in_range(n_failed, 2, 6); /* after 31 s each, and 10, 20, 40, 80 … between */
	assert_true(has(c, "\"no answer to main mode message 1 from behind its NAT"));
}

/* A server is dialled as often as ever, though it was seen where a NAT had put it. */
static void a_server_is_tried_on_and_on(void **state)
{
	struct node_event clear = { .type = NODE_CLEAR_CRYPTO };
	struct cloud *c = *state;
	struct cloud_spec r1 = cloud_r1;
	unsigned n_failed = 0;

	c->terse = true;
	r1.psk = "cisco123";
	r1.nbma = "192.168.1.1";
	r1.public = "1.1.1.2";
	cloud_add(c, &r1);
	add(c, &cloud_r2, NULL, CLOUD_NAT_OPEN);
	assert_true(has(c, "R2 nhs-up 10.10.10.1 1.1.1.2"));
	c->cut[0] = cloud_addr("1.1.1.2");
	c->cut[1] = cloud_addr("2.2.2.2");
	clear.clear_crypto.what = NODE_CLEAR_SESSION;
	clear.clear_crypto.remote = c->cut[0];
	cloud_event(c, R2, &clear);
	cloud_run(c, 1000);
	struct cloud_spec r2 = c->router[R2].spec;
	cloud_configure(c, R2, &r2);
	cloud_quiet(c);
	cloud_run(c, 600000);
	for (const char *at = c->trace.text; (at = strstr(at, "R2 ike-failed")); at++)
		n_failed++;
	assert_in_range(n_failed, 12, 14); /* after some 35 s each, and 10 between */
}

/* R4 is R2's second server, and the first tells where it is; it lets nobody in. */
static void a_server_whose_place_another_tells(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec twice = cloud_r2;
	unsigned n_failed = 0;

	c->terse = true;
	add(c, &cloud_r1, NULL, CLOUD_NAT_OPEN);
	twice.nhs[1] = "dynamic nbma 4.4.4.2";
	add(c, &twice, NULL, CLOUD_NAT_OPEN);
	add(c, &cloud_r3, NULL, CLOUD_NAT_OPEN);
	add(c, &r4, "4.4.4.2", CLOUD_NAT_MANY_PORTS);
	c->cut[0] = cloud_addr("4.4.4.2");
	c->cut[1] = cloud_addr("2.2.2.2");
	cloud_want(c, R2, "10.10.10.4");
	cloud_quiet(c);
	cloud_run(c, 600000);
	assert_true(has(c, "R1 forwarded 2.2.2.2 Resolution Reply"));
	for (const char *at = c->trace.text; (at = strstr(at, "R2 ike-failed 4.4.4.2")); at++)
		n_failed++;
	assert_in_range(n_failed, 12, 14);
}

/* A NAT that lets in whoever comes from the address asked is better than one that is strict. */
static void one_that_lets_everything_in(void **state)
{
	struct cloud *c = *state;

	add_all(c, CLOUD_NAT_MANY_PORTS, CLOUD_NAT_OPEN);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 3000);
	assert_true(has(c, "R2 nhp-up 10.10.10.3") && has(c, "R3 nhp-up 10.10.10.2"));
}

static void the_reply_is_late(void **state)
{
	struct cloud *c = *state;

	add_all(c, CLOUD_NAT_ONE_PORT, CLOUD_NAT_ONE_PORT);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 15);
	c->lose = 1;
	cloud_run(c, 5000);
	assert_true(has(c, "R3 sent 1.1.1.2 Resolution Reply 3"));
	assert_true(has(c, "R2 nhp-up 10.10.10.3") && has(c, "R3 nhp-up 10.10.10.2"));
	assert_false(has(c, "ike-failed"));
}

/* The hub follows the spoke, and says where it is now. */
static void a_nat_starts_anew(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = cloud_r2;

	r2.registration_s = 10;
	c->terse = true;
	add(c, &cloud_r1, NULL, CLOUD_NAT_OPEN);
	add(c, &r2, "2.2.2.2", CLOUD_NAT_ONE_PORT);
	add(c, &cloud_r3, "3.3.3.2", CLOUD_NAT_ONE_PORT);
	cloud_nat_forget(&c->router[R2]);
	cloud_run(c, 20000);
	cloud_quiet(c);
	cloud_want(c, R3, "10.10.10.2");
	cloud_run(c, 3000);
	assert_true(has(c, "R2 nhp-up 10.10.10.3") && has(c, "R3 nhp-up 10.10.10.2"));
}

/* R2 and R3 behind one NAT, R4 behind another one. */
static void add_two_behind_one(struct cloud *c)
{
	c->terse = true;
	add(c, &cloud_r1, NULL, CLOUD_NAT_OPEN);
	add(c, &cloud_r2, "2.2.2.2", CLOUD_NAT_ONE_PORT);
	add(c, &cloud_r3, "2.2.2.2", CLOUD_NAT_ONE_PORT);
	add(c, &r4, "4.4.4.2", CLOUD_NAT_ONE_PORT);
	cloud_quiet(c);
}

/* The second spoke behind an address is told apart by its port, which the hub knows. */
static void two_behind_one_address(void **state)
{
	struct cloud *c = *state;

	add_two_behind_one(c);
	cloud_want(c, R4, "10.10.10.2");
	cloud_want(c, R4, "10.10.10.3");
	cloud_run(c, 5000);
	assert_true(has(c, "R4 nhp-up 10.10.10.2 2.2.2.2") && has(c, "R2 nhp-up 10.10.10.4"));
	assert_true(has(c, "R4 nhp-up 10.10.10.3 192.168.1.3") && has(c, "R3 nhp-up 10.10.10.4"));
	cloud_run(c, 600000);
	assert_false(has(c, "ipsec-down"));
}

static void the_second_behind_an_address_alone(void **state)
{
	struct cloud *c = *state;

	add_two_behind_one(c);
	cloud_want(c, R3, "10.10.10.4");
	cloud_run(c, 5000);
	assert_true(has(c, "R4 nhp-up 10.10.10.3 192.168.1.3") && has(c, "R3 nhp-up 10.10.10.4"));
}

/* As by kill -9; what was kept on disk comes back. */
static void restart(struct cloud *c, size_t i)
{
	struct node_saved_entry saved[CLOUD_ROUTERS_MAX];
	struct node_cursor cursor = { 0 };
	size_t n = 0;

	while (node_saved_next(c->router[i].node, &cursor, cloud_now(c), &saved[n]))
		n++;
	cloud_restart(c, i);
	for (size_t k = 0; k < n; k++)
		cloud_event(c, i, &(struct node_event){ .type = NODE_RESTORE, .saved = saved[k] });
}

/* Clients that have nothing to send would not find out by themselves for a third of their holding
 * time: the hub dials each where it was. */
static void a_hub_comes_back_to_two_behind_one_address(void **state)
{
	struct cloud *c = *state;

	add_two_behind_one(c);
	restart(c, R1);
	cloud_run(c, 1000);
	assert_true(has(c, "R1 ipsec-up 2.2.2.2\n") && has(c, "R1 ipsec-up 192.168.1.3\n"));
	assert_true(has(c, "R1 ipsec-up 4.4.4.2\n"));
	assert_true(has(c, "R2 nhs-up") && has(c, "R3 nhs-up") && has(c, "R4 nhs-up"));
	cloud_quiet(c);
	cloud_run(c, 600000);
	assert_false(has(c, "ipsec-down") || has(c, "ike-failed") || has(c, "nhs-down"));
}

/* Who is behind the NAT of a client that was kept, and comes first, has the client's name: it must
 * not have its packets, which it would send back. */
static void another_comes_back_by_a_kept_name(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1, NULL, CLOUD_NAT_OPEN);
	add(c, &cloud_r2, "2.2.2.2", CLOUD_NAT_ONE_PORT);
	c->router[R2].deaf = true;
	restart(c, R1);
	cloud_quiet(c);
	add(c, &cloud_r3, "2.2.2.2", CLOUD_NAT_ONE_PORT);
	assert_true(has(c, "R1 ipsec-up 2.2.2.2\n"));
	assert_true(has(c, "R1 set-peer 10.10.10.3 2.2.2.2 registered\n"));
	assert_true(has(c, "R1 del-peer 10.10.10.2\n"));
}

/* A port that a NAT has given meanwhile is kept at once, not with the next registration. */
static void a_hub_comes_back_after_a_nat_did(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = cloud_r2;

	r2.registration_s = 1200;
	c->terse = true;
	add(c, &cloud_r1, NULL, CLOUD_NAT_OPEN);
	add(c, &r2, "2.2.2.2", CLOUD_NAT_ONE_PORT);
	cloud_nat_forget(&c->router[R2]);
	unsigned n_saves = c->router[R1].n_saves;
	cloud_want(c, R2, "10.10.10.77"); /* a packet, from the new port */
	cloud_run(c, 1000);
	assert_int_equal(c->router[R1].n_saves, n_saves + 1);
	cloud_quiet(c);
	restart(c, R1);
	cloud_run(c, 1000);
	assert_true(has(c, "R1 ipsec-up 2.2.2.2\n") && has(c, "R2 nhs-up"));
}

/* ---- on the wire ---- */

/* What the latest forwarded packets said. */
struct words {
	struct cloud *c;
	struct nhrp_place place[NHRP_REGISTRATION_REQUEST][NHRP_PLACES_MAX];
	int n[NHRP_REGISTRATION_REQUEST];
	uint16_t first_vendor_len;
};

static const uint8_t group[] = { 0, 0, 0x0c, 1, 4, 'G', 'O', 'L', 'D' };

/* R2 is a Cisco router, which says its group. */
static void say_group(struct cloud *c, struct nhrp_packet *packet)
{
	nhrp_extension_set(packet, (struct nhrp_extension){ .type = NHRP_EXT_VENDOR,
	                                                    .value = group,
	                                                    .value_len = sizeof group });
	uint8_t bytes[NHRP_PACKET_MAX];
	c->last.len = nhrp_build(packet, bytes, sizeof bytes);
	memcpy(c->last.bytes, bytes, c->last.len);
}

static void listen(void *ctx, const struct cloud_packet *p)
{
	const struct addr hub = cloud_addr("1.1.1.2");
	struct words *w = ctx;
	struct nhrp_packet packet;

	assert_int_equal(nhrp_parse(p->bytes, p->len, &packet), NHRP_WIRE_OK);
	if (packet.type >= NHRP_REGISTRATION_REQUEST)
		return;
	if (!addr_equal(&p->from, &hub)) {
		if (packet.type == NHRP_RESOLUTION_REQUEST)
			say_group(w->c, &packet);
		return;
	}
	const struct nhrp_extension *ours = nhrp_place_extension(&packet);
	const struct nhrp_extension *first = nhrp_extension_find(&packet, NHRP_EXT_VENDOR);
	w->first_vendor_len = first ? first->value_len : 0;
	w->n[packet.type] =
		ours ? nhrp_place_read(ours, w->place[packet.type], NHRP_PLACES_MAX) : 0;
}

/* The request names the one end, the reply, which has the request's extensions, both. */
static void what_the_hub_adds(void **state)
{
	struct cloud *c = *state;
	struct words w = { .c = c };

	add_all(c, CLOUD_NAT_ONE_PORT, CLOUD_NAT_ONE_PORT);
	c->on_send = listen;
	c->ctx = &w;
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 100);
	assert_int_equal(w.n[NHRP_RESOLUTION_REQUEST], 1);
	assert_int_equal(w.n[NHRP_RESOLUTION_REPLY], 2);
	assert_int_equal(w.first_vendor_len, sizeof group);
	const struct nhrp_place *said = w.place[NHRP_RESOLUTION_REPLY];
	const struct udp_place r2 = { cloud_addr("2.2.2.2"), 25500 };
	const struct udp_place r3 = { cloud_addr("3.3.3.2"), 26500 };
	assert_true(udp_place_equal(&said[0].place, &r2) && udp_place_equal(&said[1].place, &r3));
	assert_true(udp_place_equal(&w.place[NHRP_RESOLUTION_REQUEST][0].place, &r2));
}

static void nothing_of_who_is_behind_no_nat(void **state)
{
	struct cloud *c = *state;
	struct words w = { .c = c, .n = { -1, -1, -1 } };

	cloud_add_three_protected(c);
	c->on_send = listen;
	c->ctx = &w;
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 100);
	assert_int_equal(w.n[NHRP_RESOLUTION_REQUEST], 0);
	assert_int_equal(w.n[NHRP_RESOLUTION_REPLY], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(through_nats_that_change_the_port),
		cloud_unit_test(behind_one_nat_only),
		cloud_unit_test(through_nats_that_let_nothing_in),
		cloud_unit_test(a_server_is_tried_on_and_on),
		cloud_unit_test(a_server_whose_place_another_tells),
		cloud_unit_test(one_that_lets_everything_in),
		cloud_unit_test(the_reply_is_late),
		cloud_unit_test(a_nat_starts_anew),
		cloud_unit_test(two_behind_one_address),
		cloud_unit_test(the_second_behind_an_address_alone),
		cloud_unit_test(a_hub_comes_back_to_two_behind_one_address),
		cloud_unit_test(another_comes_back_by_a_kept_name),
		cloud_unit_test(a_hub_comes_back_after_a_nat_did),
		cloud_unit_test(what_the_hub_adds),
		cloud_unit_test(nothing_of_who_is_behind_no_nat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
