/* SPDX-License-Identifier: Apache-2.0 */
/* ISAKMP messages as lists of payloads: RFC 2408 3.1 (header), 3.2 (payloads). */
#include "ike/message.h"

#include "util/reader.h"

enum { NEXT_AT = 16, LENGTH_AT = 24 };

static uint64_t read_cookie(struct reader *r)
{
	uint64_t high = read_u32(r);

	return high << 32 | read_u32(r);
}

bool isakmp_parse_header(const uint8_t *bytes, size_t len, struct isakmp_header *ret)
{
	struct reader r = reader_over(bytes, len);
	struct isakmp_header h;

	h.icookie = read_cookie(&r);
	h.rcookie = read_cookie(&r);
	h.next = read_u8(&r);
	h.version = read_u8(&r);
	h.exchange = read_u8(&r);
	h.flags = read_u8(&r);
	h.message_id = read_u32(&r);
	h.len = read_u32(&r);
	if (r.failed || h.len < ISAKMP_HEADER_LEN || h.len > len)
		return false;
	*ret = h;
	return true;
}

bool isakmp_parse(const uint8_t *bytes, size_t len, struct isakmp_message *ret)
{
	ret->n = 0;
	if (!isakmp_parse_header(bytes, len, &ret->header))
		return false;
	struct reader r = reader_over(bytes, ret->header.len);
	read_skip(&r, ISAKMP_HEADER_LEN);
	for (uint8_t type = ret->header.next; type != ISAKMP_NONE;) {
		uint8_t next = read_u8(&r);
		uint8_t reserved = read_u8(&r);
		size_t whole = read_u16(&r);
		if (r.failed || reserved || whole < ISAKMP_PAYLOAD_HEADER_LEN ||
		    ret->n == ISAKMP_PAYLOADS_MAX)
			return false;
		struct isakmp_payload *p = &ret->payload[ret->n++];
		p->type = type;
		p->len = whole - ISAKMP_PAYLOAD_HEADER_LEN;
		p->body = read_bytes(&r, p->len);
		if (r.failed)
			return false;
		type = next;
	}
	ret->used = (size_t)(r.at - bytes);
	return ret->n > 0;
}

const struct isakmp_payload *isakmp_find(const struct isakmp_message *m, uint8_t type)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->payload[i].type == type)
			return &m->payload[i];
	return NULL;
}

static void write_cookie(struct writer *w, uint64_t cookie)
{
	write_u32(w, (uint32_t)(cookie >> 32));
	write_u32(w, (uint32_t)cookie);
}

void isakmp_begin(struct isakmp_builder *b, void *bytes, size_t size,
                  const struct isakmp_header *header)
{
	*b = (struct isakmp_builder){ .w = writer_over(bytes, size), .next_at = NEXT_AT };
	write_cookie(&b->w, header->icookie);
	write_cookie(&b->w, header->rcookie);
	write_u8(&b->w, ISAKMP_NONE);
	write_u8(&b->w, ISAKMP_VERSION_1);
	write_u8(&b->w, header->exchange);
	write_u8(&b->w, header->flags);
	write_u32(&b->w, header->message_id);
	write_u32(&b->w, 0);
}

void isakmp_open(struct isakmp_builder *b, uint8_t type)
{
	if (!b->w.failed)
		b->w.start[b->next_at] = type;
	b->begin_at = b->next_at = writer_len(&b->w);
	write_zero(&b->w, ISAKMP_PAYLOAD_HEADER_LEN);
}

void isakmp_close(struct isakmp_builder *b)
{
	size_t len = writer_len(&b->w) - b->begin_at;

	if (len > UINT16_MAX)
		b->w.failed = true;
	write_u16_at(&b->w, b->begin_at + 2, (uint16_t)len);
}

void isakmp_add(struct isakmp_builder *b, uint8_t type, const void *body, size_t len)
{
	isakmp_open(b, type);
	write_bytes(&b->w, body, len);
	isakmp_close(b);
}

size_t isakmp_end(struct isakmp_builder *b, size_t block)
{
	size_t over = (writer_len(&b->w) - ISAKMP_HEADER_LEN) % block;

	if (over)
		write_zero(&b->w, block - over);
	size_t len = writer_len(&b->w);
	if (b->w.failed || len > UINT16_MAX)
		return 0;
	write_u16_at(&b->w, LENGTH_AT, 0);
	write_u16_at(&b->w, LENGTH_AT + 2, (uint16_t)len);
	return len;
}
