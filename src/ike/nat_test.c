/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/child.h"
#include "ike/host.h"
#include "ike/nat.h"
#include "ike/pair_test.h"
#include "ike/sa.h"
#include "ike/v1_info.h"

enum { OTHER = 2 }; /* a second spoke */

static const struct pair_spec HUB_SHORT = {
	.source = "1.1.1.2",
	.n_policies = 1,
	.policy = { { .lifetime_s = 600 } },
	.lifetime_s = 300,
};

/* Spokes behind one address, each with ports of its own. */
static void behind_nat(struct pair *p, const struct pair_spec *hub, int n_spokes)
{
	static const char *const inside[] = { "192.168.1.2", "192.168.1.3" };

	pair_init(p, 1);
	pair_add(p, hub);
	for (int i = 0; i < n_spokes; i++) {
		struct pair_spec spoke = *hub;
		spoke.source = inside[i];
		p->nat[i].inside = addr_v4(192, 168, 1, (uint8_t)(2 + i));
		p->nat[i].outside = addr_v4(9, 9, 9, 9);
		p->nat[i].port_offset = (uint16_t)(20000 + 10000 * i);
		p->n_nat++;
		pair_want(p, pair_add(p, &spoke), HUB);
		pair_run(p, 2000);
	}
}

static void both_ends_see_the_nat_and_use_udp(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_true(pair_sa(&p, SPOKE)->behind_nat);
	assert_true(pair_sa(&p, HUB)->peer_behind_nat);
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->udp_port, 4500);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 24500);
	assert_true(addr_equal(&pair_outbound(&p, HUB, SPOKE)->remote, &p.nat[0].outside));
	assert_true(addr_equal(&pair_outbound(&p, HUB, SPOKE)->inner_remote, &p.nat[0].inside));
	assert_true(addr_equal(&pair_outbound(&p, SPOKE, HUB)->inner_local, &p.nat[0].inside));
	pair_fini(&p);
}

static void without_nat_there_is_no_udp(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	assert_int_equal(pair_sa(&p, HUB)->nat, IKE_NAT_RFC);
	assert_false(ike_nat_is_there(pair_sa(&p, HUB)));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->udp_port, 0);
	pair_fini(&p);
}

static void keepalives_come_from_behind_the_nat_only(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	size_t hub = p.end[HUB].n_packets, spoke = p.end[SPOKE].n_packets;
	pair_run(&p, 61000);
	assert_int_equal(p.end[HUB].n_packets, hub);
	assert_int_equal(p.end[SPOKE].n_packets, spoke + 3);
	assert_int_equal(p.last_len, 1);
	assert_int_equal(p.last[0], 0xff);
	pair_fini(&p);
}

static void keepalives_come_as_often_as_configured(void **state)
{
	struct pair_spec spec = HUB_SPEC;
	struct pair p;

	(void)state;
	spec.also.nat_keepalive_s = 5;
	behind_nat(&p, &spec, 1);
	size_t spoke = p.end[SPOKE].n_packets;
	pair_run(&p, 61000);
	assert_int_equal(p.end[SPOKE].n_packets, spoke + 12);
	pair_fini(&p);
}

/* `udp-encapsulation force` at one end is enough for both. */
static void forced_udp(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.also.force_udp = true;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->udp_port, 4500);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 4500);
	pair_fini(&p);
}

/* Whether the spoke's inbound SA is one that the hub sends to, and the other way round. */
static bool both_ways(const struct pair *p, int spoke)
{
	const struct ike_child *child = pair_child(p, spoke);

	for (const struct ike_child *c = p->end[HUB].ike->children; c; c = c->hh.next)
		for (const struct ike_child *s = child; s; s = s->hh.next)
			if (c->spi_in == s->spi_out && c->spi_out == s->spi_in && !c->old &&
			    !s->old)
				return true;
	return false;
}

