/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon made of nothing, for the tests of the CLI: a running snapshot, a startup text, and a
 * journal of what the host was asked to do. It also stands in for show(): a line that says which
 * request it got.
 */
#pragma once

#include "cli/cli.h"

struct fake_host {
	struct cli_host host;
	struct snapshot *running;
	struct strbuf startup; /* "": there is none */
	struct strbuf journal; /* one line per call */
	struct now now;
	size_t n_shows;
	struct pings *pings; /* of a test that pings for real */
	int fail;            /* what commit and save give: 0, or negative errno */
	struct cli_session *pinging;
	bool others; /* another session is in the block of whatever tunnel */
};

/* hostname R1, Tunnel0 (10.10.10.1/24), Tunnel1, FastEthernet0/0 (1.1.1.2/24). */
void fake_host_init(struct fake_host *f);
void fake_host_fini(struct fake_host *f);
