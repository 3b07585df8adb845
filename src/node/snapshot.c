/* SPDX-License-Identifier: Apache-2.0 */
#include "node/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/check.h"
#include "util/memory.h"

struct snapshot *snapshot_new(void)
{
	return memory_new(1, sizeof(struct snapshot));
}

static struct snap_tunnel *copy_tunnel(const struct snap_tunnel *from)
{
	if (!from)
		return NULL;
	struct snap_tunnel *to = memory_copy(from, 1, sizeof *from);
	const struct snap_nhrp *nhrp = &from->nhrp;
	to->nhrp.map = memory_copy(nhrp->map, nhrp->n_map, sizeof *nhrp->map);
	to->nhrp.summary = memory_copy(nhrp->summary, nhrp->n_summary, sizeof *nhrp->summary);
	to->nhrp.multicast =
		memory_copy(nhrp->multicast, nhrp->n_multicast, sizeof *nhrp->multicast);
	to->nhrp.nhs = memory_copy(nhrp->nhs, nhrp->n_nhs, sizeof *nhrp->nhs);
	return to;
}

static struct snap_interface *copy_interface(const struct snap_interface *from)
{
	struct snap_interface *to = memory_copy(from, 1, sizeof *from);

	to->description = memory_strdup(from->description);
	to->tunnel = copy_tunnel(from->tunnel);
	to->kept = snap_lines_copy(&from->kept);
	return to;
}

struct snapshot *snapshot_copy(const struct snapshot *s)
{
	struct snapshot *to = memory_copy(s, 1, sizeof *s);

	to->interface = memory_copy(s->interface, s->n_interfaces, sizeof *s->interface);
	for (size_t i = 0; i < to->n_interfaces; i++)
		to->interface[i] = copy_interface(s->interface[i]);
	to->route = memory_copy(s->route, s->n_routes, sizeof *s->route);
	for (size_t i = 0; i < to->n_routes; i++)
		to->route[i].rest = memory_strdup(s->route[i].rest);
	to->crypto = snap_crypto_copy(&s->crypto);
	to->kept = snap_lines_copy(&s->kept);
	to->foreign = snap_lines_copy(&s->foreign);
	return to;
}

static void free_interface(struct snap_interface *i)
{
	if (i->tunnel) {
		memory_wipe(i->tunnel->nhrp.authentication, SNAP_AUTH_SIZE);
		free(i->tunnel->nhrp.map);
		free(i->tunnel->nhrp.summary);
		free(i->tunnel->nhrp.multicast);
		free(i->tunnel->nhrp.nhs);
		free(i->tunnel);
	}
	snap_lines_fini(&i->kept);
	free(i->description);
	free(i);
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_interfaces; i++)
		free_interface(s->interface[i]);
	free(s->interface);
	for (size_t i = 0; i < s->n_routes; i++)
		free(s->route[i].rest);
	free(s->route);
	snap_crypto_fini(&s->crypto);
	snap_lines_fini(&s->kept);
	snap_lines_fini(&s->foreign);
	free(s);
}

struct snap_interface *snapshot_interface(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_interfaces; i++)
		if (strcmp(s->interface[i]->name, name) == 0)
			return s->interface[i];
	return NULL;
}

struct snap_interface *snapshot_tunnel(const struct snapshot *s, uint32_t number)
{
	for (size_t i = 0; i < s->n_interfaces; i++)
		if (s->interface[i]->tunnel && s->interface[i]->tunnel->number == number)
			return s->interface[i];
	return NULL;
}

/* IOS prints loopbacks, then tunnels, then ports. */
static int printing_class(enum snap_interface_kind kind)
{
	switch (kind) {
	case SNAP_LOOPBACK:
		return 0;
	case SNAP_TUNNEL:
		return 1;
	default:
		return 2;
	}
}

/* Numbers inside names compare as numbers: Tunnel2 before Tunnel10. */
static bool prints_before(const struct snap_interface *a, const struct snap_interface *b)
{
	int class_a = printing_class(a->kind), class_b = printing_class(b->kind);

	return class_a != class_b ? class_a < class_b : strverscmp(a->name, b->name) < 0;
}

struct snap_interface *snapshot_add_interface(struct snapshot *s, enum snap_interface_kind kind,
                                              const char *name)
{
	check(!snapshot_interface(s, name) && strlen(name) < SNAP_NAME_SIZE);
	struct snap_interface *new = memory_new(1, sizeof *new);
	new->kind = kind;
	snprintf(new->name, sizeof new->name, "%s", name);
	if (kind == SNAP_TUNNEL) {
		new->tunnel = memory_new(1, sizeof *new->tunnel);
		new->tunnel->number =
			(uint32_t)strtoul(name + strcspn(name, "0123456789"), NULL, 10);
	}

	size_t at = 0;
	while (at < s->n_interfaces && prints_before(s->interface[at], new))
		at++;
	s->interface = memory_resize(s->interface, s->n_interfaces + 1, sizeof *s->interface);
	memmove(s->interface + at + 1, s->interface + at,
	        (s->n_interfaces - at) * sizeof *s->interface);
	s->interface[at] = new;
	s->n_interfaces++;
	return new;
}

void snapshot_del_interface(struct snapshot *s, struct snap_interface *gone)
{
	size_t at = 0;

	while (at < s->n_interfaces && s->interface[at] != gone)
		at++;
	check(at < s->n_interfaces);
	s->n_interfaces--;
	memmove(s->interface + at, s->interface + at + 1,
	        (s->n_interfaces - at) * sizeof *s->interface);
	free_interface(gone);
}

const struct prefix *snap_interface_address(const struct snap_interface *i)
{
	static const struct prefix none;

	return i->n_address ? &i->address[0] : &none;
}

uint16_t snap_nhrp_holdtime_s(const struct snap_nhrp *n)
{
	return n->holdtime_s ? n->holdtime_s : SNAP_HOLDTIME_S;
}

uint16_t snap_nhrp_registration_s(const struct snap_nhrp *n)
{
	if (n->registration_timeout_s)
		return n->registration_timeout_s;
	uint16_t third = snap_nhrp_holdtime_s(n) / 3;
	return third ? third : 1;
}

uint8_t snap_nhrp_keepalive_s(const struct snap_nhrp *n)
{
	return n->has_keepalive ? n->keepalive_s : SNAP_KEEPALIVE_S;
}

uint8_t snap_nhrp_keepalive_tries(const struct snap_nhrp *n)
{
	return n->has_keepalive ? n->keepalive_tries : SNAP_KEEPALIVE_TRIES;
}

uint8_t snap_nhrp_redirect_s(const struct snap_nhrp *n)
{
	return n->redirect_timeout_s ? n->redirect_timeout_s : SNAP_REDIRECT_S;
}

uint8_t snap_tunnel_ttl(const struct snap_tunnel *t)
{
	return t->ttl ? t->ttl : SNAP_TTL;
}

static bool is_protection_complete(const struct snapshot *s, const struct snap_tunnel *t)
{
	const struct snap_ipsec_profile *p = snap_ipsec_profile(&s->crypto, t->protection.profile);

	return !t->other_protection && p && snap_profile_is_complete(&s->crypto, p);
}

bool snap_tunnel_is_complete(const struct snapshot *s, const struct snap_tunnel *t)
{
	if (t->unfinished || t->other_mode ||
	    (!t->source_interface[0] && addr_is_none(&t->source_address)))
		return false;
	if (t->protected && !is_protection_complete(s, t))
		return false;
	return (t->mode == SNAP_MODE_GRE_MULTIPOINT) == addr_is_none(&t->destination);
}
