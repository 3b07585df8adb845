/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a configuration: it loads without a crash, and what is printed loads to the same and
 * without an error. The same lines typed one by one do not crash either, nor does asking for help
 * behind them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "util/check.h"

enum { TYPED_MAX = 512 /* bytes typed line by line, which is slow: each compares snapshots */ };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void load(const uint8_t *bytes, size_t len)
{
	struct config_remarks remarks, again;
	struct strbuf text;

	struct snapshot *s = config_parse((const char *)bytes, len, &remarks);
	strbuf_init(&text);
	config_print(s, false, &text);
	struct snapshot *t = config_parse(text.text, text.len, &again);
	check(config_equal(s, t) && again.n_errors == 0);
	strbuf_truncate(&text, 0);
	config_print(s, true, &text);
	config_remarks_print(&remarks, "config", &text);
	strbuf_fini(&text);
	snapshot_free(s);
	snapshot_free(t);
	config_remarks_fini(&remarks);
	config_remarks_fini(&again);
}

static void type(const uint8_t *bytes, size_t len)
{
	struct snapshot *s = snapshot_new();
	struct config_mode mode = { 0 };
	struct strbuf help;

	strbuf_init(&help);
	for (size_t at = 0; at < len;) {
		const uint8_t *newline = memchr(bytes + at, '\n', len - at);
		size_t n = newline ? (size_t)(newline - bytes) - at : len - at;
		char *line = strndup((const char *)bytes + at, n);
		struct config_remark remark;
		config_help(&mode, line, &help);
		config_complete(&mode, line, &help);
		strbuf_truncate(&help, 0);
		struct snapshot *before = snapshot_copy(s);
		if (!config_line(s, &mode, line, &remark))
			check(config_equal(before, s));
		snapshot_free(before);
		free(remark.line);
		free(remark.text);
		free(line);
		at += n + 1;
	}
	strbuf_fini(&help);
	snapshot_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	load(bytes, len);
	type(bytes, len < TYPED_MAX ? len : TYPED_MAX);
	return 0;
}
