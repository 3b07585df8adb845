/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole CLI session over the fake host: each line is helped with, completed and executed; a
 * running ping is stopped. The first byte says whether the session may configure, and whether the
 * terminal echoes.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/fake_host.h"
#include "util/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void ignore_print(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

static void ignore_done(void *ctx, enum cli_result result)
{
	(void)ctx;
	(void)result;
}

static void ignore_log(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

static bool do_line(struct cli_session *s, const char *line)
{
	char prompt[CLI_PROMPT_SIZE];
	struct strbuf out;

	strbuf_init(&out);
	cli_help(s, line, &out);
	cli_complete(s, line, &out);
	const enum cli_result result = cli_exec(s, line, &out);
	if (result == CLI_RUNNING)
		cli_interrupt(s);
	(void)cli_prompt(s, prompt);
	strbuf_fini(&out);
	return result != CLI_CLOSE;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct cli_output output = {
		.print = ignore_print, .done = ignore_done, .log = ignore_log, .user = "root"
	};
	struct fake_host fake;

	if (!len)
		return 0;
	char *text = memory_new(len, 1), *rest = text, *line;
	memcpy(text, bytes + 1, len - 1);
	fake_host_init(&fake);
	struct cli_session *s = cli_session_new(&fake.host, &output, bytes[0] & 1);
	cli_set_echoed(s, bytes[0] & 2);
	while ((line = strsep(&rest, "\n")) && do_line(s, line))
		;
	cli_session_free(s);
	fake_host_fini(&fake);
	free(text);
	return 0;
}
