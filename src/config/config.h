/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as text: reading it into a snapshot, printing it back, and one line at a time
 * for `configure terminal`. The rows (rows.c) are the single source for parser, `no` form, printer,
 * help, completion, diff and manual.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/grammar.h"
#include "node/snapshot.h"
#include "util/strbuf.h"

enum {
	CONFIG_FILE_MAX = 16 << 20, /* bytes; a longer file is refused */
	CONFIG_REMARKS_MAX = 10000, /* further ones are counted, not kept */
	CONFIG_PROMPT_SIZE = 32,
};

enum config_severity { CONFIG_NOTE, CONFIG_WARNING, CONFIG_ERROR };

/* One remark on one line of text. */
struct config_remark {
	enum config_severity severity;
	size_t line_number;         /* from 1 */
	size_t column;              /* of the caret, in bytes from 0 */
	enum grammar_result syntax; /* of an error: GRAMMAR_OK when the words are right */
	char *line;                 /* the line as it stands */
	char *text;
};

struct config_remarks {
	struct config_remark *remark;
	size_t n, n_lost;
	size_t n_errors, n_warnings, n_notes;
};

void config_remarks_fini(struct config_remarks *r);
/* "FILE:LINE: error: text", the line, and a caret, for each remark in order. */
void config_remarks_print(const struct config_remarks *r, const char *file, struct strbuf *out);

/*
 * Reads a whole configuration. Always gives a snapshot: what is understood is in it, the rest is
 * remarked upon. The caller frees both.
 */
struct snapshot *config_parse(const char *text, size_t len, struct config_remarks *remarks);

/* What the machine lacks: DES comes from a part of OpenSSL that may not be installed. */
struct config_machine {
	bool no_ike_des, no_esp_des;
};

/* Likewise; lines that ask for what the machine lacks are refused, also those typed later. */
struct snapshot *config_parse_on(const struct config_machine *machine, const char *text, size_t len,
                                 struct config_remarks *remarks);

/* True when what is printed for everyone hides something. */
bool config_has_secrets(const struct snapshot *s);

/*
 * Prints what loads to the same snapshot, as `show running-config` does below its header: blocks
 * with one blank of indent, "!" between them, "end". hide: secrets become <hidden>.
 */
void config_print(const struct snapshot *s, bool hide, struct strbuf *out);

/* Appends a line with <hidden> for what follows a word that announces a secret: for logs. */
void config_print_hidden(const char *line, struct strbuf *out);

/* ---- one line at a time ---- */

enum config_block {
	CONFIG_GLOBAL,
	CONFIG_INTERFACE,
	CONFIG_FOREIGN,
	CONFIG_KEYRING,
	CONFIG_ISAKMP_POLICY,
	CONFIG_ISAKMP_PROFILE,
	CONFIG_TRANSFORM_SET,
	CONFIG_IPSEC_PROFILE,
	CONFIG_TRUSTPOINT,
	CONFIG_BLOCKS_N
};

/* Where the next line goes; starts zeroed. */
struct config_mode {
	enum config_block block;
	char name[SNAP_NAME_SIZE];      /* of the block's interface, policy, profile, … */
	char foreign[GRAMMAR_LINE_MAX]; /* head line of CONFIG_FOREIGN */
};

/*
 * Applies one line to a snapshot of the caller's and moves the mode. The line is tried in the
 * current block and then globally. False when it is refused; the snapshot and mode are then as
 * before, and *remark says why (error). A line that is kept but not in force gives true and a
 * remark (warning or note) too. The caller frees the remark's strings; line NULL means there is
 * none.
 */
bool config_line(struct snapshot *s, struct config_mode *mode, const char *line,
                 struct config_remark *remark);

/* "config", "config-if", … for the prompt. */
const char *config_mode_name(const struct config_mode *mode);
void config_help(const struct config_mode *mode, const char *line, struct strbuf *out);
void config_complete(const struct config_mode *mode, const char *line, struct strbuf *out);

/* ---- change ---- */

bool config_interface_equal(const struct snap_interface *a, const struct snap_interface *b);
bool config_route_equal(const struct snap_route *a, const struct snap_route *b);
bool config_equal(const struct snapshot *a, const struct snapshot *b);

/* The manual entries of all rows, for the generators of dmvpnd.conf.5 and docs/commands.md. */
enum config_class { CONFIG_WORKS, CONFIG_KNOWN, CONFIG_NOT_OURS };
struct config_manual {
	const char *pattern, *help, *range_and_default;
	enum config_block block;
	enum config_class class;
};
/* The i-th row, from 0; false behind the last. */
bool config_manual(size_t i, struct config_manual *ret);
