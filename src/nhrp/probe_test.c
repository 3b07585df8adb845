/* SPDX-License-Identifier: Apache-2.0 */
#include "nhrp/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* R2 and R3 with networks behind them, and a direct path that R2 has resolved. */
static void add_path_of(struct cloud *c, const struct cloud_spec *of)
{
	struct cloud_spec r1 = cloud_r1, r2 = *of, r3 = cloud_r3;

	r1.redirect = true;
	r1.route[0] = "192.168.2.0/24 10.10.10.2";
	r1.route[1] = "192.168.3.0/24 10.10.10.3";
	r2.shortcut = r3.shortcut = true;
	r2.route[0] = "192.168.2.0/24 local";
	r3.route[0] = "192.168.3.0/24 local";
	r2.route[1] = r3.route[1] = "192.168.0.0/16 10.10.10.1";
	c->terse = true;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_add(c, &r3);
	cloud_run(c, 2000);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 1000);
	cloud_quiet(c);
}

static void add_path(struct cloud *c, uint8_t keepalive_s)
{
	struct cloud_spec r2 = cloud_r2;

	r2.keepalive_s = keepalive_s;
	add_path_of(c, &r2);
}

static void cut(struct cloud *c, bool on)
{
	c->cut[0] = on ? cloud_addr("2.2.2.2") : ADDR_ANY_NONE;
	c->cut[1] = on ? cloud_addr("3.3.3.2") : ADDR_ANY_NONE;
}

/* Use is told every few seconds. */
static void run_used(struct cloud *c, int seconds)
{
	for (int i = 0; i < seconds; i++) {
		cloud_used(c, R2, "10.10.10.3");
		cloud_run(c, 1000);
	}
}

static void a_path_that_answers_stays(void **state)
{
	struct cloud *c = *state;

	add_path(c, 2);
	run_used(c, 3);
	cloud_expect(c, "   4.040 R2 sent 3.3.3.2 Resolution Request 4 10.10.10.3\n"
	                "   4.050 R3 sent 2.2.2.2 Resolution Reply 4\n");
	run_used(c, 100);
	assert_null(strstr(c->trace.text, "nhp-down"));
	assert_null(strstr(c->trace.text, "set-"));
}

static void a_path_that_nobody_uses_is_left_alone(void **state)
{
	struct cloud *c = *state;

	add_path(c, 2);
	cloud_run(c, 31000);
	cloud_quiet(c);
	cloud_run(c, 60000);
	cloud_expect(c, "");
	run_used(c, 3); /* and asked again when it is used */
	assert_non_null(strstr(c->trace.text, "R2 sent 3.3.3.2 Resolution Request"));
}

/* Route and neighbour go in one step, after the interval and three questions a second apart. */
static void a_dead_path_goes_by_the_hub(void **state)
{
	struct cloud *c = *state;

	add_path(c, 2);
	cut(c, true);
	run_used(c, 4);
	cloud_expect(c, "   4.040 R2 sent 3.3.3.2 Resolution Request 4 10.10.10.3\n"
	                "   5.040 R2 sent 3.3.3.2 Resolution Request 4 10.10.10.3\n"
	                "   6.040 R2 sent 3.3.3.2 Resolution Request 4 10.10.10.3\n");
	run_used(c, 1);
	cloud_expect(c, "   7.040 R2 nhp-down 10.10.10.3 3.3.3.2 (peer does not answer)\n"
	                "   7.040 R2 sent 1.1.1.2 Resolution Request 5 10.10.10.3\n"
	                "   7.040 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   7.040 R2 del-route 192.168.3.0/24 10.10.10.3\n"
	                "   7.050 R1 forwarded 3.3.3.2 Resolution Request 5 10.10.10.3\n"
	                "   7.060 R3 sent 2.2.2.2 Resolution Reply 5\n");
}

/* To R2 behind NAT its answers come by the hub: that is asked once, not again and again. */
static void servers_know_no_better(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec inside = cloud_r2;

	inside.nbma = "192.168.0.2";
	inside.public = "2.2.2.2";
	inside.keepalive_s = 2;
	add_path_of(c, &inside);
	cut(c, true);
	run_used(c, 8);
	assert_non_null(strstr(c->trace.text, "R2 sent 1.1.1.2 Resolution Request"));
	cloud_quiet(c);
	run_used(c, 60);
	assert_non_null(strstr(c->trace.text, "R2 sent 3.3.3.2 Resolution Request"));
	assert_null(strstr(c->trace.text, "R2 sent 1.1.1.2 Resolution Request"));
}

