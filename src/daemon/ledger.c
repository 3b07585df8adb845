/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file begins with a line that names the boot and the network namespace; then "+ ITEM" and "-
 * ITEM" lines are appended, each in one write. It need not survive a crash of the machine, since
 * what it speaks of does not either: no fsync. It is written anew, without what cancels out,
 * whenever it is opened.
 */
#include "daemon/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#include "daemon/files.h"
#include "util/check.h"
#include "util/memory.h"

enum { HEAD_SIZE = 128, LINE_SIZE = 256 };

static const char *const kind_words[LEDGER_KINDS] = {
	[LEDGER_ROUTE] = "route", [LEDGER_ADDRESS] = "address", [LEDGER_UP] = "up",
	[LEDGER_DOWN] = "down",   [LEDGER_TUNNEL] = "tunnel",   [LEDGER_FORWARDING] = "forwarding",
};

struct entry {
	char *line; /* the key */
	struct ledger_item item;
	UT_hash_handle hh;
};

struct ledger {
	int dir_fd, fd;
	struct entry *entries;
};

void ledger_item_print(const struct ledger_item *item, struct strbuf *out)
{
	char prefix[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];

	strbuf_printf(out, "%s %s %s %s %" PRIu32, kind_words[item->kind],
	              item->device[0] ? item->device : "-",
	              addr_is_none(&item->prefix.addr) ? "-" : prefix_format(&item->prefix, prefix),
	              addr_is_none(&item->via) ? "-" : addr_format(&item->via, via), item->metric);
}

void ledger_item_describe(const struct ledger_item *item, struct strbuf *out)
{
	static const char *const words[LEDGER_KINDS] = {
		[LEDGER_ROUTE] = "route",      [LEDGER_ADDRESS] = "address",
		[LEDGER_UP] = "state up",      [LEDGER_DOWN] = "state down",
		[LEDGER_TUNNEL] = "interface", [LEDGER_FORWARDING] = "IPv4 forwarding",
	};
	char prefix[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];

	strbuf_adds(out, words[item->kind]);
	if (!addr_is_none(&item->prefix.addr))
		strbuf_printf(out, " %s", prefix_format(&item->prefix, prefix));
	if (!addr_is_none(&item->via))
		strbuf_printf(out, " via %s", addr_format(&item->via, via));
	if (item->device[0])
		strbuf_printf(out, item->kind == LEDGER_TUNNEL ? " %s" : " on %s", item->device);
}

static bool parse_prefix(char *text, struct prefix *ret)
{
	char *slash = strchr(text, '/'), *end;
	struct prefix p = { 0 };

	if (!slash)
		return false;
	*slash = '\0';
	unsigned long len = strtoul(slash + 1, &end, 10);
	if (!addr_parse(text, &p.addr) || *end || end == slash + 1 || len > addr_bits(&p.addr))
		return false;
	p.len = (uint8_t)len;
	*ret = p;
	return true;
}

bool ledger_item_parse(const char *line, struct ledger_item *ret)
{
	char kind[16], device[LEDGER_DEVICE_SIZE], prefix[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];
	struct ledger_item item = { 0 };
	int end = 0;

	if (sscanf(line, "%15s %15s %49s %45s %" SCNu32 "%n", kind, device, prefix, via,
	           &item.metric, &end) != 5 ||
	    line[end])
		return false;
	size_t k = 0;
	while (k < LEDGER_KINDS && strcmp(kind, kind_words[k]) != 0)
		k++;
	if (k == LEDGER_KINDS)
		return false;
	item.kind = (enum ledger_kind)k;
	if (strcmp(device, "-") != 0)
		memcpy(item.device, device, sizeof item.device);
	if (strcmp(prefix, "-") != 0 && !parse_prefix(prefix, &item.prefix))
		return false;
	if (strcmp(via, "-") != 0 && !addr_parse(via, &item.via))
		return false;
	*ret = item;
	return true;
}

int ledger_item_compare(const struct ledger_item *a, const struct ledger_item *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	int order = strcmp(a->device, b->device);
	if (!order)
		order = addr_compare(&a->prefix.addr, &b->prefix.addr);
	if (!order)
		order = (a->prefix.len > b->prefix.len) - (a->prefix.len < b->prefix.len);
	if (!order)
		order = addr_compare(&a->via, &b->via);
	if (!order)
		order = (a->metric > b->metric) - (a->metric < b->metric);
	return order;
}

static struct entry *find(const struct ledger *l, const char *line)
{
	struct entry *e;

	HASH_FIND_STR(l->entries, line, e);
	return e;
}

static void add(struct ledger *l, const char *line, const struct ledger_item *item)
{
	struct entry *e = memory_new(1, sizeof *e);

	e->line = memory_strdup(line);
	e->item = *item;
	HASH_ADD_KEYPTR(hh, l->entries, e->line, strlen(e->line), e);
}

static void del(struct ledger *l, struct entry *e)
{
	HASH_DEL(l->entries, e);
	free(e->line);
	free(e);
}

