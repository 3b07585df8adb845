/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole step of a node: the input chooses events, instants and packets on three tunnels.
 * Packets are raw bytes with size and checksum set right, or made of a small world of addresses so
 * that they meet entries, or the node's own ones come back. Protected tunnels have a second node at
 * the other end, with which IKE comes to terms as far as the input lets its messages pass,
 * unchanged or not. After each step what node.h promises must hold.
 */
#include <stdlib.h>
#include <string.h>

#include "nhrp/wire.h"
#include "node/node.h"
#include "node/view.h"
#include "util/check.h"
#include "util/checksum.h"
#include "util/memory.h"
#include "util/reader.h"
#include "util/writer.h"

enum {
	TUNNELS = 3,
	PROTECTED = 0xc0, /* bits of a configuration's first byte */
	CACHE_MAX = 40,
	SNAPSHOTS = 2,    /* the one in force and the one before */
	TICKS_MAX = 1000, /* steps until a node must have come to rest */
	SIZE_AT = 10,
	CHECKSUM_AT = 12,
	TYPE_AT = 17,
	HEAD_LEN = 31, /* of data: as much as there may be */
	SOURCE_AT = 12,
	SAS_MAX = 512,
	MESSAGES_MAX = 16,
	MESSAGE_MAX = 2048,
	MEMORY_MAX = 4 << 20,
	DH_GROUP = 19, /* the quickest */
};

struct association {
	uint32_t id, spi;
	bool outbound;
};

struct use {
	uint32_t tunnel, id;
	struct addr nbma;
};

struct message {
	struct node_ike_path path;
	uint8_t bytes[MESSAGE_MAX];
	size_t len;
};

/* What a node has put in force, and what it has to say to the other end. */
struct end {
	struct node_action question[NODE_ACTIONS_MAX]; /* NODE_FIND_ROUTE, not answered yet */
	size_t n_questions;
	struct node *node;
	struct association sa[SAS_MAX];
	size_t n_sas;
	struct use use[SAS_MAX];
	size_t n_uses;
	struct message message[MESSAGES_MAX]; /* a ring */
	size_t n_messages, n_taken;
	bool stopped;
};

enum { OURS, THEIRS };

struct world {
	struct end end[2];
	struct node *node; /* of OURS */
	struct snapshot *snapshot[SNAPSHOTS], *peer_snapshot;
	struct now now;
	struct prng prng;
	struct node_out out;
	uint8_t echo[NHRP_PACKET_MAX]; /* the latest packet that the node has sent */
	size_t echo_len;
	uint32_t request_id; /* of it */
};

static struct crypto *crypto; /* made once */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct addr overlay(uint8_t b)
{
	static const uint8_t v6[ADDR_V6_LEN] = { 0xfe, 0x80 };

	if (b == 0xff)
		return ADDR_ANY_NONE;
	return b == 0xfe ? addr_from_bytes(ADDR_V6, v6) : addr_v4(10, b >> 6, 0, b & 0x0f);
}

static struct addr nbma(uint8_t b)
{
	return b == 0xff ? ADDR_ANY_NONE : addr_v4(b & 0x0f, 1, 1, 1);
}

/* ---- what must hold ---- */

static struct association *find_sa(struct end *e, uint32_t id)
{
	for (size_t i = 0; i < e->n_sas; i++)
		if (e->sa[i].id == id)
			return &e->sa[i];
	return NULL;
}

static struct use *find_use(struct end *e, uint32_t tunnel, const struct addr *to)
{
	for (size_t i = 0; i < e->n_uses; i++)
		if (e->use[i].tunnel == tunnel && addr_equal(&e->use[i].nbma, to))
			return &e->use[i];
	return NULL;
}

static void set_use(struct end *e, const struct node_action *a)
{
	struct use *use = find_use(e, a->use.tunnel, &a->use.nbma);
	const struct association *sa = find_sa(e, a->use.id);

	check(!a->use.id || (sa && sa->outbound));
	if (!use) {
		check(e->n_uses < SAS_MAX);
		use = &e->use[e->n_uses++];
	}
	*use = (struct use){ a->use.tunnel, a->use.id, a->use.nbma };
}

