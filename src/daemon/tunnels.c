/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/tunnels.h"

#include <string.h>

#include "esp/esp.h"
#include "util/check.h"

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	UDP_HEADER = 8,
	GRE_HEADER = 4,
	GRE_KEY = 4,
	ESP_HEADER = 8,  /* SPI, sequence number */
	ESP_TRAILER = 2, /* pad length, next header */
};

/* The source as far as it can be known: its link, or a reason why there is none. */
struct source {
	const struct netlink_link *link;
	struct addr address;
	const char *missing;
};

/* The address that an interface's tunnels start from: the configured one once it is there. */
static struct addr interface_source(const struct links *links, const struct netlink_link *link,
                                    const struct snap_interface *port, enum addr_family family)
{
	if (port && port->addressing == SNAP_ADDRESS_STATIC && port->n_address &&
	    port->address[0].addr.family == family)
		return links_has(links, link->index, &port->address[0]) ? port->address[0].addr
		                                                        : ADDR_ANY_NONE;
	return links_first_address(links, link->index, family)->addr;
}

static struct source find_source(const struct tunnel_world *w, const struct snap_tunnel *t)
{
	struct source source = { 0 };
	char device[SNAP_DEVICE_SIZE];

	if (!addr_is_none(&t->source_address)) {
		source.link = links_with_address(w->links, &t->source_address);
		source.address = t->source_address;
	} else if (t->source_interface[0]) {
		enum addr_family family = t->destination.family == ADDR_V6 ? ADDR_V6 : ADDR_V4;
		ports_device(w->ports, w->snapshot, t->source_interface, device);
		source.link = links_by_name(w->links, device);
		if (source.link)
			source.address = interface_source(
				w->links, source.link,
				snapshot_interface(w->snapshot, t->source_interface), family);
	} else {
		source.missing = "no tunnel source";
		return source;
	}
	if (!source.link)
		source.missing = "no output interface";
	else if (!source.link->up || !source.link->running)
		source.missing = "tunnel source is down";
	else if (addr_is_none(&source.address))
		source.missing = "tunnel source has no address";
	return source;
}

static const char *unprotected(const struct tunnel_world *w, const struct snap_tunnel *t)
{
	const struct snap_ipsec_profile *profile =
		snap_ipsec_profile(&w->snapshot->crypto, t->protection.profile);

	if (!t->protected)
		return NULL;
	if (t->other_protection || !t->protection.profile[0])
		return "this form of tunnel protection is not supported";
	if (!w->protects)
		return "tunnel protection is not possible here";
	if (!profile)
		return "IPsec profile is not configured";
	if (!snap_profile_is_complete(&w->snapshot->crypto, profile))
		return "IPsec profile has no transform set, or one that is not configured";
	return NULL;
}

static const char *incomplete(const struct tunnel_world *w, const struct snap_tunnel *t,
                              const struct source *source)
{
	bool p2p = t->mode == SNAP_MODE_GRE_P2P;
	const char *reason = unprotected(w, t);

	if (t->unfinished)
		return "new, and its configuration is not finished";
	if (t->other_mode)
		return "tunnel mode is not supported";
	if (reason)
		return reason;
	if (source->missing)
		return source->missing;
	if (p2p && addr_is_none(&t->destination))
		return "no tunnel destination";
	if (!p2p && !addr_is_none(&t->destination))
		return "tunnel destination given, mode is multipoint";
	if (p2p && t->destination.family != source->address.family)
		return "tunnel source and destination are of different families";
	return snap_tunnel_is_complete(w->snapshot, t) ? NULL : "tunnel is not complete";
}

/* The device that packets of a tunnel leave by is the kernel's to choose; a loopback's MTU says
 * nothing. */
static uint32_t path_mtu(const struct tunnel_world *w, const struct source *source)
{
	uint32_t least = 0;

	if (source->link && !source->link->loopback)
		return source->link->mtu_bytes;
	for (size_t i = 0; source->link && i < w->links->n_links; i++) {
		const struct netlink_link *l = &w->links->link[i];
		const struct snap_interface *known = snapshot_interface(w->snapshot, l->name);
		if (!l->up || !l->running || l->loopback || (known && known->kind == SNAP_TUNNEL))
			continue;
		if (!least || l->mtu_bytes < least)
			least = l->mtu_bytes;
	}
	return least ? least : TUNNEL_PATH_MTU;
}

/*
 * What is left of an IP packet's payload where ESP lies in it (RFC 4303 2.4). Peers may agree on
 * tunnel mode whatever is configured, unless transport mode is required.
 */
static uint32_t sealed_room(const struct snap_transform_set *set, uint32_t room, uint32_t ip_header)
{
	const struct esp_cipher_algorithm *cipher = esp_cipher_algorithm(set->cipher);
	uint32_t icv = cipher->icv_len ? cipher->icv_len : esp_auth_algorithm(set->auth)->icv_len;
	uint32_t around = ESP_HEADER + cipher->iv_len + icv, inside = ESP_TRAILER;

	if (set->mode != SNAP_IPSEC_TRANSPORT || !set->require)
		inside += ip_header;
	uint32_t encrypted = room > around ? (room - around) / cipher->align * cipher->align : 0;
	return encrypted > inside ? encrypted - inside : 0;
}

