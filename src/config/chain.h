/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates in the configuration: blocks `crypto pki certificate chain N`, which a snapshot
 *keeps word for word, so that they are printed as they came:
 *
 *	crypto pki certificate chain CA
 *	 certificate ca 01
 *	  30820321 30820209 …
 *	  quit
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/snapshot.h"

enum { CONFIG_CERTIFICATE_MAX = 8192 /* bytes; those of routers have one or two thousand */ };

struct config_certificate {
	uint8_t der[CONFIG_CERTIFICATE_MAX];
	size_t len;
};

/*
 * The next certificate of a trustpoint's chain; false behind the last. *cursor starts as NULL, and
 * is good as long as the snapshot. Those that are not right in hexadecimal are left out, as those
 * are that lie in a router's memory ("certificate ca 01 nvram:CA#1.cer").
 */
bool config_chain_next(const struct snapshot *s, const char *trustpoint, const char **cursor,
                       struct config_certificate *ret);

/* Takes a trustpoint's chain out. */
void config_chain_drop(struct snapshot *s, const char *trustpoint);
/* True for the head line of such a block. */
bool config_chain_is_head(const char *line);
/*
 * What is wrong with the last wrong certificate in such a block, with the line that opens it;
 * false when nothing is.
 */
enum { CONFIG_CHAIN_TEXT_SIZE = 200 };
bool config_chain_is_wrong(const char *block, char text[static CONFIG_CHAIN_TEXT_SIZE]);
