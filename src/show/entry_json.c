/* SPDX-License-Identifier: Apache-2.0 */
#include "show/entry_json.h"

#include "show/json.h"
#include "show/words.h"
#include "util/check.h"

static void put_flags(json_t *object, const struct nhrp_entry_view *e)
{
	json_t *flags = show_put_array(object, "flags");

	for (int i = 0; i < NHRP_ENTRY_FLAGS_N; i++) {
		enum nhrp_entry_flag flag = (enum nhrp_entry_flag)i;

		if (words_entry_has(e, flag))
			check(json_array_append_new(flags,
			                            json_string(nhrp_entry_flag_word(flag))) == 0);
	}
}

json_t *show_add_entry(const struct show_query *q, json_t *array, const struct nhrp_entry_view *e)
{
	json_t *o = show_add_object(array);

	show_put_tunnel(o, "tunnel", e->tunnel);
	show_put_prefix(o, "target", &e->target);
	show_put_addr(o, "next_hop", &e->via);
	show_put_addr(o, "nbma_address", &e->nbma);
	show_put_addr(o, "claimed_nbma_address", &e->claimed);
	show_put_string(o, "type", words_entry_type(e->type));
	put_flags(o, e);
	show_put_string(o, "state", words_peer_state(e->state));
	show_put_seconds(o, "state_age_s", e->ever_up ? query_age_s(q, e->changed) : -1);
	show_put_seconds(o, "age_s", query_age_s(q, e->created));
	show_put_seconds(o, "expires_s",
	                 mono_is_never(e->expires) ? -1 : mono_seconds_between(q->now, e->expires));
	show_put_u64(o, "cache_hits", e->cache_hits);
	show_put_u64(o, "mtu_bytes", e->mtu_bytes);
	show_put_u64(o, "holdtime_s", e->holdtime_s);
	show_put_u64(o, "preference", e->preference);
	show_put_u64(o, "request_id", e->request_id);
	show_put_addr(o, "requester", e->has_requester ? &e->requester : &ADDR_ANY_NONE);
	show_put_u64(o, "size_bytes", e->size_bytes);
	return o;
}
