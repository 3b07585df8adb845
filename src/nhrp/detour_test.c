/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/nhrp.h"
#include "node/cloud_test.h"

enum { H1, H2, H3 };

/* Three hubs, each the server of the others. */
static const struct cloud_spec hub[] = {
	{ .name = "H1",
	  .nbma = "1.1.1.1",
	  .overlay = "10.10.10.1/24",
	  .nhs = { "10.10.10.2 nbma 2.2.2.2", "10.10.10.3 nbma 3.3.3.3" } },
	{ .name = "H2",
	  .nbma = "2.2.2.2",
	  .overlay = "10.10.10.2/24",
	  .nhs = { "10.10.10.1 nbma 1.1.1.1", "10.10.10.3 nbma 3.3.3.3" } },
	{ .name = "H3",
	  .nbma = "3.3.3.3",
	  .overlay = "10.10.10.3/24",
	  .nhs = { "10.10.10.1 nbma 1.1.1.1", "10.10.10.2 nbma 2.2.2.2" } },
};

static const struct cloud_spec spoke = { .name = "S",
	                                 .nbma = "9.9.9.9",
	                                 .overlay = "10.10.10.9/24",
	                                 .nhs = { "10.10.10.1 nbma 1.1.1.1" } };
static const struct cloud_spec far_spoke = { .name = "T",
	                                     .nbma = "8.8.8.8",
	                                     .overlay = "10.10.10.8/24",
	                                     .nhs = { "10.10.10.3 nbma 3.3.3.3" } };

static void add_hubs(struct cloud *c, size_t n)
{
	c->terse = true;
	for (size_t i = 0; i < n; i++)
		cloud_add(c, &hub[i]);
	cloud_run(c, 3000);
	cloud_quiet(c);
}

static void takes_ten_packets(struct snap_nhrp *nhrp)
{
	nhrp->use_packets = 10;
}

/* `ip nhrp use`: packets that wait are not counted, so they are asked for with the first. */
static void what_waits_is_asked_for_at_once(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec thrifty = hub[H1];

	add_hubs(c, 2);
	thrifty.also = takes_ten_packets;
	cloud_configure(c, H1, &thrifty);
	cloud_want(c, H1, "10.10.10.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 H1 sent 2.2.2.2 Resolution Request 5 10.10.10.7\n"
	                "   3.010 H2 sent 1.1.1.1 Resolution Reply 5 code 12\n");
}

/* H2 would send back what H1 gives it: nobody has it, and H2 is asked again before long. */
static void nothing_goes_by_a_hub_that_is_a_client(void **state)
{
	struct cloud *c = *state;

	add_hubs(c, 2);
	cloud_want(c, H1, "10.10.10.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 H1 sent 2.2.2.2 Resolution Request 5 10.10.10.7\n"
	                "   3.010 H2 sent 1.1.1.1 Resolution Reply 5 code 12\n");
	cloud_run(c, NHRP_PATHLESS_S * 1000);
	cloud_quiet(c);
	cloud_want(c, H1, "10.10.10.7");
	cloud_expect(c, "  14.000 H1 sent 2.2.2.2 Resolution Request 6 10.10.10.7\n");
}

/* A server that is no client has them, as long as that is so. */
static void a_hub_that_turns_client_gives_them_up(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec above = hub[H2];

	c->terse = true;
	above.nhs[0] = above.nhs[1] = NULL;
	cloud_add(c, &hub[H1]);
	cloud_add(c, &above);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_want(c, H1, "10.10.10.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 H1 sent 2.2.2.2 Resolution Request 5 10.10.10.7\n"
	                "   3.000 H1 set-peer 10.10.10.7 2.2.2.2 via-nhs\n"
	                "   3.010 H2 sent 1.1.1.1 Resolution Reply 5 code 12\n");
	cloud_configure(c, H2, &hub[H2]);
	cloud_quiet(c);
	cloud_run(c, 100);
	cloud_expect(c, "   4.010 H1 sent 2.2.2.2 Registration Reply 1\n"
	                "   4.010 H1 del-peer 10.10.10.7\n"
	                "   4.020 H2 nhs-up 10.10.10.1 1.1.1.1\n");
}

