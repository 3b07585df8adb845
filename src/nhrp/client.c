/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One timer drives a server: the initial pair of registrations a second apart, as IOS sends it;
 * while a request is unanswered its retransmissions (the same id after 2, 4, 8 … 64, 64 … seconds,
 * each scaled by 0.75 to 1.0); then the renewal. After the third unanswered one the server counts
 * as down.
 *
 * Code 14, "unique address registered already", after our NBMA address has changed: a Purge Request
 * for the old registration (withdraw.c) goes first and a new registration right behind it.
 */
#include "nhrp/client.h"

#include <string.h>

#include "nhrp/cache.h"
#include "nhrp/cluster.h"
#include "nhrp/guard.h"
#include "nhrp/multicast.h"
#include "nhrp/nat.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/resolve.h"
#include "nhrp/tunnel.h"
#include "nhrp/withdraw.h"
#include "util/check.h"

bool nhrp_client_uses(const struct nhrp_nhs *nhs)
{
	return !nhs->leaving && !nhs->waiting;
}

static bool is_ready(const struct nhrp_nhs *nhs)
{
	return nhs->tunnel->up && !nhs->leaving && !addr_is_none(&nhs->nbma) &&
	       (!nhs->guard || nhs->guard->up);
}

static struct nhrp_sending towards(const struct nhrp_nhs *nhs)
{
	return (struct nhrp_sending){ .tunnel = nhs->tunnel, .to = nhs->nbma };
}

/* An NHS whose address we do not know is addressed by our own (RFC 2332 5.2.3). */
static struct addr destination(const struct nhrp_nhs *nhs)
{
	return addr_is_none(&nhs->address) ? nhs->tunnel->address.addr : nhs->address;
}

static void send_registration(struct nhrp *n, struct nhrp_nhs *nhs)
{
	struct nhrp_tunnel *t = nhs->tunnel;
	struct nhrp_draft d;

	nhrp_packet_start(&d, t, NHRP_REGISTRATION_REQUEST);
	d.packet.flags = NHRP_CISCO_NAT;
	if (!t->config.registration_no_unique)
		d.packet.flags |= NHRP_REGISTRATION_UNIQUE;
	d.packet.request_id = nhs->request_id;
	d.packet.dst_proto = destination(nhs);
	d.packet.cie[0] =
		nhrp_packet_cie(t, nhrp_packet_preference(t, NHRP_PREFERENCE_REGISTRATION));
	d.packet.n_cie = 1;
	nhrp_packet_request_extensions(&d, t);

	/* The NHS sees by its own addresses in here whether it is behind NAT itself. */
	struct nhrp_cie server = nhrp_packet_cie(t, NHRP_PREFERENCE_REGISTRATION);
	server.holdtime_s = 0;
	server.nbma = nhs->nbma;
	server.proto = nhs->address;
	if (addr_is_none(&server.proto))
		server.proto.family = t->address.addr.family;
	nhrp_packet_fill(&d, NHRP_EXT_NAT_ADDRESS, &server);

	struct nhrp_sending how = towards(nhs);
	nhrp_out_send(n, &how, &d.packet);
	nhs->registered = t->address.addr;
	nhs->requests_sent++;
	nhs->tries++;
	nhs->pending = true;
}

static void new_request(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhs->previous_id = nhs->pending ? nhs->request_id : 0;
	nhs->request_id = nhrp_out_request_id(n);
	nhs->tries = 0;
	nhs->interval_s = NHRP_RETRANSMIT_S;
	send_registration(n, nhs);
}

/* The server may be waiting afterwards: then its timer is not the caller's any more. */
static void went_down(struct nhrp *n, struct nhrp_nhs *nhs, enum trace_reason reason)
{
	if (nhs->state == NHRP_NHS_DOWN)
		return;
	nhs->state = NHRP_NHS_DOWN;
	nhs->changed = n->now.mono;
	nhrp_out_trace_nhs(n, TRACE_NHS_DOWN, nhs, reason);
	nhrp_cluster_forget(n, nhs);
	nhrp_cluster_choose(n, nhs->tunnel);
	nhrp_resolve_rehome(n, nhs->tunnel);
	if (nhs->config.fqdn[0] && !nhs->waiting)
		timers_set(&n->timers, &nhs->name_timer,
		           mono_add_s(n->now.mono, NHRP_NAME_RETRY_S));
}

