/* SPDX-License-Identifier: Apache-2.0 */
/* A session on the fake host, and what a test says about it: lines in, transcripts and the journal
 * out. */
#pragma once

#include "cli/cli.h"
#include "cli/fake_host.h"

struct desk {
	struct fake_host fake;
	struct cli_session *session;
	struct strbuf printed; /* what reached the terminal after cli_exec */
};

void desk_open(struct desk *d, bool privileged);
/* d->session may be NULL by then. */
void desk_close(struct desk *d);
/* Executes a line, which must end so and print this. */
void desk_expect(struct desk *d, const char *line, enum cli_result result, const char *text);
/* Executes a line that says nothing. */
void desk_run(struct desk *d, const char *line);
/* Executes a line that gives show() this request: its number, and the rest as the fake host words
 * it. */
void desk_expect_show(struct desk *d, const char *line, enum show_what what, const char *rest);
void desk_expect_prompt(struct desk *d, const char *expected);
/* What the host was asked to do since the last time. */
void desk_expect_journal(struct desk *d, const char *expected);
void desk_expect_help(struct desk *d, const char *line, const char *expected);
void desk_expect_completion(struct desk *d, const char *line, const char *expected);
