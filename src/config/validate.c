/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks that need the whole configuration: tunnels that cannot be told apart, next hop servers
 * that nobody can find, networks that overlap. Each remark names the line that gave the value.
 */
#include "config/validate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/blocks.h"
#include "config/remarks.h"
#include "util/memory.h"

struct check {
	const struct validation *v;
	const struct snapshot *s;
	struct config_remarks *remarks;
	enum config_block block; /* that is looked at */
	const char *name;        /* of it */
	struct snap_interface *interface;
	enum config_severity severity;
};

void validation_add(struct validation *v, const struct validation_note *note)
{
	if (note->block == CONFIG_GLOBAL)
		return;
	if (v->n == v->room) {
		v->room = v->room ? 2 * v->room : 64;
		v->note = memory_resize(v->note, v->room, sizeof *v->note);
	}
	v->note[v->n] = *note;
	v->note[v->n++].line = memory_strdup(note->line);
}

/* The last line of the block whose row begins with a stem and which holds a text; else its head
 * line. */
static const struct validation_note *find_note(const struct check *c, const char *stem,
                                               const char *text)
{
	const struct validation_note *head = NULL;

	for (size_t i = c->v->n; i-- > 0;) {
		const struct validation_note *note = &c->v->note[i];
		const char *pattern = note->row->yes.pattern;
		if (note->block != c->block || strcmp(note->name, c->name) != 0)
			continue;
		if (strncmp(pattern, stem, strlen(stem)) == 0 && strstr(note->line, text))
			return note;
		if (!head && note->row->flags & ROW_ENTERS)
			head = note;
	}
	return head;
}

