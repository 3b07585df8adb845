/* SPDX-License-Identifier: Apache-2.0 */
/* Real pings over loopback; skipped without CAP_NET_RAW. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <regex.h>
#include <string.h>

#include "cli/fake_host.h"
#include "daemon/ping.h"

struct desk {
	uv_loop_t loop;
	struct fake_host fake;
	struct cli_session *session;
	struct strbuf printed;
	bool done;
};

static void on_print(void *ctx, const char *text, size_t len)
{
	struct desk *d = ctx;

	strbuf_add(&d->printed, text, len);
}

static void on_done(void *ctx, enum cli_result result)
{
	struct desk *d = ctx;

	assert_int_equal(result, CLI_DONE);
	d->done = true;
}

static int ping(void *ctx, struct cli_session *session, const struct cli_ping *request,
                struct strbuf *error)
{
	return pings_start(((struct fake_host *)ctx)->pings, session, request, error);
}

static void ping_stop(void *ctx, struct cli_session *session)
{
	pings_stop(((struct fake_host *)ctx)->pings, session);
}

static void desk_open(struct desk *d)
{
	const struct cli_output output = { .print = on_print, .done = on_done, .ctx = d };

	d->done = false;
	assert_int_equal(uv_loop_init(&d->loop), 0);
	strbuf_init(&d->printed);
	fake_host_init(&d->fake);
	d->fake.pings = pings_new(&d->loop);
	d->fake.host.ping = ping;
	d->fake.host.ping_stop = ping_stop;
	d->session = cli_session_new(&d->fake.host, &output, true);
}

static void desk_close(struct desk *d)
{
	cli_session_free(d->session);
	pings_free(d->fake.pings);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&d->loop), 0);
	fake_host_fini(&d->fake);
	strbuf_fini(&d->printed);
}

/* Starts a ping by its command; skips the test when this process may not ping. */
static void start(struct desk *d, const char *line)
{
	struct strbuf out;

	strbuf_init(&out);
	const enum cli_result result = cli_exec(d->session, line, &out);
	const bool forbidden = strstr(out.text, "Operation not permitted");
	strbuf_fini(&out);
	if (forbidden) {
		desk_close(d);
		skip();
	}
	assert_int_equal(result, CLI_RUNNING);
}

static void expect_printed(struct desk *d, const char *pattern)
{
	regex_t regex;

	while (!d->done)
		uv_run(&d->loop, UV_RUN_ONCE);
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&regex, d->printed.text, 0, NULL, 0) != 0)
		fail_msg("printed: %s", d->printed.text);
	regfree(&regex);
}

static void test_answers(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	start(&d, "ping 127.0.0.1");
	expect_printed(&d,
	               "^Type escape sequence to abort\\.\n"
	               "Sending 5, 100-byte ICMP Echos to 127\\.0\\.0\\.1, timeout is 2 seconds:\n"
	               "!!!!!\n"
	               "Success rate is 100 percent \\(5/5\\), round-trip min/avg/max = "
	               "[0-9]+/[0-9]+/[0-9]+ ms\n$");
	desk_close(&d);
}

static void test_sizes_and_lines(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	start(&d, "ping 127.0.0.1 size 18024 repeat 140 source 127.0.0.1");
	expect_printed(&d, "18024-byte ICMP.*\nPacket sent with a source address of 127.0.0.1\n"
	                   "!{70}\n!{70}\nSuccess rate is 100 percent \\(140/140\\)");
	desk_close(&d);

	desk_open(&d);
	start(&d, "ping 127.0.0.1 size 36 repeat 1 df-bit");
	expect_printed(&d, "\nPacket sent with the DF bit set\n!\nSuccess");
	desk_close(&d);
}

static void test_no_answer(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	/* TEST-NET-3: nobody there answers. */
	start(&d, "ping 203.0.113.1 repeat 2 timeout 1");
	expect_printed(&d, "\n[.U]{2}\nSuccess rate is 0 percent \\(0/2\\)\n$");
	desk_close(&d);
}

static void test_stop(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	start(&d, "ping 127.0.0.1 repeat 2000000000");
	while (d.printed.len < 200)
		uv_run(&d.loop, UV_RUN_ONCE);
	cli_interrupt(d.session);
	assert_true(d.done);
	expect_printed(&d, "!\nSuccess rate is 100 percent \\(([0-9]+)/\\1\\)");
	desk_close(&d);
}

static void test_the_session_ends_first(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	start(&d, "ping 127.0.0.1 repeat 2000000000");
	uv_run(&d.loop, UV_RUN_ONCE);
	cli_session_free(d.session);
	d.session = NULL;
	assert_false(d.done);
	desk_close(&d);
}

static void test_a_source_that_is_not_ours(void **state)
{
	struct desk d;
	struct strbuf out;

	(void)state;
	desk_open(&d);
	strbuf_init(&out);
	assert_int_equal(cli_exec(d.session, "ping 127.0.0.1 source 203.0.113.1", &out),
	                 CLI_REFUSED);
	assert_true(strstr(out.text, "Invalid source address") || strstr(out.text, "Cannot ping"));
	strbuf_fini(&out);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_sizes_and_lines),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_the_session_ends_first),
		cmocka_unit_test(test_a_source_that_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
