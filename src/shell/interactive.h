/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "shell/client.h"

/* Runs the shell on the terminal of standard input and output until it ends. Returns the exit
 * status. */
int interactive_run(struct client *c);
