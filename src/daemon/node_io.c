/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The node's surroundings: every event goes in here, and its actions are carried out in order
 * before the next one; what they change in the kernel, at their end. Nothing that an action does
 * steps the node at once; what comes of it (an answer to a name, a packet) is an event of the loop,
 * or, of a signature, the next step.
 */
#include <errno.h>
#include <string.h>

#include "daemon/cache_file.h"
#include "daemon/daemon.h"
#include "node/view.h"

enum {
	STOP_STEPS_MAX = 100000,  /* steps that a node may take to say goodbye */
	RESTORE_STEPS_MAX = 1000, /* and to tell what is left of what it restored */
};

static void on_node_timer(uv_timer_t *timer)
{
	struct daemon *d = timer->data;

	daemon_step(d, &(struct node_event){ .type = NODE_TICK });
}

/* libuv counts milliseconds: rounded up, or the step would come too early and do nothing. */
static void arm(struct daemon *d)
{
	mono deadline = node_deadline(d->node);
	struct now now = daemon_now();
	int64_t wait = deadline.ns - now.mono.ns;

	if (mono_is_never(deadline)) {
		uv_timer_stop(&d->node_timer);
		return;
	}
	uv_update_time(&d->loop);
	uv_timer_start(&d->node_timer, on_node_timer,
	               wait <= 0 ? 0 : (uint64_t)((wait + NS_PER_MS - 1) / NS_PER_MS), 0);
}

/* False: what was asked to be reserved is not on disk. */
static bool ids_are_reserved(struct daemon *d)
{
	if (d->ids_reserved == state_request_id_next(d->state))
		return true;
	int result = state_reserve_ids(d->state, d->ids_reserved);
	if (result < 0 && !d->ids_failing)
		log_say(&d->log, "SYS-2-STATE",
		        "Request ids cannot be reserved in %s, so nothing is sent: %s",
		        d->options->state_dir, strerror(-result));
	d->ids_failing = result < 0;
	return result == 0;
}

static void tell(struct daemon *d, const struct trace *trace)
{
	struct strbuf line;

	strbuf_init(&line);
	if (show_trace_log(trace, &line))
		log_line(&d->log, line.text);
	strbuf_fini(&line);
	if (d->control)
		control_trace(d->control, trace);
}

/* What the kernel refuses is counted by the data plane; the node sends again. */
static void send_packet(struct daemon *d, const struct node_action *a)
{
	const struct backend_packet packet = { .tunnel = a->send.tunnel,
		                               .from = a->send.from,
		                               .to = a->send.to,
		                               .bytes = a->send.bytes,
		                               .len = a->send.len };

	if (ids_are_reserved(d))
		(void)d->ops->send(d->backend, &packet);
}

static void carry_out(struct daemon *d, const struct node_action *a)
{
	switch (a->type) {
	case NODE_SEND:
		send_packet(d, a);
		break;
	case NODE_SET_PEER:
		(void)d->ops->peer_set(d->backend, a->peer.tunnel, &a->peer.peer, &a->peer.nbma);
		break;
	case NODE_DEL_PEER:
		d->ops->peer_del(d->backend, a->peer.tunnel, &a->peer.peer);
		break;
	case NODE_FIND_ROUTE:
		daemon_ask_route(d, a);
		break;
	case NODE_SET_ROUTE:
		d->ops->route_set(d->backend,
		                  &(struct backend_route){ a->route.tunnel, a->route.to,
		                                           a->route.via, a->route.override });
		break;
	case NODE_DEL_ROUTE:
		d->ops->route_del(d->backend, a->route.tunnel, &a->route.to);
		break;
	case NODE_LINE:
		daemon_set_line(d, a->line.tunnel, a->line.up);
		break;
	case NODE_SET_MULTICAST:
	case NODE_DEL_MULTICAST:
		d->ops->multicast(d->backend, a->peer.tunnel, &a->peer.nbma,
		                  a->type == NODE_SET_MULTICAST);
		break;
	case NODE_LOOK_UP:
		names_look_up(&d->names, a->look_up.cookie, a->look_up.name);
		break;
	case NODE_RESERVE_IDS:
		d->ids_reserved = a->request_id_next;
		(void)ids_are_reserved(d);
		break;
	case NODE_SAVE_CACHE:
		if (!d->stopping)
			cache_saver_mark(&d->saver);
		break;
	case NODE_TRACE:
		tell(d, &a->trace);
		break;
	case NODE_STOPPED:
		d->node_stopped = true;
		break;
	case NODE_IKE_SEND:
	case NODE_SA_ADD:
	case NODE_SA_DEL:
	case NODE_SA_USE:
	case NODE_SA_MOVE:
	case NODE_IKE_KEYS:
	case NODE_IKE_SIGN:
		daemon_protect(d, a);
		break;
	}
}

/* The whole step's neighbours and routes at once: a next hop and what lies behind it change
 * together. */