/* RFC 3947 4: from port 4500, to the port that is known. */
static void renewal_through_a_nat(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SHORT, 1);
	for (int i = 0; i < 1300; i++) {
		pair_run(&p, 1000);
		assert_true(pair_agrees(&p, SPOKE, HUB) && pair_agrees(&p, HUB, SPOKE));
	}
	assert_true(pair_traced(&p, HUB, "ike-up\nipsec-up\nipsec-up rekeyed\nike-up\n"));
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
	assert_int_equal(p.end[HUB].ike->counters.failed + p.end[SPOKE].ike->counters.failed, 0);
	pair_fini(&p);
}

static void renewal_from_outside_the_nat(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	uint32_t ike_id = pair_sa(&p, HUB)->id, spi = pair_outbound(&p, HUB, SPOKE)->spi;
	struct ike *ike = pair_begin_step(&p, HUB);
	pair_sa(&p, HUB)->renew_at = ike->now.mono;
	ike_sa_arm(ike, pair_sa(&p, HUB));
	pair_end_step(&p, HUB);
	pair_run(&p, 2000);
	assert_int_not_equal(ike_host_standing(pair_child(&p, HUB)->host)->id, ike_id);
	pair_begin_step(&p, HUB);
	ike_child_renew_now(ike, pair_child(&p, HUB));
	pair_end_step(&p, HUB);
	pair_run(&p, 2000);
	assert_int_not_equal(pair_outbound(&p, HUB, SPOKE)->spi, spi);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	/* The spoke is asked for the address that it has itself. */
	assert_true(addr_equal(&pair_outbound(&p, HUB, SPOKE)->inner_remote, &p.nat[0].inside));
	assert_true(addr_equal(&pair_outbound(&p, SPOKE, HUB)->inner_local, &p.nat[0].inside));
	assert_int_equal(ike->counters.failed, 0);
	pair_fini(&p);
}

/* All pairs are gone: the hub knows the spoke's own address as its identity. */
static void a_new_pair_from_outside_the_nat(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	pair_want(&p, HUB, SPOKE);
	p.end[SPOKE].ike->peers->n_wants = 0; /* it leaves the beginning to the hub */
	pair_event(&p, HUB,
	           &(struct node_event){ .type = NODE_CLEAR_CRYPTO,
	                                 .clear_crypto.what = NODE_CLEAR_IPSEC });
	pair_run(&p, 3000);
	assert_true(pair_child(&p, HUB)->initiator);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_true(addr_equal(&pair_outbound(&p, HUB, SPOKE)->inner_remote, &p.nat[0].inside));
	pair_fini(&p);
}

/* The NAT forgets, and gives the spoke another port: the hub follows what is authenticated. */
static void a_port_that_changes(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	p.nat[0].port_offset = 21000;
	uint32_t spi = pair_outbound(&p, HUB, SPOKE)->spi;
	for (uint64_t i = 1; i <= 15; i++) {
		pair_run(&p, 1000);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 0, i, 100 * i });
	}
	assert_int_equal(p.end[HUB].n_moves, 1);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 25500);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->spi, spi);
	assert_int_equal(pair_sa(&p, HUB)->path.to_port, 25500);
	assert_int_equal(p.end[SPOKE].n_down, 0);
	pair_fini(&p);
}

static void esp_came_from(struct pair *p, int to, const struct node_sa *out, uint16_t port)
{
	struct node_event event = { .type = NODE_SA_MOVED };

	event.moved.id = out->id - 1;
	event.moved.from = out->remote;
	event.moved.udp_port = port;
	pair_event(p, to, &event);
}

/* RFC 3948 4.1: the hub hears nothing but ESP, and yet answers where that came from. */
static void esp_alone_from_another_port(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	size_t n = p.end[SPOKE].n_packets;
	p.nat[0].port_offset = 21000;
	esp_came_from(&p, HUB, pair_outbound(&p, HUB, SPOKE), 25500);
	assert_int_equal(p.end[SPOKE].n_packets, n);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 25500);
	assert_int_equal((pair_outbound(&p, HUB, SPOKE) - 1)->udp_port, 25500);
	assert_int_equal(p.end[HUB].n_moves, 1);
	/* What IKE sends now goes there as well. */
	assert_int_equal(pair_sa(&p, HUB)->path.to_port, 25500);
	struct ike *ike = pair_begin_step(&p, HUB);
	ike_child_renew_now(ike, pair_child(&p, HUB));
	pair_end_step(&p, HUB);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_true(pair_traced(&p, HUB, "ipsec-up rekeyed"));
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
	pair_fini(&p);
}

