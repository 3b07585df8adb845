/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of any interface: what it is called and which addresses it has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/rows.h"
#include "util/memory.h"

bool set_description(struct edit *e, const struct grammar_args *args)
{
	free(e->interface->description);
	e->interface->description = memory_strdup(grammar_arg(args, "LINE")->text);
	return true;
}

bool clear_description(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	free(e->interface->description);
	e->interface->description = NULL;
	return true;
}

void print_description(const struct printing *p)
{
	if (p->interface->description)
		strbuf_printf(p->out, " description %s\n", p->interface->description);
}

bool set_device(struct edit *e, const struct grammar_args *args)
{
	const char *name = grammar_arg(args, "WORD")->text;

	if (strlen(name) >= SNAP_DEVICE_SIZE || strchr(name, '/'))
		return edit_refuse(e, "a Linux interface has at most %d characters and no slash",
		                   SNAP_DEVICE_SIZE - 1);
	for (size_t i = 0; i < e->s->n_interfaces; i++) {
		const struct snap_interface *other = e->s->interface[i];
		if (other != e->interface && strcmp(other->device, name) == 0)
			return edit_refuse(e, "%s has device %s already", other->name, name);
	}
	snprintf(e->interface->device, sizeof e->interface->device, "%s", name);
	return true;
}

bool clear_device(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	e->interface->device[0] = '\0';
	return true;
}

void print_device(const struct printing *p)
{
	if (p->interface->device[0])
		strbuf_printf(p->out, " device %s\n", p->interface->device);
}

static bool is_host_address(const struct addr *a, uint8_t len)
{
	const struct prefix p = { *a, len };
	const struct prefix network = prefix_network(&p);
	const struct addr broadcast = prefix_broadcast_v4(&p);

	if (addr_is_unspecified(a) || addr_is_multicast(a) || a->bytes[0] >= 240)
		return false;
	return len > 30 || (!addr_equal(a, &network.addr) && !addr_equal(a, &broadcast));
}

/* Secondary addresses may come before the primary, as IOS prints them; address[0] is none until
 * then. */
static bool add_secondary(struct edit *e, const struct prefix *p)
{
	struct snap_interface *i = e->interface;

	if (!e->file && i->addressing != SNAP_ADDRESS_STATIC)
		return edit_refuse(e, "the primary address must be configured first");
	for (size_t k = 0; k < i->n_address; k++)
		if (addr_equal(&i->address[k].addr, &p->addr)) {
			if (k == 0)
				return edit_refuse(e, "that is the primary address");
			i->address[k] = *p;
			return true;
		}
	if (i->n_address == 1 + SNAP_SECONDARY_MAX)
		return edit_refuse(e, "more than %d secondary addresses", SNAP_SECONDARY_MAX);
	i->addressing = SNAP_ADDRESS_STATIC;
	if (!i->n_address)
		i->address[i->n_address++] = (struct prefix){ 0 };
	i->address[i->n_address++] = *p;
	return true;
}

static void remove_address(struct snap_interface *i, size_t k)
{
	i->n_address--;
	memmove(i->address + k, i->address + k + 1, (i->n_address - k) * sizeof i->address[0]);
	memset(&i->address[i->n_address], 0, sizeof i->address[0]);
}

static void remove_addresses(struct snap_interface *i)
{
	memset(i->address, 0, sizeof i->address);
	i->n_address = 0;
	i->addressing = SNAP_ADDRESS_UNSET;
}

bool set_address(struct edit *e, const struct grammar_args *args)
{
	struct snap_interface *i = e->interface;
	const struct prefix p = { grammar_arg(args, "A.B.C.D")->addr,
		                  grammar_arg(args, "MASK")->mask_len };
	char text[PREFIX_TEXT_LEN];

	if (p.len == 0 || !is_host_address(&p.addr, p.len))
		return edit_refuse(e, "%s is not an address for an interface",
		                   prefix_format(&p, text));
	if (grammar_has(args, "secondary"))
		return add_secondary(e, &p);
	for (size_t k = i->n_address; k-- > 1;)
		if (addr_equal(&i->address[k].addr, &p.addr))
			remove_address(i, k);
	i->address[0] = p;
	i->addressing = SNAP_ADDRESS_STATIC;
	if (!i->n_address)
		i->n_address = 1;
	return true;
}

bool set_address_dhcp(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	if (e->interface->kind != SNAP_PORT)
		return edit_refuse(e, "DHCP gives addresses to ports only");
	remove_addresses(e->interface);
	e->interface->addressing = SNAP_ADDRESS_DHCP;
	return true;
}

/* `no ip address` alone takes all addresses. */
bool clear_address(struct edit *e, const struct grammar_args *args)
{
	struct snap_interface *i = e->interface;
	const struct grammar_arg *a = grammar_arg(args, "A.B.C.D");

	if (!a) {
		remove_addresses(i);
		return true;
	}
	for (size_t k = 0; k < i->n_address; k++) {
		if (!addr_equal(&i->address[k].addr, &a->addr))
			continue;
		if (k == 0 && i->n_address > 1)
			return edit_refuse(e, "must delete secondary addresses first");
		if (k == 0)
			remove_addresses(i);
		else
			remove_address(i, k);
		return true;
	}
	return edit_refuse(e, "there is no such address");
}

/* "ip unnumbered", "ip address negotiated": lines that are not ours and give an address. */
static bool has_other_address(const struct snap_interface *i)
{
	for (size_t k = 0; k < i->kept.n; k++)
		if (strncmp(i->kept.line[k].text, "ip unnumbered", 13) == 0 ||
		    strncmp(i->kept.line[k].text, "ip address", 10) == 0)
			return true;
	return false;
}

void print_address(const struct printing *p)
{
	const struct snap_interface *i = p->interface;

	if (i->addressing == SNAP_ADDRESS_DHCP)
		strbuf_adds(p->out, " ip address dhcp\n");
	if (i->addressing == SNAP_ADDRESS_UNSET && !has_other_address(i))
		strbuf_adds(p->out, " no ip address\n");
	for (size_t n = 0; n < i->n_address; n++) {
		size_t k = (n + 1) % i->n_address; /* the primary last */
		const struct addr mask = prefix_mask_v4(i->address[k].len);
		char address[ADDR_TEXT_LEN], mask_text[ADDR_TEXT_LEN];
		if (addr_is_none(&i->address[k].addr))
			continue;
		strbuf_printf(p->out, " ip address %s %s%s\n",
		              addr_format(&i->address[k].addr, address),
		              addr_format(&mask, mask_text), k ? " secondary" : "");
	}
}
