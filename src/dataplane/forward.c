/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The next hop of a frame is its destination MAC (mac.h). ARP and neighbour solicitations are
 * questions for the control thread, never answered here. A p2p tunnel has one next hop, so the MAC
 * says nothing there.
 *
 * Longer than the tunnel's MTU: with DF the sender is told by ICMP, without it the packet goes and
 * the outer header, DF 0, leaves it to the kernel to cut it. Worker threads, under RCU.
 */
#include "dataplane/forward.h"

#include <string.h>

#include "dataplane/bytes.h"
#include "dataplane/icmp.h"
#include "dataplane/mac.h"
#include "dataplane/mss.h"
#include "dataplane/want.h"
#include "util/clock.h"

enum {
	STALE_AGAIN_NS = NS_PER_S,     /* tell the same stale MAC at most once in this time */
	ICMP_GAP_NS = NS_PER_S / 1000, /* one sender learns from one message; bounds the rest */
};

/* Where a frame comes from and goes to; adjacency NULL: its MAC says so. */
struct whereto {
	struct slot *slot;
	struct adjacency *adjacency;
};

/* One frame on its way. */
struct job {
	struct slot *slot;
	const struct tunnel *tunnel;
	struct dp_counters *counters;
	uint8_t *frame;
	size_t frame_len;
	uint8_t *mac;    /* its Ethernet header */
	uint8_t *packet; /* behind that */
	size_t len;
	struct inner in;
	struct adjacency *adjacency;
	const struct sa *sa; /* to be sealed by; NULL on a tunnel in clear */
};

static void punt(struct forward *f, const struct job *j, const struct dp_punt *what)
{
	if (!punt_ring_push(f->punts, what))
		counter_drop(j->counters, DP_DROP_PUNT_FULL);
}

static void want(struct forward *f, const struct job *j, const struct addr *target)
{
	const struct dp_punt what = {
		.type = DP_PUNT_WANT,
		.tunnel = j->slot->number,
		.target = *target,
	};

	punt(f, j, &what);
}

static void tell_stale(struct forward *f, const struct job *j)
{
	struct stale_memory *m = &f->stale[j->mac[DP_MAC_LEN - 1] % STALE_REMEMBERED];
	struct dp_punt what = {
		.type = DP_PUNT_STALE,
		.tunnel = j->slot->number,
		.target = inner_destination(j->packet, &j->in),
	};

	if (m->told_ns && f->now_ns - m->told_ns < STALE_AGAIN_NS &&
	    memcmp(m->mac, j->mac, DP_MAC_LEN) == 0)
		return;
	memcpy(m->mac, j->mac, DP_MAC_LEN);
	m->told_ns = f->now_ns;
	memcpy(what.mac, j->mac, DP_MAC_LEN);
	punt(f, j, &what);
}

static bool find_next_hop(struct forward *f, struct job *j)
{
	if (j->tunnel->peer) {
		j->adjacency = j->tunnel->peer;
		return true;
	}
	if (mac_is_multicast(j->mac)) {
		f->multicast(f->ctx, j->slot, j->mac - VNET_LEN, VNET_LEN + ETH_LEN + j->len);
		return false;
	}
	j->adjacency = tables_adjacency(f->tables, j->mac);
	if (j->adjacency && j->adjacency->slot == j->slot)
		return true;
	counter_drop(j->counters, DP_DROP_NO_ADJACENCY);
	tell_stale(f, j);
	return false;
}

/* A packet that its sender could send to its next hop itself. Out of line, and asked for before
 * it is called, so that others pay nothing for its variables. */
static __attribute__((noinline)) void tell_hairpin(struct forward *f, const struct job *j)
{
	const struct hairpin_packet packet = {
		.slot = j->slot,
		.nbma = &j->adjacency->nbma,
		.bytes = j->packet,
		.in = &j->in,
		.now_ns = f->now_ns,
	};
	struct hairpin hairpin;

	if (!hairpin_find(f->tables, &packet, &hairpin))
		return;
	const struct dp_punt what = {
		.type = DP_PUNT_HAIRPIN,
		.tunnel = hairpin.tunnel,
		.from = hairpin.from,
		.bytes = hairpin.head,
		.len = j->in.len < DP_HAIRPIN_LEN ? j->in.len : DP_HAIRPIN_LEN,
	};
	punt(f, j, &what);
}

/* Hands the frame to the one worker that may seal for this peer, which finds it by the MAC: a copy
 * of a multicast frame gets it now. */