/*
 * The least that any transform set of the profile leaves, with room for UDP encapsulation: a NAT
 * may come into the path at any time.
 */
static uint32_t protected_room(const struct snapshot *s, const struct snap_tunnel *t, uint32_t room,
                               uint32_t ip_header)
{
	const struct snap_ipsec_profile *profile =
		snap_ipsec_profile(&s->crypto, t->protection.profile);
	uint32_t least = room;

	if (!s->crypto.no_nat_transparency)
		room = room > UDP_HEADER ? room - UDP_HEADER : 0;
	for (size_t i = 0; profile && i < profile->n_sets; i++) {
		const struct snap_transform_set *set =
			snap_transform_set(&s->crypto, profile->set[i]);
		uint32_t left = set ? sealed_room(set, room, ip_header) : room;
		if (left < least)
			least = left;
	}
	return least;
}

static uint16_t inner_mtu(const struct snapshot *s, const struct snap_tunnel *t, uint32_t path,
                          bool v6)
{
	uint32_t ip_header = v6 ? IPV6_HEADER : IPV4_HEADER;
	uint32_t gre = GRE_HEADER + (t->has_key ? GRE_KEY : 0);
	uint32_t room = path > ip_header ? path - ip_header : 0;

	if (t->protected)
		room = protected_room(s, t, room, ip_header);
	if (room < TUNNEL_MTU_MIN + gre)
		return TUNNEL_MTU_MIN;
	return room - gre > UINT16_MAX ? UINT16_MAX : (uint16_t)(room - gre);
}

void tunnel_evaluate(const struct tunnel_world *w, const struct snap_interface *tunnel,
                     struct tunnel_state *ret)
{
	const struct snap_tunnel *t = tunnel->tunnel;

	check(t);
	struct source source = find_source(w, t);
	*ret = (struct tunnel_state){
		.dp = { .number = t->number,
		        .protected = t->protected,
		        .has_key = t->has_key,
		        .key = t->key,
		        .has_tos = t->has_tos,
		        .tos = t->tos,
		        .ttl = snap_tunnel_ttl(t),
		        .network_id = t->nhrp.network_id,
		        .redirect = t->nhrp.redirect,
		        .multicast_batch = t->nhrp.multicast_batch,
		        .multicast_interval_ms = t->nhrp.multicast_interval_ms,
		        .mss_bytes = tunnel->tcp_mss_bytes,
		        .icmp_source = snap_interface_address(tunnel)->addr },
		.admin_up = !tunnel->shutdown,
	};
	ports_device(w->ports, w->snapshot, tunnel->name, ret->dp.ifname);
	if (tunnel->shutdown)
		ret->down_reason = "administratively down";
	else if (!ret->dp.ifname[0])
		ret->down_reason = "name is too long for Linux";
	else
		ret->down_reason = incomplete(w, t, &source);
	ret->dp.up = ret->dp.carrier = !ret->down_reason;
	ret->dp.fails_over = t->nhrp.if_state && t->nhrp.network_id;
	if (!source.missing)
		ret->dp.source = source.address;
	if (t->mode == SNAP_MODE_GRE_P2P)
		ret->dp.destination = t->destination;
	ret->transport_mtu_bytes =
		inner_mtu(w->snapshot, t, path_mtu(w, &source), source.address.family == ADDR_V6);
	ret->dp.mtu_bytes = tunnel->ip_mtu_bytes ? tunnel->ip_mtu_bytes : ret->transport_mtu_bytes;
	ret->nhrp_mtu_bytes = (uint16_t)(TUNNEL_NHRP_MTU - (t->has_key ? GRE_KEY : 0));
}

void tunnel_follow_servers(struct tunnel_state *state, bool answered)
{
	state->dp.carrier = state->dp.up && (answered || !state->dp.fails_over);
	if (state->dp.up && !state->dp.carrier)
		state->down_reason = "no next hop server answers";
}

bool tunnel_state_equal(const struct tunnel_state *a, const struct tunnel_state *b)
{
	const struct dp_tunnel *x = &a->dp, *y = &b->dp;

	return x->number == y->number && strcmp(x->ifname, y->ifname) == 0 &&
	       addr_equal(&x->source, &y->source) && addr_equal(&x->destination, &y->destination) &&
	       x->up == y->up && x->carrier == y->carrier && x->fails_over == y->fails_over &&
	       x->protected == y->protected && x->has_key == y->has_key && x->key == y->key &&
	       x->has_tos == y->has_tos && x->tos == y->tos && x->ttl == y->ttl &&
	       x->network_id == y->network_id && x->redirect == y->redirect &&
	       x->multicast_batch == y->multicast_batch &&
	       x->multicast_interval_ms == y->multicast_interval_ms &&
	       x->mtu_bytes == y->mtu_bytes && x->mss_bytes == y->mss_bytes &&
	       addr_equal(&x->icmp_source, &y->icmp_source) && a->admin_up == b->admin_up;
}
