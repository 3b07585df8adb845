/* SPDX-License-Identifier: Apache-2.0 */
/* What a tunnel of the configuration amounts to on the system as it is: source, line protocol,
 * MTUs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/links.h"
#include "daemon/ports.h"
#include "dataplane/dataplane.h"
#include "node/snapshot.h"

enum {
	TUNNEL_NHRP_MTU =
		17916, /* what IOS puts in CIEs; less the key's 4 bytes where there is one */
	TUNNEL_PATH_MTU = 1500, /* assumed where no port says */
	TUNNEL_MTU_MIN = 68,    /* RFC 791: the least that IPv4 carries */
};

struct tunnel_state {
	struct dp_tunnel dp; /* carrier: line protocol */
	bool admin_up;
	const char *down_reason; /* why the line protocol is down, or NULL */
	uint16_t transport_mtu_bytes, nhrp_mtu_bytes;
};

/* What a tunnel is evaluated against. */
struct tunnel_world {
	const struct snapshot *snapshot;
	const struct ports *ports;
	const struct links *links;
	bool protects; /* tunnels can be protected */
};

/* The line is up when packets can be carried: tunnel_follow_servers() may say more. */
void tunnel_evaluate(const struct tunnel_world *world, const struct snap_interface *tunnel,
                     struct tunnel_state *ret);
/* `if-state nhrp`: the line is down unless a server answers. */
void tunnel_follow_servers(struct tunnel_state *state, bool answered);
/* True when there is nothing to tell the data plane. */
bool tunnel_state_equal(const struct tunnel_state *a, const struct tunnel_state *b);