/* Nor by one that is none: with a spoke of its own H1 may be in a ring. */
static void who_has_clients_waits(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec above = hub[H2];

	c->terse = true;
	above.nhs[0] = above.nhs[1] = NULL;
	cloud_add(c, &hub[H1]);
	cloud_add(c, &above);
	cloud_run(c, 3000);
	cloud_want(c, H1, "10.10.10.7");
	cloud_run(c, 1000);
	cloud_quiet(c);
	cloud_add(c, &spoke);
	cloud_run(c, 100);
	cloud_expect(c, "   4.000 S set-peer 10.10.10.1 1.1.1.1 static\n"
	                "   4.000 S sent 1.1.1.1 Registration Request 1\n"
	                "   4.010 H1 set-peer 10.10.10.9 9.9.9.9 registered\n"
	                "   4.010 H1 nhc-up 10.10.10.9 9.9.9.9\n"
	                "   4.010 H1 sent 9.9.9.9 Registration Reply 1\n"
	                "   4.010 H1 del-peer 10.10.10.7\n"
	                "   4.020 S nhs-up 10.10.10.1 1.1.1.1\n");
	cloud_want(c, H1, "10.10.10.6");
	cloud_expect(c, "   4.100 H1 sent 2.2.2.2 Resolution Request 6 10.10.10.6\n");
}

/* With `ip nhrp server-only` no answer would ever come. */
static void who_does_not_ask_does_not_wait(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec silent = hub[H1], above = hub[H2];

	c->terse = true;
	silent.server_only = true;
	silent.nhs[1] = above.nhs[0] = above.nhs[1] = NULL;
	cloud_add(c, &silent);
	cloud_add(c, &above);
	cloud_add(c, &spoke);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_want(c, H1, "10.10.10.7");
	cloud_expect(c, "   3.000 H1 set-peer 10.10.10.7 2.2.2.2 via-nhs\n");
}

/* T hears its own hub only, so it says no: its packets take the way that the request took. */
static void what_is_reached_by_its_hub_only(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec p2p = far_spoke;

	add_hubs(c, 3);
	cloud_add(c, &spoke);
	p2p.destination = "3.3.3.3";
	cloud_add(c, &p2p);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_want(c, H1, "10.10.10.8");
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 H1 sent 2.2.2.2 Resolution Request 5 10.10.10.8\n"
	                "   6.010 H2 forwarded 3.3.3.3 Resolution Request 5 10.10.10.8\n"
	                "   6.020 H3 forwarded 8.8.8.8 Resolution Request 5 10.10.10.8\n"
	                "   6.030 T sent 3.3.3.3 Resolution Reply 5 code 4\n"
	                "   6.040 H3 forwarded 1.1.1.1 Resolution Reply 5 code 4\n"
	                "   6.050 H1 set-peer 10.10.10.8 3.3.3.3 via-nhs\n");
}

/* In clear T's NAT lets in nobody but its hub. */
static void what_its_nat_shuts_in(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec inside = far_spoke;

	add_hubs(c, 3);
	cloud_add(c, &spoke);
	inside.nbma = "192.168.0.8";
	inside.public = "8.8.8.8";
	size_t t = cloud_add(c, &inside);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_want(c, H1, "10.10.10.8");
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 H1 sent 2.2.2.2 Resolution Request 5 10.10.10.8\n"
	                "   6.010 H2 forwarded 3.3.3.3 Resolution Request 5 10.10.10.8\n"
	                "   6.020 H3 forwarded 8.8.8.8 Resolution Request 5 10.10.10.8\n"
	                "   6.030 T sent 1.1.1.1 Resolution Reply 5\n"
	                "   6.030 T set-peer 10.10.10.1 1.1.1.1 resolved\n"
	                "   6.030 T nhp-up 10.10.10.1 1.1.1.1\n"
	                "   6.040 H1 set-peer 10.10.10.8 3.3.3.3 via-nhs\n");
	cloud_want(c, t, "10.10.10.2");
	cloud_run(c, 1000);
	cloud_expect(c, "   7.000 T sent 3.3.3.3 Resolution Request 3 10.10.10.2\n"
	                "   7.000 T set-peer 10.10.10.2 3.3.3.3 via-nhs\n"
	                "   7.010 H3 forwarded 2.2.2.2 Resolution Request 3 10.10.10.2\n"
	                "   7.020 H2 sent 3.3.3.3 Resolution Reply 3\n"
	                "   7.030 H3 forwarded 8.8.8.8 Resolution Reply 3\n"
	                "   7.040 T set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   7.040 T nhp-up 10.10.10.2 2.2.2.2\n");
	cloud_want(c, H2, "10.10.10.8");
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "H2 set-peer 10.10.10.8 3.3.3.3 via-nhs\n"));
}

