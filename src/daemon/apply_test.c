/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/fake_daemon.h"

static void commit(struct fake_daemon *f, const char *text)
{
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(fake_daemon_commit(f, text, &error), 0);
	assert_string_equal(error.text, "");
	strbuf_fini(&error);
}

/* The system has changed. */
static void look_again(struct fake_daemon *f)
{
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(daemon_apply(&f->d, NULL, &error), 0);
	strbuf_fini(&error);
}

/* Whether the trace so far holds this; the trace is forgotten. */
static bool traced(struct fake_daemon *f, const char *text)
{
	bool has = strstr(f->kernel.trace.text, text) != NULL;

	strbuf_truncate(&f->kernel.trace, 0);
	return has;
}

static void carriers_are_held_while_their_tunnels_are_there(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, fake_spoke);
	assert_int_equal(f->d.holds.n, 1);
	assert_string_equal(f->d.holds.hold[0].device, "Tunnel0");
	int held = f->d.holds.hold[0].fd;
	commit(f, fake_spoke);
	assert_int_equal(f->d.holds.hold[0].fd, held);
	commit(f, "");
	assert_int_equal(f->d.holds.n, 0);
	commit(f, fake_spoke);
	strbuf_truncate(&f->kernel.trace, 0);
	daemon_leave(&f->d);
	fake_expect(&f->kernel, ""); /* the next start finds all as it was */
	assert_int_equal(f->d.holds.n, 1);
	assert_true(ledger_count(f->d.ledger) > 0);
}

static void a_spoke_registers_at_once(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, fake_spoke);
	fake_expect(&f->kernel, "+address 2 2.2.2.2/24\n"
	                        "tunnel 0 up from 2.2.2.2\n"
	                        "up 100\n"
	                        "+address 100 10.10.10.2/24\n"
	                        "refresh 0\n"
	                        "send 0 2.2.2.2 > 1.1.1.2 register\n");
	assert_int_equal(fake_daemon_logged(f, "%LINEPROTO-5-UPDOWN: Line protocol on Interface "
	                                       "Tunnel0, changed state to up"),
	                 1);
	commit(f, fake_spoke); /* what did not change does not blink */
	fake_expect(&f->kernel, "");
	assert_int_equal(fake_daemon_logged(f, "Interface Tunnel0, changed state to up"), 2);
}

/* systemd's udev gives interfaces others, and the kernel forgets neighbours with it. */
static void another_mac_is_noticed(void **state)
{
	struct fake_daemon *f = *state;
	struct strbuf error;

	strbuf_init(&error);
	commit(f, fake_spoke);
	strbuf_truncate(&f->kernel.trace, 0);
	for (size_t i = 0; i < f->kernel.n_links; i++) {
		if (f->kernel.link[i].index == 100)
			f->kernel.link[i].mac[5] ^= 1;
	}
	assert_int_equal(daemon_apply(&f->d, NULL, &error), 0);
	fake_expect(&f->kernel, "refresh 0\n");
	assert_int_equal(daemon_apply(&f->d, NULL, &error), 0);
	fake_expect(&f->kernel, "");
	strbuf_fini(&error);
}

static void between_modes_the_interface_stays(void **state)
{
	struct fake_daemon *f = *state;
	struct snapshot *next;
	struct strbuf error;

	strbuf_init(&error);
	commit(f, fake_spoke);
	traced(f, "");
	next = snapshot_copy(f->d.running);
	snapshot_tunnel(next, 0)->tunnel->destination = ADDR_ANY_NONE;
	assert_int_equal(daemon_apply(&f->d, next, &error), 0);
	assert_true(strstr(f->kernel.trace.text, "tunnel 0 down from 2.2.2.2\n") != NULL);
	assert_null(strstr(f->kernel.trace.text, "address"));
	assert_null(strstr(f->kernel.trace.text, "del"));
	assert_null(strstr(f->kernel.trace.text, "send")); /* it would be for nothing */
	traced(f, "");
	next = snapshot_copy(f->d.running);
	snapshot_tunnel(next, 0)->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
	assert_int_equal(daemon_apply(&f->d, next, &error), 0);
	assert_true(traced(f, "tunnel 0 up from 2.2.2.2\n"));
	assert_int_equal(fake_daemon_logged(f, "changed state to down"), 1);
	strbuf_fini(&error);
}

