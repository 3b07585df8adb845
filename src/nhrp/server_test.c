/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static struct nhrp_packet registration(const char *overlay, const char *nbma, bool unique)
{
	struct nhrp_packet p = { .type = NHRP_REGISTRATION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 5,
		                 .has_extensions = true,
		                 .n_cie = 1 };

	p.flags = unique ? NHRP_REGISTRATION_UNIQUE : 0;
	p.src_nbma = cloud_addr(nbma);
	p.src_proto = cloud_addr(overlay);
	p.dst_proto = cloud_addr("10.10.10.1");
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .holdtime_s = 600, .mtu_bytes = 1400 };
	return p;
}

/* Registers and returns the code of the reply. */
static uint8_t try(struct cloud *c, const struct nhrp_packet *p)
{
	char from[ADDR_TEXT_LEN];
	struct nhrp_packet reply;

	c->last.len = 0;
	cloud_inject(c, addr_format(&p->src_nbma, from), R1, p);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &reply), NHRP_WIRE_OK);
	assert_int_equal(reply.type, NHRP_REGISTRATION_REPLY);
	assert_int_equal(reply.request_id, p->request_id);
	assert_int_equal(reply.hops, NHRP_HOPS);
	assert_int_equal(reply.cie[0].holdtime_s, reply.cie[0].code ? 0 : p->cie[0].holdtime_s);
	assert_true(addr_equal(&c->last.to, &p->src_nbma));
	return reply.cie[0].code;
}

static void unique_registrations(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	struct nhrp_packet p = registration("10.10.10.2", "2.2.2.2", true);
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	p = registration("10.10.10.2", "3.3.3.2", true);
	assert_int_equal(try(c, &p), NHRP_CODE_UNIQUE_REGISTERED);
	p = registration("10.10.10.2", "3.3.3.2", false);
	assert_int_equal(try(c, &p), NHRP_CODE_UNIQUE_REGISTERED);
	cloud_run(c, 599000);
	assert_int_equal(try(c, &p), NHRP_CODE_UNIQUE_REGISTERED);
	cloud_quiet(c);
	cloud_run(c, 2000);
	cloud_expect(c, " 600.000 R1 del-peer 10.10.10.2\n"
	                " 600.000 R1 nhc-down 10.10.10.2 2.2.2.2 (holding time expired)\n"
	                " 600.000 R1 cache-delete 10.10.10.2 2.2.2.2 (holding time expired)\n");
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	p = registration("10.10.10.2", "4.4.4.2", true);
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	cloud_expect(c, " 601.000 R1 cache-add 10.10.10.2 3.3.3.2\n"
	                " 601.000 R1 set-peer 10.10.10.2 3.3.3.2 registered\n"
	                " 601.000 R1 nhc-up 10.10.10.2 3.3.3.2\n"
	                " 601.000 R1 sent 3.3.3.2 Registration Reply 5\n"
	                " 601.000 R1 nhc-down 10.10.10.2 3.3.3.2 (NBMA address changed)\n"
	                " 601.000 R1 nhc-up 10.10.10.2 4.4.4.2\n"
	                " 601.000 R1 cache-update 10.10.10.2 4.4.4.2\n"
	                " 601.000 R1 set-peer 10.10.10.2 4.4.4.2 registered\n"
	                " 601.000 R1 sent 4.4.4.2 Registration Reply 5\n");
}

static void prefix_lengths_of_other_versions(void **state)
{
	struct cloud *c = *state;
	static const uint8_t host[] = { 0, 32, 255 };

	c->terse = true;
	cloud_add(c, &cloud_r1);
	struct nhrp_packet p = registration("10.10.10.2", "2.2.2.2", true);
	for (size_t i = 0; i < sizeof host; i++) {
		p.cie[0].prefix_len = host[i];
		p.cie[0].preference = host[i];
		assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	}
	p.cie[0].nbma = cloud_addr("2.2.2.2");
	p.cie[0].proto = cloud_addr("10.10.10.2");
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique registered nhop\n");
}

static void a_whole_prefix(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	struct nhrp_packet p = registration("10.10.10.130", "2.2.2.2", false);
	p.cie[0].prefix_len = 29;
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	p = registration("10.10.10.131", "3.3.3.2", false);
	p.cie[0].prefix_len = 29;
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	cloud_expect(c, "   0.000 R1 cache-add 10.10.10.128 2.2.2.2\n"
	                "   0.000 R1 set-peer 10.10.10.130 2.2.2.2 registered\n"
	                "   0.000 R1 nhc-up 10.10.10.128 2.2.2.2\n"
	                "   0.000 R1 sent 2.2.2.2 Registration Reply 5\n"
	                "   0.000 R1 del-peer 10.10.10.130\n"
	                "   0.000 R1 nhc-down 10.10.10.128 2.2.2.2 (replaced)\n"
	                "   0.000 R1 cache-delete 10.10.10.128 2.2.2.2 (replaced)\n"
	                "   0.000 R1 cache-add 10.10.10.128 3.3.3.2\n"
	                "   0.000 R1 set-peer 10.10.10.131 3.3.3.2 registered\n"
	                "   0.000 R1 nhc-up 10.10.10.128 3.3.3.2\n"
	                "   0.000 R1 sent 3.3.3.2 Registration Reply 5\n");
	cloud_expect_cache(
		c, R1,
		"10.10.10.128/29 10.10.10.131 3.3.3.2 dynamic authoritative registered nhop\n");
}

