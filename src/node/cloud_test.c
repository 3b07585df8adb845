/* SPDX-License-Identifier: Apache-2.0 */
#include "node/cloud_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "util/check.h"
#include "util/memory.h"

enum { DELAY_MS = 10, WALL_START_MS = 1700000000, UDP_PORT = 4500 };

struct addr cloud_addr(const char *text)
{
	struct addr a = ADDR_ANY_NONE;

	check(!text || addr_parse(text, &a));
	return a;
}

struct now cloud_now(const struct cloud *c)
{
	return (struct now){ { (c->now_ms + 1000) * NS_PER_MS },
		             WALL_START_MS * 1000LL + c->now_ms };
}

void cloud_init(struct cloud *c)
{
	memset(c, 0, sizeof *c);
	prng_seed(&c->prng, 1);
	strbuf_init(&c->trace);
}

/* ---- configuration ---- */

static struct prefix read_prefix(const char *text)
{
	char address[ADDR_TEXT_LEN];
	unsigned len;

	check(sscanf(text, "%45[^/]/%u", address, &len) == 2);
	return (struct prefix){ cloud_addr(address), (uint8_t)len };
}

/* The number behind a word, or 0. */
static uint8_t read_number(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at ? (uint8_t)strtoul(at + strlen(word), NULL, 10) : 0;
}

static void add_nhs(struct snap_nhrp *nhrp, const char *text)
{
	struct snap_nhs *nhs = &nhrp->nhs[nhrp->n_nhs++];
	char address[64], nbma[64] = "";

	check(sscanf(text, "%63s nbma %63s", address, nbma) >= 1);
	*nhs = (struct snap_nhs){ .multicast = strstr(text, " multicast") };
	if (strcmp(address, "dynamic") != 0)
		nhs->address = cloud_addr(address);
	if (nbma[0] && !addr_parse(nbma, &nhs->nbma))
		snprintf(nhs->fqdn, sizeof nhs->fqdn, "%s", nbma);
	nhs->priority = read_number(text, " priority ");
	nhs->cluster = read_number(text, " cluster ");
}

static void add_map(struct snap_nhrp *nhrp, const char *text)
{
	struct snap_map *map = &nhrp->map[nhrp->n_map++];
	char target[64], nbma[64];

	check(sscanf(text, "%63s %63s %hhu", target, nbma, &map->preference) >= 2);
	map->target = read_prefix(target);
	map->nbma = cloud_addr(nbma);
}

/* Group 19, since it is the quickest. */
static void protect(struct snapshot *s, struct snap_tunnel *t, const char *psk)
{
	struct snap_crypto *c = &s->crypto;

	t->protected = true;
	snprintf(t->protection.profile, sizeof t->protection.profile, "P");
	c->policy = memory_new(1, sizeof *c->policy);
	c->policy[c->n_policies++] =
		(struct snap_isakmp_policy){ .priority = 1,
		                             .has_authentication = true,
		                             .authentication = SNAP_AUTH_PRE_SHARE,
		                             .has_group = true,
		                             .group = 19 };
	c->keyring = memory_new(1, sizeof *c->keyring);
	c->keyring[c->n_keyrings++].key = memory_new(1, sizeof *c->keyring->key);
	c->keyring->n_keys = 1;
	c->keyring->key->secret = memory_strdup(psk);
	c->keyring->key->peer = read_prefix("0.0.0.0/0");
	c->set = memory_new(1, sizeof *c->set);
	c->set[c->n_sets++] = (struct snap_transform_set){ .name = "T",
		                                           .cipher = ESP_AES128,
		                                           .auth = ESP_SHA1_96 };
	c->profile = memory_new(1, sizeof *c->profile);
	c->profile[c->n_profiles++] =
		(struct snap_ipsec_profile){ .name = "P", .set = { "T" }, .n_sets = 1 };
}

/* With the tables that protect() made. */
static void free_snapshot(struct snapshot *s)
{
	if (s && s->crypto.n_keyrings) {
		free(s->crypto.policy);
		free(s->crypto.keyring->key->secret);
		free(s->crypto.keyring->key);
		free(s->crypto.keyring);
		free(s->crypto.set);
		free(s->crypto.profile);
		s->crypto = (struct snap_crypto){ 0 };
	}
	snapshot_free(s);
}

