/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What dmvpnsh and dmvpnd say to each other over the control socket: frames of a type, a length and
 *a few fields. Both sides use these two functions, which keep no state and do no I/O.
 *
 *	dmvpnsh		HELLO, then one of EXEC, HELP, COMPLETE at a time; INTERRUPT at any time
 *	dmvpnd		READY answers HELLO and ends the answer to each of the three; OUTPUT before
 *it; LOG at any time; BYE before it closes
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/strbuf.h"

enum {
	PROTOCOL_VERSION = 1,
	PROTOCOL_HEADER_LEN = 8,        /* type, 3 zero bytes, length of the body */
	PROTOCOL_REQUEST_MAX = 8 << 10, /* bytes of a frame to dmvpnd: a line has at most 4 KB */
	PROTOCOL_OUTPUT_MAX = 64 << 10, /* bytes of a frame to dmvpnsh */
	PROTOCOL_PAGE_AUTO = 0xffff,    /* page_lines: as many as the terminal has; 0: no paging */
};

enum protocol_type {
	PROTOCOL_HELLO = 1, /* version, flags */
	PROTOCOL_EXEC,      /* text: a line */
	PROTOCOL_HELP,      /* text: the line up to "?" */
	PROTOCOL_COMPLETE,  /* text: the line up to TAB */
	PROTOCOL_INTERRUPT, /* flags: Ctrl-C */
	PROTOCOL_READY,     /* flags, page_lines, text: the prompt */
	PROTOCOL_OUTPUT,    /* text */
	PROTOCOL_LOG,       /* text: one line, without newline */
	PROTOCOL_BYE,       /* text: why, or "" after `exit` */
};

enum protocol_flag {
	PROTOCOL_ECHOED = 1,  /* of HELLO: the terminal shows prompt and line (cli_set_echoed) */
	PROTOCOL_IDLE = 1,    /* of INTERRUPT: nothing runs, so READY answers it */
	PROTOCOL_REFUSED = 1, /* of READY: the line was refused */
	PROTOCOL_STREAMING =
		2, /* of READY: LOG frames may follow, for this session asked for them */
	PROTOCOL_FLAGS_ALL = 3,
};

/* Fields that a type does not name are zero. */
struct protocol_message {
	enum protocol_type type;
	uint16_t version;
	uint8_t flags; /* enum protocol_flag */
	uint16_t page_lines;
	const char *text; /* not NUL-terminated */
	size_t text_len;
	size_t frame_len; /* of a decoded one: the bytes that its frame took */
};

/* Appends the frame, or, of an OUTPUT that is too long for one, as many as it takes. */
void protocol_encode(const struct protocol_message *message, struct strbuf *out);

enum protocol_result { PROTOCOL_MORE, PROTOCOL_MESSAGE, PROTOCOL_BAD };

/*
 * Takes the first frame from len bytes. MESSAGE: there was one, and its text points into them.
 * MORE: the frame goes on behind the bytes. BAD: the peer does not speak this protocol, or sends
 * more than body_max bytes in a frame's body.
 */
enum protocol_result protocol_decode(const void *bytes, size_t len, size_t body_max,
                                     struct protocol_message *ret);
