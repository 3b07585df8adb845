/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot put in force, or the running one on a system that has changed: one path for start,
 * reload, typed lines, netlink notifications and retries. Ports and addresses come first, then
 * tunnels, whose sources depend on them, then routes, which depend on both. The node is told of the
 * snapshot while the tunnels of both the old and the new one stand, so that it can say goodbye on
 * those that go.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "util/memory.h"

struct daemon_tunnel *daemon_tunnel(const struct daemon *d, uint32_t number)
{
	struct daemon_tunnel *t;

	HASH_FIND(hh, d->tunnels, &number, sizeof number, t);
	return t;
}

/* ---- claims ---- */

/* The device that a daemon must have for itself: none for loopbacks. */
static bool claimed_device(const struct daemon *d, const struct snapshot *s,
                           const struct snap_interface *i, char *ret)
{
	ports_device(&d->ports, s, i->name, ret);
	return i->kind != SNAP_LOOPBACK && ret[0];
}

struct named {
	const struct daemon *d;
	const struct snapshot *s;
};

static bool is_named(void *ctx, const char *device)
{
	const struct named *n = ctx;
	char own[SNAP_DEVICE_SIZE];

	for (size_t i = 0; i < n->s->n_interfaces; i++) {
		if (claimed_device(n->d, n->s, n->s->interface[i], own) && !strcmp(own, device))
			return true;
	}
	return false;
}

int daemon_claim(struct daemon *d, const struct snapshot *s, struct strbuf *error)
{
	char device[SNAP_DEVICE_SIZE];

	for (size_t i = 0; i < s->n_interfaces; i++) {
		if (!claimed_device(d, s, s->interface[i], device))
			continue;
		int result = claims_take(&d->claims, device);
		if (result < 0) {
			strbuf_printf(error, "%s (%s) is in use by another dmvpnd.",
			              s->interface[i]->name, device);
			if (d->running)
				claims_release(&d->claims, is_named,
				               &(struct named){ d, d->running });
			return result;
		}
	}
	return 0;
}

/* ---- tunnels ---- */

static void log_states(struct daemon *d, struct daemon_tunnel *t, bool was_admin, bool was_up)
{
	const struct tunnel_state *now = &t->state;

	if (!now->admin_up && was_admin)
		log_say(&d->log, "LINK-5-CHANGED",
		        "Interface %s, changed state to administratively down", now->dp.ifname);
	if (now->admin_up && !was_admin)
		log_say(&d->log, "LINK-3-UPDOWN", "Interface %s, changed state to up",
		        now->dp.ifname);
	if (now->dp.carrier != was_up)
		log_say(&d->log, "LINEPROTO-5-UPDOWN",
		        "Line protocol on Interface %s, changed state to %s", now->dp.ifname,
		        now->dp.carrier ? "up" : "down");
}

/* Without it the tunnel carries all the same, only a restart is seen by routing daemons. */
static void hold_carrier(struct daemon *d, struct daemon_tunnel *t)
{
	int result = holds_take(&d->holds, t->state.dp.ifname);

	if (result < 0 && !t->unheld)
		log_say(&d->log, "TUN-4-HOLD", "The carrier of %s will not outlast a restart: %s",
		        t->state.dp.ifname, strerror(-result));
	t->unheld = result < 0;
}

/* The interface is new, or has vanished: its backend begins anew. */
static int make(struct daemon *d, struct daemon_tunnel *t)
{
	const char *ifname = t->state.dp.ifname;

	if (t->made && !links_by_name(&d->system.links, ifname)) {
		holds_release(&d->holds, ifname);
		d->ops->tunnel_del(d->backend, t->number, false);
		t->made = false;
	}
	if (!ifname[0])
		return -ENAMETOOLONG;
	int result = system_note_tunnel(&d->system, ifname);
	if (result == 0)
		result = d->ops->tunnel_set(d->backend, &t->state.dp);
	t->made = t->made || result == 0;
	if (result == 0)
		hold_carrier(d, t);
	return result;
}

/* A protected tunnel could not come to terms with anybody without its port: it is down meanwhile.
 */
static void take_port(struct daemon *d, struct daemon_tunnel *t, struct tunnel_state *next)
{
	char source[ADDR_TEXT_LEN];
	int result = 0;

	if (next->dp.up && next->dp.protected)
		result = ike_ports_want(&d->ike_ports, &next->dp.source);
	if (result < 0) {
		next->dp.up = false;
		next->down_reason = "UDP port 500 cannot be had";
		d->system.waiting = true;
	}
	if (result < 0 && !t->portless)
		log_say(&d->log, "CRYPTO-3-PORT",
		        "UDP port 500 of %s cannot be had, so %s stays down: %s",
		        addr_format(&next->dp.source, source), next->dp.ifname,
		        result == -EADDRINUSE ? "another program has it; is there an IKE daemon?"
		                              : strerror(-result));
	t->portless = result < 0;
}

