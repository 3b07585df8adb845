/* SPDX-License-Identifier: Apache-2.0 */
/* Commands without a terminal: from -c options or from standard input. Answers go to standard
 * output. */
#pragma once

#include <stddef.h>

#include "shell/client.h"

enum { BATCH_EXIT_REFUSED = 1, BATCH_EXIT_INTERRUPTED = 130 };

/*
 * Both stop at the first command that is refused, since those behind it may have relied on it, and
 * return the exit status. After -c commands that turned on log or debug lines, those are printed
 * until Ctrl-C.
 */
int batch_commands(struct client *c, char *const *commands, size_t n);
int batch_stdin(struct client *c);
