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
#include <unistd.h>

#include <cmocka.h>

#include "daemon/cache_file.h"
#include "daemon/files.h"
#include "daemon/state.h"

static int set_up(void **state)
{
	char *path = calloc(1, 64);

	snprintf(path, 64, "/tmp/state-test-XXXXXX");
	assert_non_null(mkdtemp(path));
	*state = path;
	return 0;
}

static int tear_down(void **state)
{
	char *path = *state;
	int fd = files_open_dir(path);

	unlinkat(fd, "request-ids", 0);
	unlinkat(fd, "cache", 0);
	close(fd);
	assert_int_equal(rmdir(path), 0);
	free(path);
	return 0;
}

static struct state *opened(const char *path)
{
	struct state *s = NULL;

	assert_int_equal(state_open(path, &s), 0);
	return s;
}

static void request_ids_never_go_back(void **state)
{
	struct state *s = opened(*state);

	assert_int_equal(state_request_id_next(s), 0);
	assert_int_equal(state_reserve_ids(s, 1024), 0);
	assert_int_equal(state_reserve_ids(s, 4294967295u), 0);
	state_close(s);
	s = opened(*state);
	assert_int_equal(state_request_id_next(s), 4294967295u);
	state_close(s);
}

static void damaged_request_ids_are_not_guessed(void **state)
{
	static const char *const texts[] = { "", "x\n", "12 13\n", "99999999999999999999999999 x" };
	struct state *s;
	int fd = files_open_dir(*state);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		files_replace(fd, "request-ids", 0600, texts[i]);
		assert_int_equal(state_open(*state, &s), -EBADMSG);
	}
	close(fd);
}

static void one_daemon_has_it(void **state)
{
	struct state *s = opened(*state), *other;

	assert_int_equal(state_open(*state, &other), -EWOULDBLOCK);
	state_close(s);
	s = opened(*state);
	state_close(s);
}

static void remember(void *ctx, const struct node_saved_entry *entry)
{
	*(uint32_t *)ctx = *(uint32_t *)ctx * 10 + entry->tunnel;
}

static void cache_is_kept(void **state)
{
	struct state *s = opened(*state);
	struct node_saved_entry e = { .target = { { ADDR_V4, { 10, 0, 0, 1 } }, 32 },
		                      .nbma = { ADDR_V4, { 1, 1, 1, 1 } } };
	struct strbuf text;
	uint32_t tunnels = 0;
	size_t damaged = 9;

	assert_int_equal(state_load_cache(s, remember, &tunnels, &damaged), 0);
	assert_int_equal(damaged, 0);
	strbuf_init(&text);
	strbuf_adds(&text, CACHE_FILE_HEAD);
	for (e.tunnel = 1; e.tunnel <= 3; e.tunnel++) {
		cache_file_print(&e, &text);
		strbuf_adds(&text, "damaged\n");
	}
	assert_int_equal(state_save_cache(s, text.text), 0);
	assert_int_equal(state_load_cache(s, remember, &tunnels, &damaged), 3);
	assert_int_equal(damaged, 3);
	assert_int_equal(tunnels, 123);

	text.text[strlen("dmvpnd cache ")] = '2'; /* of a later version */
	assert_int_equal(state_save_cache(s, text.text), 0);
	assert_int_equal(state_load_cache(s, remember, &tunnels, &damaged), 0);
	assert_int_equal(damaged, 1);
	strbuf_fini(&text);
	state_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request_ids_never_go_back),
		TEST(damaged_request_ids_are_not_guessed),
		TEST(one_daemon_has_it),
		TEST(cache_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
