/* SPDX-License-Identifier: Apache-2.0 */
#include "util/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

enum { ROOM_MIN = 256 };

void strbuf_init(struct strbuf *b)
{
	*b = (struct strbuf){ .text = (char *)"" }; /* never written: room is 0 */
}

void strbuf_fini(struct strbuf *b)
{
	if (b->room)
		free(b->text);
	strbuf_init(b);
}

/* Room for len more bytes and the NUL. */
static void reserve(struct strbuf *b, size_t len)
{
	size_t need = b->len + len + 1;

	if (need <= b->room)
		return;
	size_t room = b->room ? b->room : ROOM_MIN;
	while (room < need)
		room *= 2;
	b->text = memory_resize(b->room ? b->text : NULL, room, 1);
	b->room = room;
}

void strbuf_truncate(struct strbuf *b, size_t len)
{
	check(len <= b->len);
	b->len = len;
	if (b->room)
		b->text[len] = '\0';
}

void strbuf_add(struct strbuf *b, const char *text, size_t len)
{
	if (!len)
		return;
	reserve(b, len);
	memcpy(b->text + b->len, text, len);
	b->len += len;
	b->text[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *text)
{
	strbuf_add(b, text, strlen(text));
}

void strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_vprintf(struct strbuf *b, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	check(len >= 0);
	reserve(b, (size_t)len);
	vsnprintf(b->text + b->len, (size_t)len + 1, format, again);
	va_end(again);
	b->len += (size_t)len;
}

void strbuf_printf(struct strbuf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vprintf(b, format, args);
	va_end(args);
}

char *strbuf_take(struct strbuf *b)
{
	char *text = b->room ? b->text : memory_strdup("");

	strbuf_init(b);
	return text;
}