static void keep_message(struct world *w, struct end *e, const struct node_action *a)
{
	struct message *m = &e->message[e->n_messages++ % MESSAGES_MAX];

	check(a->ike.bytes >= w->out.bytes && a->ike.len > 0);
	check(a->ike.bytes + a->ike.len <= w->out.bytes + w->out.n_bytes);
	check(a->ike.len <= MESSAGE_MAX);
	m->path = a->ike.path;
	m->len = a->ike.len;
	memcpy(m->bytes, a->ike.bytes, m->len);
	if (e->n_messages - e->n_taken > MESSAGES_MAX)
		e->n_taken = e->n_messages - MESSAGES_MAX;
}

static void check_protection(struct world *w, struct end *e, const struct node_action *a)
{
	struct association *sa;

	switch (a->type) {
	case NODE_IKE_SEND:
		keep_message(w, e, a);
		break;
	case NODE_SA_ADD:
		check(a->sa->id && a->sa->spi >= ESP_SPI_MIN && !find_sa(e, a->sa->id));
		check(e->n_sas < SAS_MAX);
		e->sa[e->n_sas++] = (struct association){ a->sa->id, a->sa->spi, a->sa->outbound };
		break;
	case NODE_SA_DEL:
		sa = find_sa(e, a->sa_id);
		check(sa);
		*sa = e->sa[--e->n_sas];
		break;
	case NODE_SA_USE:
		set_use(e, a);
		break;
	case NODE_SA_MOVE:
		check(find_sa(e, a->move.id));
		break;
	default:
		break;
	}
}

static bool is_protected(const struct world *w, uint32_t tunnel)
{
	const struct snap_interface *i = snapshot_tunnel(w->snapshot[0], tunnel);

	return i && i->tunnel->protected;
}

static void check_sent(struct world *w, const struct node_action *a)
{
	const struct use *use = find_use(&w->end[OURS], a->send.tunnel, &a->send.to);
	struct nhrp_packet p;

	check(a->send.bytes >= w->out.bytes);
	check(a->send.bytes + a->send.len <= w->out.bytes + w->out.n_bytes);
	check(a->send.len <= NHRP_PACKET_MAX);
	check(!addr_is_none(&a->send.from) && !addr_is_none(&a->send.to));
	check(nhrp_parse(a->send.bytes, a->send.len, &p) == NHRP_WIRE_OK);
	check(!is_protected(w, a->send.tunnel) || (use && find_sa(&w->end[OURS], use->id)));
	memcpy(w->echo, a->send.bytes, a->send.len);
	w->echo_len = a->send.len;
	w->request_id = p.request_id;
}

static void check_action(struct world *w, struct end *e, const struct node_action *a)
{
	check(!e->stopped);
	check_protection(w, e, a);
	if (a->type == NODE_SEND && e == &w->end[OURS])
		check_sent(w, a);
	if (a->type == NODE_SET_PEER)
		check(!addr_is_none(&a->peer.peer) && !addr_is_none(&a->peer.nbma));
	if (a->type == NODE_DEL_PEER)
		check(!addr_is_none(&a->peer.peer));
	if (a->type == NODE_SET_ROUTE)
		check(!addr_is_none(&a->route.via) && a->route.to.len <= 32);
	if (a->type == NODE_FIND_ROUTE) {
		check(e->n_questions < NODE_ACTIONS_MAX);
		e->question[e->n_questions++] = *a;
	}
	if (a->type == NODE_LOOK_UP)
		check(a->look_up.name[0]);
	if (a->type == NODE_STOPPED) {
		check(e->n_sas == 0);
		e->stopped = true;
	}
}

