/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

enum { H1, H2, H3, SPOKE };

static const struct cloud_spec hub[] = {
	{ .name = "H1", .nbma = "1.1.1.1", .overlay = "10.10.10.1/24" },
	{ .name = "H2", .nbma = "2.2.2.2", .overlay = "10.10.10.2/24" },
	{ .name = "H3", .nbma = "3.3.3.3", .overlay = "10.10.10.3/24" },
};

/* H2 is the best by priority, then H1 by order, then H3. */
static const struct cloud_spec spoke = { .name = "S",
	                                 .nbma = "9.9.9.9",
	                                 .overlay = "10.10.10.9/24",
	                                 .nhs = { "10.10.10.1 nbma 1.1.1.1 priority 2",
	                                          "10.10.10.2 nbma 2.2.2.2 priority 1",
	                                          "10.10.10.3 nbma 3.3.3.3 priority 2" },
	                                 .cluster = { [0] = { true, 1 } },
	                                 .registration_s = 20,
	                                 .fallback_s = 30 };

static void add(struct cloud *c, const struct cloud_spec *s)
{
	c->terse = true;
	for (size_t i = H1; i <= H3; i++)
		cloud_add(c, &hub[i]);
	cloud_add(c, s);
}

/* All registered, the trace forgotten. */
static void add_settled(struct cloud *c, const struct cloud_spec *s)
{
	add(c, s);
	cloud_run(c, 2000);
	cloud_quiet(c);
}

/* Until the one that takes its place has been registered with twice. */
static void lose(struct cloud *c, size_t which)
{
	c->router[which].deaf = true;
	cloud_run(c, 38000);
}

/* Lines "address state" of the spoke, as `show ip nhrp nhs` has them. */
static void expect_servers(const struct cloud *c, const char *text)
{
	struct node_cursor cursor = { 0 };
	struct nhs_view v;
	struct strbuf b;
	char address[ADDR_TEXT_LEN];

	strbuf_init(&b);
	while (node_nhs_next(c->router[SPOKE].node, &cursor, &v))
		strbuf_printf(&b, "%s %s%s%s\n", addr_format(&v.address, address),
		              v.responding ? "R" : "", v.expecting ? "E" : "",
		              v.waiting ? "W" : "");
	assert_string_equal(b.text, text);
	strbuf_fini(&b);
}

static void the_best_one_is_used(void **state)
{
	struct cloud *c = *state;

	add(c, &spoke);
	cloud_run(c, 30000);
	cloud_expect(c, "   0.000 S set-peer 10.10.10.1 1.1.1.1 static\n"
	                "   0.000 S set-peer 10.10.10.2 2.2.2.2 static\n"
	                "   0.000 S set-peer 10.10.10.3 3.3.3.3 static\n"
	                "   0.000 S sent 2.2.2.2 Registration Request 1\n"
	                "   0.010 H2 set-peer 10.10.10.9 9.9.9.9 registered\n"
	                "   0.010 H2 nhc-up 10.10.10.9 9.9.9.9\n"
	                "   0.010 H2 sent 9.9.9.9 Registration Reply 1\n"
	                "   0.020 S nhs-up 10.10.10.2 2.2.2.2\n"
	                "   1.000 S sent 2.2.2.2 Registration Request 2\n"
	                "   1.010 H2 sent 9.9.9.9 Registration Reply 2\n"
	                "  21.020 S sent 2.2.2.2 Registration Request 3\n"
	                "  21.030 H2 sent 9.9.9.9 Registration Reply 3\n");
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 RE\n10.10.10.3 W\n");
}

/* Detected by the schedule of registrations; the better one is probed on, and stands for the
 * fallback time before it is gone back to. */
