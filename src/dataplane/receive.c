/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tunnel is the SA's, or is found by local address, key and, for p2p, the sender; senders that
 * are no adjacency (yet) are accepted on a multipoint tunnel, since the first packet of a new peer
 * is its registration. What came by an SA belongs to the peer and the tunnel that the SA is for, or
 * is dropped; a protected tunnel takes nothing else. Where an SA's packets go is kept as long as
 * the tables are as they were. NHRP goes to the control thread, IP to the TAP under the TAP's own
 * MAC. Worker threads, under RCU.
 */
#include "dataplane/receive.h"

#include <string.h>

#include "dataplane/bytes.h"
#include "dataplane/mac.h"
#include "dataplane/mss.h"

enum { STRANGER_AGAIN_NS = 1000 * 1000 * 1000 };

/* One packet on its way. */
struct job {
	const struct decap *d;
	const struct addr *from, *to; /* that the packet belongs to: of an SA, or outer ones */
	struct slot *slot;
	const struct tunnel *tunnel;
	struct dp_counters *counters;
	struct adjacency *adjacency; /* of the sender; or NULL */
	struct sa *sa;               /* that it came by; NULL: in clear */
};

static void punt_packet(struct receive *r, const struct job *j)
{
	const struct dp_punt what = {
		.type = DP_PUNT_PACKET,
		.tunnel = j->slot->number,
		.from = *j->from,
		.to = *j->to,
		.proto = j->d->gre.proto,
		.bytes = j->d->payload,
		.len = j->d->payload_len,
	};

	if (!punt_ring_push(r->punts, &what))
		counter_drop(j->counters, DP_DROP_PUNT_FULL);
}

/* Who sends and is no peer may think that he is one: the control thread knows more. NHRP answers
 * packets of IPv4; others must not take their place. */
static __attribute__((noinline)) void tell_stranger(struct receive *r, const struct job *j)
{
	int64_t *told_ns = &r->stranger_ns[addr_hash(j->from) % RECEIVE_STRANGERS];
	const struct dp_punt what = {
		.type = DP_PUNT_STRANGER,
		.tunnel = j->slot->number,
		.from = *j->from,
		.bytes = j->d->payload,
		.len = j->d->payload_len < DP_HAIRPIN_LEN ? j->d->payload_len : DP_HAIRPIN_LEN,
	};

	if (j->d->gre.proto != GRE_PROTO_IPV4 || !j->tunnel->config.network_id)
		return;
	if (*told_ns && r->now_ns - *told_ns < STRANGER_AGAIN_NS)
		return;
	*told_ns = r->now_ns;
	if (!punt_ring_push(r->punts, &what))
		counter_drop(j->counters, DP_DROP_PUNT_FULL);
}

static void count(const struct receive *r, const struct job *j, size_t len)
{
	counter_rx(j->counters, len, r->now_ns);
	if (j->adjacency)
		counter_way_add(&j->adjacency->share[r->worker].rx, len, r->now_ns);
}

/* Writes the Ethernet header for the TAP over the outer headers, which are no longer needed. */
static const uint8_t *put_eth(const struct job *j)
{
	uint8_t *eth = j->d->payload - ETH_LEN;

	memcpy(eth, j->slot->mac, DP_MAC_LEN);
	memset(eth + DP_MAC_LEN, 0, DP_MAC_LEN);
	eth[DP_MAC_LEN] = MAC_PREFIX;
	bytes_set_u16(eth + 12, j->d->gre.proto); /* both are Ethernet's numbers for IP */
	return eth;
}

static bool more_is_coming(const uint8_t *packet, const struct inner *in)
{
	size_t tcp_len = inner_tcp_len(packet, in);

	return tcp_len && in->len > in->l4_offset + tcp_len &&
	       !(packet[in->l4_offset + 13] & TCP_PSH);
}

static void receive_ip(struct receive *r, const struct job *j)
{
	uint8_t family = j->d->gre.proto == GRE_PROTO_IPV4 ? ADDR_V4 : ADDR_V6;
	uint8_t *packet = j->d->payload;
	struct coalesce_packet p;

	if (!inner_parse(packet, j->d->payload_len, &p.in) || p.in.family != family ||
	    !decap_congestion(j->d->tos, packet, family)) {
		counter_drop(j->counters, DP_DROP_INNER);
		return;
	}
	if (!j->adjacency && !j->sa)
		tell_stranger(r, j);
	if (j->tunnel->config.mss_bytes)
		mss_clamp(packet, &p.in, j->tunnel->config.mss_bytes,
		          inner_checksum_is_partial(packet, &p.in));
	if (j->tunnel->config.redirect && family == ADDR_V4) {
		const struct hairpin_packet came = { j->slot, j->from, packet, &p.in, r->now_ns };
		hairpin_note(r->tables, &came);
	}
	p.slot = j->slot;
	p.eth = put_eth(j);
	p.bytes = packet;
	p.mtu_bytes = j->tunnel->config.mtu_bytes;
	r->more_coming = more_is_coming(packet, &p.in);
	count(r, j, p.in.len);
	coalesce_add(&r->coalesce, &p);
}

