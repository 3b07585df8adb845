/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static void add(struct cloud *c, const char *hub, const char *spoke)
{
	struct cloud_spec r1 = cloud_r1, r2 = cloud_r2;

	c->terse = true;
	r1.authentication = hub;
	r2.authentication = spoke;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
}

static void the_same_text(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco123", "cisco123");
	cloud_run(c, 500);
	cloud_expect(c, "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.020 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

/* Told once, to the log and to the peer; dropped silently from then on. */
static void another_text(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco", "Cisco");
	cloud_run(c, 500);
	cloud_expect(c,
	             "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	             "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	             "   0.010 R1 dropped 2.2.2.2 (authentication) Registration Request 1\n"
	             "   0.010 R1 sent 2.2.2.2 Error Indication 11\n"
	             "   0.010 R1 auth-fail 10.10.10.2 2.2.2.2\n"
	             "   0.020 R2 error-received 10.10.10.1 1.1.1.2 code 11 \"authentication "
	             "failure\"\n"
	             "   0.020 R2 nhs-down 10.10.10.1 1.1.1.2 (refused by the next hop server)\n");
	cloud_run(c, 5000);
	cloud_expect(c, "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 dropped 2.2.2.2 (authentication) Registration Request 2\n"
	                "   2.530 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   2.540 R1 dropped 2.2.2.2 (authentication) Registration Request 2\n");
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 3);
}

static void none_where_one_is_asked_for(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco", NULL);
	cloud_run(c, 500);
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 1);
}

static void one_where_none_is_known(void **state)
{
	struct cloud *c = *state;

	add(c, NULL, "cisco");
	cloud_run(c, 500);
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 1);
}

static void a_part_of_it(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco", "cisc");
	cloud_run(c, 500);
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 1);
}

/* A new text is in force at once, and failures are told anew. */
static void the_text_changes(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = cloud_r1;

	add(c, "cisco", "wrong");
	cloud_run(c, 500);
	cloud_quiet(c);
	r1.authentication = "other";
	cloud_configure(c, R1, &r1);
	cloud_run(c, 1000);
	cloud_expect(c, "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 dropped 2.2.2.2 (authentication) Registration Request 2\n"
	                "   1.010 R1 sent 2.2.2.2 Error Indication 11\n"
	                "   1.010 R1 auth-fail 10.10.10.2 2.2.2.2\n"
	                "   1.020 R2 error-received 10.10.10.1 1.1.1.2 code 11 \"authentication "
	                "failure\"\n");
	r1.authentication = "wrong";
	cloud_configure(c, R1, &r1);
	cloud_run(c, 2000);
	cloud_expect(c, "   2.530 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   2.540 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.540 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   2.540 R1 sent 2.2.2.2 Registration Reply 2\n"
	                "   2.550 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

static size_t times_told(struct cloud *c)
{
	size_t n = 0;

	for (const char *at = c->trace.text; (at = strstr(at, "auth-fail")); at++)
		n++;
	cloud_quiet(c);
	return n;
}

/* The memory of whom it was told about is bounded; more than that are only counted. */
static void many_peers(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p = { .type = NHRP_PURGE_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .has_extensions = true };
	char from[32];

	add(c, "cisco", "cisco");
	cloud_run(c, 500);
	p.src_nbma = cloud_addr("9.9.9.2");
	p.src_proto = cloud_addr("10.10.10.9");
	p.dst_proto = cloud_addr("10.10.10.1");
	cloud_quiet(c);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++) {
			snprintf(from, sizeof from, "9.9.%d.%d", i / 100, i % 100 + 1);
			cloud_inject(c, from, R1, &p);
		}
		assert_int_equal(times_told(c), round == 1 ? 0 : 256);
		if (round == 1)
			cloud_run(c, 3600000);
		cloud_quiet(c);
	}
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 3000);
}

/* ---- each type ---- */

/* What was sent in a test, by type; each had the right authentication, errors had none. */
struct sent {
	unsigned n[NHRP_TYPES];
};

static void expect_text(const struct nhrp_packet *p, const char *text)
{
	const struct nhrp_extension *ext = nhrp_extension_find(p, NHRP_EXT_AUTHENTICATION);

	assert_non_null(ext);
	assert_true(ext->compulsory);
	assert_int_equal(ext->value_len, 4 + strlen(text));
	assert_memory_equal(ext->value, "\0\0\0\1", 4);
	assert_memory_equal(ext->value + 4, text, strlen(text));
}

static void look_at(void *ctx, const struct cloud_packet *packet)
{
	struct sent *sent = ctx;
	struct nhrp_packet p;

	assert_int_equal(nhrp_parse(packet->bytes, packet->len, &p), NHRP_WIRE_OK);
	sent->n[p.type]++;
	if (p.type == NHRP_ERROR_INDICATION)
		assert_int_equal(p.n_ext, 0);
	else
		expect_text(&p, "cisco123");
}

/* Own and forwarded ones. */
static void every_type_carries_it(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spec[] = { cloud_r1, cloud_r2, cloud_r3 };
	struct sent sent = { 0 };

	c->on_send = look_at;
	c->ctx = &sent;
	spec[R1].redirect = true;
	for (size_t i = 0; i < 3; i++) {
		spec[i].authentication = "cisco123";
		cloud_add(c, &spec[i]);
	}
	cloud_run(c, 2000);
	cloud_want(c, R2, "10.10.10.3");
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 1000);
	cloud_inject(c, "9.9.9.2", R1,
	             &(struct nhrp_packet){ .type = NHRP_TRAFFIC_INDICATION,
	                                    .hops = NHRP_HOPS,
	                                    .afn = 1,
	                                    .proto_type = 0x0800,
	                                    .src_nbma = cloud_addr("9.9.9.2"),
	                                    .src_proto = cloud_addr("10.10.10.9"),
	                                    .dst_proto = cloud_addr("10.10.10.1"),
	                                    .has_extensions = true });
	cloud_stop(c, R2);
	cloud_run(c, 1000);
	for (enum nhrp_type type = 1; type < NHRP_TYPES; type++)
		assert_int_not_equal(sent.n[type], 0);
}