static void fails_over_and_falls_back(void **state)
{
	struct cloud *c = *state;

	add_settled(c, &spoke);
	lose(c, H2);
	cloud_expect(c,
	             "  21.020 S sent 2.2.2.2 Registration Request 3\n"
	             "  22.659 S sent 2.2.2.2 Registration Request 3\n"
	             "  25.690 S sent 2.2.2.2 Registration Request 3\n"
	             "  33.209 S nhs-down 10.10.10.2 2.2.2.2 (no reply to registration requests)\n"
	             "  33.209 S sent 2.2.2.2 Registration Request 3\n"
	             "  33.209 S sent 1.1.1.1 Registration Request 4\n"
	             "  33.219 H1 set-peer 10.10.10.9 9.9.9.9 registered\n"
	             "  33.219 H1 nhc-up 10.10.10.9 9.9.9.9\n"
	             "  33.219 H1 sent 9.9.9.9 Registration Reply 4\n"
	             "  33.229 S nhs-up 10.10.10.1 1.1.1.1\n"
	             "  34.209 S sent 1.1.1.1 Registration Request 5\n"
	             "  34.219 H1 sent 9.9.9.9 Registration Reply 5\n");
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 E\n10.10.10.3 W\n");
	c->router[H2].deaf = false;
	cloud_run(c, 70000);
	cloud_expect(c, "  47.618 S sent 2.2.2.2 Registration Request 3\n"
	                "  47.628 H2 sent 9.9.9.9 Registration Reply 3\n"
	                "  47.638 S nhs-up 10.10.10.2 2.2.2.2\n"
	                "  54.229 S sent 1.1.1.1 Registration Request 6\n"
	                "  54.239 H1 sent 9.9.9.9 Registration Reply 6\n"
	                "  67.638 S sent 2.2.2.2 Registration Request 7\n"
	                "  67.648 H2 sent 9.9.9.9 Registration Reply 7\n"
	                "  74.249 S sent 1.1.1.1 Registration Request 8\n"
	                "  74.259 H1 sent 9.9.9.9 Registration Reply 8\n"
	                "  77.638 S sent 1.1.1.1 Purge Request 8\n"
	                "  77.638 S nhs-down 10.10.10.1 1.1.1.1 (not wanted any more)\n"
	                "  77.648 H1 del-peer 10.10.10.9\n"
	                "  77.648 H1 nhc-down 10.10.10.9 9.9.9.9 (purge received)\n"
	                "  77.648 H1 sent 9.9.9.9 Purge Reply 8\n"
	                "  87.658 S sent 2.2.2.2 Registration Request 9\n"
	                "  87.668 H2 sent 9.9.9.9 Registration Reply 9\n"
	                " 107.678 S sent 2.2.2.2 Registration Request 10\n"
	                " 107.688 H2 sent 9.9.9.9 Registration Reply 10\n");
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 RE\n10.10.10.3 W\n");
}

static void without_a_fallback_time_at_once(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	s.fallback_s = 0;
	add_settled(c, &s);
	lose(c, H2);
	cloud_quiet(c);
	c->router[H2].deaf = false;
	cloud_run(c, 15000);
	cloud_expect(c, "  47.618 S sent 2.2.2.2 Registration Request 3\n"
	                "  47.628 H2 sent 9.9.9.9 Registration Reply 3\n"
	                "  47.638 S nhs-up 10.10.10.2 2.2.2.2\n"
	                "  47.638 S sent 1.1.1.1 Purge Request 5\n"
	                "  47.638 S nhs-down 10.10.10.1 1.1.1.1 (not wanted any more)\n"
	                "  47.648 H1 del-peer 10.10.10.9\n"
	                "  47.648 H1 nhc-down 10.10.10.9 9.9.9.9 (purge received)\n"
	                "  47.648 H1 sent 9.9.9.9 Purge Reply 5\n");
}