static void check_views(struct world *w)
{
	struct node_cursor entries = { 0 }, servers = { 0 }, tunnels = { 0 }, saved = { 0 };
	struct nhrp_entry_view e, last = { 0 };
	struct nhs_view nhs;
	struct nhrp_tunnel_view t;
	struct node_saved_entry s;
	size_t n = 0, n_counted = 0;

	for (; node_entry_next(w->node, &entries, &e); last = e, n++) {
		check(n == 0 || last.tunnel < e.tunnel ||
		      (last.tunnel == e.tunnel && last.type != NHRP_ENTRY_INCOMPLETE) ||
		      e.type == NHRP_ENTRY_INCOMPLETE);
		check(e.type == NHRP_ENTRY_INCOMPLETE || !addr_is_none(&e.nbma));
	}
	check(n <= CACHE_MAX);
	while (node_nhs_next(w->node, &servers, &nhs))
		check(nhs.expecting);
	while (node_tunnel_next(w->node, &tunnels, &t))
		n_counted += t.n_entries;
	check(n_counted <= n);
	while (node_saved_next(w->node, &saved, w->now, &s))
		check(s.holdtime_s);
	check(node_drops(w->node, DROP_OUT_FULL) == 0);
	check(node_memory_bytes(w->node) < MEMORY_MAX);
}

/* Addresses say themselves where they lie: their last bits pick a route. */
static struct node_event answer(struct end *e)
{
	const struct node_action *q = &e->question[--e->n_questions];
	struct node_event event = { .type = NODE_ROUTE };
	uint8_t how = q->route.to.addr.bytes[ADDR_V4_LEN - 1];

	event.route.cookie = q->route.cookie;
	event.route.found = how & 1;
	event.route.by_tunnel = how & 2;
	event.route.tunnel = how >> 6;
	event.route.to = (struct prefix){ q->route.to.addr, (uint8_t)(how >> 2 & 0x1f) };
	event.route.via = how & 4 ? overlay(how) : ADDR_ANY_NONE;
	return event;
}

static void step_end(struct world *w, struct end *e, const struct node_event *event)
{
	struct node_event tick = { .type = NODE_TICK }, route;
	size_t ticks = 0;

	do {
		node_step(e->node, w->now, event, &w->out);
		check(w->out.n <= NODE_ACTIONS_MAX && w->out.n_bytes <= NODE_OUT_BYTES);
		for (size_t i = 0; i < w->out.n; i++)
			check_action(w, e, &w->out.action[i]);
		check(++ticks < TICKS_MAX);
		event = &tick;
		if (e->n_questions) {
			route = answer(e);
			event = &route;
		}
	} while (event != &tick || mono_due(node_deadline(e->node), w->now.mono));
}

static void step(struct world *w, const struct node_event *event)
{
	step_end(w, &w->end[OURS], event);
	check_views(w);
}

/* ---- events ---- */

static void configure_resolution(struct snap_nhrp *nhrp, uint8_t n)
{
	if (n & 1)
		memcpy(nhrp->authentication, "cisco", sizeof "cisco");
	nhrp->cache_authoritative = n & 2;
	nhrp->interest_none = (n & 0x1c) == 4;
	nhrp->use_packets = n & 8 ? 2 : 0;
	nhrp->path_preference = n & 0x10;
	nhrp->send_routed = n & 0x20;
	nhrp->no_route_watch = n & 0x40;
	if (!(n & 0x80))
		return;
	nhrp->summary = memory_new(2, sizeof *nhrp->summary);
	while (nhrp->n_summary < 2) {
		struct prefix target = { overlay(n), (uint8_t)(nhrp->n_summary ? 24 : 8) };
		nhrp->summary[nhrp->n_summary++] =
			(struct snap_summary){ prefix_network(&target), nbma(n & 3) };
	}
}

