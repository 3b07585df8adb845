/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the crypto commands collect: IKE SAs, and the peers of protected tunnels, each with its
 * pairs of IPsec SAs and what they have carried.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp/esp.h"
#include "node/view_crypto.h"
#include "show/query.h"

struct ike_sas {
	struct ike_sa_view *sa;
	size_t n, room;
};

/* IKE SAs with the address that is asked for, or all. Freed by query_ike_sas_fini. */
void query_ike_sas(const struct show_query *q, struct ike_sas *ret);
void query_ike_sas_fini(struct ike_sas *sas);

/* What the configuration says of a tunnel's protection; NULL: it has none. */
const struct snap_protection *query_protection(const struct show_query *q, uint32_t tunnel);

struct crypto_pair {
	struct ipsec_view view;
	struct esp_sa_state in, out;
};

struct crypto_peer {
	bool has_tunnel; /* false: an IKE SA to an address that no protected tunnel has now */
	uint32_t tunnel;
	struct addr local, remote;
	struct addr at;    /* where it is seen, mostly `remote`, … */
	uint16_t nat_port; /* … and by which port, where peers may share the address; else 0 */
	bool wanted;
	const struct crypto_pair *pair; /* the one in use first */
	size_t n_pairs;
	const struct ike_sa_view *sa; /* IKE SAs with it, the latest last; of query_sessions() */
	size_t n_sas;
	uint64_t gone_in, gone_out; /* packets of pairs that are gone */
};

struct crypto_peers {
	struct crypto_pair *pair;
	struct crypto_peer *peer; /* by tunnel, then by address */
	size_t n_pairs, n;
	struct ike_sas sas; /* by address */
};

/*
 * Peers that are wanted. An address that is asked for is their name or where they are seen. Freed
 * by query_peers_fini.
 */
void query_peers(const struct show_query *q, struct crypto_peers *ret);
/* Likewise with their IKE SAs, and behind them those that have an IKE SA and nothing else. */
void query_sessions(const struct show_query *q, struct crypto_peers *ret);
void query_peers_fini(struct crypto_peers *peers);

/* The pair by which packets leave; NULL: the peer is not protected now. */
const struct crypto_pair *crypto_peer_current(const struct crypto_peer *peer);
/* Seconds that the peer has been protected without a gap; -1: it is not. */
int64_t crypto_peer_uptime_s(const struct show_query *q, const struct crypto_peer *peer);
/* Where IKE or UDP encapsulation reaches it. */
unsigned crypto_peer_port(const struct crypto_peer *peer);
/* The IKE SA that tells about the peer: the latest that stands, else the latest; NULL: none. */
const struct ike_sa_view *crypto_peer_sa(const struct crypto_peer *peer);

/* Packets of all pairs, those gone included. */
uint64_t crypto_peer_packets(const struct crypto_peer *peer, bool outbound);
/* Packets that ESP refused; of the pairs that there are. */
uint64_t crypto_peer_drops(const struct crypto_peer *peer, bool outbound);
uint64_t crypto_sa_drops(const struct esp_sa_state *sa);

/* Seconds until an instant; 0 when it has passed, -1 for never. */
int64_t query_left_s(const struct show_query *q, mono until);
/* Kilobytes that an SA may still carry; -1: any number. */
int64_t crypto_left_kb(const struct ipsec_view *view, const struct esp_sa_state *sa);
