/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hub in clear that was killed and has lost its state knows none of its clients, and they do not
 * notice: they register a third of their holding time later. But they go on sending, and a sender
 * that is no peer is seen by the data plane. It gets an Error Indication with the head of its
 * packet, "protocol address unreachable" (RFC 2332 5.2.7, code 6), since that is what it is here.
 * From its server that tells a client of ours to register at once; to others, IOS and FRR among
 * them, it is a line in a debug log.
 *
 * Only by a router without servers, which nobody else could answer for. Whose packet it is does not
 * matter: a spoke sends for the network behind it as well, and is told as for itself, since it is
 * the NBMA address that we answer. Only a tunnel address that is known here is none to complain
 * of. Anyone can forge both ends of this, so each address is told once in NHRP_STRANGER_S, so many
 * addresses in all, and a client registers once in NHRP_FORGOTTEN_S for it.
 */
#include "nhrp/stranger.h"

#include <string.h>

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/tunnel.h"
#include "util/memory.h"
#include "util/reader.h"

enum { IPV4_LEN = 20, IPV4_SOURCE = 12 };

/* No padding: hashed as bytes. */
struct nhrp_stranger_key {
	uint32_t tunnel;
	struct addr nbma;
};

struct nhrp_stranger {
	UT_hash_handle hh;
	mono quiet_until;
	struct nhrp_stranger_key key;
};

enum { KEY_LEN = offsetof(struct nhrp_stranger_key, nbma) + sizeof(struct addr) };

static void forget_old(struct nhrp *n)
{
	struct nhrp_stranger *s, *next;

	HASH_ITER (hh, n->strangers, s, next) {
		if (!mono_due(s->quiet_until, n->now.mono))
			return;
		HASH_DEL(n->strangers, s);
		free(s);
	}
}

/* True when the sender may be told now; then it is not for a while. */
static bool take(struct nhrp *n, const struct nhrp_tunnel *t, const struct addr *nbma)
{
	struct nhrp_stranger_key key;
	struct nhrp_stranger *s;

	memset(&key, 0, sizeof key);
	key.tunnel = t->number;
	key.nbma = *nbma;
	forget_old(n);
	HASH_FIND(hh, n->strangers, &key, KEY_LEN, s);
	if (s || HASH_COUNT(n->strangers) >= NHRP_STRANGERS_MAX)
		return false;
	s = memory_new(1, sizeof *s);
	memcpy(&s->key, &key, sizeof s->key);
	s->quiet_until = mono_add_s(n->now.mono, NHRP_STRANGER_S);
	HASH_ADD(hh, n->strangers, key, KEY_LEN, s);
	return true;
}

static bool read_source(const uint8_t *bytes, size_t len, struct addr *ret)
{
	struct reader r = reader_over(bytes, len);

	if (len < IPV4_LEN || bytes[0] >> 4 != 4)
		return false;
	read_skip(&r, IPV4_SOURCE);
	*ret = read_addr(&r, ADDR_V4_LEN);
	return true;
}

/* An address of the tunnel's network that somebody has here, perhaps we. */
static bool is_known(const struct nhrp *n, const struct nhrp_tunnel *t, const struct addr *a)
{
	const struct nhrp_entry *e = nhrp_cache_match(n, t, a);

	return prefix_contains(&t->address, a) &&
	       (addr_equal(a, &t->address.addr) || (e && nhrp_entry_is_path(e)));
}

void nhrp_stranger(struct nhrp *n, const struct node_event *event)
{
	const uint8_t *bytes = event->hairpin.bytes;
	size_t len = event->hairpin.len;
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, event->hairpin.tunnel);
	struct addr source;
	struct nhrp_draft d;

	if (!t || !t->up || t->protected || !t->multipoint || t->n_nhs ||
	    !read_source(bytes, len, &source) || is_known(n, t, &source))
		return;
	if (!take(n, t, &event->hairpin.from)) {
		t->traffic.drops[DROP_TOLD]++;
		return;
	}
	nhrp_packet_start(&d, t, NHRP_ERROR_INDICATION);
	d.packet.dst_proto = source;
	d.packet.error = NHRP_ERROR_UNREACHABLE;
	d.packet.error_offset = 0;
	d.packet.contents = bytes;
	d.packet.contents_len =
		len < NHRP_INDICATION_CONTENTS_LEN ? len : NHRP_INDICATION_CONTENTS_LEN;
	nhrp_out_send(n, &(struct nhrp_sending){ .tunnel = t, .to = event->hairpin.from },
	              &d.packet);
}

/* An NHRP packet does not begin as one of IPv4 does: there is its address family. */
bool nhrp_stranger_error(struct nhrp *n, const struct nhrp_received *rx)
{
	struct nhrp_tunnel *t = rx->tunnel;
	struct addr source;

	if (rx->packet.error != NHRP_ERROR_UNREACHABLE ||
	    !read_source(rx->packet.contents, rx->packet.contents_len, &source))
		return false;
	if (t->protected || !nhrp_client_forgotten(n, t, &rx->from))
		t->traffic.drops[DROP_TOLD]++;
	return true;
}

void nhrp_stranger_fini(struct nhrp *n)
{
	struct nhrp_stranger *s, *next;

	HASH_ITER (hh, n->strangers, s, next) {
		HASH_DEL(n->strangers, s);
		free(s);
	}
}