/* What the things in the ledger live and die with. */
static void describe_system(char ret[static HEAD_SIZE])
{
	char boot[64] = "unknown";
	struct stat ns = { 0 };
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n = read(fd, boot, sizeof boot - 1);
		boot[n > 0 ? n : 0] = '\0';
		boot[strcspn(boot, "\n")] = '\0';
		close(fd);
	}
	(void)stat("/proc/self/ns/net", &ns);
	snprintf(ret, HEAD_SIZE, "boot %s netns %" PRIuMAX, boot, (uintmax_t)ns.st_ino);
}

/* A last line without newline was cut off by the crash, before the thing was added. */
static void load(struct ledger *l, char *text, const char *head)
{
	struct ledger_item item;
	char *newline = strchr(text, '\n');

	if (!newline)
		return;
	*newline = '\0';
	if (strcmp(text, head) != 0)
		return;
	for (char *line = newline + 1; (newline = strchr(line, '\n')); line = newline + 1) {
		*newline = '\0';
		if ((line[0] != '+' && line[0] != '-') || line[1] != ' ' ||
		    !ledger_item_parse(line + 2, &item))
			continue;
		struct entry *e = find(l, line + 2);
		if (line[0] == '+' && !e)
			add(l, line + 2, &item);
		else if (line[0] == '-' && e)
			del(l, e);
	}
}

static int write_anew(struct ledger *l, const char *head)
{
	struct strbuf text;

	strbuf_init(&text);
	strbuf_printf(&text, "%s\n", head);
	for (const struct entry *e = l->entries; e; e = e->hh.next)
		strbuf_printf(&text, "+ %s\n", e->line);
	int result = files_replace(l->dir_fd, LEDGER_FILE, 0600, text.text);
	strbuf_fini(&text);
	if (result < 0)
		return result;
	l->fd = openat(l->dir_fd, LEDGER_FILE, O_WRONLY | O_APPEND | O_CLOEXEC);
	return l->fd < 0 ? -errno : 0;
}

int ledger_open(int run_dir_fd, struct ledger **ret)
{
	struct ledger *l = memory_new(1, sizeof *l);
	char head[HEAD_SIZE];
	struct strbuf text;

	l->dir_fd = run_dir_fd;
	l->fd = -1;
	describe_system(head);
	strbuf_init(&text);
	int result = files_read(run_dir_fd, LEDGER_FILE, LEDGER_FILE_MAX, &text);
	if (result == 0 && text.len)
		load(l, text.text, head);
	strbuf_fini(&text);
	if (result == 0 || result == -ENOENT)
		result = write_anew(l, head);
	if (result < 0) {
		ledger_close(l);
		return result;
	}
	*ret = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	struct entry *e, *next;

	if (!l)
		return;
	if (l->fd >= 0) {
		close(l->fd);
		if (!l->entries)
			unlinkat(l->dir_fd, LEDGER_FILE, 0);
	}
	HASH_ITER (hh, l->entries, e, next)
		del(l, e);
	free(l);
}

static int append(struct ledger *l, char sign, const char *line)
{
	char text[LINE_SIZE];
	int len = snprintf(text, sizeof text, "%c %s\n", sign, line);

	check(len > 0 && (size_t)len < sizeof text);
	ssize_t n = write(l->fd, text, (size_t)len);
	if (n == len)
		return 0;
	int error = n < 0 ? -errno : -ENOSPC;
	if (n > 0) /* ends the torn line, which then reads as nothing */
		n = write(l->fd, "\n", 1);
	return error;
}

int ledger_note(struct ledger *l, const struct ledger_item *item)
{
	struct strbuf line;
	int result = 0;

	strbuf_init(&line);
	ledger_item_print(item, &line);
	if (!find(l, line.text)) {
		result = append(l, '+', line.text);
		if (result == 0)
			add(l, line.text, item);
	}
	strbuf_fini(&line);
	return result;
}

void ledger_forget(struct ledger *l, const struct ledger_item *item)
{
	struct strbuf line;

	strbuf_init(&line);
	ledger_item_print(item, &line);
	struct entry *e = find(l, line.text);
	if (e) {
		/* What can't be written leaves an item too many, whose removal fails harmlessly. */
		(void)append(l, '-', line.text);
		del(l, e);
	}
	strbuf_fini(&line);
}

bool ledger_has(const struct ledger *l, const struct ledger_item *item)
{
	struct strbuf line;

	strbuf_init(&line);
	ledger_item_print(item, &line);
	bool has = find(l, line.text) != NULL;
	strbuf_fini(&line);
	return has;
}

size_t ledger_count(const struct ledger *l)
{
	return HASH_COUNT(l->entries);
}

struct ledger_item *ledger_items(const struct ledger *l, size_t *ret_n)
{
	size_t n = ledger_count(l), at = 0;

	*ret_n = n;
	if (n == 0)
		return NULL;
	struct ledger_item *items = memory_new(n, sizeof *items);
	for (int kind = 0; kind < LEDGER_KINDS; kind++) {
		for (const struct entry *e = l->entries; e; e = e->hh.next) {
			if ((int)e->item.kind == kind)
				items[at++] = e->item;
		}
	}
	check(at == n);
	return items;
}
