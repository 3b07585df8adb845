/* SPDX-License-Identifier: Apache-2.0 */
/* The table of blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"
#include "config/blocks.h"

/* Each block has a name for the prompt, and finds what its head line made. */
static void what_a_head_line_makes_is_found(void **state)
{
	static const struct {
		const char *line, *mode_name;
		enum config_block block;
	} heads[] = {
		{ "crypto keyring 7", "config-keyring", CONFIG_KEYRING },
		{ "crypto isakmp policy 7", "config-isakmp", CONFIG_ISAKMP_POLICY },
		{ "crypto isakmp profile 7", "conf-isa-prof", CONFIG_ISAKMP_PROFILE },
		{ "crypto ipsec transform-set 7 esp-gcm", "cfg-crypto-trans",
		  CONFIG_TRANSFORM_SET },
		{ "crypto ipsec profile 7", "ipsec-profile", CONFIG_IPSEC_PROFILE },
		{ "crypto pki trustpoint 7", "ca-trustpoint", CONFIG_TRUSTPOINT },
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		assert_null(block_object(d.s, heads[i].block, "7"));
		desk_type(&d, heads[i].line);
		assert_int_equal(d.mode.block, heads[i].block);
		assert_string_equal(config_mode_name(&d.mode), heads[i].mode_name);
		const char *head = block_head(heads[i].block);
		assert_int_equal(strncmp(heads[i].line, head, strlen(head)), 0);
		void *object = block_object(d.s, heads[i].block, "7");
		assert_non_null(object);
		assert_null(block_object(d.s, heads[i].block, "8"));
		assert_int_equal(block_kept(heads[i].block, object)->n, 0);
	}
	assert_null(block_object(d.s, CONFIG_INTERFACE, "7"));
	desk_close(&d);
}

/* After `no`, lines go where they went before the block. */
static void a_deleted_block_is_left(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp policy 10");
	desk_type(&d, "hash sha256");
	desk_type(&d, "no crypto isakmp policy 10");
	desk_type_refused(&d, "hash sha256",
	                  "unknown command here: it stands below crypto isakmp policy");
	desk_type(&d, "crypto isakmp policy 20");
	desk_type_refused(&d, "set pfs group14",
	                  "unknown command here: it stands below crypto ipsec profile");
	desk_type_refused(&d, "set zork", "unknown command");
	desk_type_refused(&d, "no crypto isakmp policy 10", "there is no such policy");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_head_line_makes_is_found),
		cmocka_unit_test(a_deleted_block_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
