/* SPDX-License-Identifier: Apache-2.0 */
/* Building the worlds of fake_node.h, and asking them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/fake_node.h"
#include "util/check.h"
#include "util/memory.h"

static struct now fake_now(void *ctx)
{
	(void)ctx;
	return (struct now){ fake_ago(0), FAKE_WALL_S * INT64_C(1000) };
}

static const struct node *fake_node(void *ctx)
{
	return &((struct fake *)ctx)->node;
}

static const struct snapshot *fake_running(void *ctx)
{
	return ((struct fake *)ctx)->snapshot;
}

static bool fake_interface_next(void *ctx, size_t *cursor, struct interface_view *ret)
{
	const struct fake *f = ctx;

	if (*cursor >= f->n_interfaces)
		return false;
	*ret = f->interface[(*cursor)++];
	return true;
}

static bool fake_route_next(void *ctx, size_t *cursor, struct route_view *ret)
{
	const struct fake *f = ctx;

	if (*cursor >= f->n_routes)
		return false;
	*ret = f->route[(*cursor)++];
	return true;
}

static bool fake_peer_counters(void *ctx, uint32_t tunnel, const struct addr *peer,
                               struct dp_counters *ret)
{
	const struct fake *f = ctx;

	(void)tunnel;
	if (addr_is_none(peer) || !addr_equal(peer, &f->peer_address))
		return false;
	*ret = f->peer;
	return true;
}

static bool fake_tunnel_counters(void *ctx, uint32_t tunnel, struct dp_counters *ret)
{
	struct fake *f = ctx;

	if (tunnel == DP_NO_TUNNEL) {
		*ret = f->no_tunnel;
		return true;
	}
	const struct interface_view *i = fake_tunnel_interface(f, tunnel);
	if (!i || !i->has_counters)
		return false;
	*ret = i->counters;
	return true;
}

/* Odd ids are inbound, as from 2001. */
static bool fake_sa_state(void *ctx, uint32_t id, struct esp_sa_state *ret)
{
	const struct fake *f = ctx;

	*ret = id % 2 ? f->sa_in : f->sa_out;
	return true;
}

static void fake_program(void *ctx, struct program_view *ret)
{
	*ret = ((struct fake *)ctx)->program;
}

void fake_init(struct fake *f)
{
	*f = (struct fake){
		.snapshot = snapshot_new(),
		.source = { f, fake_now, fake_node, fake_running, fake_interface_next,
		            fake_route_next, fake_peer_counters, fake_tunnel_counters,
		            fake_sa_state, fake_program },
		.program = { .version = "0.1.0",
		             .hostname = "R1",
		             .started = fake_ago(691),
		             .n_workers = 2,
		             .backend = "user",
		             .config_file = "/etc/dmvpnd/dmvpnd.conf",
		             .kernel = "6.1.0-18-amd64",
		             .memory_bytes = 9 << 20 },
	};
}

void fake_fini(struct fake *f)
{
	snapshot_free(f->snapshot);
}

mono fake_ago(int64_t seconds)
{
	return (mono){ (FAKE_NOW_S - seconds) * NS_PER_S };
}

mono fake_in(int64_t seconds)
{
	return fake_ago(-seconds);
}

struct addr fake_addr(const char *text)
{
	struct addr a;

	check(addr_parse(text, &a));
	return a;
}

struct prefix fake_prefix(const char *text)
{
	char address[ADDR_TEXT_LEN];
	const char *slash = strchr(text, '/');

	check(slash && (size_t)(slash - text) < sizeof address);
	snprintf(address, sizeof address, "%.*s", (int)(slash - text), text);
	return (struct prefix){ fake_addr(address), (uint8_t)strtoul(slash + 1, NULL, 10) };
}

static struct prefix host_prefix(const char *address)
{
	struct addr a = fake_addr(address);

	return prefix_host(&a);
}

struct interface_view *fake_add_interface(struct fake *f, enum snap_interface_kind kind,
                                          const char *name, const char *address)
{
	struct interface_view *i = &f->interface[f->n_interfaces++];

	check(f->n_interfaces <= FAKE_INTERFACES_MAX);
	snprintf(i->name, sizeof i->name, "%s", name);
	i->config = snapshot_add_interface(f->snapshot, kind, name);
	i->admin_up = i->line_up = true;
	i->method = "unset";
	i->mtu_bytes = 1500;
	if (address) {
		i->address = fake_prefix(address);
		i->method = "manual";
	}
	return i;
}

struct nhrp_tunnel_view *fake_add_tunnel(struct fake *f, uint32_t number, const char *address)
{
	struct nhrp_tunnel_view *t = &f->node.tunnel[f->node.n_tunnels++];
	char name[SNAP_NAME_SIZE];

	check(f->node.n_tunnels <= FAKE_TUNNELS_MAX);
	snprintf(name, sizeof name, "Tunnel%u", number);
	struct interface_view *i = fake_add_interface(f, SNAP_TUNNEL, name, address);
	snprintf(i->device, sizeof i->device, "Tunnel%u", number);
	snapshot_tunnel(f->snapshot, number)->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
	i->nhrp_mtu_bytes = 17916;
	i->transport_mtu_bytes = i->mtu_bytes = 1476;
	t->tunnel = number;
	t->up = true;
	t->max_send_packets = SNAP_MAX_SEND_PACKETS;
	t->max_send_every_s = SNAP_MAX_SEND_EVERY_S;
	return t;
}