/* The server leaves the configuration, or the router stops. */
static void leave(struct nhrp *n, struct nhrp_nhs *nhs)
{
	struct nhrp_tunnel *t = nhs->tunnel;
	size_t i = 0;

	nhrp_withdraw_all(n, nhs);
	if (nhs->state == NHRP_NHS_UP)
		nhrp_out_trace_nhs(n, TRACE_NHS_DOWN, nhs,
		                   n->stopping ? REASON_STOPPED : REASON_CONFIGURED);
	timers_clear(&n->timers, &nhs->timer);
	timers_clear(&n->timers, &nhs->name_timer);
	timers_clear(&n->timers, &nhs->choice_timer);
	nhrp_multicast_forget_server(n, nhs);
	while (t->nhs[i] != nhs)
		i++;
	nhrp_guard_point(n, &nhs->guard, t, &ADDR_ANY_NONE);
	t->n_nhs--;
	memmove(t->nhs + i, t->nhs + i + 1, (t->n_nhs - i) * sizeof(struct nhrp_nhs *));
	free(nhs);
}

/* A server that is up has more of a claim than one that is used, that one more than one that waits.
 */
static int claim(const struct nhrp_nhs *nhs)
{
	return nhs->waiting ? 0 : nhs->state == NHRP_NHS_UP ? 2 : 1;
}

/* Servers may share an overlay address: the cache has the NBMA address of one of them. */
static const struct nhrp_nhs *owner_of(const struct nhrp_tunnel *t, const struct addr *address)
{
	const struct nhrp_nhs *best = NULL;

	for (size_t i = 0; i < t->n_nhs; i++) {
		const struct nhrp_nhs *nhs = t->nhs[i];
		if (nhs->leaving || addr_is_none(&nhs->nbma) || !addr_equal(&nhs->address, address))
			continue;
		if (!best || claim(nhs) > claim(best))
			best = nhs;
	}
	return best;
}

/* The servers' own entry in the cache, unless a map has it already. */
static void keep_entry(struct nhrp *n, const struct nhrp_nhs *nhs)
{
	struct nhrp_tunnel *t = nhs->tunnel;
	const struct nhrp_nhs *owner = owner_of(t, &nhs->address);

	if (addr_is_none(&nhs->address) || !owner)
		return;
	struct prefix target = prefix_host(&nhs->address);
	const struct nhrp_entry *e = nhrp_cache_find(n, t->number, &target);
	if (e && e->origin == NHRP_BY_CONFIG && e->wanted == NHRP_WANTED_BY_MAP)
		return;
	nhrp_tunnel_set_static(n, t, &(struct snap_map){ .target = target, .nbma = owner->nbma },
	                       NHRP_WANTED_BY_NHS);
}

/* What guards the server, its entry and its multicast follow whether it is chosen. */
static void attach(struct nhrp *n, struct nhrp_nhs *nhs)
{
	struct prefix target = prefix_host(&nhs->address);
	struct nhrp_entry *e = addr_is_none(&nhs->address)
	                               ? NULL
	                               : nhrp_cache_find(n, nhs->tunnel->number, &target);

	nhrp_guard_point(n, &nhs->guard, nhs->tunnel, nhs->waiting ? &ADDR_ANY_NONE : &nhs->nbma);
	nhrp_multicast_server(n, nhs);
	if (e && e->origin == NHRP_BY_CONFIG)
		nhrp_cache_guard(n, e);
}

static void stop_using(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (is_ready(nhs))
		nhrp_withdraw_all(n, nhs);
	if (nhs->state == NHRP_NHS_UP)
		nhrp_out_trace_nhs(n, TRACE_NHS_DOWN, nhs, REASON_UNWANTED);
	nhs->state = NHRP_NHS_PROBING;
	nhs->changed = n->now.mono;
	nhrp_withdraw_note(nhs);
	keep_entry(n, nhs);
	attach(n, nhs);
	nhrp_resolve_rehome(n, nhs->tunnel);
}

