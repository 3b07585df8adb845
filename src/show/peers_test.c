/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"
#include "show/peers.h"

static struct fake f;

static void expect_rows(const char *trace)
{
	struct nhrp_entries entries = { .entry = f.node.entry, .n = f.node.n_entries };
	struct peer_rows rows = peer_rows_new(&entries);
	struct strbuf got;
	char text[PREFIX_TEXT_LEN];

	strbuf_init(&got);
	strbuf_printf(&got, "%zu peers", rows.n_peers);
	for (size_t i = 0; i < rows.n; i++)
		strbuf_printf(&got, "; %zu %s", rows.row[i].n_same,
		              prefix_format(&rows.row[i].entry->target, text));
	assert_string_equal(got.text, trace);
	strbuf_fini(&got);
	peer_rows_free(&rows);
}

static void no_entries_no_peers(void **state)
{
	(void)state;
	fake_init(&f);
	expect_rows("0 peers");
	fake_fini(&f);
}

static void entries_gather_where_their_peer_first_appears(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.2", "9.9.9.9");
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.3", "1.1.1.1");
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.2.0.0/16", "9.9.9.9");
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.3.0.0/16", "9.9.9.9");
	expect_rows("2 peers; 3 10.0.0.2/32; 0 10.2.0.0/16; 0 10.3.0.0/16; 1 10.0.0.3/32");
	fake_fini(&f);
}

static void unknown_peers_are_not_one_peer(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_INCOMPLETE, "10.0.0.8", NULL);
	fake_add_entry(&f, NHRP_ENTRY_INCOMPLETE, "10.0.0.9", NULL);
	expect_rows("2 peers; 1 10.0.0.8/32; 1 10.0.0.9/32");
	fake_fini(&f);
}

static void expect_attributes(const struct nhrp_entry_view *e, const char *letters)
{
	char buf[PEER_ATTRIBUTES_SIZE];

	assert_string_equal(peer_attributes(e, buf), letters);
}

static void attributes_are_letters_in_a_row(void **state)
{
	struct nhrp_entry_view e = { .type = NHRP_ENTRY_STATIC };

	(void)state;
	expect_attributes(&e, "S");
	e.type = NHRP_ENTRY_INCOMPLETE;
	expect_attributes(&e, "IX");
	e.type = NHRP_ENTRY_DYNAMIC;
	e.flags = 1U << NHRP_FLAG_LOCAL | 1U << NHRP_FLAG_NO_SOCKET;
	expect_attributes(&e, "DLX");
	e.flags = 1U << NHRP_FLAG_RIB;
	expect_attributes(&e, "DT1");
	e.claimed = fake_addr("10.0.0.2");
	e.flags = UINT32_MAX;
	expect_attributes(&e, "DNLXT1T2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_entries_no_peers),
		cmocka_unit_test(entries_gather_where_their_peer_first_appears),
		cmocka_unit_test(unknown_peers_are_not_one_peer),
		cmocka_unit_test(attributes_are_letters_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
