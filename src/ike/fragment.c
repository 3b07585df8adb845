/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cisco's fragmentation: each fragment is a message of its own with the cookies of the IKE SA and
 * one payload of type 132: the fragments' id (16 bits), the number of this one from 1 on, and
 * whether it is the last. An IKE SA puts together one message at a time; that of a new id replaces
 * it.
 */
#include "ike/fragment.h"

#include <string.h>

#include "ike/out.h"
#include "ike/receive.h"
#include "ike/sa.h"
#include "util/check.h"
#include "util/memory.h"
#include "util/reader.h"

void ike_fragments_free(struct ike_fragments *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < IKE_FRAGMENTS_MAX; i++)
		free(f->piece[i]);
	free(f);
}

void ike_fragment_send(struct ike *ike, const struct node_ike_path *path,
                       struct crypto_part message, uint16_t id)
{
	enum { HEAD_LEN = ISAKMP_HEADER_LEN + ISAKMP_PAYLOAD_HEADER_LEN + 4 };
	const size_t piece_max = IKE_FRAGMENT_LEN - HEAD_LEN;
	struct reader rest = reader_over(message.bytes, message.len);
	struct isakmp_header header;
	uint8_t bytes[IKE_FRAGMENT_LEN];

	check(isakmp_parse_header(message.bytes, message.len, &header));
	header.flags = 0; /* of the pieces: none is encrypted by itself */
	for (uint8_t number = 1; reader_left(&rest); number++) {
		size_t left = reader_left(&rest), len = left < piece_max ? left : piece_max;
		struct isakmp_builder b;
		isakmp_begin(&b, bytes, sizeof bytes, &header);
		isakmp_open(&b, ISAKMP_FRAGMENT);
		write_u16(&b.w, id);
		write_u8(&b.w, number);
		write_u8(&b.w, len == left);
		write_bytes(&b.w, read_bytes(&rest, len), len);
		isakmp_close(&b);
		ike_out_send(ike, path, bytes, isakmp_end(&b, 1));
	}
}

static enum ike_drop deliver(struct ike *ike, struct ike_sa *sa, const struct node_event *event)
{
	struct ike_fragments *f = sa->fragments;
	struct node_event whole = *event;
	size_t len = 0;

	for (size_t i = 0; i < f->last; i++)
		len += f->len[i];
	uint8_t *bytes = memory_new(1, len ? len : 1);
	len = 0;
	for (size_t i = 0; i < f->last; i++) {
		memcpy(bytes + len, f->piece[i], f->len[i]);
		len += f->len[i];
	}
	ike_fragments_free(f);
	sa->fragments = NULL;
	whole.ike.bytes = bytes;
	whole.ike.len = len;
	struct isakmp_header header;
	enum ike_drop drop = IKE_DROP_MALFORMED;
	if (isakmp_parse_header(bytes, len, &header) && header.next != ISAKMP_FRAGMENT)
		drop = ike_receive(ike, &whole);
	free(bytes);
	return drop;
}

enum ike_drop ike_fragment_receive(struct ike *ike, const struct node_event *event,
                                   const struct isakmp_header *header)
{
	struct ike_sa *sa = ike_sa_find(ike, header->icookie, header->rcookie);
	struct isakmp_message m;

	if (!sa)
		return IKE_DROP_NO_SA;
	if (!isakmp_parse(event->ike.bytes, event->ike.len, &m))
		return IKE_DROP_MALFORMED;
	struct reader r = reader_over(m.payload[0].body, m.payload[0].len);
	uint16_t id = read_u16(&r);
	uint8_t number = read_u8(&r);
	bool last = read_u8(&r) & 1;
	if (r.failed || number == 0 || number > IKE_FRAGMENTS_MAX)
		return IKE_DROP_MALFORMED;
	struct ike_fragments *f = sa->fragments;
	if (!f || f->id != id) {
		ike_fragments_free(f);
		f = sa->fragments = memory_new(1, sizeof *f);
		f->id = id;
	}
	if (f->n_bytes + reader_left(&r) > IKE_MESSAGE_MAX)
		return IKE_DROP_MALFORMED;
	if (last)
		f->last = number;
	if (!f->piece[number - 1]) {
		f->len[number - 1] = (uint16_t)reader_left(&r);
		f->piece[number - 1] = memory_new(1, reader_left(&r) + 1);
		memcpy(f->piece[number - 1], r.at, reader_left(&r));
		f->n_bytes += reader_left(&r);
	}
	for (size_t i = 0; i < f->last; i++)
		if (!f->piece[i])
			return IKE_DROP_NONE;
	return f->last ? deliver(ike, sa, event) : IKE_DROP_NONE;
}
