/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/tunnel.h"

#include <stdio.h>

#include "ike/pair_test.h"
#include "ike/peer.h"

static void a_tunnel_runs_with_profile_and_source(void **state)
{
	struct addr other = addr_v4(9, 9, 9, 9);
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = p.end[0].ike;
	struct ike_tunnel *t = ike_tunnel_find(ike, 0);
	assert_true(ike_tunnel_runs(t));
	assert_ptr_equal(ike_tunnel_at(ike, &p.end[0].address), t);
	assert_null(ike_tunnel_at(ike, &other));
	assert_null(ike_tunnel_find(ike, 7));
	assert_string_equal(ike_tunnel_profile(ike, t)->name, "myDMVPN");
	pair_begin_step(&p, 0);
	ike_tunnel(ike, 0, &ADDR_ANY_NONE);
	pair_end_step(&p, 0);
	assert_false(ike_tunnel_runs(t));
	pair_fini(&p);
}

static void shared_tunnels_follow_the_lowest(void **state)
{
	struct ike_tunnel t[3] = {
		{ .number = 5, .source = addr_v4(1, 1, 1, 1), .profile = "P", .shared = true },
		{ .number = 3, .source = addr_v4(1, 1, 1, 1), .profile = "P", .shared = true },
		{ .number = 1, .source = addr_v4(1, 1, 1, 1), .profile = "P" },
	};
	const struct ike ike = { .tunnel = t, .n_tunnels = 3 };

	(void)state;
	assert_ptr_equal(ike_tunnel_leader(&ike, &t[0]), &t[1]);
	assert_ptr_equal(ike_tunnel_leader(&ike, &t[2]), &t[2]);
	assert_true(ike_tunnel_follows(&t[0], &t[1]));
	assert_false(ike_tunnel_follows(&t[2], &t[1]));
	t[1].source = addr_v4(2, 2, 2, 2);
	assert_ptr_equal(ike_tunnel_leader(&ike, &t[0]), &t[0]);
}

/* Tunnel1 on the same source, and both with `shared`; the peer is wanted by both. */
static void share(struct pair *p, int i, int other)
{
	struct pair_end *e = &p->end[i];
	struct snap_interface *second = snapshot_add_interface(e->snapshot, SNAP_TUNNEL, "Tunnel1");

	second->tunnel->number = 1;
	second->tunnel->protected = true;
	for (size_t k = 0; k < e->snapshot->n_interfaces; k++) {
		struct snap_protection *protection = &e->snapshot->interface[k]->tunnel->protection;
		snprintf(protection->profile, sizeof protection->profile, "myDMVPN");
		protection->shared = true;
	}
	struct ike *ike = pair_begin_step(p, i);
	ike_configure(ike, e->snapshot);
	ike_tunnel(ike, 1, &e->address);
	ike_want(ike, 0, &p->end[other].address, &(struct udp_place){ 0 });
	pair_end_step(p, i);
}

static void init_shared(struct pair *p)
{
	pair_init(p, 1);
	pair_add(p, &HUB_SPEC);
	pair_add(p, &SPOKE_SPEC);
	share(p, HUB, SPOKE);
	share(p, SPOKE, HUB);
}

static void want_by_second(struct pair *p, int i, int other)
{
	struct ike *ike = pair_begin_step(p, i);

	ike_want(ike, 1, &p->end[other].address, &(struct udp_place){ 0 });
	pair_end_step(p, i);
}

