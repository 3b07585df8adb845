/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of crypto commands, as a table: inside of src/config. */
#pragma once

#include "config/rows.h"

/* The block that a row stands in. */
enum config_block block_of_row(const struct row *row);
/* "config-isakmp" and the like; NULL for a block that is none of crypto's. */
const char *block_mode_name(enum config_block block);
/* "crypto isakmp policy" and the like; NULL likewise. */
const char *block_head(enum config_block block);
/* What a block of crypto is about: struct snap_keyring and the like; NULL when there is none of
 * that name. */
void *block_object(const struct snapshot *s, enum config_block block, const char *name);
/* The kept lines of such an object. */
struct snap_lines *block_kept(enum config_block block, const void *object);