/* True when the packet came as its tunnel wants it: by an SA for it, or in clear. */
static bool is_admitted(const struct job *j)
{
	const struct dp_tunnel *config = &j->tunnel->config;
	bool wanted = config->protected;

	if (!j->sa) {
		if (wanted)
			counter_drop(j->counters, DP_DROP_CLEAR);
		return !wanted;
	}
	if (wanted && (j->sa->tunnel == config->number || j->sa->shared))
		return true;
	counter_drop(j->counters, DP_DROP_SELECTOR);
	return false;
}

static bool has_key_of(const struct dp_tunnel *config, const struct gre_header *gre)
{
	return config->has_key == gre->has_key && (!gre->has_key || config->key == gre->key);
}

/* Whether the tunnel takes the packet. */
static bool takes(const struct job *j)
{
	if (!is_admitted(j))
		return false;
	if (!j->tunnel->config.up)
		counter_drop(j->counters, DP_DROP_TUNNEL_DOWN);
	return j->tunnel->config.up;
}

/* An association that is not shared is for one tunnel only. NULL: its addresses are not those. */
static __attribute__((noinline)) const struct sa_way *find_way_anew(struct receive *r,
                                                                    struct sa *sa, uint64_t version)
{
	struct slot *slot = tables_slot(r->tables, sa->slot_at, sa->tunnel);

	if (!slot)
		return NULL;
	const struct tunnel *tunnel = rcu_dereference(slot->tunnel);
	const struct dp_tunnel *config = &tunnel->config;
	if (!addr_equal(&config->source, &sa->local) ||
	    (!addr_is_none(&config->destination) && !addr_equal(&config->destination, &sa->nbma)))
		return NULL;
	sa->way = (struct sa_way){
		.version = version,
		.slot = slot,
		.tunnel = tunnel,
		.adjacency = tables_peer(r->tables, slot, &sa->nbma),
		.is_open = config->up && config->protected,
	};
	return &sa->way;
}

static inline const struct sa_way *find_way(struct receive *r, struct sa *sa)
{
	uint64_t version = tables_version(r->tables);

	return sa->way.version == version ? &sa->way : find_way_anew(r, sa, version);
}

/* By addresses and key. False when there is no tunnel. */
static bool look_for_tunnel(struct receive *r, struct job *j)
{
	j->slot = tables_lookup(r->tables, j->to, j->from, &j->d->gre);
	if (!j->slot) {
		counter_drop(&r->tables->nowhere[r->worker], DP_DROP_NO_TUNNEL);
		return false;
	}
	j->tunnel = rcu_dereference(j->slot->tunnel);
	j->adjacency = tables_peer(r->tables, j->slot, j->from);
	return true;
}

/* The tunnel that the packet belongs to, when it may have it. */
static inline bool find_tunnel(struct receive *r, struct job *j)
{
	const struct sa_way *way = j->sa && !j->sa->shared ? find_way(r, j->sa) : NULL;
	bool known = way && has_key_of(&way->tunnel->config, &j->d->gre);

	if (known) {
		j->slot = way->slot;
		j->tunnel = way->tunnel;
		j->adjacency = way->adjacency;
	} else if (!look_for_tunnel(r, j)) {
		return false;
	}
	j->counters = &j->slot->counters[r->worker];
	if (!(known && way->is_open) && !takes(j))
		return false;
	if (j->d->gre.has_sequence && j->adjacency &&
	    !gre_sequence_check(&j->adjacency->share[r->worker].sequence, j->d->gre.sequence)) {
		counter_drop(j->counters, DP_DROP_SEQUENCE);
		return false;
	}
	return true;
}

static void receive_gre(struct receive *r, struct job *j)
{
	if (!find_tunnel(r, j))
		return;
	switch (j->d->gre.proto) {
	case GRE_PROTO_IPV4:
	case GRE_PROTO_IPV6:
		receive_ip(r, j);
		break;
	case GRE_PROTO_NHRP:
		count(r, j, j->d->payload_len);
		punt_packet(r, j);
		break;
	default:
		counter_drop(j->counters, DP_DROP_PROTOCOL);
	}
}

void receive_packet(struct receive *r, uint8_t *bytes, size_t len)
{
	struct decap d;
	struct job j = { .d = &d, .from = &d.from, .to = &d.to };
	enum dp_drop drop;

	if (decap_parse(bytes, len, &d, &drop))
		receive_gre(r, &j);
	else
		counter_drop(&r->tables->nowhere[r->worker], drop);
}

void receive_protected(struct receive *r, const struct decap *d, struct sa *sa)
{
	struct job j = { .d = d, .from = &sa->nbma, .to = &sa->local, .sa = sa };

	receive_gre(r, &j);
}

void receive_flush(struct receive *r)
{
	coalesce_flush(&r->coalesce);
}
