/* SPDX-License-Identifier: Apache-2.0 */
/* TCP options as RFC 9293 3.2 has them; the checksum is corrected in place (RFC 1624, equation 3).
 */
#include "dataplane/mss.h"

#include "dataplane/bytes.h"
#include "util/checksum.h"

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_MSS_LEN = 4 };

/* Place of the MSS option's value in the packet, or 0. */
static size_t find_mss(const uint8_t *packet, size_t at, size_t end)
{
	while (at < end && packet[at] != OPTION_END) {
		if (packet[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (at + 2 > end || packet[at + 1] < 2 || at + packet[at + 1] > end)
			return 0;
		if (packet[at] == OPTION_MSS)
			return packet[at + 1] == OPTION_MSS_LEN ? at + 2 : 0;
		at += packet[at + 1];
	}
	return 0;
}

/* A value at an odd offset straddles two words of the sum: its bytes count swapped. */
static uint16_t as_summed(uint16_t value, size_t offset)
{
	return offset % 2 ? (uint16_t)(value << 8 | value >> 8) : value;
}

bool mss_clamp(uint8_t *packet, const struct inner *in, uint16_t mss_bytes, bool partial)
{
	size_t tcp_len = inner_tcp_len(packet, in);
	uint8_t *tcp = packet + in->l4_offset;

	if (mss_bytes == 0 || tcp_len == 0 || !(tcp[13] & TCP_SYN))
		return false;
	size_t at = find_mss(tcp, TCP_LEN, tcp_len);
	uint16_t limit = mss_bytes;
	if (in->family == ADDR_V6)
		limit = (uint16_t)(mss_bytes > 20 ? mss_bytes - 20 : 1);
	if (at == 0 || bytes_u16(tcp + at) <= limit)
		return false;

	uint16_t old = as_summed(bytes_u16(tcp + at), at), new = as_summed(limit, at);
	bytes_set_u16(tcp + at, limit);
	if (!partial) {
		uint32_t sum = (uint16_t)~bytes_u16(tcp + 16);
		sum += (uint16_t)~old;
		sum += new;
		bytes_set_u16(tcp + 16, checksum_finish(sum));
	}
	return true;
}
