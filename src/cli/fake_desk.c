/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/fake_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void on_print(void *ctx, const char *text, size_t len)
{
	struct desk *d = ctx;

	strbuf_add(&d->printed, text, len);
}

static void on_done(void *ctx, enum cli_result result)
{
	struct desk *d = ctx;

	strbuf_printf(&d->printed, "<done %d>", result);
}

static void on_log(void *ctx, const char *line)
{
	struct desk *d = ctx;

	strbuf_printf(&d->printed, "<log %s>", line);
}

void desk_open(struct desk *d, bool privileged)
{
	const struct cli_output output = {
		.print = on_print, .done = on_done, .log = on_log, .ctx = d, .user = "root"
	};

	fake_host_init(&d->fake);
	strbuf_init(&d->printed);
	d->session = cli_session_new(&d->fake.host, &output, privileged);
}

void desk_close(struct desk *d)
{
	cli_session_free(d->session);
	fake_host_fini(&d->fake);
	strbuf_fini(&d->printed);
}

void desk_expect(struct desk *d, const char *line, enum cli_result result, const char *text)
{
	struct strbuf out;

	strbuf_init(&out);
	const enum cli_result got = cli_exec(d->session, line, &out);
	assert_string_equal(out.text, text);
	assert_int_equal(got, result);
	strbuf_fini(&out);
}

void desk_run(struct desk *d, const char *line)
{
	desk_expect(d, line, CLI_DONE, "");
}

void desk_expect_prompt(struct desk *d, const char *expected)
{
	char prompt[CLI_PROMPT_SIZE];

	assert_string_equal(cli_prompt(d->session, prompt), expected);
}

void desk_expect_journal(struct desk *d, const char *expected)
{
	assert_string_equal(d->fake.journal.text, expected);
	strbuf_truncate(&d->fake.journal, 0);
}

void desk_expect_help(struct desk *d, const char *line, const char *expected)
{
	struct strbuf out;

	strbuf_init(&out);
	cli_help(d->session, line, &out);
	assert_string_equal(out.text, expected);
	strbuf_fini(&out);
}

void desk_expect_completion(struct desk *d, const char *line, const char *expected)
{
	struct strbuf out;

	strbuf_init(&out);
	cli_complete(d->session, line, &out);
	assert_string_equal(out.text, expected);
	strbuf_fini(&out);
}

void desk_expect_show(struct desk *d, const char *line, enum show_what what, const char *rest)
{
	char expected[128];

	snprintf(expected, sizeof expected, "show %d%s\n", what, rest);
	desk_expect(d, line, CLI_DONE, expected);
}