/* Nobody makes us use it before it has answered; then it is direct again at once. */
static void a_dead_path_comes_back_when_it_answers(void **state)
{
	struct cloud *c = *state;

	add_path(c, 2);
	cut(c, true);
	run_used(c, 6);
	assert_non_null(strstr(c->trace.text, "del-route"));
	cloud_quiet(c);
	cloud_clear(c, R3); /* its request, by the hub, tells us of it as well */
	cloud_want(c, R3, "10.10.10.2");
	run_used(c, 30);
	assert_non_null(strstr(c->trace.text, "R1 forwarded 2.2.2.2 Resolution Request"));
	assert_null(strstr(c->trace.text, "nhp-up 10.10.10.3"));
	assert_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2"));
	cloud_quiet(c);
	cut(c, false);
	run_used(c, 62);
	const char *up = strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n");
	assert_non_null(up);
	assert_non_null(strstr(up, "R2 nhp-up 10.10.10.3 3.3.3.2\n"));
	assert_non_null(strstr(up, "R2 set-route 192.168.3.0/24 10.10.10.3\n"));
}

/* The peer has moved: what is known of its old address is nothing against the new one. */
static void another_address_is_no_dead_path(void **state)
{
	struct cloud *c = *state;

	add_path(c, 2);
	cut(c, true);
	run_used(c, 6);
	cloud_quiet(c);
	cloud_move(c, R3, "3.3.3.9");
	run_used(c, 40);
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.9 resolved\n"));
	cloud_quiet(c);
	run_used(c, 3);
	assert_non_null(strstr(c->trace.text, "R2 sent 3.3.3.9 Resolution Request"));
	assert_null(strstr(c->trace.text, "R2 sent 3.3.3.2"));
}

static void clearing_forgives(void **state)
{
	struct cloud *c = *state;

	add_path(c, 2);
	cut(c, true);
	run_used(c, 7); /* the next question is some seconds away */
	cut(c, false);
	cloud_clear(c, R2);
	cloud_quiet(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 500);
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"));
}

static void none_with_interval_0(void **state)
{
	struct cloud *c = *state;

	add_path(c, 0);
	cut(c, true);
	run_used(c, 40);
	cloud_expect(c, "");
}

/* `ip nhrp server-only`: no requests are made, by whatever way the path became known. */
static void none_of_who_asks_nothing(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec silent = cloud_r2;

	silent.server_only = true;
	silent.keepalive_s = 2;
	add_path_of(c, &silent);
	cloud_want(c, R3, "10.10.10.2");
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"));
	cloud_quiet(c);
	run_used(c, 10);
	cloud_expect(c, "");
}

/* What is asked again and again is not any more by a router that stops. */
static void none_after_the_stop(void **state)
{
	struct cloud *c = *state;

	add_path(c, 2);
	cut(c, true);
	run_used(c, 10);
	cloud_stop(c, R2);
	cloud_quiet(c);
	cloud_run(c, 600000);
	assert_null(strstr(c->trace.text, "R2 sent"));
}

static void protected_paths_have_dead_peer_detection(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = cloud_r2;

	c->terse = true;
	cloud_add_three_protected(c);
	r2.psk = "cisco123";
	r2.keepalive_s = 2;
	cloud_configure(c, R2, &r2);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 2000);
	cloud_quiet(c);
	run_used(c, 10);
	assert_null(strstr(c->trace.text, "Resolution Request"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(a_path_that_answers_stays),
		cloud_unit_test(a_path_that_nobody_uses_is_left_alone),
		cloud_unit_test(a_dead_path_goes_by_the_hub),
		cloud_unit_test(servers_know_no_better),
		cloud_unit_test(a_dead_path_comes_back_when_it_answers),
		cloud_unit_test(another_address_is_no_dead_path),
		cloud_unit_test(clearing_forgives),
		cloud_unit_test(none_with_interval_0),
		cloud_unit_test(none_of_who_asks_nothing),
		cloud_unit_test(none_after_the_stop),
		cloud_unit_test(protected_paths_have_dead_peer_detection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
