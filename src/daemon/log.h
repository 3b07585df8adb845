/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one line per fact, as IOS writes them, "Oct 12 14:03:22.123: %LINK-3-UPDOWN: text".
 * Below journald the time is left out and the severity of the mnemonic becomes the journal's
 * priority.
 */
#pragma once

#include <stdbool.h>

struct log {
	int fd;
	bool journal;
	void (*also)(void *ctx, const char *line); /* sees each line from its mnemonic on */
	void *ctx;
};

/* Logs to fd, which stays the caller's. */
void log_init(struct log *log, int fd);

/* mnemonic: "SYS-5-RESTART", without the percent sign. */
void log_say(struct log *log, const char *mnemonic, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A line that already begins with its mnemonic: "%DMVPN-5-NHRP_NHS_UP: text". */
void log_line(struct log *log, const char *line);

/* The severity in "%FACILITY-SEVERITY-MNEMONIC…", 0 to 7; 6 where there is none. */
int log_severity(const char *line);