/* Lets time pass while no message of IKE gets through between two routers. */
static void run_apart(struct cloud *c, int64_t ms, const struct addr *a, const struct addr *b)
{
	for (int64_t end_ms = c->now_ms + ms; c->now_ms < end_ms;) {
		size_t kept = 0;
		for (size_t i = 0; i < c->n_flight; i++) {
			const struct cloud_packet *p = &c->flight[i];
			bool between = (addr_equal(&p->from, a) && addr_equal(&p->to, b)) ||
			               (addr_equal(&p->from, b) && addr_equal(&p->to, a));
			if (!p->path.from_port || !between)
				c->flight[kept++] = *p;
		}
		c->n_flight = kept;
		cloud_run(c, 5); /* less than a packet is under way */
	}
}

/* A client with this NBMA address asks a hub for an address; it has come by its association. */
static void request_of(struct cloud *c, size_t hub_index, const char *nbma, const char *to)
{
	const struct nhrp_packet p = {
		.type = NHRP_RESOLUTION_REQUEST,
		.hops = NHRP_HOPS,
		.afn = 1,
		.proto_type = 0x0800,
		.flags = NHRP_RESOLUTION_AUTHORITATIVE,
		.request_id = 9,
		.src_nbma = cloud_addr(nbma),
		.src_proto = cloud_addr("10.10.10.99"),
		.dst_proto = cloud_addr(to),
		.cie = { { .prefix_len = 32, .holdtime_s = 600 } },
		.n_cie = 1,
	};

	uint8_t bytes[NHRP_PACKET_MAX];
	struct node_event event = { .type = NODE_PACKET };

	event.packet.from = p.src_nbma;
	event.packet.to = c->router[hub_index].nbma;
	event.packet.bytes = bytes;
	event.packet.len = nhrp_build(&p, bytes, sizeof bytes);
	cloud_event(c, hub_index, &event);
}

static void clear_session(struct cloud *c, size_t i, const char *remote)
{
	struct node_event event = { .type = NODE_CLEAR_CRYPTO };

	event.clear_crypto.what = NODE_CLEAR_SESSION;
	event.clear_crypto.remote = cloud_addr(remote);
	cloud_event(c, i, &event);
}

/* H2 above H1, or beside it; each has a spoke. */
static void add_protected(struct cloud *c, bool beside, size_t *ret_s, size_t *ret_t)
{
	struct cloud_spec below = hub[H1], above = hub[H2], s = spoke, t = far_spoke;

	c->terse = true;
	below.nhs[1] = above.nhs[1] = NULL;
	if (!beside)
		above.nhs[0] = NULL;
	t.nhs[0] = "10.10.10.2 nbma 2.2.2.2";
	below.psk = above.psk = s.psk = t.psk = "cisco123";
	cloud_add(c, &below);
	cloud_add(c, &above);
	*ret_s = cloud_add(c, &s);
	*ret_t = cloud_add(c, &t);
	cloud_run(c, 3000);
	cloud_quiet(c);
}

/* Both find out where the other is, and both stay with H2, which knows T. */
static void a_path_without_protection_takes_the_way_of_its_answer(void **state)
{
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, false, &s, &t);
	cloud_want(c, H1, "10.10.10.8");
	run_apart(c, 10000, &c->router[H1].nbma, &c->router[t].nbma);
	cloud_expect(c, "   3.000 H1 sent 2.2.2.2 Resolution Request 3 10.10.10.8\n"
	                "   3.010 H2 forwarded 8.8.8.8 Resolution Request 3 10.10.10.8\n"
	                "   3.020 T sent 2.2.2.2 Resolution Reply 3\n"
	                "   3.020 T set-peer 10.10.10.1 2.2.2.2 via-nhs\n"
	                "   3.030 H2 forwarded 1.1.1.1 Resolution Reply 3\n"
	                "   3.040 H1 set-peer 10.10.10.8 2.2.2.2 via-nhs\n");
}