/* The pending request got no answer in its interval: once more, with the same id. */
static void retransmit(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhs->requests_failed++;
	if (nhs->tries >= NHRP_REGISTRATION_TRIES && nhs->state != NHRP_NHS_DOWN) {
		went_down(n, nhs, REASON_NO_REPLY);
		nhrp_nat_unanswered(n, nhs);
	}
	if (nhs->waiting)
		return;
	if (nhs->tries == NHRP_REGISTRATION_TRIES && nhs->config.fqdn[0])
		timers_set(&n->timers, &nhs->name_timer, n->now.mono);
	if (nhs->tries == UINT8_MAX)
		nhs->tries = NHRP_REGISTRATION_TRIES;
	if (nhs->interval_s < NHRP_RETRANSMIT_MAX_S)
		nhs->interval_s *= 2;
	send_registration(n, nhs);
}

void nhrp_client_fire(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (nhs->leaving) {
		leave(n, nhs);
		return;
	}
	if (nhs->waiting) {
		stop_using(n, nhs);
		return;
	}
	if (!is_ready(nhs))
		return;
	if (nhs->purge)
		nhrp_withdraw_try(n, nhs);
	if (nhs->burst) {
		nhs->burst--;
		new_request(n, nhs);
	} else if (nhs->pending) {
		retransmit(n, nhs);
	} else {
		new_request(n, nhs);
	}
	if (nhs->waiting)
		return;
	mono next = nhs->burst ? mono_add_s(n->now.mono, 1) : nhrp_jittered(n, nhs->interval_s);
	timers_set(&n->timers, &nhs->timer, next);
}

void nhrp_client_name_fire(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (!nhs->tunnel->up || !nhrp_client_uses(nhs) || nhs->state == NHRP_NHS_UP)
		return;
	struct node_action *action = nhrp_out_action(n, NODE_LOOK_UP);
	if (action) {
		action->look_up.cookie = nhs->cookie;
		action->look_up.name = nhs->config.fqdn;
	}
	timers_set(&n->timers, &nhs->name_timer, mono_add_s(n->now.mono, NHRP_NAME_RETRY_S));
}

static void begin(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (!nhrp_client_uses(nhs))
		return;
	nhs->started = n->now.mono;
	nhs->burst = 2;
	nhs->tries = 0;
	nhs->pending = false;
	nhs->refusals = 0;
	nhs->interval_s = NHRP_RETRANSMIT_S;
	nhs->purge = nhs->acked_id && !nhs->tunnel->config.registration_no_unique &&
	             !addr_equal(&nhs->acked_source, &nhs->tunnel->source);
	timers_set(&n->timers, &nhs->timer, n->now.mono);
}

void nhrp_client_start(struct nhrp *n, struct nhrp_nhs *nhs)
{
	begin(n, nhs);
	if (nhrp_client_uses(nhs) && nhs->config.fqdn[0] && nhs->state != NHRP_NHS_UP)
		timers_set(&n->timers, &nhs->name_timer, n->now.mono);
}

void nhrp_client_reachable(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhrp_client_start(n, nhs);
	if (nhrp_client_uses(nhs))
		timers_set(&n->timers, &nhs->timer,
		           mono_add_s(n->now.mono, nhs->tunnel->config.registration_delay_s));
}

void nhrp_client_tunnel_down(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (!nhrp_client_uses(nhs))
		return;
	if (nhs->state == NHRP_NHS_UP)
		nhrp_out_trace_nhs(n, TRACE_NHS_DOWN, nhs, REASON_TUNNEL_DOWN);
	nhs->state = NHRP_NHS_PROBING;
	nhs->changed = n->now.mono;
	nhrp_withdraw_note(nhs);
	nhs->pending = false;
	nhrp_cluster_forget(n, nhs);
	timers_clear(&n->timers, &nhs->timer);
	timers_clear(&n->timers, &nhs->name_timer);
}

void nhrp_client_unprotected(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (!nhrp_client_uses(nhs))
		return;
	went_down(n, nhs, REASON_UNPROTECTED);
	if (nhs->waiting)
		return;
	nhrp_withdraw_note(nhs);
	nhs->pending = false;
	timers_clear(&n->timers, &nhs->timer);
}

void nhrp_client_moved(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (!nhrp_client_uses(nhs))
		return;
	nhrp_withdraw_note(nhs);
	nhrp_client_start(n, nhs);
}

