/* SPDX-License-Identifier: Apache-2.0 */
/* One NHRP packet as the text that `debug nhrp packet` shows below its head line. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "util/strbuf.h"

/*
 * Appends lines, each with its newline, laid out as IOS does. One that does not parse gives one
 * line with the reason. A password is never printed, nor are bytes that may hold one; text from the
 * packet comes out as printable ASCII.
 */
void nhrp_dump(const uint8_t *bytes, size_t len, struct strbuf *out);