/* Down again within the fallback time: nobody goes. */
static void one_that_flaps_changes_nothing(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	s.fallback_s = 60;
	add_settled(c, &s);
	lose(c, H2);
	c->router[H2].deaf = false;
	cloud_run(c, 15000);
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 RE\n10.10.10.3 W\n");
	cloud_want(c, SPOKE, "10.10.10.77");
	cloud_expect(c,
	             "  21.020 S sent 2.2.2.2 Registration Request 3\n"
	             "  22.659 S sent 2.2.2.2 Registration Request 3\n"
	             "  25.690 S sent 2.2.2.2 Registration Request 3\n"
	             "  33.209 S nhs-down 10.10.10.2 2.2.2.2 (no reply to registration requests)\n"
	             "  33.209 S sent 2.2.2.2 Registration Request 3\n"
	             "  33.209 S sent 1.1.1.1 Registration Request 4\n"
	             "  33.219 H1 set-peer 10.10.10.9 9.9.9.9 registered\n"
	             "  33.219 H1 nhc-up 10.10.10.9 9.9.9.9\n"
	             "  33.219 H1 sent 9.9.9.9 Registration Reply 4\n"
	             "  33.229 S nhs-up 10.10.10.1 1.1.1.1\n"
	             "  34.209 S sent 1.1.1.1 Registration Request 5\n"
	             "  34.219 H1 sent 9.9.9.9 Registration Reply 5\n"
	             "  47.618 S sent 2.2.2.2 Registration Request 3\n"
	             "  47.628 H2 sent 9.9.9.9 Registration Reply 3\n"
	             "  47.638 S nhs-up 10.10.10.2 2.2.2.2\n"
	             "  54.229 S sent 1.1.1.1 Registration Request 6\n"
	             "  54.239 H1 sent 9.9.9.9 Registration Reply 6\n"
	             "  55.000 S sent 1.1.1.1 Resolution Request 7 10.10.10.77\n"
	             "  55.000 S set-peer 10.10.10.77 1.1.1.1 via-nhs\n");
	c->router[H2].deaf = true;
	cloud_run(c, 60000);
	cloud_expect(c,
	             "  55.010 H1 sent 9.9.9.9 Resolution Reply 7 code 12\n"
	             "  67.638 S sent 2.2.2.2 Registration Request 8\n"
	             "  69.252 S sent 2.2.2.2 Registration Request 8\n"
	             "  73.098 S sent 2.2.2.2 Registration Request 8\n"
	             "  74.249 S sent 1.1.1.1 Registration Request 9\n"
	             "  74.259 H1 sent 9.9.9.9 Registration Reply 9\n"
	             "  80.910 S nhs-down 10.10.10.2 2.2.2.2 (no reply to registration requests)\n"
	             "  80.910 S sent 2.2.2.2 Registration Request 8\n"
	             "  94.269 S sent 1.1.1.1 Registration Request 10\n"
	             "  94.279 H1 sent 9.9.9.9 Registration Reply 10\n"
	             "  95.735 S sent 2.2.2.2 Registration Request 8\n"
	             " 114.289 S sent 1.1.1.1 Registration Request 11\n"
	             " 114.299 H1 sent 9.9.9.9 Registration Reply 11\n");
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 E\n10.10.10.3 W\n");
}

/* The one in use is lost while a better one proves itself: there is nothing to wait for. */
static void one_that_proves_itself_is_better_than_none(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	s.fallback_s = 60;
	add_settled(c, &s);
	lose(c, H2);
	c->router[H2].deaf = false;
	cloud_run(c, 15000);
	cloud_quiet(c);
	c->router[H1].deaf = true;
	cloud_run(c, 40000);
	cloud_expect(c,
	             "  67.638 S sent 2.2.2.2 Registration Request 7\n"
	             "  67.648 H2 sent 9.9.9.9 Registration Reply 7\n"
	             "  74.249 S sent 1.1.1.1 Registration Request 8\n"
	             "  75.863 S sent 1.1.1.1 Registration Request 8\n"
	             "  79.709 S sent 1.1.1.1 Registration Request 8\n"
	             "  87.521 S nhs-down 10.10.10.1 1.1.1.1 (no reply to registration requests)\n"
	             "  87.521 S sent 1.1.1.1 Purge Request 6\n"
	             "  87.521 S sent 1.1.1.1 Purge Request 8\n"
	             "  87.658 S sent 2.2.2.2 Registration Request 9\n"
	             "  87.668 H2 sent 9.9.9.9 Registration Reply 9\n");
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 RE\n10.10.10.3 W\n");
}

static void two_of_three(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	s.cluster[0] = (struct snap_cluster){ true, 2 };
	add_settled(c, &s);
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 RE\n10.10.10.3 W\n");
	lose(c, H2);
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 E\n10.10.10.3 RE\n");
	lose(c, H1);
	expect_servers(c, "10.10.10.1 E\n10.10.10.2 E\n10.10.10.3 RE\n");
	c->router[H1].deaf = c->router[H2].deaf = false;
	cloud_run(c, 200000);
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 RE\n10.10.10.3 W\n");
}

static void clusters_are_on_their_own(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	s.nhs[2] = "10.10.10.3 nbma 3.3.3.3 priority 9 cluster 7";
	s.cluster[7] = (struct snap_cluster){ true, 1 };
	add_settled(c, &s);
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 RE\n10.10.10.3 RE\n");
	lose(c, H3);
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 RE\n10.10.10.3 E\n");
}

