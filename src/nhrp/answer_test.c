/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* A resolution request as R2 would send it. */
static struct nhrp_packet request_for(const char *target)
{
	struct nhrp_packet p = { .type = NHRP_RESOLUTION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 7,
		                 .has_extensions = true,
		                 .n_cie = 1 };
	static const uint16_t empty[] = { NHRP_EXT_RESPONDER, NHRP_EXT_FORWARD_TRANSIT,
		                          NHRP_EXT_REVERSE_TRANSIT, NHRP_EXT_NAT_ADDRESS };

	p.flags = NHRP_RESOLUTION_ROUTER | NHRP_RESOLUTION_AUTHORITATIVE |
	          NHRP_RESOLUTION_SOURCE_STABLE;
	p.src_nbma = cloud_addr("2.2.2.2");
	p.src_proto = cloud_addr("10.10.10.2");
	p.dst_proto = cloud_addr(target);
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .holdtime_s = 600, .mtu_bytes = 1400 };
	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
		nhrp_extension_set(
			&p, (struct nhrp_extension){ .type = empty[i], .compulsory = i < 3 });
	return p;
}

static struct nhrp_packet sent(const struct cloud *c)
{
	struct nhrp_packet p;

	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	return p;
}

/* A network is kept on disk, with the life that each answer gives it; our own address is not. */
static void what_is_told_is_saved(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r3 = cloud_r3;

	r3.route[0] = "192.168.3.0/24 local";
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_add(c, &r3);
	cloud_run(c, 2000);
	struct nhrp_packet p = request_for("192.168.3.7"), own = request_for("10.10.10.3");
	p.flags &= (uint16_t)~NHRP_RESOLUTION_SOURCE_STABLE; /* the requester is not kept */
	own.flags = p.flags;
	cloud_inject(c, "1.1.1.2", R3, &own);
	assert_int_equal(c->router[R3].n_saves, 0);
	for (unsigned i = 1; i <= 2; i++) {
		cloud_inject(c, "1.1.1.2", R3, &p);
		cloud_run(c, 1000);
		assert_int_equal(c->router[R3].n_saves, i);
	}
}

