/* SPDX-License-Identifier: Apache-2.0 */
/* Reads any bytes as GRE; what we could have sent comes out of our own builder the same. */
#include <string.h>

#include "gre/gre.h"
#include "util/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct gre_header h, again;
	size_t header_len, again_len;
	uint8_t built[GRE_LEN_KEYED];

	if (gre_parse(bytes, len, &h, &header_len) != GRE_OK)
		return 0;
	check(header_len >= GRE_LEN_MIN && header_len <= GRE_LEN_MAX && header_len <= len);
	if (h.has_checksum || h.has_sequence)
		return 0;
	check(gre_build(&h, built) == header_len);
	check(memcmp(built + 2, bytes + 2, header_len - 2) == 0);
	check(gre_parse(built, header_len, &again, &again_len) == GRE_OK);
	check(again_len == header_len && again.has_key == h.has_key && again.key == h.key);
	return 0;
}
