/* SPDX-License-Identifier: Apache-2.0 */
/* Protection in a daemon whose port 500 is a real one, on the loopback of a namespace of its own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/fake_daemon.h"

static const struct addr peer = { ADDR_V4, { 1, 1, 1, 2 } };

static void add(struct fake_daemon *f, uint32_t id, bool outbound)
{
	const struct node_sa sa = { .id = id, .nbma = peer, .outbound = outbound };

	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_ADD, .sa = &sa });
}

static void associations_reach_the_back_end(void **state)
{
	struct fake_daemon *f = *state;
	struct node_action use = { .type = NODE_SA_USE, .use = { 0, peer, 2002 } };
	struct node_action move = { .type = NODE_SA_MOVE, .move = { 2002, peer, 1024 } };
	struct node_action send = { .type = NODE_IKE_SEND, .ike.path = { peer, peer, 4500, 1024 } };

	strbuf_truncate(&f->kernel.trace, 0);
	add(f, 2001, false);
	add(f, 2002, true);
	daemon_protect(&f->d, &use);
	daemon_protect(&f->d, &move);
	daemon_protect(&f->d, &send);
	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_DEL, .sa_id = 2002 });
	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_DEL, .sa_id = 2001 });
	fake_expect(&f->kernel, "sa 2001 in tunnel 0 1.1.1.2\n"
	                        "sa 2002 out tunnel 0 1.1.1.2\n"
	                        "sa-use 0 1.1.1.2 = 2002\n"
	                        "sa-move 2002 1.1.1.2:1024\n"
	                        "ike 4500 > 1.1.1.2:1024 0 bytes\n"
	                        "sa-del 2002\n"
	                        "sa-del 2001\n");
}

static void what_they_carry_is_polled(void **state)
{
	struct fake_daemon *f = *state;

	add(f, 2001, false);
	add(f, 2002, true);
	strbuf_truncate(&f->kernel.trace, 0);
	fake_daemon_run(f, 1200);
	fake_expect(&f->kernel, "sa-state 2001\nsa-state 2002\n");
	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_DEL, .sa_id = 2001 });
	strbuf_truncate(&f->kernel.trace, 0);
	fake_daemon_run(f, 1200);
	fake_expect(&f->kernel, "");
}

static void refused_associations_are_told(void **state)
{
	struct fake_daemon *f = *state;

	f->backend.refuse_sas = -ENOSPC;
	add(f, 2001, false);
	assert_int_equal(fake_daemon_logged(f, "%CRYPTO-3-SA: A security association with 1.1.1.2 "
	                                       "cannot be put in force: No space left on device"),
	                 1);
	assert_null(f->d.sas);
}

/* Without a key the answer is that there is none; it is given once. */
static void what_was_to_be_signed_is_answered(void **state)
{
	struct fake_daemon *f = *state;
	const struct node_action sign = {
		.type = NODE_IKE_SIGN,
		.sign = { .cookie = 7,
		          .trustpoint = "CA",
		          .bytes = (const uint8_t *)"x",
		          .len = 1 },
	};

	daemon_protect(&f->d, &sign);
	daemon_protect(&f->d, &sign);
	assert_true(daemon_tell_signature(&f->d));
	assert_true(daemon_tell_signature(&f->d));
	assert_false(daemon_tell_signature(&f->d));
	daemon_protect(&f->d, &sign);
	daemon_step(&f->d, &(struct node_event){ .type = NODE_TICK });
	assert_false(daemon_tell_signature(&f->d));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_daemon_set_up, fake_daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(associations_reach_the_back_end),
		TEST(what_they_carry_is_polled),
		TEST(refused_associations_are_told),
		TEST(what_was_to_be_signed_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
