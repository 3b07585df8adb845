/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong on the way and at the other end: loss, crossing, restarts, strangers. */
#include "ike/child.h"
#include "ike/host.h"
#include "ike/message.h"
#include "ike/pair_test.h"
#include "ike/peer.h"
#include "ike/v1_info.h"

static void bad_link(struct pair *p)
{
	p->loss_percent = 20;
	p->double_percent = 20;
	p->jitter_ms = 400;
}

static size_t n_standing(const struct pair *p, int i)
{
	size_t n = 0;

	for (const struct ike_sa *sa = pair_sa(p, i); sa; sa = sa->hh.next)
		n += sa->step == IKE_STANDS;
	return n;
}

static bool has_one_of_each(const struct pair *p)
{
	for (int i = HUB; i <= SPOKE; i++)
		if (pair_count(p, i, true) != 1 || pair_count(p, i, false) != 1 ||
		    n_standing(p, i) != 1)
			return false;
	return pair_is_joined(p, HUB, SPOKE);
}

/* A fifth is lost, a fifth doubled, order is what it is: pairs stand, and are renewed in time. */
static void a_bad_link(void **state)
{
	const struct pair_spec hub = { .source = "1.1.1.2", .lifetime_s = 600 };

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct pair p;
		int64_t up_ms = 0;
		pair_start(&p, seed, &hub, NULL);
		bad_link(&p);
		pair_want(&p, HUB, SPOKE);
		while (!(pair_agrees(&p, SPOKE, HUB) && pair_agrees(&p, HUB, SPOKE))) {
			pair_run(&p, 1000);
			up_ms += 1000;
			assert_true(up_ms < 120000);
		}
		for (int i = 0; i < 2000; i++) {
			pair_run(&p, 1000);
			assert_true(pair_agrees(&p, SPOKE, HUB));
			assert_true(pair_agrees(&p, HUB, SPOKE));
		}
		assert_true(pair_traced(&p, SPOKE, "ipsec-up rekeyed"));
		pair_fini(&p);
	}
}

/* Both begin within a round trip of each other: one IKE SA and one pair are left. */
static void both_begin_at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct pair p;
		pair_init(&p, seed);
		pair_add(&p, &HUB_SPEC);
		pair_add(&p, &SPOKE_SPEC);
		p.jitter_ms = seed % 3 ? 0 : 30;
		pair_want(&p, SPOKE, HUB);
		pair_run(&p, (int64_t)(seed % 60));
		pair_want(&p, HUB, SPOKE);
		pair_run(&p, 5000);
		assert_true(pair_is_joined(&p, HUB, SPOKE));
		pair_run(&p, 1000LL * (IKE_OLD_SA_S + IKE_OLD_SA_JITTER_S));
		assert_true(has_one_of_each(&p));
		assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
		pair_fini(&p);
	}
}

/* Likewise over a bad link, where the ends may differ for a while. */
static void both_begin_at_once_over_a_bad_link(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct pair p;
		pair_init(&p, seed);
		pair_add(&p, &HUB_SPEC);
		pair_add(&p, &SPOKE_SPEC);
		bad_link(&p);
		pair_want(&p, SPOKE, HUB);
		pair_run(&p, (int64_t)(seed * 7));
		pair_want(&p, HUB, SPOKE);
		pair_run(&p, 60000);
		p.loss_percent = p.double_percent = 0;
		pair_run(&p, 60000);
		assert_true(pair_agrees(&p, HUB, SPOKE) && pair_agrees(&p, SPOKE, HUB));
		pair_run(&p, 60000);
		assert_true(has_one_of_each(&p));
		pair_fini(&p);
	}
}

static void both_renew_at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 30; seed++) {
		struct pair p;
		pair_lab(&p, seed);
		for (int i = HUB; i <= SPOKE; i++) {
			struct ike *ike = pair_begin_step(&p, i);
			ike_child_renew_now(ike, pair_child(&p, i));
			pair_end_step(&p, i);
			pair_run(&p, (int64_t)seed);
		}
		for (int i = 0; i < 60; i++) {
			pair_run(&p, 1000);
			assert_true(pair_agrees(&p, HUB, SPOKE) && pair_agrees(&p, SPOKE, HUB));
		}
		assert_true(has_one_of_each(&p));
		pair_fini(&p);
	}
}