static const char *why_not_made(const struct tunnel_state *state, int result)
{
	if (result == -EADDRINUSE && state->dp.protected)
		return "another program has UDP port 4500; is there an IKE daemon?";
	return strerror(-result);
}

static struct daemon_tunnel *known_tunnel(struct daemon *d, uint32_t number)
{
	struct daemon_tunnel *t = daemon_tunnel(d, number);

	if (!t) {
		t = memory_new(1, sizeof *t);
		t->number = number;
		HASH_ADD(hh, d->tunnels, number, sizeof t->number, t);
	}
	return t;
}

/*
 * Until the node says whether servers answer the line stays as it was: of an interface that is
 * taken over, as its carrier is; where it did not follow the servers until now, up.
 */
static void follow_servers(struct daemon *d, struct daemon_tunnel *t, struct tunnel_state *next)
{
	const struct netlink_link *link = links_by_name(&d->system.links, next->dp.ifname);

	if (!t->made)
		t->answered = link && link->carrier;
	else if (!t->state.dp.fails_over)
		t->answered = t->state.dp.carrier;
	tunnel_follow_servers(next, t->answered);
}

void daemon_set_line(struct daemon *d, uint32_t number, bool up)
{
	struct daemon_tunnel *t = daemon_tunnel(d, number);

	if (!t || t->answered == up)
		return;
	t->answered = up;
	daemon_apply_soon(d);
}

static void set_tunnel(struct daemon *d, const struct snapshot *s, const struct snap_interface *i)
{
	struct daemon_tunnel *t = known_tunnel(d, i->tunnel->number);
	struct tunnel_state next;

	tunnel_evaluate(&(struct tunnel_world){ s, &d->ports, &d->system.links, d->crypto }, i,
	                &next);
	take_port(d, t, &next);
	follow_servers(d, t, &next);
	bool was_up = t->state.dp.carrier, was_admin = t->logged_admin_up;
	bool there = t->made && links_by_name(&d->system.links, next.dp.ifname);
	bool same = there && tunnel_state_equal(&t->state, &next);

	t->state = next;
	int result = same ? 0 : make(d, t);
	if (result < 0) {
		t->state.dp.up = t->state.dp.carrier = false;
		t->state.down_reason = "interface cannot be made";
		d->system.waiting = true;
		if (!t->complained)
			log_say(&d->log, "TUN-3-INTERFACE", "Interface %s cannot be made: %s",
			        i->name, why_not_made(&next, result));
	}
	t->complained = result < 0;
	log_states(d, t, was_admin, was_up);
	t->logged_admin_up = t->state.admin_up;
}

static void set_tunnels(struct daemon *d, const struct snapshot *s)
{
	ike_ports_begin(&d->ike_ports);
	for (size_t i = 0; i < s->n_interfaces; i++) {
		if (s->interface[i]->kind == SNAP_TUNNEL)
			set_tunnel(d, s, s->interface[i]);
	}
}

static void tell_node(struct daemon *d, struct daemon_tunnel *t)
{
	const struct tunnel_state *now = &t->state;
	struct node_event event = { .type = NODE_TUNNEL };

	event.state.tunnel = t->number;
	event.state.source = t->told_source = now->dp.source;
	event.state.mtu_bytes = t->told_mtu_bytes = now->nhrp_mtu_bytes;
	event.state.up = t->told_up = now->dp.up;
	t->told = true;
	daemon_step(d, &event);
}

/*
 * Before a new snapshot: else the node would register by a tunnel that is down already. One that is
 * shut down learns of it from the snapshot, and says goodbye.
 */
static void tell_what_went_down(struct daemon *d)
{
	for (struct daemon_tunnel *t = d->tunnels; t; t = t->hh.next) {
		if (t->told && t->told_up && !t->state.dp.up && t->state.admin_up)
			tell_node(d, t);
	}
}

static void tell_what_changed(struct daemon *d)
{
	for (struct daemon_tunnel *t = d->tunnels; t; t = t->hh.next) {
		const struct tunnel_state *now = &t->state;
		if (!t->told || t->told_up != now->dp.up ||
		    t->told_mtu_bytes != now->nhrp_mtu_bytes ||
		    !addr_equal(&t->told_source, &now->dp.source))
			tell_node(d, t);
	}
}

static void remove_interface(struct daemon *d, const char *device)
{
	holds_release(&d->holds, device);
	system_remove_tunnel(&d->system, device);
}

