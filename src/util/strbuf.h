/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows. The text is always NUL-terminated, and "" before the first byte. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct strbuf {
	char *text;
	size_t len, room;
};

void strbuf_init(struct strbuf *b);
void strbuf_fini(struct strbuf *b);
/* Cuts back to len bytes, which must not be more than there are. */
void strbuf_truncate(struct strbuf *b, size_t len);
void strbuf_add(struct strbuf *b, const char *text, size_t len);
void strbuf_adds(struct strbuf *b, const char *text);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_printf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *b, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Hands the text to the caller, who frees it; the buffer is empty afterwards. */
char *strbuf_take(struct strbuf *b);
