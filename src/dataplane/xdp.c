/* SPDX-License-Identifier: Apache-2.0 */
/*
 * We write frames into free chunks of a queue (xdp_link.h), put them into its ring and call the
 * kernel until it has taken all of them: nothing waits in a ring unseen, to leave when its path has
 * long been void. A socket that does not get on is closed, which drops what it holds, and its port
 * goes without for a while.
 *
 * A queue has one socket in the whole machine, and ports may have fewer queues than we have
 * workers: these share it, and whoever finds it taken goes by AF_PACKET rather than wait. Worker
 * threads; the control thread takes queues to receive by.
 */
#include "dataplane/xdp.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "dataplane/port.h"
#include "dataplane/xdp_link.h"
#include "util/clock.h"
#include "util/memory.h"

/* To try a port again that could not be had. */
static const int64_t again_ns = 10 * NS_PER_S;

/* A port's place in a lane. */
struct place {
	int ifindex; /* 0: unused */
	int64_t tried_ns;
	struct xdp_link *link; /* NULL: none, until it is time to try again */
};

/* The sockets of one queue. */
struct lane {
	pthread_mutex_t lock;
	unsigned oldest; /* place to give up next */
	struct place place[XDP_LINKS_MAX];
};

struct xdp {
	bool receives;
	unsigned n_lanes;
	struct lane *lane;
};

static void close_link(struct place *p)
{
	xdp_link_release(p->link);
	p->link = NULL;
}

/* A port's place; another's, when there is none left. */
static struct place *find_place(struct lane *lane, int ifindex)
{
	for (unsigned i = 0; i < XDP_LINKS_MAX; i++)
		if (lane->place[i].ifindex == ifindex)
			return &lane->place[i];
	struct place *p = &lane->place[lane->oldest++ % XDP_LINKS_MAX];
	close_link(p);
	*p = (struct place){ .ifindex = ifindex, .tried_ns = -again_ns };
	return p;
}

static int open_link(struct xdp *x, struct place *p, unsigned queue)
{
	return xdp_link_open(p->ifindex, queue, x->receives, &p->link);
}

static void reclaim(struct xdp_link *l)
{
	uint32_t from = *l->sent.consumer;
	uint32_t to = __atomic_load_n(l->sent.producer, __ATOMIC_ACQUIRE);
	const uint64_t *offset = l->sent.entries;

	for (; from != to; from++)
		l->free[l->n_free++] = offset[from & l->sent.mask];
	__atomic_store_n(l->sent.consumer, to, __ATOMIC_RELEASE);
}

static unsigned waiting(const struct xdp_link *l)
{
	return *l->send.producer - __atomic_load_n(l->send.consumer, __ATOMIC_ACQUIRE);
}

/* Lets the kernel take what is in the ring. How many it left there: none unless the socket failed.
 */
static unsigned push(struct xdp_link *l)
{
	unsigned left = waiting(l), tries = 0;

	while (left) {
		bool sent = sendto(l->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) == 0;
		int error = sent ? EAGAIN : errno;
		unsigned before = left;
		left = waiting(l);
		reclaim(l);
		if (left < before || error == EINTR)
			continue;
		if ((error != EAGAIN && error != EBUSY && error != ENOBUFS) ||
		    ++tries > PORT_SEND_TRIES)
			break;
		port_pause();
	}
	return left;
}

/* Chunks that the driver still holds on to come back in their time. */
static bool wait_for_chunks(struct xdp_link *l, unsigned n)
{
	reclaim(l);
	for (unsigned tries = 0; l->n_free < n && tries < PORT_SEND_TRIES; tries++) {
		port_pause();
		reclaim(l);
	}
	return l->n_free >= n;
}

static void put(struct xdp_link *l, uint32_t at, struct tx_packet *p)
{
	struct xdp_desc *entry = (struct xdp_desc *)l->send.entries + (at & l->send.mask);
	uint64_t offset = l->free[--l->n_free];

	struct iovec piece[2];
	size_t len = 0;

	for (unsigned i = 0, n = encap_pieces(p, 0, piece); i < n; i++) {
		if (piece[i].iov_len)
			memcpy(l->umem + offset + len, piece[i].iov_base, piece[i].iov_len);
		len += piece[i].iov_len;
	}
	*entry = (struct xdp_desc){ .addr = offset, .len = (uint32_t)len };
}