static void add(const struct check *c, const struct validation_note *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(const struct check *c, const struct validation_note *at, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const struct config_remark m = {
		.severity = c->severity,
		.line_number = at ? at->line_number : 1,
		.column = at ? strspn(at->line, " \t") : 0,
		.line = (char *)(uintptr_t)(at ? at->line : c->name),
		.text = text,
	};
	remarks_add(c->remarks, &m);
}

static void check_primary(const struct check *c)
{
	struct snap_interface *i = c->interface;

	if (!i->n_address || !addr_is_none(&i->address[0].addr))
		return;
	struct check grave = *c;
	grave.severity = CONFIG_ERROR;
	add(&grave, find_note(c, "ip address", ""),
	    "secondary addresses without a primary are left out");
	memset(i->address, 0, sizeof i->address);
	i->n_address = 0;
	i->addressing = SNAP_ADDRESS_UNSET;
}

#define STAYS_DOWN "the tunnel stays down, for it may not send in clear"
#define STAY_DOWN  "tunnels with this profile stay down"

/* False when protection has what is said elsewhere, or is not there at all. */
static bool lacks_protection(const struct snapshot *s, const struct snap_tunnel *t)
{
	const struct snap_ipsec_profile *p = snap_ipsec_profile(&s->crypto, t->protection.profile);

	return t->other_protection ||
	       (t->protected && (!p || !snap_profile_is_complete(&s->crypto, p)));
}

static void check_protection(const struct check *c)
{
	const struct snap_protection *p = &c->interface->tunnel->protection;

	if (!p->profile[0] || c->interface->shutdown)
		return;
	const struct validation_note *at = find_note(c, "tunnel protection", p->profile);
	if (!snap_ipsec_profile(&c->s->crypto, p->profile))
		add(c, at, "there is no crypto ipsec profile %s: " STAYS_DOWN, p->profile);
}

static void check_complete(const struct check *c)
{
	const struct snap_tunnel *t = c->interface->tunnel;
	bool has_source = t->source_interface[0] || !addr_is_none(&t->source_address);

	if (c->interface->shutdown || t->other_mode || lacks_protection(c->s, t))
		return;
	if (!has_source)
		add(c, find_note(c, "interface", ""), "the tunnel has no source");
	else if (!snap_tunnel_is_complete(c->s, t))
		add(c, find_note(c, "interface", ""), "the tunnel has no destination");
}

/* A tunnel is a Linux interface of the same name. */
static void check_name(const struct check *c)
{
	struct check grave = *c;

	grave.severity = CONFIG_ERROR;
	if (strlen(c->interface->name) >= SNAP_DEVICE_SIZE)
		add(&grave, find_note(c, "interface", ""),
		    "Linux has no interface names of more than %d letters", SNAP_DEVICE_SIZE - 1);
}

static void check_network_id(const struct check *c)
{
	const struct snap_nhrp *n = &c->interface->tunnel->nhrp;
	bool used = n->n_map || n->n_nhs || n->n_multicast || n->multicast_dynamic ||
	            n->authentication[0] || n->holdtime_s || n->server_only;

	if (used && !n->network_id)
		add(c, find_note(c, "ip nhrp", ""), "NHRP is off: there is no ip nhrp network-id");
}

static bool is_mapped(const struct snap_nhrp *n, const struct addr *a)
{
	for (size_t i = 0; i < n->n_map; i++)
		if (prefix_contains(&n->map[i].target, a))
			return true;
	return false;
}

static void check_servers(const struct check *c)
{
	const struct snap_tunnel *t = c->interface->tunnel;

	for (size_t i = 0; i < t->nhrp.n_nhs; i++) {
		const struct snap_nhs *nhs = &t->nhrp.nhs[i];
		char text[ADDR_TEXT_LEN];
		if (t->mode != SNAP_MODE_GRE_MULTIPOINT || addr_is_none(&nhs->address) ||
		    !addr_is_none(&nhs->nbma) || nhs->fqdn[0] || is_mapped(&t->nhrp, &nhs->address))
			continue;
		addr_format(&nhs->address, text);
		add(c, find_note(c, "ip nhrp nhs", text),
		    "no NBMA address for next hop server %s: neither nbma nor ip nhrp map", text);
	}
}

static bool same_source(const struct snap_tunnel *a, const struct snap_tunnel *b)
{
	if (a->source_interface[0])
		return strcmp(a->source_interface, b->source_interface) == 0;
	return !addr_is_none(&a->source_address) &&
	       addr_equal(&a->source_address, &b->source_address);
}

/* A point to point tunnel is told apart by its destination too. */
static bool are_confused(const struct snapshot *s, const struct snap_tunnel *a,
                         const struct snap_tunnel *b)
{
	return same_source(a, b) && a->has_key == b->has_key && a->key == b->key &&
	       a->mode == b->mode && addr_equal(&a->destination, &b->destination) &&
	       snap_tunnel_is_complete(s, a) && snap_tunnel_is_complete(s, b);
}

static void check_confusion(const struct check *c)
{
	for (size_t i = 0; i < c->s->n_interfaces; i++) {
		const struct snap_interface *other = c->s->interface[i];
		if (other == c->interface)
			return;
		if (!other->tunnel || other->shutdown || c->interface->shutdown ||
		    !are_confused(c->s, other->tunnel, c->interface->tunnel))
			continue;
		add(c, find_note(c, "tunnel source", ""),
		    "same source and key as %s: packets cannot be told apart, give each a "
		    "tunnel key",
		    other->name);
		return;
	}
}

/* Their packets have the same addresses: only as one they can be told which tunnel they are of. */
static void check_shared(const struct check *c)
{
	const struct snap_tunnel *t = c->interface->tunnel;

	for (size_t i = 0; i < c->s->n_interfaces && t->protection.profile[0]; i++) {
		const struct snap_interface *other = c->s->interface[i];
		if (other == c->interface)
			return;
		if (!other->tunnel || other->shutdown || c->interface->shutdown ||
		    !other->tunnel->protection.profile[0] || !same_source(other->tunnel, t))
			continue;
		const struct snap_protection *a = &other->tunnel->protection, *b = &t->protection;
		if (a->shared && b->shared && strcmp(a->profile, b->profile) == 0)
			continue;
		add(c, find_note(c, "tunnel protection", ""),
		    "same source as %s: write the same profile and \"shared\" under both",
		    other->name);
		return;
	}
}

/* Interfaces of different VRFs may have the same networks. */
static bool is_in_vrf(const struct snap_interface *i)
{
	for (size_t k = 0; k < i->kept.n; k++)
		if (strncmp(i->kept.line[k].text, "vrf ", 4) == 0 ||
		    strncmp(i->kept.line[k].text, "ip vrf ", 7) == 0)
			return true;
	return false;
}

static bool overlaps(const struct snap_interface *a, const struct snap_interface *b)
{
	for (size_t i = 0; i < a->n_address; i++)
		for (size_t k = 0; k < b->n_address; k++)
			if (!addr_is_none(&a->address[i].addr) &&
			    !addr_is_none(&b->address[k].addr) &&
			    (prefix_contains(&a->address[i], &b->address[k].addr) ||
			     prefix_contains(&b->address[k], &a->address[i].addr)))
				return true;
	return false;
}

const struct snap_interface *validate_overlap(const struct snapshot *s,
                                              const struct snap_interface *i)
{
	if (i->shutdown || is_in_vrf(i))
		return NULL;
	for (size_t k = 0; k < s->n_interfaces; k++) {
		const struct snap_interface *other = s->interface[k];
		if (other != i && !other->shutdown && overlaps(i, other) && !is_in_vrf(other))
			return other;
	}
	return NULL;
}

static void check_overlap(const struct check *c)
{
	const struct snap_interface *other = validate_overlap(c->s, c->interface);

	if (other)
		add(c, find_note(c, "ip address", ""), "this network overlaps with that of %s",
		    other->name);
}

/* ---- crypto ---- */

static bool has_a_key(const struct snap_crypto *c)
{
	for (size_t i = 0; i < c->n_keyrings; i++)
		for (size_t k = 0; k < c->keyring[i].n_keys; k++)
			if (!c->keyring[i].key[k].type_6)
				return true;
	return false;
}

static void check_policy(const struct check *c, const struct snap_isakmp_policy *p)
{
	if (p->authentication == SNAP_AUTH_RSA_SIG && !p->kept.n && !c->s->crypto.n_trustpoints)
		add(c, find_note(c, "authentication", ""),
		    "%s needs certificates: there is no crypto pki trustpoint",
		    p->has_authentication ? "rsa-sig"
		                          : "without an authentication line it is rsa-sig, which");
	else if (p->authentication == SNAP_AUTH_PRE_SHARE && !has_a_key(&c->s->crypto))
		add(c, find_note(c, "authentication", ""),
		    "there is no pre-shared key: crypto isakmp key … address …");
}

static void check_isakmp_profile(const struct check *c, const struct snap_isakmp_profile *p)
{
	if (p->keyring[0] && !snap_keyring(&c->s->crypto, p->keyring))
		add(c, find_note(c, "keyring", p->keyring),
		    "there is no crypto keyring %s: " STAY_DOWN, p->keyring);
	if (p->trustpoint[0] && !snap_trustpoint(&c->s->crypto, p->trustpoint))
		add(c, find_note(c, "ca trust-point", p->trustpoint),
		    "there is no crypto pki trustpoint %s: nobody has certificates of it",
		    p->trustpoint);
	if (!p->n_match && !p->n_hosts)
		add(c, find_note(c, "match identity", ""),
		    "no match identity address: nobody is let in");
}

static void check_sets(const struct check *c, const struct snap_ipsec_profile *p)
{
	const struct snap_crypto *crypto = &c->s->crypto;
	bool without_replay = snap_profile_replay(crypto, p) == 0;

	for (size_t i = 0; i < p->n_sets; i++) {
		const struct snap_transform_set *set = snap_transform_set(crypto, p->set[i]);
		const struct validation_note *at = find_note(c, "set transform-set", p->set[i]);
		if (!set && block_object(c->s, CONFIG_TRANSFORM_SET, p->set[i]))
			add(c, at, "transform set %s is not in force: " STAY_DOWN, p->set[i]);
		else if (!set)
			add(c, at, "there is no transform set %s: " STAY_DOWN, p->set[i]);
		else if (set->esn && without_replay)
			add(c, at, "esn of %s needs a replay window", p->set[i]);
	}
	if (!p->n_sets)
		add(c, find_note(c, "crypto ipsec profile", ""),
		    "no set transform-set: " STAY_DOWN);
}

/* Only IKEv1 can be asked for anything. */
static void check_ike(const struct check *c, const struct snap_ipsec_profile *p)
{
	const char *ikev2 = "set ikev2-profile";
	bool wants_ikev2 = false;

	for (size_t i = 0; i < p->kept.n; i++)
		wants_ikev2 |= strncmp(p->kept.line[i].text, ikev2, strlen(ikev2)) == 0;
	if (c->s->crypto.n_policies)
		return;
	if (wants_ikev2)
		add(c, find_note(c, ikev2, ""),
		    "without IKEv2, and without a crypto isakmp policy for IKEv1, tunnels with "
		    "this "
		    "profile reach nobody");
	else
		add(c, find_note(c, "crypto ipsec profile", ""),
		    "there is no crypto isakmp policy: tunnels with this profile reach nobody");
}

static void check_ipsec_profile(const struct check *c, const struct snap_ipsec_profile *p)
{
	check_ike(c, p);
	check_sets(c, p);
	if (p->isakmp_profile[0] && !snap_isakmp_profile(&c->s->crypto, p->isakmp_profile))
		add(c, find_note(c, "set isakmp-profile", p->isakmp_profile),
		    "there is no crypto isakmp profile %s: " STAY_DOWN, p->isakmp_profile);
}

static void check_crypto(const struct check *all)
{
	const struct snap_crypto *crypto = &all->s->crypto;
	struct check c = *all;
	char priority[8];

	c.block = CONFIG_ISAKMP_POLICY;
	c.name = priority;
	for (size_t i = 0; i < crypto->n_policies; i++) {
		snprintf(priority, sizeof priority, "%u", crypto->policy[i].priority);
		check_policy(&c, &crypto->policy[i]);
	}
	c.block = CONFIG_ISAKMP_PROFILE;
	for (size_t i = 0; i < crypto->n_isakmp_profiles; i++) {
		c.name = crypto->isakmp_profile[i].name;
		check_isakmp_profile(&c, &crypto->isakmp_profile[i]);
	}
	c.block = CONFIG_IPSEC_PROFILE;
	for (size_t i = 0; i < crypto->n_profiles; i++) {
		c.name = crypto->profile[i].name;
		check_ipsec_profile(&c, &crypto->profile[i]);
	}
}

void validation_finish(struct validation *v, struct snapshot *s, struct config_remarks *remarks)
{
	struct check c = { .v = v, .s = s, .remarks = remarks, .severity = CONFIG_WARNING };

	check_crypto(&c);
	c.block = CONFIG_INTERFACE;
	for (size_t i = 0; i < s->n_interfaces; i++) {
		c.interface = s->interface[i];
		c.name = c.interface->name;
		check_primary(&c);
		check_overlap(&c);
		if (!c.interface->tunnel)
			continue;
		check_name(&c);
		check_complete(&c);
		check_protection(&c);
		check_network_id(&c);
		check_servers(&c);
		check_confusion(&c);
		check_shared(&c);
	}
	for (size_t i = 0; i < v->n; i++)
		free(v->note[i].line);
	free(v->note);
	*v = (struct validation){ 0 };
}
