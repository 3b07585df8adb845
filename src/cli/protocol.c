/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control protocol's frames. One row a type says which fields it has; encoder and decoder
 * follow it.
 */
#include "cli/protocol.h"

#include <string.h>

#include "util/check.h"
#include "util/reader.h"
#include "util/writer.h"

enum field { FIELD_VERSION = 1, FIELD_FLAGS = 2, FIELD_PAGE_LINES = 4, FIELD_TEXT = 8 };
enum { FIELDS_MAX_LEN = 2 + 1 + 2 };

static const uint8_t type_fields[] = {
	[PROTOCOL_HELLO] = FIELD_VERSION | FIELD_FLAGS,
	[PROTOCOL_EXEC] = FIELD_TEXT,
	[PROTOCOL_HELP] = FIELD_TEXT,
	[PROTOCOL_COMPLETE] = FIELD_TEXT,
	[PROTOCOL_INTERRUPT] = FIELD_FLAGS,
	[PROTOCOL_READY] = FIELD_FLAGS | FIELD_PAGE_LINES | FIELD_TEXT,
	[PROTOCOL_OUTPUT] = FIELD_TEXT,
	[PROTOCOL_LOG] = FIELD_TEXT,
	[PROTOCOL_BYE] = FIELD_TEXT,
};

static size_t fields_len(uint8_t fields)
{
	return (size_t)(fields & FIELD_VERSION ? 2 : 0) + (fields & FIELD_FLAGS ? 1 : 0) +
	       (fields & FIELD_PAGE_LINES ? 2 : 0);
}

static void encode_one(const struct protocol_message *m, struct strbuf *out)
{
	uint8_t head[PROTOCOL_HEADER_LEN + FIELDS_MAX_LEN];
	struct writer w = writer_over(head, sizeof head);
	const uint8_t fields = type_fields[m->type];
	const size_t text_len = fields & FIELD_TEXT ? m->text_len : 0;

	write_u8(&w, (uint8_t)m->type);
	write_zero(&w, 3);
	write_u32(&w, (uint32_t)(fields_len(fields) + text_len));
	if (fields & FIELD_VERSION)
		write_u16(&w, m->version);
	if (fields & FIELD_FLAGS)
		write_u8(&w, m->flags);
	if (fields & FIELD_PAGE_LINES)
		write_u16(&w, m->page_lines);
	check(!w.failed);
	strbuf_add(out, (const char *)head, writer_len(&w));
	if (text_len)
		strbuf_add(out, m->text, text_len);
}

void protocol_encode(const struct protocol_message *message, struct strbuf *out)
{
	struct protocol_message part = *message;
	size_t left = message->text_len;

	if (message->type != PROTOCOL_OUTPUT) {
		encode_one(message, out);
		return;
	}
	while (left) {
		part.text_len = left < PROTOCOL_OUTPUT_MAX ? left : PROTOCOL_OUTPUT_MAX;
		encode_one(&part, out);
		part.text += part.text_len;
		left -= part.text_len;
	}
}

static bool decode_body(struct reader *body, struct protocol_message *m)
{
	const uint8_t fields = type_fields[m->type];

	if (fields & FIELD_VERSION)
		m->version = read_u16(body);
	if (fields & FIELD_FLAGS) {
		m->flags = read_u8(body);
		if (m->flags > PROTOCOL_FLAGS_ALL)
			return false;
	}
	if (fields & FIELD_PAGE_LINES)
		m->page_lines = read_u16(body);
	if (body->failed)
		return false;
	if (fields & FIELD_TEXT) {
		m->text_len = reader_left(body);
		m->text = (const char *)read_bytes(body, m->text_len);
	}
	return reader_left(body) == 0;
}

enum protocol_result protocol_decode(const void *bytes, size_t len, size_t body_max,
                                     struct protocol_message *ret)
{
	struct reader r = reader_over(bytes, len);
	const uint8_t type = read_u8(&r);
	const uint8_t zero = read_u8(&r);
	const uint16_t zeroes = read_u16(&r);
	const uint32_t body_len = read_u32(&r);

	if (r.failed)
		return PROTOCOL_MORE;
	if (type < PROTOCOL_HELLO || type > PROTOCOL_BYE || zero || zeroes || body_len > body_max)
		return PROTOCOL_BAD;
	struct reader body = read_sub(&r, body_len);
	if (r.failed)
		return PROTOCOL_MORE;

	struct protocol_message m = { .type = type };
	if (!decode_body(&body, &m))
		return PROTOCOL_BAD;
	m.frame_len = PROTOCOL_HEADER_LEN + body_len;
	*ret = m;
	return PROTOCOL_MESSAGE;
}
