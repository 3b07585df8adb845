/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows any bytes as an ISAKMP message, twice: as they are, and with the length in the header set
 * right, so that they get past it. The text must be printable, and lines of a sane length.
 */
#include <string.h>

#include "ike/dump.h"
#include "ike/message.h"
#include "util/check.h"
#include "util/strbuf.h"
#include "util/writer.h"

enum { LENGTH_AT = 24, MESSAGE_MAX = 4096, LINE_MAX_LEN = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void show(const uint8_t *bytes, size_t len)
{
	struct strbuf text;
	size_t line = 0;

	strbuf_init(&text);
	ike_dump(bytes, len, &text);
	check(text.len && text.text[text.len - 1] == '\n' && strlen(text.text) == text.len);
	for (size_t i = 0; i < text.len; i++) {
		line = text.text[i] == '\n' ? 0 : line + 1;
		check(line < LINE_MAX_LEN);
		check(text.text[i] == '\n' || (text.text[i] >= ' ' && text.text[i] <= '~'));
	}
	strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t mended[MESSAGE_MAX];

	show(bytes, len);
	if (len < ISAKMP_HEADER_LEN || len > sizeof mended)
		return 0;
	memcpy(mended, bytes, len);
	struct writer w = writer_over(mended + LENGTH_AT, 4);
	write_u32(&w, (uint32_t)len);
	show(mended, len);
	return 0;
}