static struct snapshot *make_snapshot(const struct cloud_spec *spec)
{
	struct snapshot *s = snapshot_new();

	if (!spec->overlay)
		return s;
	struct snap_interface *i = snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
	struct snap_nhrp *nhrp = &i->tunnel->nhrp;
	i->address[0] = read_prefix(spec->overlay);
	i->n_address = 1;
	i->tunnel->source_address = cloud_addr("0.0.0.1");
	i->tunnel->destination = cloud_addr(spec->destination);
	i->tunnel->mode = spec->destination ? SNAP_MODE_GRE_P2P : SNAP_MODE_GRE_MULTIPOINT;
	nhrp->network_id = 1;
	i->tunnel->has_key = spec->key != 0;
	i->tunnel->key = spec->key;
	if (spec->psk)
		protect(s, i->tunnel, spec->psk);
	nhrp->holdtime_s = spec->holdtime_s;
	nhrp->registration_timeout_s = spec->registration_s;
	nhrp->registration_delay_s = spec->registration_delay_s;
	nhrp->registration_no_unique = spec->no_unique;
	nhrp->server_only = spec->server_only;
	nhrp->if_state = spec->if_state;
	nhrp->has_keepalive = true;
	nhrp->keepalive_s = spec->keepalive_s;
	nhrp->keepalive_tries = SNAP_KEEPALIVE_TRIES;
	nhrp->no_record = spec->no_record;
	nhrp->max_send_packets = spec->max_send;
	nhrp->multicast_dynamic = spec->multicast_dynamic;
	nhrp->redirect = spec->redirect;
	nhrp->redirect_timeout_s = spec->redirect_s;
	nhrp->shortcut = spec->shortcut;
	if (spec->authentication)
		snprintf(nhrp->authentication, sizeof nhrp->authentication, "%s",
		         spec->authentication);
	nhrp->nhs = memory_new(CLOUD_LINES_MAX, sizeof *nhrp->nhs);
	nhrp->map = memory_new(CLOUD_LINES_MAX, sizeof *nhrp->map);
	nhrp->multicast = memory_new(CLOUD_LINES_MAX, sizeof *nhrp->multicast);
	for (size_t k = 0; k < CLOUD_LINES_MAX && spec->nhs[k]; k++)
		add_nhs(nhrp, spec->nhs[k]);
	memcpy(nhrp->cluster, spec->cluster, sizeof nhrp->cluster);
	nhrp->has_nhs_fallback = spec->fallback_s;
	nhrp->nhs_fallback_s = spec->fallback_s;
	for (size_t k = 0; k < CLOUD_LINES_MAX && spec->map[k]; k++)
		add_map(nhrp, spec->map[k]);
	if (spec->also)
		spec->also(nhrp);
	for (size_t k = 0; k < CLOUD_LINES_MAX && spec->multicast[k]; k++)
		nhrp->multicast[nhrp->n_multicast++].nbma = cloud_addr(spec->multicast[k]);
	return s;
}

/* ---- trace ---- */

static void print_addr(struct cloud *c, const struct addr *a)
{
	char text[ADDR_TEXT_LEN];

	if (!addr_is_none(a))
		strbuf_printf(&c->trace, " %s", addr_format(a, text));
}

static void print_packet(struct cloud *c, const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p;

	if (!bytes || nhrp_parse(bytes, len, &p) != NHRP_WIRE_OK)
		return;
	strbuf_printf(&c->trace, " %s", nhrp_type_name(p.type));
	if (p.type == NHRP_ERROR_INDICATION) {
		strbuf_printf(&c->trace, " %u", p.error);
		return;
	}
	strbuf_printf(&c->trace, " %u", p.request_id);
	if (p.type == NHRP_RESOLUTION_REQUEST)
		print_addr(c, &p.dst_proto);
	if (p.n_cie && p.cie[0].code)
		strbuf_printf(&c->trace, " code %u", p.cie[0].code);
}

