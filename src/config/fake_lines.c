/* SPDX-License-Identifier: Apache-2.0 */
#include "config/fake_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/pattern.h"
#include "util/addr.h"

static unsigned pick(struct prng *p, unsigned n)
{
	return (unsigned)(prng_u64(p) % n);
}

/* Offset behind the bracket that closes the group which begins at text. */
static size_t group_len(const char *text)
{
	size_t i = 0;
	int depth = 0;

	do {
		depth += (text[i] == '[' || text[i] == '{') - (text[i] == ']' || text[i] == '}');
		i++;
	} while (depth);
	return i;
}

static void add_slot(struct prng *p, const char *slot, size_t len, struct strbuf *out)
{
	static const char *const interfaces[] = { "Fa0/0", "Tunnel 7", "lo0", "eth1", "Null0" };
	static const unsigned masks[] = { 24, 25, 30, 32, 16, 8 };
	uint64_t low = 0, high = 0;
	char text[ADDR_TEXT_LEN];
	struct addr mask;

	switch (pattern_slot(slot, len)) {
	case SLOT_NUMBER:
		low = strtoull(slot + 1, NULL, 10);
		high = strtoull(strchr(slot, '-') + 1, NULL, 10);
		strbuf_printf(out, "%" PRIu64, low + prng_u64(p) % (high - low + 1));
		break;
	case SLOT_ADDR:
		if (slot[0] == 'X' || (len == 4 && !pick(p, 4)))
			strbuf_printf(out, "2001:db8::%x", 1 + pick(p, 99));
		else
			strbuf_printf(out, "10.%u.%u.%u", pick(p, 3), pick(p, 3), pick(p, 4) * 64);
		break;
	case SLOT_PREFIX:
		strbuf_adds(out, slot[0] == 'X' ? "2001:db8::/64" : "10.0.0.0/8");
		break;
	case SLOT_MASK:
		mask = prefix_mask_v4((uint8_t)masks[pick(p, 6)]);
		strbuf_adds(out, addr_format(&mask, text));
		break;
	case SLOT_INTERFACE:
		strbuf_adds(out, interfaces[pick(p, 5)]);
		break;
	case SLOT_WORD:
		/* "enrollment file": a path. */
		if (out->len >= 5 && strcmp(out->text + out->len - 5, "file ") == 0)
			strbuf_addc(out, '/');
		strbuf_printf(out, "name%u", pick(p, 9));
		break;
	case SLOT_LINE:
		strbuf_printf(out, "some words  %u", pick(p, 9));
		break;
	case SLOT_KEYWORD:
		strbuf_add(out, slot, len);
		break;
	}
}

/* One of the alternatives of a group, given without its brackets. */
static void add_choice(struct prng *p, const char *text, size_t len, struct strbuf *out)
{
	const char *start[16] = { text };
	size_t size[16], n = 1;
	int depth = 0;

	for (size_t i = 0; i < len && n < 16; i++) {
		depth += (text[i] == '[' || text[i] == '{') - (text[i] == ']' || text[i] == '}');
		if (text[i] != '|' || depth)
			continue;
		size[n - 1] = (size_t)(text + i - start[n - 1]);
		start[n++] = text + i + 1;
	}
	size[n - 1] = (size_t)(text + len - start[n - 1]);
	size_t i = pick(p, (unsigned)n);
	char *chosen = strndup(start[i], size[i]);
	fake_line(p, chosen, out);
	free(chosen);
}

void fake_line(struct prng *p, const char *pattern, struct strbuf *out)
{
	while (*pattern) {
		size_t len = pattern_token_len(pattern);
		if (*pattern == ' ') {
			if (out->len && out->text[out->len - 1] != ' ')
				strbuf_addc(out, ' ');
			pattern++;
		} else if (len) {
			add_slot(p, pattern, len, out);
			pattern += len;
		} else {
			len = group_len(pattern);
			if (*pattern == '{' || pick(p, 2))
				add_choice(p, pattern + 1, len - 2, out);
			pattern += len;
		}
	}
}