/* The other way round it is who asked that is reached by H2. */
static void a_path_without_protection_takes_the_way_of_its_request(void **state)
{
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, false, &s, &t);
	cloud_want(c, t, "10.10.10.1");
	run_apart(c, 10000, &c->router[H1].nbma, &c->router[t].nbma);
	cloud_expect(c, "   3.000 T sent 2.2.2.2 Resolution Request 3 10.10.10.1\n"
	                "   3.000 T set-peer 10.10.10.1 2.2.2.2 via-nhs\n"
	                "   3.010 H2 forwarded 1.1.1.1 Resolution Request 3 10.10.10.1\n"
	                "   3.020 H1 sent 2.2.2.2 Resolution Reply 3\n"
	                "   3.020 H1 set-peer 10.10.10.8 2.2.2.2 via-nhs\n"
	                "   3.030 H2 forwarded 8.8.8.8 Resolution Reply 3\n"
	                "   3.040 T set-peer 10.10.10.1 2.2.2.2 via-nhs\n");
}

/* H2 has T as its client, and passed on the question. */
static void a_path_without_protection_goes_by_a_client_that_knows_it(void **state)
{
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, true, &s, &t);
	cloud_want(c, H1, "10.10.10.8");
	run_apart(c, 10000, &c->router[H1].nbma, &c->router[t].nbma);
	cloud_expect(c, "   3.000 H1 sent 2.2.2.2 Resolution Request 3 10.10.10.8\n"
	                "   3.010 H2 forwarded 8.8.8.8 Resolution Request 3 10.10.10.8\n"
	                "   3.020 T sent 2.2.2.2 Resolution Reply 3\n"
	                "   3.020 T set-peer 10.10.10.1 2.2.2.2 via-nhs\n"
	                "   3.030 H2 forwarded 1.1.1.1 Resolution Reply 3\n"
	                "   3.040 H1 set-peer 10.10.10.8 2.2.2.2 via-nhs\n");
}

/*
 * H1 has passed on a question by its path to T: whoever asked may go by H1 now. So H1 goes by none
 * of its clients when that path is gone, but drops, counts, and asks H2 itself; H2 passes that on.
 */
static void who_is_relied_on_asks_first(void **state)
{
	const struct addr *apart[2];
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, true, &s, &t);
	apart[0] = &c->router[H1].nbma;
	apart[1] = &c->router[t].nbma;
	cloud_want(c, H1, "10.10.10.8");
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "H1 set-peer 10.10.10.8 8.8.8.8 resolved\n"));
	cloud_want(c, s, "10.10.10.8");
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "H1 forwarded 8.8.8.8 Resolution Request"));
	cloud_quiet(c);
	clear_session(c, H1, "8.8.8.8");
	clear_session(c, t, "1.1.1.1");
	run_apart(c, 1000, apart[0], apart[1]);
	assert_non_null(strstr(c->trace.text, "H1 del-peer 10.10.10.8\n"));
	assert_null(strstr(c->trace.text, "H1 set-peer 10.10.10.8"));
	assert_int_equal(cloud_drops(c, H1, DROP_UNPROTECTED), 0);
	cloud_quiet(c);
	cloud_want(c, H1, "10.10.10.8");
	assert_int_equal(cloud_drops(c, H1, DROP_UNPROTECTED), 1);
	run_apart(c, 1000, apart[0], apart[1]);
	assert_non_null(strstr(c->trace.text, "H1 sent 2.2.2.2 Resolution Request 4 10.10.10.8\n"));
	assert_non_null(strstr(c->trace.text, "H1 set-peer 10.10.10.8 2.2.2.2 via-nhs\n"));
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/*
 * H2 has passed the question on to H3, whose client T is: that it has a way itself is not said, and
 * H1 has none. What is lost is counted, and asked for again each NHRP_PATHLESS_S, not more often.
 */