static void hand_over(struct forward *f, const struct job *j)
{
	const struct mail mail = {
		.type = MAIL_FRAME,
		.slot_at = j->slot->at,
		.tunnel = j->slot->number,
		.len = (uint32_t)j->frame_len,
		.bytes = j->frame,
	};

	if (j->adjacency->indexed)
		tables_mac(f->tables, j->adjacency, j->mac);
	if (!f->hand_over(f->ctx, j->sa->owner, &mail))
		counter_drop(j->counters, DP_DROP_BUSY);
}

/* A protected tunnel's packets leave sealed, by this worker, or not at all. */
static bool find_protection(struct forward *f, struct job *j)
{
	if (!j->tunnel->config.protected)
		return true;
	j->sa = rcu_dereference(j->adjacency->sa);
	if (!j->sa || !f->seal) {
		counter_drop(j->counters, DP_DROP_UNPROTECTED);
		return false;
	}
	if (j->sa->owner == f->worker)
		return true;
	hand_over(f, j);
	return false;
}

/* Tells the sender, unless others were told just now. */
static __attribute__((noinline)) void tell_too_big(struct forward *f, const struct job *j)
{
	const struct dp_tunnel *config = &j->tunnel->config;
	const struct icmp_too_big about = { config->icmp_source, config->mtu_bytes };
	uint8_t answer[ICMP_TOO_BIG_MAX];

	if (f->now_ns - f->icmp_ns < ICMP_GAP_NS)
		return;
	size_t answer_len = icmp_too_big(&about, j->packet, &j->in, answer);
	if (answer_len) {
		f->icmp(f->ctx, answer, answer_len);
		f->icmp_ns = f->now_ns;
	}
}

/* len: the IP length that has to fit. */
static inline bool fits(struct forward *f, const struct job *j, size_t len)
{
	uint16_t mtu_bytes = j->tunnel->config.mtu_bytes;

	if (mtu_bytes == 0 || len <= mtu_bytes || !j->in.dont_fragment)
		return true;
	counter_drop(j->counters, DP_DROP_TOO_BIG);
	tell_too_big(f, j);
	return false;
}

/* Of the frame's vnet header, which is seldom needed as a whole. */
static inline uint8_t vnet_flags(const struct job *j)
{
	return j->frame[offsetof(struct virtio_net_hdr_v1, flags)];
}

static inline uint8_t vnet_gso_type(const struct job *j)
{
	return j->frame[offsetof(struct virtio_net_hdr_v1, gso_type)];
}

/* GRE's protocol of the frame's packet. */
static inline uint16_t proto_of(const struct job *j)
{
	return j->in.family == ADDR_V4 ? GRE_PROTO_IPV4 : GRE_PROTO_IPV6;
}

/* The next free packet of the burst. copied_len: of what is to be copied if it is sealed. */
static inline struct tx_packet *next_packet(struct forward *f, const struct job *j,
                                            size_t copied_len)
{
	if (f->n == FORWARD_BURST || (j->sa && !seal_has_room(f->seal, copied_len)))
		forward_flush(f);
	return &f->packet[f->n];
}

static inline void describe(struct tx_packet *p, const struct job *j, size_t inner_len)
{
	const struct tunnel *tunnel = j->tunnel;

	p->slot = j->slot;
	p->adjacency = j->adjacency;
	p->sa = j->sa;
	p->inner_len = inner_len;
	p->tos = tunnel->config.has_tos ? tunnel->encap.tos : j->in.tos;
	p->ttl = tunnel->encap.ttl;
}

static inline void finish_packet(struct forward *f, const struct job *j, bool good)
{
	if (good)
		f->n++;
	else
		counter_drop(j->counters, DP_DROP_FRAME);
}

static inline struct tx_packet *start_clear(struct forward *f, const struct job *j)
{
	struct tx_packet *p = next_packet(f, j, 0);

	f->borrows = true;
	encap_start(p, &j->tunnel->encap, proto_of(j));
	memcpy(p->to, j->adjacency->nbma.bytes, ADDR_V4_LEN);
	return p;
}

/* In clear a segment is headers of ours and a piece of the frame. */
static void send_segment(struct forward *f, const struct job *j, struct segments *s)
{
	struct tx_packet *p = start_clear(f, j);

	p->payload_len = segments_next(s, p->own_head + p->head_len, &p->payload);
	p->head_len += s->header_len;
	describe(p, j, s->header_len + p->payload_len);
	finish_packet(f, j, encap_finish(p, f->id++));
}