static bool is_hidden(const struct cloud *c, const struct node_action *a)
{
	enum trace_type type = a->trace.type;

	if (a->type != NODE_TRACE)
		return a->type != NODE_SET_PEER && a->type != NODE_DEL_PEER &&
		       a->type != NODE_SET_MULTICAST && a->type != NODE_DEL_MULTICAST &&
		       a->type != NODE_SET_ROUTE && a->type != NODE_DEL_ROUTE &&
		       a->type != NODE_LINE && a->type != NODE_LOOK_UP && a->type != NODE_STOPPED;
	return type == TRACE_PACKET_RECEIVED || type == TRACE_IKE_SENT ||
	       type == TRACE_IKE_RECEIVED ||
	       (c->terse && (type == TRACE_CACHE_ADDED || type == TRACE_CACHE_UPDATED ||
	                     type == TRACE_CACHE_DELETED));
}

static void print_trace(struct cloud *c, const struct trace *t)
{
	strbuf_adds(&c->trace, trace_type_word(t->type));
	print_addr(c, &t->overlay);
	print_addr(c, &t->peer);
	if (t->drop)
		strbuf_printf(&c->trace, " (%s)", node_drop_key(t->drop));
	if (t->type != TRACE_AUTHENTICATION_FAILED && t->type != TRACE_ERROR_RECEIVED)
		print_packet(c, t->packet, t->packet_len);
	if (t->code)
		strbuf_printf(&c->trace, " code %u", t->code);
	if (t->reason)
		strbuf_printf(&c->trace, " (%s)", trace_reason_text(t->reason));
	if (t->text)
		strbuf_printf(&c->trace, " \"%s\"", t->text);
}

static void print_action(struct cloud *c, const struct cloud_router *r, const struct node_action *a)
{
	static const char *const kinds[] = { "static", "registered", "resolved", "via-nhs" };

	if (is_hidden(c, a))
		return;
	strbuf_printf(&c->trace, "%8.3f %s ", (double)c->now_ms / 1000, r->spec.name);
	switch (a->type) {
	case NODE_SET_PEER:
		strbuf_adds(&c->trace, "set-peer");
		print_addr(c, &a->peer.peer);
		print_addr(c, &a->peer.nbma);
		strbuf_printf(&c->trace, " %s", kinds[a->peer.kind]);
		break;
	case NODE_DEL_PEER:
		strbuf_adds(&c->trace, "del-peer");
		print_addr(c, &a->peer.peer);
		break;
	case NODE_SET_MULTICAST:
	case NODE_DEL_MULTICAST:
		strbuf_adds(&c->trace,
		            a->type == NODE_SET_MULTICAST ? "set-multicast" : "del-multicast");
		print_addr(c, &a->peer.nbma);
		break;
	case NODE_SET_ROUTE:
	case NODE_DEL_ROUTE:
		strbuf_adds(&c->trace, a->type == NODE_SET_ROUTE ? "set-route " : "del-route ");
		strbuf_adds(&c->trace, prefix_format(&a->route.to, (char[PREFIX_TEXT_LEN]){ 0 }));
		print_addr(c, &a->route.via);
		if (a->type == NODE_SET_ROUTE && a->route.override)
			strbuf_adds(&c->trace, " override");
		break;
	case NODE_LINE:
		strbuf_printf(&c->trace, "line %s", a->line.up ? "up" : "down");
		break;
	case NODE_LOOK_UP:
		strbuf_printf(&c->trace, "look-up %s", a->look_up.name);
		break;
	case NODE_STOPPED:
		strbuf_adds(&c->trace, "stopped");
		break;
	default:
		print_trace(c, &a->trace);
	}
	strbuf_addc(&c->trace, '\n');
}

/* ---- protection ---- */

static const struct cloud_sa *find_sa(const struct cloud_router *r, uint32_t id)
{
	for (size_t i = 0; i < r->n_sas; i++)
		if (r->sa[i].id == id)
			return &r->sa[i];
	return NULL;
}

static void add_sa(struct cloud_router *r, const struct node_sa *sa)
{
	assert_null(find_sa(r, sa->id));
	assert_in_range(r->n_sas, 0, CLOUD_SAS_MAX - 1);
	r->sa[r->n_sas++] = (struct cloud_sa){ sa->id,   sa->spi,    sa->outbound,
		                               sa->nbma, sa->remote, sa->udp_port };
}

static void move_sa(struct cloud_router *r, const struct node_action *a)
{
	const struct cloud_sa *sa = find_sa(r, a->move.id);

	assert_non_null(sa);
	r->sa[sa - r->sa].remote = a->move.remote;
	r->sa[sa - r->sa].udp_port = a->move.udp_port;
}