/* The reply for our own address goes straight to the requester, who becomes a direct peer. */
static void for_our_own_address(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	p.hops = 254;
	cloud_inject(c, "1.1.1.2", R3, &p);
	cloud_expect(c, "   2.000 R3 sent 2.2.2.2 Resolution Reply 7\n"
	                "   2.000 R3 cache-add 10.10.10.3 3.3.3.2\n"
	                "   2.000 R3 cache-add 10.10.10.2 2.2.2.2\n"
	                "   2.000 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   2.000 R3 nhp-up 10.10.10.2 2.2.2.2\n");
	p = sent(c);
	assert_int_equal(p.type, NHRP_RESOLUTION_REPLY);
	assert_int_equal(p.flags, NHRP_RESOLUTION_ROUTER | NHRP_RESOLUTION_AUTHORITATIVE |
	                                  NHRP_RESOLUTION_DEST_STABLE | NHRP_RESOLUTION_UNIQUE |
	                                  NHRP_RESOLUTION_SOURCE_STABLE);
	assert_true(addr_equal(&p.cie[0].nbma, &c->router[R3].nbma));
	assert_true(addr_equal(&p.cie[0].proto, &p.dst_proto));
	assert_int_equal(p.cie[0].holdtime_s, 7200);
	cloud_expect_cache(
		c, R3,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic router implicit nhop\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic router unique local no-socket\n");
}

/* RFC 2332 6.2.1: a source that is not stable, or names no holding time, is not kept. */
static void requesters_that_are_not_kept(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	p.flags = NHRP_RESOLUTION_AUTHORITATIVE;
	cloud_inject(c, "1.1.1.2", R3, &p);
	p = request_for("10.10.10.3");
	p.cie[0].holdtime_s = 0;
	cloud_inject(c, "1.1.1.2", R3, &p);
	p.n_cie = 0;
	cloud_inject(c, "1.1.1.2", R3, &p);
	cloud_expect_cache(
		c, R3,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic router unique local no-socket\n");
	cloud_expect(c, "   2.000 R3 sent 2.2.2.2 Resolution Reply 7\n"
	                "   2.000 R3 cache-add 10.10.10.3 3.3.3.2\n"
	                "   2.000 R3 sent 2.2.2.2 Resolution Reply 7\n"
	                "   2.000 R3 sent 2.2.2.2 Resolution Reply 7\n");
}

static void is_non_caching(struct snap_nhrp *nhrp)
{
	nhrp->server_only = nhrp->server_only_non_caching = true;
}

/* `ip nhrp server-only non-caching`: whoever asks is answered, and not kept; clients are. */
static void a_server_that_keeps_nobody(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	hub.also = is_non_caching;
	cloud_add(c, &hub);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 2000);
	cloud_quiet(c);
	struct nhrp_packet p = request_for("10.10.10.1");
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 7\n"
	                "   2.000 R1 cache-add 10.10.10.1 1.1.1.2\n");
	cloud_expect_cache(
		c, R1,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 dynamic router unique local no-socket\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative unique registered nhop\n");
}

/* Nobody may be told to send to a p2p tunnel directly: it hears its destination only. */
static void a_p2p_tunnel_refuses(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec p2p = cloud_r3;

	p2p.destination = "1.1.1.2";
	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_add(c, &p2p);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   2.010 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "   2.020 R3 sent 1.1.1.2 Resolution Reply 3 code 4\n"
	                "   2.030 R1 forwarded 2.2.2.2 Resolution Reply 3 code 4\n");
	cloud_expect_cache(c, R3, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

static void nothing_known(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.77");
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 7 code 12\n");
	p = sent(c);
	assert_int_equal(p.n_cie, 1);
	assert_int_equal(p.cie[0].holdtime_s, 0);
	assert_true(addr_is_none(&p.cie[0].nbma));
}

/* Without the A bit the registration answers, with what is left of its life. */
static void not_authoritative(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_run(c, 100000);
	struct nhrp_packet p = request_for("10.10.10.3");
	p.flags = NHRP_RESOLUTION_ROUTER;
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, " 102.000 R1 sent 2.2.2.2 Resolution Reply 7\n");
	p = sent(c);
	assert_true(addr_equal(&p.cie[0].nbma, &c->router[R3].nbma));
	assert_int_equal(p.cie[0].holdtime_s, 7200 - 101);
}

static void is_authoritative(struct snap_nhrp *nhrp)
{
	nhrp->cache_authoritative = true;
}

/* The hub answers for its clients, also where only they themselves are authoritative by default. */
static void the_hub_is_authoritative(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	c->terse = true;
	hub.also = is_authoritative;
	cloud_add(c, &hub);
	cloud_add(c, &cloud_r2);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 100);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   2.010 R1 sent 2.2.2.2 Resolution Reply 3\n"
	                "   2.020 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   2.020 R2 nhp-up 10.10.10.3 3.3.3.2\n");
}

static struct addr responder_in(const struct nhrp_packet *p)
{
	const struct nhrp_extension *ext = nhrp_extension_find(p, NHRP_EXT_RESPONDER);
	struct nhrp_cie cie;

	assert_non_null(ext);
	assert_int_equal(nhrp_extension_cies(ext, &cie, 1), 1);
	return cie.proto;
}

