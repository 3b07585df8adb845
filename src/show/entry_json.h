/* SPDX-License-Identifier: Apache-2.0 */
/* A cache entry as JSON: the same object in every answer that holds entries. */
#pragma once

#include "show/query.h"

/* Adds the entry to an array and returns its object, for what a command has to add. */
json_t *show_add_entry(const struct show_query *q, json_t *array, const struct nhrp_entry_view *e);