static void a_client_further_off_is_no_way(void **state)
{
	struct cloud_spec near = hub[H1], middle = hub[H2], far = hub[H3], t = far_spoke;
	struct cloud *c = *state;

	c->terse = true;
	near.nhs[1] = far.nhs[0] = NULL;
	near.psk = middle.psk = far.psk = t.psk = "cisco123";
	cloud_add(c, &near);
	cloud_add(c, &middle);
	cloud_add(c, &far);
	cloud_add(c, &t);
	cloud_run(c, 3000);
	cloud_quiet(c);
	for (int i = 0; i < 6 * NHRP_PATHLESS_S; i++) {
		cloud_want(c, H1, "10.10.10.8");
		run_apart(c, 1000, &c->router[H1].nbma, &c->router[3].nbma);
	}
	assert_int_equal(count_of(c->trace.text, "H3 forwarded 8.8.8.8 Resolution Request"),
	                 count_of(c->trace.text, "H1 sent 2.2.2.2 Resolution Request"));
	assert_in_range(count_of(c->trace.text, "H1 sent 2.2.2.2 Resolution Request"), 5, 7);
	assert_int_equal(count_of(c->trace.text, "H1 set-peer 10.10.10.8"), 0);
	assert_int_equal(cloud_drops(c, H1, DROP_UNPROTECTED), 6 * NHRP_PATHLESS_S - 1);
}

/* T asked H1 first, by H2: that H2 knows T is H1's conclusion, not H2's word. */
static void what_came_with_a_request_is_asked_for(void **state)
{
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, true, &s, &t);
	cloud_want(c, t, "10.10.10.1");
	run_apart(c, 1000, &c->router[H1].nbma, &c->router[t].nbma);
	assert_null(strstr(c->trace.text, "H1 set-peer 10.10.10.8"));
	c->lose = 1;
	for (int i = 0; i < 5; i++) { /* and not with each packet */
		cloud_want(c, H1, "10.10.10.8");
		run_apart(c, 200, &c->router[H1].nbma, &c->router[t].nbma);
	}
	assert_int_equal(cloud_drops(c, H1, DROP_UNPROTECTED), 5);
	cloud_quiet(c);
	run_apart(c, NHRP_PATHLESS_S * 1000, &c->router[H1].nbma, &c->router[t].nbma);
	assert_non_null(strstr(c->trace.text, "H1 set-peer 10.10.10.8 2.2.2.2 via-nhs\n"));
}

/* A request of S takes it as well, and the reply to it comes back by the hubs that it went by. */
static void a_request_takes_it_too(void **state)
{
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, false, &s, &t);
	cloud_want(c, H1, "10.10.10.8");
	run_apart(c, 1000, &c->router[H1].nbma, &c->router[t].nbma);
	cloud_quiet(c);
	cloud_want(c, s, "10.10.10.8");
	run_apart(c, 70, &c->router[H1].nbma, &c->router[t].nbma);
	cloud_expect(c, "   4.000 S sent 1.1.1.1 Resolution Request 3 10.10.10.8\n"
	                "   4.000 S set-peer 10.10.10.8 1.1.1.1 via-nhs\n"
	                "   4.010 H1 forwarded 2.2.2.2 Resolution Request 3 10.10.10.8\n"
	                "   4.020 H2 forwarded 8.8.8.8 Resolution Request 3 10.10.10.8\n"
	                "   4.030 T sent 2.2.2.2 Resolution Reply 3\n"
	                "   4.030 T set-peer 10.10.10.9 2.2.2.2 via-nhs\n"
	                "   4.040 H2 forwarded 1.1.1.1 Resolution Reply 3\n"
	                "   4.050 H1 forwarded 9.9.9.9 Resolution Reply 3\n"
	                "   4.060 S set-peer 10.10.10.8 1.1.1.1 via-nhs\n");
}

/* Likewise one for a network that the route leads to T for. */
static void a_routed_request_takes_it_too(void **state)
{
	static const char *const by_t[CLOUD_LINES_MAX] = { "192.168.8.0/24 10.10.10.8" };
	static const char *const at_t[CLOUD_LINES_MAX] = { "192.168.8.0/24 local" };
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, false, &s, &t);
	cloud_reroute(c, H1, by_t);
	cloud_reroute(c, H2, by_t);
	cloud_reroute(c, t, at_t);
	cloud_want(c, H1, "10.10.10.8");
	run_apart(c, 1000, &c->router[H1].nbma, &c->router[t].nbma);
	cloud_quiet(c);
	request_of(c, H1, "9.9.9.9", "192.168.8.7");
	run_apart(c, 15, &c->router[H1].nbma, &c->router[t].nbma);
	cloud_expect(c, "   4.000 H1 forwarded 2.2.2.2 Resolution Request 9 192.168.8.7\n"
	                "   4.010 H2 forwarded 8.8.8.8 Resolution Request 9 192.168.8.7\n");
}