static void what_is_prohibited(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	c->terse = true;
	hub.map[0] = "10.10.10.5/32 5.5.5.2";
	cloud_add(c, &hub);
	struct nhrp_packet p = registration("10.10.10.1", "2.2.2.2", true);
	assert_int_equal(try(c, &p), NHRP_CODE_PROHIBITED);
	p = registration("10.10.10.2", "2.2.2.2", false);
	p.cie[0].prefix_len = 24;
	assert_int_equal(try(c, &p), NHRP_CODE_PROHIBITED);
	p = registration("10.10.10.2", "2.2.2.2", false);
	p.cie[0].proto = cloud_addr("224.0.0.5");
	assert_int_equal(try(c, &p), NHRP_CODE_PROHIBITED);
	p = registration("10.10.10.5", "2.2.2.2", false);
	assert_int_equal(try(c, &p), NHRP_CODE_PROHIBITED);
	p = registration("10.10.10.5", "5.5.5.2", false);
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	p = registration("10.10.10.2", "2.2.2.2", false);
	p.cie[0].holdtime_s = 0;
	assert_int_equal(try(c, &p), NHRP_CODE_PROHIBITED);
	p.n_cie = 0;
	cloud_inject(c, "2.2.2.2", R1, &p);
	assert_int_equal(cloud_drops(c, R1, DROP_BAD_CONTENTS), 1);
}

static void no_room(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	c->terse = true;
	hub.cache_max = 1;
	cloud_add(c, &hub);
	struct nhrp_packet p = registration("10.10.10.2", "2.2.2.2", true);
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	p = registration("10.10.10.3", "3.3.3.2", true);
	assert_int_equal(try(c, &p), NHRP_CODE_NO_RESOURCES);
}

/* The reply names what the hub sees, behind what the client said. */
static void behind_nat(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet reply;
	struct nhrp_cie cie[3];
	struct cloud_spec r2 = cloud_r2;

	r2.nbma = "192.168.0.2";
	r2.public = "2.2.2.2";
	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &r2);
	cloud_run(c, 500);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &reply), NHRP_WIRE_OK);
	const struct nhrp_extension *ext = nhrp_extension_find(&reply, NHRP_EXT_NAT_ADDRESS);
	assert_non_null(ext);
	assert_int_equal(nhrp_extension_cies(ext, cie, 3), 2);
	assert_true(addr_equal(&cie[1].nbma, &c->router[1].public));
	assert_true(addr_equal(&cie[1].proto, &reply.src_proto));
	cloud_expect_cache(c, R1,
	                   "10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique nat "
	                   "registered nhop claimed 192.168.0.2\n");
}

/* A client that does not know our address writes its own, and learns ours. */
static void to_an_unknown_server(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet reply;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	struct nhrp_packet p = registration("10.10.10.2", "2.2.2.2", true);
	p.dst_proto = p.src_proto;
	assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &reply), NHRP_WIRE_OK);
	assert_true(addr_equal(&reply.src_proto, &p.src_proto));
	struct addr ours = cloud_addr("10.10.10.1");
	assert_true(addr_equal(&reply.dst_proto, &ours));
}

static void the_registered_are_saved(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	assert_int_equal(c->router[R1].n_saves, 4);
	assert_int_equal(c->router[R2].n_saves, 0);
}

/* For another server's clients: passed on to it if it is one of ours. */
static void not_for_us(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = registration("10.10.10.9", "9.9.9.2", true);
	p.dst_proto = cloud_addr("10.10.10.3");
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_expect(c, "   2.000 R1 forwarded 3.3.3.2 Registration Request 5\n");
	p.dst_proto = cloud_addr("10.10.10.77");
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 9.9.9.2 (no_route) Registration Request 5\n"
	                "   2.000 R1 sent 9.9.9.2 Error Indication 6\n");
}

/* Ten thousand clients of one hub; each costs at most the memory that IOS shows. */
static void ten_thousand_clients(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = {
		.name = "R1", .nbma = "1.1.1.2", .overlay = "10.10.0.1/16", .max_send = 65535
	};
	enum { CLIENTS = 10000 };

	c->terse = true;
	cloud_add(c, &hub);
	size_t empty = node_memory_bytes(c->router[R1].node);
	for (uint32_t i = 0; i < 2 * CLIENTS; i++) {
		struct nhrp_packet p = registration("10.10.0.2", "2.2.2.2", true);
		p.src_nbma = addr_from_u32(0x02000000 + i % CLIENTS);
		p.src_proto = addr_from_u32(0x0a0a0100 + i % CLIENTS);
		p.dst_proto = cloud_addr("10.10.0.1");
		assert_int_equal(try(c, &p), NHRP_CODE_SUCCESS);
		cloud_quiet(c);
		c->n_flight = 0;
	}
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;
	size_t n = 0;
	while (node_entry_next(c->router[R1].node, &cursor, &e)) {
		assert_in_range(e.size_bytes, 100, 248);
		assert_int_equal(addr_to_u32(&e.nbma), 0x02000000 + n);
		n++;
	}
	assert_int_equal(n, CLIENTS);
	size_t each = (node_memory_bytes(c->router[R1].node) - empty) / CLIENTS;
	assert_in_range(each, e.size_bytes, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(unique_registrations),
		cloud_unit_test(prefix_lengths_of_other_versions),
		cloud_unit_test(a_whole_prefix),
		cloud_unit_test(what_is_prohibited),
		cloud_unit_test(no_room),
		cloud_unit_test(behind_nat),
		cloud_unit_test(to_an_unknown_server),
		cloud_unit_test(the_registered_are_saved),
		cloud_unit_test(not_for_us),
		cloud_unit_test(ten_thousand_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
