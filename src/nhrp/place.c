/* SPDX-License-Identifier: Apache-2.0 */
/* The codec of places. Pure functions; any thread. */
#include "nhrp/place.h"

#include "util/reader.h"
#include "util/writer.h"

enum { ATTRIBUTE_PLACE = 1 };

static bool is_ours(const struct nhrp_extension *ext)
{
	struct reader r = reader_over(ext->value, ext->value_len);
	uint32_t oui = (uint32_t)read_u8(&r) << 16;

	oui |= read_u16(&r);
	return ext->type == NHRP_EXT_VENDOR && !r.failed && oui == NHRP_OUI_PLACE;
}

const struct nhrp_extension *nhrp_place_extension(const struct nhrp_packet *packet)
{
	for (size_t i = 0; i < packet->n_ext; i++)
		if (is_ours(&packet->ext[i]))
			return &packet->ext[i];
	return NULL;
}

static bool read_place(struct reader *r, struct nhrp_place *ret)
{
	ret->place.port = read_u16(r);
	ret->place.addr = read_addr(r, read_u8(r));
	ret->proto = read_addr(r, reader_left(r));
	return !r->failed && ret->place.port && !addr_is_none(&ret->place.addr) &&
	       !addr_is_none(&ret->proto);
}

int nhrp_place_read(const struct nhrp_extension *ext, struct nhrp_place *ret, size_t max)
{
	struct reader r = reader_over(ext->value, ext->value_len);
	size_t n = 0;

	if (!is_ours(ext))
		return 0;
	read_skip(&r, NHRP_OUI_LEN);
	while (reader_left(&r)) {
		struct nhrp_place place;
		uint8_t type = read_u8(&r);
		struct reader value = read_sub(&r, read_u8(&r));
		if (r.failed || (type == ATTRIBUTE_PLACE && !read_place(&value, &place)))
			return -1;
		if (type == ATTRIBUTE_PLACE && n < max)
			ret[n++] = place;
	}
	return (int)n;
}

size_t nhrp_place_build(const struct nhrp_place *place, uint8_t *bytes, size_t size)
{
	struct writer w = writer_over(bytes, size);
	size_t addr_bytes = addr_len(&place->place.addr), proto_bytes = addr_len(&place->proto);

	write_u8(&w, ATTRIBUTE_PLACE);
	write_u8(&w, (uint8_t)(3 + addr_bytes + proto_bytes));
	write_u16(&w, place->place.port);
	write_u8(&w, (uint8_t)addr_bytes);
	write_addr(&w, &place->place.addr);
	write_addr(&w, &place->proto);
	return w.failed ? 0 : writer_len(&w);
}
