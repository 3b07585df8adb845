/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon has added to the system, kept in the file "ledger" of the run directory. A thing
 * is noted before it is added and forgotten after it is removed, so that whoever comes next, the
 * daemon or
 * `--cleanup`, knows what a killed one left.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"
#include "util/strbuf.h"

#define LEDGER_FILE "ledger"

enum {
	LEDGER_DEVICE_SIZE = 16,
	LEDGER_FILE_MAX = 64 << 20, /* a longer file is none of ours */
};

/* In the order in which things are removed. */
enum ledger_kind {
	LEDGER_ROUTE, /* prefix, via, device, metric: of protocol 210; no via nor device: blackhole
	               */
	LEDGER_ADDRESS,    /* prefix on device */
	LEDGER_UP,         /* device was down */
	LEDGER_DOWN,       /* device was up */
	LEDGER_TUNNEL,     /* device is a TAP of ours */
	LEDGER_FORWARDING, /* IPv4 forwarding was off */
	LEDGER_KINDS,
};

struct ledger_item {
	enum ledger_kind kind;
	char device[LEDGER_DEVICE_SIZE]; /* or "" */
	struct prefix prefix;
	struct addr via; /* or none */
	uint32_t metric;
};

/* One line of the file, without newline, and back. Parsing fails on what is no item. */
void ledger_item_print(const struct ledger_item *item, struct strbuf *out);
bool ledger_item_parse(const char *line, struct ledger_item *ret);

/* The same for people: "route 0.0.0.0/0 via 2.2.2.1", "address 1.1.1.2/24 on eth0". */
void ledger_item_describe(const struct ledger_item *item, struct strbuf *out);

/* memcmp's contract: by kind in the order above, then by the rest. */
int ledger_item_compare(const struct ledger_item *a, const struct ledger_item *b);

struct ledger;

/*
 * Opens the ledger of a directory, which stays open for as long as the ledger is. What an earlier
 * boot or another network namespace left is forgotten: it is not there any more. Negative errno.
 */
int ledger_open(int run_dir_fd, struct ledger **ret);
/* Frees it. The file stays if anything is noted in it, else it is removed. NULL is fine. */
void ledger_close(struct ledger *l);

/* Negative errno: it could not be noted, so it must not be added. Noting twice is once. */
int ledger_note(struct ledger *l, const struct ledger_item *item);
void ledger_forget(struct ledger *l, const struct ledger_item *item);
bool ledger_has(const struct ledger *l, const struct ledger_item *item);
size_t ledger_count(const struct ledger *l);

/*
 * A copy of all items in the order of removal, to be freed by the caller; NULL when there are none.
 * The ledger may change while the copy is walked.
 */
struct ledger_item *ledger_items(const struct ledger *l, size_t *ret_n);
