/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: an operator at a router that is a snapshot. */
#pragma once

#include <stdbool.h>

#include "config/config.h"

struct desk {
	struct snapshot *s;
	struct config_mode mode;
	struct config_remark remark; /* of the last line */
	struct strbuf text;          /* of the last question */
};

void desk_open(struct desk *d);
/* The same, in the block of the new Tunnel0, whose settings of NHRP it returns. */
struct snap_nhrp *desk_open_nhrp(struct desk *d);
void desk_close(struct desk *d);
/* Loads a text over the old snapshot; its remarks, as "LINE: severity: text\n", are in d->text. */
void desk_load(struct desk *d, const char *text);

/* Types a line that is taken without a remark, taken with one, or refused; fails the test
 * otherwise. */
void desk_type(struct desk *d, const char *line);
void desk_type_warned(struct desk *d, const char *line, const char *text);
void desk_type_refused(struct desk *d, const char *line, const char *text);

/* The running configuration without "!" lines and "end"; borrowed until the next question. */
const char *desk_print(struct desk *d);
/* True when what is printed loads to the same snapshot, without an error. */
bool desk_is_stable(struct desk *d);
struct snap_interface *desk_interface(struct desk *d, const char *name);
