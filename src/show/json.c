/* SPDX-License-Identifier: Apache-2.0 */
#include "show/json.h"

#include <stdlib.h>

#include "show/words.h"
#include "util/check.h"
#include "util/memory.h"

static json_t *put(json_t *object, const char *key, json_t *value)
{
	check(value);
	check(json_object_set_new(object, key, value) == 0);
	return value;
}

json_t *show_put_array(json_t *object, const char *key)
{
	return put(object, key, json_array());
}

json_t *show_put_object(json_t *object, const char *key)
{
	return put(object, key, json_object());
}

json_t *show_add_object(json_t *array)
{
	json_t *object = json_object();

	check(object);
	check(json_array_append_new(array, object) == 0);
	return object;
}

/* JSON is UTF-8; a configuration may be anything. What is not UTF-8 becomes '?'. */
static json_t *string_of(const char *value)
{
	json_t *string = json_string(value);

	if (string)
		return string;
	char *copy = memory_strdup(value);
	for (char *at = copy; *at; at++)
		if (*at & 0x80)
			*at = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

void show_put_string(json_t *object, const char *key, const char *value)
{
	put(object, key, value ? string_of(value) : json_null());
}

void show_put_u64(json_t *object, const char *key, uint64_t value)
{
	put(object, key, json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value));
}

void show_put_bool(json_t *object, const char *key, bool value)
{
	put(object, key, json_boolean(value));
}

void show_put_null(json_t *object, const char *key)
{
	put(object, key, json_null());
}

void show_put_addr(json_t *object, const char *key, const struct addr *value)
{
	char text[ADDR_TEXT_LEN];

	show_put_string(object, key, addr_is_none(value) ? NULL : addr_format(value, text));
}

void show_put_prefix(json_t *object, const char *key, const struct prefix *value)
{
	char text[PREFIX_TEXT_LEN];

	show_put_string(object, key,
	                addr_is_none(&value->addr) ? NULL : prefix_format(value, text));
}

void show_put_tunnel(json_t *object, const char *key, uint32_t tunnel)
{
	char name[WORDS_NAME_SIZE];

	show_put_string(object, key, words_tunnel(tunnel, name));
}

void show_put_seconds(json_t *object, const char *key, int64_t seconds)
{
	if (seconds < 0)
		show_put_null(object, key);
	else
		show_put_u64(object, key, (uint64_t)seconds);
}

void show_put_ike_drops(const struct node *node, json_t *object, const char *key)
{
	json_t *drops = show_put_object(object, key);
	struct ike_counters c;

	node_ike_counters(node, &c);
	for (int i = IKE_DROP_NONE + 1; i < IKE_DROPS_N; i++)
		show_put_u64(drops, ike_drop_key((enum ike_drop)i), c.drops[i]);
}

void show_put_counters(const struct show_query *q, json_t *object, const struct dp_counters *c)
{
	show_put_u64(object, "rx_packets", c->rx_packets);
	show_put_u64(object, "rx_bytes", c->rx_bytes);
	show_put_u64(object, "tx_packets", c->tx_packets);
	show_put_u64(object, "tx_bytes", c->tx_bytes);
	show_put_seconds(object, "last_rx_age_s", query_age_ns_s(q, c->last_rx_ns));
	show_put_seconds(object, "last_tx_age_s", query_age_ns_s(q, c->last_tx_ns));
}
