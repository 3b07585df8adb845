/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto ipsec profile` and `show crypto ipsec transform-set`: what is configured. */
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"
#include "show/words_crypto.h"

static const struct snap_crypto *crypto_of(const struct show_query *q)
{
	return &q->source->running(q->source->ctx)->crypto;
}

/* ---- transform sets ---- */

static const char *mode_of(const struct snap_transform_set *set)
{
	return set->mode == SNAP_IPSEC_TRANSPORT ? "Transport" : "Tunnel";
}

void show_transform_set_text(const struct show_query *q, struct strbuf *out)
{
	const struct snap_crypto *c = crypto_of(q);
	char transform[WORDS_TRANSFORM_SIZE];

	for (size_t i = 0; i < c->n_sets; i++) {
		const struct snap_transform_set *set = &c->set[i];

		strbuf_printf(out,
		              "Transform set %s: { %s%s  } \n"
		              "   will negotiate = { %s,  }%s, \n"
		              "   \n",
		              set->name, words_transform(set->cipher, set->auth, transform),
		              set->esn ? " esn" : "", mode_of(set), set->require ? " require" : "");
	}
}

static void put_set(json_t *o, const struct snap_transform_set *set)
{
	show_put_string(o, "name", set->name);
	show_put_string(o, "encryption", esp_cipher_algorithm(set->cipher)->name);
	show_put_string(o, "authentication",
	                set->auth == ESP_AUTH_NONE ? NULL : esp_auth_algorithm(set->auth)->name);
	show_put_bool(o, "extended_sequence_numbers", set->esn);
	show_put_string(o, "mode", set->mode == SNAP_IPSEC_TRANSPORT ? "transport" : "tunnel");
	show_put_bool(o, "mode_required", set->require);
}

void show_transform_set_json(const struct show_query *q, json_t *answer)
{
	const struct snap_crypto *c = crypto_of(q);
	json_t *array = show_put_array(answer, "transform_sets");

	for (size_t i = 0; i < c->n_sets; i++)
		put_set(show_add_object(array), &c->set[i]);
}

/* ---- profiles ---- */

static void add_lifetime(const struct snap_crypto *c, const struct snap_ipsec_profile *p,
                         struct strbuf *out)
{
	const uint32_t kb = snap_profile_lifetime_kb(c, p);

	strbuf_adds(out, "\tSecurity association lifetime: ");
	if (kb)
		strbuf_printf(out, "%u kilobytes/", kb);
	strbuf_printf(out, "%u seconds\n", snap_profile_lifetime_s(c, p));
}

static void add_sets(const struct snap_crypto *c, const struct snap_ipsec_profile *p,
                     struct strbuf *out)
{
	char transform[WORDS_TRANSFORM_SIZE];

	strbuf_adds(out, "\tTransform sets={ \n");
	for (size_t i = 0; i < p->n_sets; i++) {
		const struct snap_transform_set *set = snap_transform_set(c, p->set[i]);

		if (set)
			strbuf_printf(out, "\t\t%s:  { %s%s  } , \n", set->name,
			              words_transform(set->cipher, set->auth, transform),
			              set->esn ? " esn" : "");
		else
			strbuf_printf(out, "\t\t%s:  { not configured } , \n", p->set[i]);
	}
	strbuf_adds(out, "\t}\n\n");
}

void show_ipsec_profile_text(const struct show_query *q, struct strbuf *out)
{
	const struct snap_crypto *c = crypto_of(q);

	for (size_t i = 0; i < c->n_profiles; i++) {
		const struct snap_ipsec_profile *p = &c->profile[i];

		strbuf_printf(out, "IPSEC profile %s\n", p->name);
		if (*p->isakmp_profile)
			strbuf_printf(out, "\tISAKMP Profile: %s\n", p->isakmp_profile);
		add_lifetime(c, p, out);
		strbuf_printf(out, "\tResponder-Only (Y/N): N\n\tPFS (Y/N): %s\n",
		              p->pfs_group ? "Y" : "N");
		if (p->pfs_group)
			strbuf_printf(out, "\tDH group:  group%u\n", p->pfs_group);
		strbuf_adds(out, "\tMixed-mode : Disabled\n");
		add_sets(c, p, out);
	}
}

static void put_profile(const struct snap_crypto *c, json_t *o, const struct snap_ipsec_profile *p)
{
	const uint32_t kb = snap_profile_lifetime_kb(c, p);
	const uint32_t idle_s = p->idle_s ? p->idle_s : c->idle_s;

	show_put_string(o, "name", p->name);
	show_put_string(o, "isakmp_profile", *p->isakmp_profile ? p->isakmp_profile : NULL);
	show_put_u64(o, "lifetime_s", snap_profile_lifetime_s(c, p));
	show_put_seconds(o, "lifetime_kb", kb ? (int64_t)kb : -1);
	show_put_seconds(o, "idle_s", idle_s ? (int64_t)idle_s : -1);
	show_put_u64(o, "replay_window_packets", snap_profile_replay(c, p));
	show_put_u64(o, "pfs_group", p->pfs_group);
	show_put_bool(o, "complete", snap_profile_is_complete(c, p));
	json_t *sets = show_put_array(o, "transform_sets");
	for (size_t i = 0; i < p->n_sets; i++) {
		const struct snap_transform_set *set = snap_transform_set(c, p->set[i]);

		if (set)
			put_set(show_add_object(sets), set);
	}
}

void show_ipsec_profile_json(const struct show_query *q, json_t *answer)
{
	const struct snap_crypto *c = crypto_of(q);
	json_t *array = show_put_array(answer, "profiles");

	for (size_t i = 0; i < c->n_profiles; i++)
		put_profile(c, show_add_object(array), &c->profile[i]);
}
