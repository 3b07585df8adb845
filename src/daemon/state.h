/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the daemon, in the state directory: the request ids that may have been used
 * ("request-ids") and the cache of registered clients ("cache").
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/node.h"

struct state;

/*
 * Opens and locks the directory, made when it is not there. Negative errno: -EWOULDBLOCK when
 * another daemon has it, -EBADMSG when "request-ids" is there and holds no number: ids could then
 * repeat.
 */
int state_open(const char *path, struct state **ret);
/* NULL is fine. */
void state_close(struct state *s);
int state_dir_fd(const struct state *s);

/* The first request id that was never reserved; 0 on the very first start. */
uint32_t state_request_id_next(const struct state *s);
/* Durable when it returns 0; else negative errno. */
int state_reserve_ids(struct state *s, uint32_t next);

/*
 * Calls back for each entry kept and returns how many there were. Lines that are none are passed
 * over and counted in *ret_damaged; a file that is no cache of this version counts as one.
 */
size_t state_load_cache(const struct state *s,
                        void (*each)(void *ctx, const struct node_saved_entry *entry), void *ctx,
                        size_t *ret_damaged);
/* Replaces the kept cache by this text (cache_file.h). May be called in another thread. */
int state_save_cache(const struct state *s, const char *text);