static void del_sa(struct cloud_router *r, uint32_t id)
{
	const struct cloud_sa *gone = find_sa(r, id);

	assert_non_null(gone);
	r->sa[gone - r->sa] = r->sa[--r->n_sas];
}

static struct cloud_use *find_use(struct cloud_router *r, const struct addr *nbma)
{
	for (size_t i = 0; i < r->n_uses; i++)
		if (addr_equal(&r->use[i].nbma, nbma))
			return &r->use[i];
	return NULL;
}

static void use_sa(struct cloud_router *r, const struct node_action *a)
{
	struct cloud_use *use = find_use(r, &a->use.nbma);

	assert_true(!a->use.id || find_sa(r, a->use.id));
	if (!use) {
		assert_in_range(r->n_uses, 0, CLOUD_SAS_MAX - 1);
		use = &r->use[r->n_uses++];
	}
	*use = (struct cloud_use){ a->use.nbma, a->use.id };
}

/* What NHRP sends on a protected tunnel must have an association, or it would leave in clear. */
static void seal(struct cloud_router *r, struct cloud_packet *p)
{
	const struct cloud_use *use = r->spec.psk ? find_use(r, &p->to) : NULL;
	const struct cloud_sa *sa = use ? find_sa(r, use->id) : NULL;

	assert_true(sa || !r->spec.psk);
	p->spi = sa ? sa->spi : 0;
	if (!sa)
		return;
	p->to = sa->remote;
	if (sa->udp_port)
		p->path = (struct node_ike_path){ .from_port = UDP_PORT, .to_port = sa->udp_port };
}

static const struct cloud_sa *open_packet(const struct cloud_router *r,
                                          const struct cloud_packet *p)
{
	for (size_t i = 0; i < r->n_sas; i++)
		if (!r->sa[i].outbound && r->sa[i].spi == p->spi)
			return &r->sa[i];
	return NULL;
}

/* ---- the link ---- */

static void fly(struct cloud *c, struct cloud_router *r, struct cloud_packet *p)
{
	cloud_nat_leave(c, r, p);
	if (c->lose) {
		c->lose--;
		return;
	}
	assert_in_range(c->n_flight, 0, CLOUD_FLIGHT_MAX - 1);
	size_t at = c->n_flight++;
	for (; at > 0 && c->flight[at - 1].at_ms > p->at_ms; at--)
		c->flight[at] = c->flight[at - 1];
	c->flight[at] = *p;
}

static void launch_ike(struct cloud *c, struct cloud_router *r, const struct node_action *a)
{
	struct cloud_packet p = { .at_ms = c->now_ms + DELAY_MS,
		                  .from = addr_is_none(&r->public) ? a->ike.path.from : r->public,
		                  .to = a->ike.path.to,
		                  .path = a->ike.path,
		                  .len = a->ike.len };

	assert_in_range(a->ike.len, 1, sizeof p.bytes);
	memcpy(p.bytes, a->ike.bytes, p.len);
	if (addr_equal(&a->ike.path.from, &r->nbma)) /* no delete from the address before */
		fly(c, r, &p);
}

static void launch(struct cloud *c, struct cloud_router *r, const struct node_action *a)
{
	struct cloud_packet *p = &c->last;

	assert_true(addr_equal(&a->send.from, &r->nbma));
	assert_in_range(a->send.len, NHRP_FIXED_LEN, NHRP_PACKET_MAX);
	*p = (struct cloud_packet){ .at_ms = c->now_ms + DELAY_MS + c->late_ms };
	p->from = addr_is_none(&r->public) ? a->send.from : r->public;
	p->to = a->send.to;
	p->len = a->send.len;
	memcpy(p->bytes, a->send.bytes, p->len);
	seal(r, p);
	if (c->on_send)
		c->on_send(c->ctx, p);
	fly(c, r, p);
}

