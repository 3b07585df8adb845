/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/log.h"

static void severity_is_in_the_mnemonic(void **state)
{
	(void)state;
	assert_int_equal(log_severity("%LINK-3-UPDOWN: x"), 3);
	assert_int_equal(log_severity("%DMVPN-7-CRYPTO_SS: x"), 7);
	assert_int_equal(log_severity("%LINK-9-UPDOWN: x"), 6);
	assert_int_equal(log_severity("%LINK"), 6);
	assert_int_equal(log_severity("no mnemonic - 3 -"), 6);
	assert_int_equal(log_severity(""), 6);
}

static void remember(void *ctx, const char *line)
{
	snprintf(ctx, 128, "%s", line);
}

/* What one log_say writes, with the pipe made known as the journal's or not. */
static void say(bool journal, char *ret, size_t size, char also[128])
{
	int ends[2];
	struct stat st;
	char stream[64];
	struct log log;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[1], &st), 0);
	snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)st.st_dev,
	         (uintmax_t)st.st_ino + !journal);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init(&log, ends[1]);
	log.also = remember;
	log.ctx = also;
	log_say(&log, "LINK-3-UPDOWN", "Interface %s, changed state to %s", "Tunnel0", "up");
	ssize_t n = read(ends[0], ret, size - 1);
	assert_true(n > 0);
	ret[n] = '\0';
	close(ends[0]);
	close(ends[1]);
	unsetenv("JOURNAL_STREAM");
}

static void lines_look_like_ios(void **state)
{
	char text[128], also[128], month[4];
	int day, hour, minute, second, ms, at = 0;

	(void)state;
	say(false, text, sizeof text, also);
	assert_int_equal(sscanf(text, "%3s %d %d:%d:%d.%d: %n", month, &day, &hour, &minute,
	                        &second, &ms, &at),
	                 6);
	assert_string_equal(text + at, "%LINK-3-UPDOWN: Interface Tunnel0, changed state to up\n");
	assert_string_equal(also, "%LINK-3-UPDOWN: Interface Tunnel0, changed state to up");
}

static void journal_gets_priorities(void **state)
{
	char text[128], also[128];

	(void)state;
	say(true, text, sizeof text, also);
	assert_string_equal(text, "<3>%LINK-3-UPDOWN: Interface Tunnel0, changed state to up\n");
	assert_string_equal(also, "%LINK-3-UPDOWN: Interface Tunnel0, changed state to up");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(severity_is_in_the_mnemonic),
		cmocka_unit_test(lines_look_like_ios),
		cmocka_unit_test(journal_gets_priorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
