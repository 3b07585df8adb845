/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in a directory that is kept open: read at once, replaced so that a crash leaves old
 * or new. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "util/strbuf.h"

/* Opens a directory, made with its parents when it is not there (0755). Negative errno. */
int files_open_dir(const char *path);

/* Appends the whole file to out. Negative errno; -EFBIG when it is longer than max bytes. */
int files_read(int dir_fd, const char *name, size_t max, struct strbuf *out);

/*
 * Replaces the file by a new one with this text and mode: written beside it, fsync, rename, fsync
 * of the directory. On failure the old file stands as it was. Negative errno.
 */
int files_replace(int dir_fd, const char *name, mode_t mode, const char *text);
