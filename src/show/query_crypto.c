/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collecting what the crypto commands show. With `shared` one tunnel stands for all of its group:
 * asking for any of them finds the peers of the group.
 */
#include "show/query_crypto.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

enum { ROOM_FIRST = 16, BYTES_PER_KB = 1024, IKE_PORT = 500 };

static bool wants_remote(const struct show_query *q, const struct addr *remote)
{
	return !q->request->one_address || addr_equal(&q->request->address, remote);
}

/* At one address, or at any. */
static void collect_sas(const struct show_query *q, bool any, struct ike_sas *ret)
{
	const struct node *node = q->source->node(q->source->ctx);
	struct node_cursor cursor = { 0 };
	struct ike_sa_view sa;

	*ret = (struct ike_sas){ 0 };
	while (node_ike_sa_next(node, &cursor, &sa)) {
		if (!any && !wants_remote(q, &sa.remote))
			continue;
		if (ret->n == ret->room) {
			ret->room = ret->room ? 2 * ret->room : ROOM_FIRST;
			ret->sa = memory_resize(ret->sa, ret->room, sizeof sa);
		}
		ret->sa[ret->n++] = sa;
	}
}

void query_ike_sas(const struct show_query *q, struct ike_sas *ret)
{
	collect_sas(q, false, ret);
}

void query_ike_sas_fini(struct ike_sas *sas)
{
	free(sas->sa);
	*sas = (struct ike_sas){ 0 };
}

/* ---- tunnels ---- */

const struct snap_protection *query_protection(const struct show_query *q, uint32_t tunnel)
{
	const struct snap_interface *i =
		snapshot_tunnel(q->source->running(q->source->ctx), tunnel);

	return i && *i->tunnel->protection.profile ? &i->tunnel->protection : NULL;
}

static bool in_one_group(const struct show_query *q, uint32_t a, uint32_t b)
{
	const struct snap_protection *x = query_protection(q, a), *y = query_protection(q, b);
	struct interface_view of_x, of_y;

	if (!x || !y || !x->shared || !y->shared || strcmp(x->profile, y->profile) != 0)
		return false;
	return query_tunnel_interface(q, a, &of_x) && query_tunnel_interface(q, b, &of_y) &&
	       addr_equal(&of_x.source, &of_y.source);
}

static bool wants_peer_of(const struct show_query *q, uint32_t tunnel)
{
	return query_wants_tunnel(q, tunnel) || in_one_group(q, tunnel, q->request->tunnel);
}

/* The first protected tunnel with this source. */
static bool tunnel_at(const struct show_query *q, const struct addr *source, uint32_t *ret)
{
	struct interface_view i;
	size_t cursor = 0;

	while (q->source->interface_next(q->source->ctx, &cursor, &i)) {
		if (!i.config || !i.config->tunnel || !i.config->tunnel->protection.profile[0] ||
		    !addr_equal(&i.source, source))
			continue;
		*ret = i.config->tunnel->number;
		return true;
	}
	return false;
}

/* ---- peers ---- */

static int compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_peers(const struct ipsec_view *a, const struct ipsec_view *b)
{
	int order = compare_u32(a->tunnel, b->tunnel);

	if (!order)
		order = addr_compare(&a->remote, &b->remote);
	return order ? order : addr_compare(&a->local, &b->local);
}

/* What is in use comes first, then the latest. */
static int compare_pairs(const void *left, const void *right)
{
	const struct ipsec_view *a = &((const struct crypto_pair *)left)->view;
	const struct ipsec_view *b = &((const struct crypto_pair *)right)->view;
	int order = compare_peers(a, b);

	if (!order)
		order = (b->up && !b->old) - (a->up && !a->old);
	return order ? order : -compare_u32(a->id, b->id);
}