/* Refused, counted, and without any effect: with another text, and without one. */
static void every_type_is_checked(void **state)
{
	static const uint8_t other[] = "\0\0\0\1cisco124";
	struct cloud *c = *state;
	unsigned n_refused = 0;

	add(c, "cisco123", "cisco123");
	cloud_run(c, 2000);
	cloud_quiet(c);
	for (enum nhrp_type type = 1; type < NHRP_TYPES; type++) {
		struct nhrp_packet p = { .type = (uint8_t)type,
			                 .hops = NHRP_HOPS,
			                 .afn = 1,
			                 .proto_type = 0x0800,
			                 .request_id = 2,
			                 .has_extensions = true,
			                 .n_cie = 1 };
		p.src_nbma = cloud_addr("2.2.2.2");
		p.src_proto = cloud_addr("10.10.10.2");
		p.dst_proto = cloud_addr("10.10.10.1");
		p.cie[0].prefix_len = 32;
		p.cie[0].proto = p.src_proto;
		cloud_inject(c, "2.2.2.2", R1, &p);
		nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_AUTHENTICATION,
		                                                .compulsory = true,
		                                                .value = other,
		                                                .value_len = sizeof other - 1 });
		cloud_inject(c, "2.2.2.2", R1, &p);
		n_refused += type == NHRP_ERROR_INDICATION ? 0 : 2;
		assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), n_refused);
	}
	assert_int_equal(n_refused, 14);
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique registered nhop\n");
}

/* ---- hop by hop ---- */

/* R1 has a second tunnel of the same network, with an authentication of its own. */
static void add_second_tunnel(struct cloud *c)
{
	struct cloud_router *r = &c->router[R1];
	struct snapshot *two = snapshot_copy(r->snapshot);
	struct snap_interface *i = snapshot_add_interface(two, SNAP_TUNNEL, "Tunnel1");
	struct node_event line = { .type = NODE_TUNNEL };

	i->address[0] = (struct prefix){ cloud_addr("10.10.11.1"), 24 };
	i->n_address = 1;
	i->tunnel->number = 1;
	i->tunnel->source_address = r->nbma;
	i->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
	i->tunnel->nhrp.network_id = 1;
	snprintf(i->tunnel->nhrp.authentication, SNAP_AUTH_SIZE, "one");
	cloud_event(c, R1, &(struct node_event){ .type = NODE_CONFIGURE, .snapshot = two });
	snapshot_free(r->snapshot);
	r->snapshot = two;
	line.state.tunnel = 1;
	line.state.source = r->nbma;
	line.state.up = true;
	line.state.mtu_bytes = CLOUD_MTU;
	cloud_event(c, R1, &line);
}

/* A Resolution Request comes by it. */
static void ask_by_second_tunnel(struct cloud *c)
{
	static const uint8_t one[] = "\0\0\0\1one";
	uint8_t bytes[NHRP_PACKET_MAX];
	struct nhrp_packet p = { .type = NHRP_RESOLUTION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 7,
		                 .has_extensions = true,
		                 .n_cie = 1 };
	struct node_event event = { .type = NODE_PACKET };

	p.src_nbma = cloud_addr("9.9.9.2");
	p.src_proto = cloud_addr("10.10.11.9");
	p.dst_proto = cloud_addr("192.168.2.5");
	nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_AUTHENTICATION,
	                                                .compulsory = true,
	                                                .value = one,
	                                                .value_len = sizeof one - 1 });
	event.packet.tunnel = 1;
	event.packet.from = p.src_nbma;
	event.packet.to = c->router[R1].nbma;
	event.packet.bytes = bytes;
	event.packet.len = nhrp_build(&p, bytes, sizeof bytes);
	cloud_quiet(c);
	cloud_event(c, R1, &event);
	cloud_expect(c, "   2.000 R1 forwarded 2.2.2.2 Resolution Request 7 192.168.2.5\n");
}

static void add_hub_of_two(struct cloud *c, const char *text)
{
	struct cloud_spec r1 = cloud_r1, r2 = cloud_r2;

	c->terse = true;
	r1.authentication = r2.authentication = text;
	r1.route[0] = "192.168.2.0/24 10.10.10.2";
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_run(c, 2000);
	add_second_tunnel(c);
}

static void that_of_the_tunnel_it_leaves_by(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p;

	add_hub_of_two(c, "zero");
	ask_by_second_tunnel(c);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	expect_text(&p, "zero");
}

/* The text of one tunnel is no business of the routers of another. */
static void none_where_it_leaves_without(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p;

	add_hub_of_two(c, NULL);
	ask_by_second_tunnel(c);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	assert_null(nhrp_extension_find(&p, NHRP_EXT_AUTHENTICATION));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_same_text),
		cloud_unit_test(another_text),
		cloud_unit_test(none_where_one_is_asked_for),
		cloud_unit_test(one_where_none_is_known),
		cloud_unit_test(a_part_of_it),
		cloud_unit_test(the_text_changes),
		cloud_unit_test(many_peers),
		cloud_unit_test(every_type_carries_it),
		cloud_unit_test(every_type_is_checked),
		cloud_unit_test(that_of_the_tunnel_it_leaves_by),
		cloud_unit_test(none_where_it_leaves_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