/* Lines typed on a router that runs. The one in use stays until the one preferred now answers. */
static void the_configuration_changes(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	add_settled(c, &s);
	s.fallback_s = 0;
	s.nhs[2] = "10.10.10.3 nbma 3.3.3.3";
	cloud_configure(c, SPOKE, &s);
	cloud_run(c, 2000);
	cloud_expect(c, "   2.000 S sent 3.3.3.3 Registration Request 3\n"
	                "   2.010 H3 set-peer 10.10.10.9 9.9.9.9 registered\n"
	                "   2.010 H3 nhc-up 10.10.10.9 9.9.9.9\n"
	                "   2.010 H3 sent 9.9.9.9 Registration Reply 3\n"
	                "   2.020 S nhs-up 10.10.10.3 3.3.3.3\n"
	                "   2.020 S sent 2.2.2.2 Purge Request 2\n"
	                "   2.020 S nhs-down 10.10.10.2 2.2.2.2 (not wanted any more)\n"
	                "   2.030 H2 del-peer 10.10.10.9\n"
	                "   2.030 H2 nhc-down 10.10.10.9 9.9.9.9 (purge received)\n"
	                "   2.030 H2 sent 9.9.9.9 Purge Reply 2\n"
	                "   3.000 S sent 3.3.3.3 Registration Request 4\n"
	                "   3.010 H3 sent 9.9.9.9 Registration Reply 4\n");
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 W\n10.10.10.3 RE\n");
	s.cluster[0].limited = false;
	cloud_configure(c, SPOKE, &s);
	cloud_run(c, 2000);
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 RE\n10.10.10.3 RE\n");
	s.cluster[0] = (struct snap_cluster){ true, 0 };
	cloud_configure(c, SPOKE, &s);
	cloud_run(c, 2000);
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 W\n10.10.10.3 W\n");
	cloud_quiet(c);
	s.nhs[0] = s.nhs[1];
	s.nhs[1] = s.nhs[2] = NULL;
	s.cluster[0].limited = false;
	cloud_configure(c, SPOKE, &s);
	cloud_run(c, 2000);
	cloud_expect(c, "   8.000 S sent 2.2.2.2 Registration Request 9\n"
	                "   8.000 S del-peer 10.10.10.1\n"
	                "   8.000 S del-peer 10.10.10.3\n"
	                "   8.010 H2 set-peer 10.10.10.9 9.9.9.9 registered\n"
	                "   8.010 H2 nhc-up 10.10.10.9 9.9.9.9\n"
	                "   8.010 H2 sent 9.9.9.9 Registration Reply 9\n"
	                "   8.020 S nhs-up 10.10.10.2 2.2.2.2\n"
	                "   9.000 S sent 2.2.2.2 Registration Request 10\n"
	                "   9.010 H2 sent 9.9.9.9 Registration Reply 10\n");
}

/* The line goes down while the second best is in use: up again, the best is tried first. */
static void the_tunnel_goes_and_comes(void **state)
{
	struct cloud *c = *state;

	add_settled(c, &spoke);
	lose(c, H2);
	cloud_quiet(c);
	cloud_move(c, SPOKE, NULL);
	cloud_run(c, 5000);
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 E\n10.10.10.3 W\n");
	cloud_move(c, SPOKE, "9.9.9.9");
	cloud_run(c, 16100);
	cloud_expect(c,
	             "  40.000 S nhs-down 10.10.10.1 1.1.1.1 (tunnel is down)\n"
	             "  45.000 S set-peer 10.10.10.1 1.1.1.1 static\n"
	             "  45.000 S set-peer 10.10.10.2 2.2.2.2 static\n"
	             "  45.000 S set-peer 10.10.10.3 3.3.3.3 static\n"
	             "  45.000 S sent 2.2.2.2 Registration Request 6\n"
	             "  46.000 S sent 2.2.2.2 Registration Request 7\n"
	             "  47.777 S sent 2.2.2.2 Registration Request 7\n"
	             "  51.057 S sent 2.2.2.2 Registration Request 7\n"
	             "  58.510 S nhs-down 10.10.10.2 2.2.2.2 (no reply to registration requests)\n"
	             "  58.510 S sent 2.2.2.2 Registration Request 7\n"
	             "  58.510 S sent 1.1.1.1 Registration Request 8\n"
	             "  58.520 H1 sent 9.9.9.9 Registration Reply 8\n"
	             "  58.530 S nhs-up 10.10.10.1 1.1.1.1\n"
	             "  59.510 S sent 1.1.1.1 Registration Request 9\n"
	             "  59.520 H1 sent 9.9.9.9 Registration Reply 9\n");
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 E\n10.10.10.3 W\n");
}

