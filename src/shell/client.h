/* SPDX-License-Identifier: Apache-2.0 */
/* dmvpnsh's end of the control socket: what goes out is sent whole, what comes in is read frame by
 * frame. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/protocol.h"
#include "util/strbuf.h"

enum { CLIENT_PROMPT_SIZE = 128 };

struct client {
	int fd;
	struct strbuf in;
	size_t taken; /* bytes of in that were handed out */
	/* From the latest READY. */
	char prompt[CLIENT_PROMPT_SIZE];
	uint16_t page_lines;
	bool refused, streaming;
};

/* Connects to the daemon of a run directory. False: error has one sentence with the remedy. */
bool client_connect(struct client *c, const char *run_dir, struct strbuf *error);
/* Over a connected socket, which it then owns. */
void client_init(struct client *c, int fd);
void client_fini(struct client *c);

/* False: the daemon is gone. */
bool client_send(struct client *c, enum protocol_type type, uint8_t flags, const char *text);

enum client_result {
	CLIENT_MESSAGE,
	CLIENT_NOTHING, /* no whole frame has been read yet */
	CLIENT_BROKEN,  /* what comes is not our protocol */
};

/* The next frame of what has been read. Its text is good until client_read. READY is noted in c as
 * well. */
enum client_result client_next(struct client *c, struct protocol_message *ret);
/* Whether the daemon was in configuration mode at the latest READY. */
bool client_configures(const struct client *c);
/* Reads what is there, waiting for the first byte. False: the daemon is gone. EINTR counts as read.
 */
bool client_read(struct client *c);
