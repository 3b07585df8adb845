/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocation that does not fail: running out of memory ends the program with a sentence. Everything
 * that a peer can make us allocate is bounded by a limit of its own long before.
 */
#pragma once

#include <stddef.h>

enum { MEMORY_LINE = 64 }; /* of the cache */

/* Zeroed. Freed with free(). */
void *memory_new(size_t n, size_t size);
/* One, zeroed, in lines of the cache that nothing else lies in. Freed with free(). */
void *memory_new_lines(size_t size);
/* As reallocarray; what is added is not zeroed. n * size must not be 0. */
void *memory_resize(void *old, size_t n, size_t size);
/* NULL for NULL. */
char *memory_strdup(const char *text);
/* A copy of an array; NULL when it is empty. */
void *memory_copy(const void *from, size_t n, size_t size);
/* Fills with zeroes in a way that the compiler keeps: for secrets. */
void memory_wipe(void *bytes, size_t len);
