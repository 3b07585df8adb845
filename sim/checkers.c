/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at the cloud from outside and compares it with the truth, which only the simulator knows.
 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>

#include "util/check.h"
#include "util/memory.h"

enum {
	/*
	 * What a spoke may hold for each spoke it may have talked to is one entry and the reverse
	 * one; a hub holds one for each client. The rest is slack for small clouds.
	 */
	ENTRIES_SLACK = 64,
	BYTES_PER_ENTRY = 1024,     /* the aim for a registered spoke, all told */
	BYTES_PER_PROTECTED = 6144, /* an IKE SA and a few pairs of associations beside it */
	BYTES_SLACK = 256 * 1024,
	NHRP_TRIES_S = 16,   /* three requests to a server, unanswered */
	FLIGHTS = 4,         /* of packets, of a resolution over two hubs */
	ONE_SIDED_LOOKS = 3, /* dead peer detection takes 20 s and a poll, over two looks */
};

bool check_note(struct sim_world *w, enum sim_checker c, bool ok)
{
	w->check[c].looks++;
	w->check[c].failures += !ok;
	return ok;
}

void check_explain(struct sim_world *w, enum sim_checker c, const char *format, ...)
{
	struct sim_check *check = &w->check[c];
	va_list args;

	if (check->first[0])
		return;
	int at = snprintf(check->first, sizeof check->first,
	                  "at %.3f s: ", (double)w->now.mono.ns / NS_PER_S);
	va_start(args, format);
	vsnprintf(check->first + at, sizeof check->first - (size_t)at, format, args);
	va_end(args);
}

/*
 * Behind a NAT it is where the NAT is, and says where it is itself. When protected it goes by the
 * name that its association got: that of the NAT then, or its own.
 */
static bool is_where(struct sim_world *w, struct sim_router *hub, struct sim_router *spoke,
                     const struct nhrp_entry_view *e)
{
	if (!spoke->nat)
		return addr_equal(&spoke->nbma, &e->nbma);
	if (w->crypto)
		return network_leads(w, hub, &e->nbma) == spoke;
	return addr_equal(&spoke->nat->public, &e->nbma) && addr_equal(&spoke->nbma, &e->claimed);
}

static void check_hub_cache(struct sim_world *w, struct sim_router *hub)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;
	uint32_t n = 0, n_live = 0;

	while (node_entry_next(hub->node, &cursor, &e)) {
		if (!(e.flags & 1u << NHRP_FLAG_REGISTERED))
			continue;
		struct sim_router *spoke = routes_owner(w, &e.target.addr);
		n++;
		if (!check_note(w, CHECK_HUB_CACHE,
		                spoke && spoke->up && is_where(w, hub, spoke, &e)))
			check_explain(w, CHECK_HUB_CACHE, "hub %u has a stale entry for router %u",
			              hub->index, spoke ? spoke->index : UINT32_MAX);
	}
	for (uint32_t i = w->options->hubs; i < w->n_routers; i++)
		n_live += w->router[i].up && routes_chooses(w, hub, &w->router[i]);
	if (!check_note(w, CHECK_HUB_CACHE, n == n_live))
		check_explain(w, CHECK_HUB_CACHE, "hub %u has %u registered spokes, %u are up",
		              hub->index, n, n_live);
}

static void check_growth(struct sim_world *w, const struct sim_router *r)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view tunnel;
	size_t n = 0, bytes = node_memory_bytes(r->node);
	size_t each = w->crypto ? BYTES_PER_PROTECTED : BYTES_PER_ENTRY;

	while (node_tunnel_next(r->node, &cursor, &tunnel))
		n += tunnel.n_entries;
	if (!check_note(w, CHECK_GROWTH, n <= w->n_routers + ENTRIES_SLACK))
		check_explain(w, CHECK_GROWTH, "router %u has %zu entries in a cloud of %u routers",
		              r->index, n, w->n_routers);
	if (!check_note(w, CHECK_GROWTH, bytes <= n * each + BYTES_SLACK))
		check_explain(w, CHECK_GROWTH, "router %u holds %zu bytes for %zu entries",
		              r->index, bytes, n);
}

void check_sealed(struct sim_world *w, const struct sim_router *r, bool is_sealed)
{
	if (!check_note(w, CHECK_CLEAR, is_sealed))
		check_explain(w, CHECK_CLEAR, "router %u sends without an association", r->index);
}

void check_opening_key(struct sim_world *w, const struct sim_router *r, uint64_t ours,
                       uint64_t theirs)
{
	if (!check_note(w, CHECK_AGREEMENT, ours == theirs))
		check_explain(w, CHECK_AGREEMENT,
		              "router %u opens with another key than it was sealed", r->index);
}

