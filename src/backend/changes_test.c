/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel is a count of messages and what it answers; batches are the real ones. */
#include "backend/changes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct rtnl {
	_Alignas(struct nlmsghdr) uint8_t buffer[NETLINK_MESSAGE_MAX];
	unsigned n_sends, n_messages;
	int error; /* of each message that is not deleted, … */
	int gone;  /* … and of each that is */
};

void *rtnl_buffer(struct rtnl *rtnl)
{
	return rtnl->buffer;
}

void rtnl_send(struct rtnl *rtnl, struct netlink_batch *batch,
               void (*refused)(void *ctx, const struct netlink_event *event, int error), void *ctx)
{
	rtnl->n_sends += batch->n > 0;
	for (struct nlmsghdr *m = NULL; (m = netlink_batch_next(batch, m));) {
		struct netlink_event e;
		assert_true(netlink_parse(m, &e));
		rtnl->n_messages++;
		if (e.deleted ? rtnl->gone : rtnl->error)
			refused(ctx, &e, e.deleted ? rtnl->gone : rtnl->error);
	}
	batch->n = batch->len = 0;
}

struct world {
	struct rtnl rtnl;
	struct changes c;
	unsigned n_refused;
};

static void on_refused(void *ctx, const struct netlink_event *event)
{
	struct world *w = ctx;

	assert_int_equal(event->object == NETLINK_NEIGHBOUR ? event->neighbour.index
	                                                    : event->route.index,
	                 5);
	w->n_refused++;
}

static void set_up(struct world *w)
{
	*w = (struct world){ 0 };
	w->c = (struct changes){ .rtnl = &w->rtnl, .refused = on_refused, .ctx = w };
}

static void set_both(struct world *w)
{
	const struct netlink_neighbour n = { .index = 5, .addr = addr_v4(10, 0, 0, 3) };
	const struct netlink_route r = { .to = { addr_v4(192, 168, 3, 0), 24 },
		                         .via = addr_v4(10, 0, 0, 3),
		                         .index = 5 };

	changes_neighbour_set(&w->c, &n);
	changes_route_set(&w->c, &r);
}

static void del_both(struct world *w)
{
	const struct netlink_neighbour n = { .index = 5, .addr = addr_v4(10, 0, 0, 3) };
	const struct netlink_route r = { .to = { addr_v4(192, 168, 3, 0), 24 }, .index = 5 };

	changes_route_del(&w->c, &r);
	changes_neighbour_del(&w->c, &n);
}

static void changes_wait_and_go_together(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	set_both(&w);
	assert_int_equal(w.rtnl.n_messages, 0);
	assert_int_equal(changes_flush(&w.c), 0);
	assert_int_equal(w.rtnl.n_messages, 2);
	assert_int_equal(w.rtnl.n_sends, 1);
	assert_int_equal(changes_flush(&w.c), 0);
	assert_int_equal(w.rtnl.n_sends, 1);
}

static void more_than_fits_goes_before(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	for (unsigned i = 0; i < NETLINK_BATCH_MAX / 2 + 1; i++)
		set_both(&w);
	assert_int_equal(w.rtnl.n_messages, NETLINK_BATCH_MAX);
	assert_int_equal(changes_flush(&w.c), 0);
	assert_int_equal(w.rtnl.n_messages, NETLINK_BATCH_MAX + 2);
	assert_int_equal(w.rtnl.n_sends, 2);
}

static void refusals_are_counted_and_told(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	w.rtnl.error = -ENOBUFS;
	set_both(&w);
	assert_int_equal(changes_flush(&w.c), -ENOBUFS);
	assert_int_equal(w.c.neighbours_refused, 1);
	assert_int_equal(w.c.routes_refused, 1);
	assert_int_equal(w.n_refused, 2);
	assert_int_equal(changes_flush(&w.c), 0);
}

static void what_is_so_already_is_no_refusal(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	w.rtnl.gone = -ESRCH;
	del_both(&w);
	assert_int_equal(changes_flush(&w.c), 0);
	w.rtnl.gone = -ENOENT;
	del_both(&w);
	assert_int_equal(changes_flush(&w.c), 0);
	w.rtnl.gone = -EPERM;
	del_both(&w);
	assert_int_equal(changes_flush(&w.c), -EPERM);
	assert_int_equal(w.n_refused, 2);
	w.rtnl.error = -EEXIST; /* of a route; a neighbour is replaced */
	set_both(&w);
	assert_int_equal(changes_flush(&w.c), -EEXIST);
	assert_int_equal(w.c.neighbours_refused, 2);
	assert_int_equal(w.c.routes_refused, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_wait_and_go_together),
		cmocka_unit_test(more_than_fits_goes_before),
		cmocka_unit_test(refusals_are_counted_and_told),
		cmocka_unit_test(what_is_so_already_is_no_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
