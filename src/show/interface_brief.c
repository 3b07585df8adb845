/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip interface brief`: one line an interface. */
#include "show/json.h"
#include "show/query.h"

static const char *status(const struct interface_view *i)
{
	bool is_tunnel = i->config && i->config->tunnel;

	if (!i->admin_up)
		return "administratively down";
	/* A tunnel has no wire: what fails is its line protocol. */
	return i->line_up || is_tunnel ? "up" : "down";
}

void show_interface_brief_text(const struct show_query *q, struct strbuf *out)
{
	struct interface_view i;
	size_t cursor = 0;
	char address[ADDR_TEXT_LEN];

	strbuf_printf(out, "%-26s %-15s %-3s %-6s %-21s %s\n", "Interface", "IP-Address", "OK?",
	              "Method", "Status", "Protocol");
	while (query_interface_next(q, &cursor, &i))
		strbuf_printf(out, "%-26s %-15s %-3s %-6s %-21s %-8s\n", i.name,
		              addr_is_none(&i.address.addr) ? "unassigned"
		                                            : addr_format(&i.address.addr, address),
		              "YES", i.method ? i.method : "unset", status(&i),
		              i.line_up ? "up" : "down");
}

void show_interface_brief_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "interfaces");
	struct interface_view i;
	size_t cursor = 0;

	while (query_interface_next(q, &cursor, &i)) {
		json_t *o = show_add_object(array);

		show_put_string(o, "name", i.name);
		show_put_prefix(o, "address", &i.address);
		show_put_string(o, "method", i.method ? i.method : "unset");
		show_put_string(o, "status", status(&i));
		show_put_bool(o, "admin_up", i.admin_up);
		show_put_bool(o, "line_up", i.line_up);
	}
}
