/* SPDX-License-Identifier: Apache-2.0 */
/* What a start refuses, each in a child of its own: one sentence, status 1. The lab tests have the
 * rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/daemon.h"
#include "daemon/files.h"

struct place {
	char path[64], run[80], state[80], conf[80];
	struct options options;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->path, sizeof p->path, "/tmp/daemon-test-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	snprintf(p->run, sizeof p->run, "%s/run", p->path);
	snprintf(p->state, sizeof p->state, "%s/state", p->path);
	snprintf(p->conf, sizeof p->conf, "%s/conf", p->path);
	int dir = files_open_dir(p->path);
	assert_int_equal(files_replace(dir, "conf", 0600, "hostname R1\n"), 0);
	close(dir);
	p->options =
		(struct options){ .config = p->conf, .run_dir = p->run, .state_dir = p->state };
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	unlink(p->conf);
	rmdir(p->run);
	rmdir(p->state);
	assert_int_equal(rmdir(p->path), 0); /* nothing was left in them */
	free(p);
	return 0;
}

/* In the child, whose standard error is the pipe. */
static void run(const struct place *p, int out, bool as_nobody)
{
	struct config_remarks remarks = { 0 };
	struct config_place place = { 0 };
	struct strbuf error;

	strbuf_init(&error);
	dup2(out, STDERR_FILENO);
	bool opened = config_place_open(&place, p->conf, &error);
	struct snapshot *s = opened ? config_load(&place, &remarks, &error) : NULL;
	if (!s || (as_nobody && setuid(65534) < 0))
		_exit(99);
	_exit(daemon_run(&p->options, &place, s, &remarks));
}

static void expect_refusal(const struct place *p, bool as_nobody, const char *expected)
{
	char text[512];
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0)
		run(p, ends[1], as_nobody);
	close(ends[1]);
	ssize_t n = read(ends[0], text, sizeof text - 1);
	assert_true(n > 0);
	text[n] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_string_equal(text, expected);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
}

static void needs_capabilities(void **state)
{
	if (geteuid() != 0) {
		print_message("skipped: needs root to become nobody\n");
		skip();
	}
	expect_refusal(*state, true,
	               "dmvpnd: The capability CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE is "
	               "missing: run it as root.\n");
}

static void refuses_a_port_that_is_none(void **state)
{
	struct place *p = *state;

	p->options.port[p->options.n_ports++] = "eth0";
	expect_refusal(p, false,
	               "dmvpnd: --port takes an interface's name and one device, as in "
	               "FastEthernet0/0=eth0, not \"eth0\".\n");
}

static bool can_start(void)
{
	if (geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0)
		return true;
	print_message("skipped: needs root and /dev/net/tun\n");
	return false;
}

static void refuses_one_directory_for_two(void **state)
{
	struct place *p = *state;

	if (!can_start())
		skip();
	close(files_open_dir(p->run));
	p->options.state_dir = p->run;
	expect_refusal(p, false,
	               "dmvpnd: The run directory and the state directory must be two.\n");
}

static void refuses_directories_in_use(void **state)
{
	struct place *p = *state;
	char expected[256];

	if (!can_start())
		skip();
	int run_fd = files_open_dir(p->run);
	assert_int_equal(flock(run_fd, LOCK_EX), 0);
	snprintf(expected, sizeof expected,
	         "dmvpnd: Another dmvpnd runs with the run directory %s.\n", p->run);
	expect_refusal(p, false, expected);
	close(run_fd);

	struct state *s;
	assert_int_equal(state_open(p->state, &s), 0);
	snprintf(expected, sizeof expected,
	         "dmvpnd: Another dmvpnd runs with the state directory %s.\n", p->state);
	expect_refusal(p, false, expected);
	state_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(needs_capabilities),
		TEST(refuses_a_port_that_is_none),
		TEST(refuses_one_directory_for_two),
		TEST(refuses_directories_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