struct heard {
	uint8_t bytes[PAIR_BYTES_MAX];
	size_t len;
};

static struct heard latest(const struct pair *p)
{
	struct heard h = { .len = p->last_len };

	memcpy(h.bytes, p->last, h.len);
	return h;
}

static void repeat(struct pair *p, const struct heard *h, uint16_t port)
{
	const struct node_event event = {
		.type = NODE_IKE_PACKET,
		.ike = { { p->nat[0].outside, p->end[HUB].address, port, 4500 }, h->bytes, h->len },
	};

	pair_event(p, HUB, &event);
}

static struct heard ask(struct pair *p, uint32_t number)
{
	const struct ike_notify question = { .type = IKE_NOTIFY_R_U_THERE,
		                             .has_number = true,
		                             .number = number };
	struct ike *ike = pair_begin_step(p, SPOKE);

	ike_info_notify(ike, pair_sa(p, SPOKE), &question);
	pair_end_step(p, SPOKE);
	const struct heard h = latest(p);
	pair_run(p, 30);
	return h;
}

static struct heard begin_quick(struct pair *p)
{
	struct ike *ike = pair_begin_step(p, SPOKE);

	ike_child_renew_now(ike, pair_child(p, SPOKE));
	pair_end_step(p, SPOKE);
	const struct heard h = latest(p);
	pair_run(p, 2000);
	return h;
}

/* Who has written down what the spoke said says it again, when its message ids are forgotten. */
static void old_messages_move_nothing(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	const struct heard quick = begin_quick(&p), question = ask(&p, 1);
	assert_true(pair_traced(&p, HUB, "ipsec-up rekeyed"));
	for (uint32_t i = 0; i < IKE_SEEN_INFOS; i++)
		ask(&p, 2 + i);
	const mono heard_at = pair_sa(&p, HUB)->host->heard_at;
	const size_t n = p.end[HUB].n_packets, n_inbound = pair_count(&p, HUB, false);
	pair_run(&p, 1000);
	repeat(&p, &question, 6666);
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	assert_int_equal(p.last_path.to_port, 24500);
	repeat(&p, &quick, 6666);
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_REPLAYED), 1);
	assert_int_equal(pair_count(&p, HUB, false), n_inbound);
	assert_int_equal(p.end[HUB].n_moves, 0);
	assert_int_equal(pair_sa(&p, HUB)->path.to_port, 24500);
	assert_int_equal(pair_sa(&p, HUB)->host->heard_at.ns, heard_at.ns);
	pair_fini(&p);
}

/* Not so what it says now: the answer goes there, and all else. */
static void a_new_question_moves_its_peer(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	ask(&p, 1);
	p.nat[0].port_offset = 21000;
	const size_t n = p.end[HUB].n_packets;
	ask(&p, 2);
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	assert_int_equal(p.last_path.to_port, 25500);
	assert_int_equal(pair_sa(&p, HUB)->path.to_port, 25500);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 25500);
	pair_fini(&p);
}

/* And by quick mode from message 3 on, which none but the peer can have made. */
static void a_quick_mode_moves_its_peer(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	p.nat[0].port_offset = 21000;
	begin_quick(&p);
	pair_run(&p, 20000);
	assert_true(pair_traced(&p, HUB, "ipsec-up rekeyed"));
	assert_int_equal(pair_sa(&p, HUB)->path.to_port, 25500);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

/* A peer that is behind no NAT stays, though we are behind one. */
static void ike_from_who_cannot_move(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	struct ike *ike = pair_begin_step(&p, HUB);
	ike_info_notify(ike, pair_sa(&p, HUB),
	                &(struct ike_notify){
				.type = IKE_NOTIFY_R_U_THERE, .has_number = true, .number = 7 });
	pair_end_step(&p, HUB);
	const struct node_event event = {
		.type = NODE_IKE_PACKET,
		.ike = { { p.end[HUB].address, p.end[SPOKE].address, 6666, 4500 },
		         p.last,
		         p.last_len },
	};
	pair_event(&p, SPOKE, &event);
	assert_int_equal(p.end[SPOKE].n_moves, 0);
	assert_int_equal(pair_sa(&p, SPOKE)->path.to_port, 4500);
	pair_fini(&p);
}

/* A step's output may be full: the data plane asks again, and is told again. */
static void the_place_is_told_again(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	esp_came_from(&p, HUB, pair_outbound(&p, HUB, SPOKE), 24500);
	assert_int_equal(p.end[HUB].n_moves, 1);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 24500);
	pair_fini(&p);
}