void nhrp_client_renew(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (!nhrp_client_uses(nhs) || !nhs->tunnel->up)
		return;
	nhrp_client_start(n, nhs);
	nhs->burst = 1;
	nhs->purge = nhs->acked_id != 0;
}

void nhrp_client_rest(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhs->waiting = true;
	nhs->burst = 0;
	nhrp_cluster_forget(n, nhs);
	timers_clear(&n->timers, &nhs->name_timer);
	timers_set(&n->timers, &nhs->timer, n->now.mono);
}

void nhrp_client_wake(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhs->waiting = nhs->pending = false;
	nhs->previous_id = 0;
	keep_entry(n, nhs);
	attach(n, nhs);
	if (nhs->tunnel->up)
		nhrp_client_start(n, nhs);
}

/* ---- configuration ---- */

static bool same_server(const struct snap_nhs *a, const struct snap_nhs *b)
{
	return addr_equal(&a->address, &b->address) && addr_equal(&a->nbma, &b->nbma) &&
	       strcmp(a->fqdn, b->fqdn) == 0;
}

static struct nhrp_nhs *find_same(const struct nhrp_tunnel *t, const struct snap_nhs *config)
{
	for (size_t i = 0; i < t->n_nhs; i++)
		if (!t->nhs[i]->leaving && !t->nhs[i]->wanted &&
		    same_server(&t->nhs[i]->config, config))
			return t->nhs[i];
	return NULL;
}

static struct nhrp_nhs *server_add(struct nhrp *n, struct nhrp_tunnel *t)
{
	struct nhrp_nhs *nhs = memory_new(1, sizeof *nhs);

	nhs->tunnel = t;
	nhs->timer.kind = NHRP_TIMER_NHS;
	nhs->name_timer.kind = NHRP_TIMER_NAME;
	nhs->choice_timer.kind = NHRP_TIMER_CHOICE;
	nhs->waiting = true;
	nhs->withdrawn = true;
	nhs->cookie = ++n->next_cookie;
	nhs->last_reply = MONO_NEVER;
	nhs->changed = n->now.mono;
	nhs->interval_s = NHRP_RETRANSMIT_S;
	t->nhs = memory_resize(t->nhs, t->n_nhs + 1, sizeof(struct nhrp_nhs *));
	t->nhs[t->n_nhs++] = nhs;
	return nhs;
}

static void leave_later(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhs->leaving = true;
	nhrp_multicast_server(n, nhs);
	timers_clear(&n->timers, &nhs->name_timer);
	nhrp_cluster_forget(n, nhs);
	timers_set(&n->timers, &nhs->timer, n->now.mono);
}

void nhrp_client_leave_all(struct nhrp *n, struct nhrp_tunnel *t)
{
	for (size_t i = 0; i < t->n_nhs; i++)
		leave_later(n, t->nhs[i]);
}

/* The NBMA address that the configuration gives: in the NHS's line, in a map, as the p2p
 * destination. */
static struct addr configured_nbma(const struct nhrp *n, const struct nhrp_nhs *nhs)
{
	const struct nhrp_tunnel *t = nhs->tunnel;

	if (!addr_is_none(&nhs->config.nbma))
		return nhs->config.nbma;
	if (nhs->config.fqdn[0])
		return nhs->nbma;
	const struct nhrp_entry *e =
		addr_is_none(&nhs->address) ? NULL : nhrp_cache_match(n, t, &nhs->address);
	if (e && e->origin == NHRP_BY_CONFIG && e->wanted)
		return e->nbma;
	return t->multipoint ? ADDR_ANY_NONE : t->destination;
}

/* The address may be the answer to a look-up: it must not be the cause of another. */
static void set_nbma(struct nhrp *n, struct nhrp_nhs *nhs, const struct addr *nbma)
{
	bool changed = !addr_equal(&nhs->nbma, nbma);

	if (addr_is_none(nbma) && nhs->state == NHRP_NHS_UP)
		went_down(n, nhs, REASON_CONFIGURED);
	nhs->nbma = *nbma;
	keep_entry(n, nhs);
	attach(n, nhs);
	if (changed && nhs->tunnel->up)
		begin(n, nhs);
}

static bool fits(const struct nhrp_tunnel *t, const struct snap_nhs *config)
{
	return addr_is_none(&config->address) || config->address.family == t->address.addr.family;
}