static void configure_nhrp(struct snap_nhrp *nhrp, struct reader *r)
{
	uint8_t n = read_u8(r);

	nhrp->network_id = n & 0x80 ? 0 : 1;
	nhrp->n_nhs = n & 3;
	nhrp->n_map = n >> 2 & 3;
	nhrp->registration_no_unique = n & 0x10;
	nhrp->server_only = n & 0x20;
	nhrp->no_record = n & 0x40;
	nhrp->holdtime_s = read_u8(r);
	nhrp->redirect = nhrp->shortcut = nhrp->multicast_dynamic = nhrp->holdtime_s & 1;
	nhrp->max_send_packets = read_u8(r) & 0x7f;
	configure_resolution(nhrp, read_u8(r));
	nhrp->nhs = memory_new(4, sizeof *nhrp->nhs);
	nhrp->map = memory_new(4, sizeof *nhrp->map);
	for (size_t i = 0; i < nhrp->n_nhs; i++) {
		nhrp->nhs[i].address = overlay(read_u8(r));
		nhrp->nhs[i].nbma = nbma(read_u8(r));
		nhrp->nhs[i].priority = read_u8(r);
		if (addr_is_none(&nhrp->nhs[i].nbma) && nhrp->nhs[i].priority & 1)
			memcpy(nhrp->nhs[i].fqdn, "hub", sizeof "hub");
	}
	for (size_t i = 0; i < nhrp->n_map; i++) {
		struct addr target = overlay(read_u8(r) & 0x7f);
		nhrp->map[i].target = (struct prefix){ target, read_u8(r) % 33 };
		nhrp->map[i].target = prefix_network(&nhrp->map[i].target);
		nhrp->map[i].nbma = nbma(read_u8(r) & 0x7f);
	}
}

/* ---- protection ---- */

static void set_crypto(struct snap_crypto *c)
{
	c->policy = memory_new(1, sizeof *c->policy);
	c->policy[c->n_policies++] =
		(struct snap_isakmp_policy){ .priority = 1,
		                             .has_authentication = true,
		                             .authentication = SNAP_AUTH_PRE_SHARE,
		                             .has_group = true,
		                             .group = DH_GROUP };
	c->keyring = memory_new(1, sizeof *c->keyring);
	c->keyring[c->n_keyrings++].key = memory_new(1, sizeof *c->keyring->key);
	c->keyring->key[c->keyring->n_keys++] = (struct snap_isakmp_key){
		.secret = memory_strdup("cisco123"),
		.peer = { addr_v4(0, 0, 0, 0), 0 },
	};
	c->set = memory_new(1, sizeof *c->set);
	c->set[c->n_sets++] = (struct snap_transform_set){ .name = "T",
		                                           .cipher = ESP_AES128,
		                                           .auth = ESP_SHA1_96 };
	c->profile = memory_new(1, sizeof *c->profile);
	c->profile[c->n_profiles++] = (struct snap_ipsec_profile){
		.name = "P", .set = { "T" }, .n_sets = 1, .lifetime_s = 120
	};
}

static void protect(struct snap_tunnel *t, bool shared)
{
	t->protected = true;
	t->protection.profile[0] = 'P';
	t->protection.shared = shared;
}

/* The router at nbma(2), with nbma(1) in its map. */
static void start_peer(struct world *w)
{
	struct node_event event = { .type = NODE_TUNNEL };
	struct snapshot *s = snapshot_new();
	struct snap_interface *i = snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");

	i->address[0] = (struct prefix){ addr_v4(10, 0, 0, 14), 16 };
	i->n_address = 1;
	i->tunnel->source_address = nbma(2);
	i->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
	i->tunnel->nhrp.network_id = 1;
	i->tunnel->nhrp.map = memory_new(1, sizeof *i->tunnel->nhrp.map);
	i->tunnel->nhrp.map[i->tunnel->nhrp.n_map++] =
		(struct snap_map){ { addr_v4(10, 0, 0, 0), 24 }, nbma(1), 0 };
	protect(i->tunnel, false);
	set_crypto(&s->crypto);
	w->peer_snapshot = s;
	w->end[THEIRS].node = node_new(&(struct node_options){
		.entropy = prng_entropy(&w->prng), .crypto = crypto, .cache_max = CACHE_MAX });
	event.state.source = nbma(2);
	event.state.up = true;
	step_end(w, &w->end[THEIRS], &(struct node_event){ .type = NODE_CONFIGURE, .snapshot = s });
	step_end(w, &w->end[THEIRS], &event);
}

