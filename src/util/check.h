/* SPDX-License-Identifier: Apache-2.0 */
/* check(): states what the code believes. It stays on in release builds; a false one is our bug. */
#pragma once

/* Prints the expression and its place to stderr and aborts. */
_Noreturn void check_failed(const char *expression, const char *file, int line);

#define check(expression) ((expression) ? (void)0 : check_failed(#expression, __FILE__, __LINE__))