/* Its name has no address, so nothing is ever sent to it. */
static void a_trial_ends_without_a_request(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	s.nhs[1] = "10.10.10.2 nbma hub.example priority 1";
	add(c, &s);
	cloud_run(c, 16100);
	cloud_expect(c, "   0.000 S set-peer 10.10.10.1 1.1.1.1 static\n"
	                "   0.000 S set-peer 10.10.10.3 3.3.3.3 static\n"
	                "   0.000 S look-up hub.example\n"
	                "  16.000 S sent 1.1.1.1 Registration Request 1\n"
	                "  16.010 H1 set-peer 10.10.10.9 9.9.9.9 registered\n"
	                "  16.010 H1 nhc-up 10.10.10.9 9.9.9.9\n"
	                "  16.010 H1 sent 9.9.9.9 Registration Reply 1\n"
	                "  16.020 S nhs-up 10.10.10.1 1.1.1.1\n");
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 E\n10.10.10.3 W\n");
}

static void is_wanted(const struct cloud *c, bool first, bool second)
{
	const struct cloud_router *r = &c->router[SPOKE];
	bool has_first = false, has_second = false;

	for (size_t i = 0; i < r->n_sas; i++) {
		struct addr one = cloud_addr("1.1.1.1"), two = cloud_addr("2.2.2.2");
		has_first |= addr_equal(&r->sa[i].remote, &one);
		has_second |= addr_equal(&r->sa[i].remote, &two);
	}
	assert_int_equal(has_first, first);
	assert_int_equal(has_second, second);
}

/* No association with a server that waits, although a static entry names it; the next one's is made
 * when the best cannot be protected, and goes when it waits again. */
static void one_that_waits_is_not_protected(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	c->terse = true;
	for (size_t i = H1; i <= H2; i++) {
		struct cloud_spec h = hub[i];
		h.psk = "secret";
		cloud_add(c, &h);
	}
	cloud_add(c, &hub[H3]);
	s.psk = "secret";
	s.nhs[2] = NULL;
	s.map[0] = "10.10.10.1/32 1.1.1.1";
	c->router[H2].deaf = true;
	cloud_add(c, &s);
	cloud_run(c, 15000);
	is_wanted(c, false, false);
	cloud_run(c, 5000);
	is_wanted(c, true, false);
	expect_servers(c, "10.10.10.1 RE\n10.10.10.2 E\n");
	c->router[H2].deaf = false;
	cloud_run(c, 120000);
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 RE\n");
	is_wanted(c, false, true);
	cloud_expect_cache(c, SPOKE,
	                   "10.10.10.1/32 10.10.10.1 1.1.1.1 static authoritative\n"
	                   "10.10.10.2/32 10.10.10.2 2.2.2.2 static authoritative\n");
}

/* The hub that is left has a registration whose reply is on its way: that one is purged too. */
static void the_unanswered_one_is_purged(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;

	add_settled(c, &s);
	cloud_run(c, 19025);
	s.cluster[0].max_connections = 0;
	cloud_quiet(c);
	cloud_configure(c, SPOKE, &s);
	cloud_run(c, 2000);
	cloud_expect(c, "  21.025 S sent 2.2.2.2 Purge Request 2\n"
	                "  21.025 S sent 2.2.2.2 Purge Request 3\n"
	                "  21.025 S nhs-down 10.10.10.2 2.2.2.2 (not wanted any more)\n"
	                "  21.030 H2 sent 9.9.9.9 Registration Reply 3\n"
	                "  21.035 H2 sent 9.9.9.9 Purge Reply 2\n"
	                "  21.035 H2 del-peer 10.10.10.9\n"
	                "  21.035 H2 nhc-down 10.10.10.9 9.9.9.9 (purge received)\n"
	                "  21.035 H2 sent 9.9.9.9 Purge Reply 3\n"
	                "  21.040 S sent 2.2.2.2 Purge Request 3\n"
	                "  21.050 H2 sent 9.9.9.9 Purge Reply 3\n");
	assert_int_equal(cloud_drops(c, SPOKE, DROP_UNSOLICITED), 0);
	cloud_expect_cache(c, H2, "");
}

