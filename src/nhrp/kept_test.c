/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

enum { SAVED_MAX = 8 };

/* What a router keeps on disk. */
struct kept {
	struct node_saved_entry entry[SAVED_MAX];
	size_t n;
};

/* Each spoke has a network 192.168.N.0/24; the hub knows where, the spokes know a summary. */
static void add_three(struct cloud *c, const char *psk)
{
	struct cloud_spec r1 = cloud_r1, r2 = cloud_r2, r3 = cloud_r3;

	r1.redirect = r2.shortcut = r3.shortcut = true;
	r1.route[0] = "192.168.2.0/24 10.10.10.2";
	r1.route[1] = "192.168.3.0/24 10.10.10.3";
	r2.route[0] = "192.168.2.0/24 local";
	r3.route[0] = "192.168.3.0/24 local";
	r2.route[1] = r3.route[1] = "192.168.0.0/16 10.10.10.1";
	r2.holdtime_s = r3.holdtime_s = 300;
	r2.keepalive_s = 10;
	r1.psk = r2.psk = r3.psk = psk;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_add(c, &r3);
	cloud_run(c, 2000);
}

/* R2 has its shortcut to R3's network. */
static void add_shortcut(struct cloud *c, const char *psk)
{
	c->terse = true;
	add_three(c, psk);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 2000);
	assert_non_null(strstr(c->trace.text, "R2 set-route 192.168.3.0/24 10.10.10.3\n"));
	cloud_quiet(c);
}

static void keep(struct cloud *c, size_t i, struct kept *ret)
{
	struct node_cursor cursor = { 0 };

	*ret = (struct kept){ 0 };
	while (ret->n < SAVED_MAX &&
	       node_saved_next(c->router[i].node, &cursor, cloud_now(c), &ret->entry[ret->n]))
		ret->n++;
}

static void restore(struct cloud *c, size_t i, const struct kept *kept)
{
	for (size_t k = 0; k < kept->n; k++)
		cloud_event(c, i,
		            &(struct node_event){ .type = NODE_RESTORE, .saved = kept->entry[k] });
}

/* R2 ends without a word, and is back after so long with what it kept. */
static void restart(struct cloud *c, const struct kept *kept, int64_t away_ms)
{
	struct addr nbma = c->router[R2].nbma;

	c->router[R2].deaf = true;
	cloud_run(c, away_ms);
	c->router[R2].deaf = false;
	cloud_restart(c, R2);
	cloud_quiet(c);
	assert_true(addr_equal(&nbma, &c->router[R2].nbma));
	restore(c, R2, kept);
}

/* Next hops come before what lies behind them, and what was only wanted does not come. */
static void what_is_kept(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, NULL);
	cloud_want(c, R2, "10.10.10.77");
	assert_int_equal(c->router[R2].n_saves, 1);
	keep(c, R2, &kept);
	assert_int_equal(kept.n, 2);
	assert_int_equal(kept.entry[0].kind, NODE_SAVED_PATH);
	assert_int_equal(kept.entry[0].target.len, 32);
	assert_int_equal(kept.entry[0].network_id, 1);
	assert_true(kept.entry[0].authoritative && kept.entry[0].router);
	assert_false(kept.entry[0].protected);
	assert_int_equal(kept.entry[1].kind, NODE_SAVED_SHORTCUT);
	assert_int_equal(kept.entry[1].target.len, 24);
	keep(c, R3, &kept);
	assert_int_equal(kept.n, 2);
	assert_int_equal(kept.entry[0].kind, NODE_SAVED_REVERSE);
	assert_int_equal(kept.entry[1].kind, NODE_SAVED_ANSWER);
	assert_true(addr_equal(&kept.entry[1].asked_for, &kept.entry[0].via));
}

/* R3 comes again, and its network moves, before that or while it is away: R2 is told. */
static void what_was_told_is_taken_back(void **state)
{
	static const char *const moved[CLOUD_LINES_MAX] = { "192.168.0.0/16 10.10.10.1" };
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, NULL);
	keep(c, R3, &kept);
	cloud_restart(c, R3);
	restore(c, R3, &kept);
	cloud_run(c, 1000);
	assert_null(strstr(c->trace.text, "Purge Request"));
	keep(c, R3, &kept);
	assert_int_equal(kept.n, 2);
	cloud_reroute(c, R3, moved);
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "R3 sent 2.2.2.2 Purge Request"));
	assert_non_null(strstr(c->trace.text, "R2 del-route 192.168.3.0/24"));
	cloud_restart(c, R3);
	cloud_quiet(c);
	restore(c, R3, &kept);
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "R3 sent 2.2.2.2 Purge Request"));
}

/* A cache that has become smaller meanwhile. */
static void what_has_no_room_is_counted(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, NULL);
	keep(c, R3, &kept);
	c->router[R3].spec.cache_max = 2; /* the server, and the path */
	cloud_restart(c, R3);
	restore(c, R3, &kept);
	assert_int_equal(cloud_drops(c, R3, DROP_CACHE_FULL), 1);
}

