/* SPDX-License-Identifier: Apache-2.0 */
/* Reads any bytes as frames of the control socket; each that is good must encode to itself. */
#include <string.h>

#include "cli/protocol.h"
#include "util/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void see_message(const struct protocol_message *m)
{
	struct protocol_message again;
	struct strbuf frame;

	if (m->type == PROTOCOL_OUTPUT && !m->text_len)
		return; /* nothing to print is never sent */
	strbuf_init(&frame);
	protocol_encode(m, &frame);
	check(protocol_decode(frame.text, frame.len, PROTOCOL_OUTPUT_MAX, &again) ==
	      PROTOCOL_MESSAGE);
	check(again.frame_len == frame.len);
	check(again.type == m->type && again.version == m->version && again.flags == m->flags);
	check(again.page_lines == m->page_lines && again.text_len == m->text_len);
	check(!m->text_len || memcmp(again.text, m->text, m->text_len) == 0);
	strbuf_fini(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct protocol_message m;

	while (protocol_decode(bytes, len, PROTOCOL_OUTPUT_MAX, &m) == PROTOCOL_MESSAGE) {
		check(m.frame_len >= PROTOCOL_HEADER_LEN && m.frame_len <= len);
		see_message(&m);
		bytes += m.frame_len;
		len -= m.frame_len;
	}
	return 0;
}
