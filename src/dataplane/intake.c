/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each queue of a port has a socket for every worker, and the program (xdp_steer.h) tells which of
 * them a packet is for: the worker that owns the sender or the association, as it is with the raw
 * sockets. Those stay open: what is not steered comes to them, and they keep the kernel from
 * telling peers that nobody is there.
 */
#include "dataplane/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "dataplane/port.h"
#include "dataplane/xdp_steer.h"
#include "util/check.h"
#include "util/clock.h"
#include "util/memory.h"

/* To try again what could not be had, which costs some megabytes and system calls. */
static const int64_t again_ns = 60 * NS_PER_S;
/* To open a port that was dropped: the kernel gives its queues back a little later. */
static const int64_t reopen_ns = NS_PER_S;

struct intake_port {
	struct steer_port steer;
	int64_t until_ns; /* the last peer's time ends */
	struct xdp_link *link[INTAKE_QUEUES_MAX];
	struct xdp_inlet *inlet;    /* n_workers of each queue */
	int sockets_fd, program_fd; /* negative: none */
};

/* A worker's own. */
struct intake_count {
	_Alignas(64) uint64_t n_packets;
};

struct intake {
	struct intake_options options;
	struct xdp_steer *steer;                    /* NULL: not to be had */
	struct intake_port *port[INTAKE_PORTS_MAX]; /* RCU */
	int error;                                  /* of the last port, or of all */
	int64_t not_before_ns;                      /* a port is opened */
	uint64_t n_dropped;                         /* by ports closed since */
	struct intake_count count[DP_WORKERS_MAX];
};

struct intake *intake_new(const struct intake_options *options)
{
	struct intake *in = aligned_alloc(_Alignof(struct intake), sizeof *in);

	check(in);
	*in = (struct intake){ .options = *options };
	in->error = xdp_steer_new(&in->steer);
	return in;
}

/* ---- ports ---- */

static unsigned n_inlets(const struct intake_port *p)
{
	return p->steer.n_queues * p->steer.n_workers;
}

static struct xdp_inlet *inlets_of(const struct intake_port *p, unsigned queue)
{
	return &p->inlet[(size_t)queue * p->steer.n_workers];
}

static void free_port(struct intake *in, struct intake_port *p)
{
	if (p->program_fd >= 0)
		close(p->program_fd);
	if (p->sockets_fd >= 0)
		close(p->sockets_fd);
	for (unsigned i = 0; i < n_inlets(p); i++) {
		in->n_dropped += xdp_inlet_dropped(&p->inlet[i]);
		xdp_inlet_close(&p->inlet[i]);
	}
	for (unsigned q = 0; q < p->steer.n_queues; q++) {
		if (p->program_fd >= 0)
			xdp_untake(in->options.xdp, p->link[q]);
		else
			xdp_link_release(p->link[q]); /* sending may go on with it */
	}
	free(p->inlet);
	free(p);
}

/* All queues that there are, up to our maximum. */
static int take_queues(struct intake *in, struct intake_port *p)
{
	int error = 0;

	while (p->steer.n_queues < INTAKE_QUEUES_MAX && !error) {
		const struct xdp_queue queue = { p->steer.ifindex, p->steer.n_queues };
		error = xdp_take(in->options.xdp, &queue, &p->link[queue.number]);
		p->steer.n_queues += !error;
	}
	return p->steer.n_queues > 0 && error == -EINVAL ? 0 : error; /* it was the last */
}

static int open_inlets(struct intake_port *p)
{
	int error = 0;

	for (unsigned q = 0; q < p->steer.n_queues && !error; q++) {
		struct xdp_inlet *inlet = inlets_of(p, q);
		for (unsigned w = 0; w < p->steer.n_workers && !error; w++) {
			error = xdp_inlet_open(p->link[q], &inlet[w]);
			if (!error)
				error = xdp_steer_put(p->sockets_fd,
				                      xdp_steer_place(&p->steer, q, w),
				                      inlet[w].fd);
		}
	}
	return error;
}

static int watch_inlets(struct intake *in, struct intake_port *p)
{
	const struct intake_options *o = &in->options;
	int error = 0;

	for (unsigned i = 0; i < n_inlets(p) && !error; i++)
		error = o->watch(o->ctx, i % p->steer.n_workers, p->inlet[i].fd);
	return error;
}

/* The program comes last: what it steers is looked at. */
static int open_port(struct intake *in, struct intake_port *p)
{
	int error = take_queues(in, p);

	if (error)
		return error;
	p->sockets_fd = xdp_steer_sockets(&p->steer);
	if (p->sockets_fd < 0)
		return p->sockets_fd;
	error = open_inlets(p);
	if (!error)
		error = watch_inlets(in, p);
	if (error)
		return error;
	p->program_fd = xdp_steer_attach(in->steer, &p->steer, p->sockets_fd);
	return p->program_fd < 0 ? p->program_fd : 0;
}

static struct intake_port *new_port(struct intake *in, const struct intake_peer *peer)
{
	struct intake_port *p = memory_new(1, sizeof *p);

