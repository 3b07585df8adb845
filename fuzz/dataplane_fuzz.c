/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both burst steps of the data plane on any bytes. The input is records: flags, length, bytes. A
 * record is a frame from the TAP or a packet from the wire; with PLAUSIBLE it gets the MAC, or the
 * outer header, that leads on to the parts behind. PROTECTED ones are for a tunnel whose packets
 * come sealed, in datagrams of UDP or plain; PLAUSIBLE ones are sealed here, as a peer with the
 * right keys would. What comes out is checked.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "dataplane/forward.h"
#include "dataplane/icmp.h"
#include "dataplane/open.h"
#include "dataplane/receive.h"
#include "util/check.h"
#include "util/checksum.h"
#include "util/memory.h"
#include "util/reader.h"

enum {
	FROM_WIRE = 1,
	PLAUSIBLE = 2,
	NEXT_BURST = 4,
	PROTECTED = 8,
	PLAIN = 16,       /* ESP right in IP */
	PIECES_SHIFT = 5, /* from there on: how many pieces a row of datagrams has, less one */
	ENDS = 2,         /* transport and tunnel mode */
};

struct fixture {
	struct tables *tables;
	struct slot *slot, *protected;
	struct crypto *crypto;
	struct esp_library *library;
	struct esp_engine *engine;
	struct esp_sa *peer[ENDS]; /* what the peer seals with */
	struct open open;
	struct seal seal;
	struct punt_ring punts;
	struct forward forward;
	struct receive receive;
	uint8_t mac[DP_MAC_LEN], protected_mac[DP_MAC_LEN];
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void on_send(void *ctx, struct tx_packet *packets, unsigned n)
{
	(void)ctx;
	check(n <= FORWARD_BURST);
	for (unsigned i = 0; i < n; i++) {
		struct tx_packet *p = &packets[i];
		check(p->head_len <= (p->sa ? ENCAP_HEAD_SEALED : sizeof p->own_head));
		check(encap_outer_len(p) <= OUTER_MAX);
		check(checksum(encap_head(p) + OUTER_OFFSET, IPV4_LEN) == 0);
		check(!p->sa == !p->slot->tunnel->config.protected);
		check(p->proto == (p->sa ? IP_PROTO_ESP : IP_PROTO_GRE));
		checksum_add(0, p->payload, p->payload_len);
	}
}

static void on_icmp(void *ctx, const uint8_t *packet, size_t len)
{
	struct inner in;

	(void)ctx;
	check(len <= ICMP_TOO_BIG_MAX && inner_parse(packet, len, &in) && in.len == len);
}

static void on_multicast(void *ctx, struct slot *slot, const uint8_t *frame, size_t len)
{
	(void)ctx;
	(void)slot;
	checksum_add(0, frame, len);
}

static void on_write(void *ctx, struct slot *slot, const struct iovec *iov, int n_iov)
{
	size_t len = 0;

	(void)ctx;
	(void)slot;
	for (int i = 0; i < n_iov; i++) {
		len += iov[i].iov_len;
		checksum_add(0, iov[i].iov_base, iov[i].iov_len);
	}
	check(len > VNET_LEN + ETH_LEN && len <= FORWARD_FRAME_MAX);
}

static bool on_hand_over(void *ctx, unsigned worker, const struct mail *mail)
{
	(void)ctx;
	check(worker == 1);
	checksum_add(0, mail->bytes, mail->len);
	return false;
}

/* SAs for one mode: what the peer seals with, ours to open that, ours to seal with. */
static void add_sas(struct fixture *x, enum esp_mode mode)
{
	static const uint8_t key[ESP_AUTH_KEY_MAX];
	enum esp_sa_error error;
	struct dp_sa sa = {
		.id = 1 + 2 * (uint32_t)mode,
		.tunnel = 1,
		.local = addr_v4(192, 0, 2, 3),
		.nbma = addr_v4(192, 0, 2, 2),
		.remote = addr_v4(192, 0, 2, 2),
		.inner_local = addr_v4(10, 0, 0, 2),
		.inner_remote = addr_v4(10, 0, 0, 1),
		.config = { .spi = 0x41414140 + (uint32_t)mode,
		            .mode = mode,
		            .cipher = mode == ESP_TUNNEL ? ESP_NULL : ESP_GCM128,
		            .auth = mode == ESP_TUNNEL ? ESP_SHA1_96 : ESP_AUTH_NONE,
		            .cipher_key = key,
		            .auth_key = key,
		            .iv_key = key },
	};

	sa_table_add(&x->tables->sas, &sa, esp_sa_new(x->library, &sa.config, &error), 0);
	sa.config.outbound = true;
	x->peer[mode] = esp_sa_new(x->library, &sa.config, &error);
	sa.id++;
	sa.udp_port = mode == ESP_TUNNEL ? DP_NAT_PORT : 0;
	sa_table_add(&x->tables->sas, &sa, esp_sa_new(x->library, &sa.config, &error), 0);
	tables_protect(x->tables, 1, &sa.nbma, sa_table_by_id(&x->tables->sas, sa.id));
}

static struct slot *add_tunnel(struct fixture *x, const struct dp_tunnel *tunnel, uint8_t *ret_mac)
{
	struct slot *slot = tables_slot_new(x->tables, tunnel->number);
	const struct addr peer = addr_v4(192, 0, 2, 2);