static void remove_tunnel(struct daemon *d, struct daemon_tunnel *t)
{
	if (t->made)
		d->ops->tunnel_del(d->backend, t->number, true);
	if (t->state.dp.carrier)
		log_say(&d->log, "LINEPROTO-5-UPDOWN",
		        "Line protocol on Interface %s, changed state to down", t->state.dp.ifname);
	remove_interface(d, t->state.dp.ifname);
	HASH_DEL(d->tunnels, t);
	free(t);
}

static bool has_tunnel(const struct snapshot *s, const char *device)
{
	const struct snap_interface *i = snapshot_interface(s, device);

	return i && i->kind == SNAP_TUNNEL;
}

/* Those that the snapshot no longer has, and those that a killed daemon left behind. */
static void remove_tunnels(struct daemon *d, const struct snapshot *s)
{
	struct daemon_tunnel *t, *next;
	size_t n;
	struct ledger_item *noted = ledger_items(d->ledger, &n);

	HASH_ITER (hh, d->tunnels, t, next) {
		if (!snapshot_tunnel(s, t->number))
			remove_tunnel(d, t);
	}
	for (size_t i = 0; i < n; i++) {
		if (noted[i].kind == LEDGER_TUNNEL && !has_tunnel(s, noted[i].device))
			remove_interface(d, noted[i].device);
	}
	free(noted);
}

/* ---- all together ---- */

/* The kernel forgets neighbours when a tunnel's link goes down, and when it gets another MAC. */
static void refresh_changed(struct daemon *d, const struct links *before)
{
	for (struct daemon_tunnel *t = d->tunnels; t; t = t->hh.next) {
		const struct netlink_link *was = links_by_name(before, t->state.dp.ifname);
		const struct netlink_link *is = links_by_name(&d->system.links, t->state.dp.ifname);
		if (!is || !is->up || !was)
			continue;
		bool same_mac = memcmp(t->mac, is->mac, sizeof t->mac) == 0;
		memcpy(t->mac, is->mac, sizeof t->mac);
		if (!was->up || !same_mac)
			d->ops->tunnel_refresh(d->backend, t->number);
	}
}

static struct links copy_links(const struct links *from)
{
	struct links to = { 0 };

	for (size_t i = 0; i < from->n_links; i++)
		links_take(&to, &(struct netlink_event){ .object = NETLINK_LINK,
		                                         .link = from->link[i] });
	return to;
}

static void put_in_force(struct daemon *d, const struct snapshot *s)
{
	size_t n;
	struct ledger_item *wanted = system_wanted(s, &d->ports, &d->system.links, &n);

	system_remove_unwanted(&d->system, wanted, n);
	system_add_interfaces(&d->system, wanted, n);
	free(wanted);
	set_tunnels(d, s);

	(void)system_look(&d->system);
	struct links before = copy_links(&d->system.links);
	wanted = system_wanted(s, &d->ports, &d->system.links, &n);
	system_add_interfaces(&d->system, wanted, n);
	refresh_changed(d, &before);
	system_add_routes(&d->system, wanted, n);
	links_fini(&before);
	free(wanted);
}

int daemon_apply(struct daemon *d, struct snapshot *next, struct strbuf *error)
{
	int result = next ? daemon_claim(d, next, error) : 0;

	if (result == 0)
		result = system_look(&d->system);
	if (result < 0) {
		if (!error->len)
			strbuf_printf(error, "The system's links cannot be read: %s.",
			              strerror(-result));
		snapshot_free(next);
		return result;
	}
	put_in_force(d, next ? next : d->running);
	tell_what_went_down(d);
	if (next) {
		struct snapshot *old = d->running;
		d->running = next;
		daemon_step(d, &(struct node_event){ .type = NODE_CONFIGURE, .snapshot = next });
		credentials_configure(&d->credentials, next); /* before tunnels want them */
		snapshot_free(old);
	}
	daemon_log_ports(d);
	tell_what_changed(d);
	if (next) {
		remove_tunnels(d, next);
		claims_release(&d->claims, is_named, &(struct named){ d, next });
	}
	ike_ports_sweep(&d->ike_ports); /* after the last words of tunnels that went */
	return 0;
}

void daemon_leave(struct daemon *d)
{
	struct daemon_tunnel *t, *next;

	HASH_ITER (hh, d->tunnels, t, next) {
		HASH_DEL(d->tunnels, t);
		free(t);
	}
	claims_release(&d->claims, NULL, NULL);
}

void daemon_unapply(struct daemon *d)
{
	holds_release_all(&d->holds);
	for (const struct daemon_tunnel *t = d->tunnels; t; t = t->hh.next) {
		if (t->made)
			d->ops->tunnel_del(d->backend, t->number, true);
	}
	system_remove_all(&d->system);
	daemon_leave(d);
}