/* ---- restarts ---- */

static void a_spoke_restarts(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	pair_restart(&p, SPOKE);
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 2000);
	assert_true(has_one_of_each(&p));
	pair_fini(&p);
}

/* A hub that has forgotten all hears ESP that it does not know, and dials. */
static void a_hub_restarts(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	const struct node_event event = {
		.type = NODE_SA_UNKNOWN,
		.unknown = { p.end[SPOKE].address, p.end[HUB].address,
		             pair_outbound(&p, SPOKE, HUB)->spi, 0 },
	};
	pair_restart(&p, HUB);
	for (int i = 0; i < 20; i++)
		pair_event(&p, HUB, &event);
	assert_int_equal(p.end[HUB].ike->counters.sent, 1);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_RATE), 19);
	pair_run(&p, 3000);
	assert_true(has_one_of_each(&p));
	pair_fini(&p);
}

/* A port that is not the peer's, since it has no NAT: main mode is not begun for it. */
static void a_forged_port_of_who_has_no_nat(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	size_t n = p.end[HUB].n_packets;
	pair_event(&p, HUB,
	           &(struct node_event){ .type = NODE_SA_UNKNOWN,
	                                 .unknown = { p.end[SPOKE].address, p.end[HUB].address,
	                                              0x12345678, 4500 } });
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	assert_int_equal(p.last_path.to_port, 500);
	assert_int_equal(p.end[HUB].ike->n_half_open, 0);
	pair_run(&p, 2000);
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	assert_int_equal(p.end[SPOKE].n_down, 0);
	assert_true(has_one_of_each(&p));
	pair_fini(&p);
}

/* Whoever they seem to come from, half of what is half-open is left to those who ask us. */
static void forged_addresses_leave_room(void **state)
{
	struct node_event event = { .type = NODE_SA_UNKNOWN };
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	pair_add(&p, &SPOKE_SPEC);
	for (int i = 0; i < IKE_HALF_OPEN_MAX; i++) {
		event.unknown.from = addr_v4(10, 0, (uint8_t)(i >> 8), (uint8_t)i);
		event.unknown.to = p.end[HUB].address;
		event.unknown.spi = 0x12345678;
		pair_event(&p, HUB, &event);
		if (i % 100 == 0)
			pair_run(&p, p.delay_ms);
	}
	assert_int_equal(p.end[HUB].ike->n_half_open, IKE_RECOVERIES_MAX);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_RATE), IKE_RECOVERIES_MAX);
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 2000);
	assert_true(has_one_of_each(&p));
	pair_fini(&p);
}

static void recovery_can_be_switched_off(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.also.no_invalid_spi_recovery = true;
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 2000);
	pair_restart(&p, HUB);
	pair_event(&p, HUB,
	           &(struct node_event){
			   .type = NODE_SA_UNKNOWN,
			   .unknown = { p.end[SPOKE].address, p.end[HUB].address, 0x1234567, 0 } });
	assert_int_equal(p.end[HUB].n_packets, 4);
	pair_fini(&p);
}

/* Message 5 of a crossing main mode comes late, with INITIAL-CONTACT: what is newer stays. */
static struct pair_flying late;
static uint64_t spokes_cookie;

static void hold_message_5(struct pair *p, struct pair_flying *f)
{
	struct isakmp_header header;

	(void)p;
	if (isakmp_parse_header(f->bytes, f->len, &header) && header.exchange == ISAKMP_MAIN &&
	    header.flags & ISAKMP_FLAG_ENCRYPTED && f->path.from.bytes[0] == 2 &&
	    header.icookie == spokes_cookie) {
		late = *f;
		f->used = false;
	}
}