static void collect_pairs(const struct show_query *q, struct crypto_peers *ret)
{
	const struct show_source *source = q->source;
	struct node_cursor cursor = { 0 };
	struct crypto_pair pair = { 0 };
	size_t room = 0;

	while (node_ipsec_next(source->node(source->ctx), &cursor, &pair.view)) {
		if (!wants_remote(q, &pair.view.remote) && !wants_remote(q, &pair.view.at))
			continue;
		if (!wants_peer_of(q, pair.view.tunnel))
			continue;
		if (ret->n_pairs == room) {
			room = room ? 2 * room : ROOM_FIRST;
			ret->pair = memory_resize(ret->pair, room, sizeof pair);
		}
		pair.in = pair.out = (struct esp_sa_state){ 0 };
		if (pair.view.id) {
			(void)source->sa_state(source->ctx, pair.view.id, &pair.in);
			(void)source->sa_state(source->ctx, pair.view.id + 1, &pair.out);
		}
		ret->pair[ret->n_pairs++] = pair;
	}
	if (ret->n_pairs)
		qsort(ret->pair, ret->n_pairs, sizeof pair, compare_pairs);
}

static void group_pairs(struct crypto_peers *peers)
{
	for (size_t i = 0; i < peers->n_pairs; i++) {
		const struct crypto_pair *pair = &peers->pair[i];
		const struct ipsec_view *v = &pair->view;

		if (i == 0 || compare_peers(&pair[-1].view, v) != 0)
			peers->peer[peers->n++] = (struct crypto_peer){
				.has_tunnel = true,
				.tunnel = v->tunnel,
				.local = v->local,
				.remote = v->remote,
				.at = v->at,
				.nat_port = v->nat_port,
				.pair = pair,
				.gone_in = v->gone_packets_in,
				.gone_out = v->gone_packets_out,
			};
		struct crypto_peer *peer = &peers->peer[peers->n - 1];
		peer->wanted |= v->wanted;
		peer->n_pairs += v->id != 0;
	}
}

/* ---- IKE SAs of peers ---- */

/* Peers behind one NAT differ by nothing but their port. */
static int compare_ends(const struct ike_sa_view *sa, const struct crypto_peer *peer)
{
	int order = addr_compare(&sa->remote, &peer->at);

	if (!order)
		order = compare_u32(sa->nat_port, peer->nat_port);
	return order ? order : addr_compare(&sa->local, &peer->local);
}

/* One that has an IKE SA, as far as that tells. */
static struct crypto_peer peer_of(const struct ike_sa_view *sa)
{
	return (struct crypto_peer){
		.local = sa->local,
		.remote = sa->remote,
		.at = sa->remote,
		.nat_port = sa->nat_port,
	};
}

static int compare_sas(const void *left, const void *right)
{
	const struct ike_sa_view *a = left, *b = right;
	const struct crypto_peer peer = peer_of(b);
	int order = compare_ends(a, &peer);

	return order ? order : compare_u32(a->id, b->id);
}

