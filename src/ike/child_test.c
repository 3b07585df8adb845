/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/child.h"
#include "ike/pair_test.h"

static void keying_material_is_as_long_as_its_keys(void **state)
{
	const struct ike_child aes = { .cipher = ESP_AES256, .auth = ESP_SHA256_128 };
	const struct ike_child gcm = { .cipher = ESP_GCM128, .auth = ESP_AUTH_NONE };

	(void)state;
	assert_int_equal(ike_child_keymat_len(&aes), 32 + 32);
	assert_int_equal(ike_child_keymat_len(&gcm), 16 + 4);
}

/* New inbound first; packets never have nothing to leave by; the old ones go when they are old. */
static void renewal_keeps_the_old_pair_for_a_while(void **state)
{
	const struct pair_spec hub = { .source = "1.1.1.2", .lifetime_s = 120 };
	const struct pair_spec spoke = { .source = "2.2.2.2", .lifetime_s = 120 };
	struct pair p;

	(void)state;
	pair_start(&p, 1, &hub, &spoke);
	pair_run(&p, 2000);
	uint32_t first = pair_outbound(&p, SPOKE, HUB)->spi;
	for (int i = 0; i < 110; i++) {
		pair_run(&p, 1000);
		assert_true(pair_agrees(&p, SPOKE, HUB));
		assert_true(pair_agrees(&p, HUB, SPOKE));
	}
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, first);
	assert_true(pair_traced(&p, SPOKE, "ipsec-up rekeyed\n"));
	assert_int_equal(pair_count(&p, HUB, false), 2);
	pair_run(&p, 1000LL * (IKE_OLD_SA_S + IKE_OLD_SA_JITTER_S));
	assert_int_equal(pair_count(&p, HUB, false), 1);
	assert_int_equal(pair_count(&p, SPOKE, true), 1);
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
	pair_fini(&p);
}

/*
 * By chance, so that a hub's pairs do not all come at once; the responder is half as early, and has
 * nothing to do where the initiator has done it.
 */
static void renewals_are_spread(void **state)
{
	const struct pair_spec spec[] = { { .source = "1.1.1.2", .lifetime_s = 1200 },
		                          { .source = "2.2.2.2", .lifetime_s = 1200 } };
	const int64_t life_ms = 1200 * 1000, margin_ms = life_ms / IKE_REKEY_SHARE;
	const int64_t jitter_ms = life_ms / IKE_REKEY_JITTER_SHARE;
	int64_t least[2] = { life_ms, life_ms }, most[2] = { 0 };
	struct pair p;

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		pair_start(&p, seed, &spec[HUB], &spec[SPOKE]);
		pair_run(&p, 2000);
		for (int i = HUB; i <= SPOKE; i++) {
			const struct ike_child *child = pair_child(&p, i);
			int64_t early_ms = (child->ends_at.ns - child->renew_at.ns) / NS_PER_MS;
			int share = child->initiator ? 1 : 2;
			assert_in_range(early_ms, margin_ms / share,
			                (margin_ms + jitter_ms) / share);
			least[i] = early_ms < least[i] ? early_ms : least[i];
			most[i] = early_ms > most[i] ? early_ms : most[i];
		}
		pair_fini(&p);
	}
	assert_true(most[HUB] - least[HUB] > jitter_ms / 8);
	assert_true(most[SPOKE] - least[SPOKE] > jitter_ms / 4);
}

static void renewal_by_kilobytes(void **state)
{
	const struct pair_spec spoke = { .source = "2.2.2.2", .lifetime_kb = 3000 };
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	uint32_t first = pair_outbound(&p, SPOKE, HUB)->spi;
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 10, 10, 2000 * 1024 });
	pair_run(&p, 1000);
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->spi, first);
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 20, 20, 2800 * 1024 });
	pair_run(&p, 1000 + IKE_SETTLE_MS);
	assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, first);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

/* The responder begins only if nothing came of the initiator's share. */
static void the_responder_renews_by_kilobytes_too(void **state)
{
	const struct pair_spec spoke = { .source = "2.2.2.2", .lifetime_kb = 3000 };
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	uint32_t first = pair_outbound(&p, HUB, SPOKE)->spi;
	pair_used(&p, HUB, SPOKE, (struct pair_traffic){ 10, 10, 2800 * 1024 });
	pair_run(&p, 1000 + IKE_SETTLE_MS);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->spi, first);
	pair_used(&p, HUB, SPOKE, (struct pair_traffic){ 20, 20, 2900 * 1024 });
	pair_run(&p, 1000 + IKE_SETTLE_MS);
	assert_int_not_equal(pair_outbound(&p, HUB, SPOKE)->spi, first);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

