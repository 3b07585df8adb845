/* SPDX-License-Identifier: Apache-2.0 */
/* `tunnel source`, `tunnel destination` and `tunnel mode`. */
#include <stdio.h>
#include <string.h>

#include "config/rows.h"

bool set_source(struct edit *e, const struct grammar_args *args)
{
	struct snap_tunnel *t = e->interface->tunnel;
	const struct grammar_arg *by_name = grammar_arg(args, "INTERFACE");
	const struct grammar_arg *by_address = grammar_arg(args, "ADDR");

	if (by_name && strcmp(by_name->text, e->interface->name) == 0)
		return edit_refuse(e, "a tunnel cannot be its own source");
	if (by_name && strlen(by_name->text) >= sizeof t->source_interface)
		return edit_refuse(e, "the name is too long");
	edit_forget(e, "tunnel source");
	t->source_interface[0] = '\0';
	t->source_address = ADDR_ANY_NONE;
	if (by_name) {
		snprintf(t->source_interface, sizeof t->source_interface, "%s", by_name->text);
		return true;
	}
	t->source_address = by_address->addr;
	if (t->source_address.family == ADDR_V6)
		return edit_warn(e, "IPv6 transport is not yet in force");
	return true;
}

bool clear_source(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_forget(e, "tunnel source");
	e->interface->tunnel->source_interface[0] = '\0';
	e->interface->tunnel->source_address = ADDR_ANY_NONE;
	return true;
}

void print_source(const struct printing *p)
{
	const struct snap_tunnel *t = p->interface->tunnel;
	char text[ADDR_TEXT_LEN];

	if (t->source_interface[0])
		strbuf_printf(p->out, " tunnel source %s\n", t->source_interface);
	else if (!addr_is_none(&t->source_address))
		strbuf_printf(p->out, " tunnel source %s\n", addr_format(&t->source_address, text));
}

bool set_destination(struct edit *e, const struct grammar_args *args)
{
	struct snap_tunnel *t = e->interface->tunnel;
	const struct addr *to = &grammar_arg(args, "ADDR")->addr;

	if (t->mode == SNAP_MODE_GRE_MULTIPOINT)
		return edit_refuse(e, "p2mp tunnels cannot have a tunnel destination");
	if (addr_is_unspecified(to) || addr_is_multicast(to))
		return edit_refuse(e, "not the address of one router");
	edit_forget(e, "tunnel destination");
	t->destination = *to;
	if (to->family == ADDR_V6)
		return edit_warn(e, "IPv6 transport is not yet in force");
	return true;
}

bool set_destination_name(struct edit *e, const struct grammar_args *args)
{
	const struct grammar_arg *name = grammar_arg(args, "WORD");

	if (name && !config_is_name(name->text))
		return edit_refuse(e, "neither an address nor a name");
	if (e->interface->tunnel->mode == SNAP_MODE_GRE_MULTIPOINT)
		return edit_refuse(e, "p2mp tunnels cannot have a tunnel destination");
	e->interface->tunnel->destination = ADDR_ANY_NONE;
	return true;
}

bool clear_destination(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_forget(e, "tunnel destination");
	e->interface->tunnel->destination = ADDR_ANY_NONE;
	return true;
}

void print_destination(const struct printing *p)
{
	char text[ADDR_TEXT_LEN];

	if (!addr_is_none(&p->interface->tunnel->destination))
		strbuf_printf(p->out, " tunnel destination %s\n",
		              addr_format(&p->interface->tunnel->destination, text));
}

bool set_mode(struct edit *e, const struct grammar_args *args)
{
	struct snap_tunnel *t = e->interface->tunnel;
	bool multipoint = grammar_has(args, "multipoint");

	if (multipoint && (!addr_is_none(&t->destination) || edit_has(e, "tunnel destination")))
		return edit_refuse(
			e,
			"Tunnel set mode failed. p2mp tunnels cannot have a tunnel destination.");
	edit_forget(e, "tunnel mode");
	t->mode = multipoint ? SNAP_MODE_GRE_MULTIPOINT : SNAP_MODE_GRE_P2P;
	return true;
}

bool clear_mode(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_forget(e, "tunnel mode");
	e->interface->tunnel->mode = SNAP_MODE_GRE_P2P;
	return true;
}

void print_mode(const struct printing *p)
{
	if (p->interface->tunnel->mode == SNAP_MODE_GRE_MULTIPOINT)
		strbuf_adds(p->out, " tunnel mode gre multipoint\n");
}

/* ---- protection ---- */

/* What is said in full takes the place of the forms that we lack. */
static void forget_protection(struct edit *e)
{
	edit_forget(e, "tunnel protection ipsec profile");
	edit_forget(e, "tunnel protection psk");
	edit_forget(e, "tunnel protection dike");
}

bool set_protection(struct edit *e, const struct grammar_args *args)
{
	struct snap_protection *p = &e->interface->tunnel->protection;
	const char *name = args->arg[0].text;

	if (strlen(name) >= SNAP_CRYPTO_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	*p = (struct snap_protection){ .shared = grammar_has(args, "shared") };
	memcpy(p->profile, name, strlen(name));
	forget_protection(e);
	if (!e->file && !snap_ipsec_profile(&e->s->crypto, name))
		return edit_warn(e,
		                 "there is no crypto ipsec profile %s: the tunnel stays down, for "
		                 "it may not send in clear",
		                 name);
	return true;
}

bool set_other_protection(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	e->interface->tunnel->protection = (struct snap_protection){ 0 };
	forget_protection(e);
	return true;
}

/* In three words alone all forms of it go. */
bool clear_protection(struct edit *e, const struct grammar_args *args)
{
	if (!args->n)
		edit_forget(e, "tunnel protection");
	return set_other_protection(e, args);
}

void print_protection(const struct printing *p)
{
	const struct snap_protection *protection = &p->interface->tunnel->protection;

	if (protection->profile[0])
		strbuf_printf(p->out, " tunnel protection ipsec profile %s%s\n",
		              protection->profile, protection->shared ? " shared" : "");
}