static const char *const elsewhere[CLOUD_LINES_MAX] = { "192.168.0.0/16 10.10.10.1" };

static void expect_void(struct cloud *c, const char *told)
{
	assert_non_null(strstr(c->trace.text, told));
	assert_non_null(strstr(c->trace.text, "R2 del-route 192.168.3.0/24"));
}

/* Nobody can be told before an association stands: then the route is looked at, with no word that
 * routes have changed. */
static void what_was_told_under_protection_is_taken_back(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, "cisco123");
	keep(c, R3, &kept);
	cloud_restart(c, R3);
	restore(c, R3, &kept);
	cloud_run(c, 10000);
	assert_non_null(strstr(c->trace.text, "R3 nhp-up 10.10.10.2 2.2.2.2\n"));
	assert_null(strstr(c->trace.text, "Purge Request"));
	cloud_quiet(c);
	cloud_restart(c, R3);
	memcpy(c->router[R3].spec.route, elsewhere, sizeof elsewhere);
	restore(c, R3, &kept);
	cloud_run(c, 10000);
	expect_void(c, "R3 sent 2.2.2.2 Purge Request");
}

/* Who cannot be reached by his path yet is told by the hub. */
static void who_waits_is_told_by_the_hub(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, "cisco123");
	keep(c, R3, &kept);
	c->cut[0] = cloud_addr("2.2.2.2");
	c->cut[1] = cloud_addr("3.3.3.2");
	cloud_restart(c, R3);
	restore(c, R3, &kept);
	cloud_run(c, 5000);
	assert_null(strstr(c->trace.text, "R3 nhp-up 10.10.10.2"));
	assert_null(strstr(c->trace.text, "Purge Request"));
	cloud_reroute(c, R3, elsewhere);
	cloud_run(c, 1000);
	expect_void(c, "R3 sent 1.1.1.2 Purge Request");
}

/* Packets go by it from the first on, and its end is asked at once whether it is still there. */
static void a_spoke_has_its_paths_again(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, NULL);
	keep(c, R2, &kept);
	restart(c, &kept, 30000);
	cloud_expect(c, "  34.000 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "  34.000 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "  34.000 R2 sent 3.3.3.2 Resolution Request 1026 10.10.10.3\n"
	                "  34.000 R2 set-route 192.168.3.0/24 10.10.10.3\n");
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative router unique nhop\n"
		"192.168.3.0/24 10.10.10.3 3.3.3.2 dynamic router rib\n");
	cloud_run(c, 500);
	cloud_expect(c, "  34.010 R1 sent 2.2.2.2 Registration Reply 1025\n"
	                "  34.010 R3 sent 2.2.2.2 Resolution Reply 1026\n"
	                "  34.020 R2 nhs-up 10.10.10.1 1.1.1.2\n");
	cloud_run(c, 260000); /* 31 s and 260 s of the 300 s, unused */
	assert_null(strstr(c->trace.text, "del-"));
	cloud_run(c, 20000);
	assert_non_null(strstr(c->trace.text, "R2 del-route 192.168.3.0/24 10.10.10.3\n"));
}

/* It was gone while nobody listened: found out within the tries of the question. */
static void a_peer_that_is_gone_is_found_out(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, NULL);
	keep(c, R2, &kept);
	c->router[R3].deaf = true;
	restart(c, &kept, 30000);
	cloud_run(c, 5000);
	assert_non_null(strstr(c->trace.text, "R2 set-route 192.168.3.0/24 10.10.10.3\n"));
	assert_non_null(strstr(c->trace.text, "R2 del-route 192.168.3.0/24 10.10.10.3\n"));
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"));
}

/* By the hub until its association stands; then the path, and then the route. */
static void a_protected_path_waits(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, "cisco123");
	keep(c, R2, &kept);
	assert_true(kept.entry[0].protected && kept.entry[1].protected);
	restart(c, &kept, 1000);
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"));
	assert_null(strstr(c->trace.text, "set-route"));
	assert_null(strstr(c->trace.text, "3.3.3.2 resolved"));
	cloud_run(c, 5000);
	const char *up = strstr(c->trace.text, "R2 ipsec-up 3.3.3.2\n");
	assert_non_null(up);
	assert_true(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n") > up);
	assert_non_null(strstr(up, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"));
	assert_non_null(strstr(up, "R2 set-route 192.168.3.0/24 10.10.10.3\n"));
}

static void expect_none(struct cloud *c, const struct kept *kept)
{
	cloud_restart(c, R2);
	cloud_quiet(c);
	restore(c, R2, kept);
	assert_null(strstr(c->trace.text, "10.10.10.3"));
	assert_null(strstr(c->trace.text, "192.168.3"));
}

/* In clear nobody is sent to where only an association would reach the right one, nor the other way
 * round. */
static void not_across_a_change_of_protection(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, "cisco123");
	keep(c, R2, &kept);
	assert_int_equal(kept.n, 2);
	struct cloud_spec spec = c->router[R2].spec;
	spec.psk = NULL;
	cloud_configure(c, R2, &spec);
	expect_none(c, &kept);
	for (size_t i = 0; i < kept.n; i++)
		kept.entry[i].protected = false;
	cloud_restart(c, R2);
	cloud_quiet(c);
	restore(c, R2, &kept);
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"));
	spec.psk = "cisco123";
	cloud_configure(c, R2, &spec);
	expect_none(c, &kept);
}

static void keeps_nobody(struct snap_nhrp *nhrp)
{
	nhrp->server_only = nhrp->server_only_non_caching = true;
}

/* `ip nhrp server-only` has no paths of its own questions, and with `non-caching` of none. */
static void a_server_only_has_what_others_asked(void **state)
{
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, NULL);
	keep(c, R2, &kept);
	struct cloud_spec spec = c->router[R2].spec;
	spec.server_only = true;
	cloud_configure(c, R2, &spec);
	expect_none(c, &kept);
	kept.entry[0].kind = NODE_SAVED_REVERSE;
	kept.n = 1;
	cloud_restart(c, R2);
	cloud_quiet(c);
	restore(c, R2, &kept);
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"));
	spec.also = keeps_nobody;
	cloud_configure(c, R2, &spec);
	expect_none(c, &kept);
}

