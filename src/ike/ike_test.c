/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/ike.h"
#include "ike/pair_test.h"

static void a_router_that_stops_says_so(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	assert_false(ike_is_silent(p.end[SPOKE].ike));
	pair_stop(&p, SPOKE);
	assert_true(ike_is_silent(p.end[SPOKE].ike));
	assert_int_equal(pair_count(&p, SPOKE, true) + pair_count(&p, SPOKE, false), 0);
	pair_run(&p, 100 + IKE_LATE_MS);
	assert_int_equal(pair_count(&p, HUB, true) + pair_count(&p, HUB, false), 0);
	assert_true(ike_is_silent(p.end[HUB].ike));
	assert_true(mono_is_never(ike_deadline(p.end[SPOKE].ike)));
	pair_fini(&p);
}

static void clear_crypto(struct pair *p, enum node_clear_crypto what, uint32_t ike_id,
                         struct addr remote)
{
	struct node_event event = { .type = NODE_CLEAR_CRYPTO };

	event.clear_crypto.what = what;
	event.clear_crypto.ike_id = ike_id;
	event.clear_crypto.remote = remote;
	pair_event(p, SPOKE, &event);
	pair_run(p, 3000);
}

/* `clear crypto session [remote A]`: everything with one address, or with all. */
static void clearing_a_session_makes_it_anew(void **state)
{
	(void)state;
	for (int all = 0; all <= 1; all++) {
		struct pair p;
		pair_lab(&p, 1);
		uint32_t id = pair_sa(&p, SPOKE)->id, spi = pair_outbound(&p, SPOKE, HUB)->spi;
		clear_crypto(&p, NODE_CLEAR_SESSION, 0, addr_v4(9, 9, 9, 9));
		assert_int_equal(pair_sa(&p, SPOKE)->id, id);
		assert_int_equal(pair_outbound(&p, SPOKE, HUB)->spi, spi);
		clear_crypto(&p, NODE_CLEAR_SESSION, 0, all ? ADDR_ANY_NONE : p.end[HUB].address);
		assert_true(pair_is_joined(&p, SPOKE, HUB));
		assert_int_not_equal(pair_sa(&p, SPOKE)->id, id);
		assert_true(pair_traced(&p, SPOKE, "ipsec-down: cleared by command\n"));
		pair_fini(&p);
	}
}

/* `clear crypto isakmp [N]`: what is negotiated over it stays. */
static void clearing_isakmp_leaves_the_pairs(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	uint32_t id = pair_sa(&p, SPOKE)->id, spi = pair_outbound(&p, SPOKE, HUB)->spi;
	clear_crypto(&p, NODE_CLEAR_ISAKMP, id + 1, ADDR_ANY_NONE);
	assert_int_equal(pair_sa(&p, SPOKE)->id, id);
	clear_crypto(&p, NODE_CLEAR_ISAKMP, id, ADDR_ANY_NONE);
	assert_null(pair_sa(&p, SPOKE));
	assert_null(pair_sa(&p, HUB)); /* it was told */
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->spi, spi);
	assert_int_equal(p.end[SPOKE].n_down, 0);
	pair_fini(&p);
}

/* `clear crypto sa [peer A]`: other keys, by the same IKE SA. */
static void clearing_pairs_leaves_isakmp(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	uint32_t id = pair_sa(&p, SPOKE)->id, spi = pair_outbound(&p, SPOKE, HUB)->spi;
	clear_crypto(&p, NODE_CLEAR_IPSEC, 0, addr_v4(9, 9, 9, 9));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->spi, spi);
	clear_crypto(&p, NODE_CLEAR_IPSEC, 0, p.end[HUB].address);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, spi);
	assert_int_equal(pair_sa(&p, SPOKE)->id, id);
	pair_fini(&p);
}

static const struct node_sa *inbound(const struct pair_end *e)
{
	size_t i = 0;

	while (!e->sa[i].id || e->sa[i].outbound)
		i++;
	return &e->sa[i];
}

static void associations_are_as_configured(void **state)
{
	static const struct {
		struct snap_crypto global;
		struct snap_ipsec_profile profile;
		uint16_t packets;
	} cases[] = {
		{ .packets = 64 },
		{ .global = { .replay_packets = 512, .df_bit = SNAP_DF_CLEAR }, .packets = 512 },
		{ .global = { .replay_off = true, .df_bit = SNAP_DF_SET }, .packets = 0 },
		{ .global = { .replay_packets = 512 },
		  .profile = { .replay_packets = 1024 },
		  .packets = 1024 },
		{ .profile = { .replay_off = true }, .packets = 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pair_spec spoke = SPOKE_SPEC;
		struct pair p;
		spoke.also = cases[i].global;
		pair_init(&p, 1);
		pair_add(&p, &HUB_SPEC);
		pair_add(&p, &spoke);
		struct snap_ipsec_profile *profile = p.end[SPOKE].snapshot->crypto.profile;
		profile->replay_packets = cases[i].profile.replay_packets;
		profile->replay_off = cases[i].profile.replay_off;
		pair_want(&p, SPOKE, HUB);
		pair_run(&p, 2000);
		assert_int_equal(inbound(&p.end[SPOKE])->replay_packets, cases[i].packets);
		assert_int_equal(inbound(&p.end[SPOKE])->df_bit, cases[i].global.df_bit);
		assert_int_equal(pair_outbound(&p, SPOKE, HUB)->df_bit, cases[i].global.df_bit);
		assert_int_equal(inbound(&p.end[HUB])->replay_packets, 64);
		pair_fini(&p);
	}
}

static void a_configuration_that_does_not_admit_a_pair_ends_it(void **state)
{
	struct pair_spec gcm = SPOKE_SPEC;
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	gcm.n_sets = 1;
	gcm.set[0] = (struct snap_transform_set){ .cipher = ESP_GCM128, .auth = ESP_AUTH_NONE };
	pair_configure(&p, SPOKE, &gcm);
	pair_run(&p, 100);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: configuration changed\n"));
	assert_int_equal(pair_count(&p, HUB, true), 0);
	gcm.source = "1.1.1.2";
	pair_configure(&p, HUB, &gcm);
	pair_run(&p, 15000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->cipher, ESP_GCM128);
	pair_fini(&p);
}

static void check_idle(uint32_t global_s, uint32_t profile_s)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	spoke.also.idle_s = global_s;
	pair_start(&p, 1, NULL, &spoke);
	p.end[SPOKE].snapshot->crypto.profile->idle_s = profile_s;
	pair_run(&p, 2000);
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 1, 1, 100 });
	pair_run(&p, 58000);
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 1, 1, 100 });
	assert_false(pair_traced(&p, SPOKE, "ipsec-down"));
	pair_run(&p, 3000);
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 1, 1, 100 });
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: not wanted any more"));
	pair_fini(&p);
}

/* The profile's idle time counts where there is one. */
static void an_idle_pair_goes(void **state)
{
	(void)state;
	check_idle(60, 0);
	check_idle(600, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_that_stops_says_so),
		cmocka_unit_test(clearing_a_session_makes_it_anew),
		cmocka_unit_test(clearing_isakmp_leaves_the_pairs),
		cmocka_unit_test(clearing_pairs_leaves_isakmp),
		cmocka_unit_test(associations_are_as_configured),
		cmocka_unit_test(a_configuration_that_does_not_admit_a_pair_ends_it),
		cmocka_unit_test(an_idle_pair_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
