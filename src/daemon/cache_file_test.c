/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/cache_file.h"

static const char golden[] =
	"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed none unique holdtime 7200 mtu 17912"
	" preference 255 request-id 4294967295 expires 1700000007200 created 1700000000000";

static const struct node_saved_entry entry = {
	.tunnel = 7,
	.target = { { ADDR_V4, { 10, 10, 10, 2 } }, 32 },
	.nbma = { ADDR_V4, { 2, 2, 2, 2 } },
	.unique = true,
	.holdtime_s = 7200,
	.mtu_bytes = 17912,
	.preference = 255,
	.request_id = UINT32_MAX,
	.expires_wall_ms = 1700000007200,
	.created_wall_ms = 1700000000000,
};

static void expect_same(const struct node_saved_entry *a, const struct node_saved_entry *b)
{
	assert_int_equal(a->tunnel, b->tunnel);
	assert_true(prefix_equal(&a->target, &b->target));
	assert_true(addr_equal(&a->nbma, &b->nbma));
	assert_true(addr_equal(&a->claimed, &b->claimed));
	assert_int_equal(a->unique, b->unique);
	assert_int_equal(a->holdtime_s, b->holdtime_s);
	assert_int_equal(a->mtu_bytes, b->mtu_bytes);
	assert_int_equal(a->preference, b->preference);
	assert_int_equal(a->request_id, b->request_id);
	assert_int_equal(a->expires_wall_ms, b->expires_wall_ms);
	assert_int_equal(a->created_wall_ms, b->created_wall_ms);
}

static void prints_one_line(void **state)
{
	struct strbuf out;

	(void)state;
	strbuf_init(&out);
	cache_file_print(&entry, &out);
	assert_int_equal(out.len, strlen(golden) + 1);
	assert_memory_equal(out.text, golden, strlen(golden));
	assert_int_equal(out.text[out.len - 1], '\n');
	strbuf_fini(&out);
}

static void reads_what_it_printed(void **state)
{
	struct node_saved_entry v6 = entry, back;
	struct strbuf out;

	(void)state;
	assert_true(cache_file_parse(golden, &back));
	expect_same(&back, &entry);

	assert_true(addr_parse("2001:db8::2", &v6.target.addr));
	assert_true(addr_parse("192.168.1.2", &v6.claimed));
	v6.target.len = 128;
	v6.unique = false;
	strbuf_init(&out);
	cache_file_print(&v6, &out);
	strbuf_truncate(&out, out.len - 1);
	assert_true(cache_file_parse(out.text, &back));
	expect_same(&back, &v6);
	strbuf_fini(&out);
}

static void every_shortened_line_is_refused(void **state)
{
	struct node_saved_entry back;
	char line[sizeof golden + 8];

	(void)state;
	/* Cutting into the last number leaves a number. */
	for (size_t len = 0; len < sizeof golden - 13; len++) {
		memcpy(line, golden, len);
		line[len] = '\0';
		assert_false(cache_file_parse(line, &back));
	}
	memcpy(line, golden, sizeof golden);
	memcpy(line + sizeof golden - 1, " more", 6);
	assert_false(cache_file_parse(line, &back));
}

static void wrong_values_are_refused(void **state)
{
	static const char *const lines[] = {
		"tunnel 7 target 10.10.10.2 33 nbma 2.2.2.2 claimed none unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created 1",
		"tunnel 7 target 10.10.10.2 32 nbma none claimed none unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created 1",
		"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed 1 unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created 1",
		"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed none maybe holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created 1",
	};
	struct node_saved_entry back;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_false(cache_file_parse(lines[i], &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_one_line),
		cmocka_unit_test(reads_what_it_printed),
		cmocka_unit_test(every_shortened_line_is_refused),
		cmocka_unit_test(wrong_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
