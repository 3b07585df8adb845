/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE's surroundings: messages by port 500 (daemon/ike_ports.h) and, through the data plane, by
 * port 4500; security associations into the data plane; and every second what they have carried, by
 * which the node knows their age and whether peers live. Signatures are made here, inline: one of
 * RSA with 2048 bits takes a millisecond.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/keylog.h"
#include "util/memory.h"

enum { POLL_SAS_MS = 1000 };

/* An inbound one in force. The outbound one of the pair has the next id (ike_next_ipsec). */
struct daemon_sa {
	uint32_t id;
	UT_hash_handle hh;
};

/* What was signed, the latest first. */
struct daemon_signature {
	struct daemon_signature *next;
	uint64_t cookie;
	uint8_t bytes[NODE_SIGNATURE_MAX];
	size_t len;
};

/* ---- events ---- */

static void on_message(void *ctx, const struct node_ike_path *path, const uint8_t *bytes,
                       size_t len)
{
	struct node_event event = { .type = NODE_IKE_PACKET };

	event.ike.path = *path;
	event.ike.bytes = bytes;
	event.ike.len = len;
	daemon_step(ctx, &event);
}

static void on_unknown_spi(void *ctx, const struct backend_unknown_spi *what)
{
	struct node_event event = { .type = NODE_SA_UNKNOWN };

	event.unknown.from = what->from;
	event.unknown.to = what->to;
	event.unknown.spi = what->spi;
	event.unknown.udp_port = what->udp_port;
	daemon_step(ctx, &event);
}

static void on_moved(void *ctx, uint32_t id, const struct addr *from, uint16_t udp_port)
{
	struct node_event event = { .type = NODE_SA_MOVED };

	event.moved.id = id;
	event.moved.from = *from;
	event.moved.udp_port = udp_port;
	daemon_step(ctx, &event);
}

static void tell_use(struct daemon *d, uint32_t id)
{
	struct node_event event = { .type = NODE_SA_USED };
	struct esp_sa_state in, out = { 0 };

	if (!d->ops->sa_state(d->backend, id, &in))
		return;
	(void)d->ops->sa_state(d->backend, id + 1, &out);
	event.sa_used.id = id;
	event.sa_used.packets_in = in.packets;
	event.sa_used.bytes_in = in.bytes;
	event.sa_used.packets_out = out.packets;
	event.sa_used.bytes_out = out.bytes;
	daemon_step(d, &event);
}

/* A step may end any of them. */
void daemon_poll_sas(struct daemon *d)
{
	size_t n = HASH_COUNT(d->sas), i = 0;
	uint32_t *id = memory_new(n + 1, sizeof *id);

	for (const struct daemon_sa *sa = d->sas; sa; sa = sa->hh.next)
		id[i++] = sa->id;
	for (i = 0; i < n; i++)
		tell_use(d, id[i]);
	free(id);
}

static void on_sa_timer(uv_timer_t *timer)
{
	daemon_poll_sas(timer->data);
}

/* ---- actions ---- */

/* What the kernel refuses is as lost as on the way: IKE sends again. */
static void send_message(struct daemon *d, const struct node_action *a)
{
	const struct node_ike_path *path = &a->ike.path;

	if (path->from_port == IKE_PORTS_PORT)
		(void)ike_ports_send(&d->ike_ports, path, a->ike.bytes, a->ike.len);
	else
		(void)d->ops->send_ike(d->backend, path, a->ike.bytes, a->ike.len);
}

static void note_sa(struct daemon *d, uint32_t id)
{
	struct daemon_sa *sa = memory_new(1, sizeof *sa);

	if (!d->sas)
		uv_timer_start(&d->sa_timer, on_sa_timer, POLL_SAS_MS, POLL_SAS_MS);
	sa->id = id;
	HASH_ADD(hh, d->sas, id, sizeof sa->id, sa);
}

