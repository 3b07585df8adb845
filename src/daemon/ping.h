/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ICMP echo for the `ping` command, in the daemon's network namespace, on the loop of the control
 * thread. Each session has one ping at most. What a ping prints goes to its session by cli_print as
 * it happens, laid out as IOS does; its end is cli_done. Needs CAP_NET_RAW at the start of each
 * ping.
 */
#pragma once

#include <uv.h>

#include "cli/cli.h"
#include "util/strbuf.h"

struct pings;

struct pings *pings_new(uv_loop_t *loop);
/* Stops all pings without a word and closes their handles. NULL is fine. */
void pings_free(struct pings *p);

/* cli_host.ping: 0 when it runs; else negative errno with a sentence in error, and nothing was
 * started. */
int pings_start(struct pings *p, struct cli_session *session, const struct cli_ping *ping,
                struct strbuf *error);
/* cli_host.ping_stop: prints the rate so far and calls cli_done at once. No ping: does nothing. */
void pings_stop(struct pings *p, struct cli_session *session);