/* nhs: the server as it is already, or NULL. */
static void configure_one(struct nhrp *n, struct nhrp_tunnel *t, const struct snap_nhs *config,
                          struct nhrp_nhs *nhs)
{
	if (!fits(t, config))
		return;
	if (!nhs) {
		nhs = server_add(n, t);
		nhs->address = config->address;
		nhs->config = *config;
	}
	nhs->config = *config;
	nhs->wanted = true;
	struct addr nbma = configured_nbma(n, nhs);
	set_nbma(n, nhs, &nbma);
}

/* Servers in the order of the configuration, those that leave behind them. */
static void put_in_order(struct nhrp_tunnel *t)
{
	size_t at = 0;

	for (size_t k = 0; k < t->config.n_nhs; k++) {
		for (size_t i = at; i < t->n_nhs; i++) {
			struct nhrp_nhs *nhs = t->nhs[i];
			if (nhs->leaving || !same_server(&nhs->config, &t->config.nhs[k]))
				continue;
			memmove(t->nhs + at + 1, t->nhs + at, (i - at) * sizeof(struct nhrp_nhs *));
			t->nhs[at++] = nhs;
			break;
		}
	}
}

/* Those that leave go first: their purges must not undo what the new ones register. */
void nhrp_client_configure(struct nhrp *n, struct nhrp_tunnel *t)
{
	struct nhrp_nhs *kept[SNAP_NHS_MAX];
	size_t count = t->running ? t->config.n_nhs : 0;

	check(count <= SNAP_NHS_MAX);
	for (size_t i = 0; i < t->n_nhs; i++)
		t->nhs[i]->wanted = false;
	for (size_t i = 0; i < count; i++) {
		kept[i] = fits(t, &t->config.nhs[i]) ? find_same(t, &t->config.nhs[i]) : NULL;
		if (kept[i])
			kept[i]->wanted = true;
	}
	for (size_t i = 0; i < t->n_nhs; i++)
		if (!t->nhs[i]->wanted)
			leave_later(n, t->nhs[i]);
	for (size_t i = 0; i < count; i++)
		configure_one(n, t, &t->config.nhs[i], kept[i]);
	if (t->running)
		put_in_order(t);
	nhrp_cluster_choose(n, t);
}

static struct nhrp_nhs *find_cookie(const struct nhrp *n, uint32_t cookie)
{
	for (size_t i = 0; i < n->n_tunnels; i++)
		for (size_t k = 0; k < n->tunnel[i]->n_nhs; k++)
			if (n->tunnel[i]->nhs[k]->cookie == cookie)
				return n->tunnel[i]->nhs[k];
	return NULL;
}

/* Nobody answers at the NBMA address, or its protection had time enough and is not up. */
static bool is_silent(const struct nhrp *n, const struct nhrp_nhs *nhs)
{
	bool unprotected = nhs->guard && !nhs->guard->up &&
	                   !mono_before(n->now.mono, mono_add_s(nhs->started, NHRP_TRIAL_S));

	return nhs->state != NHRP_NHS_UP && (nhs->tries > NHRP_REGISTRATION_TRIES || unprotected);
}

/*
 * Of the addresses of a name: the one that is used as long as it answers; then the next by value
 * and round again, as resolvers give them in any order.
 */
static const struct addr *pick_address(const struct nhrp *n, const struct nhrp_nhs *nhs,
                                       const struct node_event *event)
{
	const struct addr *current = NULL, *first = NULL, *lowest = NULL, *next = NULL;

	for (size_t i = 0; i < event->named.n && i < NODE_NAME_ADDRS_MAX; i++) {
		const struct addr *a = &event->named.addr[i];
		if (a->family != nhs->tunnel->source.family || addr_is_unspecified(a))
			continue;
		first = first ? first : a;
		if (addr_equal(a, &nhs->nbma))
			current = a;
		if (!lowest || addr_compare(a, lowest) < 0)
			lowest = a;
		if (addr_compare(a, &nhs->nbma) > 0 && (!next || addr_compare(a, next) < 0))
			next = a;
	}
	if (is_silent(n, nhs))
		return next ? next : lowest;
	return current ? current : first;
}

