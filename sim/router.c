/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One router: the real node, and around it what the daemon would be. Actions are carried out in
 * order, as the contract asks; each also goes into the hash of the run.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

enum { SAVED_ROOM_MIN = 64 };

static struct addr overlay_of(uint32_t index)
{
	return addr_from_u32(0x0a000001u + index);
}

static void add_nhs(struct sim_world *w, const struct sim_router *r, struct snap_nhrp *nhrp)
{
	const struct sim_options *o = w->options;
	const struct sim_router *server;

	nhrp->nhs = memory_new(SIM_HUBS_MAX, sizeof *nhrp->nhs);
	while ((server = routes_server(w, r, (uint32_t)nhrp->n_nhs)) != NULL) {
		nhrp->nhs[nhrp->n_nhs] =
			(struct snap_nhs){ .address = server->overlay, .nbma = server->nbma };
		if (o->max_connections) {
			nhrp->nhs[nhrp->n_nhs].priority = (uint8_t)nhrp->n_nhs;
			nhrp->nhs[nhrp->n_nhs].cluster = (uint8_t)(server->index % o->clusters);
		}
		nhrp->n_nhs++;
	}
	for (uint32_t i = 0; o->max_connections && i < o->clusters; i++)
		nhrp->cluster[i] = (struct snap_cluster){ true, (uint8_t)o->max_connections };
	nhrp->has_nhs_fallback = o->fallback_s;
	nhrp->nhs_fallback_s = (uint8_t)o->fallback_s;
}

/* Hubs know each other. */
static void add_maps(struct sim_world *w, const struct sim_router *r, struct snap_nhrp *nhrp)
{
	nhrp->map = memory_new(SIM_HUBS_MAX, sizeof *nhrp->map);
	for (uint32_t i = 0; i < w->options->hubs; i++)
		if (i != r->index)
			nhrp->map[nhrp->n_map++] =
				(struct snap_map){ .target = prefix_host(&w->router[i].overlay),
				                   .nbma = w->router[i].nbma };
}

static void set_phase3(struct sim_world *w, const struct sim_router *r, struct snap_nhrp *nhrp)
{
	nhrp->redirect = r->hub || r->regional;
	nhrp->shortcut = !r->hub;
	if (r->hub && !w->options->mesh)
		add_maps(w, r, nhrp);
}

static void set_policy(struct snap_crypto *c, uint16_t group)
{
	c->policy = memory_new(1, sizeof *c->policy);
	c->policy[c->n_policies++] =
		(struct snap_isakmp_policy){ .priority = 1,
		                             .has_authentication = true,
		                             .authentication = SNAP_AUTH_PRE_SHARE,
		                             .has_group = true,
		                             .group = group };
}

static void set_key(struct snap_crypto *c)
{
	c->keyring = memory_new(1, sizeof *c->keyring);
	c->keyring[c->n_keyrings++].key = memory_new(1, sizeof *c->keyring->key);
	c->keyring->key[c->keyring->n_keys++] = (struct snap_isakmp_key){
		.secret = memory_strdup("cisco123"),
		.peer = { addr_v4(0, 0, 0, 0), 0 },
	};
}

static void protect(const struct sim_world *w, struct snapshot *s, struct snap_tunnel *t)
{
	struct snap_crypto *c = &s->crypto;
	uint16_t group = (uint16_t)w->options->protect_group;

	t->protected = true;
	snprintf(t->protection.profile, sizeof t->protection.profile, "P");
	set_policy(c, group);
	set_key(c);
	c->set = memory_new(1, sizeof *c->set);
	c->set[c->n_sets++] = (struct snap_transform_set){ .name = "T",
		                                           .cipher = ESP_AES128,
		                                           .auth = ESP_SHA1_96 };
	c->profile = memory_new(1, sizeof *c->profile);
	c->profile[c->n_profiles++] =
		(struct snap_ipsec_profile){ .name = "P",
		                             .set = { "T" },
		                             .n_sets = 1,
		                             .pfs_group = group,
		                             .lifetime_s = w->options->lifetime_s };
}

static struct snapshot *build_snapshot(struct sim_world *w, const struct sim_router *r)
{
	struct snapshot *s = snapshot_new();
	struct snap_interface *i = snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
	struct snap_tunnel *t = i->tunnel;

	i->addressing = SNAP_ADDRESS_STATIC;
	i->address[0] = (struct prefix){ r->overlay, SIM_NETWORK_LEN };
	i->n_address = 1;
	snprintf(t->source_interface, sizeof t->source_interface, "eth0");
	t->mode = r->p2p ? SNAP_MODE_GRE_P2P : SNAP_MODE_GRE_MULTIPOINT;
	if (r->p2p)
		t->destination = w->router[0].nbma;
	t->has_key = true;
	t->key = 1;
	t->nhrp.network_id = SIM_NETWORK_ID;
	t->nhrp.holdtime_s = (uint16_t)w->options->holdtime_s;
	t->nhrp.registration_no_unique = world_chance(w, w->options->no_unique_permille);
	add_nhs(w, r, &t->nhrp);
	if (w->options->phase3)
		set_phase3(w, r, &t->nhrp);
	if (w->crypto)
		protect(w, s, t);
	plant_config(w, r, t);
	return s;
}