/* The hub is not behind a NAT: whoever sends in its name from elsewhere turns nothing away. */
static void a_peer_that_cannot_move(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	esp_came_from(&p, SPOKE, pair_outbound(&p, SPOKE, HUB), 6666);
	assert_int_equal(p.end[SPOKE].n_moves, 0);
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->udp_port, 4500);
	pair_fini(&p);
}

/* Packets of a pair that has been replaced may have been held back since before the peer moved. */
static void an_old_pair_moves_nothing(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	const struct node_sa before = *pair_outbound(&p, HUB, SPOKE);
	struct ike *ike = pair_begin_step(&p, HUB);
	ike_child_renew_now(ike, pair_child(&p, HUB));
	pair_end_step(&p, HUB);
	pair_run(&p, 10000);
	assert_int_not_equal(pair_outbound(&p, HUB, SPOKE)->spi, before.spi);
	assert_true(ike_child_find(ike, before.id - 1)->old);
	esp_came_from(&p, HUB, &before, 6666);
	assert_int_equal(p.end[HUB].n_moves, 0);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 24500);
	assert_int_equal(pair_sa(&p, HUB)->path.to_port, 24500);
	pair_fini(&p);
}

/* The pair that the views have with one of the hub's peers, and its IKE SA by what tells peers
 * apart. */
static bool is_seen_with_its_sa(const struct pair *p, int spoke)
{
	struct node_cursor pairs = { 0 }, sas = { 0 };
	struct ipsec_view v;
	struct ike_sa_view sa;

	do {
		if (!ike_next_ipsec(p->end[HUB].ike, &pairs, &v))
			return false;
	} while (v.spi_out != pair_child(p, spoke)->spi_in);
	while (ike_next_sa(p->end[HUB].ike, &sas, &sa))
		if (sa.id == v.ike_id)
			return v.nat_port && v.nat_port == sa.nat_port &&
			       addr_equal(&v.at, &sa.remote);
	return false;
}

static void two_peers_behind_one_address(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SHORT, 2);
	assert_int_equal(HASH_COUNT(p.end[HUB].ike->peers), 2);
	assert_true(is_seen_with_its_sa(&p, SPOKE) && is_seen_with_its_sa(&p, OTHER));
	for (int i = 0; i < 1300; i++) {
		pair_run(&p, 1000);
		assert_true(both_ways(&p, SPOKE) && both_ways(&p, OTHER));
	}
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down + p.end[OTHER].n_down, 0);
	assert_int_equal(p.end[HUB].ike->counters.failed, 0);
	assert_int_equal(HASH_COUNT(p.end[HUB].ike->peers), 2);
	pair_fini(&p);
}

/* Either by its own address, by which the hub calls the second, or both by that which they share.
 */
static void two_peers_are_cleared(void **state)
{
	const struct addr shared = addr_v4(9, 9, 9, 9), own = addr_v4(192, 168, 1, 3);
	struct node_event event = { .type = NODE_CLEAR_CRYPTO };

	(void)state;
	event.clear_crypto.what = NODE_CLEAR_SESSION;
	for (int both = 0; both <= 1; both++) {
		struct pair p;
		behind_nat(&p, &HUB_SPEC, 2);
		uint32_t spoke = pair_sa(&p, SPOKE)->id, other = pair_sa(&p, OTHER)->id;
		event.clear_crypto.remote = both ? shared : own;
		pair_event(&p, HUB, &event);
		pair_run(&p, 3000);
		assert_true(both_ways(&p, SPOKE) && both_ways(&p, OTHER));
		assert_int_equal(pair_sa(&p, SPOKE)->id != spoke, both);
		assert_int_not_equal(pair_sa(&p, OTHER)->id, other);
		assert_int_equal(p.end[HUB].n_down, 1 + both);
		pair_fini(&p);
	}
}