static void a_new_address_is_used_at_once(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, "interface Tunnel0\n ip address 10.10.10.2 255.255.255.0\n"
	          " ip nhrp map 10.10.10.1 1.1.1.2\n ip nhrp network-id 1\n"
	          " ip nhrp nhs 10.10.10.1\n tunnel source eth0\n tunnel destination 1.1.1.2\n");
	assert_true(traced(f, "tunnel 0 down from none\n"));
	fake_add_address(&f->kernel, 2, "9.9.9.9", 24);
	look_again(f);
	assert_non_null(strstr(f->kernel.trace.text, "tunnel 0 up from 9.9.9.9\n"));
	assert_true(traced(f, "send 0 9.9.9.9 > 1.1.1.2 register\n"));
	f->kernel.address[1].prefix = fake_prefix("8.8.8.8", 24);
	if (f->kernel.address[0].index == 2)
		f->kernel.address[0].prefix = fake_prefix("8.8.8.8", 24);
	look_again(f);
	assert_non_null(strstr(f->kernel.trace.text, "tunnel 0 up from 8.8.8.8\n"));
	assert_true(traced(f, "send 0 8.8.8.8 > 1.1.1.2 register\n"));
}

static void a_tunnel_that_goes_says_goodbye_first(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, fake_spoke);
	traced(f, "");
	commit(f, "interface eth0\n ip address 2.2.2.2 255.255.255.0\n");
	assert_non_null(strstr(f->kernel.trace.text, "tunnel-del 0 remove\n-link 100\n"));
	traced(f, "");
	assert_null(daemon_tunnel(&f->d, 0));
	look_again(f);
	fake_expect(&f->kernel, "");
}

static void an_interface_that_vanished_is_made_again(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, fake_spoke);
	traced(f, "");
	f->kernel.n_links = 2; /* somebody deleted Tunnel0 */
	look_again(f);
	assert_int_equal(
		strncmp(f->kernel.trace.text, "tunnel-del 0\ntunnel 0 up from 2.2.2.2\n", 38), 0);
}

static void what_a_killed_daemon_left_is_removed(void **state)
{
	struct fake_daemon *f = *state;

	assert_int_equal(system_note_tunnel(&f->d.system, "Tunnel7"), 0);
	fake_add_link(&f->kernel, 9, "Tunnel7", true);
	commit(f, fake_spoke);
	assert_true(traced(f, "-link 9\n"));
	commit(f, fake_spoke);
	fake_expect(&f->kernel, "");
}

static void a_refused_interface_is_tried_again(void **state)
{
	struct fake_daemon *f = *state;

	f->backend.refuse_tunnels = -EBUSY;
	commit(f, fake_spoke);
	look_again(f);
	assert_int_equal(fake_daemon_logged(f, "%TUN-3-INTERFACE"), 1);
	assert_string_equal(daemon_tunnel(&f->d, 0)->state.down_reason, "interface cannot be made");
	assert_true(f->d.system.waiting);
	assert_false(traced(f, "register"));
	f->backend.refuse_tunnels = 0;
	look_again(f);
	assert_true(traced(f, "register"));
	assert_int_equal(fake_daemon_logged(f, "Tunnel0, changed state to up"), 2);
}

static void a_device_of_another_daemon_is_left_alone(void **state)
{
	struct fake_daemon *f = *state;
	struct claims other = { 0 };
	struct strbuf error;

	if (claims_take(&other, "eth0") < 0) {
		print_message("skipped: a dmvpnd has eth0 here\n");
		skip();
	}
	strbuf_init(&error);
	assert_int_equal(fake_daemon_commit(f, fake_spoke, &error), -EADDRINUSE);
	assert_string_equal(error.text, "eth0 (eth0) is in use by another dmvpnd.");
	fake_expect(&f->kernel, "");
	claims_release(&other, NULL, NULL);
	strbuf_truncate(&error, 0);
	assert_int_equal(fake_daemon_commit(f, fake_spoke, &error), 0);
	strbuf_fini(&error);
}