/* The next message of one end reaches the other, or is lost, with a byte of it changed or not. */
static void pass_message(struct world *w, struct reader *r, uint8_t how)
{
	struct end *from = &w->end[how & 1 ? THEIRS : OURS];
	struct end *to = &w->end[how & 1 ? OURS : THEIRS];
	struct node_event event = { .type = NODE_IKE_PACKET };

	if (from->n_taken == from->n_messages || !to->node)
		return;
	struct message m = from->message[from->n_taken++ % MESSAGES_MAX];
	if (how & 8)
		from->n_taken--; /* it comes again */
	if (how & 2) {
		uint8_t at = read_u8(r);
		m.bytes[at % m.len] ^= read_u8(r);
	}
	if (how & 4)
		m.path.from_port = read_u8(r);
	event.ike.path = m.path;
	event.ike.bytes = m.bytes;
	event.ike.len = m.len;
	if (to == &w->end[OURS])
		step(w, &event);
	else
		step_end(w, to, &event);
}

static void raw_message(struct world *w, struct reader *r)
{
	struct node_event event = { .type = NODE_IKE_PACKET };
	size_t len = read_u8(r);

	if (len > reader_left(r))
		len = reader_left(r);
	event.ike.path = (struct node_ike_path){ nbma(read_u8(r) & 0x7f), nbma(1), 500, 500 };
	if (len > reader_left(r))
		len = reader_left(r);
	event.ike.bytes = read_bytes(r, len);
	event.ike.len = len;
	step(w, &event);
}

static void use_event(struct world *w, struct reader *r)
{
	struct end *e = &w->end[OURS];
	struct node_event event = { .type = NODE_SA_USED };
	uint8_t which = read_u8(r);

	event.sa_used.id = e->n_sas ? e->sa[which % e->n_sas].id : which;
	event.sa_used.packets_in = read_u8(r);
	event.sa_used.packets_out = read_u8(r);
	event.sa_used.bytes_in = (uint64_t)read_u8(r) << 26;
	step(w, &event);
}

/* What no SPI can be names an association of which a packet came from elsewhere. */
static void moved_event(struct world *w, uint8_t which, struct addr from)
{
	struct end *e = &w->end[OURS];
	struct node_event event = { .type = NODE_SA_MOVED };

	event.moved.id = e->n_sas ? e->sa[which % e->n_sas].id : which;
	event.moved.from = from;
	event.moved.udp_port = (uint16_t)(1024 + which);
	step(w, &event);
}

static void protection_event(struct world *w, struct reader *r, uint8_t how)
{
	struct node_event event = { 0 };

	switch (how >> 4 & 7) {
	case 0:
		raw_message(w, r);
		break;
	case 1:
		use_event(w, r);
		break;
	case 2:
		event.type = NODE_SA_UNKNOWN;
		event.unknown.from = nbma(read_u8(r));
		event.unknown.to = nbma(1);
		event.unknown.spi = read_u32(r);
		event.unknown.udp_port = (uint16_t)(event.unknown.spi & 1 ? event.unknown.spi : 0);
		if (event.unknown.spi < ESP_SPI_MIN)
			moved_event(w, (uint8_t)event.unknown.spi, event.unknown.from);
		else
			step(w, &event);
		break;
	case 3:
		event.type = NODE_CLEAR_CRYPTO;
		event.clear_crypto.what = (enum node_clear_crypto)(read_u8(r) % 3);
		event.clear_crypto.remote = nbma(read_u8(r));
		step(w, &event);
		break;
	default:
		pass_message(w, r, how);
		break;
	}
}

