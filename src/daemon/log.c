/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "util/strbuf.h"

enum { SEVERITY_INFORMATIONAL = 6, TIME_SIZE = 32 };

/* systemd says which device and inode its journal's stream is. */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char expected[64];

	if (!stream || fstat(fd, &st) < 0)
		return false;
	snprintf(expected, sizeof expected, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, expected) == 0;
}

void log_init(struct log *log, int fd)
{
	*log = (struct log){ .fd = fd, .journal = is_journal(fd) };
}

int log_severity(const char *line)
{
	const char *dash = line[0] == '%' ? strchr(line, '-') : NULL;

	if (!dash || dash[1] < '0' || dash[1] > '7' || dash[2] != '-')
		return SEVERITY_INFORMATIONAL;
	return dash[1] - '0';
}

static void add_time(struct strbuf *out)
{
	struct timespec ts;
	struct tm tm;
	char text[TIME_SIZE];

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	strftime(text, sizeof text, "%b %e %H:%M:%S", &tm);
	strbuf_printf(out, "%s.%03ld: ", text, ts.tv_nsec / 1000000);
}

void log_line(struct log *log, const char *line)
{
	struct strbuf text;

	strbuf_init(&text);
	if (log->journal)
		strbuf_printf(&text, "<%d>", log_severity(line));
	else
		add_time(&text);
	strbuf_adds(&text, line);
	strbuf_addc(&text, '\n');
	/* A log that can't be written has nowhere to be complained about. */
	while (write(log->fd, text.text, text.len) < 0 && errno == EINTR)
		continue;
	if (log->also)
		log->also(log->ctx, line);
	strbuf_fini(&text);
}

void log_say(struct log *log, const char *mnemonic, const char *format, ...)
{
	struct strbuf line;
	va_list args;

	strbuf_init(&line);
	strbuf_printf(&line, "%%%s: ", mnemonic);
	va_start(args, format);
	strbuf_vprintf(&line, format, args);
	va_end(args);
	log_line(log, line.text);
	strbuf_fini(&line);
}
