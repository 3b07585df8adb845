/* SPDX-License-Identifier: Apache-2.0 */
#include "util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *memory_new(size_t n, size_t size)
{
	return or_die(calloc(n, size));
}

void *memory_new_lines(size_t size)
{
	size_t whole = (size + MEMORY_LINE - 1) & ~(size_t)(MEMORY_LINE - 1);

	return memset(or_die(aligned_alloc(MEMORY_LINE, whole)), 0, whole);
}

void *memory_resize(void *old, size_t n, size_t size)
{
	return or_die(reallocarray(old, n, size));
}

char *memory_strdup(const char *text)
{
	return text ? or_die(strdup(text)) : NULL;
}

void *memory_copy(const void *from, size_t n, size_t size)
{
	if (!n)
		return NULL;
	void *to = memory_new(n, size);
	memcpy(to, from, n * size);
	return to;
}

void memory_wipe(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}
