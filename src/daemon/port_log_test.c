/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/fake_daemon.h"

static void look_again(struct fake_daemon *f)
{
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(daemon_apply(&f->d, NULL, &error), 0);
	strbuf_fini(&error);
}

static void commit(struct fake_daemon *f, const char *text)
{
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(fake_daemon_commit(f, text, &error), 0);
	strbuf_fini(&error);
}

static void changes_are_logged_once(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, "interface eth0\n");
	look_again(f);
	assert_int_equal(fake_daemon_logged(f, "Interface eth0, changed state to up"), 1);
	f->kernel.link[1].running = false;
	look_again(f);
	look_again(f);
	assert_int_equal(fake_daemon_logged(f, "Interface eth0, changed state to down"), 1);
	f->kernel.link[1].running = true;
	look_again(f);
	assert_int_equal(fake_daemon_logged(f, "Interface eth0, changed state to up"), 2);
	commit(f, "hostname R1\n"); /* no longer ours to speak of */
	assert_int_equal(fake_daemon_logged(f, "%LINEPROTO-5-UPDOWN"), 3);
	assert_null(f->d.port_states);
}

static void a_port_without_a_device_is_explained_once(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, "interface FastEthernet0/0\n");
	look_again(f);
	assert_int_equal(fake_daemon_logged(f, "%SYS-4-PORT: No device is known for "
	                                       "FastEthernet0/0: start with --port "
	                                       "FastEthernet0/0=DEVICE"),
	                 1);
	commit(f, "interface FastEthernet0/0\n device eth0\n");
	assert_int_equal(fake_daemon_logged(f, "FastEthernet0/0, changed state to up"), 1);
	commit(f, "interface FastEthernet0/1\n shutdown\n");
	assert_int_equal(fake_daemon_logged(f, "%SYS-4-PORT"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_daemon_set_up, fake_daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_are_logged_once),
		TEST(a_port_without_a_device_is_explained_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