/* By which the hub sends to a spoke. */
static const struct node_sa *sent_to(const struct pair *p, int spoke)
{
	for (size_t i = 0; i < PAIR_SAS_MAX; i++) {
		const struct node_sa *out = &p->end[HUB].sa[i];
		if (out->id && out->outbound && out->spi == pair_child(p, spoke)->spi_in)
			return out;
	}
	return NULL;
}

/* Each of them is followed, though the port that it comes to was the other's. */
static void two_peers_change_places(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SHORT, 2);
	p.nat[0].port_offset = 30000;
	p.nat[1].port_offset = 20000;
	esp_came_from(&p, HUB, sent_to(&p, SPOKE), 34500);
	esp_came_from(&p, HUB, sent_to(&p, OTHER), 24500);
	assert_int_equal(sent_to(&p, SPOKE)->udp_port, 34500);
	assert_int_equal(sent_to(&p, OTHER)->udp_port, 24500);
	for (int i = 0; i < 1300; i++) {
		pair_run(&p, 1000);
		assert_true(both_ways(&p, SPOKE) && both_ways(&p, OTHER));
	}
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down + p.end[OTHER].n_down, 0);
	assert_int_equal(p.end[HUB].ike->counters.failed, 0);
	pair_fini(&p);
}

/* One of them starts anew: what the other has stays. */
static void one_of_two_peers_restarts(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 2);
	uint32_t spi = pair_child(&p, OTHER)->spi_in;
	pair_restart(&p, SPOKE);
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 3000);
	assert_true(both_ways(&p, SPOKE) && both_ways(&p, OTHER));
	assert_int_equal(pair_child(&p, OTHER)->spi_in, spi);
	assert_int_equal(pair_count(&p, HUB, true), 2);
	p.nat[0].port_offset = 40000;
	pair_restart(&p, SPOKE);
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 3000);
	assert_true(both_ways(&p, SPOKE) && both_ways(&p, OTHER));
	assert_int_equal(pair_count(&p, HUB, true), 2);
	pair_fini(&p);
}

/* ESP that the hub has no association for. */
static void unknown_esp(struct pair *p, uint16_t port, uint32_t spi)
{
	const struct node_event event = {
		.type = NODE_SA_UNKNOWN,
		.unknown = { p->nat[0].outside, p->end[HUB].address, spi, port },
	};

	pair_event(p, HUB, &event);
}

/* The NATs let it in only where their spokes have sent from. */
static void a_hub_restarts_before_two_peers(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 2);
	pair_restart(&p, HUB);
	unknown_esp(&p, 24500, pair_child(&p, SPOKE)->spi_out);
	unknown_esp(&p, 34500, pair_child(&p, OTHER)->spi_out);
	pair_run(&p, 1000);
	assert_true(both_ways(&p, SPOKE) && both_ways(&p, OTHER));
	assert_int_equal(pair_count(&p, HUB, true), 2);
	pair_fini(&p);
}

/* What the first has by then is the first's: the other drops all of its own. */
static void a_hub_restarts_before_one_peer_and_another(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 2);
	pair_restart(&p, HUB);
	unknown_esp(&p, 24500, pair_child(&p, SPOKE)->spi_out);
	pair_run(&p, 1000);
	uint32_t spi = pair_child(&p, SPOKE)->spi_in;
	unknown_esp(&p, 34500, 0x12345678);
	pair_run(&p, 1000);
	assert_true(both_ways(&p, SPOKE) && both_ways(&p, OTHER));
	assert_int_equal(pair_child(&p, SPOKE)->spi_in, spi);
	assert_int_equal(pair_count(&p, HUB, true), 2);
	pair_fini(&p);
}