static void a_late_initial_contact(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, 3);
	pair_add(&p, &HUB_SPEC);
	pair_add(&p, &SPOKE_SPEC);
	p.mangle = hold_message_5;
	pair_want(&p, SPOKE, HUB);
	spokes_cookie = pair_sa(&p, SPOKE)->icookie;
	pair_run(&p, 5);
	pair_want(&p, HUB, SPOKE);
	pair_run(&p, 3500);
	p.mangle = NULL;
	assert_true(pair_agrees(&p, HUB, SPOKE));
	pair_event(&p, HUB,
	           &(struct node_event){ .type = NODE_IKE_PACKET,
	                                 .ike = { late.path, late.bytes, late.len } });
	assert_int_equal(p.end[HUB].n_down, 0);
	assert_false(pair_traced(&p, HUB, "down"));
	pair_run(&p, 60000);
	assert_true(has_one_of_each(&p));
	pair_fini(&p);
}

/* ---- strangers ---- */

/* The first message of the spoke's, as if from others. */
static void flood(struct pair *p, int n, bool one_address)
{
	struct node_ike_path path = p->last_path;
	uint8_t first[PAIR_BYTES_MAX];
	size_t len = p->last_len;

	memcpy(first, p->last, len);
	for (int i = 1; i <= n; i++) {
		if (!one_address)
			path.from = addr_v4(10, 0, (uint8_t)(i >> 8), (uint8_t)i);
		first[0] = (uint8_t)(i >> 8);
		first[1] = (uint8_t)i;
		const struct node_event event = { .type = NODE_IKE_PACKET,
			                          .ike = { path, first, len } };
		pair_event(p, HUB, &event);
	}
}

static void start_cut(struct pair *p, uint64_t seed)
{
	pair_init(p, seed);
	pair_add(p, &HUB_SPEC);
	pair_add(p, &SPOKE_SPEC);
	p->cut = true;
	pair_want(p, SPOKE, HUB);
}

static void half_open_exchanges_are_bounded(void **state)
{
	struct pair p;

	(void)state;
	start_cut(&p, 1);
	flood(&p, 20, true);
	assert_int_equal(p.end[HUB].ike->n_half_open, IKE_HALF_OPEN_PER_PEER);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_HALF_OPEN), 20 - IKE_HALF_OPEN_PER_PEER);
	pair_fini(&p);
	start_cut(&p, 2);
	flood(&p, 1500, false);
	assert_int_equal(p.end[HUB].ike->n_half_open, IKE_HALF_OPEN_MAX);
	pair_run(&p, 31000);
	assert_int_equal(p.end[HUB].ike->n_half_open, 0);
	assert_null(p.end[HUB].ike->hosts);
	assert_false(pair_traced(&p, HUB, "failed"));
	pair_fini(&p);
}

/* Strangers take each other's places, and so do those who pretend to be the peer. */
static void a_flood_does_not_keep_a_peer_out(void **state)
{
	struct pair p;

	(void)state;
	for (int one_address = 0; one_address < 2; one_address++) {
		start_cut(&p, 1);
		flood(&p, 1500, one_address);
		p.cut = false;
		pair_run(&p, 15000);
		assert_true(pair_is_joined(&p, HUB, SPOKE));
		assert_true(pair_dropped(&p, HUB, IKE_DROP_HALF_OPEN) > 0);
		pair_fini(&p);
	}
}

/* Who has shown that he is where he says he is keeps his place. */
static void a_flood_does_not_displace_a_peer_that_has_answered(void **state)
{
	struct pair p;

	(void)state;
	start_cut(&p, 1);
	uint8_t first[PAIR_BYTES_MAX];
	const size_t first_len = p.last_len;
	const struct node_ike_path path = p.last_path;
	memcpy(first, p.last, first_len);
	p.cut = false;
	pair_event(
		&p, HUB,
		&(struct node_event){ .type = NODE_IKE_PACKET, .ike = { path, first, first_len } });
	while (pair_sa(&p, HUB)->step != IKE_SENT_4)
		pair_run(&p, 1);
	memcpy(p.last, first, first_len);
	p.last_len = first_len;
	p.last_path = path;
	flood(&p, 20, true);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, HUB, SPOKE));
	pair_fini(&p);
}

/* Who pretends to be the peer cannot keep us from dialling it. */
static void a_flood_does_not_keep_us_from_dialling(void **state)
{
	struct pair p;

	(void)state;
	start_cut(&p, 1);
	flood(&p, 20, true);
	p.cut = false;
	pair_want(&p, HUB, SPOKE);
	pair_run(&p, 5000);
	assert_true(pair_agrees(&p, HUB, SPOKE) && pair_agrees(&p, SPOKE, HUB));
	pair_fini(&p);
}

