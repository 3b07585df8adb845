/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/fake_daemon.h"

static void commit(struct fake_daemon *f, const char *text)
{
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(fake_daemon_commit(f, text, &error), 0);
	strbuf_fini(&error);
}

static struct interface_view interface(struct fake_daemon *f, const char *name)
{
	struct cli_host host = daemon_cli_host(&f->d);
	struct interface_view v;
	size_t cursor = 0;

	while (host.show.interface_next(host.ctx, &cursor, &v)) {
		if (strcmp(v.name, name) == 0)
			return v;
	}
	fail_msg("no interface %s", name);
	return v;
}

static void expect_address(const struct interface_view *v, const char *expected)
{
	char text[PREFIX_TEXT_LEN];

	assert_string_equal(addr_is_none(&v->address.addr) ? "none"
	                                                   : prefix_format(&v->address, text),
	                    expected);
}

static void interfaces_are_as_configured_and_as_they_are(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, fake_spoke);
	struct interface_view v = interface(f, "Tunnel0");
	expect_address(&v, "10.10.10.2/24");
	assert_true(v.admin_up && v.line_up && v.has_counters);
	assert_string_equal(v.device, "Tunnel0");
	assert_string_equal(v.method, "manual"); /* it is not in the startup file */
	assert_int_equal(v.nhrp_mtu_bytes, 17916);
	assert_int_equal(v.mtu_bytes, 1476);
	assert_int_equal(v.counters.rx_packets, 1);

	v = interface(f, "eth0");
	expect_address(&v, "2.2.2.2/24");
	assert_int_equal(v.mtu_bytes, 1500);
	snapshot_free(f->d.loaded);
	f->d.loaded = snapshot_copy(f->d.running);
	assert_string_equal(interface(f, "eth0").method, "NVRAM");
}

static void addresses_of_the_system_show_too(void **state)
{
	struct fake_daemon *f = *state;

	fake_add_address(&f->kernel, 2, "9.9.9.9", 24);
	commit(f, "interface eth0\n ip address dhcp\ninterface eth1\ninterface FastEthernet0/0\n"
	          " ip address 4.4.4.4 255.0.0.0\n shutdown\n");
	struct interface_view v = interface(f, "eth0");
	expect_address(&v, "9.9.9.9/24");
	assert_string_equal(v.method, "DHCP");
	v = interface(f, "eth1");
	expect_address(&v, "none");
	assert_string_equal(v.method, "unset");
	assert_string_equal(v.device, "");
	assert_false(v.line_up);
	v = interface(f, "FastEthernet0/0");
	assert_false(v.admin_up || v.line_up);
}

static void routes_have_their_codes(void **state)
{
	struct fake_daemon *f = *state;
	struct cli_host host = daemon_cli_host(&f->d);
	struct strbuf out;
	struct route_view r;
	size_t cursor = 0;
	char to[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];

	commit(f, "interface eth0\n ip address 2.2.2.2 255.255.255.0\n"
	          "ip route 0.0.0.0 0.0.0.0 2.2.2.1\n"
	          "ip route 10.0.0.0 255.0.0.0 Null0 250\n");
	f->kernel.route[f->kernel.n_routes++] =
		(struct netlink_route){ .to = fake_prefix("192.168.3.0", 24),
		                        .via = fake_prefix("2.2.2.9", 32).addr,
		                        .index = 2,
		                        .protocol = NETLINK_ROUTE_PROTOCOL };
	strbuf_init(&out);
	while (host.show.route_next(host.ctx, &cursor, &r))
		strbuf_printf(&out, "%c %s %s %s %u\n", r.code, prefix_format(&r.to, to),
		              addr_format(&r.via, via), r.interface, r.distance);
	assert_string_equal(out.text, "C 2.2.2.0/24 none eth0 0\n"
	                              "L 2.2.2.2/32 none eth0 0\n"
	                              "S 0.0.0.0/0 2.2.2.1  1\n"
	                              "S 10.0.0.0/8 none Null0 250\n"
	                              "H 192.168.3.0/24 2.2.2.9 eth0 250\n");
	strbuf_fini(&out);
}