/* A NAT lets in by two ports, and the pair by the one is healthy. */
static void a_forged_port_that_leads_to_a_peer(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	p.nat[p.n_nat] = p.nat[0];
	p.nat[p.n_nat++].port_offset = 30000;
	unknown_esp(&p, 34500, 0x12345678);
	pair_run(&p, 300000);
	assert_int_equal(p.end[SPOKE].ike->counters.main_mode_done, 2);
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
	assert_true(both_ways(&p, SPOKE));
	pair_fini(&p);
}

/* The hub lacks one pair only: it tells the one whose port it came from. */
static void one_of_two_peers_is_told(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 2);
	size_t n = p.end[HUB].n_packets;
	unknown_esp(&p, 34500, pair_child(&p, OTHER)->spi_out);
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	assert_int_equal(p.last_path.to_port, 34500);
	pair_run(&p, 1000);
	assert_false(pair_traced(&p, SPOKE, "ipsec-down"));
	assert_true(pair_traced(&p, OTHER, "ipsec-down"));
	assert_true(both_ways(&p, OTHER));
	pair_fini(&p);
}

static void forged_ports_are_dialled_rarely(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	pair_restart(&p, HUB);
	size_t n = p.end[HUB].n_packets;
	for (uint16_t port = 1000; port < 1100; port++)
		unknown_esp(&p, port, 0x12345678);
	assert_int_equal(p.end[HUB].n_packets, n + IKE_INVALID_SPI_PORTS);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_RATE), 100 - IKE_INVALID_SPI_PORTS);
	/* Nobody answers, and a main mode lasts for several windows. */
	for (int window = 0; window < 5; window++) {
		pair_run(&p, IKE_INVALID_SPI_S * 1000);
		for (uint16_t port = 2000; port < 2100; port++)
			unknown_esp(&p, port, 0x12345678);
		assert_int_equal(p.end[HUB].ike->n_half_open, IKE_INVALID_SPI_PORTS);
	}
	pair_run(&p, IKE_INVALID_SPI_S * 1000);
	unknown_esp(&p, 24500, pair_child(&p, SPOKE)->spi_out);
	pair_run(&p, 1000);
	assert_true(both_ways(&p, SPOKE));
	pair_fini(&p);
}

/* Hub and a spoke behind NAT, and nothing between them yet. */
static void strangers(struct pair *p, uint64_t seed)
{
	struct pair_spec spoke = SPOKE_SPEC;

	pair_init(p, seed);
	pair_add(p, &HUB_SPEC);
	spoke.source = "192.168.1.2";
	p->nat[p->n_nat++] = (struct pair_nat){ .inside = addr_v4(192, 168, 1, 2),
		                                .outside = addr_v4(9, 9, 9, 9),
		                                .port_offset = 20000 };
	pair_add(p, &spoke);
}

static void a_peer_is_dialled_at_its_place(void **state)
{
	const struct udp_place place = { addr_v4(9, 9, 9, 9), 24500 };
	struct pair p;

	(void)state;
	strangers(&p, 1);
	pair_want_at(&p, HUB, &place.addr, &place);
	assert_int_equal(p.last_path.from_port, 4500);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, HUB, SPOKE));
	assert_true(udp_place_equal(&p.end[HUB].told, &place));
	assert_int_equal(p.end[SPOKE].told.port, 0);
	pair_fini(&p);
}

/* What has been said in vain to another place ends without a word. */
static void another_place_is_better(void **state)
{
	const struct udp_place place = { addr_v4(9, 9, 9, 9), 24500 };
	struct pair p;

	(void)state;
	strangers(&p, 1);
	pair_want_at(&p, HUB, &place.addr, &(struct udp_place){ addr_v4(8, 8, 8, 8), 1 });
	pair_run(&p, 500);
	pair_want_at(&p, HUB, &place.addr, &place);
	pair_run(&p, 60000);
	assert_true(pair_is_joined(&p, HUB, SPOKE));
	assert_int_equal(p.end[HUB].ike->counters.failed, 0);
	assert_int_equal(HASH_COUNT(p.end[HUB].ike->sas), 1);
	pair_fini(&p);
}

