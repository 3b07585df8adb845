/* SPDX-License-Identifier: Apache-2.0 */
/* What the log says of ports: their line protocol as it changes, once each that nobody says a
 * device of. */
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "util/memory.h"

static struct daemon_port *port_state(struct daemon *d, const char *name)
{
	struct daemon_port *p;

	HASH_FIND_STR(d->port_states, name, p);
	if (p)
		return p;
	p = memory_new(1, sizeof *p);
	memcpy(p->name, name, sizeof p->name);
	HASH_ADD_STR(d->port_states, name, p);
	return p;
}

static void log_port(struct daemon *d, const struct snap_interface *i)
{
	struct daemon_port *p = port_state(d, i->name);
	char device[SNAP_DEVICE_SIZE];

	ports_device(&d->ports, d->running, i->name, device);
	const struct netlink_link *link = links_by_name(&d->system.links, device);
	bool up = !i->shutdown && link && link->up && link->running;
	if (up != p->up)
		log_say(&d->log, "LINEPROTO-5-UPDOWN",
		        "Line protocol on Interface %s, changed state to %s", i->name,
		        up ? "up" : "down");
	p->up = up;
	if (!device[0] && !i->shutdown && !p->deviceless)
		log_say(&d->log, "SYS-4-PORT",
		        "No device is known for %s: start with --port %s=DEVICE, or put 'device "
		        "DEVICE' under it",
		        i->name, i->name);
	p->deviceless = !device[0] && !i->shutdown;
}

void daemon_log_ports(struct daemon *d)
{
	struct daemon_port *p, *next;

	HASH_ITER (hh, d->port_states, p, next) {
		if (snapshot_interface(d->running, p->name))
			continue;
		HASH_DEL(d->port_states, p);
		free(p);
	}
	for (size_t i = 0; i < d->running->n_interfaces; i++) {
		if (d->running->interface[i]->kind == SNAP_PORT)
			log_port(d, d->running->interface[i]);
	}
}

void daemon_forget_ports(struct daemon *d)
{
	struct daemon_port *p, *next;

	HASH_ITER (hh, d->port_states, p, next) {
		HASH_DEL(d->port_states, p);
		free(p);
	}
}
