/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/cache_file.h"
#include "daemon/files.h"
#include "util/memory.h"

enum {
	IDS_FILE_MAX = 64,
	CACHE_FILE_MAX = 64 << 20, /* NODE_CACHE_MAX entries take less than 40 MB */
};

static const char ids_file[] = "request-ids";
static const char cache_file[] = "cache";

struct state {
	int dir_fd;
	uint32_t request_id_next;
};

static int load_ids(struct state *s)
{
	struct strbuf text;
	int end = 0;

	strbuf_init(&text);
	int result = files_read(s->dir_fd, ids_file, IDS_FILE_MAX, &text);
	bool fine = sscanf(text.text, "%" SCNu32 "\n%n", &s->request_id_next, &end) == 1 &&
	            (size_t)end == text.len;
	strbuf_fini(&text);
	if (result == -ENOENT)
		return 0;
	return result < 0 ? result : fine ? 0 : -EBADMSG;
}

int state_open(const char *path, struct state **ret)
{
	int fd = files_open_dir(path);

	if (fd < 0)
		return fd;
	struct state *s = memory_new(1, sizeof *s);
	s->dir_fd = fd;
	int result = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : load_ids(s);
	if (result < 0) {
		state_close(s);
		return result;
	}
	*ret = s;
	return 0;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	close(s->dir_fd);
	free(s);
}

int state_dir_fd(const struct state *s)
{
	return s->dir_fd;
}

uint32_t state_request_id_next(const struct state *s)
{
	return s->request_id_next;
}

int state_reserve_ids(struct state *s, uint32_t next)
{
	char text[IDS_FILE_MAX];
	snprintf(text, sizeof text, "%" PRIu32 "\n", next);
	int result = files_replace(s->dir_fd, ids_file, 0600, text);
	if (result == 0)
		s->request_id_next = next;
	return result;
}

size_t state_load_cache(const struct state *s,
                        void (*each)(void *ctx, const struct node_saved_entry *entry), void *ctx,
                        size_t *ret_damaged)
{
	struct node_saved_entry entry;
	struct strbuf text;
	char *newline;
	size_t n = 0, damaged = 0;

	strbuf_init(&text);
	(void)files_read(s->dir_fd, cache_file, CACHE_FILE_MAX, &text);
	if (strncmp(text.text, CACHE_FILE_HEAD, strlen(CACHE_FILE_HEAD)) == 0) {
		char *line = text.text + strlen(CACHE_FILE_HEAD);
		for (; (newline = strchr(line, '\n')); line = newline + 1) {
			*newline = '\0';
			if (!cache_file_parse(line, &entry)) {
				damaged++;
				continue;
			}
			each(ctx, &entry);
			n++;
		}
	} else if (text.len) {
		damaged = 1;
	}
	strbuf_fini(&text);
	*ret_damaged = damaged;
	return n;
}

int state_save_cache(const struct state *s, const char *text)
{
	return files_replace(s->dir_fd, cache_file, 0600, text);
}