static void saving_writes_what_runs(void **state)
{
	struct fake_daemon *f = *state;
	struct cli_host host = daemon_cli_host(&f->d);
	struct strbuf out, error;

	strbuf_init(&out);
	strbuf_init(&error);
	assert_int_equal(host.startup(host.ctx, &out, &error), 0);
	assert_string_equal(out.text, "hostname R2\n");
	commit(f, "hostname other\n");
	assert_int_equal(host.save(host.ctx, &error), 0);
	strbuf_truncate(&out, 0);
	assert_int_equal(host.startup(host.ctx, &out, &error), 0);
	assert_non_null(strstr(out.text, "hostname other\n"));

	/* What cannot be written leaves the old file. */
	char beside[160];
	snprintf(beside, sizeof beside, "%s/.dmvpnd.conf.new", f->path);
	assert_int_equal(mkdir(beside, 0700), 0);
	commit(f, "hostname third\n");
	assert_true(host.save(host.ctx, &error) < 0);
	assert_non_null(strstr(error.text, f->conf));
	strbuf_truncate(&out, 0);
	assert_int_equal(host.startup(host.ctx, &out, &error), 0);
	assert_non_null(strstr(out.text, "hostname other\n"));
	assert_int_equal(rmdir(beside), 0);
	strbuf_fini(&out);
	strbuf_fini(&error);
}

/* Nobody may start anew what is not there as a whole; what runs is as it was. */
static void saving_shuts_what_is_unfinished(void **state)
{
	struct fake_daemon *f = *state;
	struct cli_host host = daemon_cli_host(&f->d);
	struct strbuf out, error;

	strbuf_init(&out);
	strbuf_init(&error);
	commit(f, "interface Tunnel7\ninterface Tunnel8\n");
	snapshot_interface(f->d.running, "Tunnel7")->tunnel->unfinished = true;
	assert_int_equal(host.save(host.ctx, &error), 0);
	assert_int_equal(host.startup(host.ctx, &out, &error), 0);
	const char *seven = strstr(out.text, "interface Tunnel7\n");
	const char *eight = strstr(out.text, "interface Tunnel8\n");
	assert_true(seven && eight && seven < eight);
	const char *shut = strstr(out.text, "\n shutdown\n");
	assert_true(shut && seven < shut && shut < eight);
	assert_null(strstr(eight, "\n shutdown\n"));
	assert_false(snapshot_interface(f->d.running, "Tunnel7")->shutdown);
	strbuf_fini(&out);
	strbuf_fini(&error);
}

static void the_program_describes_itself(void **state)
{
	struct fake_daemon *f = *state;
	struct cli_host host = daemon_cli_host(&f->d);
	struct program_view p;

	host.show.program(host.ctx, &p);
	assert_true(p.hostname[0] != '\0'); /* the system's */
	commit(f, "hostname R9\n");
	host.show.program(host.ctx, &p);
	assert_string_equal(p.hostname, "R9");
	assert_string_equal(p.backend, "fake");
	assert_string_equal(p.config_file, f->conf);
	assert_true(p.memory_bytes > 0);
	assert_ptr_equal(host.show.running(host.ctx), f->d.running);
}

static void use_is_asked_for_before_a_command(void **state)
{
	struct fake_daemon *f = *state;
	struct cli_host host = daemon_cli_host(&f->d);

	f->d.iteration = 1;
	f->backend.used = addr_v4(10, 10, 10, 2);
	assert_ptr_equal(host.show.node(host.ctx), f->d.node);
	assert_true(addr_is_none(&f->backend.used)); /* it was asked */
	f->backend.used = addr_v4(10, 10, 10, 2);
	host.show.node(host.ctx); /* not again within the command */
	assert_false(addr_is_none(&f->backend.used));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_daemon_set_up, fake_daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(interfaces_are_as_configured_and_as_they_are),
		TEST(addresses_of_the_system_show_too),
		TEST(routes_have_their_codes),
		TEST(saving_writes_what_runs),
		TEST(saving_shuts_what_is_unfinished),
		TEST(the_program_describes_itself),
		TEST(use_is_asked_for_before_a_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