/* Both are copied to where the segment is sealed. */
static void seal_segment(struct forward *f, const struct job *j, struct segments *s)
{
	const struct encap *encap = &j->tunnel->encap;
	const size_t most = segments_longest(s);
	struct tx_packet *p = next_packet(f, j, most);
	uint8_t *gre = seal_room(f->seal, encap->gre_len + most);

	encap_gre(gre, encap, proto_of(j));
	size_t len = segments_copy(s, gre + encap->gre_len);
	describe(p, j, len);
	finish_packet(f, j, seal_add(f->seal, p, gre, encap->gre_len + len));
}

static void forward_segments(struct forward *f, struct job *j)
{
	struct virtio_net_hdr_v1 vnet;
	struct segments s;

	memcpy(&vnet, j->frame, VNET_LEN);
	if (!segments_init(&s, &vnet, j->packet, &j->in)) {
		counter_drop(j->counters, DP_DROP_FRAME);
		return;
	}
	if (!fits(f, j, segments_longest(&s)))
		return;
	/* All of them in one burst, where they fit: UDP sends these by one call. */
	if (f->n + segments_count(&s) > FORWARD_BURST)
		forward_flush(f);
	while (segments_left(&s)) {
		if (j->sa)
			seal_segment(f, j, &s);
		else
			send_segment(f, j, &s);
	}
}

/* A packet is sealed where it lies in the frame. */
static inline void seal_whole(struct forward *f, const struct job *j)
{
	const struct encap *encap = &j->tunnel->encap;
	struct tx_packet *p = next_packet(f, j, 0);
	uint8_t *gre = j->packet - encap->gre_len;

	f->borrows = true;
	encap_gre(gre, encap, proto_of(j));
	describe(p, j, j->in.len);
	finish_packet(f, j, seal_add(f->seal, p, gre, encap->gre_len + j->in.len));
}

static void send_whole(struct forward *f, const struct job *j)
{
	struct tx_packet *p = start_clear(f, j);

	p->payload = j->packet;
	p->payload_len = j->in.len;
	describe(p, j, j->in.len);
	finish_packet(f, j, encap_finish(p, f->id++));
}

static bool finish_checksum(const struct job *j)
{
	struct virtio_net_hdr_v1 vnet;

	memcpy(&vnet, j->frame, VNET_LEN);
	return segment_finish_checksum(&vnet, j->packet, &j->in, ETH_LEN);
}

static inline void forward_whole(struct forward *f, struct job *j)
{
	bool partial = vnet_flags(j) & VIRTIO_NET_HDR_F_NEEDS_CSUM;

	if (!fits(f, j, j->in.len))
		return;
	if (j->tunnel->config.mss_bytes)
		mss_clamp(j->packet, &j->in, j->tunnel->config.mss_bytes, partial);
	if (partial && !finish_checksum(j)) {
		counter_drop(j->counters, DP_DROP_FRAME);
		return;
	}
	if (j->sa)
		seal_whole(f, j);
	else
		send_whole(f, j);
}

static bool is_icmp(const struct inner *in)
{
	return in->proto == IP_PROTO_ICMP || in->proto == IP_PROTO_ICMPV6;
}

/* ICMP that is not to be forwarded: our own kernel's redirects, and questions for a next hop. */
static bool take_icmp(struct forward *f, const struct job *j)
{
	const struct addr *own = &j->tunnel->config.icmp_source;
	struct addr target;

	if (icmp_is_redirect(j->packet, &j->in, own)) {
		counter_drop(j->counters, DP_DROP_REDIRECT);
		return true;
	}
	if (!want_is_discovery(j->packet, &j->in))
		return false;
	if (want_from_solicitation(j->packet, &j->in, own, &target) && !j->tunnel->peer)
		want(f, j, &target);
	return true;
}

static void forward_ip(struct forward *f, struct job *j)
{
	if (!inner_parse(j->packet, j->len, &j->in)) {
		counter_drop(j->counters, DP_DROP_FRAME);
		return;
	}
	if (is_icmp(&j->in) && take_icmp(f, j))
		return;
	if (!j->tunnel->config.up || addr_is_none(&j->tunnel->config.source)) {
		counter_drop(j->counters, DP_DROP_TUNNEL_DOWN);
		return;
	}
	if (!j->adjacency) {
		if (!find_next_hop(f, j))
			return;
		if (j->tunnel->config.network_id && j->in.family == ADDR_V4)
			tell_hairpin(f, j);
	}
	if (!find_protection(f, j))
		return;
	if (vnet_gso_type(j) != VIRTIO_NET_HDR_GSO_NONE)
		forward_segments(f, j);
	else
		forward_whole(f, j);
}