static void put_behind_nat(struct sim_world *w, struct sim_router *r)
{
	if (!w->open_nat || w->open_nat->members == w->options->nat_share)
		w->open_nat = nat_new(w);
	w->open_nat->members++;
	r->nat = w->open_nat;
}

static void place(struct sim_world *w, struct sim_router *r, uint32_t index)
{
	r->index = index;
	r->hub = index < w->options->hubs;
	r->regional = !r->hub && index < world_first_spoke(w);
	r->overlay = overlay_of(index);
	r->tick.kind = TIMER_TICK;
	r->revive.kind = TIMER_REVIVE;
	if (!r->hub && !r->regional && world_chance(w, w->options->nat_permille))
		put_behind_nat(w, r);
	network_attach(w, r);
}

void router_build_all(struct sim_world *w)
{
	/* A spoke's configuration names addresses of its hubs. */
	for (uint32_t i = 0; i < w->n_routers; i++)
		place(w, &w->router[i], i);
	for (uint32_t i = 0; i < w->n_routers; i++) {
		struct sim_router *r = &w->router[i];
		/* A point-to-point spoke has one destination: with several hubs all are multipoint.
		 */
		r->p2p = !r->hub && w->options->hubs == 1 &&
		         world_chance(w, w->options->p2p_permille);
		r->snapshot = build_snapshot(w, r);
	}
}

void router_fini(struct sim_world *w, struct sim_router *r)
{
	if (r->up)
		router_kill(w, r);
	network_detach(w, r);
	snapshot_free(r->snapshot);
	free(r->saved);
	check_forget(r);
}

/* ---- peers, as the data plane has them ---- */

/* Counts the registrations of whom a peer of a server is. */
static void count_registered(struct sim_world *w, struct sim_router *server,
                             const struct sim_peer *p, bool is_new)
{
	struct sim_router *client =
		p->kind == NODE_PEER_REGISTERED ? routes_owner(w, &p->overlay) : NULL;

	if (!client)
		return;
	client->registered += is_new ? 1 : -1u;
	if (!client->registered)
		client->unregistered = w->now.mono;
	/* A hub of two levels has nothing that follows from routes. */
	server->routes_changed = server->regional;
}

static void set_peer(struct sim_world *w, struct sim_router *r, const struct node_action *a)
{
	const struct addr *overlay = &a->peer.peer;
	struct sim_peer *p;

	HASH_FIND(hh, r->peers, overlay, sizeof *overlay, p);
	if (p) {
		count_registered(w, r, p, false);
	} else {
		p = memory_new(1, sizeof *p);
		p->overlay = *overlay;
		HASH_ADD(hh, r->peers, overlay, sizeof p->overlay, p);
	}
	p->nbma = a->peer.nbma;
	p->kind = a->peer.kind;
	count_registered(w, r, p, true);
}

static void drop_peer(struct sim_world *w, struct sim_router *r, struct sim_peer *p)
{
	count_registered(w, r, p, false);
	HASH_DEL(r->peers, p);
	free(p);
}

static void del_peer(struct sim_world *w, struct sim_router *r, const struct addr *overlay)
{
	struct sim_peer *p;

	HASH_FIND(hh, r->peers, overlay, sizeof *overlay, p);
	if (p)
		drop_peer(w, r, p);
}

static void forget_peers(struct sim_world *w, struct sim_router *r)
{
	struct sim_peer *p, *next;

	HASH_ITER (hh, r->peers, p, next)
		drop_peer(w, r, p);
}

/* The ways that a change may have turned: to a router's site by its next hop, or to a network. */
static void peer_changed(struct sim_world *w, struct sim_router *r, const struct addr *overlay)
{
	struct sim_router *owner = routes_owner(w, overlay);

	if (!owner)
		return;
	check_loop(w, r, &owner->overlay);
	if (w->options->phase3) {
		struct addr host = routes_host(w, owner);
		check_loop(w, r, &host);
	}
}

/* ---- actions ---- */

static void hash_bytes(struct sim_world *w, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		w->hash = (w->hash ^ at[i]) * 1099511628211u;
}

