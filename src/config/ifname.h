/* SPDX-License-Identifier: Apache-2.0 */
/* The types of interfaces that IOS names, for grammar.c; the names themselves are in grammar.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/grammar.h"

struct ifname_type {
	const char *name, *abbreviation, *help;
	bool listed; /* in `?` */
};

/* The i-th type, or NULL behind the last. */
const struct ifname_type *ifname_type(size_t i);
/* True for a type, perhaps abbreviated, without its number: "Tunnel", "fa". */
bool ifname_is_type(const char *text);
