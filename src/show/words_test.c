/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"
#include "show/words.h"

static void expect_short(const char *name, const char *text)
{
	char buf[WORDS_NAME_SIZE];

	assert_string_equal(words_interface_short(name, buf), text);
}

static void interfaces_are_abbreviated(void **state)
{
	(void)state;
	expect_short("Tunnel0", "Tu0");
	expect_short("Tunnel2147483647", "Tu2147483647");
	expect_short("FastEthernet0/0", "Fa0/0");
	expect_short("GigabitEthernet0/0/1.20", "Gi0/0/1.20");
	expect_short("Loopback1", "Lo1");
	expect_short("eth0", "eth0");
	expect_short("", "");
}

static void an_unknown_address_is_said_to_be_so(void **state)
{
	char buf[ADDR_TEXT_LEN];
	struct addr a = fake_addr("10.0.0.1");

	(void)state;
	assert_string_equal(words_addr(&a, buf), "10.0.0.1");
	assert_string_equal(words_addr(&ADDR_ANY_NONE, buf), "UNKNOWN");
}

static void tunnels_by_their_part(void **state)
{
	(void)state;
	assert_string_equal(words_tunnel_type(&(struct nhrp_tunnel_view){ .is_hub = true }), "Hub");
	assert_string_equal(words_tunnel_type(&(struct nhrp_tunnel_view){ .is_spoke = true }),
	                    "Spoke");
	assert_string_equal(
		words_tunnel_type(&(struct nhrp_tunnel_view){ .is_hub = true, .is_spoke = true }),
		"Hub/Spoke");
	assert_string_equal(words_tunnel_type(&(struct nhrp_tunnel_view){ 0 }), "Unknown");
}

static void servers_by_their_letters(void **state)
{
	char buf[NHS_STATE_SIZE];

	(void)state;
	assert_string_equal(
		words_nhs_state(&(struct nhs_view){ .expecting = true, .responding = true }, buf),
		"RE");
	assert_string_equal(words_nhs_state(&(struct nhs_view){ .expecting = true }, buf), "E");
	assert_string_equal(
		words_nhs_state(&(struct nhs_view){ .waiting = true, .dynamic = true }, buf), "WD");
}

static void every_drop_has_a_direction(void **state)
{
	(void)state;
	assert_true(words_drop_is_input(DP_DROP_GRE));
	assert_true(words_drop_is_input(DP_DROP_WRITE));
	assert_true(words_drop_is_input(DP_DROP_CLEAR));
	assert_true(words_drop_is_input(DP_DROP_OPEN));
	assert_false(words_drop_is_input(DP_DROP_SEAL));
	assert_false(words_drop_is_input(DP_DROP_NO_ADJACENCY));
	assert_false(words_drop_is_input(DP_DROP_SEND));
}

static void wire_errors_have_keys(void **state)
{
	(void)state;
	assert_string_equal(words_wire_error_key(NHRP_WIRE_SHORT), "short");
	assert_string_equal(words_wire_error_key(NHRP_WIRE_EXTENSIONS), "extensions");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_are_abbreviated),
		cmocka_unit_test(an_unknown_address_is_said_to_be_so),
		cmocka_unit_test(tunnels_by_their_part),
		cmocka_unit_test(servers_by_their_letters),
		cmocka_unit_test(every_drop_has_a_direction),
		cmocka_unit_test(wire_errors_have_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