struct interface_view *fake_tunnel_interface(struct fake *f, uint32_t number)
{
	for (size_t i = 0; i < f->n_interfaces; i++)
		if (f->interface[i].config->tunnel &&
		    f->interface[i].config->tunnel->number == number)
			return &f->interface[i];
	return NULL;
}

struct nhrp_entry_view *fake_add_entry(struct fake *f, enum nhrp_entry_type type,
                                       const char *target, const char *nbma)
{
	struct nhrp_entry_view *e = &f->node.entry[f->node.n_entries++];

	check(f->node.n_entries <= FAKE_ENTRIES_MAX);
	e->type = type;
	e->target = strchr(target, '/') ? fake_prefix(target) : host_prefix(target);
	if (nbma) {
		e->nbma = fake_addr(nbma);
		e->via = e->target.addr;
	}
	e->state = nbma ? NHRP_PEER_UP : NHRP_PEER_NHRP;
	e->ever_up = nbma != NULL;
	e->created = e->changed = fake_ago(691);
	e->expires = MONO_NEVER;
	e->size_bytes = 248;
	return e;
}

struct nhs_view *fake_add_nhs(struct fake *f, const char *address, const char *nbma)
{
	struct nhs_view *n = &f->node.nhs[f->node.n_nhs++];

	check(f->node.n_nhs <= FAKE_NHS_MAX);
	n->address = fake_addr(address);
	n->expecting = true;
	n->last_reply = MONO_NEVER;
	if (nbma) {
		n->nbma = fake_addr(nbma);
		n->responding = true;
	}
	return n;
}

struct route_view *fake_add_route(struct fake *f, char code, const char *to, const char *interface)
{
	struct route_view *r = &f->route[f->n_routes++];

	check(f->n_routes <= FAKE_ROUTES_MAX);
	r->code = code;
	r->to = fake_prefix(to);
	snprintf(r->interface, sizeof r->interface, "%s", interface);
	r->distance = code == 'S' ? 1 : 0;
	return r;
}

struct ike_sa_view *fake_add_ike_sa(struct fake *f, const char *local, const char *remote)
{
	struct ike_sa_view *sa = &f->node.ike_sa[f->node.n_ike_sas++];

	check(f->node.n_ike_sas <= FAKE_SAS_MAX);
	*sa = (struct ike_sa_view){ .id = 1000 + (uint32_t)f->node.n_ike_sas,
		                    .local = fake_addr(local),
		                    .remote = fake_addr(remote),
		                    .local_port = 500,
		                    .remote_port = 500,
		                    .state = IKE_QM_IDLE,
		                    .initiator = true,
		                    .cipher = CIPHER_AES128,
		                    .hash = HASH_SHA256,
		                    .group = 14,
		                    .auth = SNAP_AUTH_PRE_SHARE,
		                    .has_dpd = true,
		                    .expires = fake_in(SNAP_ISAKMP_LIFETIME_S - 691),
		                    .icookie = 0x1122334455667788,
		                    .rcookie = 0x99AABBCCDDEEFF00,
		                    .peer_id = fake_addr(remote) };
	return sa;
}

struct ipsec_view *fake_add_ipsec(struct fake *f, const char *local, const char *remote)
{
	const uint32_t i = (uint32_t)f->node.n_ipsec++;
	struct ipsec_view *v = &f->node.ipsec[i];

	check(f->node.n_ipsec <= FAKE_SAS_MAX);
	*v = (struct ipsec_view){ .local = fake_addr(local),
		                  .remote = fake_addr(remote),
		                  .at = fake_addr(remote),
		                  .wanted = true,
		                  .up = true,
		                  .ike_id = 1001,
		                  .id = 2001 + 2 * i,
		                  .spi_in = 0x2884EDEA + i,
		                  .spi_out = 0xA2BC2FED + i,
		                  .cipher = ESP_AES128,
		                  .auth = ESP_SHA1_96,
		                  .mode = ESP_TUNNEL,
		                  .initiator = true,
		                  .replay_packets = SNAP_REPLAY_PACKETS,
		                  .lifetime_kb = SNAP_IPSEC_LIFETIME_KB,
		                  .since = fake_ago(691),
		                  .expires = fake_in(SNAP_IPSEC_LIFETIME_S - 691),
		                  .peer_since = fake_ago(691) };
	return v;
}

static char *answer(struct fake *f, const struct show_request *request)
{
	struct strbuf out;

	strbuf_init(&out);
	show(&f->source, request, &out);
	return strbuf_take(&out);
}

/* Runs of blanks become one; none stay at the ends of lines. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		if (*at == ' ' && (to == text || to[-1] == '\n' || to[-1] == ' '))
			continue;
		if (*at == '\n' && to > text && to[-1] == ' ')
			to--;
		*to++ = *at;
	}
	*to = '\0';
}

void expect_show(struct fake *f, struct show_request request, const char *text)
{
	char *got = answer(f, &request);

	assert_string_equal(got, text);
	free(got);
}

void expect_show_words(struct fake *f, struct show_request request, const char *text)
{
	char *got = answer(f, &request), *want = memory_strdup(text);

	squeeze(got);
	squeeze(want);
	assert_string_equal(got, want);
	free(got);
	free(want);
}

void expect_show_has(struct fake *f, struct show_request request, const char *text)
{
	char *got = answer(f, &request);

	if (!strstr(got, text))
		fail_msg("\"%s\" is not in:\n%s", text, got);
	free(got);
}
