/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/privileges.h"

/* A set of this thread, by its row in /proc. */
static uint64_t capabilities(const char *row)
{
	char line[256];
	uint64_t value = UINT64_MAX;
	FILE *f = fopen("/proc/thread-self/status", "re");

	while (f && fgets(line, sizeof line, f)) {
		if (strncmp(line, row, strlen(row)) == 0)
			value = strtoull(line + strlen(row), NULL, 16);
	}
	if (f)
		fclose(f);
	return value;
}

static void *look(void *ret)
{
	static const char *const rows[] = { "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:" };
	uint64_t *set = ret;

	for (size_t i = 0; i < 5; i++)
		set[i] = capabilities(rows[i]);
	return NULL;
}

/* In the child: 0 when all is as it should be, else the number of the check that failed. */
static int keep_and_look(bool xdp, uint64_t expected)
{
	uint64_t set[5] = { 0 };
	struct strbuf missing;
	pthread_t thread;

	if (privileges_drop(xdp) != 0)
		return 1;
	if (pthread_create(&thread, NULL, look, set) != 0 || pthread_join(thread, NULL) != 0)
		return 2;
	if (set[0] != 0 || set[1] != expected || set[2] != expected || set[3] != expected ||
	    set[4] != 0)
		return 3;
	strbuf_init(&missing);
	bool suffices = privileges_suffice(&missing);
	strbuf_fini(&missing);
	return suffices ? 0 : 4;
}

enum { NEEDED = 1 << 12 | 1 << 13 | 1 << 10 /* admin, raw, bind service */ };
static const uint64_t xdp_bits = UINT64_C(1) << 39 | 1 << 14; /* BPF, locked memory */

static int drop_and_look(void)
{
	return keep_and_look(false, NEEDED);
}

static int keep_more_and_look(void)
{
	return keep_and_look(true, NEEDED | xdp_bits);
}

static void needs_privileges(void)
{
	struct strbuf missing;

	strbuf_init(&missing);
	bool suffices = privileges_suffice(&missing);
	strbuf_fini(&missing);
	if (!suffices) {
		print_message("skipped: needs the capabilities that it drops\n");
		skip();
	}
}

/* What a process that has given up capabilities finds wrong: 0, nothing. */
static int result_in_a_child(int (*look_there)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(look_there());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void only_three_are_kept(void **state)
{
	(void)state;
	needs_privileges();
	assert_int_equal(result_in_a_child(drop_and_look), 0);
}

static void more_is_kept_for_af_xdp(void **state)
{
	(void)state;
	needs_privileges();
	if ((capabilities("CapPrm:") & xdp_bits) != xdp_bits)
		skip();
	assert_int_equal(result_in_a_child(keep_more_and_look), 0);
}

/* What a program sees that this one executes after it has dropped the rest. */
static int pass_on_and_look(void)
{
	const uint64_t expected = NEEDED | (capabilities("CapPrm:") & xdp_bits);
	uint64_t set[5] = { 0 };

	if (privileges_drop(true) != 0 || privileges_pass_on() != 0)
		return 1;
	look(set);
	return set[0] == expected && set[4] == expected ? 0 : 2;
}

static void kept_ones_are_passed_on(void **state)
{
	(void)state;
	needs_privileges();
	assert_int_equal(result_in_a_child(pass_on_and_look), 0);
}

static int look_without_any(void)
{
	struct strbuf missing;

	if (geteuid() == 0 && setuid(65534) < 0)
		return 1;
	strbuf_init(&missing);
	bool suffices = privileges_suffice(&missing);
	int wrong = strcmp(missing.text, "CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE");
	strbuf_fini(&missing);
	return suffices ? 2 : wrong ? 3 : 0;
}

static void missing_ones_are_named(void **state)
{
	int status = 0;

	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(look_without_any());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_three_are_kept),
		cmocka_unit_test(more_is_kept_for_af_xdp),
		cmocka_unit_test(kept_ones_are_passed_on),
		cmocka_unit_test(missing_ones_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
