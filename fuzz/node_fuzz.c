/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole node as a fuzz target: the input is a list of events with the time between them, for a
 * router that is hub, spoke, or both. Packets are either raw bytes, with length and checksum set
 * right so that they get past the parser, or built from fields of a small set of addresses, so that
 * requests meet replies. Whatever happens, every packet that the node sends must parse, and its
 * views must come to an end.
 */
#include <stdlib.h>
#include <string.h>

#include "nhrp/wire.h"
#include "node/node.h"
#include "node/snapshot.h"
#include "node/view.h"
#include "util/check.h"
#include "util/checksum.h"
#include "util/clock.h"
#include "util/entropy.h"
#include "util/memory.h"
#include "util/reader.h"
#include "util/writer.h"

enum {
	EVENTS_MAX = 200, /* of one input: keeps a run short */
	RAW_MAX = 600,    /* bytes of a raw packet */
	TUNNEL = 0,
	N_ADDRS = 8, /* different addresses of each kind: few, so that they meet again */
};

struct world {
	struct node *node;
	struct snapshot *snapshot[2];
	struct now now;
	struct prng prng;
	struct node_out out;
};

static struct addr overlay(uint8_t n)
{
	return addr_v4(10, 10, 10, (uint8_t)(n % N_ADDRS));
}

static struct addr nbma(uint8_t n)
{
	return addr_v4(1, 1, 1, (uint8_t)(n % N_ADDRS));
}

static struct snapshot *router(uint8_t kind)
{
	struct snapshot *s = snapshot_new();
	struct snap_interface *i = snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
	struct snap_tunnel *t = i->tunnel;

	i->addressing = SNAP_ADDRESS_STATIC;
	i->address[0] = (struct prefix){ overlay(1), 24 };
	i->n_address = 1;
	t->source_address = nbma(1);
	t->mode = SNAP_MODE_GRE_MULTIPOINT;
	t->nhrp.network_id = 1;
	t->nhrp.registration_no_unique = kind & 1;
	if (kind & 2)
		memcpy(t->nhrp.authentication, "secret", sizeof "secret");
	if (kind & 4) {
		t->nhrp.nhs = memory_new(2, sizeof *t->nhrp.nhs);
		t->nhrp.n_nhs = 2;
		t->nhrp.nhs[0] = (struct snap_nhs){ .address = overlay(2), .nbma = nbma(2) };
		t->nhrp.nhs[1] = (struct snap_nhs){ .address = overlay(3), .fqdn = "hub.example" };
	}
	if (kind & 8)
		t->nhrp.holdtime_s = 60;
	return s;
}

static void look_at_everything(const struct world *w)
{
	struct node_cursor entries = { 0 }, servers = { 0 }, tunnels = { 0 }, saved = { 0 };
	struct nhrp_entry_view entry;
	struct nhs_view nhs;
	struct nhrp_tunnel_view tunnel;
	struct node_saved_entry kept;
	size_t n = 0;

	while (node_entry_next(w->node, &entries, &entry))
		check(++n <= NODE_CACHE_MAX);
	while (node_nhs_next(w->node, &servers, &nhs))
		check(++n <= NODE_CACHE_MAX);
	while (node_tunnel_next(w->node, &tunnels, &tunnel))
		check(++n <= NODE_CACHE_MAX);
	while (node_saved_next(w->node, &saved, w->now, &kept))
		check(++n <= NODE_CACHE_MAX);
}

static void step(struct world *w, const struct node_event *event)
{
	struct nhrp_packet packet;

	node_step(w->node, w->now, event, &w->out);
	check(w->out.n <= NODE_ACTIONS_MAX);
	for (size_t i = 0; i < w->out.n; i++) {
		const struct node_action *a = &w->out.action[i];

		if (a->type == NODE_SEND)
			check(nhrp_parse(a->send.bytes, a->send.len, &packet) == NHRP_WIRE_OK);
	}
}

static void receive(struct world *w, const uint8_t *bytes, size_t len, uint8_t from)
{
	struct node_event event = { .type = NODE_PACKET };

	event.packet.tunnel = TUNNEL;
	event.packet.from = nbma(from);
	event.packet.to = nbma(1);
	event.packet.bytes = bytes;
	event.packet.len = len;
	step(w, &event);
}

/* Bytes as they are, but for the fields without which the parser looks no further. */
static void receive_raw(struct world *w, struct reader *in)
{
	uint8_t bytes[RAW_MAX], from = read_u8(in);
	size_t len = read_u16(in) % (sizeof bytes + 1);

	if (len > reader_left(in))
		len = reader_left(in);
	const uint8_t *raw = read_bytes(in, len);
	if (!raw)
		return;
	memcpy(bytes, raw, len);
	if (len >= NHRP_FIXED_LEN) {
		struct writer out = writer_over(bytes, len);

		write_room(&out, len);
		write_u16_at(&out, 10, (uint16_t)len);
		write_u16_at(&out, 12, 0);
		write_u16_at(&out, 12, checksum(bytes, len));
	}
	receive(w, bytes, len, from);
}