static void configure(struct world *w, struct reader *r, struct node_event *event)
{
	static const char *const names[TUNNELS] = { "Tunnel0", "Tunnel1", "Tunnel2" };
	struct snapshot *s = snapshot_new();
	uint8_t which = read_u8(r);

	for (size_t i = 0; i < TUNNELS; i++) {
		if (!(which & 1u << i))
			continue;
		struct snap_interface *new = snapshot_add_interface(s, SNAP_TUNNEL, names[i]);
		uint8_t bits = read_u8(r);
		new->address[0] = (struct prefix){ overlay(bits & 0x4f), 16 };
		new->n_address = bits & 0x80 ? 0 : 1;
		new->shutdown = (bits & 0x30) == 0x30;
		new->tunnel->source_address = nbma(1);
		new->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
		if (bits & 0x20) {
			new->tunnel->mode = SNAP_MODE_GRE_P2P;
			new->tunnel->destination = nbma(bits & 7);
		}
		configure_nhrp(&new->tunnel->nhrp, r);
		if ((which & PROTECTED) == PROTECTED)
			protect(new->tunnel, which & 0x20);
	}
	if ((which & PROTECTED) == PROTECTED) {
		set_crypto(&s->crypto);
		if (!w->end[THEIRS].node)
			start_peer(w);
	}
	snapshot_free(w->snapshot[1]);
	w->snapshot[1] = w->snapshot[0];
	w->snapshot[0] = s;
	event->type = NODE_CONFIGURE;
	event->snapshot = s;
}

/* Any bytes, with what nearly every random input would fail at set right. */
static size_t raw_packet(struct reader *r, uint8_t packet[static NHRP_PACKET_MAX])
{
	size_t len = read_u8(r);

	if (len > reader_left(r))
		len = reader_left(r);
	if (len)
		memcpy(packet, read_bytes(r, len), len);
	if (len < NHRP_FIXED_LEN)
		return len;
	struct writer w = writer_over(packet, NHRP_PACKET_MAX);
	write_room(&w, len);
	write_u16_at(&w, SIZE_AT, (uint16_t)len);
	write_u16_at(&w, CHECKSUM_AT, 0);
	write_u16_at(&w, CHECKSUM_AT, checksum(packet, len));
	return len;
}

static void add_extensions(struct nhrp_packet *p, struct reader *r, uint8_t *room, size_t room_len)
{
	static const uint8_t auth[] = { 0, 0, 0, 1, 'c', 'i', 's', 'c', 'o' };
	struct writer w = writer_over(room, room_len);
	uint8_t n = read_u8(r) & 7;

	for (uint8_t i = 0; i < n; i++) {
		uint8_t bits = read_u8(r);
		struct nhrp_extension ext = { .type = bits & 0x0f, .compulsory = bits & 0x80 };
		if (ext.type == NHRP_EXT_END)
			continue;
		if (ext.type == NHRP_EXT_AUTHENTICATION) {
			ext.value = auth;
			ext.value_len = sizeof auth;
		} else if (bits & 0x40) {
			struct nhrp_cie cie = { .nbma = nbma(read_u8(r)),
				                .proto = overlay(read_u8(r)) };
			uint8_t *at = w.at;
			ext.value_len = (uint16_t)nhrp_cie_build(&cie, at, (size_t)(w.end - at));
			ext.value = at;
			write_room(&w, ext.value_len);
		}
		nhrp_extension_set(p, ext);
	}
}

static const uint8_t *put_head(uint8_t *head, struct reader *r)
{
	struct addr from = overlay(read_u8(r) & 0x7f);

	memset(head, 0x45, HEAD_LEN); /* IPv4; what else it is does not matter */
	memcpy(head + SOURCE_AT, from.bytes, ADDR_V4_LEN);
	return head;
}

static size_t made_packet(struct world *w, struct reader *r, uint8_t packet[static NHRP_PACKET_MAX])
{
	uint8_t room[256], head[HEAD_LEN];
	struct nhrp_packet p = { .afn = 1, .proto_type = 0x0800, .has_extensions = true };

	p.type = (uint8_t)(1 + read_u8(r) % (NHRP_TYPES - 1));
	p.hops = read_u8(r);
	p.flags = read_u16(r);
	p.request_id = w->request_id + (read_u8(r) & 3) - 1;
	p.src_nbma = nbma(read_u8(r));
	p.src_proto = overlay(read_u8(r) & 0x7f);
	p.dst_proto = overlay(read_u8(r) & 0x7f);
	p.n_cie = read_u8(r) & 3;
	for (size_t i = 0; i < p.n_cie; i++) {
		p.cie[i].code = read_u8(r) & 0x0f;
		p.cie[i].prefix_len = read_u8(r);
		p.cie[i].holdtime_s = read_u8(r);
		p.cie[i].preference = read_u8(r);
		p.cie[i].nbma = nbma(read_u8(r));
		p.cie[i].proto = overlay(read_u8(r));
		if (p.cie[i].proto.family == ADDR_V6)
			p.cie[i].proto = ADDR_ANY_NONE;
	}
	add_extensions(&p, r, room, sizeof room);
	if (p.type == NHRP_ERROR_INDICATION) {
		p.error = read_u8(r) & 0x0f;
		p.contents = put_head(head, r);
		p.contents_len = HEAD_LEN;
	}
	return nhrp_build(&p, packet, NHRP_PACKET_MAX);
}

