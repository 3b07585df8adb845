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

void *memory_resize(void *old, size_t n, size_t size)
{
	return or_die(reallocarray(old, n, size));
}

char *memory_strdup(const char *text)
{
	return or_die(strdup(text));
}

void memory_wipe(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}
