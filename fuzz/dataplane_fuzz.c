/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both burst steps of the data plane on any bytes. The input is records: flags, length, bytes. A
 * record is a frame from the TAP or a packet from the wire; with PLAUSIBLE it gets the MAC, or the
 * outer header, that leads on to the parts behind. What comes out is checked.
 */
#include <stdlib.h>
#include <string.h>

#include "dataplane/forward.h"
#include "dataplane/icmp.h"
#include "dataplane/receive.h"
#include "util/check.h"
#include "util/checksum.h"
#include "util/memory.h"
#include "util/reader.h"

enum { FROM_WIRE = 1, PLAUSIBLE = 2, NEXT_BURST = 4 };

struct fixture {
	struct tables *tables;
	struct slot *slot;
	struct punt_ring punts;
	struct forward forward;
	struct receive receive;
	uint8_t mac[DP_MAC_LEN];
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void on_send(void *ctx, struct tx_packet *packets, unsigned n)
{
	(void)ctx;
	check(n <= FORWARD_BURST);
	for (unsigned i = 0; i < n; i++) {
		const struct tx_packet *p = &packets[i];
		check(p->head_len <= sizeof p->head && encap_outer_len(p) <= OUTER_MAX);
		check(checksum(p->head + OUTER_OFFSET, IPV4_LEN) == 0);
		checksum_add(0, p->payload, p->payload_len);
	}
}

static void on_icmp(void *ctx, const uint8_t *packet, size_t len)
{
	struct inner in;

	(void)ctx;
	check(len <= ICMP_TOO_BIG_MAX && inner_parse(packet, len, &in) && in.len == len);
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

static struct fixture *fixture_new(void)
{
	struct fixture *x = memory_new(1, sizeof *x);
	const struct dp_tunnel tunnel = {
		.source = addr_v4(192, 0, 2, 1),
		.up = true,
		.mtu_bytes = 1400,
		.mss_bytes = 1360,
		.icmp_source = addr_v4(10, 0, 0, 1),
	};
	const struct addr peer = addr_v4(192, 0, 2, 2);

	x->tables = tables_new(1);
	x->slot = tables_slot_new(x->tables, 0);
	tables_set(x->tables, x->slot, &tunnel);
	tables_adjacency_add(x->tables, x->slot, &peer, x->mac);
	punt_ring_init(&x->punts);
	x->forward.tables = x->receive.tables = x->tables;
	x->forward.punts = x->receive.punts = &x->punts;
	x->forward.send = on_send;
	x->forward.icmp = on_icmp;
	x->receive.coalesce.write = on_write;
	return x;
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

static void tap_record(struct fixture *x, uint8_t *record, size_t len, bool plausible)
{
	if (plausible && len >= VNET_LEN + ETH_LEN)
		memcpy(record + VNET_LEN, x->mac, DP_MAC_LEN);
	x->forward.now_ns += 1000000;
	forward_frame(&x->forward, x->slot, record, len);
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
		(flags & FROM_WIRE ? wire_record : tap_record)(x, record[n++], size,
		                                               flags & PLAUSIBLE);
		if (flags & NEXT_BURST) {
			forward_flush(&x->forward);
			receive_flush(&x->receive);
		}
	}
	forward_flush(&x->forward);
	receive_flush(&x->receive);
	while (n > 0)
		free(record[--n]);
	while (punt_ring_peek(&x->punts))
		punt_ring_pop(&x->punts);
	return 0;
}
