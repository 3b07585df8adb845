/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show interfaces`: for tunnels IOS's layout of an mGRE interface. Lines about things that are not
 * measured here (rates, queues) are left out rather than filled with zeroes.
 */
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

static const char *hardware(const struct interface_view *i)
{
	if (!i->config)
		return "Ethernet";
	switch (i->config->kind) {
	case SNAP_TUNNEL:
		return "Tunnel";
	case SNAP_LOOPBACK:
		return "Loopback";
	case SNAP_PORT:
		break;
	}
	return "Ethernet";
}

static bool is_tunnel(const struct interface_view *i)
{
	return i->config && i->config->tunnel;
}

static uint32_t bandwidth_kbps(const struct interface_view *i)
{
	if (i->config && i->config->bandwidth_kbps)
		return i->config->bandwidth_kbps;
	return is_tunnel(i) ? SNAP_TUNNEL_BANDWIDTH_KBPS : 0;
}

static uint64_t delay_us(const struct interface_view *i)
{
	uint32_t tens_us = i->config ? i->config->delay_tens_us : 0;

	if (!tens_us && is_tunnel(i))
		tens_us = SNAP_TUNNEL_DELAY_TENS_US;
	return 10ULL * tens_us;
}

static void add_head(const struct interface_view *i, struct strbuf *out)
{
	char address[PREFIX_TEXT_LEN];

	strbuf_printf(out, "%s is %s, line protocol is %s \n", i->name,
	              i->admin_up ? (is_tunnel(i) || i->line_up ? "up" : "down")
	                          : "administratively down",
	              i->line_up ? "up" : "down");
	strbuf_printf(out, "  Hardware is %s", hardware(i));
	if (*i->device)
		strbuf_printf(out, ", Linux device %s", i->device);
	strbuf_addc(out, '\n');
	if (i->config && i->config->description)
		strbuf_printf(out, "  Description: %s\n", i->config->description);
	if (!addr_is_none(&i->address.addr))
		strbuf_printf(out, "  Internet address is %s\n",
		              prefix_format(&i->address, address));
}

static void add_mtu(const struct interface_view *i, struct strbuf *out)
{
	strbuf_printf(out, "  MTU %u bytes, ", is_tunnel(i) ? i->nhrp_mtu_bytes : i->mtu_bytes);
	if (bandwidth_kbps(i))
		strbuf_printf(out, "BW %u Kbit/sec, ", bandwidth_kbps(i));
	if (delay_us(i))
		strbuf_printf(out, "DLY %llu usec, ", (unsigned long long)delay_us(i));
	strbuf_adds(out, "\n     reliability 255/255, txload 1/255, rxload 1/255\n");
}

static void add_tunnel_source(const struct interface_view *i, struct strbuf *out)
{
	const struct snap_tunnel *t = i->config->tunnel;
	char source[ADDR_TEXT_LEN], destination[ADDR_TEXT_LEN];
	const struct addr *from = addr_is_none(&i->source) ? &t->source_address : &i->source;

	strbuf_printf(out, "  Tunnel source %s", words_addr(from, source));
	if (*t->source_interface)
		strbuf_printf(out, " (%s)", t->source_interface);
	if (t->mode == SNAP_MODE_GRE_P2P)
		strbuf_printf(out, ", destination %s", words_addr(&t->destination, destination));
	strbuf_addc(out, '\n');
}

static void add_tunnel(const struct interface_view *i, struct strbuf *out)
{
	const struct snap_tunnel *t = i->config->tunnel;

	strbuf_adds(out, "  Encapsulation TUNNEL, loopback not set\n"
	                 "  Keepalive not set\n");
	strbuf_printf(out, "  Tunnel linestate evaluation %s", i->line_up ? "up" : "down");
	if (!i->line_up && i->down_reason)
		strbuf_printf(out, " - %s", i->down_reason);
	strbuf_addc(out, '\n');
	add_tunnel_source(i, out);
	strbuf_printf(out, "  Tunnel protocol/transport %s\n",
	              t->mode == SNAP_MODE_GRE_MULTIPOINT ? "multi-GRE/IP" : "GRE/IP");
	if (t->has_key)
		strbuf_printf(out, "    Key 0x%X, sequencing disabled\n", t->key);
	else
		strbuf_adds(out, "    Key disabled, sequencing disabled\n");
	strbuf_printf(out,
	              "    Checksumming of packets disabled\n"
	              "  Tunnel TTL %u, Fast tunneling enabled\n"
	              "  Tunnel transport MTU %u bytes\n"
	              "  Tunnel transmit bandwidth 8000 (kbps)\n"
	              "  Tunnel receive bandwidth 8000 (kbps)\n",
	              snap_tunnel_ttl(t), i->transport_mtu_bytes);
	if (*t->protection.profile)
		strbuf_printf(out, "  Tunnel protection via IPSec (profile \"%s\"%s)\n",
		              t->protection.profile, t->protection.shared ? " shared" : "");
}

static uint64_t drops_total(const struct dp_counters *c, bool input)
{
	uint64_t sum = 0;

	for (int i = 0; i < DP_DROPS_N; i++)
		if (words_drop_is_input((enum dp_drop)i) == input)
			sum += c->drops[i];
	return sum;
}

static void add_counters(const struct show_query *q, const struct dp_counters *c,
                         struct strbuf *out)
{
	char input[SHOW_TIME_SIZE], output[SHOW_TIME_SIZE];

	strbuf_printf(out, "  Last input %s, output %s, output hang never\n",
	              show_time(query_age_ns_s(q, c->last_rx_ns), input),
	              show_time(query_age_ns_s(q, c->last_tx_ns), output));
	strbuf_printf(out, "  Total output drops: %llu\n",
	              (unsigned long long)drops_total(c, false));
	strbuf_printf(out, "     %llu packets input, %llu bytes\n",
	              (unsigned long long)c->rx_packets, (unsigned long long)c->rx_bytes);
	strbuf_printf(out, "     %llu input errors\n", (unsigned long long)drops_total(c, true));
	strbuf_printf(out, "     %llu packets output, %llu bytes\n",
	              (unsigned long long)c->tx_packets, (unsigned long long)c->tx_bytes);
}

void show_interfaces_text(const struct show_query *q, struct strbuf *out)
{
	struct interface_view i;
	size_t cursor = 0;

	while (query_interface_next(q, &cursor, &i)) {
		add_head(&i, out);
		add_mtu(&i, out);
		if (is_tunnel(&i))
			add_tunnel(&i, out);
		if (i.has_counters)
			add_counters(q, &i.counters, out);
	}
}

static void put_tunnel(json_t *o, const struct interface_view *i)
{
	const struct snap_tunnel *t = i->config->tunnel;

	show_put_addr(o, "source", &i->source);
	show_put_string(o, "source_interface", *t->source_interface ? t->source_interface : NULL);
	show_put_addr(o, "destination", &t->destination);
	show_put_string(o, "mode", words_tunnel_mode(t->mode));
	if (t->has_key)
		show_put_u64(o, "key", t->key);
	else
		show_put_null(o, "key");
	show_put_u64(o, "ttl", snap_tunnel_ttl(t));
	if (t->has_tos)
		show_put_u64(o, "tos", t->tos);
	else
		show_put_null(o, "tos");
	show_put_string(o, "protection_profile",
	                *t->protection.profile ? t->protection.profile : NULL);
	show_put_bool(o, "protection_shared", t->protection.shared);
	show_put_u64(o, "nhrp_mtu_bytes", i->nhrp_mtu_bytes);
	show_put_u64(o, "transport_mtu_bytes", i->transport_mtu_bytes);
}

static void put_counters(const struct show_query *q, json_t *o, const struct dp_counters *c)
{
	show_put_counters(q, o, c);
	show_put_u64(o, "input_drops", drops_total(c, true));
	show_put_u64(o, "output_drops", drops_total(c, false));
}

static void put_interface(const struct show_query *q, json_t *o, const struct interface_view *i)
{
	show_put_string(o, "name", i->name);
	show_put_string(o, "device", *i->device ? i->device : NULL);
	show_put_string(o, "hardware", hardware(i));
	show_put_string(o, "description", i->config ? i->config->description : NULL);
	show_put_bool(o, "admin_up", i->admin_up);
	show_put_bool(o, "line_up", i->line_up);
	show_put_string(o, "down_reason", i->line_up ? NULL : i->down_reason);
	show_put_prefix(o, "address", &i->address);
	show_put_u64(o, "mtu_bytes", i->mtu_bytes);
	show_put_u64(o, "bandwidth_kbps", bandwidth_kbps(i));
	show_put_u64(o, "delay_us", delay_us(i));
	if (is_tunnel(i))
		put_tunnel(show_put_object(o, "tunnel"), i);
	else
		show_put_null(o, "tunnel");
	if (i->has_counters)
		put_counters(q, show_put_object(o, "counters"), &i->counters);
	else
		show_put_null(o, "counters");
}

void show_interfaces_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "interfaces");
	struct interface_view i;
	size_t cursor = 0;

	while (query_interface_next(q, &cursor, &i))
		put_interface(q, show_add_object(array), &i);
}
