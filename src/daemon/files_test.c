/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/files.h"

struct place {
	char path[64];
	int dir_fd;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->path, sizeof p->path, "/tmp/files-test-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dir_fd = files_open_dir(p->path);
	assert_true(p->dir_fd >= 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	unlinkat(p->dir_fd, "file", 0);
	unlinkat(p->dir_fd, "sub/deep", AT_REMOVEDIR);
	unlinkat(p->dir_fd, "sub", AT_REMOVEDIR);
	unlinkat(p->dir_fd, ".file.new", AT_REMOVEDIR);
	close(p->dir_fd);
	assert_int_equal(rmdir(p->path), 0); /* nothing else was left */
	free(p);
	return 0;
}

static void expect_file(const struct place *p, const char *expected)
{
	struct strbuf text;

	strbuf_init(&text);
	assert_int_equal(files_read(p->dir_fd, "file", 1 << 20, &text), 0);
	assert_string_equal(text.text, expected);
	strbuf_fini(&text);
}

static void replaces_whole_files(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(files_replace(p->dir_fd, "file", 0640, "one\n"), 0);
	expect_file(p, "one\n");
	assert_int_equal(files_replace(p->dir_fd, "file", 0600, ""), 0);
	expect_file(p, "");
	assert_int_equal(fstatat(p->dir_fd, "file", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void failure_keeps_the_old_file(void **state)
{
	struct place *p = *state;

	assert_int_equal(files_replace(p->dir_fd, "file", 0600, "old"), 0);
	assert_int_equal(mkdirat(p->dir_fd, ".file.new", 0700), 0); /* in the way */
	assert_true(files_replace(p->dir_fd, "file", 0600, "new") < 0);
	expect_file(p, "old");
}

static void what_a_crash_left_is_no_obstacle(void **state)
{
	struct place *p = *state;
	int fd = openat(p->dir_fd, ".file.new", O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(files_replace(p->dir_fd, "file", 0600, "new"), 0);
	expect_file(p, "new");
}

static void reading_is_bounded(void **state)
{
	struct place *p = *state;
	char big[10001];
	struct strbuf text;

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	strbuf_init(&text);
	strbuf_adds(&text, "before ");
	assert_int_equal(files_read(p->dir_fd, "file", 10, &text), -ENOENT);
	assert_int_equal(files_replace(p->dir_fd, "file", 0600, big), 0);
	assert_int_equal(files_read(p->dir_fd, "file", sizeof big - 2, &text), -EFBIG);
	assert_string_equal(text.text, "before ");
	assert_int_equal(files_read(p->dir_fd, "file", sizeof big - 1, &text), 0);
	assert_int_equal(text.len, strlen("before ") + sizeof big - 1);
	assert_memory_equal(text.text, "before xxx", 10);
	strbuf_fini(&text);
}

static void directories_are_made(void **state)
{
	struct place *p = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/sub/deep", p->path);
	for (int i = 0; i < 2; i++) {
		int fd = files_open_dir(path);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(files_open_dir(""), -ENAMETOOLONG);
	assert_int_equal(files_replace(p->dir_fd, "file", 0600, "x"), 0);
	snprintf(path, sizeof path, "%s/file/below", p->path);
	assert_int_equal(files_open_dir(path), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replaces_whole_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failure_keeps_the_old_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_crash_left_is_no_obstacle, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(reading_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(directories_are_made, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
