/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel is a trace of what it was told; messages and batches are the real ones. */
#include "backend/shortcuts.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "util/strbuf.h"

struct rtnl {
	uint8_t buf[NETLINK_MESSAGE_MAX] __attribute__((aligned(8)));
	struct strbuf trace;
	int result;                    /* of the next requests */
	struct netlink_route there[4]; /* what a dump finds */
	size_t n_there;
};

void *rtnl_buffer(struct rtnl *rtnl)
{
	return rtnl->buf;
}

int rtnl_request(struct rtnl *rtnl, struct nlmsghdr *m)
{
	char to[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];
	struct netlink_event e;

	assert_true(netlink_parse(m, &e));
	assert_int_equal(e.object, NETLINK_ROUTE_ENTRY);
	if (e.route.protocol == NETLINK_ROUTE_OVERRIDE)
		strbuf_adds(&rtnl->trace, "override: ");
	else
		assert_int_equal(e.route.protocol, NETLINK_ROUTE_PROTOCOL);
	assert_int_equal(e.route.metric, 0);
	assert_false(m->nlmsg_flags & (NLM_F_EXCL | NLM_F_REPLACE | NLM_F_APPEND) && !e.deleted);
	strbuf_printf(&rtnl->trace, "%s %s via %s dev %d\n", e.deleted ? "del" : "add",
	              prefix_format(&e.route.to, to), addr_format(&e.route.via, via),
	              e.route.index);
	return rtnl->result;
}

/* One line for what goes out together. */
void rtnl_send(struct rtnl *rtnl, struct netlink_batch *batch,
               void (*refused)(void *ctx, const struct netlink_event *event, int error), void *ctx)
{
	for (struct nlmsghdr *m = NULL; (m = netlink_batch_next(batch, m));) {
		struct netlink_event e;
		int error = rtnl_request(rtnl, m);
		if (error && netlink_parse(m, &e))
			refused(ctx, &e, error);
	}
	*batch = (struct netlink_batch){ 0 };
}

int rtnl_dump(struct rtnl *rtnl, struct nlmsghdr *m,
              void (*each)(void *ctx, const struct netlink_event *event), void *ctx)
{
	(void)m;
	for (size_t i = 0; i < rtnl->n_there; i++)
		each(ctx, &(struct netlink_event){ .object = NETLINK_ROUTE_ENTRY,
		                                   .route = rtnl->there[i] });
	return 0;
}

struct world {
	struct rtnl rtnl;
	struct changes changes;
	struct shortcuts *s;
};

static void on_refused(void *ctx, const struct netlink_event *event)
{
	struct world *w = ctx;

	if (!event->deleted)
		shortcuts_refused(w->s, &event->route);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	strbuf_init(&w->rtnl.trace);
	w->changes = (struct changes){ .rtnl = &w->rtnl, .refused = on_refused, .ctx = w };
	w->s = shortcuts_new(&w->changes);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	shortcuts_free(w->s);
	strbuf_fini(&w->rtnl.trace);
	free(w);
	return 0;
}

static void expect(struct world *w, const char *trace)
{
	(void)changes_flush(&w->changes);
	assert_string_equal(w->rtnl.trace.text, trace);
	strbuf_truncate(&w->rtnl.trace, 0);
}

static struct shortcut shortcut(uint8_t network, uint8_t via)
{
	return (struct shortcut){ .key = { 0, { addr_v4(192, 168, network, 0), 24 } },
		                  .via = addr_v4(10, 0, 0, via) };
}

static void set(struct world *w, uint8_t network, uint8_t via, int index)
{
	struct shortcut r = shortcut(network, via);

	shortcuts_set(w->s, &r, index);
}

static void del(struct world *w, uint8_t network, int index)
{
	struct shortcut r = shortcut(network, 0);

	shortcuts_del(w->s, &r.key, index);
}

static void routes_come_and_go(void **state)
{
	struct world *w = *state;

	set(w, 3, 3, 5);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	w->rtnl.result = -EEXIST; /* told again, and still there */
	set(w, 3, 3, 5);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	w->rtnl.result = 0;
	del(w, 3, 5);
	expect(w, "del 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	del(w, 3, 5);
	expect(w, "");
}

static void another_next_hop_is_there_before_the_old_one_goes(void **state)
{
	struct world *w = *state;

	set(w, 3, 3, 5);
	set(w, 3, 4, 5);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n"
	          "add 192.168.3.0/24 via 10.0.0.4 dev 5\n"
	          "del 192.168.3.0/24 via 10.0.0.3 dev 5\n");
}