/* A second peer behind an address is wanted by another one, and is found at its place. */
static void a_place_under_another_address(void **state)
{
	const struct udp_place place = { addr_v4(9, 9, 9, 9), 24500 };
	const struct addr own = addr_v4(192, 168, 1, 2);
	struct pair p;

	(void)state;
	for (uint64_t seed = 1; seed < 9; seed++) { /* by the one's quick mode or the other's */
		strangers(&p, seed);
		pair_want_at(&p, HUB, &own, &place);
		pair_want(&p, SPOKE, HUB);
		pair_run(&p, 5000);
		assert_true(ike_is_up(p.end[HUB].ike, 0, &own));
		assert_false(ike_is_up(p.end[HUB].ike, 0, &place.addr));
		pair_fini(&p);
	}
}

static void place_and_port_500_by_turns(void **state)
{
	const struct udp_place place = { addr_v4(9, 9, 9, 9), 24500 };
	struct pair p;

	(void)state;
	strangers(&p, 1);
	p.cut = true;
	pair_want_at(&p, HUB, &place.addr, &place);
	pair_run(&p, 60000);
	assert_int_equal(p.last_path.to_port, 500);
	for (int i = 0; i < 60 && p.last_path.to_port == 500; i++)
		pair_run(&p, 1000);
	p.cut = false;
	pair_run(&p, 5000);
	assert_true(pair_is_joined(&p, HUB, SPOKE));
	pair_fini(&p);
}

static void who_moves_is_told_of(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, &HUB_SPEC, 1);
	assert_int_equal(p.end[HUB].told.port, 24500);
	p.nat[0].port_offset = 21000;
	esp_came_from(&p, HUB, pair_outbound(&p, HUB, SPOKE), 25500);
	assert_int_equal(p.end[HUB].told.port, 25500);
	assert_int_equal(p.end[HUB].n_up, 2);
	assert_int_equal(p.end[HUB].n_down, 0);
	pair_fini(&p);
}

static void a_router_that_speaks_no_nat_traversal(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.also.no_nat_transparency = true;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_sa(&p, HUB)->nat, IKE_NAT_NONE);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_see_the_nat_and_use_udp),
		cmocka_unit_test(without_nat_there_is_no_udp),
		cmocka_unit_test(keepalives_come_from_behind_the_nat_only),
		cmocka_unit_test(keepalives_come_as_often_as_configured),
		cmocka_unit_test(forced_udp),
		cmocka_unit_test(renewal_through_a_nat),
		cmocka_unit_test(renewal_from_outside_the_nat),
		cmocka_unit_test(a_new_pair_from_outside_the_nat),
		cmocka_unit_test(a_port_that_changes),
		cmocka_unit_test(esp_alone_from_another_port),
		cmocka_unit_test(old_messages_move_nothing),
		cmocka_unit_test(a_new_question_moves_its_peer),
		cmocka_unit_test(a_quick_mode_moves_its_peer),
		cmocka_unit_test(ike_from_who_cannot_move),
		cmocka_unit_test(the_place_is_told_again),
		cmocka_unit_test(a_peer_that_cannot_move),
		cmocka_unit_test(an_old_pair_moves_nothing),
		cmocka_unit_test(two_peers_behind_one_address),
		cmocka_unit_test(two_peers_are_cleared),
		cmocka_unit_test(two_peers_change_places),
		cmocka_unit_test(one_of_two_peers_restarts),
		cmocka_unit_test(a_hub_restarts_before_two_peers),
		cmocka_unit_test(a_hub_restarts_before_one_peer_and_another),
		cmocka_unit_test(a_forged_port_that_leads_to_a_peer),
		cmocka_unit_test(one_of_two_peers_is_told),
		cmocka_unit_test(forged_ports_are_dialled_rarely),
		cmocka_unit_test(a_peer_is_dialled_at_its_place),
		cmocka_unit_test(another_place_is_better),
		cmocka_unit_test(a_place_under_another_address),
		cmocka_unit_test(place_and_port_500_by_turns),
		cmocka_unit_test(who_moves_is_told_of),
		cmocka_unit_test(a_router_that_speaks_no_nat_traversal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
