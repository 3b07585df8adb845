/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A socket has memory of fixed chunks (the umem), a ring of frames to send and one of frames that
 * are done with. We write frames into free chunks, put them into the first ring and call the kernel
 * until it has taken all of them: nothing waits in a ring unseen, to leave when its path has long
 * been void. A socket that does not get on is closed, which drops what it holds, and its port goes
 * without for a while.
 *
 * A queue has one socket in the whole machine, and ports may have fewer queues than we have
 * workers: these share it, and whoever finds it taken goes by AF_PACKET rather than wait. Worker
 * threads.
 */
#include "dataplane/xdp.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/port.h"
#include "util/clock.h"
#include "util/memory.h"

enum {
	CHUNKS = 512, /* a power of two; 1 MB, which a port may hold on to until it is sent */
	FILL_LEN = 1, /* of the ring for receiving, which must be there */
};

/* To try a port again that could not be had. */
static const int64_t again_ns = 10 * NS_PER_S;

struct ring {
	uint32_t *producer, *consumer;
	void *entries; /* CHUNKS of them */
	void *map;     /* MAP_FAILED: none */
	size_t map_len;
};

/* One socket. */
struct link {
	int ifindex; /* 0: unused */
	int fd;      /* negative: none, until it is time to try again */
	int64_t tried_ns;
	uint8_t *umem; /* MAP_FAILED: none */
	struct ring tx, done;
	uint64_t free[CHUNKS]; /* offsets in umem */
	unsigned n_free;
};

/* The sockets of one queue. */
struct lane {
	pthread_mutex_t lock;
	unsigned oldest; /* link to give up next */
	struct link link[XDP_LINKS_MAX];
};

struct xdp {
	unsigned n_lanes;
	struct lane *lane;
};

static int map_ring(struct ring *r, int fd, const struct xdp_ring_offset *at, bool tx)
{
	size_t entry_len = tx ? sizeof(struct xdp_desc) : sizeof(uint64_t);
	off_t where = tx ? XDP_PGOFF_TX_RING : (off_t)XDP_UMEM_PGOFF_COMPLETION_RING;

	r->map_len = (size_t)at->desc + CHUNKS * entry_len;
	r->map = mmap(NULL, r->map_len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
	              where);
	if (r->map == MAP_FAILED)
		return -errno;
	uint8_t *base = r->map;
	r->producer = (uint32_t *)(void *)(base + at->producer);
	r->consumer = (uint32_t *)(void *)(base + at->consumer);
	r->entries = base + at->desc;
	return 0;
}

static int set_option(int fd, int option, int value)
{
	return setsockopt(fd, SOL_XDP, option, &value, sizeof value) ? -errno : 0;
}

static int make_rings(struct link *l)
{
	struct xdp_umem_reg reg = { .len = (uint64_t)CHUNKS * XDP_FRAME_MAX,
		                    .chunk_size = XDP_FRAME_MAX };
	struct xdp_mmap_offsets at;
	socklen_t at_len = sizeof at;

	l->umem = mmap(NULL, reg.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l->umem == MAP_FAILED)
		return -errno;
	reg.addr = (uintptr_t)l->umem;
	if (setsockopt(l->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof reg))
		return -errno;
	int error = set_option(l->fd, XDP_UMEM_FILL_RING, FILL_LEN);
	if (!error)
		error = set_option(l->fd, XDP_UMEM_COMPLETION_RING, CHUNKS);
	if (!error)
		error = set_option(l->fd, XDP_TX_RING, CHUNKS);
	if (error)
		return error;
	if (getsockopt(l->fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &at_len))
		return -errno;
	if (at_len != sizeof at)
		return -EPROTO;
	error = map_ring(&l->tx, l->fd, &at.tx, true);
	return error ? error : map_ring(&l->done, l->fd, &at.cr, false);
}

static void unmap(void *map, size_t len)
{
	if (map != MAP_FAILED)
		munmap(map, len);
}

static void close_link(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	unmap(l->tx.map, l->tx.map_len);
	unmap(l->done.map, l->done.map_len);
	unmap(l->umem, (size_t)CHUNKS * XDP_FRAME_MAX);
	l->tx.map = l->done.map = l->umem = MAP_FAILED;
}

static void open_link(struct link *l, uint32_t queue)
{
	const struct sockaddr_xdp to = { .sxdp_family = AF_XDP,
		                         .sxdp_flags = XDP_COPY,
		                         .sxdp_ifindex = (uint32_t)l->ifindex,
		                         .sxdp_queue_id = queue };

	l->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return;
	if (make_rings(l) || bind(l->fd, (const struct sockaddr *)&to, sizeof to)) {
		close_link(l);
		return;
	}
	for (l->n_free = 0; l->n_free < CHUNKS; l->n_free++)
		l->free[l->n_free] = (uint64_t)l->n_free * XDP_FRAME_MAX;
}

/* The socket of a port, opened when it is time to; NULL: none. */
static struct link *find_link(struct lane *lane, uint32_t queue, int ifindex, int64_t now_ns)
{
	struct link *l = NULL;