static void forward(struct forward *f, const struct whereto *where, uint8_t *frame, size_t len)
{
	struct slot *slot = where->slot;
	struct addr target;
	struct job j; /* too large to be zeroed for every packet */

	j.slot = slot;
	j.tunnel = rcu_dereference(slot->tunnel);
	j.counters = &slot->counters[f->worker];
	j.frame = frame;
	j.frame_len = len;
	j.mac = frame + VNET_LEN;
	j.packet = frame + VNET_LEN + ETH_LEN;
	j.adjacency = where->adjacency;
	j.sa = NULL;
	if (len < VNET_LEN + ETH_LEN) {
		counter_drop(j.counters, DP_DROP_FRAME);
		return;
	}
	j.len = len - VNET_LEN - ETH_LEN;
	switch (bytes_u16(j.mac + 12)) {
	case ETH_PROTO_IPV4:
	case ETH_PROTO_IPV6:
		forward_ip(f, &j);
		break;
	case ETH_PROTO_ARP:
		if (!j.tunnel->peer &&
		    want_from_arp(j.packet, j.len, &j.tunnel->config.icmp_source, &target))
			want(f, &j, &target);
		break;
	default:
		counter_drop(j.counters, DP_DROP_PROTOCOL);
	}
}

void forward_frame(struct forward *f, struct slot *slot, uint8_t *frame, size_t len)
{
	forward(f, &(struct whereto){ .slot = slot }, frame, len);
}

void forward_copy(struct forward *f, struct adjacency *to, uint8_t *frame, size_t len)
{
	forward(f, &(struct whereto){ to->slot, to }, frame, len);
}

void forward_packet(struct forward *f, const struct mail *packet)
{
	struct slot *slot = tables_slot(f->tables, packet->slot_at, packet->tunnel);
	const struct sa *sa = sa_table_by_id(&f->tables->sas, packet->sa_id);
	struct job j = { .slot = slot, .sa = sa };

	if (!slot) {
		counter_drop(&f->tables->nowhere[f->worker], DP_DROP_TUNNEL_DOWN);
		return;
	}
	j.tunnel = rcu_dereference(slot->tunnel);
	j.counters = &slot->counters[f->worker];
	if (!sa || sa->owner != f->worker || !f->seal) {
		counter_drop(j.counters, DP_DROP_UNPROTECTED);
		return;
	}
	const struct encap *encap = &j.tunnel->encap;
	struct tx_packet *p = next_packet(f, &j, 0);
	uint8_t *gre = packet->bytes - encap->gre_len;
	f->borrows = true;
	encap_gre(gre, encap, packet->proto);
	describe(p, &j, packet->len);
	p->tos = TOS_CS6;
	finish_packet(f, &j, seal_add(f->seal, p, gre, encap->gre_len + packet->len));
}

/* Seals what is to be sealed. What could not be is left out. */
static void seal_burst(struct forward *f)
{
	unsigned n = 0;

	if (!f->seal || f->seal->n == 0 || seal_run(f->seal) == 0)
		return;
	for (unsigned i = 0; i < f->n; i++) {
		struct tx_packet *p = &f->packet[i];
		if (p->refused) {
			counter_drop(&p->slot->counters[f->worker], DP_DROP_SEAL);
			continue;
		}
		if (n != i)
			f->packet[n] = *p;
		n++;
	}
	f->n = n;
}

/* Counts what was sent from the first packet on that is of its tunnel; returns where that ends. */
static unsigned count_sent(struct forward *f, unsigned first)
{
	struct slot *slot = f->packet[first].slot;
	struct dp_counters *counters = &slot->counters[f->worker];
	uint64_t packets = 0, bytes = 0;
	unsigned i = first;

	for (; i < f->n && f->packet[i].slot == slot; i++) {
		const struct tx_packet *p = &f->packet[i];
		if (p->refused) {
			counter_drop(counters, DP_DROP_SEND);
			continue;
		}
		packets++;
		bytes += p->inner_len;
		if (p->adjacency)
			counter_way_add(&p->adjacency->share[f->worker].tx, p->inner_len,
			                f->now_ns);
	}
	if (packets)
		counter_tx(counters, packets, bytes, f->now_ns);
	return i;
}

void forward_flush(struct forward *f)
{
	seal_burst(f);
	f->borrows = false;
	if (f->n == 0)
		return;
	f->send(f->ctx, f->packet, f->n);
	for (unsigned i = 0; i < f->n;)
		i = count_sent(f, i);
	f->n = 0;
}
