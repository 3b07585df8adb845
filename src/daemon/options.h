/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of dmvpnd. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/strbuf.h"

#define OPTIONS_CONFIG    "/etc/dmvpnd/dmvpnd.conf"
#define OPTIONS_RUN_DIR   "/run/dmvpnd"
#define OPTIONS_STATE_DIR "/var/lib/dmvpnd"

enum {
	OPTIONS_PORTS_MAX = 256,
	OPTIONS_WORKERS_MAX = 16,
};

struct options {
	const char *config, *run_dir, *state_dir;
	const char *socket_group;            /* or NULL */
	const char *port[OPTIONS_PORTS_MAX]; /* "NAME=DEVICE" */
	size_t n_ports;
	unsigned n_workers; /* 0: as many as fit the machine */
	const char *keylog; /* a file for all keys, or NULL; main() refuses it to users */
	char *const *argv;  /* the whole command line, to be run anew */
	bool xdp_receive;   /* by AF_XDP, too */
	bool strict, check, cleanup, version, help;
};

/* Reads argv, which the result points into. False with a sentence in error. */
bool options_parse(int argc, char *const argv[], struct options *ret, struct strbuf *error);

extern const char options_usage[];