static void act(struct cloud *c, struct cloud_router *r, const struct node_action *a)
{
	switch (a->type) {
	case NODE_SEND:
		launch(c, r, a);
		break;
	case NODE_RESERVE_IDS:
		r->reserved = a->request_id_next;
		break;
	case NODE_LOOK_UP:
		r->cookie = a->look_up.cookie;
		break;
	case NODE_SAVE_CACHE:
		r->n_saves++;
		break;
	case NODE_FIND_ROUTE:
		assert_in_range(r->n_questions, 0, CLOUD_QUESTIONS_MAX - 1);
		r->question[r->n_questions++] = *a;
		break;
	case NODE_IKE_SEND:
		launch_ike(c, r, a);
		break;
	case NODE_SA_ADD:
		add_sa(r, a->sa);
		break;
	case NODE_SA_DEL:
		del_sa(r, a->sa_id);
		break;
	case NODE_SA_USE:
		use_sa(r, a);
		break;
	case NODE_SA_MOVE:
		move_sa(r, a);
		break;
	default:
		break;
	}
}

static void step(struct cloud *c, size_t i, const struct node_event *event)
{
	struct cloud_router *r = &c->router[i];

	node_step(r->node, cloud_now(c), event, &c->out);
	for (size_t k = 0; k < c->out.n; k++) {
		const struct node_action *a = &c->out.action[k];
		print_action(c, r, a);
		act(c, r, a);
	}
}

/* Tells the node what its routes say to the question asked longest ago. */
static void answer_question(struct cloud *c, size_t i)
{
	struct cloud_router *r = &c->router[i];
	struct node_event event = { .type = NODE_ROUTE };
	struct node_action question = r->question[0];
	char to[64], via[64];

	memmove(r->question, r->question + 1, --r->n_questions * sizeof question);
	event.route.cookie = question.route.cookie;
	for (size_t k = 0; k < CLOUD_LINES_MAX && r->spec.route[k]; k++) {
		check(sscanf(r->spec.route[k], "%63s %63s", to, via) == 2);
		event.route.to = read_prefix(to);
		if (!prefix_contains(&event.route.to, &question.route.to.addr))
			continue;
		event.route.found = true;
		event.route.by_tunnel = strcmp(via, "local") != 0;
		if (event.route.by_tunnel && strcmp(via, "link") != 0)
			event.route.via = cloud_addr(via);
		break;
	}
	step(c, i, &event);
}

/* Steps a node for as long as it says that it is not done. */
static void settle(struct cloud *c, size_t i)
{
	struct node_event tick = { .type = NODE_TICK };

	for (int k = 0; k < 1000; k++) {
		if (c->router[i].n_questions) {
			answer_question(c, i);
			continue;
		}
		if (!mono_due(node_deadline(c->router[i].node), cloud_now(c).mono))
			return;
		step(c, i, &tick);
	}
	fail_msg("%s never comes to rest", c->router[i].spec.name);
}

void cloud_event(struct cloud *c, size_t i, const struct node_event *event)
{
	step(c, i, event);
	settle(c, i);
}

static void arrive_ike(struct cloud *c, size_t i, const struct cloud_packet *p)
{
	struct node_event event = { .type = NODE_IKE_PACKET };

	event.ike.path = p->path;
	event.ike.path.from = p->from;
	event.ike.path.to = c->router[i].nbma;
	event.ike.bytes = p->bytes;
	event.ike.len = p->len;
	cloud_event(c, i, &event);
}

static void arrive(struct cloud *c, size_t i, const struct cloud_packet *p)
{
	struct cloud_router *r = &c->router[i];
	const struct cloud_sa *sa = open_packet(r, p);
	struct node_event event = { .type = NODE_PACKET }, moved;

	if (p->path.from_port && !p->spi) {
		arrive_ike(c, i, p);
		return;
	}
	if (p->spi && !sa) {
		event = (struct node_event){ .type = NODE_SA_UNKNOWN };
		event.unknown.from = p->from;
		event.unknown.to = r->nbma;
		event.unknown.spi = p->spi;
		event.unknown.udp_port = p->path.from_port;
		cloud_event(c, i, &event);
		return;
	}
	if (r->spec.psk && !sa)
		return;
	if (cloud_nat_moved(r, p, &moved))
		cloud_event(c, i, &moved);
	event.packet.from = sa ? sa->nbma : p->from;
	event.packet.to = r->nbma;
	event.packet.bytes = p->bytes;
	event.packet.len = p->len;
	cloud_event(c, i, &event);
}

static bool is_cut(const struct cloud *c, const struct cloud_packet *p)
{
	return (addr_equal(&p->from, &c->cut[0]) && addr_equal(&p->to, &c->cut[1])) ||
	       (addr_equal(&p->from, &c->cut[1]) && addr_equal(&p->to, &c->cut[0]));
}