void check_sealing_key(struct sim_world *w, const struct sim_router *r, uint64_t name)
{
	struct sim_key *key;

	HASH_FIND(hh, w->keys, &name, sizeof name, key);
	if (!check_note(w, CHECK_REUSE, !key))
		check_explain(w, CHECK_REUSE, "router %u seals with a key that was used before",
		              r->index);
	if (key)
		return;
	key = memory_new(1, sizeof *key);
	key->name = name;
	HASH_ADD(hh, w->keys, name, sizeof key->name, key);
}

void check_ike_iv(struct sim_world *w, const struct sim_router *r, bool is_new)
{
	if (!check_note(w, CHECK_REUSE, is_new))
		check_explain(w, CHECK_REUSE, "router %u encrypts an IKE message with a used IV",
		              r->index);
}

static void check_agreement(struct sim_world *w, struct sim_router *r)
{
	for (struct sim_use *use = r->uses; use; use = use->hh.next) {
		if (check_note(w, CHECK_AGREEMENT, protect_look(w, r, use) <= ONE_SIDED_LOOKS))
			continue;
		char nbma[ADDR_TEXT_LEN];
		check_explain(w, CHECK_AGREEMENT, "router %u uses an association that %s has not",
		              r->index, addr_format(&use->nbma, nbma));
	}
}

void check_cloud(struct sim_world *w)
{
	for (uint32_t i = 0; i < w->n_routers; i++) {
		struct sim_router *r = &w->router[i];
		if (!r->up)
			continue;
		if (r->hub || r->regional)
			check_hub_cache(w, r);
		check_growth(w, r);
		check_agreement(w, r);
	}
}

void check_loop(struct sim_world *w, struct sim_router *r, const struct addr *to)
{
	uint32_t hops = traffic_follow(w, r, to);
	char text[ADDR_TEXT_LEN];

	if (!check_note(w, CHECK_LOOP, hops <= SIM_HOPS_MAX))
		check_explain(w, CHECK_LOOP, "a packet from router %u to %s would go round",
		              r->index, addr_format(to, text));
}

/* ---- paths and registrations ---- */

static struct sim_word *find_word(const struct sim_router *r, uint32_t index)
{
	struct sim_word *word;

	HASH_FIND(hh, r->words, &index, sizeof index, word);
	return word;
}

static mono last_word(const struct sim_router *r, const struct sim_router *of)
{
	const struct sim_word *word = find_word(r, of->index);

	return word ? word->at : (mono){ 0 };
}

/* A client says where it is itself when it asks, or answers for itself. */
void check_received(struct sim_world *w, struct sim_router *r, const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p;

	if (nhrp_parse(bytes, len, &p) != NHRP_WIRE_OK ||
	    (p.type != NHRP_RESOLUTION_REQUEST && p.type != NHRP_RESOLUTION_REPLY))
		return;
	const struct sim_router *who =
		routes_owner(w, p.type == NHRP_RESOLUTION_REQUEST ? &p.src_proto : &p.dst_proto);
	if (!who || who->registered)
		return;
	struct sim_word *word = find_word(r, who->index);
	if (!word) {
		word = memory_new(1, sizeof *word);
		word->index = who->index;
		HASH_ADD(hh, r->words, index, sizeof word->index, word);
	}
	word->at = w->now.mono;
}

void check_forget(struct sim_router *r)
{
	struct sim_word *word, *next;

	HASH_ITER (hh, r->words, word, next) {
		HASH_DEL(r->words, word);
		free(word);
	}
}

/* A direct path of a router's, to a next hop or a network. */
static void check_lived(struct sim_world *w, const struct sim_router *r, const struct addr *to)
{
	const struct sim_router *owner = routes_owner(w, to);
	/* What was answered from the registration at its last instant may have been under way. */
	uint32_t ms = w->options->holdtime_s * 1000 + w->options->delay_max_ms * FLIGHTS;

	if (!owner || owner->hub)
		return;
	bool is_over =
		!owner->registered && mono_due(mono_add_ms(owner->unregistered, ms), w->now.mono) &&
		mono_due(mono_add_s(last_word(r, owner), w->options->holdtime_s), w->now.mono);
	if (check_note(w, CHECK_OUTLIVE, !is_over))
		return;
	check_explain(w, CHECK_OUTLIVE,
	              "router %u has a direct path to router %u, not registered since %.3f s",
	              r->index, owner->index, (double)owner->unregistered.ns / NS_PER_S);
}

void check_paths(struct sim_world *w)
{
	for (uint32_t i = 0; i < w->n_routers; i++) {
		const struct sim_router *r = &w->router[i];
		for (const struct sim_route *s = r->shortcuts; s; s = s->hh.next)
			check_lived(w, r, &s->to.addr);
		for (const struct sim_peer *p = r->peers; p && !r->hub; p = p->hh.next)
			if (p->kind == NODE_PEER_RESOLVED)
				check_lived(w, r, &p->overlay);
	}
}

/* ---- servers ---- */

/* A server as a spoke should see it. */
enum standing {
	STANDS,    /* it is up for so long that it is used if it is among the best */
	GONE,      /* it is down for so long that another one has its place */
	RETURNED,  /* it was, and is up again, but not for the fallback time */
	UNSETTLED, /* there is no telling */
};