/* One pair for both, whichever comes first; who comes later is told of it. */
static void shared_tunnels_have_one_pair(void **state)
{
	struct pair p;

	(void)state;
	init_shared(&p);
	pair_run(&p, 3000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	for (int i = HUB; i <= SPOKE; i++) {
		struct pair_end *e = &p.end[i];
		size_t n_up = e->n_up;
		assert_int_equal(pair_count(&p, i, true), 1);
		assert_int_equal(e->tunnel_use[0], e->tunnel_use[1]);
		assert_true(ike_is_up(e->ike, 1, &p.end[!i].address));
		/* As if it had come after that. */
		e->tunnel_use[1] = 0;
		want_by_second(&p, i, !i);
		assert_int_equal(e->tunnel_use[0], e->tunnel_use[1]);
		assert_int_equal(e->n_up, n_up + 2);
		assert_int_equal(pair_count(&p, i, true), 1);
	}
	pair_run(&p, 40000);
	assert_int_equal(p.end[HUB].n_down + p.end[SPOKE].n_down, 0);
	pair_fini(&p);
}

/* The pair goes with the last tunnel that wants the peer. */
static void a_shared_peer_stays_while_it_is_wanted(void **state)
{
	struct pair p;

	(void)state;
	init_shared(&p);
	want_by_second(&p, SPOKE, HUB);
	pair_forget(&p, HUB, SPOKE);
	pair_run(&p, 3000);
	pair_forget(&p, SPOKE, HUB);
	pair_run(&p, 3000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	struct ike *ike = pair_begin_step(&p, SPOKE);
	ike_forget(ike, 1, &p.end[HUB].address);
	pair_end_step(&p, SPOKE);
	pair_run(&p, 3000);
	assert_int_equal(pair_count(&p, SPOKE, true) + pair_count(&p, HUB, true), 0);
	pair_fini(&p);
}

/* The first of them goes and comes back: the other is protected by the same pair all the time. */
static void the_first_of_a_group_goes_and_comes(void **state)
{
	struct pair p;

	(void)state;
	init_shared(&p);
	want_by_second(&p, SPOKE, HUB);
	pair_run(&p, 3000);
	const uint32_t spi = pair_outbound(&p, SPOKE, HUB)->spi;
	for (int up = 0; up <= 1; up++) {
		struct ike *ike = pair_begin_step(&p, SPOKE);
		ike_tunnel(ike, 0, up ? &p.end[SPOKE].address : &ADDR_ANY_NONE);
		pair_end_step(&p, SPOKE);
		pair_run(&p, 3000);
		assert_int_equal(ike_is_up(ike, 0, &p.end[HUB].address), up);
		assert_true(ike_is_up(ike, 1, &p.end[HUB].address));
		assert_true(pair_is_joined(&p, SPOKE, HUB));
		assert_int_equal(p.end[SPOKE].tunnel_use[0] != 0, up);
		assert_int_equal(pair_outbound(&p, SPOKE, HUB)->spi, spi);
		assert_int_equal(pair_count(&p, SPOKE, false), 1);
	}
	assert_int_equal(p.end[SPOKE].tunnel_use[0], p.end[SPOKE].tunnel_use[1]);
	assert_false(pair_traced(&p, SPOKE, "down"));
	pair_fini(&p);
}

static void protect_first(struct pair *p, bool on)
{
	struct snapshot *s = p->end[SPOKE].snapshot;
	struct ike *ike = pair_begin_step(p, SPOKE);

	for (size_t i = 0; i < s->n_interfaces; i++) {
		struct snap_protection *protection = &s->interface[i]->tunnel->protection;
		if (s->interface[i]->tunnel->number == 0)
			snprintf(protection->profile, sizeof protection->profile, "%s",
			         on ? "myDMVPN" : "");
	}
	ike_configure(ike, s);
	if (on)
		ike_want(ike, 0, &p->end[HUB].address, &(struct udp_place){ 0 });
	pair_end_step(p, SPOKE);
	pair_run(p, 3000);
}

/* Likewise by its configuration; and the pair goes with the last one. */
static void the_first_of_a_group_is_configured(void **state)
{
	struct pair p;

	(void)state;
	init_shared(&p);
	want_by_second(&p, SPOKE, HUB);
	pair_run(&p, 3000);
	const uint32_t spi = pair_outbound(&p, SPOKE, HUB)->spi;
	for (int on = 0; on <= 1; on++) {
		protect_first(&p, on);
		assert_int_equal(p.end[SPOKE].tunnel_use[0] != 0, on);
		assert_int_equal(pair_outbound(&p, SPOKE, HUB)->spi, spi);
		assert_true(pair_is_joined(&p, SPOKE, HUB));
	}
	assert_false(pair_traced(&p, SPOKE, "down"));
	protect_first(&p, false);
	struct ike *ike = pair_begin_step(&p, SPOKE);
	ike_tunnel(ike, 1, &ADDR_ANY_NONE);
	pair_end_step(&p, SPOKE);
	pair_run(&p, 3000);
	assert_int_equal(pair_count(&p, SPOKE, true) + pair_count(&p, SPOKE, false), 0);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: tunnel is down"));
	pair_fini(&p);
}

/* What was made for one tunnel alone is no good for two. */
static void a_tunnel_that_begins_to_share(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	uint32_t spi = pair_outbound(&p, SPOKE, HUB)->spi;
	share(&p, SPOKE, HUB);
	pair_run(&p, 3000);
	assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, spi);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	for (size_t i = 0; i < PAIR_SAS_MAX; i++)
		assert_true(!p.end[SPOKE].sa[i].id || p.end[SPOKE].sa[i].shared);
	pair_fini(&p);
}

/* The protection of a tunnel of the spoke, which is added where it is not there. */
static struct snap_protection *protection(struct pair *p, uint32_t number)
{
	struct snapshot *s = p->end[SPOKE].snapshot;
	char name[16];

	for (size_t i = 0; i < s->n_interfaces; i++)
		if (s->interface[i]->tunnel->number == number)
			return &s->interface[i]->tunnel->protection;
	snprintf(name, sizeof name, "Tunnel%u", number);
	struct snap_interface *added = snapshot_add_interface(s, SNAP_TUNNEL, name);
	added->tunnel->number = number;
	added->tunnel->protected = true;
	snprintf(added->tunnel->protection.profile, SNAP_CRYPTO_NAME_SIZE, "myDMVPN");
	return &added->tunnel->protection;
}

/*
 * Of the spoke's tunnels the one before the last has `shared`, the last one not yet: each has a
 * pair of its own with the hub.
 */
static void init_apart(struct pair *p, uint32_t last)
{
	struct pair_end *e = &p->end[SPOKE];

	pair_init(p, 1);
	pair_add(p, &HUB_SPEC);
	pair_add(p, &SPOKE_SPEC);
	protection(p, last - 1)->shared = true;
	protection(p, last);
	struct ike *ike = pair_begin_step(p, SPOKE);
	if (last > 1)
		ike_tunnel(ike, 0, &ADDR_ANY_NONE);
	ike_configure(ike, e->snapshot);
	for (uint32_t number = last - 1; number <= last; number++) {
		ike_tunnel(ike, number, &e->address);
		ike_want(ike, number, &p->end[HUB].address, &(struct udp_place){ 0 });
	}
	pair_end_step(p, SPOKE);
	pair_run(p, 3000);
	assert_int_equal(pair_count(p, SPOKE, true), 2);
	assert_int_not_equal(e->tunnel_use[last - 1], e->tunnel_use[last]);
}

/* The group's pair is not the joining tunnel's own, whose end concerns nobody. */
static void a_tunnel_joins_with_a_pair_of_its_own(void **state)
{
	struct pair p;

	(void)state;
	for (int wanted = 0; wanted <= 1; wanted++) {
		init_apart(&p, 1);
		const struct pair_end *e = &p.end[SPOKE];
		const uint32_t used = e->tunnel_use[0];
		struct ike *ike = pair_begin_step(&p, SPOKE);
		if (!wanted)
			ike_forget(ike, 1, &p.end[HUB].address);
		protection(&p, 1)->shared = true;
		ike_configure(ike, e->snapshot);
		pair_end_step(&p, SPOKE);
		pair_run(&p, 3000);
		assert_int_equal(e->tunnel_use[0], used);
		assert_int_equal(e->tunnel_use[1], used);
		assert_int_equal(pair_count(&p, SPOKE, true), 1);
		assert_int_equal(e->n_down, 0);
		pair_fini(&p);
	}
}

/* A first tunnel comes while the one that joined before it still has its own pair to end. */
static void a_group_moves_without_what_dies(void **state)
{
	struct pair p;

	(void)state;
	init_apart(&p, 2);
	const struct pair_end *e = &p.end[SPOKE];
	const uint32_t used = e->tunnel_use[1];
	struct ike *ike = pair_begin_step(&p, SPOKE);
	protection(&p, 2)->shared = true;
	ike_configure(ike, e->snapshot);
	protection(&p, 0)->shared = true;
	ike_configure(ike, e->snapshot);
	ike_tunnel(ike, 0, &e->address);
	ike_want(ike, 0, &p.end[HUB].address, &(struct udp_place){ 0 });
	pair_end_step(&p, SPOKE);
	pair_run(&p, 3000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(e->tunnel_use[i], used);
	assert_int_equal(pair_count(&p, SPOKE, true), 1);
	assert_int_equal(e->n_down, 0);
	pair_fini(&p);
}

/* The first one goes meanwhile: the group's pair is that of the one that is left. */
static void a_group_is_inherited_by_one_whose_own_pair_dies(void **state)
{
	struct pair p;

	(void)state;
	init_apart(&p, 1);
	const struct pair_end *e = &p.end[SPOKE];
	const uint32_t used = e->tunnel_use[0];
	struct ike *ike = pair_begin_step(&p, SPOKE);
	protection(&p, 1)->shared = true;
	ike_configure(ike, e->snapshot);
	ike_tunnel(ike, 0, &ADDR_ANY_NONE);
	pair_end_step(&p, SPOKE);
	pair_run(&p, 3000);
	assert_int_equal(e->tunnel_use[0], 0);
	assert_int_equal(e->tunnel_use[1], used);
	assert_true(ike_is_up(ike, 1, &p.end[HUB].address));
	assert_false(ike_is_up(ike, 0, &p.end[HUB].address));
	assert_int_equal(pair_count(&p, SPOKE, true), 1);
	pair_fini(&p);
}

/* Whom a server told the place of is dialled later and later by whichever tunnel is left. */
static void a_place_told_goes_with_its_tunnel(void **state)
{
	const struct udp_place place = { addr_v4(9, 9, 9, 9), 24500 };
	const struct addr source = addr_v4(5, 5, 5, 5);
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	pair_add(&p, &SPOKE_SPEC);
	p.cut = true;
	protection(&p, 0)->shared = true;
	protection(&p, 1)->shared = true;
	const struct pair_end *e = &p.end[SPOKE];
	const struct addr *hub = &p.end[HUB].address;
	struct ike *ike = pair_begin_step(&p, SPOKE);
	ike_configure(ike, e->snapshot);
	ike_tunnel(ike, 1, &e->address);
	ike_want(ike, 1, hub, &place);
	ike_place_told(ike, 1, hub, true);
	assert_true(ike_peer_find(ike, 0, hub)->place_told);
	ike_tunnel(ike, 1, &source);
	assert_true(ike_peer_find(ike, 1, hub)->place_told);
	/* But not whom another one wants as its server. */
	ike_tunnel(ike, 1, &e->address);
	ike_want(ike, 0, hub, &(struct udp_place){ 0 });
	ike_place_told(ike, 0, hub, false);
	ike_place_told(ike, 1, hub, true);
	assert_false(ike_peer_find(ike, 0, hub)->place_told);
	pair_end_step(&p, SPOKE);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_runs_with_profile_and_source),
		cmocka_unit_test(shared_tunnels_follow_the_lowest),
		cmocka_unit_test(shared_tunnels_have_one_pair),
		cmocka_unit_test(a_shared_peer_stays_while_it_is_wanted),
		cmocka_unit_test(the_first_of_a_group_goes_and_comes),
		cmocka_unit_test(the_first_of_a_group_is_configured),
		cmocka_unit_test(a_tunnel_that_begins_to_share),
		cmocka_unit_test(a_tunnel_joins_with_a_pair_of_its_own),
		cmocka_unit_test(a_group_moves_without_what_dies),
		cmocka_unit_test(a_group_is_inherited_by_one_whose_own_pair_dies),
		cmocka_unit_test(a_place_told_goes_with_its_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