static void deliver(struct cloud *c, const struct cloud_packet *p)
{
	if (is_cut(c, p))
		return;
	for (size_t i = 0; i < c->n; i++) {
		struct cloud_router *r = &c->router[i];
		const struct addr *seen = addr_is_none(&r->public) ? &r->nbma : &r->public;
		struct cloud_packet in = *p;
		if (r->deaf || !addr_equal(seen, &p->to) || !cloud_nat_enter(c, r, &in))
			continue;
		arrive(c, i, &in);
		return;
	}
}

static int64_t deadline_ms(const struct cloud *c, size_t i)
{
	mono deadline = node_deadline(c->router[i].node);

	return mono_is_never(deadline) ? INT64_MAX
	                               : (deadline.ns + NS_PER_MS - 1) / NS_PER_MS - 1000;
}

void cloud_run(struct cloud *c, int64_t ms)
{
	int64_t end = c->now_ms + ms;

	for (;;) {
		int64_t next = c->n_flight ? c->flight[0].at_ms : INT64_MAX;
		for (size_t i = 0; i < c->n; i++)
			if (deadline_ms(c, i) < next)
				next = deadline_ms(c, i);
		if (next > end)
			break;
		if (next > c->now_ms)
			c->now_ms = next;
		for (size_t i = 0; i < c->n; i++)
			settle(c, i);
		if (c->n_flight && c->flight[0].at_ms <= c->now_ms) {
			struct cloud_packet p = c->flight[0];
			memmove(c->flight, c->flight + 1, --c->n_flight * sizeof p);
			deliver(c, &p);
		}
	}
	c->now_ms = end;
}

/* ---- routers ---- */

static void line(struct cloud *c, size_t i)
{
	struct cloud_router *r = &c->router[i];
	struct node_event event = { .type = NODE_TUNNEL };

	event.state.source = r->nbma;
	event.state.up = !addr_is_none(&r->nbma);
	event.state.mtu_bytes = r->spec.mtu_bytes ? r->spec.mtu_bytes : CLOUD_MTU;
	cloud_event(c, i, &event);
}

void cloud_configure(struct cloud *c, size_t i, const struct cloud_spec *spec)
{
	struct cloud_router *r = &c->router[i];
	struct snapshot *old = r->snapshot;

	r->spec = *spec;
	r->snapshot = make_snapshot(spec);
	cloud_event(c, i, &(struct node_event){ .type = NODE_CONFIGURE, .snapshot = r->snapshot });
	free_snapshot(old);
}

static void start(struct cloud *c, size_t i)
{
	struct cloud_router *r = &c->router[i];

	if (r->spec.psk && !c->crypto)
		c->crypto = crypto_new();
	r->n_sas = r->n_uses = 0;
	r->node = node_new(&(struct node_options){ .entropy = prng_entropy(&c->prng),
	                                           .crypto = r->spec.psk ? c->crypto : NULL,
	                                           .cache_max = r->spec.cache_max,
	                                           .request_id_next = r->reserved });
	cloud_configure(c, i, &(struct cloud_spec){ .name = r->spec.name });
}

size_t cloud_add(struct cloud *c, const struct cloud_spec *spec)
{
	size_t i = c->n++;
	struct cloud_router *r = &c->router[i];
	struct cloud_spec kept = *spec;

	assert_in_range(i, 0, CLOUD_ROUTERS_MAX - 1);
	r->spec = kept;
	r->reserved = kept.first_id;
	r->nbma = cloud_addr(kept.nbma);
	r->public = cloud_addr(kept.public);
	start(c, i);
	cloud_configure(c, i, &kept);
	line(c, i);
	return i;
}

void cloud_restart(struct cloud *c, size_t i)
{
	struct cloud_spec kept = c->router[i].spec;

	node_free(c->router[i].node);
	start(c, i);
	cloud_configure(c, i, &kept);
	line(c, i);
}

void cloud_move(struct cloud *c, size_t i, const char *nbma)
{
	c->router[i].nbma = cloud_addr(nbma);
	line(c, i);
}

static void peer_event(struct cloud *c, size_t i, enum node_event_type type, const char *peer)
{
	struct node_event event = { .type = type,
		                    .peer = { .peer = cloud_addr(peer), .packets = 1 } };

	cloud_event(c, i, &event);
}

