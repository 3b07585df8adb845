/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/daemon.h"
#include "daemon/files.h"

struct place {
	char path[64], file[96], link[96];
	int dir_fd;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->path, sizeof p->path, "/tmp/load-test-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	snprintf(p->file, sizeof p->file, "%s/file", p->path);
	snprintf(p->link, sizeof p->link, "%s/link", p->path);
	p->dir_fd = files_open_dir(p->path);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	unlink(p->file);
	unlink(p->link);
	close(p->dir_fd);
	assert_int_equal(rmdir(p->path), 0);
	free(p);
	return 0;
}

static void a_link_is_followed(void **state)
{
	struct place *p = *state;
	struct config_place place = { 0 };
	struct config_remarks remarks = { 0 };
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(files_replace(p->dir_fd, "file", 0600, "hostname R7\n"), 0);
	assert_int_equal(symlink("file", p->link), 0);
	assert_true(config_place_open(&place, p->link, &error));
	assert_string_equal(place.name, "file");
	assert_string_equal(place.path, p->link);
	struct snapshot *s = config_load(&place, &remarks, &error);
	assert_non_null(s);
	assert_string_equal(s->hostname, "R7");
	assert_int_equal(remarks.n, 0);
	snapshot_free(s);
	config_place_close(&place);
	strbuf_fini(&error);
}

static void what_is_not_there_is_named(void **state)
{
	struct place *p = *state;
	struct config_place place = { 0 };
	struct config_remarks remarks = { 0 };
	struct strbuf error, expected;

	strbuf_init(&error);
	strbuf_init(&expected);
	strbuf_printf(&expected, "%s: No such file or directory.", p->file);
	assert_false(config_place_open(&place, p->file, &error));
	assert_string_equal(error.text, expected.text);

	strbuf_truncate(&error, 0);
	assert_int_equal(files_replace(p->dir_fd, "file", 0600, ""), 0);
	assert_true(config_place_open(&place, p->file, &error));
	unlink(p->file);
	assert_null(config_load(&place, &remarks, &error));
	assert_string_equal(error.text, expected.text);
	config_place_close(&place);
	strbuf_fini(&error);
	strbuf_fini(&expected);
}

static bool exposes(struct place *p, mode_t mode, const char *text)
{
	struct config_place place = { 0 };
	struct config_remarks remarks = { 0 };
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(files_replace(p->dir_fd, "file", mode, text), 0);
	assert_true(config_place_open(&place, p->file, &error));
	struct snapshot *s = config_load(&place, &remarks, &error);
	assert_non_null(s);
	bool exposed = config_place_exposes(&place, s);
	config_remarks_fini(&remarks);
	snapshot_free(s);
	config_place_close(&place);
	strbuf_fini(&error);
	return exposed;
}

static void secrets_that_everyone_may_read_are_noticed(void **state)
{
	const char *secret = "crypto isakmp key k address 0.0.0.0\n";

	assert_true(exposes(*state, 0644, secret));
	assert_true(exposes(*state, 0604, "snmp-server community c\n"));
	assert_false(exposes(*state, 0640, secret));
	assert_false(exposes(*state, 0644, "hostname R1\n"));
}

/* The lines that are logged of a configuration. */
static size_t logged(const char *text, char *ret, size_t size)
{
	struct config_remarks remarks = { 0 };
	struct snapshot *s = config_parse(text, strlen(text), &remarks);
	int ends[2];
	struct log log;
	size_t lines = 0;

	assert_int_equal(pipe(ends), 0);
	log_init(&log, ends[1]);
	config_report(&log, "a.cfg", &remarks);
	close(ends[1]);
	ssize_t n = read(ends[0], ret, size - 1);
	assert_true(n >= 0);
	ret[n] = '\0';
	for (const char *at = ret; (at = strchr(at, '\n')); at++)
		lines++;
	close(ends[0]);
	snapshot_free(s);
	config_remarks_fini(&remarks);
	return lines;
}

static void the_log_has_lines_and_a_summary(void **state)
{
	char text[32768];
	struct strbuf many;

	(void)state;
	assert_int_equal(logged("hostname R1\n", text, sizeof text), 0);
	assert_int_equal(logged("interface Tunnel0\n tunnel mode gre multipoint\n tunnel source "
	                        "eth0\n ip nhrp nonsense 1\n ip nhrp connect 5\n"
	                        "router ospf 1\n network 10.0.0.0 0.255.255.255 area 0\n",
	                        text, sizeof text),
	                 3);
	assert_non_null(strstr(text, "%PARSER-3-CFGERR: a.cfg:4: error: "));
	assert_non_null(strstr(text, "%PARSER-4-BADCFG: a.cfg:5: warning: "));
	assert_non_null(strstr(text, "%PARSER-5-SUMMARY: a.cfg: errors: 1, warnings: 1, "));

	strbuf_init(&many);
	strbuf_adds(&many, "interface Tunnel0\n tunnel mode gre multipoint\n tunnel source eth0\n");
	for (int i = 0; i < 200; i++)
		strbuf_printf(&many, " ip nhrp nonsense %d\n", i);
	assert_int_equal(logged(many.text, text, sizeof text), 51);
	strbuf_fini(&many);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_link_is_followed),
		TEST(what_is_not_there_is_named),
		TEST(secrets_that_everyone_may_read_are_noticed),
		TEST(the_log_has_lines_and_a_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
