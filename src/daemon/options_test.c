/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/options.h"

enum { WORDS_MAX = 600 };

/* "" and the options, or the sentence. */
static struct options parse(const char *line, const char *expected_error)
{
	static char store[16384];
	char *argv[WORDS_MAX] = { (char *)"dmvpnd" }, *save;
	int argc = 1;
	struct options o = { 0 };
	struct strbuf error;

	assert_true(strlen(line) < sizeof store);
	memcpy(store, line, strlen(line) + 1);
	for (char *w = strtok_r(store, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	strbuf_init(&error);
	assert_int_equal(options_parse(argc, argv, &o, &error), expected_error[0] == '\0');
	assert_string_equal(error.text, expected_error);
	strbuf_fini(&error);
	return o;
}

static void defaults(void **state)
{
	struct options o = parse("", "");

	(void)state;
	assert_string_equal(o.config, "/etc/dmvpnd/dmvpnd.conf");
	assert_string_equal(o.run_dir, "/run/dmvpnd");
	assert_string_equal(o.state_dir, "/var/lib/dmvpnd");
	assert_null(o.socket_group);
	assert_null(o.keylog);
	assert_string_equal(parse("--keylog k", "").keylog, "k");
	assert_int_equal(o.n_ports, 0);
	assert_int_equal(o.n_workers, 0);
	assert_false(o.xdp_receive || o.strict || o.check || o.cleanup || o.version || o.help);
}

static void everything_at_once(void **state)
{
	struct options o = parse("--config f --run-dir=r --state-dir s --port Fa0/0=eth0 --port"
	                         " Gi1=ens3 --workers 16 --strict --check --cleanup"
	                         " --socket-group adm --xdp-receive --version --help",
	                         "");

	(void)state;
	assert_string_equal(o.config, "f");
	assert_string_equal(o.run_dir, "r");
	assert_string_equal(o.state_dir, "s");
	assert_string_equal(o.socket_group, "adm");
	assert_int_equal(o.n_ports, 2);
	assert_string_equal(o.port[0], "Fa0/0=eth0");
	assert_string_equal(o.port[1], "Gi1=ens3");
	assert_int_equal(o.n_workers, 16);
	assert_true(o.xdp_receive && o.strict && o.check && o.cleanup && o.version && o.help);
}

static void mistakes_are_explained(void **state)
{
	(void)state;
	parse("--workers 0", "--workers takes a number from 1 to 16, not \"0\".");
	parse("--workers 17", "--workers takes a number from 1 to 16, not \"17\".");
	parse("--workers 4x", "--workers takes a number from 1 to 16, not \"4x\".");
	parse("--config", "--config takes a value.");
	parse("--daemon", "--daemon is no option of dmvpnd; see --help.");
	parse("file.cfg", "\"file.cfg\" is no option of dmvpnd; see --help.");
}

static void ports_are_bounded(void **state)
{
	char line[16384] = "";

	(void)state;
	for (int i = 0; i < OPTIONS_PORTS_MAX + 1; i++)
		memcpy(line + strlen(line), "--port a=b ", 12);
	parse(line, "--port can be given 256 times.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything_at_once),
		cmocka_unit_test(mistakes_are_explained),
		cmocka_unit_test(ports_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