static bool fits(const struct xdp_burst *b)
{
	for (unsigned i = 0; i < b->n; i++)
		if (b->packets[i].head_len + b->packets[i].payload_len > XDP_FRAME_MAX)
			return false;
	return true;
}

static void send_burst(struct place *place, const struct xdp_burst *b)
{
	struct xdp_link *l = place->link;
	uint32_t at = *l->send.producer;

	for (unsigned i = 0; i < b->n; i++)
		put(l, at + i, &b->packets[i]);
	__atomic_store_n(l->send.producer, at + b->n, __ATOMIC_RELEASE);
	unsigned left = push(l);
	for (unsigned i = b->n - left; i < b->n; i++)
		b->packets[i].refused = true;
	if (left)
		close_link(place);
}

static bool send_by(struct xdp *x, unsigned queue, const struct xdp_burst *b, int64_t now_ns)
{
	struct lane *lane = &x->lane[queue];

	if (pthread_mutex_trylock(&lane->lock))
		return false;
	struct place *p = find_place(lane, b->ifindex);
	if (!p->link && now_ns - p->tried_ns >= again_ns) {
		p->tried_ns = now_ns;
		(void)open_link(x, p, queue);
	}
	bool sent = p->link && wait_for_chunks(p->link, b->n);
	if (sent)
		send_burst(p, b);
	pthread_mutex_unlock(&lane->lock);
	return sent;
}

bool xdp_send(struct xdp *x, const struct xdp_burst *b, int64_t now_ns)
{
	return fits(b) &&
	       (send_by(x, b->queue, b, now_ns) || (b->queue > 0 && send_by(x, 0, b, now_ns)));
}

int xdp_take(struct xdp *x, const struct xdp_queue *queue, struct xdp_link **ret)
{
	struct lane *lane = &x->lane[queue->number];
	int error = 0;

	pthread_mutex_lock(&lane->lock);
	struct place *p = find_place(lane, queue->ifindex);
	if (!p->link)
		error = open_link(x, p, queue->number);
	if (!error)
		*ret = xdp_link_share(p->link);
	pthread_mutex_unlock(&lane->lock);
	return error;
}

bool xdp_has(struct xdp *x, const struct xdp_link *link)
{
	struct lane *lane = &x->lane[link->queue];
	bool has = false;

	pthread_mutex_lock(&lane->lock);
	for (unsigned i = 0; i < XDP_LINKS_MAX; i++)
		has |= lane->place[i].link == link;
	pthread_mutex_unlock(&lane->lock);
	return has;
}

void xdp_untake(struct xdp *x, struct xdp_link *link)
{
	struct lane *lane = &x->lane[link->queue];

	pthread_mutex_lock(&lane->lock);
	for (unsigned i = 0; i < XDP_LINKS_MAX; i++)
		if (lane->place[i].link == link)
			close_link(&lane->place[i]);
	pthread_mutex_unlock(&lane->lock);
	xdp_link_release(link);
}

struct xdp *xdp_new(unsigned n_queues, bool receives)
{
	struct xdp *x = memory_new(1, sizeof *x);

	x->receives = receives;
	x->n_lanes = n_queues;
	x->lane = memory_new(n_queues, sizeof *x->lane);
	for (unsigned i = 0; i < n_queues; i++)
		pthread_mutex_init(&x->lane[i].lock, NULL);
	return x;
}

void xdp_free(struct xdp *x)
{
	if (!x)
		return;
	for (unsigned i = 0; i < x->n_lanes; i++) {
		for (unsigned k = 0; k < XDP_LINKS_MAX; k++)
			close_link(&x->lane[i].place[k]);
		pthread_mutex_destroy(&x->lane[i].lock);
	}
	free(x->lane);
	free(x);
}
