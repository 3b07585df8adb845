/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon for tests: the real node, ledger, state and system, between a kernel and a back end that
 * are stood in for. What the back end is asked goes into the kernel's trace as well: "tunnel 0 up
 * from 2.2.2.2", "send 0 2.2.2.2 > 1.1.1.2".
 */
#pragma once

#include "daemon/daemon.h"
#include "daemon/fake_kernel.h"
#include "util/entropy.h"

struct backend {
	struct rtnl *kernel;
	int refuse_tunnels; /* what tunnel_set is answered with */
	int refuse_sas;     /* what sa_add is answered with */
	int refuse_changes; /* what flush is answered with */
	unsigned n_waiting; /* changes of peers and routes that no flush has told yet */
	unsigned n_flushed; /* those that the latest flush with any of them told */
	uint32_t used_tunnel;
	struct addr used; /* told by each_used, once; or none */
};

struct fake_daemon {
	struct daemon d;
	struct options options;
	struct rtnl kernel;
	struct backend backend;
	struct prng prng;
	char path[64]; /* a directory with run, state and conf in it */
	char run[80], state[80], conf[96], log[80], forwarding[96];
};

/* cmocka's set-up and tear-down; *state is a struct fake_daemon with an empty configuration in
 * force. */
int fake_daemon_set_up(void **state);
int fake_daemon_tear_down(void **state);

/* Puts this configuration in force. 0 or negative errno; what was said is in error. */
int fake_daemon_commit(struct fake_daemon *f, const char *text, struct strbuf *error);
/* How many lines of the log hold this. */
size_t fake_daemon_logged(const struct fake_daemon *f, const char *text);
/* Runs the loop for a while: until nothing is due within ms. */
void fake_daemon_run(struct fake_daemon *f, uint64_t ms);

/* R2 of the reference lab, its port being eth0. */
extern const char fake_spoke[];