/* Where the SAs with a peer begin, or would. */
static size_t first_sa(const struct ike_sas *sas, const struct crypto_peer *peer)
{
	size_t low = 0, high = sas->n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (compare_ends(&sas->sa[middle], peer) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void give_sas(const struct ike_sas *sas, struct crypto_peer *peer)
{
	const size_t first = first_sa(sas, peer);

	peer->sa = sas->sa + first;
	while (first + peer->n_sas < sas->n && compare_ends(&peer->sa[peer->n_sas], peer) == 0)
		peer->n_sas++;
}

/* A peer that has the IKE SAs from one on, and nothing else. */
static void add_bare(const struct show_query *q, const struct ike_sa_view *sa,
                     struct crypto_peers *peers)
{
	struct crypto_peer peer = peer_of(sa);

	if (!wants_remote(q, &sa->remote))
		return;
	peer.has_tunnel = tunnel_at(q, &sa->local, &peer.tunnel);
	if (q->request->one_tunnel && !(peer.has_tunnel && wants_peer_of(q, peer.tunnel)))
		return;
	give_sas(&peers->sas, &peer);
	peers->peer[peers->n++] = peer;
}

/* Runs of SAs that no peer has. */
static void add_all_bare(const struct show_query *q, struct crypto_peers *peers)
{
	const struct ike_sas *sas = &peers->sas;
	bool *is_taken = memory_new(sas->n + 1, sizeof *is_taken);

	for (size_t i = 0; i < peers->n; i++)
		if (peers->peer[i].n_sas)
			is_taken[peers->peer[i].sa - sas->sa] = true;
	for (size_t i = 0; i < sas->n; i++) {
		const struct ike_sa_view *sa = &sas->sa[i];
		const struct crypto_peer peer = peer_of(sa);
		const bool begins = i == 0 || compare_ends(sa - 1, &peer) != 0;
		if (begins && !is_taken[i])
			add_bare(q, sa, peers);
	}
	free(is_taken);
}

void query_peers(const struct show_query *q, struct crypto_peers *ret)
{
	*ret = (struct crypto_peers){ 0 };
	collect_pairs(q, ret);
	ret->peer = memory_new(ret->n_pairs + 1, sizeof *ret->peer);
	group_pairs(ret);
}

void query_sessions(const struct show_query *q, struct crypto_peers *ret)
{
	query_peers(q, ret);
	collect_sas(q, true, &ret->sas); /* a peer's may be at another address than its name */
	if (!ret->sas.n)
		return;
	qsort(ret->sas.sa, ret->sas.n, sizeof *ret->sas.sa, compare_sas);
	ret->peer = memory_resize(ret->peer, ret->n + ret->sas.n, sizeof *ret->peer);
	for (size_t i = 0; i < ret->n; i++)
		give_sas(&ret->sas, &ret->peer[i]);
	add_all_bare(q, ret);
}

void query_peers_fini(struct crypto_peers *peers)
{
	free(peers->pair);
	free(peers->peer);
	query_ike_sas_fini(&peers->sas);
	*peers = (struct crypto_peers){ 0 };
}

/* ---- of one peer ---- */

const struct crypto_pair *crypto_peer_current(const struct crypto_peer *peer)
{
	return peer->n_pairs && peer->pair[0].view.up ? &peer->pair[0] : NULL;
}

int64_t crypto_peer_uptime_s(const struct show_query *q, const struct crypto_peer *peer)
{
	const struct crypto_pair *current = crypto_peer_current(peer);

	return current ? query_age_s(q, current->view.peer_since) : -1;
}

const struct ike_sa_view *crypto_peer_sa(const struct crypto_peer *peer)
{
	for (size_t i = peer->n_sas; i-- > 0;)
		if (peer->sa[i].state == IKE_QM_IDLE && !peer->sa[i].deleted)
			return &peer->sa[i];
	return peer->n_sas ? &peer->sa[peer->n_sas - 1] : NULL;
}

unsigned crypto_peer_port(const struct crypto_peer *peer)
{
	const struct ike_sa_view *sa = crypto_peer_sa(peer);
	const struct crypto_pair *current = crypto_peer_current(peer);

	if (sa)
		return sa->remote_port;
	return current && current->view.udp ? current->view.remote_port : IKE_PORT;
}

uint64_t crypto_peer_packets(const struct crypto_peer *peer, bool outbound)
{
	uint64_t sum = outbound ? peer->gone_out : peer->gone_in;

	for (size_t i = 0; i < peer->n_pairs; i++)
		sum += outbound ? peer->pair[i].out.packets : peer->pair[i].in.packets;
	return sum;
}

uint64_t crypto_sa_drops(const struct esp_sa_state *sa)
{
	uint64_t sum = 0;

	for (int i = ESP_DROP_NONE + 1; i < ESP_DROPS_N; i++)
		sum += sa->drops[i];
	return sum;
}

uint64_t crypto_peer_drops(const struct crypto_peer *peer, bool outbound)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < peer->n_pairs; i++)
		sum += crypto_sa_drops(outbound ? &peer->pair[i].out : &peer->pair[i].in);
	return sum;
}

int64_t query_left_s(const struct show_query *q, mono until)
{
	return mono_is_never(until) ? -1 : mono_seconds_between(q->now, until);
}

int64_t crypto_left_kb(const struct ipsec_view *view, const struct esp_sa_state *sa)
{
	const uint64_t used_kb = sa->bytes / BYTES_PER_KB;

	if (!view->lifetime_kb)
		return -1;
	return used_kb < view->lifetime_kb ? (int64_t)(view->lifetime_kb - used_kb) : 0;
}