/*
 * A responder may know the new pair after message 3 only: its initiator sends by the old one for a
 * second, or until the new one has brought something.
 */
static void the_initiator_lets_the_responder_settle(void **state)
{
	const struct pair_spec spoke = { .source = "2.2.2.2", .lifetime_kb = 3000 };
	struct pair p;

	(void)state;
	for (int hears = 0; hears < 2; hears++) {
		pair_start(&p, 1, NULL, &spoke);
		pair_run(&p, 2000);
		uint32_t first = pair_outbound(&p, SPOKE, HUB)->spi;
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 10, 10, 2800 * 1024 });
		for (int i = 0; i < 100 && pair_count(&p, SPOKE, true) < 2; i++)
			pair_run(&p, 1);
		pair_run(&p, 100);
		assert_int_equal(pair_outbound(&p, SPOKE, HUB)->spi, first);
		assert_true(pair_agrees(&p, HUB, SPOKE));
		if (hears) {
			struct ike *ike = pair_begin_step(&p, SPOKE);
			const struct node_event used = {
				.type = NODE_SA_USED,
				.sa_used = { .id = ike->peers->children->id, .packets_in = 1 },
			};
			ike_used(ike, &used);
			pair_end_step(&p, SPOKE);
		} else {
			pair_run(&p, IKE_SETTLE_MS);
		}
		assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, first);
		assert_true(pair_is_joined(&p, SPOKE, HUB));
		pair_fini(&p);
	}
}

/* Faster than old pairs go. */
static void renewal_by_kilobytes_without_a_pause(void **state)
{
	const struct pair_spec spoke = { .source = "2.2.2.2", .lifetime_kb = 3000 };
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	for (unsigned i = 0; i < 4 * IKE_CHILDREN_PER_PEER; i++) {
		uint32_t before = pair_outbound(&p, SPOKE, HUB)->spi;
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 10, 10, 2800 * 1024 });
		pair_run(&p, 1000 + IKE_SETTLE_MS);
		assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, before);
		assert_true(pair_is_joined(&p, SPOKE, HUB));
		assert_in_range(pair_count(&p, HUB, true), 1, IKE_CHILDREN_PER_PEER);
	}
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
	pair_fini(&p);
}

/* All was carried between two looks: the successor is there before it goes. */
static void kilobytes_used_up_at_once(void **state)
{
	const struct pair_spec spoke = { .source = "2.2.2.2", .lifetime_kb = 3000 };
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	uint32_t first = pair_outbound(&p, SPOKE, HUB)->spi;
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 10, 10, 9000 * 1024 });
	pair_run(&p, 10000);
	assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, first);
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
	pair_fini(&p);
}

/* Ending the outbound SA waits for what was handed over to be sealed: a purge goes before it. */
static void a_delete_leaves_behind_what_was_sealed(void **state)
{
	struct pair p;
	size_t sent = 0, ended = 0;

	(void)state;
	pair_lab(&p, 1);
	struct ike *ike = pair_begin_step(&p, SPOKE);
	const struct ike_child *child = ike->children;
	const uint32_t outbound = child->id + 1;
	ike_child_delete(ike, ike->children, REASON_CLEARED, true);
	for (size_t i = 0; i < p.out.n; i++) {
		const struct node_action *a = &p.out.action[i];
		if (a->type == NODE_IKE_SEND)
			sent = i;
		else if (a->type == NODE_SA_DEL && a->sa_id == outbound)
			ended = i;
	}
	assert_true(ended && ended < sent);
	pair_end_step(&p, SPOKE);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keying_material_is_as_long_as_its_keys),
		cmocka_unit_test(renewal_keeps_the_old_pair_for_a_while),
		cmocka_unit_test(renewals_are_spread),
		cmocka_unit_test(renewal_by_kilobytes),
		cmocka_unit_test(the_responder_renews_by_kilobytes_too),
		cmocka_unit_test(kilobytes_used_up_at_once),
		cmocka_unit_test(the_initiator_lets_the_responder_settle),
		cmocka_unit_test(renewal_by_kilobytes_without_a_pause),
		cmocka_unit_test(a_delete_leaves_behind_what_was_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
