/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One show command being answered: its source, its request and the instant that all its times are
 * counted from. Each command is a pair of renderings of the same collected values; show.c has the
 * table.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/view.h"
#include "show/show.h"
#include "util/clock.h"
#include "util/strbuf.h"

struct show_query {
	const struct show_source *source;
	const struct show_request *request;
	mono now;
};

/* IOS's own text. */
typedef void show_text_fn(const struct show_query *q, struct strbuf *out);
/* Adds the command's members to its answer. */
typedef void show_json_fn(const struct show_query *q, json_t *answer);

show_text_fn show_nhrp_text, show_nhrp_detail_text, show_nhrp_brief_text, show_nhrp_summary_text,
	show_nhrp_traffic_text, show_nhs_text, show_nhs_detail_text, show_dmvpn_text,
	show_dmvpn_detail_text, show_interfaces_text, show_interface_brief_text, show_route_text,
	show_version_text, show_drops_text, show_isakmp_sa_text, show_isakmp_sa_detail_text,
	show_ipsec_sa_text, show_crypto_session_text, show_crypto_session_brief_text,
	show_isakmp_policy_text, show_isakmp_key_text, show_isakmp_stats_text,
	show_isakmp_error_text, show_ipsec_profile_text, show_transform_set_text,
	show_crypto_sockets_text, show_pki_certificates_text, show_pki_trustpoints_text,
	show_isakmp_count_text, show_ipsec_count_text, show_nhrp_multicast_text;
show_json_fn show_nhrp_json, show_nhrp_brief_json, show_nhrp_summary_json, show_nhrp_traffic_json,
	show_nhs_json, show_dmvpn_json, show_dmvpn_detail_json, show_interfaces_json,
	show_interface_brief_json, show_route_json, show_version_json, show_drops_json,
	show_isakmp_sa_json, show_ipsec_sa_json, show_crypto_session_json, show_isakmp_policy_json,
	show_isakmp_key_json, show_isakmp_stats_json, show_isakmp_error_json,
	show_ipsec_profile_json, show_transform_set_json, show_crypto_sockets_json,
	show_pki_certificates_json, show_pki_trustpoints_json, show_isakmp_count_json,
	show_ipsec_count_json, show_nhrp_multicast_json;

/* ---- what the request narrows down to ---- */

bool query_wants_tunnel(const struct show_query *q, uint32_t tunnel);
bool query_wants_interface(const struct show_query *q, const char *name);
/* The next interface that is wanted. */
bool query_interface_next(const struct show_query *q, size_t *cursor, struct interface_view *ret);
bool query_tunnel_next(const struct show_query *q, struct node_cursor *cursor,
                       struct nhrp_tunnel_view *ret);
/* The tunnel's interface; false when it has none. */
bool query_tunnel_interface(const struct show_query *q, uint32_t tunnel,
                            struct interface_view *ret);

struct nhrp_entries {
	struct nhrp_entry_view *entry;
	size_t n, room;
};

/* Entries that are wanted, in the node's order. The caller frees them by query_entries_fini. */
void query_entries(const struct show_query *q, struct nhrp_entries *ret);
/* The run of one tunnel's entries, borrowed: not to be freed. */
struct nhrp_entries query_entries_of(const struct nhrp_entries *all, uint32_t tunnel);
void query_entries_fini(struct nhrp_entries *entries);

struct nhs_list {
	struct nhs_view *nhs;
	size_t n, room;
};

/* Next hop servers of one tunnel that are wanted. Freed by query_nhs_fini. */
void query_tunnel_nhs(const struct show_query *q, uint32_t tunnel, struct nhs_list *ret);
void query_nhs_fini(struct nhs_list *list);

/* Seconds since an instant. */
int64_t query_age_s(const struct show_query *q, mono since);
/* Age of an instant of CLOCK_MONOTONIC in nanoseconds as the data plane counts; -1 for 0, "never".
 */
int64_t query_age_ns_s(const struct show_query *q, int64_t since_ns);
