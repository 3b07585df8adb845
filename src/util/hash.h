/* SPDX-License-Identifier: Apache-2.0 */
/* uthash with the project's allocation: running out of memory ends the program (util/memory.h). */
#pragma once

#include <stdlib.h>

#include "util/check.h"
#include "util/memory.h"

#define uthash_malloc(size)    memory_new(1, size)
#define uthash_free(ptr, size) free(ptr)
#define uthash_fatal(message)  check_failed(message, __FILE__, __LINE__)

#include <uthash.h>
