/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of JSON objects. Every answer follows docs/json.md: units stand in the names, what does
 * not apply is null and never left out.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "show/query.h"

/* A new array under a key; the object owns it. */
json_t *show_put_array(json_t *object, const char *key);
json_t *show_put_object(json_t *object, const char *key);
/* A new object at the end of an array. */
json_t *show_add_object(json_t *array);

/* NULL gives null. */
void show_put_string(json_t *object, const char *key, const char *value);
void show_put_u64(json_t *object, const char *key, uint64_t value);
void show_put_bool(json_t *object, const char *key, bool value);
void show_put_null(json_t *object, const char *key);
/* None gives null. */
void show_put_addr(json_t *object, const char *key, const struct addr *value);
void show_put_prefix(json_t *object, const char *key, const struct prefix *value);
void show_put_tunnel(json_t *object, const char *key, uint32_t tunnel);
/* Less than 0 gives null. */
void show_put_seconds(json_t *object, const char *key, int64_t seconds);
/* Messages that IKE has dropped, by reason. */
void show_put_ike_drops(const struct node *node, json_t *object, const char *key);
/* Packet and byte counters and the ages of the last packet, without the drops. */
void show_put_counters(const struct show_query *q, json_t *object, const struct dp_counters *c);
