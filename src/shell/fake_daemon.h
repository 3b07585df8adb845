/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of a client's socket, for tests: what it says is said in advance. */
#pragma once

#include "shell/client.h"

struct fake_daemon {
	int fd;
	struct client client;
	struct strbuf received;
	size_t taken;
};

void fake_daemon_open(struct fake_daemon *d);
void fake_daemon_close(struct fake_daemon *d);
void fake_daemon_say(struct fake_daemon *d, enum protocol_type type, const char *text);
/* READY with the prompt "R1#". */
void fake_daemon_ready(struct fake_daemon *d, uint8_t flags, uint16_t page_lines);
/* The next frame from the client, waited for, must be this. */
void fake_daemon_expect(struct fake_daemon *d, enum protocol_type type, const char *text);
/* Nothing more has come from the client. */
void fake_daemon_expect_silence(struct fake_daemon *d);

/* Sends standard output to a file until capture_end, which gives what was printed; the caller frees
 * it. */
struct capture {
	int saved, file;
};
void capture_start(struct capture *c);
char *capture_end(struct capture *c);
