/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

static const char golden_path[] =
	"shortcut tunnel 7 target 192.168.3.0 24 nbma 3.3.3.2 claimed none shared holdtime 600"
	" mtu 17912 preference 5 request-id 0 expires 1700000007200 created 1700000000000"
	" network-id 99 own 10.10.10.2 via 10.10.10.3 asked-for 192.168.3.7 place 3.3.3.1 40001"
	" router other protected";

static const struct node_saved_entry path = {
	.kind = NODE_SAVED_SHORTCUT,
	.tunnel = 7,
	.target = { { ADDR_V4, { 192, 168, 3, 0 } }, 24 },
	.nbma = { ADDR_V4, { 3, 3, 3, 2 } },
	.holdtime_s = 600,
	.mtu_bytes = 17912,
	.preference = 5,
	.expires_wall_ms = 1700000007200,
	.created_wall_ms = 1700000000000,
	.network_id = 99,
	.own = { ADDR_V4, { 10, 10, 10, 2 } },
	.via = { ADDR_V4, { 10, 10, 10, 3 } },
	.asked_for = { ADDR_V4, { 192, 168, 3, 7 } },
	.place = { { ADDR_V4, { 3, 3, 3, 1 } }, 40001 },
	.router = true,
	.protected = true,
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
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->network_id, b->network_id);
	assert_true(addr_equal(&a->own, &b->own));
	assert_true(addr_equal(&a->via, &b->via));
	assert_true(addr_equal(&a->asked_for, &b->asked_for));
	assert_true(udp_place_equal(&a->place, &b->place));
	assert_int_equal(a->router, b->router);
	assert_int_equal(a->authoritative, b->authoritative);
	assert_int_equal(a->protected, b->protected);
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

static void a_client_behind_a_nat_has_its_place(void **state)
{
	struct node_saved_entry behind = entry, back;
	struct strbuf out;

	(void)state;
	behind.place = path.place;
	strbuf_init(&out);
	cache_file_print(&behind, &out);
	strbuf_truncate(&out, out.len - 1);
	assert_string_equal(out.text + strlen(golden), " place 3.3.3.1 40001");
	assert_true(cache_file_parse(out.text, &back));
	expect_same(&back, &behind);
	strbuf_addc(&out, ' ');
	assert_false(cache_file_parse(out.text, &back));
	strbuf_truncate(&out, strlen(golden) + strlen(" place 3.3.3.1 "));
	assert_false(cache_file_parse(out.text, &back));
	strbuf_fini(&out);
}

static void paths_and_shortcuts_have_more(void **state)
{
	static const enum node_saved_kind kinds[] = { NODE_SAVED_PATH, NODE_SAVED_REVERSE,
		                                      NODE_SAVED_SHORTCUT, NODE_SAVED_ANSWER };
	struct node_saved_entry any = path, back;
	struct strbuf out;

	(void)state;
	strbuf_init(&out);
	cache_file_print(&path, &out);
	assert_int_equal(out.len, strlen(golden_path) + 1);
	assert_memory_equal(out.text, golden_path, strlen(golden_path));
	assert_true(cache_file_parse(golden_path, &back));
	expect_same(&back, &path);
	any.authoritative = true;
	any.router = any.protected = false;
	any.place = (struct udp_place){ 0 };
	any.asked_for = ADDR_ANY_NONE;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		any.kind = kinds[i];
		strbuf_truncate(&out, 0);
		cache_file_print(&any, &out);
		strbuf_truncate(&out, out.len - 1);
		assert_true(cache_file_parse(out.text, &back));
		expect_same(&back, &any);
	}
	strbuf_fini(&out);
}

static void a_shortened_path_is_refused(void **state)
{
	struct node_saved_entry back = { .tunnel = 5 };
	char line[sizeof golden_path];

	(void)state;
	for (size_t len = 0; len < sizeof golden_path - 1; len++) {
		memcpy(line, golden_path, len);
		line[len] = '\0';
		assert_false(cache_file_parse(line, &back));
	}
	assert_false(cache_file_parse(golden_path + strlen("shortcut "), &back));
	snprintf(line, sizeof line, "path %s", golden);
	assert_false(cache_file_parse(line, &back));
	assert_int_equal(back.tunnel, 5);
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
		"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed none unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires -1 created 1",
		"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed none unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created -9223372036854775808",
		"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed none unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created 1 place 3.3.3.1 0",
		"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed none unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created 1 place 3.3.3.1 65537",
		"tunnel 7 target 10.10.10.2 32 nbma 2.2.2.2 claimed none unique holdtime 7200 mtu"
		" 17912 preference 255 request-id 1 expires 1 created 1 place none 4500",
		"path tunnel 7 target 10.10.10.3 32 nbma 3.3.3.2 claimed none shared holdtime 600 "
		"mtu"
		" 17912 preference 5 request-id 0 expires 1 created 1 network-id 99 own 10.10.10.2"
		" via 10.10.10.3 asked-for none place 3.3.3.1 65537 router other protected",
	};
	struct node_saved_entry back;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_false(cache_file_parse(lines[i], &back));
}

/* A file of as many must be read back: daemon/state.c. */
static void a_full_cache_takes_less_than_40_mb(void **state)
{
	const struct addr longest = { ADDR_V6,
		                      { 32, 1, 13, 184, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		                        255, 255, 255 } };
	struct node_saved_entry e = path;
	struct strbuf out;

	(void)state;
	e.tunnel = e.network_id = e.request_id = UINT32_MAX;
	e.target = (struct prefix){ longest, 128 };
	e.nbma = e.claimed = e.own = e.via = e.asked_for = e.place.addr = longest;
	e.holdtime_s = e.mtu_bytes = e.place.port = UINT16_MAX;
	e.preference = UINT8_MAX;
	e.expires_wall_ms = e.created_wall_ms = INT64_MAX;
	e.unique = e.authoritative = true;
	e.router = false;
	strbuf_init(&out);
	cache_file_print(&e, &out);
	assert_true(out.len * NODE_CACHE_MAX > 20u << 20);
	assert_true(out.len * NODE_CACHE_MAX < 40u << 20);
	strbuf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_one_line),
		cmocka_unit_test(reads_what_it_printed),
		cmocka_unit_test(a_client_behind_a_nat_has_its_place),
		cmocka_unit_test(paths_and_shortcuts_have_more),
		cmocka_unit_test(a_shortened_path_is_refused),
		cmocka_unit_test(every_shortened_line_is_refused),
		cmocka_unit_test(wrong_values_are_refused),
		cmocka_unit_test(a_full_cache_takes_less_than_40_mb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