static void receive_built(struct world *w, struct reader *in)
{
	uint8_t bytes[NHRP_PACKET_MAX], from = read_u8(in), shape = read_u8(in);
	static const uint8_t secret[] = { 0, 0, 0, 1, 's', 'e', 'c', 'r', 'e', 't' };
	struct nhrp_packet p = {
		.type = (uint8_t)(1 + read_u8(in) % (NHRP_TYPES - 1)),
		.hops = read_u8(in),
		.afn = 1,
		.proto_type = 0x0800,
		.flags = read_u16(in),
		.request_id = read_u16(in),
		.error = read_u8(in),
		.src_nbma = nbma(from),
		.src_proto = overlay(read_u8(in)),
		.dst_proto = overlay(read_u8(in)),
		.contents = bytes,
		.contents_len = 0,
		.has_extensions = true,
	};

	p.n_cie = shape & 3;
	for (size_t i = 0; i < p.n_cie; i++)
		p.cie[i] = (struct nhrp_cie){
			.code = read_u8(in),
			.prefix_len = read_u8(in),
			.mtu_bytes = read_u16(in),
			.holdtime_s = read_u16(in),
			.nbma = shape & 4 ? nbma(read_u8(in)) : ADDR_ANY_NONE,
			.proto = shape & 8 ? overlay(read_u8(in)) : ADDR_ANY_NONE,
		};
	for (uint16_t type = NHRP_EXT_RESPONDER; type <= NHRP_EXT_REVERSE_TRANSIT; type++)
		if (shape & 16)
			nhrp_extension_set(&p, (struct nhrp_extension){ type, true, NULL, 0 });
	if (shape & 32)
		nhrp_extension_set(&p, (struct nhrp_extension){ NHRP_EXT_AUTHENTICATION, true,
		                                                secret, sizeof secret });
	size_t len = nhrp_build(&p, bytes, sizeof bytes);
	if (len)
		receive(w, bytes, len, from);
}

static void clear(struct world *w, struct reader *in)
{
	struct node_event event = { .type = NODE_CLEAR };
	uint8_t what = read_u8(in);

	event.clear.one_tunnel = what & 1;
	event.clear.one_target = what & 2;
	event.clear.target = (struct prefix){ overlay(read_u8(in)), (uint8_t)(what >> 2) % 33 };
	step(w, &event);
}

static void restore(struct world *w, struct reader *in)
{
	struct node_event event = { .type = NODE_RESTORE };
	const struct addr target = overlay(read_u8(in));

	event.saved.target = prefix_host(&target);
	event.saved.nbma = nbma(read_u8(in));
	event.saved.unique = read_u8(in) & 1;
	event.saved.holdtime_s = read_u16(in);
	event.saved.request_id = read_u16(in);
	event.saved.created_wall_ms = w->now.wall_ms;
	event.saved.expires_wall_ms = w->now.wall_ms + read_u16(in) * 1000;
	step(w, &event);
}

static void line_state(struct world *w, struct reader *in)
{
	struct node_event event = { .type = NODE_TUNNEL };
	uint8_t state = read_u8(in);

	event.state.source = state & 2 ? nbma(1) : nbma(state >> 4);
	event.state.mtu_bytes = 17912;
	event.state.up = state & 1;
	step(w, &event);
}

static void named(struct world *w, struct reader *in)
{
	struct node_event event = { .type = NODE_NAMED };

	event.named.cookie = read_u8(in);
	event.named.n = read_u8(in) % (NODE_NAME_ADDRS_MAX + 1);
	for (size_t i = 0; i < event.named.n; i++)
		event.named.addr[i] = nbma(read_u8(in));
	step(w, &event);
}

static void peer(struct world *w, enum node_event_type type, struct reader *in)
{
	struct node_event event = { .type = type };

	event.peer.tunnel = TUNNEL;
	event.peer.peer = overlay(read_u8(in));
	step(w, &event);
}

static void configure(struct world *w, size_t which)
{
	struct node_event event = { .type = NODE_CONFIGURE };

	event.snapshot = w->snapshot[which];
	step(w, &event);
}

static void one_event(struct world *w, struct reader *in)
{
	uint8_t kind = read_u8(in), wait = read_u8(in);
	/* Short waits for retransmissions, long ones for what expires. */
	int64_t ms = wait < 128 ? wait * 100 : (wait - 127) * 60000;

	w->now.mono = mono_add_ms(w->now.mono, ms);
	w->now.wall_ms += ms;
	switch (kind % 10) {
	case 0:
		receive_raw(w, in);
		break;
	case 1:
	case 2:
		receive_built(w, in);
		break;
	case 3:
		peer(w, NODE_WANT, in);
		break;
	case 4:
		peer(w, NODE_USED, in);
		break;
	case 5:
		named(w, in);
		break;
	case 6:
		clear(w, in);
		break;
	case 7:
		restore(w, in);
		break;
	case 8:
		line_state(w, in);
		break;
	case 9:
		configure(w, read_u8(in) & 1);
		break;
	}
	step(w, &(struct node_event){ .type = NODE_TICK });
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct world *w = memory_new(1, sizeof *w);
	struct reader in = reader_over(bytes, len);
	uint8_t kinds = read_u8(&in);
	const uint8_t up[] = { 3 };
	struct reader start = reader_over(up, sizeof up);

	prng_seed(&w->prng, 1);
	w->now.wall_ms = 1700000000000;
	w->snapshot[0] = router(kinds & 15);
	w->snapshot[1] = router(kinds >> 4);
	w->node = node_new(&(struct node_options){ .entropy = prng_entropy(&w->prng) });
	configure(w, 0);
	line_state(w, &start);
	for (int i = 0; i < EVENTS_MAX && reader_left(&in); i++)
		one_event(w, &in);
	look_at_everything(w);
	step(w, &(struct node_event){ .type = NODE_STOP });
	node_free(w->node);
	snapshot_free(w->snapshot[0]);
	snapshot_free(w->snapshot[1]);
	free(w);
	return 0;
}