/* For tests; see daemon/keylog.h. */
static void log_keys(struct daemon *d, const struct node_action *a)
{
	struct strbuf line;

	if (d->keylog_fd < 0)
		return;
	strbuf_init(&line);
	if (a->type == NODE_IKE_KEYS)
		keylog_ike(a, &line);
	else
		keylog_sa(a->sa, &line);
	(void)!write(d->keylog_fd, line.text, line.len);
	strbuf_fini(&line);
}

static void add_sa(struct daemon *d, const struct node_sa *sa)
{
	char peer[ADDR_TEXT_LEN];
	int result = d->ops->sa_add(d->backend, sa);

	if (result < 0)
		log_say(&d->log, "CRYPTO-3-SA",
		        "A security association with %s cannot be put in force: %s",
		        addr_format(&sa->nbma, peer), strerror(-result));
	else if (!sa->outbound)
		note_sa(d, sa->id);
}

static void del_sa(struct daemon *d, uint32_t id)
{
	struct daemon_sa *sa;

	d->ops->sa_del(d->backend, id);
	HASH_FIND(hh, d->sas, &id, sizeof id, sa);
	if (!sa)
		return;
	HASH_DEL(d->sas, sa);
	free(sa);
	if (!d->sas)
		uv_timer_stop(&d->sa_timer);
}

static void sign(struct daemon *d, const struct node_action *a)
{
	struct daemon_signature *s = memory_new(1, sizeof *s);

	s->cookie = a->sign.cookie;
	s->len = credentials_sign(&d->credentials, a->sign.trustpoint,
	                          (struct crypto_part){ a->sign.bytes, a->sign.len }, s->bytes);
	s->next = d->signatures;
	d->signatures = s;
}

bool daemon_tell_signature(struct daemon *d)
{
	struct node_event event = { .type = NODE_IKE_SIGNED };
	struct daemon_signature *s = d->signatures;

	if (!s)
		return false;
	d->signatures = s->next;
	event.signature.cookie = s->cookie;
	event.signature.bytes = s->bytes;
	event.signature.len = s->len;
	daemon_step_once(d, &event);
	free(s);
	return true;
}

static void on_credentials(void *ctx, const struct node_credentials *now)
{
	daemon_step(ctx, &(struct node_event){ .type = NODE_CREDENTIALS, .credentials = now });
}

void daemon_protect(struct daemon *d, const struct node_action *a)
{
	switch (a->type) {
	case NODE_IKE_SEND:
		send_message(d, a);
		break;
	case NODE_SA_ADD:
		log_keys(d, a);
		add_sa(d, a->sa);
		break;
	case NODE_IKE_KEYS:
		log_keys(d, a);
		break;
	case NODE_SA_DEL:
		del_sa(d, a->sa_id);
		break;
	case NODE_SA_USE:
		(void)d->ops->sa_use(d->backend, a->use.tunnel, &a->use.nbma, a->use.id);
		break;
	case NODE_SA_MOVE:
		(void)d->ops->sa_move(d->backend, a->move.id, &a->move.remote, a->move.udp_port);
		break;
	case NODE_IKE_SIGN:
		sign(d, a);
		break;
	default:
		break;
	}
}

/* ---- start and stop ---- */

void daemon_ike_events(struct backend_events *events)
{
	events->ike = on_message;
	events->unknown_spi = on_unknown_spi;
	events->moved = on_moved;
}

void daemon_start_ike(struct daemon *d)
{
	uv_timer_init(&d->loop, &d->sa_timer);
	d->sa_timer.data = d;
	d->credentials = (struct credentials){ .state_dir_fd = state_dir_fd(d->state),
		                               .state_dir = d->options->state_dir,
		                               .log = &d->log,
		                               .crypto = d->crypto,
		                               .changed = on_credentials,
		                               .ctx = d };
	d->ike_ports = (struct ike_ports){
		.loop = &d->loop, .number = IKE_PORTS_PORT, .message = on_message, .ctx = d
	};
}

void daemon_forget_sas(struct daemon *d)
{
	struct daemon_sa *sa, *next;

	HASH_ITER (hh, d->sas, sa, next) {
		HASH_DEL(d->sas, sa);
		free(sa);
	}
}