static enum standing standing_of(const struct sim_world *w, const struct sim_router *server)
{
	const struct sim_options *o = w->options;
	/* The renewal, and what is unanswered after it; then a trial of each that may be next. */
	int64_t lost_s = o->holdtime_s / 3 + NHRP_TRIES_S * o->hubs;
	int64_t found_s = SIM_RETRANSMIT_MAX_S + (int64_t)o->fallback_s;
	int64_t for_s = mono_seconds_between(server->disturbed, w->now.mono);

	if (!server->up)
		return for_s > lost_s ? GONE : UNSETTLED;
	if (for_s > lost_s + found_s)
		return STANDS;
	return server->away_s > lost_s && for_s < o->fallback_s ? RETURNED : UNSETTLED;
}

/* Whether the spoke has been there longer than any change that it is to be judged by. */
static bool is_settled(struct sim_world *w, const struct sim_router *r)
{
	const struct sim_router *s;

	for (uint32_t i = 0; (s = routes_server(w, r, i)) != NULL; i++) {
		enum standing standing = standing_of(w, s);
		if (standing == UNSETTLED ||
		    (standing == RETURNED && mono_before(s->disturbed, r->disturbed)))
			return false;
	}
	return r->up && !r->cut_off &&
	       mono_seconds_between(r->disturbed, w->now.mono) > w->options->holdtime_s;
}

/* Of those that stand the best are used, and no more of them. */
static void check_spoke(struct sim_world *w, const struct sim_router *r)
{
	uint32_t used[SNAP_CLUSTERS] = { 0 };
	const struct sim_options *o = w->options;
	struct node_cursor cursor = { 0 };
	const struct sim_router *s;
	struct nhs_view view;

	for (uint32_t i = 0; (s = routes_server(w, r, i)) != NULL; i++) {
		check(node_nhs_next(r->node, &cursor, &view));
		uint32_t *n = &used[s->index % o->clusters];
		if (standing_of(w, s) != STANDS)
			continue;
		bool should = *n < o->max_connections;
		*n += should;
		if (!check_note(w, CHECK_SERVERS,
		                should ? view.responding && !view.waiting : view.waiting))
			check_explain(w, CHECK_SERVERS, "router %u %s server %u", r->index,
			              should ? "does not use" : "still uses", s->index);
	}
}

void check_servers(struct sim_world *w)
{
	for (uint32_t i = w->options->hubs; w->options->max_connections && i < w->n_routers; i++)
		if (is_settled(w, &w->router[i]))
			check_spoke(w, &w->router[i]);
}

/* What nobody can mend starts the time again: an end that came, moved or was cut off, or has no
 * server. */
static mono failing_since(struct sim_world *w, const struct sim_talk *talk)
{
	const mono events[] = { talk->from->hubless, talk->from->disturbed, talk->to->hubless,
		                talk->to->disturbed };
	mono since = talk->failing;

	if (!routes_is_served(w, talk->from) || !routes_is_served(w, talk->to) ||
	    talk->from->cut_off || talk->to->cut_off)
		return w->now.mono;
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (mono_before(since, events[i]))
			since = events[i];
	return since;
}

void check_outage(struct sim_world *w, struct sim_talk *talk, bool arrived)
{
	if (arrived)
		talk->failing = MONO_NEVER;
	else if (mono_is_never(talk->failing))
		talk->failing = w->now.mono;
	int64_t ms = arrived ? 0 : (w->now.mono.ns - failing_since(w, talk).ns) / NS_PER_MS;
	if (ms > w->outage_ms)
		w->outage_ms = ms;
	if (!check_note(w, CHECK_OUTAGE, ms <= (int64_t)sim_options_detect_s(w->options) * 1000))
		check_explain(w, CHECK_OUTAGE,
		              "no path from router %u to router %u for %.3f s, both being up",
		              talk->from->index, talk->to->index, (double)ms / 1000);
}

void check_sent(struct sim_world *w, struct sim_router *r, const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p;

	if (nhrp_parse(bytes, len, &p) != NHRP_WIRE_OK)
		return;
	if (p.type != NHRP_REGISTRATION_REQUEST && p.type != NHRP_RESOLUTION_REQUEST &&
	    p.type != NHRP_PURGE_REQUEST)
		return;
	/* A purge carries the id of the registration that it takes back, whoever's life that was.
	 */
	if (p.hops != NHRP_HOPS || p.type == NHRP_PURGE_REQUEST)
		return;
	uint32_t id = p.request_id;
	if (!check_note(w, CHECK_REQUEST_ID, id > r->id_floor))
		check_explain(w, CHECK_REQUEST_ID,
		              "router %u uses id %u, but an earlier life had used ids up to %u",
		              r->index, id, r->id_floor);
	if (id > r->id_highest)
		r->id_highest = id;
}