static void unapplying_leaves_nothing(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, fake_spoke);
	traced(f, "");
	daemon_unapply(&f->d);
	fake_expect(&f->kernel, "tunnel-del 0 remove\n"
	                        "-address 2 2.2.2.2/24\n"
	                        "-address 100 10.10.10.2/24\n"
	                        "down 100\n"
	                        "-link 100\n");
	assert_int_equal(ledger_count(f->d.ledger), 0);
}

static void expect_line(struct fake_daemon *f, bool up)
{
	struct cli_host host = daemon_cli_host(&f->d);
	struct interface_view v;
	size_t cursor = 0;

	while (host.show.interface_next(host.show.ctx, &cursor, &v))
		if (v.config->kind == SNAP_TUNNEL)
			assert_int_equal(v.line_up, up);
}

/* Registrations go out by a line that is down, and the first answer brings it up. */
static void the_line_follows_the_servers(void **state)
{
	struct fake_daemon *f = *state;
	struct strbuf text;

	strbuf_init(&text);
	strbuf_printf(&text, "%sinterface Tunnel0\n if-state nhrp\n", fake_spoke);
	commit(f, text.text);
	assert_non_null(strstr(f->kernel.trace.text, "tunnel 0 up without carrier from"));
	assert_non_null(strstr(f->kernel.trace.text, "register"));
	assert_int_equal(fake_daemon_logged(f, "Line protocol on Interface Tunnel0"), 0);
	expect_line(f, false);

	daemon_set_line(&f->d, 0, true);
	strbuf_truncate(&f->kernel.trace, 0);
	look_again(f);
	assert_true(traced(f, "tunnel 0 up from"));
	assert_int_equal(fake_daemon_logged(f, "Tunnel0, changed state to up"), 2);
	expect_line(f, true);
	daemon_set_line(&f->d, 0, false);
	look_again(f);
	assert_true(traced(f, "tunnel 0 up without carrier"));
	assert_int_equal(fake_daemon_logged(f, "Line protocol on Interface Tunnel0, changed state "
	                                       "to down"),
	                 1);
	daemon_set_line(&f->d, 9, true); /* no such tunnel */
	commit(f, fake_spoke);
	assert_true(traced(f, "tunnel 0 up from"));
	expect_line(f, true);
	commit(f, text.text); /* until somebody says otherwise it stays up */
	expect_line(f, true);
	strbuf_fini(&text);
}

/* Of an interface that is taken over, the carrier is what was known before. */
static void a_taken_over_line_stays(void **state)
{
	struct fake_daemon *f = *state;
	struct strbuf text;

	strbuf_init(&text);
	strbuf_printf(&text, "%sinterface Tunnel0\n if-state nhrp\n", fake_spoke);
	fake_add_link(&f->kernel, 100, "Tunnel0", true);
	f->kernel.link[f->kernel.n_links - 1].carrier = true;
	commit(f, text.text);
	assert_true(traced(f, "tunnel 0 up from"));
	expect_line(f, true);
	strbuf_fini(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_daemon_set_up, fake_daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(carriers_are_held_while_their_tunnels_are_there),
		TEST(a_spoke_registers_at_once),
		TEST(the_line_follows_the_servers),
		TEST(a_taken_over_line_stays),
		TEST(another_mac_is_noticed),
		TEST(between_modes_the_interface_stays),
		TEST(a_new_address_is_used_at_once),
		TEST(a_tunnel_that_goes_says_goodbye_first),
		TEST(an_interface_that_vanished_is_made_again),
		TEST(what_a_killed_daemon_left_is_removed),
		TEST(a_refused_interface_is_tried_again),
		TEST(a_device_of_another_daemon_is_left_alone),
		TEST(unapplying_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
