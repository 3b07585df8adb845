/* SPDX-License-Identifier: Apache-2.0 */
#include "gre/gre.h"

#include "util/checksum.h"
#include "util/reader.h"
#include "util/writer.h"

/* The first 16 bits of the header. */
enum {
	FLAG_CHECKSUM = 0x8000,
	FLAG_KEY = 0x2000,
	FLAG_SEQUENCE = 0x1000,
	VERSION_MASK = 0x0007,
	/* RFC 2784 2.3: of the reserved bits 1 to 5 refuse the packet, 6 to 12 are ignored. */
	RESERVED_MASK = 0x4c00,
};

enum gre_error gre_parse(const uint8_t *bytes, size_t len, struct gre_header *ret, size_t *ret_len)
{
	struct reader r = reader_over(bytes, len);
	uint16_t flags = read_u16(&r);
	struct gre_header h = {
		.proto = read_u16(&r),
		.has_checksum = flags & FLAG_CHECKSUM,
		.has_key = flags & FLAG_KEY,
		.has_sequence = flags & FLAG_SEQUENCE,
	};

	if (r.failed)
		return GRE_SHORT;
	if (flags & VERSION_MASK)
		return GRE_VERSION;
	if (flags & RESERVED_MASK)
		return GRE_RESERVED;
	if (h.has_checksum)
		read_skip(&r, 4); /* checksum, Reserved1 */
	if (h.has_key)
		h.key = read_u32(&r);
	if (h.has_sequence)
		h.sequence = read_u32(&r);
	if (r.failed)
		return GRE_SHORT;
	if (h.has_checksum && checksum(bytes, len) != 0)
		return GRE_CHECKSUM;
	*ret = h;
	*ret_len = len - reader_left(&r);
	return GRE_OK;
}

size_t gre_build(const struct gre_header *header, uint8_t *bytes)
{
	struct writer w = writer_over(bytes, GRE_LEN_KEYED);

	write_u16(&w, header->has_key ? FLAG_KEY : 0);
	write_u16(&w, header->proto);
	if (header->has_key)
		write_u32(&w, header->key);
	return writer_len(&w);
}