	p->sockets_fd = p->program_fd = -1;
	p->steer = (struct steer_port){
		.ifindex = peer->ifindex,
		.n_workers = in->options.n_workers,
		.frame_max = XDP_RECEIVE_MAX,
	};
	memcpy(p->steer.mac, peer->own_mac, DP_MAC_LEN);
	p->inlet = memory_new((size_t)INTAKE_QUEUES_MAX * p->steer.n_workers, sizeof *p->inlet);
	return p;
}

/* Whether it is what it was when it was opened, and sending has not given it up. */
static bool is_whole(struct intake *in, const struct intake_port *p, const struct intake_peer *peer)
{
	for (unsigned q = 0; q < p->steer.n_queues; q++)
		if (!xdp_has(in->options.xdp, p->link[q]))
			return false;
	return memcmp(p->steer.mac, peer->own_mac, DP_MAC_LEN) == 0;
}

static void drop_port(struct intake *in, unsigned at)
{
	struct intake_port *p = in->port[at];

	rcu_assign_pointer(in->port[at], NULL);
	synchronize_rcu();
	free_port(in, p);
}

/* A place that is free, or this port's. */
static unsigned find_place(const struct intake *in, int ifindex)
{
	unsigned free = INTAKE_PORTS_MAX;

	for (unsigned i = 0; i < INTAKE_PORTS_MAX; i++) {
		if (!in->port[i])
			free = i;
		else if (in->port[i]->steer.ifindex == ifindex)
			return i;
	}
	return free;
}

/* The port, opened when it is time to; NULL: the raw sockets have to do. */
static struct intake_port *find_port(struct intake *in, const struct intake_peer *peer)
{
	unsigned at = find_place(in, peer->ifindex);
	struct intake_port *p = at < INTAKE_PORTS_MAX ? in->port[at] : NULL;

	if (p && is_whole(in, p, peer))
		return p;
	if (p) {
		drop_port(in, at);
		in->not_before_ns = peer->now_ns + reopen_ns;
	}
	if (at == INTAKE_PORTS_MAX || peer->now_ns < in->not_before_ns)
		return NULL;
	p = new_port(in, peer);
	in->error = open_port(in, p);
	if (in->error) {
		in->not_before_ns = peer->now_ns + again_ns;
		free_port(in, p);
		return NULL;
	}
	rcu_assign_pointer(in->port[at], p);
	return p;
}

bool intake_allow(struct intake *in, const struct intake_peer *peer)
{
	const struct steer_peer steered = {
		.ifindex = peer->ifindex,
		.from = peer->from,
		.to = peer->to,
		.worker = port_worker(&peer->from, in->options.n_workers),
		.esp = peer->esp,
		.until_ns = peer->until_ns,
	};
	struct intake_port *p = in->steer ? find_port(in, peer) : NULL;

	if (!p || xdp_steer_allow(in->steer, &steered))
		return false;
	p->until_ns = peer->until_ns;
	return true;
}

void intake_void(struct intake *in)
{
	if (in->steer)
		xdp_steer_void(in->steer);
}

void intake_tend(struct intake *in, int64_t now_ns)
{
	for (unsigned i = 0; i < INTAKE_PORTS_MAX; i++)
		if (in->port[i] && now_ns >= in->port[i]->until_ns)
			drop_port(in, i);
}

void intake_state(const struct intake *in, struct dp_xdp_receive *ret)
{
	*ret = (struct dp_xdp_receive){ .error = in->error, .n_dropped = in->n_dropped };
	for (unsigned i = 0; i < INTAKE_PORTS_MAX; i++) {
		const struct intake_port *p = in->port[i];
		ret->n_ports += p != NULL;
		for (unsigned k = 0; p && k < n_inlets(p); k++)
			ret->n_dropped += xdp_inlet_dropped(&p->inlet[k]);
	}
	for (unsigned i = 0; i < in->options.n_workers; i++)
		ret->n_packets += __atomic_load_n(&in->count[i].n_packets, __ATOMIC_RELAXED);
}

void intake_free(struct intake *in)
{
	if (!in)
		return;
	for (unsigned i = 0; i < INTAKE_PORTS_MAX; i++)
		if (in->port[i])
			free_port(in, in->port[i]);
	xdp_steer_free(in->steer);
	free(in);
}

/* ---- workers ---- */

bool intake_receive(struct intake *in, unsigned worker, unsigned *at, struct intake_burst *ret)
{
	for (; *at < INTAKE_PORTS_MAX * INTAKE_QUEUES_MAX; ++*at) {
		struct intake_port *p = rcu_dereference(in->port[*at / INTAKE_QUEUES_MAX]);
		unsigned queue = *at % INTAKE_QUEUES_MAX;
		if (!p || queue >= p->steer.n_queues)
			continue;
		ret->inlet = &inlets_of(p, queue)[worker];
		ret->n = xdp_inlet_take(ret->inlet, ret->frame, INTAKE_BURST);
		if (ret->n == 0)
			continue;
		uint64_t *count = &in->count[worker].n_packets;
		__atomic_store_n(count, *count + ret->n, __ATOMIC_RELAXED);
		++*at;
		return true;
	}
	return false;
}

void intake_give_back(struct intake_burst *burst)
{
	xdp_inlet_give_back(burst->inlet, burst->frame, burst->n);
}
