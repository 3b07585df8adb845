/* SPDX-License-Identifier: Apache-2.0 */
/* One ISAKMP message in clear as the text that `debug crypto isakmp` shows below its head line. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "util/strbuf.h"

/*
 * Appends lines, each with its newline: the header, then each payload, of SA payloads each proposal
 * and transform. One that does not parse gives one line. Of what keys are made from or proved by
 * (key exchange, nonces, hashes, signatures) only the length is told; text from the message comes
 * out as printable ASCII.
 */
void ike_dump(const uint8_t *bytes, size_t len, struct strbuf *out);
