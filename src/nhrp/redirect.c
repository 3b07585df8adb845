/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The indication goes to where the packet came from and carries its first bytes; the address that
 * it is for is the packet's source. One for each pair of source and destination in the configured
 * time, since a spoke that is told once resolves on its own (captures: one for each flow; hop count
 * 255, flags, code and offset zero, no Responder extension).
 *
 * The pairs told lately are kept in the order in which they were told. When there are too many at
 * a time the next ones are not told at all: whoever sends them goes on by the hub meanwhile.
 */
#include "nhrp/redirect.h"

#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/tunnel.h"
#include "util/memory.h"
#include "util/reader.h"

enum { IPV4_LEN = 20, IPV4_SOURCE = 12 };

/* No padding: hashed as bytes. */
struct nhrp_flow_key {
	uint32_t tunnel;
	struct addr from, to;
};

struct nhrp_flow {
	UT_hash_handle hh;
	mono quiet_until;
	struct nhrp_flow_key key;
};

enum { KEY_LEN = offsetof(struct nhrp_flow_key, to) + sizeof(struct addr) };

static bool read_flow(const struct node_event *event, struct nhrp_flow_key *ret)
{
	struct reader r = reader_over(event->hairpin.bytes, event->hairpin.len);

	if (event->hairpin.len < IPV4_LEN || event->hairpin.bytes[0] >> 4 != 4)
		return false;
	read_skip(&r, IPV4_SOURCE);
	ret->tunnel = event->hairpin.tunnel;
	ret->from = read_addr(&r, ADDR_V4_LEN);
	ret->to = read_addr(&r, ADDR_V4_LEN);
	return !addr_is_unspecified(&ret->from) && !addr_is_multicast(&ret->to);
}

static void forget_old(struct nhrp *n)
{
	struct nhrp_flow *f, *next;

	HASH_ITER (hh, n->flows, f, next) {
		if (!mono_due(f->quiet_until, n->now.mono))
			return;
		HASH_DEL(n->flows, f);
		free(f);
	}
}

/* True when the flow's sender may be told now; then it is not for a while. */
static bool take(struct nhrp *n, const struct nhrp_tunnel *t, const struct nhrp_flow_key *key)
{
	struct nhrp_flow *f;

	forget_old(n);
	HASH_FIND(hh, n->flows, key, KEY_LEN, f);
	if (f && !mono_due(f->quiet_until, n->now.mono))
		return false;
	if (!f && HASH_COUNT(n->flows) >= NHRP_FLOWS_MAX)
		return false;
	if (f)
		HASH_DEL(n->flows, f);
	else
		f = memory_new(1, sizeof *f);
	memcpy(&f->key, key, sizeof f->key);
	f->quiet_until = mono_add_s(n->now.mono, snap_nhrp_redirect_s(&t->config));
	HASH_ADD(hh, n->flows, key, KEY_LEN, f);
	return true;
}

static void put_extensions(struct nhrp_draft *d, const struct nhrp_tunnel *t)
{
	nhrp_extension_set(&d->packet, (struct nhrp_extension){ .type = NHRP_EXT_FORWARD_TRANSIT,
	                                                        .compulsory = true });
	nhrp_extension_set(&d->packet, (struct nhrp_extension){ .type = NHRP_EXT_REVERSE_TRANSIT,
	                                                        .compulsory = true });
	nhrp_auth_put(t, &d->packet);
	nhrp_extension_set(&d->packet, (struct nhrp_extension){ .type = NHRP_EXT_NAT_ADDRESS });
}

void nhrp_redirect_hairpin(struct nhrp *n, const struct node_event *event)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, event->hairpin.tunnel);
	struct nhrp_flow_key key;
	struct nhrp_draft d;

	memset(&key, 0, sizeof key);
	if (!t || !t->up || !t->config.redirect || !t->multipoint || !read_flow(event, &key) ||
	    key.from.family != t->address.addr.family)
		return;
	if (!take(n, t, &key)) {
		t->traffic.redirects_suppressed++;
		return;
	}
	nhrp_packet_start(&d, t, NHRP_TRAFFIC_INDICATION);
	d.packet.dst_proto = key.from;
	d.packet.contents = event->hairpin.bytes;
	d.packet.contents_len = event->hairpin.len < NHRP_INDICATION_CONTENTS_LEN
	                                ? event->hairpin.len
	                                : NHRP_INDICATION_CONTENTS_LEN;
	put_extensions(&d, t);
	struct nhrp_sending how = { .tunnel = t, .to = event->hairpin.from };
	nhrp_out_send(n, &how, &d.packet);
}

void nhrp_redirect_fini(struct nhrp *n)
{
	struct nhrp_flow *f, *next;

	HASH_ITER (hh, n->flows, f, next) {
		HASH_DEL(n->flows, f);
		free(f);
	}
}
