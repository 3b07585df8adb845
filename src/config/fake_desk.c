/* SPDX-License-Identifier: Apache-2.0 */
#include "config/fake_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void desk_open(struct desk *d)
{
	*d = (struct desk){ .s = snapshot_new() };
	strbuf_init(&d->text);
}

static void forget_remark(struct desk *d)
{
	free(d->remark.line);
	free(d->remark.text);
	d->remark = (struct config_remark){ 0 };
}

void desk_close(struct desk *d)
{
	forget_remark(d);
	snapshot_free(d->s);
	strbuf_fini(&d->text);
}

void desk_load(struct desk *d, const char *text)
{
	static const char *const words[] = { "note", "warning", "error" };
	struct config_remarks remarks;

	snapshot_free(d->s);
	d->s = config_parse(text, strlen(text), &remarks);
	strbuf_truncate(&d->text, 0);
	for (size_t i = 0; i < remarks.n; i++)
		strbuf_printf(&d->text, "%zu: %s: %s\n", remarks.remark[i].line_number,
		              words[remarks.remark[i].severity], remarks.remark[i].text);
	config_remarks_fini(&remarks);
}

static bool type(struct desk *d, const char *line)
{
	struct snapshot *before = snapshot_copy(d->s);
	const struct config_mode mode = d->mode;

	forget_remark(d);
	bool taken = config_line(d->s, &d->mode, line, &d->remark);
	if (!taken) {
		assert_true(config_equal(before, d->s));
		assert_memory_equal(&mode, &d->mode, sizeof mode);
	}
	snapshot_free(before);
	return taken;
}

void desk_type(struct desk *d, const char *line)
{
	bool taken = type(d, line);

	if (!taken || d->remark.line)
		print_error("\"%s\": %s\n", line, d->remark.text);
	assert_true(taken);
	assert_null(d->remark.line);
}

void desk_type_warned(struct desk *d, const char *line, const char *text)
{
	assert_true(type(d, line));
	assert_non_null(d->remark.text);
	assert_string_equal(d->remark.text, text);
	assert_int_not_equal(d->remark.severity, CONFIG_ERROR);
	assert_string_equal(d->remark.line, line);
}

void desk_type_refused(struct desk *d, const char *line, const char *text)
{
	bool taken = type(d, line);

	if (taken)
		print_error("\"%s\" was taken\n", line);
	assert_false(taken);
	assert_string_equal(d->remark.text, text);
	assert_int_equal(d->remark.severity, CONFIG_ERROR);
	assert_string_equal(d->remark.line, line);
}

const char *desk_print(struct desk *d)
{
	struct strbuf all;

	strbuf_init(&all);
	strbuf_truncate(&d->text, 0);
	config_print(d->s, false, &all);
	for (const char *at = all.text; *at; at += strcspn(at, "\n") + 1) {
		size_t len = strcspn(at, "\n") + 1;
		if (*at != '!' && strncmp(at, "end\n", 4) != 0)
			strbuf_add(&d->text, at, len);
	}
	strbuf_fini(&all);
	return d->text.text;
}

bool desk_is_stable(struct desk *d)
{
	struct config_remarks remarks;
	struct strbuf text;

	strbuf_init(&text);
	config_print(d->s, false, &text);
	struct snapshot *again = config_parse(text.text, text.len, &remarks);
	bool stable = config_equal(d->s, again) && remarks.n_errors == 0;
	if (!stable) {
		fprintf(stderr, "---- printed:\n%s---- printed again:\n", text.text);
		strbuf_truncate(&text, 0);
		config_print(again, false, &text);
		config_remarks_print(&remarks, "again", &text);
		fputs(text.text, stderr);
	}
	config_remarks_fini(&remarks);
	snapshot_free(again);
	strbuf_fini(&text);
	return stable;
}

struct snap_interface *desk_interface(struct desk *d, const char *name)
{
	struct snap_interface *i = snapshot_interface(d->s, name);

	assert_non_null(i);
	return i;
}

struct snap_nhrp *desk_open_nhrp(struct desk *d)
{
	desk_open(d);
	desk_type(d, "interface Tunnel0");
	return &desk_interface(d, "Tunnel0")->tunnel->nhrp;
}