/* Its protocol is another one; when that changes, it is there before the old one goes. */
static void one_that_overrides(void **state)
{
	struct world *w = *state;
	struct shortcut r = shortcut(3, 3);

	set(w, 3, 3, 5);
	r.override = true;
	shortcuts_set(w->s, &r, 5);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n"
	          "override: add 192.168.3.0/24 via 10.0.0.3 dev 5\n"
	          "del 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	w->rtnl.n_there = 2;
	for (uint8_t i = 0; i < w->rtnl.n_there; i++)
		w->rtnl.there[i] = (struct netlink_route){ .to = r.key.to,
			                                   .via = addr_v4(10, 0, 0, 3 + i),
			                                   .index = 5,
			                                   .protocol = NETLINK_ROUTE_OVERRIDE };
	assert_int_equal(shortcuts_sweep(w->s, 5), 0);
	expect(w, "override: del 192.168.3.0/24 via 10.0.0.4 dev 5\n");
	del(w, 3, 5);
	expect(w, "override: del 192.168.3.0/24 via 10.0.0.3 dev 5\n");
}

static void routes_wait_for_their_interface(void **state)
{
	struct world *w = *state;

	set(w, 3, 3, 0);
	expect(w, "");
	shortcuts_settle(w->s, 1, 6);
	expect(w, "");
	shortcuts_settle(w->s, 0, 5);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	shortcuts_settle(w->s, 0, 7);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 7\n");
	del(w, 3, 0); /* the interface is gone, and the route with it */
	expect(w, "");
	set(w, 3, 3, 5);
	shortcuts_forget(w->s, 0);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	shortcuts_settle(w->s, 0, 5);
	expect(w, "");
}

static void what_the_kernel_refuses_is_tried_again(void **state)
{
	struct world *w = *state;

	w->rtnl.result = -ENETUNREACH;
	set(w, 3, 3, 5);
	assert_int_equal(changes_flush(&w->changes), -ENETUNREACH);
	w->rtnl.result = 0;
	strbuf_truncate(&w->rtnl.trace, 0);
	del(w, 3, 5); /* the kernel never had it */
	expect(w, "");
	set(w, 3, 3, 5);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n");
}

/* Of what lies on the interface, ours are those without a metric. */
static void an_earlier_life_leaves_nothing(void **state)
{
	struct world *w = *state;
	struct netlink_route r = { .to = { addr_v4(192, 168, 3, 0), 24 },
		                   .via = addr_v4(10, 0, 0, 3),
		                   .index = 5,
		                   .protocol = NETLINK_ROUTE_PROTOCOL };

	w->rtnl.n_there = 4;
	for (size_t i = 0; i < w->rtnl.n_there; i++)
		w->rtnl.there[i] = r;
	w->rtnl.there[1].metric = 1;
	w->rtnl.there[2].index = 6;
	w->rtnl.there[3].protocol = RTPROT_STATIC;
	assert_int_equal(shortcuts_sweep(w->s, 5), 0);
	expect(w, "del 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	w->rtnl.result = -ESRCH;
	assert_int_equal(shortcuts_sweep(w->s, 5), 0);
	w->rtnl.result = -EPERM;
	assert_int_equal(shortcuts_sweep(w->s, 5), -EPERM);
}

/* A route that is wanted again stays as it is: same network, same next hop. */
static void what_is_wanted_again_is_taken_over(void **state)
{
	struct world *w = *state;

	w->rtnl.n_there = 2;
	for (size_t i = 0; i < w->rtnl.n_there; i++)
		w->rtnl.there[i] = (struct netlink_route){ .to = { addr_v4(192, 168, 3, 0), 24 },
			                                   .via = addr_v4(10, 0, 0, 3),
			                                   .index = 5,
			                                   .protocol = NETLINK_ROUTE_PROTOCOL };
	w->rtnl.there[1].via = addr_v4(10, 0, 0, 4);
	w->rtnl.result = -EEXIST;
	set(w, 3, 3, 5);
	expect(w, "add 192.168.3.0/24 via 10.0.0.3 dev 5\n");
	w->rtnl.result = 0;
	assert_int_equal(shortcuts_sweep(w->s, 5), 0);
	expect(w, "del 192.168.3.0/24 via 10.0.0.4 dev 5\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(routes_come_and_go),
		TEST(another_next_hop_is_there_before_the_old_one_goes),
		TEST(one_that_overrides),
		TEST(routes_wait_for_their_interface),
		TEST(what_the_kernel_refuses_is_tried_again),
		TEST(an_earlier_life_leaves_nothing),
		TEST(what_is_wanted_again_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