static void hash_action(struct sim_world *w, const struct sim_router *r,
                        const struct node_action *a)
{
	const uint64_t head[] = { (uint64_t)w->now.mono.ns, r->index, a->type };

	hash_bytes(w, head, sizeof head);
	switch (a->type) {
	case NODE_SEND:
		hash_bytes(w, &a->send.to, sizeof a->send.to);
		hash_bytes(w, a->send.bytes, a->send.len);
		break;
	case NODE_SET_PEER:
	case NODE_DEL_PEER:
		hash_bytes(w, &a->peer.peer, sizeof a->peer.peer);
		hash_bytes(w, &a->peer.nbma, sizeof a->peer.nbma);
		break;
	case NODE_IKE_SEND:
		hash_bytes(w, &a->ike.path.to, sizeof a->ike.path.to);
		hash_bytes(w, a->ike.bytes, a->ike.len);
		break;
	case NODE_SET_ROUTE:
	case NODE_DEL_ROUTE:
		hash_bytes(w, &a->route.to, sizeof a->route.to);
		hash_bytes(w, &a->route.via, sizeof a->route.via);
		break;
	case NODE_SA_ADD:
		hash_bytes(w, &a->sa->spi, sizeof a->sa->spi);
		break;
	case NODE_TRACE:
		hash_bytes(w, &a->trace.type, sizeof a->trace.type);
		hash_bytes(w, &a->trace.overlay, sizeof a->trace.overlay);
		break;
	default:
		break;
	}
}

static void print_trace(const struct sim_world *w, const struct sim_router *r,
                        const struct trace *t)
{
	char overlay[ADDR_TEXT_LEN], peer[ADDR_TEXT_LEN];

	printf("%12.6f %5u %-13s overlay %s nbma %s %s%s\n", (double)w->now.mono.ns / NS_PER_S,
	       r->index, trace_type_word(t->type), addr_format(&t->overlay, overlay),
	       addr_format(&t->peer, peer), trace_reason_text(t->reason),
	       t->type == TRACE_PACKET_DROPPED ? node_drop_key(t->drop) : "");
}

static void send_nhrp(struct sim_world *w, struct sim_router *r, const struct node_action *a)
{
	struct sim_sending s = { .ends = network_ends(r, &a->send.to),
		                 .bytes = a->send.bytes,
		                 .len = a->send.len };

	if (w->crypto)
		check_sealed(w, r, protect_seal(r, &a->send.to, &s.seal, &s.ends));
	network_send(w, r, &s);
}

static void send_ike(struct sim_world *w, const struct sim_router *r, const struct node_action *a)
{
	const struct node_ike_path *path = &a->ike.path;
	struct sim_sending s = { .ends = { { path->from, path->from_port },
		                           { path->to, path->to_port } },
		                 .is_ike = true,
		                 .bytes = a->ike.bytes,
		                 .len = a->ike.len };

	protect_sent(w, r, a->ike.bytes, a->ike.len);
	network_send(w, r, &s);
}

static void change_route(struct sim_world *w, struct sim_router *r, const struct node_action *a)
{
	struct sim_router *owner = routes_owner(w, &a->route.to.addr);

	if (a->type == NODE_SET_ROUTE)
		routes_set(r, &a->route.to, &a->route.via);
	else
		routes_del(r, &a->route.to);
	if (!owner)
		return;
	struct addr host = routes_host(w, owner);
	check_loop(w, r, &host);
}

static void tell_trace(struct sim_world *w, struct sim_router *r, const struct trace *t)
{
	if (w->options->verbose)
		print_trace(w, r, t);
	if (t->type == TRACE_NHS_UP || t->type == TRACE_NHS_DOWN)
		routes_server_state(w, r, &t->overlay, t->type == TRACE_NHS_UP);
}

static void carry_out(struct sim_world *w, struct sim_router *r, const struct node_action *a)
{
	struct node_action planted = *a;

	if (!plant_does(w, r, &planted))
		return;
	a = &planted;
	hash_action(w, r, a);
	switch (a->type) {
	case NODE_SEND:
		check_sent(w, r, a->send.bytes, a->send.len);
		send_nhrp(w, r, a);
		break;
	case NODE_SET_PEER:
		set_peer(w, r, a);
		peer_changed(w, r, &a->peer.peer);
		break;
	case NODE_DEL_PEER:
		del_peer(w, r, &a->peer.peer);
		peer_changed(w, r, &a->peer.peer);
		break;
	case NODE_SET_ROUTE:
	case NODE_DEL_ROUTE:
		change_route(w, r, a);
		break;
	case NODE_RESERVE_IDS:
		r->request_id_next = a->request_id_next;
		break;
	case NODE_SAVE_CACHE:
		r->cache_dirty = true;
		break;
	case NODE_TRACE:
		tell_trace(w, r, &a->trace);
		break;
	case NODE_IKE_SEND:
		send_ike(w, r, a);
		break;
	case NODE_SA_ADD:
		protect_add(w, r, a->sa);
		break;
	case NODE_SA_DEL:
		protect_del(w, r, a->sa_id);
		break;
	case NODE_SA_MOVE:
		protect_move(r, a->move.id,
		             &(struct sim_place){ a->move.remote, a->move.udp_port });
		break;
	case NODE_SA_USE:
		protect_use(r, &a->use.nbma, a->use.id);
		break;
	case NODE_LINE:
	case NODE_LOOK_UP:
	case NODE_FIND_ROUTE:
	case NODE_SET_MULTICAST:
	case NODE_DEL_MULTICAST:
	case NODE_STOPPED:
	case NODE_IKE_KEYS:
	case NODE_IKE_SIGN:
		break;
	}
}