/* R3 names itself by the address of another interface; where to send to stays. */
static void another_responder(void **state)
{
	struct cloud *c = *state;
	struct cloud_router *r = &c->router[R3];

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	cloud_inject(c, "1.1.1.2", R3, &p);
	struct nhrp_packet reply = sent(c);
	struct addr by = responder_in(&reply), own = cloud_addr("10.10.10.3");
	assert_true(addr_equal(&by, &own));
	struct snapshot *with = snapshot_copy(r->snapshot);
	struct snap_interface *i = snapshot_add_interface(with, SNAP_LOOPBACK, "Loopback1");
	struct snap_nhrp *nhrp = &snapshot_tunnel(with, 0)->tunnel->nhrp;
	i->address[0] = (struct prefix){ cloud_addr("192.0.2.3"), 32 };
	i->n_address = 1;
	snprintf(nhrp->responder, sizeof nhrp->responder, "Loopback1");
	cloud_event(c, R3, &(struct node_event){ .type = NODE_CONFIGURE, .snapshot = with });
	snapshot_free(r->snapshot);
	r->snapshot = with;
	cloud_inject(c, "1.1.1.2", R3, &p);
	reply = sent(c);
	by = responder_in(&reply);
	struct addr other = cloud_addr("192.0.2.3");
	assert_true(addr_equal(&by, &other));
	assert_true(addr_equal(&reply.cie[0].nbma, &r->nbma));
	assert_true(addr_equal(&reply.cie[0].proto, &own));
}

static void has_preference(struct snap_nhrp *nhrp)
{
	nhrp->path_preference = 7;
}

/* In its answer, its question and its registration. */
static void preference_of_a_path(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r3;

	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	spoke.also = has_preference;
	cloud_add(c, &spoke);
	struct nhrp_packet p = sent(c);
	assert_int_equal(p.type, NHRP_REGISTRATION_REQUEST);
	assert_int_equal(p.cie[0].preference, 7);
	cloud_run(c, 2000);
	p = request_for("10.10.10.3");
	cloud_inject(c, "1.1.1.2", R3, &p);
	p = sent(c);
	assert_int_equal(p.type, NHRP_RESOLUTION_REPLY);
	assert_int_equal(p.cie[0].preference, 7);
	cloud_want(c, R3, "10.10.10.9");
	p = sent(c);
	assert_int_equal(p.type, NHRP_RESOLUTION_REQUEST);
	assert_int_equal(p.cie[0].preference, 7);
}

static void asking_for_oneself(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.2");
	cloud_inject(c, "2.2.2.2", R1, &p);
	assert_int_equal(cloud_drops(c, R1, DROP_BAD_CONTENTS), 1);
}

/* Extensions come back in their order; unknown compulsory ones make it an error. */
static void extensions(void **state)
{
	struct cloud *c = *state;
	static const uint8_t value[] = { 1, 2, 3 };

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	nhrp_extension_set(
		&p, (struct nhrp_extension){ .type = 0x3801, .value = value, .value_len = 3 });
	nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_VENDOR });
	cloud_inject(c, "1.1.1.2", R3, &p);
	struct nhrp_packet reply = sent(c);
	assert_int_equal(reply.n_ext, p.n_ext);
	for (size_t i = 0; i < p.n_ext; i++)
		assert_int_equal(reply.ext[i].type, p.ext[i].type);
	assert_memory_equal(reply.ext[4].value, value, sizeof value);
	cloud_quiet(c);
	nhrp_extension_set(&p, (struct nhrp_extension){ .type = 0x3802, .compulsory = true });
	cloud_inject(c, "1.1.1.2", R3, &p);
	cloud_expect(c,
	             "   2.000 R3 dropped 1.1.1.2 (unsupported) Resolution Request 7 10.10.10.3\n"
	             "   2.000 R3 sent 1.1.1.2 Error Indication 1\n");
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 forwarded 3.3.3.2 Resolution Request 7 10.10.10.3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(what_is_told_is_saved),
		cloud_unit_test(for_our_own_address),
		cloud_unit_test(requesters_that_are_not_kept),
		cloud_unit_test(a_server_that_keeps_nobody),
		cloud_unit_test(a_p2p_tunnel_refuses),
		cloud_unit_test(nothing_known),
		cloud_unit_test(not_authoritative),
		cloud_unit_test(the_hub_is_authoritative),
		cloud_unit_test(another_responder),
		cloud_unit_test(preference_of_a_path),
		cloud_unit_test(asking_for_oneself),
		cloud_unit_test(extensions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
