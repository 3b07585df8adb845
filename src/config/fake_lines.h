/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: random lines that a pattern takes. */
#pragma once

#include "util/entropy.h"
#include "util/strbuf.h"

/* Appends a line made from a pattern: choices, numbers and addresses at random. */
void fake_line(struct prng *p, const char *pattern, struct strbuf *out);