/* It cannot go down, for it is not used. */
static void an_error_about_one_that_waits(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke;
	uint8_t bytes[NHRP_PACKET_MAX];
	struct nhrp_packet p = { .type = NHRP_REGISTRATION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 3 };

	add_settled(c, &s);
	cloud_run(c, 19025);
	c->router[H2].deaf = true;
	s.cluster[0].max_connections = 0;
	cloud_configure(c, SPOKE, &s);
	cloud_run(c, 2000);
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 W\n10.10.10.3 W\n");
	cloud_quiet(c);
	p.src_nbma = cloud_addr("9.9.9.9");
	p.src_proto = cloud_addr("10.10.10.9");
	p.dst_proto = cloud_addr("10.10.10.2");
	p.contents_len = nhrp_build(&p, bytes, sizeof bytes);
	p.contents = bytes;
	p.type = NHRP_ERROR_INDICATION;
	p.error = NHRP_ERROR_UNREACHABLE;
	p.src_nbma = cloud_addr("2.2.2.2");
	p.src_proto = cloud_addr("10.10.10.2");
	p.dst_proto = cloud_addr("10.10.10.9");
	cloud_inject(c, "2.2.2.2", SPOKE, &p);
	cloud_run(c, 5000);
	cloud_expect(c, "  23.025 S error-received 10.10.10.2 2.2.2.2 code 6 \"protocol address "
	                "unreachable\"\n");
	expect_servers(c, "10.10.10.1 W\n10.10.10.2 W\n10.10.10.3 W\n");
}

/* The cache has the NBMA address of the one that is used, and only that one is protected. */
static void two_share_an_overlay_address(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec s = spoke, h[2] = { hub[H1], hub[H2] };
	static const char at_first[] = "10.10.10.1/32 10.10.10.1 1.1.1.1 static authoritative\n";
	static const char at_second[] = "10.10.10.1/32 10.10.10.1 2.2.2.2 static authoritative\n";

	c->terse = true;
	h[0].psk = h[1].psk = s.psk = "secret";
	h[1].overlay = h[0].overlay;
	s.nhs[0] = "10.10.10.1 nbma 1.1.1.1 priority 1";
	s.nhs[1] = "10.10.10.1 nbma 2.2.2.2 priority 2";
	s.nhs[2] = NULL;
	cloud_add(c, &h[0]);
	cloud_add(c, &h[1]);
	cloud_add(c, &hub[H3]);
	cloud_add(c, &s);
	cloud_run(c, 10000);
	cloud_expect_cache(c, SPOKE, at_first);
	is_wanted(c, true, false);
	s.holdtime_s = 300;
	cloud_configure(c, SPOKE, &s);
	cloud_run(c, 10000);
	cloud_expect_cache(c, SPOKE, at_first);
	is_wanted(c, true, false);
	c->router[H1].deaf = true;
	cloud_run(c, 60000);
	expect_servers(c, "10.10.10.1 E\n10.10.10.1 RE\n");
	cloud_expect_cache(c, SPOKE, at_second);
	c->router[H1].deaf = false;
	cloud_run(c, 200000);
	expect_servers(c, "10.10.10.1 RE\n10.10.10.1 W\n");
	cloud_expect_cache(c, SPOKE, at_first);
	is_wanted(c, true, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_best_one_is_used),
		cloud_unit_test(fails_over_and_falls_back),
		cloud_unit_test(without_a_fallback_time_at_once),
		cloud_unit_test(one_that_flaps_changes_nothing),
		cloud_unit_test(one_that_proves_itself_is_better_than_none),
		cloud_unit_test(two_of_three),
		cloud_unit_test(clusters_are_on_their_own),
		cloud_unit_test(the_configuration_changes),
		cloud_unit_test(the_tunnel_goes_and_comes),
		cloud_unit_test(a_trial_ends_without_a_request),
		cloud_unit_test(one_that_waits_is_not_protected),
		cloud_unit_test(the_unanswered_one_is_purged),
		cloud_unit_test(an_error_about_one_that_waits),
		cloud_unit_test(two_share_an_overlay_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
