/* SPDX-License-Identifier: Apache-2.0 */
/* What `show dmvpn` and `show dmvpn detail` have in common. */
#pragma once

#include "show/peers.h"
#include "show/query.h"

void dmvpn_add_legend(struct strbuf *out);
/* Time since the entry's state changed, or "never" when it was never up. */
const char *dmvpn_time(const struct show_query *q, const struct nhrp_entry_view *e,
                       char buf[static SHOW_TIME_SIZE]);
/* Each tunnel that is wanted, with those of its entries that are. */
typedef void dmvpn_tunnel_fn(const struct show_query *q, const struct nhrp_tunnel_view *t,
                             const struct nhrp_entries *entries, void *ctx);
void dmvpn_each_tunnel(const struct show_query *q, dmvpn_tunnel_fn *each, void *ctx);
/* The members that both answers give a tunnel. */
void dmvpn_put_tunnel(json_t *o, const struct nhrp_tunnel_view *t, const struct peer_rows *rows);
/* Adds a peer to an array and returns its object. */
json_t *dmvpn_add_peer(const struct show_query *q, json_t *peers, const struct peer_row *row);