static void flush(struct daemon *d)
{
	int result = d->ops->flush(d->backend);

	if (result < 0 && !d->refusal_logged)
		log_say(&d->log, "NETLINK-3-REFUSED",
		        "The kernel refused a neighbour or a route of a tunnel: %s%s%s",
		        strerror(-result), *rtnl_error_text(d->rtnl) ? ": " : "",
		        rtnl_error_text(d->rtnl));
	d->refusal_logged = d->refusal_logged || result < 0;
}

void daemon_step_once(struct daemon *d, const struct node_event *event)
{
	node_step(d->node, daemon_now(), event, &d->out);
	for (size_t i = 0; i < d->out.n; i++)
		carry_out(d, &d->out.action[i]);
	flush(d);
}

void daemon_step(struct daemon *d, const struct node_event *event)
{
	struct node_event answer;

	daemon_step_once(d, event);
	while (daemon_tell_signature(d))
		;
	while (daemon_answer_route(d, &answer))
		daemon_step_once(d, &answer);
	arm(d);
}

void daemon_stop_node(struct daemon *d)
{
	daemon_step(d, &(struct node_event){ .type = NODE_STOP });
	for (int i = 0; !d->node_stopped && i < STOP_STEPS_MAX; i++)
		daemon_step(d, &(struct node_event){ .type = NODE_TICK });
}

/* ---- from the backend ---- */

static void on_packet(void *ctx, const struct backend_packet *packet)
{
	struct node_event event = { .type = NODE_PACKET };

	event.packet.tunnel = packet->tunnel;
	event.packet.from = packet->from;
	event.packet.to = packet->to;
	event.packet.bytes = packet->bytes;
	event.packet.len = packet->len;
	daemon_step(ctx, &event);
}

static void step_head(struct daemon *d, enum node_event_type type,
                      const struct backend_packet *head)
{
	struct node_event event = { .type = type };

	event.hairpin.tunnel = head->tunnel;
	event.hairpin.from = head->from;
	event.hairpin.bytes = head->bytes;
	event.hairpin.len = head->len;
	daemon_step(d, &event);
}

static void on_hairpin(void *ctx, const struct backend_packet *head)
{
	step_head(ctx, NODE_HAIRPIN, head);
}

static void on_stranger(void *ctx, const struct backend_packet *head)
{
	step_head(ctx, NODE_STRANGER, head);
}

static void on_want(void *ctx, uint32_t tunnel, const struct addr *peer)
{
	struct node_event event = { .type = NODE_WANT };

	event.peer.tunnel = tunnel;
	event.peer.peer = *peer;
	daemon_step(ctx, &event);
}

static void on_used(void *ctx, const struct backend_use *use)
{
	struct node_event event = { .type = NODE_USED };

	event.peer.tunnel = use->tunnel;
	event.peer.peer = use->peer;
	event.peer.packets = use->packets;
	daemon_step(ctx, &event);
}

struct backend_events daemon_backend_events(struct daemon *d)
{
	struct backend_events events = {
		.packet = on_packet,
		.want = on_want,
		.hairpin = on_hairpin,
		.stranger = on_stranger,
		.ctx = d,
	};

	daemon_ike_events(&events);
	return events;
}

void daemon_poll_used(struct daemon *d)
{
	d->ops->each_used(d->backend, on_used, d);
}

/* ---- the kept cache ---- */

void daemon_print_cache(void *daemon, struct strbuf *out)
{
	const struct daemon *d = daemon;
	struct node_cursor cursor = { 0 };
	struct node_saved_entry entry;

	strbuf_adds(out, CACHE_FILE_HEAD);
	while (node_saved_next(d->node, &cursor, daemon_now(), &entry)) {
		/* A stop tells the others that our paths are void; clients will be back. */
		if (d->end != DAEMON_STOPS || entry.kind == NODE_SAVED_CLIENT)
			cache_file_print(&entry, out);
	}
}

static void restore(void *ctx, const struct node_saved_entry *entry)
{
	daemon_step(ctx, &(struct node_event){ .type = NODE_RESTORE, .saved = *entry });
}

void daemon_restore_cache(struct daemon *d)
{
	size_t damaged, n = state_load_cache(d->state, restore, d, &damaged);

	if (damaged)
		log_say(&d->log, "NHRP-4-DAMAGED",
		        "%zu lines of the cache in %s are no entries: those clients are unknown "
		        "until they register, those paths until they are resolved",
		        damaged, d->options->state_dir);
	if (n)
		log_say(&d->log, "NHRP-6-RESTORED", "%zu cache entries were kept in %s", n,
		        d->options->state_dir);
	/* What the node still has to tell of them comes before what is left is taken for nobody's.
	 */
	for (int i = 0;
	     i < RESTORE_STEPS_MAX && mono_due(node_deadline(d->node), daemon_now().mono); i++)
		daemon_step(d, &(struct node_event){ .type = NODE_TICK });
	d->ops->taken_over(d->backend);
}
