/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The step: one event to its handlers, then the timers that are due (node/protect.h), then what the
 * step as a whole has to say.
 *
 * After NODE_STOP only timers run: they withdraw everything, first what NHRP has announced, then
 * the security associations, and NODE_STOPPED is handed out once nothing is left.
 */
#include "node/node.h"

#include <stdlib.h>

#include "nhrp/client.h"
#include "nhrp/kept.h"
#include "nhrp/out.h"
#include "nhrp/receive.h"
#include "nhrp/redirect.h"
#include "nhrp/resolve.h"
#include "nhrp/route.h"
#include "nhrp/shortcut.h"
#include "nhrp/stranger.h"
#include "nhrp/tunnel.h"
#include "node/protect.h"
#include "node/state.h"
#include "util/memory.h"

struct node *node_new(const struct node_options *options)
{
	struct node *node = memory_new(1, sizeof *node);

	nhrp_init(&node->nhrp, options);
	if (options->crypto)
		node->ike = ike_new(options->crypto, &options->entropy);
	if (node->ike && options->hand_out_keys)
		ike_hand_out_keys(node->ike);
	return node;
}

void node_free(struct node *node)
{
	if (!node)
		return;
	ike_free(node->ike);
	nhrp_fini(&node->nhrp);
	free(node);
}

static void handle(struct nhrp *n, const struct node_event *event)
{
	switch (event->type) {
	case NODE_CONFIGURE:
		nhrp_tunnel_configure(n, event->snapshot);
		break;
	case NODE_TUNNEL:
		nhrp_tunnel_state(n, event);
		break;
	case NODE_PACKET:
		nhrp_receive(n, event);
		break;
	case NODE_WANT:
		nhrp_resolve_want(n, event->peer.tunnel, &event->peer.peer);
		break;
	case NODE_USED:
		nhrp_used(n, event);
		break;
	case NODE_NAMED:
		nhrp_client_named(n, event);
		break;
	case NODE_ROUTE:
		nhrp_route_answer(n, event);
		break;
	case NODE_ROUTES_CHANGED:
		nhrp_shortcut_recheck(n);
		break;
	case NODE_HAIRPIN:
		nhrp_redirect_hairpin(n, event);
		break;
	case NODE_STRANGER:
		nhrp_stranger(n, event);
		break;
	case NODE_CLEAR:
		nhrp_clear(n, event);
		break;
	case NODE_CLEAR_COUNTERS:
		nhrp_clear_counters(n, event);
		break;
	case NODE_RESTORE:
		nhrp_restore(n, &event->saved);
		break;
	case NODE_STOP:
		nhrp_stop(n);
		break;
	case NODE_IKE_PACKET:
	case NODE_SA_UNKNOWN:
	case NODE_SA_MOVED:
	case NODE_SA_USED:
	case NODE_CLEAR_CRYPTO:
	case NODE_CREDENTIALS:
	case NODE_IKE_SIGNED:
	case NODE_TICK:
		break;
	}
}

/* What a router that stops is asked is not answered any more. */
static bool is_too_late(const struct nhrp *n, const struct node_event *event)
{
	if (!n->stopping)
		return false;
	return event->type != NODE_TUNNEL && event->type != NODE_TICK;
}

static bool nothing_is_left(const struct nhrp *n)
{
	for (size_t i = 0; i < n->n_tunnels; i++)
		if (n->tunnel[i]->n_nhs)
			return false;
	return n->n_entries == 0;
}

static void finish(struct node *node)
{
	struct nhrp *n = &node->nhrp;

	if (n->save && !n->stopping)
		nhrp_out_action(n, NODE_SAVE_CACHE);
	n->save = false;
	if (n->stopping && !n->stopped && nothing_is_left(n) && node_protect_stop(node)) {
		n->stopped = true;
		nhrp_out_action(n, NODE_STOPPED);
	}
}

void node_step(struct node *node, struct now now, const struct node_event *event,
               struct node_out *out)
{
	struct nhrp *n = &node->nhrp;

	out->n = out->n_bytes = 0;
	n->now = now;
	n->out = out;
	if (node->ike)
		ike_begin(node->ike, now, out);
	if (!is_too_late(n, event)) {
		handle(n, event);
		node_protect_handle(node, event);
	} else if (event->type == NODE_PACKET || event->type == NODE_IKE_PACKET) {
		n->drops[DROP_TUNNEL_DOWN]++;
	}
	node_protect_run(node);
	finish(node);
	if (node->ike)
		ike_begin(node->ike, now, NULL);
	n->out = NULL;
}

mono node_deadline(const struct node *node)
{
	mono nhrp = timers_deadline(&node->nhrp.timers);

	return node->ike ? mono_min(nhrp, ike_deadline(node->ike)) : nhrp;
}

const char *trace_type_word(enum trace_type type)
{
	static const char *const words[TRACE_TYPES_N] = {
#define X(id, word) word,
		TRACE_TYPES(X)
#undef X
	};

	return (unsigned)type < TRACE_TYPES_N ? words[type] : "unknown";
}

const char *trace_reason_text(enum trace_reason reason)
{
	static const char *const texts[TRACE_REASONS_N] = {
#define X(id, text) text,
		TRACE_REASONS(X)
#undef X
	};

	return (unsigned)reason < TRACE_REASONS_N ? texts[reason] : "unknown";
}

const char *node_drop_key(enum node_drop drop)
{
	static const char *const keys[NODE_DROPS_N] = {
#define X(id, key, text) key,
		NODE_DROPS(X)
#undef X
	};

	return (unsigned)drop < NODE_DROPS_N ? keys[drop] : "unknown";
}

const char *node_drop_text(enum node_drop drop)
{
	static const char *const texts[NODE_DROPS_N] = {
#define X(id, key, text) text,
		NODE_DROPS(X)
#undef X
	};

	return (unsigned)drop < NODE_DROPS_N ? texts[drop] : "unknown";
}
