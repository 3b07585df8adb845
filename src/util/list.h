/* SPDX-License-Identifier: Apache-2.0 */
/* utlist with the project's assertions (util/check.h). Nothing behind it may include assert.h. */
#pragma once

#include <utlist.h>

#include "util/check.h"

#undef assert
#define assert(condition) check(condition)