void cloud_want(struct cloud *c, size_t i, const char *peer)
{
	peer_event(c, i, NODE_WANT, peer);
}

void cloud_used(struct cloud *c, size_t i, const char *peer)
{
	peer_event(c, i, NODE_USED, peer);
}

void cloud_hairpin(struct cloud *c, size_t i, const char *nbma, const char *from_to)
{
	struct node_event event = { .type = NODE_HAIRPIN };
	uint8_t packet[NHRP_INDICATION_CONTENTS_LEN] = { 0x45, 0, 0, 84, [8] = 64, [9] = 1 };
	char from[64], to[64];

	check(sscanf(from_to, "%63s > %63s", from, to) == 2);
	struct addr source = cloud_addr(from), destination = cloud_addr(to);
	memcpy(packet + 12, source.bytes, ADDR_V4_LEN);
	memcpy(packet + 16, destination.bytes, ADDR_V4_LEN);
	event.hairpin.from = cloud_addr(nbma);
	event.hairpin.bytes = packet;
	event.hairpin.len = sizeof packet;
	cloud_event(c, i, &event);
}

void cloud_reroute(struct cloud *c, size_t i, const char *const route[CLOUD_LINES_MAX])
{
	memcpy(c->router[i].spec.route, route, sizeof c->router[i].spec.route);
	cloud_event(c, i, &(struct node_event){ .type = NODE_ROUTES_CHANGED });
}

void cloud_clear(struct cloud *c, size_t i)
{
	cloud_event(c, i, &(struct node_event){ .type = NODE_CLEAR });
}

void cloud_stop(struct cloud *c, size_t i)
{
	cloud_event(c, i, &(struct node_event){ .type = NODE_STOP });
}

void cloud_inject(struct cloud *c, const char *from, size_t to, const struct nhrp_packet *packet)
{
	struct cloud_router *r = &c->router[to];
	struct cloud_packet p = { .from = cloud_addr(from) };

	p.to = addr_is_none(&r->public) ? r->nbma : r->public;
	p.len = nhrp_build(packet, p.bytes, sizeof p.bytes);
	assert_true(p.len);
	deliver(c, &p);
}

void cloud_fini(struct cloud *c)
{
	for (size_t i = 0; i < c->n; i++) {
		node_free(c->router[i].node);
		free_snapshot(c->router[i].snapshot);
	}
	crypto_free(c->crypto);
	strbuf_fini(&c->trace);
}

/* ---- expectations ---- */

static void expect_text(const char *found, const char *text, const char *file, int line)
{
	if (strcmp(found, text) == 0)
		return;
	fprintf(stderr, "expected:\n%s\nfound:\n%s\n", text, found);
	_fail(file, line);
}

void cloud_expect_at(struct cloud *c, const char *text, const char *file, int line)
{
	expect_text(c->trace.text, text, file, line);
	strbuf_truncate(&c->trace, 0);
}

void cloud_quiet(struct cloud *c)
{
	strbuf_truncate(&c->trace, 0);
}

void cloud_expect_cache_at(struct cloud *c, size_t i, const char *text, int line)
{
	static const char *const types[] = { "static", "dynamic", "incomplete" };
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;
	struct strbuf b;
	char word[PREFIX_TEXT_LEN];

	strbuf_init(&b);
	while (node_entry_next(c->router[i].node, &cursor, &e)) {
		strbuf_printf(&b, "%s", prefix_format(&e.target, word));
		strbuf_printf(&b, " %s", addr_format(&e.via, word));
		strbuf_printf(&b, " %s %s", addr_format(&e.nbma, word), types[e.type]);
		for (enum nhrp_entry_flag f = 0; f < NHRP_ENTRY_FLAGS_N; f++)
			if (e.flags & 1u << f)
				strbuf_printf(&b, " %s", nhrp_entry_flag_word(f));
		if (!addr_is_none(&e.claimed))
			strbuf_printf(&b, " claimed %s", addr_format(&e.claimed, word));
		strbuf_addc(&b, '\n');
	}
	expect_text(b.text, text, "cache", line);
	strbuf_fini(&b);
}

uint64_t cloud_drops(const struct cloud *c, size_t i, enum node_drop drop)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	return node_tunnel_next(c->router[i].node, &cursor, &t) ? t.traffic.drops[drop] : 0;
}