/* H2 has nobody to ask, and S may be reached in a moment: T gets no answer that it would keep. */
static void no_refusal_while_a_path_waits(void **state)
{
	static const char *const by_s[CLOUD_LINES_MAX] = { "192.168.9.0/24 10.10.10.9" };
	struct cloud *c = *state;
	size_t s, t;

	add_protected(c, false, &s, &t);
	cloud_want(c, s, "10.10.10.2");
	run_apart(c, 1000, &c->router[H2].nbma, &c->router[s].nbma);
	cloud_quiet(c);
	cloud_want(c, t, "10.10.10.9");
	run_apart(c, 100, &c->router[H2].nbma, &c->router[s].nbma);
	cloud_expect(c, "   4.000 T sent 2.2.2.2 Resolution Request 3 10.10.10.9\n"
	                "   4.000 T set-peer 10.10.10.9 2.2.2.2 via-nhs\n");
	assert_int_equal(cloud_drops(c, H2, DROP_UNPROTECTED), 1);
	/* Nor for a network behind it. */
	cloud_reroute(c, H2, by_s);
	request_of(c, H2, "8.8.8.8", "192.168.9.7");
	cloud_expect(c, "");
	assert_int_equal(cloud_drops(c, H2, DROP_UNPROTECTED), 2);
}

/* S is H1's, T is H3's, and H1 asks H2 first: it goes on to where it has not been. */
static void a_request_goes_round_the_hubs_once(void **state)
{
	struct cloud *c = *state;

	add_hubs(c, 3);
	size_t s = cloud_add(c, &spoke);
	cloud_add(c, &far_spoke);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_want(c, s, "10.10.10.8");
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 S sent 1.1.1.1 Resolution Request 3 10.10.10.8\n"
	                "   6.000 S set-peer 10.10.10.8 1.1.1.1 via-nhs\n"
	                "   6.010 H1 forwarded 2.2.2.2 Resolution Request 3 10.10.10.8\n"
	                "   6.020 H2 forwarded 3.3.3.3 Resolution Request 3 10.10.10.8\n"
	                "   6.030 H3 forwarded 8.8.8.8 Resolution Request 3 10.10.10.8\n"
	                "   6.040 T sent 9.9.9.9 Resolution Reply 3\n"
	                "   6.040 T set-peer 10.10.10.9 9.9.9.9 resolved\n"
	                "   6.040 T nhp-up 10.10.10.9 9.9.9.9\n"
	                "   6.050 S set-peer 10.10.10.8 8.8.8.8 resolved\n"
	                "   6.050 S nhp-up 10.10.10.8 8.8.8.8\n");
	cloud_want(c, s, "10.10.10.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   7.000 S sent 1.1.1.1 Resolution Request 4 10.10.10.7\n"
	                "   7.000 S set-peer 10.10.10.7 1.1.1.1 via-nhs\n"
	                "   7.010 H1 forwarded 2.2.2.2 Resolution Request 4 10.10.10.7\n"
	                "   7.020 H2 forwarded 3.3.3.3 Resolution Request 4 10.10.10.7\n"
	                "   7.030 H3 sent 9.9.9.9 Resolution Reply 4 code 12\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cloud_unit_test(nothing_goes_by_a_hub_that_is_a_client),
		cloud_unit_test(what_waits_is_asked_for_at_once),
		cloud_unit_test(a_hub_that_turns_client_gives_them_up),
		cloud_unit_test(who_has_clients_waits),
		cloud_unit_test(who_does_not_ask_does_not_wait),
		cloud_unit_test(what_is_reached_by_its_hub_only),
		cloud_unit_test(what_its_nat_shuts_in),
		cloud_unit_test(a_path_without_protection_takes_the_way_of_its_answer),
		cloud_unit_test(a_path_without_protection_takes_the_way_of_its_request),
		cloud_unit_test(a_path_without_protection_goes_by_a_client_that_knows_it),
		cloud_unit_test(who_is_relied_on_asks_first),
		cloud_unit_test(a_client_further_off_is_no_way),
		cloud_unit_test(what_came_with_a_request_is_asked_for),
		cloud_unit_test(a_request_takes_it_too),
		cloud_unit_test(a_routed_request_takes_it_too),
		cloud_unit_test(no_refusal_while_a_path_waits),
		cloud_unit_test(a_request_goes_round_the_hubs_once),
	};
	return cmocka_run_group_tests_name("nhrp/detour", tests, NULL, NULL);
}