void nhrp_client_named(struct nhrp *n, const struct node_event *event)
{
	struct nhrp_nhs *nhs = find_cookie(n, event->named.cookie);

	if (!nhs || nhs->leaving || !nhs->config.fqdn[0])
		return;
	const struct addr *best = pick_address(n, nhs, event);
	if (best) {
		set_nbma(n, nhs, best);
		return;
	}
	nhrp_out_trace(n, (struct trace){
				  .type = TRACE_NAME_UNRESOLVED,
				  .tunnel = nhs->tunnel->number,
				  .overlay = nhs->address,
				  .text = nhs->config.fqdn,
			  });
}

/* ---- replies ---- */

static struct nhrp_nhs *find_pending(const struct nhrp_tunnel *t, uint32_t id)
{
	for (size_t i = 0; i < t->n_nhs; i++) {
		struct nhrp_nhs *nhs = t->nhs[i];
		if (!nhs->leaving && id &&
		    ((nhs->pending && nhs->request_id == id) || nhs->previous_id == id))
			return nhs;
	}
	return NULL;
}

/* The Responder extension tells the address of an NHS that we know by its NBMA address only. */
static void learn_address(struct nhrp *n, struct nhrp_nhs *nhs, const struct nhrp_received *rx)
{
	const struct nhrp_extension *ext = nhrp_extension_find(&rx->packet, NHRP_EXT_RESPONDER);
	struct nhrp_cie cie;

	if (!addr_is_none(&nhs->config.address) || !ext || nhrp_extension_cies(ext, &cie, 1) < 1 ||
	    cie.proto.family != rx->tunnel->address.addr.family ||
	    addr_equal(&cie.proto, &rx->tunnel->address.addr) ||
	    addr_equal(&cie.proto, &nhs->address))
		return;
	if (!addr_is_none(&nhs->address)) {
		struct nhrp_entry *old = nhrp_cache_find_host(n, rx->tunnel->number, &nhs->address);
		if (old && old->origin == NHRP_BY_CONFIG && addr_equal(&old->nbma, &nhs->nbma))
			nhrp_cache_delete(n, old, REASON_REPLACED);
	}
	nhs->address = cie.proto;
	keep_entry(n, nhs);
}

static void accepted(struct nhrp *n, struct nhrp_nhs *nhs, const struct nhrp_received *rx)
{
	nhs->acked_id = rx->packet.request_id;
	nhs->acked_source = rx->tunnel->source;
	nhs->n_replaced = 0;
	nhs->refusals = 0;
	nhs->withdrawn = false;
	learn_address(n, nhs, rx);
	nhrp_nat_learn(rx->tunnel, &rx->packet);
	if (nhs->state != NHRP_NHS_UP) {
		nhs->state = NHRP_NHS_UP;
		nhs->changed = n->now.mono;
		nhs->ever_up = true;
		keep_entry(n, nhs);
		timers_clear(&n->timers, &nhs->name_timer);
		nhrp_out_trace_nhs(n, TRACE_NHS_UP, nhs, REASON_NONE);
		nhrp_cluster_up(n, nhs);
		nhrp_resolve_rehome(n, nhs->tunnel);
	}
	if (!nhs->burst && !nhs->pending && !nhs->waiting)
		timers_set(&n->timers, &nhs->timer,
		           mono_add_s(n->now.mono, nhrp_nat_registration_s(rx->tunnel)));
}

static void refused(struct nhrp *n, struct nhrp_nhs *nhs, uint8_t code)
{
	nhrp_out_trace(n, (struct trace){
				  .type = TRACE_REGISTRATION_REFUSED,
				  .tunnel = nhs->tunnel->number,
				  .overlay = nhs->address,
				  .peer = nhs->nbma,
				  .code = code,
			  });
	went_down(n, nhs, REASON_REFUSED);
	if (nhs->waiting)
		return;
	nhs->pending = false;
	nhs->burst = 1;
	nhs->requests_failed++;
	nhs->purge = code == NHRP_CODE_UNIQUE_REGISTERED && nhs->acked_id;
	if (nhs->purge && nhs->refusals < (nhs->n_replaced ? 1 + nhs->n_replaced : 2)) {
		timers_set(&n->timers, &nhs->timer, n->now.mono);
	} else {
		unsigned shift = nhs->refusals < 5 ? nhs->refusals : 5;
		timers_set(&n->timers, &nhs->timer,
		           nhrp_jittered(n, (uint32_t)NHRP_RETRANSMIT_S << shift));
	}
	if (nhs->refusals < UINT8_MAX - 1)
		nhs->refusals++;
}