	for (unsigned i = 0; i < XDP_LINKS_MAX && !l; i++)
		if (lane->link[i].ifindex == ifindex)
			l = &lane->link[i];
	if (!l) {
		l = &lane->link[lane->oldest++ % XDP_LINKS_MAX];
		close_link(l);
		*l = (struct link){ .ifindex = ifindex,
			            .fd = -1,
			            .tried_ns = now_ns - again_ns,
			            .umem = MAP_FAILED,
			            .tx.map = MAP_FAILED,
			            .done.map = MAP_FAILED };
	}
	if (l->fd < 0 && now_ns - l->tried_ns >= again_ns) {
		l->tried_ns = now_ns;
		open_link(l, queue);
	}
	return l->fd < 0 ? NULL : l;
}

static void reclaim(struct link *l)
{
	uint32_t from = *l->done.consumer;
	uint32_t to = __atomic_load_n(l->done.producer, __ATOMIC_ACQUIRE);
	const uint64_t *offset = l->done.entries;

	for (; from != to; from++)
		l->free[l->n_free++] = offset[from % CHUNKS];
	__atomic_store_n(l->done.consumer, to, __ATOMIC_RELEASE);
}

static unsigned waiting(const struct link *l)
{
	return *l->tx.producer - __atomic_load_n(l->tx.consumer, __ATOMIC_ACQUIRE);
}

/* Lets the kernel take what is in the ring. How many it left there: none unless the socket failed.
 */
static unsigned push(struct link *l)
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
static bool wait_for_chunks(struct link *l, unsigned n)
{
	reclaim(l);
	for (unsigned tries = 0; l->n_free < n && tries < PORT_SEND_TRIES; tries++) {
		port_pause();
		reclaim(l);
	}
	return l->n_free >= n;
}

static void put(struct link *l, uint32_t at, const struct tx_packet *p)
{
	struct xdp_desc *entry = (struct xdp_desc *)l->tx.entries + at % CHUNKS;
	uint64_t offset = l->free[--l->n_free];

	memcpy(l->umem + offset, p->head, p->head_len);
	memcpy(l->umem + offset + p->head_len, p->payload, p->payload_len);
	*entry = (struct xdp_desc){ .addr = offset,
		                    .len = (uint32_t)(p->head_len + p->payload_len) };
}

static bool fits(const struct xdp_burst *b)
{
	for (unsigned i = 0; i < b->n; i++)
		if (b->packets[i].head_len + b->packets[i].payload_len > XDP_FRAME_MAX)
			return false;
	return true;
}

static void send_burst(struct link *l, const struct xdp_burst *b)
{
	uint32_t at = *l->tx.producer;

	for (unsigned i = 0; i < b->n; i++)
		put(l, at + i, &b->packets[i]);
	__atomic_store_n(l->tx.producer, at + b->n, __ATOMIC_RELEASE);
	unsigned left = push(l);
	for (unsigned i = b->n - left; i < b->n; i++)
		b->packets[i].refused = true;
	if (left)
		close_link(l);
}

static bool send_by(struct xdp *x, unsigned queue, const struct xdp_burst *b, int64_t now_ns)
{
	struct lane *lane = &x->lane[queue];

	if (pthread_mutex_trylock(&lane->lock))
		return false;
	struct link *l = find_link(lane, queue, b->ifindex, now_ns);
	bool sent = l && wait_for_chunks(l, b->n);
	if (sent)
		send_burst(l, b);
	pthread_mutex_unlock(&lane->lock);
	return sent;
}

bool xdp_send(struct xdp *x, const struct xdp_burst *b, int64_t now_ns)
{
	return fits(b) &&
	       (send_by(x, b->queue, b, now_ns) || (b->queue > 0 && send_by(x, 0, b, now_ns)));
}

static void lane_init(struct lane *lane)
{
	pthread_mutex_init(&lane->lock, NULL);
	for (unsigned i = 0; i < XDP_LINKS_MAX; i++)
		lane->link[i] = (struct link){
			.fd = -1, .umem = MAP_FAILED, .tx.map = MAP_FAILED, .done.map = MAP_FAILED
		};
}

static void lane_fini(struct lane *lane)
{
	for (unsigned i = 0; i < XDP_LINKS_MAX; i++)
		close_link(&lane->link[i]);
	pthread_mutex_destroy(&lane->lock);
}

struct xdp *xdp_new(unsigned n_queues)
{
	struct xdp *x = memory_new(1, sizeof *x);

	x->n_lanes = n_queues;
	x->lane = memory_new(n_queues, sizeof *x->lane);
	for (unsigned i = 0; i < n_queues; i++)
		lane_init(&x->lane[i]);
	return x;
}

void xdp_free(struct xdp *x)
{
	if (!x)
		return;
	for (unsigned i = 0; i < x->n_lanes; i++)
		lane_fini(&x->lane[i]);
	free(x->lane);
	free(x);
}
