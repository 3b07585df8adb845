/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving GRE over IPv4: RFC 2784, RFC 2890, RFC 6040. Pure functions, called by the workers. */
#include "dataplane/decap.h"

#include "dataplane/bytes.h"
#include "dataplane/inner.h"
#include "util/checksum.h"

bool decap_gre_full(uint8_t *bytes, size_t len, struct decap *ret, enum dp_drop *ret_drop)
{
	size_t gre_len;

	*ret_drop = DP_DROP_GRE;
	if (gre_parse(bytes, len, &ret->gre, &gre_len) != GRE_OK)
		return false;
	ret->payload = bytes + gre_len;
	ret->payload_len = len - gre_len;
	return true;
}

bool decap_parse(uint8_t *bytes, size_t len, struct decap *ret, enum dp_drop *ret_drop)
{
	struct inner outer;

	*ret_drop = DP_DROP_GRE;
	if (!inner_is_v4(bytes, len) || !inner_parse_v4(bytes, len, &outer) ||
	    outer.proto != IP_PROTO_GRE || outer.fragment)
		return false;
	ret->from = addr_from_bytes(ADDR_V4, bytes + 12);
	ret->to = addr_from_bytes(ADDR_V4, bytes + 16);
	ret->tos = outer.tos;
	return decap_gre(bytes + outer.l4_offset, outer.len - outer.l4_offset, ret, ret_drop);
}

bool decap_mark_congestion(uint8_t *packet, uint8_t family)
{
	uint16_t word = bytes_u16(packet);
	unsigned shift = family == ADDR_V4 ? 0 : 4;
	if (!(word >> shift & ECN_MASK))
		return false;
	uint16_t marked = (uint16_t)(word | ECN_CE << shift);
	if (family == ADDR_V4 && marked != word) {
		uint32_t sum = (uint16_t)~bytes_u16(packet + 10); /* RFC 1624, equation 3 */
		sum += (uint16_t)~word;
		sum += marked;
		bytes_set_u16(packet + 10, checksum_finish(sum));
	}
	bytes_set_u16(packet, marked);
	return true;
}

bool gre_sequence_check(struct gre_sequence *s, uint32_t sequence)
{
	/* RFC 2890 2.2: numbers wrap round; one not newer than the last is out of sequence. */
	if (s->seen && (int32_t)(sequence - s->last) <= 0)
		return false;
	s->seen = true;
	s->last = sequence;
	return true;
}
