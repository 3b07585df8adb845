/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first chunks are for sending, the others for receiving; the kernel takes and gives them back
 * by their offset. Sockets that share a queue share its memory and its fill ring, so a lock is
 * around the latter: once for a burst.
 */
#include "dataplane/xdp_link.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/memory.h"

enum { FILL_LEN_MIN = 1 }; /* the ring must be there */

/* What a ring is to the kernel. */
struct ring_kind {
	int option;
	off_t page_offset;
	size_t entry_len;
};

static const struct ring_kind send_kind = { XDP_TX_RING, XDP_PGOFF_TX_RING,
	                                    sizeof(struct xdp_desc) };
static const struct ring_kind receive_kind = { XDP_RX_RING, XDP_PGOFF_RX_RING,
	                                       sizeof(struct xdp_desc) };
static const struct ring_kind sent_kind = { XDP_UMEM_COMPLETION_RING,
	                                    (off_t)XDP_UMEM_PGOFF_COMPLETION_RING,
	                                    sizeof(uint64_t) };
static const struct ring_kind fill_kind = { XDP_UMEM_FILL_RING, (off_t)XDP_UMEM_PGOFF_FILL_RING,
	                                    sizeof(uint64_t) };

static const struct xdp_ring no_ring = { .map = MAP_FAILED };

static int set_len(int fd, const struct ring_kind *kind, int len)
{
	return setsockopt(fd, SOL_XDP, kind->option, &len, sizeof len) ? -errno : 0;
}

/* The ring that the kernel has made, of `len` entries. */
static int map_ring(struct xdp_ring *r, int fd, const struct ring_kind *kind, uint32_t len)
{
	struct xdp_mmap_offsets at;
	socklen_t at_len = sizeof at;

	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &at_len))
		return -errno;
	if (at_len != sizeof at)
		return -EPROTO;
	const struct xdp_ring_offset *o = kind == &send_kind      ? &at.tx
	                                  : kind == &receive_kind ? &at.rx
	                                  : kind == &sent_kind    ? &at.cr
	                                                          : &at.fr;
	r->mask = len - 1;
	r->map_len = (size_t)o->desc + len * kind->entry_len;
	r->map = mmap(NULL, r->map_len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
	              kind->page_offset);
	if (r->map == MAP_FAILED)
		return -errno;
	uint8_t *base = r->map;
	r->producer = (uint32_t *)(void *)(base + o->producer);
	r->consumer = (uint32_t *)(void *)(base + o->consumer);
	r->entries = base + o->desc;
	return 0;
}

static void unmap_ring(struct xdp_ring *r)
{
	if (r->map != MAP_FAILED)
		munmap(r->map, r->map_len);
	*r = no_ring;
}

static int make_memory(struct xdp_link *l)
{
	struct xdp_umem_reg reg = { .len = l->umem_len, .chunk_size = XDP_CHUNK };

	l->umem = mmap(NULL, reg.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l->umem == MAP_FAILED)
		return -errno;
	reg.addr = (uintptr_t)l->umem;
	return setsockopt(l->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof reg) ? -errno : 0;
}

static int make_rings(struct xdp_link *l)
{
	int fill_len = l->receives ? XDP_RECEIVE_CHUNKS : FILL_LEN_MIN;
	int error = set_len(l->fd, &fill_kind, fill_len);

	if (!error)
		error = set_len(l->fd, &sent_kind, XDP_SEND_CHUNKS);
	if (!error)
		error = set_len(l->fd, &send_kind, XDP_SEND_CHUNKS);
	if (!error)
		error = map_ring(&l->send, l->fd, &send_kind, XDP_SEND_CHUNKS);
	if (!error)
		error = map_ring(&l->sent, l->fd, &sent_kind, XDP_SEND_CHUNKS);
	if (!error && l->receives)
		error = map_ring(&l->fill, l->fd, &fill_kind, XDP_RECEIVE_CHUNKS);
	return error;
}

static int bind_socket(int fd, const struct xdp_link *l, const struct xdp_link *shared)
{
	const struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = shared ? XDP_SHARED_UMEM : XDP_COPY,
		.sxdp_ifindex = (uint32_t)l->ifindex,
		.sxdp_queue_id = l->queue,
		.sxdp_shared_umem_fd = shared ? (uint32_t)shared->fd : 0,
	};

	return bind(fd, (const struct sockaddr *)&to, sizeof to) ? -errno : 0;
}

static void fill_chunks(struct xdp_link *l)
{
	uint64_t *entry = l->fill.entries;

	for (l->n_free = 0; l->n_free < XDP_SEND_CHUNKS; l->n_free++)
		l->free[l->n_free] = (uint64_t)l->n_free * XDP_CHUNK;
	if (!l->receives)
		return;
	for (uint32_t i = 0; i < XDP_RECEIVE_CHUNKS; i++)
		entry[i] = (uint64_t)(XDP_SEND_CHUNKS + i) * XDP_CHUNK;
	__atomic_store_n(l->fill.producer, XDP_RECEIVE_CHUNKS, __ATOMIC_RELEASE);
}