/* The node's own packet comes back, perhaps as the reply to itself. */
static size_t echoed_packet(struct world *w, struct reader *r,
                            uint8_t packet[static NHRP_PACKET_MAX])
{
	memcpy(packet, w->echo, w->echo_len);
	if (w->echo_len < NHRP_FIXED_LEN)
		return 0;
	struct writer out = writer_over(packet, NHRP_PACKET_MAX);
	write_room(&out, w->echo_len);
	packet[TYPE_AT] = (uint8_t)(packet[TYPE_AT] + (read_u8(r) & 1));
	write_u16_at(&out, CHECKSUM_AT, 0);
	write_u16_at(&out, CHECKSUM_AT, checksum(packet, w->echo_len));
	return w->echo_len;
}

static void packet_event(struct world *w, struct reader *r, struct node_event *event,
                         uint8_t packet[static NHRP_PACKET_MAX])
{
	uint8_t how = read_u8(r);

	event->type = NODE_PACKET;
	event->packet.tunnel = how >> 2 & 3;
	event->packet.from = nbma(read_u8(r) & 0x7f);
	event->packet.to = nbma(1);
	event->packet.bytes = packet;
	if ((how & 3) == 0)
		event->packet.len = raw_packet(r, packet);
	else if ((how & 3) == 1)
		event->packet.len = echoed_packet(w, r, packet);
	else
		event->packet.len = made_packet(w, r, packet);
}

static void small_event(struct reader *r, struct node_event *event, uint8_t *room)
{
	switch (event->type) {
	case NODE_TUNNEL:
		event->state.tunnel = read_u8(r) & 3;
		event->state.source = nbma(read_u8(r));
		event->state.up = read_u8(r) & 3;
		event->state.mtu_bytes = 1400;
		break;
	case NODE_WANT:
	case NODE_USED:
		event->peer.tunnel = read_u8(r) & 3;
		event->peer.peer = overlay(read_u8(r));
		event->peer.packets = 1;
		break;
	case NODE_HAIRPIN:
		event->hairpin.tunnel = read_u8(r) & 3;
		event->hairpin.from = nbma(read_u8(r));
		event->hairpin.len = read_u8(r);
		if (event->hairpin.len & 0x80)
			event->type = NODE_STRANGER;
		event->hairpin.bytes = event->hairpin.len & 0x40
		                               ? put_head(room, r)
		                               : read_bytes(r, event->hairpin.len & HEAD_LEN);
		event->hairpin.len &= HEAD_LEN;
		if (!event->hairpin.bytes)
			event->hairpin.len = 0;
		break;
	case NODE_NAMED:
		event->named.cookie = read_u8(r);
		event->named.n = read_u8(r) % (NODE_NAME_ADDRS_MAX + 1);
		for (size_t i = 0; i < event->named.n; i++)
			event->named.addr[i] = nbma(read_u8(r));
		break;
	case NODE_CLEAR:
		event->clear.one_tunnel = read_u8(r) & 1;
		/* fall through */
	case NODE_CLEAR_COUNTERS:
		event->clear.tunnel = read_u8(r) & 3;
		event->clear.one_target = read_u8(r) & 1;
		event->clear.target = (struct prefix){ overlay(read_u8(r) & 0x7f), 24 };
		break;
	default:
		break;
	}
}

