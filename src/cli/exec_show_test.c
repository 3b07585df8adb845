/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "cli/fake_desk.h"

static void test_show_running_config(void **state)
{
	struct desk d;
	struct strbuf config, expected;

	(void)state;
	desk_open(&d, true);
	strbuf_init(&config);
	strbuf_init(&expected);
	config_print(d.fake.running, false, &config);
	strbuf_printf(&expected,
	              "Building configuration...\n\nCurrent configuration : %zu bytes\n!\n%s",
	              config.len, config.text);
	desk_expect(&d, "show running-config", CLI_DONE, expected.text);
	desk_expect(&d, "show run interface Tunnel0 | section ^interface", CLI_DONE,
	            "interface Tunnel0\n"
	            " ip address 10.10.10.1 255.255.255.0\n"
	            " ip nhrp authentication secret\n"
	            " ip nhrp network-id 1\n");
	desk_expect(&d, "show running-config | count Tunnel", CLI_DONE,
	            "Number of lines which match regexp = 2\n");
	strbuf_fini(&config);
	strbuf_fini(&expected);
	desk_close(&d);
}

static void test_history(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "terminal monitor");
	desk_run(&d, "terminal monitor");
	desk_expect(&d, "show history", CLI_DONE, "  terminal monitor\n  show history\n");
	for (int i = 0; i < 2 * CLI_HISTORY_MAX; i++)
		desk_run(&d, i % 2 ? "terminal length 0" : "terminal length 1");
	desk_expect(&d, "show history | count .", CLI_DONE,
	            "Number of lines which match regexp = 256\n");
	desk_close(&d);
}

static void test_own_json(void **state)
{
	static const char *const lines[] = {
		"show running-config | json", "show history | json",   "show clock | json",
		"show debugging | json",      "show privilege | json", "show startup-config | json",
	};
	struct desk d;

	(void)state;
	desk_open(&d, true);
	strbuf_adds(&d.fake.startup, "hostname R1\n");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct strbuf out;
		strbuf_init(&out);
		assert_int_equal(cli_exec(d.session, lines[i], &out), CLI_DONE);
		json_t *answer = json_loads(out.text, 0, NULL);
		assert_non_null(answer);
		assert_int_equal(json_integer_value(json_object_get(answer, "schema")), 1);
		const char *command = json_string_value(json_object_get(answer, "command"));
		assert_memory_equal(command, lines[i], strlen(command));
		json_decref(answer);
		strbuf_fini(&out);
	}
	desk_close(&d);
}

static void test_secrets_are_hidden(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, false);
	desk_expect(&d, "show running-config | include secret", CLI_DONE, "");
	strbuf_adds(&d.fake.startup, "interface Tunnel0\n ip nhrp authentication secret\n");
	desk_expect(&d, "show startup-config | include secret", CLI_DONE, "");
	desk_expect_show(&d, "show crypto isakmp key", SHOW_CRYPTO_ISAKMP_KEY, " hidden");
	desk_close(&d);
	desk_open(&d, true);
	desk_expect_show(&d, "show crypto isakmp key", SHOW_CRYPTO_ISAKMP_KEY, " in clear");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show_running_config),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_own_json),
		cmocka_unit_test(test_secrets_are_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
