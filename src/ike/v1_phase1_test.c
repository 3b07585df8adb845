/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/v1_phase1.h"

#include "ike/pair_test.h"

static void only_what_can_be_carried_through(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct v1_policies policies;
	struct pair p;

	(void)state;
	hub.key_for = "2.2.2.0/24";
	hub.n_policies = 2;
	hub.policy[0] = (struct snap_isakmp_policy){ .priority = 10, .has_hash = true };
	hub.policy[1] = (struct snap_isakmp_policy){ .priority = 20, .has_hash = true };
	pair_start(&p, 1, &hub, NULL);
	struct ike *ike = p.end[HUB].ike;
	const struct ike_host_key known = { .local = p.end[HUB].address,
		                            .remote = p.end[SPOKE].address };
	const struct ike_host_key unknown = { .local = p.end[HUB].address,
		                              .remote = addr_v4(3, 3, 3, 3) };
	v1_phase1_policies(ike, &known, NULL, &policies);
	assert_int_equal(policies.n, 2);
	assert_true(v1_phase1_can_use(ike, &known, SNAP_AUTH_PRE_SHARE, NULL));
	assert_false(v1_phase1_can_use(ike, &known, SNAP_AUTH_RSA_SIG, NULL));
	v1_phase1_policies(ike, &unknown, NULL, &policies);
	assert_int_equal(policies.n, 0);
	pair_begin_step(&p, HUB);
	v1_phase1_tell_no_policies(ike, &unknown.remote);
	pair_end_step(&p, HUB);
	assert_true(pair_traced(&p, HUB,
	                        "ike-failed: no pre-shared key for 3.3.3.3 is configured\n"
	                        "ike-advice: crypto isakmp key KEY address 3.3.3.3"));
	pair_fini(&p);
}

/* What the hub makes of the spoke's message 1. */
static enum ike_drop take(struct pair *p, struct v1_first *first)
{
	const struct node_event event = { .type = NODE_IKE_PACKET,
		                          .ike = { p->last_path, p->last, p->last_len } };
	struct isakmp_header header;

	assert_true(isakmp_parse_header(p->last, p->last_len, &header));
	struct ike *ike = pair_begin_step(p, HUB);
	enum ike_drop drop = v1_phase1_take_first(ike, &event, &header, first);
	pair_end_step(p, HUB);
	return drop;
}

static void a_first_message_makes_one_exchange(void **state)
{
	struct v1_first first;
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, NULL);
	assert_int_equal(take(&p, &first), IKE_DROP_NONE);
	assert_ptr_equal(first.sa, pair_sa(&p, HUB));
	assert_int_equal(first.sa->policy.auth, SNAP_AUTH_PRE_SHARE);
	assert_int_equal(first.chosen.policy.group, 14);
	assert_int_equal(take(&p, &first), IKE_DROP_NONE);
	assert_null(first.sa);
	for (int i = 1; i < IKE_HALF_OPEN_PER_PEER; i++) {
		p.last[0]++;
		assert_int_equal(take(&p, &first), IKE_DROP_NONE);
		assert_non_null(first.sa);
	}
	p.last[0]++;
	assert_int_equal(take(&p, &first), IKE_DROP_HALF_OPEN);
	assert_null(first.sa);
	pair_fini(&p);
}

static void encrypted_beginnings_are_none(void **state)
{
	struct v1_first first;
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, NULL);
	p.last[19] |= ISAKMP_FLAG_ENCRYPTED;
	assert_int_equal(take(&p, &first), IKE_DROP_MALFORMED);
	assert_null(pair_sa(&p, HUB));
	pair_fini(&p);
}

/* Each end's half gives both the same secret. */
static void the_exchange_of_values(void **state)
{
	struct isakmp_message m = { .n = 2 };
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, NULL);
	pair_run(&p, 25);
	struct ike_sa *hub = pair_sa(&p, HUB), *spoke = pair_sa(&p, SPOKE);
	assert_int_equal(spoke->step, IKE_SENT_3);
	assert_true(v1_phase1_draw(p.end[HUB].ike, hub));
	const size_t len = dh_group(hub->policy.group)->public_len;
	m.payload[0] =
		(struct isakmp_payload){ ISAKMP_KE, spoke->main->public[IKE_OF_INITIATOR], len };
	m.payload[1] = (struct isakmp_payload){ ISAKMP_NONCE, spoke->main->nonce[0],
		                                spoke->main->nonce_len[0] };
	assert_true(v1_phase1_read_exchange(p.end[HUB].ike, hub, &m));
	m.payload[0].body = hub->main->public[IKE_OF_RESPONDER];
	m.payload[1].body = hub->main->nonce[IKE_OF_RESPONDER];
	assert_true(v1_phase1_read_exchange(p.end[SPOKE].ike, spoke, &m));
	assert_memory_equal(hub->main->secret, spoke->main->secret, len);
	m.payload[1].len = 7;
	assert_false(v1_phase1_read_exchange(p.end[SPOKE].ike, spoke, &m));
	m.payload[1].len = 8;
	m.payload[0].len--;
	assert_false(v1_phase1_read_exchange(p.end[SPOKE].ike, spoke, &m));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_can_be_carried_through),
		cmocka_unit_test(a_first_message_makes_one_exchange),
		cmocka_unit_test(encrypted_beginnings_are_none),
		cmocka_unit_test(the_exchange_of_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