/* Another cloud, another address of ours, an address that cannot be a peer's, too old. */
static void what_makes_no_sense_any_more(void **state)
{
	struct cloud *c = *state;
	struct kept kept, changed;

	add_shortcut(c, NULL);
	keep(c, R2, &kept);
	changed = kept;
	for (size_t i = 0; i < kept.n; i++)
		changed.entry[i].network_id = 2;
	expect_none(c, &changed);
	changed = kept;
	for (size_t i = 0; i < kept.n; i++)
		changed.entry[i].own = cloud_addr("10.10.10.22");
	expect_none(c, &changed);
	changed = kept;
	for (size_t i = 0; i < kept.n; i++)
		changed.entry[i].nbma = cloud_addr("2.2.2.2"); /* our own */
	expect_none(c, &changed);
	changed = kept;
	for (size_t i = 0; i < kept.n; i++)
		changed.entry[i].nbma = cloud_addr("224.0.0.9");
	expect_none(c, &changed);
	changed = kept;
	for (size_t i = 0; i < kept.n; i++)
		changed.entry[i].expires_wall_ms = cloud_now(c).wall_ms + 999;
	expect_none(c, &changed);
	changed = kept; /* without its next hop */
	changed.entry[0] = changed.entry[--changed.n];
	expect_none(c, &changed);
}

/* A route that holds what the path itself needs, or that we ask for no more. */
static void shortcuts_that_may_not_be(void **state)
{
	struct cloud *c = *state;
	struct kept kept, changed;

	add_shortcut(c, NULL);
	keep(c, R2, &kept);
	changed = kept;
	changed.entry[1].target = (struct prefix){ cloud_addr("3.0.0.0"), 8 };
	changed.entry[1].asked_for = cloud_addr("3.3.3.9");
	cloud_restart(c, R2);
	cloud_quiet(c);
	restore(c, R2, &changed);
	assert_null(strstr(c->trace.text, "set-route"));

	struct cloud_spec spec = c->router[R2].spec;
	spec.shortcut = false;
	cloud_configure(c, R2, &spec);
	cloud_restart(c, R2);
	cloud_quiet(c);
	restore(c, R2, &kept);
	assert_non_null(strstr(c->trace.text, "R2 nhp-up 10.10.10.3 3.3.3.2\n"));
	assert_null(strstr(c->trace.text, "set-route"));
}

/* The route under it has moved meanwhile. */
static void the_route_under_it_is_looked_at(void **state)
{
	static const char *const other[CLOUD_LINES_MAX] = { "192.168.0.0/16 local" };
	struct cloud *c = *state;
	struct kept kept;

	add_shortcut(c, NULL);
	keep(c, R2, &kept);
	cloud_reroute(c, R2, other);
	restart(c, &kept, 1000);
	cloud_run(c, 100);
	assert_non_null(strstr(c->trace.text, "R2 del-route 192.168.3.0/24 10.10.10.3\n"));
	assert_null(strstr(c->trace.text, "del-peer 10.10.10.3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(what_is_kept),
		cloud_unit_test(what_was_told_is_taken_back),
		cloud_unit_test(what_has_no_room_is_counted),
		cloud_unit_test(what_was_told_under_protection_is_taken_back),
		cloud_unit_test(who_waits_is_told_by_the_hub),
		cloud_unit_test(a_spoke_has_its_paths_again),
		cloud_unit_test(a_peer_that_is_gone_is_found_out),
		cloud_unit_test(a_protected_path_waits),
		cloud_unit_test(not_across_a_change_of_protection),
		cloud_unit_test(a_server_only_has_what_others_asked),
		cloud_unit_test(what_makes_no_sense_any_more),
		cloud_unit_test(shortcuts_that_may_not_be),
		cloud_unit_test(the_route_under_it_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
