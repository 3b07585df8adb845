/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/kernel_gre.h"

/* What is logged for a module that is, or is not, there. */
static size_t logged(const char *module, char *ret, size_t size)
{
	int ends[2];
	struct log log;

	assert_int_equal(pipe(ends), 0);
	log_init(&log, ends[1]);
	kernel_gre_warn(&log, module);
	close(ends[1]);
	ssize_t n = read(ends[0], ret, size - 1);
	assert_true(n >= 0);
	ret[n] = '\0';
	close(ends[0]);
	return (size_t)n;
}

static void warns_only_of_what_is_there(void **state)
{
	char text[1024];

	(void)state;
	assert_int_equal(logged("/nonexistent/ip_gre", text, sizeof text), 0);
	assert_true(logged("/", text, sizeof text) > 0);
	assert_non_null(strstr(text, "%GRE-4-KERNEL: "));
	assert_non_null(strstr(text, "rmmod ip_gre"));
	assert_int_equal(strcspn(text, "\n"), strlen(text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warns_only_of_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
