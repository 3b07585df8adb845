/* SPDX-License-Identifier: Apache-2.0 */
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

#include "daemon/cache_saver.h"
#include "daemon/files.h"

struct place {
	char path[64];
	uv_loop_t loop;
	struct state *state;
	struct cache_saver saver;
	unsigned printed, failures;
};

static void print(void *ctx, struct strbuf *out)
{
	struct place *p = ctx;

	strbuf_printf(out, "text %u\n", ++p->printed);
}

static void failed(void *ctx, int error)
{
	struct place *p = ctx;

	assert_true(error < 0);
	p->failures++;
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->path, sizeof p->path, "/tmp/saver-test-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	assert_int_equal(state_open(p->path, &p->state), 0);
	assert_int_equal(uv_loop_init(&p->loop), 0);
	p->saver = (struct cache_saver){
		.state = p->state, .print = print, .failed = failed, .ctx = p
	};
	cache_saver_start(&p->saver, &p->loop);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&p->loop), 0);
	unlinkat(state_dir_fd(p->state), "cache", 0);
	unlinkat(state_dir_fd(p->state), ".cache.new", AT_REMOVEDIR);
	state_close(p->state);
	assert_int_equal(rmdir(p->path), 0);
	free(p);
	return 0;
}

static void expect_file(const struct place *p, const char *expected)
{
	struct strbuf text;

	strbuf_init(&text);
	assert_int_equal(files_read(state_dir_fd(p->state), "cache", 1000, &text), 0);
	assert_string_equal(text.text, expected);
	strbuf_fini(&text);
}

static void many_changes_are_few_writes(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < 100; i++)
		cache_saver_mark(&p->saver);
	assert_in_range(uv_timer_get_due_in(&p->saver.timer), 1, CACHE_SAVER_SOON_MS);
	uint64_t begun = uv_now(&p->loop);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(p->printed, 1);
	expect_file(p, "text 1\n");

	cache_saver_mark(&p->saver);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(p->printed, 2);
	assert_true(uv_now(&p->loop) - begun >= CACHE_SAVER_EVERY_MS);
	cache_saver_stop(&p->saver);
	assert_int_equal(p->printed, 2);
}

static void the_last_change_is_not_lost(void **state)
{
	struct place *p = *state;

	cache_saver_mark(&p->saver);
	cache_saver_stop(&p->saver);
	assert_int_equal(p->printed, 1);
	expect_file(p, "text 1\n");
}

static void failure_is_told_once_and_tried_again(void **state)
{
	struct place *p = *state;
	int dir = state_dir_fd(p->state);

	assert_int_equal(mkdirat(dir, ".cache.new", 0700), 0); /* in the way */
	cache_saver_mark(&p->saver);
	while (p->printed < 2)
		uv_run(&p->loop, UV_RUN_ONCE);
	assert_int_equal(p->failures, 1);
	assert_int_equal(unlinkat(dir, ".cache.new", AT_REMOVEDIR), 0);
	cache_saver_stop(&p->saver);
	assert_int_equal(p->failures, 1);
	assert_false(p->saver.dirty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_changes_are_few_writes),
		TEST(the_last_change_is_not_lost),
		TEST(failure_is_told_once_and_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