/* Before the peer is proven reachable, no answer is longer than its question. */
static void nothing_is_amplified(void **state)
{
	struct pair_spec other = HUB_SPEC;
	struct pair p;

	(void)state;
	start_cut(&p, 1);
	size_t asked = p.last_len;
	flood(&p, 1, false);
	assert_true(p.last_path.from_port == 500 && p.last_len <= asked);
	size_t sent = p.end[HUB].n_packets;
	pair_run(&p, 25000);
	assert_int_equal(p.end[HUB].n_packets, sent); /* it does not send again by itself */
	pair_fini(&p);
	/* A refusal, too. */
	other.n_policies = 1;
	other.policy[0] = (struct snap_isakmp_policy){
		.has_encryption = true, .encryption = CIPHER_AES256, .has_group = true, .group = 19
	};
	pair_init(&p, 1);
	pair_add(&p, &other);
	pair_add(&p, &SPOKE_SPEC);
	p.cut = true;
	pair_want(&p, SPOKE, HUB);
	asked = p.last_len;
	flood(&p, 1, false);
	assert_int_equal(p.end[HUB].n_packets, 1);
	assert_true(p.last_len <= asked);
	pair_fini(&p);
}

/* ---- what peers may do ---- */

static void set_commit_bit(struct pair *p, struct pair_flying *f)
{
	(void)p;
	if (f->bytes[18] == ISAKMP_QUICK)
		f->bytes[19] |= ISAKMP_FLAG_COMMIT;
}

static void the_commit_bit_is_tolerated(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	p.mangle = set_commit_bit;
	pair_add(&p, &HUB_SPEC);
	pair_add(&p, &SPOKE_SPEC);
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	struct ike *ike = pair_begin_step(&p, HUB);
	ike_info_notify(ike, pair_sa(&p, HUB),
	                &(struct ike_notify){ .type = 16384 }); /* CONNECTED */
	pair_end_step(&p, HUB);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(p.end[SPOKE].ike->counters.failed, 0);
	pair_fini(&p);
}

/* The responder's shorter lifetimes reach the initiator. */
static void lifetimes_of_the_responder_count(void **state)
{
	const struct pair_spec hub = { .source = "1.1.1.2",
		                       .lifetime_s = 300,
		                       .lifetime_kb = 5000 };
	struct pair p;

	(void)state;
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 2000);
	assert_int_equal(pair_child(&p, SPOKE)->lifetime_s, 300);
	assert_int_equal(pair_child(&p, SPOKE)->lifetime_kb, 5000);
	assert_int_equal(pair_child(&p, HUB)->lifetime_s, 300);
	pair_fini(&p);
}

/* Renewals seconds apart: the oldest old pairs make room. */
static void renewals_in_a_row(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	for (int i = 0; i < 40; i++) {
		int who = i % 3 ? SPOKE : HUB;
		struct ike *ike = pair_begin_step(&p, who);
		ike_peer_renew(ike, ike->peers);
		pair_end_step(&p, who);
		uint32_t spi = pair_outbound(&p, who, !who)->spi;
		for (int k = 0; k < 10; k++) {
			pair_run(&p, 200);
			assert_true(pair_agrees(&p, HUB, SPOKE) && pair_agrees(&p, SPOKE, HUB));
		}
		assert_int_not_equal(pair_outbound(&p, who, !who)->spi, spi);
	}
	assert_true(pair_count(&p, HUB, false) <= IKE_CHILDREN_PER_PEER);
	assert_int_equal(p.end[HUB].ike->counters.failed + p.end[SPOKE].ike->counters.failed, 0);
	pair_fini(&p);
}

/* How many failures an end has told; and that one of them has these words. */
static size_t failures_with(const struct pair *p, int i, const char *words)
{
	const char *at = p->end[i].trace.text;
	size_t n = 0;

	assert_true(pair_traced(p, i, words));
	for (; (at = strstr(at, "ike-failed")); at++)
		n++;
	return n;
}