void nhrp_client_reply(struct nhrp *n, const struct nhrp_received *rx)
{
	struct nhrp_nhs *nhs = find_pending(rx->tunnel, rx->packet.request_id);
	uint8_t code = NHRP_CODE_SUCCESS;

	if (!nhs || !addr_equal(&rx->packet.src_proto, &rx->tunnel->address.addr)) {
		nhrp_out_drop(n, rx, DROP_UNSOLICITED);
		return;
	}
	nhs->replies_received++;
	nhs->last_reply = n->now.mono;
	if (nhs->request_id == rx->packet.request_id)
		nhs->pending = false;
	if (nhs->previous_id == rx->packet.request_id)
		nhs->previous_id = 0;
	for (size_t i = 0; i < rx->packet.n_cie && !code; i++)
		code = rx->packet.cie[i].code;
	if (nhs->waiting)
		nhrp_withdraw_id(n, nhs, code ? 0 : rx->packet.request_id);
	else if (code)
		refused(n, nhs, code);
	else
		accepted(n, nhs, rx);
}

void nhrp_client_error(struct nhrp *n, const struct nhrp_received *rx, uint32_t request_id)
{
	struct nhrp_nhs *nhs = find_pending(rx->tunnel, request_id);

	/* One that is up has our registration until the retransmissions are over. */
	if (nhs && !nhs->waiting && nhs->state == NHRP_NHS_PROBING &&
	    addr_equal(&nhs->nbma, &rx->from))
		went_down(n, nhs, REASON_REFUSED);
}

bool nhrp_client_purged(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *from)
{
	struct nhrp_nhs *nhs = nhrp_client_at(t, from);

	if (!nhs)
		return false;
	if (nhs->waiting)
		return true;
	nhrp_client_start(n, nhs);
	nhs->burst = 1;
	return true;
}

/* Whoever forges it hastens a registration and no more. One that does not stand comes by itself. */
bool nhrp_client_forgotten(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *from)
{
	struct nhrp_nhs *nhs = nhrp_client_at(t, from);

	if (!nhs || nhs->waiting || nhs->state != NHRP_NHS_UP || nhs->pending ||
	    mono_before(n->now.mono, mono_add_s(nhs->last_reply, NHRP_FORGOTTEN_S)))
		return false;
	return nhrp_client_purged(n, t, from);
}

/* ---- choice ---- */

struct nhrp_nhs *nhrp_client_at(const struct nhrp_tunnel *t, const struct addr *nbma)
{
	for (size_t i = 0; i < t->n_nhs; i++)
		if (!t->nhs[i]->leaving && addr_equal(&t->nhs[i]->nbma, nbma))
			return t->nhs[i];
	return NULL;
}

static bool may_be_asked(const struct nhrp_nhs *nhs, bool only_up)
{
	return nhrp_client_uses(nhs) && !addr_is_none(&nhs->nbma) &&
	       (!only_up || (nhs->state == NHRP_NHS_UP && !nhs->proving));
}

/* How many of the tunnel's servers go before this one: by priority, then as configured. */
static size_t rank(const struct nhrp_tunnel *t, size_t which, bool only_up)
{
	size_t before = 0;

	for (size_t i = 0; i < t->n_nhs; i++)
		before += may_be_asked(t->nhs[i], only_up) && nhrp_cluster_is_better(t, i, which);
	return before;
}

struct nhrp_nhs *nhrp_client_choose(const struct nhrp_tunnel *t, size_t nth)
{
	size_t n_up = 0, n_known = 0;

	for (size_t i = 0; i < t->n_nhs; i++) {
		n_known += may_be_asked(t->nhs[i], false);
		n_up += may_be_asked(t->nhs[i], true);
	}
	if (!n_known)
		return NULL;
	bool only_up = n_up > 0;
	for (size_t i = 0; i < t->n_nhs; i++)
		if (may_be_asked(t->nhs[i], only_up) &&
		    rank(t, i, only_up) == nth % (only_up ? n_up : n_known))
			return t->nhs[i];
	return NULL;
}