/* Takes the step's questions out of it: the answers are steps of their own. */
static size_t take_questions(const struct node_out *out, struct sim_question *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++)
		if (out->action[i].type == NODE_FIND_ROUTE)
			ret[n++] = (struct sim_question){ out->action[i].route.cookie,
				                          out->action[i].route.to.addr };
	return n;
}

void router_step(struct sim_world *w, struct sim_router *r, const struct node_event *event)
{
	struct sim_question question[NODE_ACTIONS_MAX];

	if (!r->up || !plant_hears(w, r, event))
		return;
	w->count.steps++;
	node_step(r->node, w->now, event, w->out);
	for (size_t i = 0; i < w->out->n; i++)
		carry_out(w, r, &w->out->action[i]);
	timers_set(&w->timers, &r->tick, node_deadline(r->node));
	size_t n = take_questions(w->out, question);
	for (size_t i = 0; i < n; i++)
		routes_answer(w, r, &question[i]);
}

static void tell_tunnel(struct sim_world *w, struct sim_router *r)
{
	struct node_event event = { .type = NODE_TUNNEL };

	event.state.tunnel = SIM_TUNNEL;
	event.state.source = r->nbma;
	event.state.mtu_bytes = SIM_TUNNEL_MTU;
	event.state.up = true;
	router_step(w, r, &event);
}

/* A server comes back. Who had none asks so often that it finds this one after so long. */
static void note_hubless(struct sim_world *w)
{
	for (uint32_t i = w->options->hubs; i < w->n_routers; i++)
		if (!routes_is_served(w, &w->router[i]))
			w->router[i].hubless = mono_add_s(w->now.mono, SIM_RETRANSMIT_MAX_S);
}

void router_start(struct sim_world *w, struct sim_router *r)
{
	check(!r->up);
	r->node = node_new(&(struct node_options){
		.entropy = w->entropy,
		.crypto = w->crypto,
		.cache_max = NODE_CACHE_MAX,
		.request_id_next = r->request_id_next,
	});
	if (r->hub || r->regional)
		note_hubless(w);
	r->up = true;
	r->away_s = mono_seconds_between(r->disturbed, w->now.mono);
	r->disturbed = w->now.mono;
	r->id_floor = r->id_highest;
	struct node_event event = { .type = NODE_CONFIGURE, .snapshot = r->snapshot };
	router_step(w, r, &event);
	tell_tunnel(w, r);
	for (size_t i = 0; i < r->n_saved; i++) {
		event = (struct node_event){ .type = NODE_RESTORE, .saved = r->saved[i] };
		router_step(w, r, &event);
	}
	plant_restore(w, r);
}

void router_kill(struct sim_world *w, struct sim_router *r)
{
	timers_clear(&w->timers, &r->revive);
	if (!r->up)
		return;
	timers_clear(&w->timers, &r->tick);
	if (!r->hub && !r->regional) /* a spoke's few paths are on disk within a second */
		router_save(w, r);
	node_free(r->node);
	r->node = NULL;
	r->up = false;
	r->disturbed = w->now.mono;
	r->servers_up = 0;
	forget_peers(w, r);
	routes_forget(r);
	protect_forget(r);
	w->count.restarts++;
}

void router_readdress(struct sim_world *w, struct sim_router *r)
{
	network_detach(w, r);
	network_attach(w, r);
	r->disturbed = w->now.mono;
	w->count.readdressed++;
	tell_tunnel(w, r);
}

void router_save(struct sim_world *w, struct sim_router *r)
{
	struct node_cursor cursor = { 0 };
	struct node_saved_entry entry;

	if (!r->up || !r->cache_dirty)
		return;
	r->cache_dirty = false;
	r->n_saved = 0;
	while (node_saved_next(r->node, &cursor, w->now, &entry)) {
		if (r->n_saved == r->saved_room) {
			r->saved_room = r->saved_room ? 2 * r->saved_room : SAVED_ROOM_MIN;
			r->saved = memory_resize(r->saved, r->saved_room, sizeof *r->saved);
		}
		r->saved[r->n_saved++] = entry;
	}
}