/* What is behind a NAT, and how it was learned. */
static void restore_more(uint8_t what, struct node_saved_entry *ret)
{
	ret->router = what & 1;
	ret->authoritative = what & 2;
	if (what & 4)
		ret->claimed = nbma(what >> 4);
	if (what & 8)
		ret->place = (struct udp_place){ nbma(what >> 6), (uint16_t)(40000 + what) };
}

static void restore_event(const struct world *w, struct reader *r, struct node_event *event)
{
	event->saved.tunnel = read_u8(r) & 3;
	event->saved.target = (struct prefix){ overlay(read_u8(r)), read_u8(r) };
	event->saved.nbma = nbma(read_u8(r));
	uint8_t how = read_u8(r);
	event->saved.unique = how & 1;
	event->saved.kind = how >> 6 & 1 ? NODE_SAVED_ANSWER : (enum node_saved_kind)(how >> 1 & 3);
	if (event->saved.kind != NODE_SAVED_CLIENT) {
		event->saved.network_id = how >> 3 & 1;
		event->saved.own = overlay(read_u8(r));
		event->saved.via = overlay(read_u8(r));
		event->saved.asked_for = overlay(read_u8(r));
		event->saved.protected = how >> 4 & 1;
	}
	restore_more(read_u8(r), &event->saved);
	event->saved.holdtime_s = read_u8(r);
	event->saved.expires_wall_ms = w->now.wall_ms + read_u16(r);
	event->saved.created_wall_ms = w->now.wall_ms - read_u16(r);
}

static void one_event(struct world *w, struct reader *r)
{
	static const enum node_event_type types[] = {
		NODE_TICK,           NODE_CONFIGURE, NODE_TUNNEL,         NODE_PACKET,
		NODE_PACKET,         NODE_PACKET,    NODE_PACKET,         NODE_WANT,
		NODE_USED,           NODE_NAMED,     NODE_CLEAR,          NODE_HAIRPIN,
		NODE_ROUTES_CHANGED, NODE_RESTORE,   NODE_CLEAR_COUNTERS, NODE_STOP,
	};
	struct node_event event = { 0 };
	uint8_t packet[NHRP_PACKET_MAX];
	uint8_t op = read_u8(r);
	int64_t ms = op >> 4 ? (int64_t)100 << (op >> 4) : 0;

	w->now.mono = mono_add_ms(w->now.mono, ms);
	w->now.wall_ms += ms;
	event.type = types[op & 0x0f];
	if (event.type == NODE_CLEAR_COUNTERS) {
		uint8_t how = read_u8(r);
		if (how & 0x80) {
			protection_event(w, r, how);
			return;
		}
		event.clear.one_tunnel = how & 1;
		if (how & 0x40) {
			event.type = NODE_CLEAR;
			event.clear.shortcuts = how & 2;
			event.clear.sessions = how & 4;
			event.clear.statics = how & 8;
		}
	}
	if (event.type == NODE_CONFIGURE)
		configure(w, r, &event);
	else if (event.type == NODE_PACKET)
		packet_event(w, r, &event, packet);
	else if (event.type == NODE_RESTORE)
		restore_event(w, r, &event);
	else
		small_event(r, &event, packet);
	step(w, &event);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct reader r = reader_over(bytes, len);
	struct world *w = memory_new(1, sizeof *w);

	prng_seed(&w->prng, 1);
	w->now.mono.ns = NS_PER_S;
	w->now.wall_ms = 1700000000000LL;
	if (!crypto)
		crypto = crypto_new();
	w->node = w->end[OURS].node = node_new(&(struct node_options){
		.entropy = prng_entropy(&w->prng), .crypto = crypto, .cache_max = CACHE_MAX });
	while (reader_left(&r) && !r.failed)
		one_event(w, &r);
	node_free(w->node);
	snapshot_free(w->snapshot[0]);
	snapshot_free(w->snapshot[1]);
	node_free(w->end[THEIRS].node);
	snapshot_free(w->peer_snapshot);
	free(w);
	return 0;
}
