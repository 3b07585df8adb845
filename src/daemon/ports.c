/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ports.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/grammar.h"
#include "util/memory.h"

void ports_fini(struct ports *p)
{
	free(p->port);
	*p = (struct ports){ 0 };
}

/* What the kernel takes: dev_valid_name(). */
static bool is_device_name(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len >= SNAP_DEVICE_SIZE || strcmp(text, ".") == 0 ||
	    strcmp(text, "..") == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '/' || text[i] == ':' || isspace((unsigned char)text[i]))
			return false;
	}
	return true;
}

static const struct port *find(const struct ports *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->port[i].name, name) == 0)
			return &p->port[i];
	}
	return NULL;
}

bool ports_add(struct ports *p, const char *text)
{
	const char *equals = strrchr(text, '=');
	char typed[SNAP_NAME_SIZE];
	struct port port = { 0 };

	if (!equals || equals == text || (size_t)(equals - text) >= sizeof typed ||
	    !is_device_name(equals + 1))
		return false;
	memcpy(typed, text, (size_t)(equals - text));
	typed[equals - text] = '\0';
	if (!grammar_interface_name(typed, port.name, sizeof port.name))
		return false;
	snprintf(port.device, sizeof port.device, "%s", equals + 1);
	const struct port *old = find(p, port.name);
	if (old)
		return strcmp(old->device, port.device) == 0;
	p->port = memory_resize(p->port, p->n + 1, sizeof *p->port);
	p->port[p->n++] = port;
	return true;
}

void ports_device(const struct ports *p, const struct snapshot *s, const char *name, char *ret)
{
	const struct snap_interface *i = snapshot_interface(s, name);
	const struct port *port = find(p, name);
	const char *device = name;

	if (i && i->kind == SNAP_LOOPBACK)
		device = "lo";
	else if (i && i->kind == SNAP_PORT && i->device[0])
		device = i->device;
	else if (port)
		device = port->device;
	snprintf(ret, SNAP_DEVICE_SIZE, "%s", is_device_name(device) ? device : "");
}