int xdp_link_open(int ifindex, uint32_t queue, bool receives, struct xdp_link **ret)
{
	struct xdp_link *l = memory_new(1, sizeof *l);
	size_t n_chunks = XDP_SEND_CHUNKS + (receives ? XDP_RECEIVE_CHUNKS : 0);

	*l = (struct xdp_link){
		.n_owners = 1,
		.ifindex = ifindex,
		.queue = queue,
		.receives = receives,
		.umem = MAP_FAILED,
		.umem_len = n_chunks * XDP_CHUNK,
		.send = no_ring,
		.sent = no_ring,
		.fill = no_ring,
	};
	pthread_mutex_init(&l->fill_lock, NULL);
	l->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	int error = l->fd < 0 ? -errno : make_memory(l);
	if (!error)
		error = make_rings(l);
	if (!error) {
		fill_chunks(l);
		error = bind_socket(l->fd, l, NULL);
	}
	if (error) {
		xdp_link_release(l);
		return error;
	}
	*ret = l;
	return 0;
}

struct xdp_link *xdp_link_share(struct xdp_link *l)
{
	__atomic_add_fetch(&l->n_owners, 1, __ATOMIC_RELAXED);
	return l;
}

void xdp_link_release(struct xdp_link *l)
{
	if (!l || __atomic_sub_fetch(&l->n_owners, 1, __ATOMIC_ACQ_REL))
		return;
	if (l->fd >= 0)
		close(l->fd);
	unmap_ring(&l->send);
	unmap_ring(&l->sent);
	unmap_ring(&l->fill);
	if (l->umem != MAP_FAILED)
		munmap(l->umem, l->umem_len);
	pthread_mutex_destroy(&l->fill_lock);
	free(l);
}

int xdp_inlet_open(struct xdp_link *link, struct xdp_inlet *ret)
{
	struct xdp_inlet i = { .link = xdp_link_share(link), .ring = no_ring };

	i.fd = socket(AF_XDP, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = i.fd < 0 ? -errno : set_len(i.fd, &receive_kind, XDP_RECEIVE_CHUNKS);
	if (!error)
		error = map_ring(&i.ring, i.fd, &receive_kind, XDP_RECEIVE_CHUNKS);
	if (!error)
		error = bind_socket(i.fd, link, link);
	if (error) {
		xdp_inlet_close(&i);
		return error;
	}
	*ret = i;
	return 0;
}

void xdp_inlet_close(struct xdp_inlet *i)
{
	if (!i->link)
		return;
	if (i->fd >= 0)
		close(i->fd);
	unmap_ring(&i->ring);
	xdp_link_release(i->link);
	i->link = NULL;
}

uint64_t xdp_inlet_dropped(const struct xdp_inlet *i)
{
	struct xdp_statistics s;
	socklen_t len = sizeof s;

	if (!i->link || getsockopt(i->fd, SOL_XDP, XDP_STATISTICS, &s, &len) || len != sizeof s)
		return 0;
	return s.rx_dropped + s.rx_ring_full;
}

unsigned xdp_inlet_take(struct xdp_inlet *i, struct xdp_frame *ret, unsigned max)
{
	const struct xdp_desc *entry = i->ring.entries;
	uint32_t from = *i->ring.consumer;
	uint32_t n = __atomic_load_n(i->ring.producer, __ATOMIC_ACQUIRE) - from;

	if (n > max)
		n = max;
	for (uint32_t k = 0; k < n; k++) {
		const struct xdp_desc *d = &entry[(from + k) & i->ring.mask];
		ret[k] = (struct xdp_frame){
			.bytes = i->link->umem + d->addr,
			.len = d->len,
			.chunk = d->addr / XDP_CHUNK * XDP_CHUNK,
		};
	}
	__atomic_store_n(i->ring.consumer, from + n, __ATOMIC_RELEASE);
	return n;
}

void xdp_inlet_give_back(struct xdp_inlet *i, const struct xdp_frame *frames, unsigned n)
{
	struct xdp_ring *fill = &i->link->fill;
	uint64_t *entry = fill->entries;

	pthread_mutex_lock(&i->link->fill_lock);
	/* There is room: the ring is as long as there are chunks. */
	uint32_t at = *fill->producer;
	for (unsigned k = 0; k < n; k++)
		entry[(at + k) & fill->mask] = frames[k].chunk;
	__atomic_store_n(fill->producer, at + n, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&i->link->fill_lock);
}