/* What differs is said in one line at each end, and kept for `show`. */
static void what_differs_is_told_once_at_each_end(void **state)
{
	static const struct {
		struct pair_spec hub;
		const char *at_hub, *at_spoke;
	} cases[] = {
		{ { .key = "another" }, "the keys differ", "the pre-shared keys differ" },
		{ { .n_policies = 1,
		    .policy = { { .has_encryption = true, .encryption = CIPHER_AES256 } } },
		  "encryption: offered",
		  "the peer admits none of our ISAKMP policies: encryption" },
		{ { .n_sets = 1, .set = { { .cipher = ESP_AES256, .auth = ESP_SHA1_96 } } },
		  "no IPsec proposal fits: transform",
		  "our IPsec proposals: transform" },
		{ { .pfs_group = 14 },
		  "no IPsec proposal fits: PFS: offered group 2, configured group 14",
		  "our IPsec proposals: PFS: offered group 2, configured group 14" },
		{ { .match = "3.3.3.3/32" },
		  "identity: offered 2.2.2.2, matched by no isakmp profile",
		  "the peer refuses us: identity: offered 2.2.2.2, matched by no isakmp profile" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pair_spec hub = cases[i].hub;
		struct node_cursor at_hub = { 0 }, at_spoke = { 0 };
		struct ike_failure_view view;
		struct pair p;
		hub.source = HUB_SPEC.source;
		pair_start(&p, i, &hub, NULL);
		pair_run(&p, 5000);
		assert_int_equal(failures_with(&p, HUB, cases[i].at_hub), 1);
		assert_int_equal(failures_with(&p, SPOKE, cases[i].at_spoke), 1);
		assert_true(ike_next_failure(p.end[HUB].ike, &at_hub, &view));
		assert_non_null(strstr(view.text, cases[i].at_hub));
		assert_non_null(view.advice);
		assert_true(ike_next_failure(p.end[SPOKE].ike, &at_spoke, &view));
		assert_non_null(strstr(view.text, cases[i].at_spoke));
		assert_int_equal(pair_count(&p, HUB, true) + pair_count(&p, SPOKE, true), 0);
		pair_fini(&p);
	}
}

static void lose_informational(struct pair *p, struct pair_flying *f)
{
	(void)p;
	if (f->bytes[18] == ISAKMP_INFORMATIONAL)
		f->used = false;
}

/* Who is not heard is asked again and fails again, and that is no news. */
static void what_differs_is_told_once_though_the_refusal_is_lost(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.key = "another";
	pair_init(&p, 1);
	p.mangle = lose_informational;
	pair_add(&p, &hub);
	pair_want(&p, pair_add(&p, &SPOKE_SPEC), HUB);
	pair_run(&p, 10000);
	assert_true(pair_sa(&p, SPOKE)->turn.tries > 1);
	assert_int_equal(failures_with(&p, HUB, "the keys differ"), 1);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_link),
		cmocka_unit_test(both_begin_at_once),
		cmocka_unit_test(both_begin_at_once_over_a_bad_link),
		cmocka_unit_test(both_renew_at_once),
		cmocka_unit_test(a_spoke_restarts),
		cmocka_unit_test(a_hub_restarts),
		cmocka_unit_test(a_forged_port_of_who_has_no_nat),
		cmocka_unit_test(forged_addresses_leave_room),
		cmocka_unit_test(recovery_can_be_switched_off),
		cmocka_unit_test(a_late_initial_contact),
		cmocka_unit_test(half_open_exchanges_are_bounded),
		cmocka_unit_test(a_flood_does_not_keep_a_peer_out),
		cmocka_unit_test(a_flood_does_not_displace_a_peer_that_has_answered),
		cmocka_unit_test(a_flood_does_not_keep_us_from_dialling),
		cmocka_unit_test(nothing_is_amplified),
		cmocka_unit_test(the_commit_bit_is_tolerated),
		cmocka_unit_test(lifetimes_of_the_responder_count),
		cmocka_unit_test(renewals_in_a_row),
		cmocka_unit_test(what_differs_is_told_once_at_each_end),
		cmocka_unit_test(what_differs_is_told_once_though_the_refusal_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