	tables_set(x->tables, slot, tunnel);
	tables_adjacency_add(x->tables, slot, &peer, ret_mac);
	return slot;
}

static struct fixture *fixture_new(void)
{
	struct fixture *x = memory_new(1, sizeof *x);
	struct dp_tunnel tunnel = {
		.source = addr_v4(192, 0, 2, 1),
		.up = true,
		.mtu_bytes = 1400,
		.mss_bytes = 1360,
		.icmp_source = addr_v4(10, 0, 0, 1),
	};

	x->tables = tables_new(1);
	x->crypto = crypto_new();
	x->library = esp_library_new(x->crypto, true);
	x->engine = esp_engine_new(x->library);
	open_init(&x->open, x->engine);
	seal_init(&x->seal, x->engine);
	x->slot = add_tunnel(x, &tunnel, x->mac);
	tunnel.number = 1;
	tunnel.source = addr_v4(192, 0, 2, 3);
	tunnel.protected = true;
	x->protected = add_tunnel(x, &tunnel, x->protected_mac);
	for (unsigned i = 0; i < ENDS; i++)
		add_sas(x, (enum esp_mode)i);
	punt_ring_init(&x->punts);
	x->forward.tables = x->receive.tables = x->tables;
	x->forward.punts = x->receive.punts = &x->punts;
	x->forward.seal = &x->seal;
	x->receive.open = &x->open;
	x->forward.send = on_send;
	x->forward.icmp = on_icmp;
	x->forward.multicast = on_multicast;
	x->forward.hand_over = x->receive.hand_over = on_hand_over;
	x->receive.coalesce.write = on_write;
	return x;
}

/* A record sealed by the peer, OPEN_HEADROOM bytes into a block as long as it must be. */
static uint8_t *seal_record(struct fixture *x, uint8_t *record, size_t *len, unsigned pieces)
{
	size_t piece_len = *len / pieces, room = ESP_HEADROOM + piece_len + ESP_TAILROOM;
	uint8_t *row = memory_new(1, OPEN_HEADROOM + pieces * room), *piece = memory_new(1, room);
	size_t row_len = OPEN_HEADROOM;

	for (unsigned i = 0; i < pieces; i++) {
		enum esp_mode mode = *len && record[0] & 1 ? ESP_TUNNEL : ESP_TRANSPORT;
		struct esp_packet e = {
			.sa = x->peer[mode],
			.bytes = piece + ESP_HEADROOM,
			.len = piece_len,
			.headroom = ESP_HEADROOM,
			.tailroom = ESP_TAILROOM,
			.next_header = mode == ESP_TUNNEL ? IP_PROTO_IPIP : IP_PROTO_GRE,
		};
		memcpy(e.bytes, record + i * piece_len, piece_len);
		esp_seal(x->engine, &e, 1);
		if (e.drop == ESP_DROP_NONE) {
			memcpy(row + row_len, e.bytes, e.len);
			row_len += e.len;
		}
	}
	free(piece);
	free(record);
	*len = row_len - OPEN_HEADROOM;
	return memory_resize(row, 1, row_len);
}

static uint8_t *with_headroom(uint8_t *record, size_t len)
{
	uint8_t *row = memory_new(1, OPEN_HEADROOM + len);

	memcpy(row + OPEN_HEADROOM, record, len);
	free(record);
	return row;
}

/* Returns the block that the record lies in now. */
static uint8_t *esp_record(struct fixture *x, uint8_t *record, size_t len, unsigned flags)
{
	unsigned pieces = 1 + (flags >> PIECES_SHIFT);
	uint8_t *row = flags & PLAUSIBLE ? seal_record(x, record, &len, pieces)
	                                 : with_headroom(record, len);
	const struct arrival a = {
		.bytes = row + OPEN_HEADROOM,
		.len = len,
		.from = addr_v4(192, 0, 2, 2),
		.to = addr_v4(192, 0, 2, 3),
		.udp_port = DP_NAT_PORT,
	};

	x->receive.now_ns += 100000000;
	if (flags & PLAIN)
		open_packet(&x->receive, a.bytes, a.len);
	else if (len)
		open_datagrams(&x->receive, &a, len < pieces ? 1 : len / pieces);
	return row;
}

static void wire_record(struct fixture *x, uint8_t *record, size_t len, bool plausible)
{
	const uint8_t outer[IPV4_LEN] = { 0x45,
		                          0,
		                          (uint8_t)(len >> 8),
		                          (uint8_t)len,
		                          0,
		                          0,
		                          0,
		                          0,
		                          255,
		                          IP_PROTO_GRE,
		                          0,
		                          0,
		                          192,
		                          0,
		                          2,
		                          2,
		                          192,
		                          0,
		                          2,
		                          1 };

	if (plausible && len >= sizeof outer)
		memcpy(record, outer, sizeof outer);
	receive_packet(&x->receive, record, len);
}

/* Returns the block that the record lies in now: with room around it where that is written to. */
static uint8_t *tap_record(struct fixture *x, uint8_t *record, size_t len, unsigned flags)
{
	bool protected = flags & PROTECTED;
	uint8_t *block = record;

	if (protected) {
		block = memory_new(1, FORWARD_HEADROOM + len + FORWARD_TAILROOM);
		memcpy(block + FORWARD_HEADROOM, record, len);
		free(record);
		record = block + FORWARD_HEADROOM;
	}
	if (flags & PLAUSIBLE && len >= VNET_LEN + ETH_LEN)
		memcpy(record + VNET_LEN, protected ? x->protected_mac : x->mac, DP_MAC_LEN);
	x->forward.now_ns += 1000000;
	forward_frame(&x->forward, protected ? x->protected : x->slot, record, len);
	return block;
}

static uint8_t *take_record(struct fixture *x, uint8_t *record, size_t len, unsigned flags)
{
	if (flags & FROM_WIRE && flags & PROTECTED)
		return esp_record(x, record, len, flags);
	if (!(flags & FROM_WIRE))
		return tap_record(x, record, len, flags);
	wire_record(x, record, len, flags & PLAUSIBLE);
	return record;
}

static void flush(struct fixture *x)
{
	forward_flush(&x->forward);
	open_flush(&x->receive);
	receive_flush(&x->receive);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	enum { RECORDS = 32 };
	static struct fixture *x; /* made once: waiting for RCU would take most of the time */
	struct reader r = reader_over(bytes, len);
	uint8_t *record[RECORDS];
	unsigned n = 0;

	if (!x)
		x = fixture_new();
	while (n < RECORDS && reader_left(&r) > 3) {
		uint8_t flags = read_u8(&r);
		size_t wanted = read_u16(&r), left = reader_left(&r);
		size_t size = wanted < left ? wanted : left;
		/* A block of its own, so that a sanitizer sees every byte too far. */
		record[n] = memory_new(1, size + 1);
		memcpy(record[n], read_bytes(&r, size), size);
		record[n] = memory_resize(record[n], 1, size ? size : 1);
		record[n] = take_record(x, record[n], size, flags);
		n++;
		if (flags & NEXT_BURST)
			flush(x);
	}
	flush(x);
	while (n > 0)
		free(record[--n]);
	while (punt_ring_peek(&x->punts))
		punt_ring_pop(&x->punts);
	return 0;
}
