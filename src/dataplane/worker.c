/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a worker: sleep in epoll, offline to RCU; then, online, a burst from each side that
 * has something. Frames and packets stay in the worker's own buffers from the system call that
 * brought them to the one that takes them away.
 *
 * Small packets trickle in one by one and wake the worker for each. While a TCP stream keeps
 * coming, a nap of a few microseconds lets more of it gather, so that it goes to the kernel in
 * larger frames; nobody waits for a segment in the middle of a stream. The last one carries PSH and
 * ends the napping.
 */
#include "dataplane/worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "dataplane/forward.h"
#include "dataplane/intake.h"
#include "dataplane/receive.h"
#include "dataplane/replicate.h"
#include "dataplane/shield.h"
#include "util/check.h"
#include "util/clock.h"
#include "util/memory.h"

enum {
	TAP_BURST = 64,            /* frames read before the other side has its turn … */
	TAP_BYTES = 128 << 10,     /* … and their bytes: acknowledgements do not wait long */
	EVENTS = 64,               /* descriptors served per round */
	NAP_NS = 30000,            /* shorter than what a stream's next burst takes at 1 Gbit/s */
	NAP_BURST = 16,            /* a receive burst shorter than this is worth a nap */
	SPIN_NS = 60000,           /* looking again costs less than sleeping and being woken */
	NAPS_MAX = 4,              /* in a row, then the worker sleeps in epoll */
	KEY_WIRE = DP_TUNNELS_MAX, /* epoll keys below it are places of slots */
	KEY_ESP,
	KEY_UDP,
	KEY_INTAKE,
	KEY_MAIL,
	KEY_STOP,
};

/*
 * A frame lies so in its buffer that GRE, which is what most of is sealed, begins a cache line.
 * Stride of the buffers: some lines more than needed, see BUFFER_STRIDE in port_raw.c.
 */
#define FRAME_AT     (FORWARD_HEADROOM + GRE_LEN_MIN)
#define FRAME_STRIDE ((FRAME_AT + FORWARD_FRAME_MAX + FORWARD_TAILROOM + 18 * 64) / 64 * 64)

struct worker {
	struct worker_options options;
	int epoll_fd, stop_fd, socket_fd;
	int icmp_fd[2]; /* IPv4, IPv6; negative: none */
	bool running;
	pthread_t thread;
	struct port *port;
	struct port_receiver *receiver;
	struct mailbox mailbox;
	struct shield *shield; /* RCU; NULL: no protected tunnel */
	struct punt_ring punts;
	bool spin;       /* rows of datagrams came or went a moment ago */
	uint8_t *frames; /* TAP_BURST of FRAME_STRIDE */
	struct forward forward;
	struct receive receive;
	struct replicate replicate;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Clear and sealed packets by their own ports. */
static void send_packets(void *ctx, struct tx_packet *packets, unsigned n)
{
	struct worker *w = ctx;
	struct shield *shield = rcu_dereference(w->shield);

	for (unsigned first = 0, end = 0; first < n; first = end) {
		bool sealed = packets[first].sa;
		while (end < n && !packets[end].sa == !sealed)
			end++;
		w->spin |= packets[first].udp_to && end - first > 1;
		if (sealed)
			shield_send(shield, packets + first, end - first, w->forward.now_ns);
		else
			w->port->ops->send(w->port, packets + first, end - first,
			                   w->forward.now_ns);
	}
}

static bool hand_over(void *ctx, unsigned worker, const struct mail *mail)
{
	struct worker *w = ctx;

	return mailbox_put(&w->options.all[worker]->mailbox, mail);
}

static void send_icmp(void *ctx, const uint8_t *packet, size_t len)
{
	struct worker *w = ctx;

	port_icmp_send(w->icmp_fd[packet[0] >> 4 == 6], packet, len);
}

static void write_frame(void *ctx, struct slot *slot, const struct iovec *iov, int n_iov)
{
	struct worker *w = ctx;
	unsigned index = w->options.index;

	if (index < slot->n_fds && writev(slot->fd[index], iov, n_iov) >= 0)
		return;
	counter_drop(&slot->counters[index], DP_DROP_WRITE);
}

static void take_multicast(void *ctx, struct slot *slot, const uint8_t *frame, size_t len)
{
	struct worker *w = ctx;

	replicate_take(&w->replicate, slot, frame, len);
}

static void ask_path(void *ctx, struct adjacency *a)
{
	struct worker *w = ctx;
	struct dp_punt what = {
		.type = (enum dp_punt_type)PUNT_PATH,
		.tunnel = a->slot->number,
		.to = a->nbma,
	};

	if (a->indexed)
		tables_mac(w->options.tables, a, what.mac);
	if (!punt_ring_push(&w->punts, &what))
		__atomic_store_n(&a->path_asked, false, __ATOMIC_RELEASE);
}

/* Wakes the control thread once for all that is punted until it looks. */
static void tell_control(struct worker *w)
{
	const uint64_t one = 1;

	if (!punt_ring_is_empty(&w->punts) &&
	    !__atomic_exchange_n(w->options.punt_told, true, __ATOMIC_ACQ_REL))
		(void)!write(w->options.punt_fd, &one, sizeof one);
}

/* A burst from one TAP. A frame's buffer is free again, and still in the cache, once it is sealed.
 */
static void serve_tap(struct worker *w, struct slot *slot)
{
	unsigned index = w->options.index, kept = 0;
	int fd = index < slot->n_fds ? slot->fd[index] : -1;
	size_t n_bytes = 0;

	for (unsigned i = 0; i < TAP_BURST && n_bytes < TAP_BYTES; i++) {
		uint8_t *frame = w->frames + (size_t)kept * FRAME_STRIDE + FRAME_AT;
		ssize_t len = read(fd, frame, FORWARD_FRAME_MAX);
		if (len < 0 && errno == EBADFD) /* somebody deleted the interface */
			worker_del_queue(w, fd);
		if (len <= 0)
			break;
		n_bytes += (size_t)len;
		forward_frame(&w->forward, slot, frame, (size_t)len);
		kept = forward_borrows(&w->forward) ? kept + 1 : 0;
	}
	forward_flush(&w->forward);
}

static struct dp_counters *nowhere(struct worker *w)
{
	return &w->options.tables->nowhere[w->options.index];
}

/* Packets from a raw socket. How many there were. */
static unsigned receive_raw(struct worker *w, struct port_receiver *from,
                            void (*take)(struct receive *r, uint8_t *bytes, size_t len))
{
	unsigned n = port_receive(from);

	for (unsigned i = 0; i < n; i++) {
		uint8_t *bytes;
		size_t len;
		if (port_received(from, i, &bytes, &len))
			take(&w->receive, bytes, len);
		else
			counter_drop(nowhere(w), DP_DROP_TRUNCATED);
	}
	return n;
}

static unsigned receive_udp(struct worker *w, struct udp_receiver *from)
{
	unsigned n = udp_receive(from), n_datagrams = 0;

	for (unsigned i = 0; i < n; i++) {
		struct arrival arrival;
		size_t segment;
		if (udp_received(from, i, &arrival, &segment))
			open_datagrams(&w->receive, &arrival, segment);
		else
			counter_drop(nowhere(w), DP_DROP_TRUNCATED);
		n_datagrams += segment ? (unsigned)((arrival.len + segment - 1) / segment) : 1;
		w->spin |= arrival.len > segment;
	}
	return n_datagrams;
}

/* An IP packet that came past IP input, which would have looked at its header. */
static void take_packet(struct worker *w, uint8_t *bytes, size_t len)
{
	if (checksum(bytes, IPV4_LEN) != 0)
		counter_drop(nowhere(w), DP_DROP_GRE);
	else if (bytes[9] == IP_PROTO_GRE)
		receive_packet(&w->receive, bytes, len);
	else if (w->receive.open)
		open_packet(&w->receive, bytes, len);
	else
		counter_drop(nowhere(w), DP_DROP_NO_SPI);
}

/* Frames from AF_XDP sockets. How many there were. */
static unsigned receive_intake(struct worker *w)
{
	unsigned n = 0, at = 0;
	struct intake_burst burst;

	while (intake_receive(w->options.intake, w->options.index, &at, &burst)) {
		for (unsigned i = 0; i < burst.n; i++)
			take_packet(w, burst.frame[i].bytes + ETH_LEN,
			            burst.frame[i].len - ETH_LEN);
		open_flush(&w->receive);
		receive_flush(&w->receive);
		intake_give_back(&burst);
		n += burst.n;
	}
	return n;
}

/* What may come and go while the worker is offline. */
static struct shield *take_shield(struct worker *w)
{
	struct shield *shield = rcu_dereference(w->shield);

	w->forward.seal = shield ? &shield->seal : NULL;
	w->receive.open = shield ? &shield->open : NULL;
	return shield;
}

/* A burst from the wire. True when a stream is going to bring more, and few came: a nap pays. */
static bool receive_burst(struct worker *w, uint64_t key)
{
	struct shield *shield = take_shield(w);
	unsigned n = 0;

	w->receive.more_coming = false;
	if (key == KEY_WIRE)
		n = receive_raw(w, w->receiver, receive_packet);
	else if (key == KEY_INTAKE)
		n = receive_intake(w);
	else if (key == KEY_ESP && shield)
		n = receive_raw(w, shield->esp_receiver, open_packet);
	else if (shield)
		n = receive_udp(w, shield->udp_receiver);
	open_flush(&w->receive);
	receive_flush(&w->receive);
	return w->receive.more_coming && n < NAP_BURST;
}

static void serve_wire(struct worker *w, uint64_t key)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	for (unsigned naps = 0; receive_burst(w, key) && naps < NAPS_MAX; naps++) {
		rcu_thread_offline();
		nanosleep(&nap, NULL);
		rcu_thread_online();
		w->receive.now_ns = now_ns();
	}
}

static void take_mail(struct worker *w, const struct mail *mail)
{
	const struct arrival esp = {
		.bytes = mail->bytes,
		.len = mail->len,
		.from = mail->from,
		.to = mail->to,
		.udp_port = mail->udp_port,
		.tos = mail->tos,
	};
	struct slot *slot;

	switch (mail->type) {
	case MAIL_FRAME:
		slot = tables_slot(w->options.tables, mail->slot_at, mail->tunnel);
		if (slot)
			forward_frame(&w->forward, slot, mail->bytes, mail->len);
		else
			counter_drop(nowhere(w), DP_DROP_TUNNEL_DOWN);
		break;
	case MAIL_PACKET:
		forward_packet(&w->forward, mail);
		break;
	case MAIL_ESP:
		if (w->receive.open)
			open_esp(&w->receive, &esp);
		else
			counter_drop(nowhere(w), DP_DROP_NO_SPI);
		break;
	case MAIL_SKIP:
		break;
	}
}

static void serve_mail(struct worker *w)
{
	struct mail mail;

	mailbox_open(&w->mailbox);
	while (mailbox_take(&w->mailbox, &mail))
		take_mail(w, &mail);
	forward_flush(&w->forward);
	open_flush(&w->receive);
	receive_flush(&w->receive);
	mailbox_release(&w->mailbox);
}

static bool serve(struct worker *w, const struct epoll_event *events, int n)
{
	bool stop = false;

	w->forward.now_ns = w->receive.now_ns = now_ns();
	take_shield(w);
	for (int i = 0; i < n; i++) {
		uint64_t key = events[i].data.u64;
		if (key == KEY_STOP) {
			stop = true;
		} else if (key == KEY_MAIL) {
			serve_mail(w);
		} else if (key >= KEY_WIRE) {
			serve_wire(w, key);
		} else {
			struct slot *slot = rcu_dereference(w->options.tables->slots[key]);
			if (slot)
				serve_tap(w, slot);
		}
	}
	replicate_run(&w->replicate);
	tell_control(w);
	return !stop;
}

/*
 * Waits for something to do. In the middle of a stream of large frames and of rows of datagrams the
 * next is due at once: then the worker looks for a while, giving way to others, before it sleeps.
 */
static int await_events(struct worker *w, struct epoll_event *events)
{
	int64_t until_ns = now_ns() + SPIN_NS;

	while (w->spin) {
		int n = epoll_wait(w->epoll_fd, events, EVENTS, 0);
		if (n)
			return n;
		w->spin = now_ns() < until_ns;
		sched_yield();
	}
	return epoll_wait(w->epoll_fd, events, EVENTS, replicate_wait_ms(&w->replicate));
}

static void *run(void *ctx)
{
	struct worker *w = ctx;
	struct epoll_event events[EVENTS];
	bool running = true;

	prctl(PR_SET_TIMERSLACK, 1UL); /* naps as short as they are meant to be */
	rcu_register_thread();
	while (running) {
		rcu_thread_offline();
		int n = await_events(w, events);
		rcu_thread_online();
		running = serve(w, events, n);
	}
	rcu_unregister_thread();
	return NULL;
}

static int watch(struct worker *w, int fd, uint64_t key)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = key };

	return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int worker_add_queue(struct worker *w, int fd, uint16_t slot_at)
{
	return watch(w, fd, slot_at);
}

void worker_del_queue(struct worker *w, int fd)
{
	epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

int worker_watch_intake(struct worker *w, int fd)
{
	return watch(w, fd, KEY_INTAKE);
}

static struct port_packet_options packet_port_options(struct worker *w)
{
	return (struct port_packet_options){
		.fd = w->socket_fd,
		.epoch = &w->options.tables->path_epoch,
		.ask = { ask_path, w },
		.xdp = w->options.xdp,
		.queue = w->options.index,
	};
}

int worker_shield(struct worker *w, const struct esp_library *library, int udp_fd)
{
	const struct port_packet_options packet_port = packet_port_options(w);
	const struct shield_options options = {
		.library = library,
		.worker = w->options.index,
		.n_workers = w->options.n_workers,
		.udp_fd = udp_fd,
		.packet_port = w->options.port != DP_PORT_RAW ? &packet_port : NULL,
	};
	struct shield *shield;
	int error = shield_new(&options, &shield);

	if (error)
		return error;
	rcu_assign_pointer(w->shield, shield);
	error = watch(w, shield->esp_fd, KEY_ESP);
	if (!error)
		error = watch(w, shield->udp_fd, KEY_UDP);
	if (error)
		worker_unshield(w);
	return error;
}

void worker_unshield(struct worker *w)
{
	struct shield *shield = w->shield;

	if (!shield)
		return;
	worker_del_queue(w, shield->esp_fd);
	worker_del_queue(w, shield->udp_fd);
	rcu_assign_pointer(w->shield, NULL);
	synchronize_rcu();
	shield_free(shield);
}

static int open_port(struct worker *w)
{
	if (w->options.port == DP_PORT_RAW) {
		w->port = port_raw_new(w->socket_fd);
		return 0;
	}
	const struct port_packet_options packet_port = packet_port_options(w);
	return port_packet_new(&packet_port, &w->port);
}

static int open_all(struct worker *w)
{
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	w->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->epoll_fd < 0 || w->stop_fd < 0)
		return -errno;
	w->socket_fd = port_socket(w->options.index, w->options.n_workers);
	if (w->socket_fd < 0)
		return w->socket_fd;
	w->icmp_fd[0] = port_icmp_socket(ADDR_V4);
	w->icmp_fd[1] = port_icmp_socket(ADDR_V6); /* a kernel without IPv6 has none to tell */
	int error = mailbox_init(&w->mailbox);
	if (!error)
		error = watch(w, w->mailbox.event_fd, KEY_MAIL);
	if (!error)
		error = watch(w, w->stop_fd, KEY_STOP);
	if (!error)
		error = watch(w, w->socket_fd, KEY_WIRE);
	return error ? error : open_port(w);
}

int worker_new(const struct worker_options *options, struct worker **ret)
{
	struct worker *w = memory_new(1, sizeof *w);

	*w = (struct worker){ .options = *options,
		              .epoll_fd = -1,
		              .stop_fd = -1,
		              .socket_fd = -1,
		              .icmp_fd = { -1, -1 } };
	int error = open_all(w);
	if (error) {
		worker_free(w);
		return error;
	}
	punt_ring_init(&w->punts);
	w->receiver = port_receiver_new(w->socket_fd);
	w->frames = aligned_alloc(64, (size_t)TAP_BURST * FRAME_STRIDE);
	check(w->frames);
	w->forward.tables = w->receive.tables = options->tables;
	w->forward.punts = w->receive.punts = &w->punts;
	w->forward.worker = w->receive.worker = options->index;
	w->forward.send = send_packets;
	w->forward.icmp = send_icmp;
	w->forward.multicast = take_multicast;
	w->forward.hand_over = w->receive.hand_over = hand_over;
	w->receive.coalesce.write = write_frame;
	w->forward.ctx = w->receive.ctx = w->receive.coalesce.ctx = w;
	replicate_init(&w->replicate, &w->forward);
	*ret = w;
	return 0;
}

int worker_start(struct worker *w)
{
	char name[16];
	sigset_t all, before;

	/* Signals are the control thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	int error = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return -error;
	w->running = true;
	snprintf(name, sizeof name, "worker %u", w->options.index);
	pthread_setname_np(w->thread, name);
	return 0;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void worker_free(struct worker *w)
{
	const uint64_t one = 1;

	if (!w)
		return;
	if (w->running) {
		(void)!write(w->stop_fd, &one, sizeof one);
		pthread_join(w->thread, NULL);
	}
	if (w->port)
		w->port->ops->free(w->port);
	port_receiver_free(w->receiver);
	shield_free(w->shield);
	mailbox_fini(&w->mailbox);
	close_if_open(w->epoll_fd);
	close_if_open(w->stop_fd);
	close_if_open(w->socket_fd);
	close_if_open(w->icmp_fd[0]);
	close_if_open(w->icmp_fd[1]);
	punt_ring_fini(&w->punts);
	replicate_fini(&w->replicate);
	free(w->frames);
	free(w);
}

struct mailbox *worker_mailbox(struct worker *w)
{
	return &w->mailbox;
}

struct punt_ring *worker_punts(struct worker *w)
{
	return &w->punts;
}

int worker_socket(const struct worker *w)
{
	return w->socket_fd;
}
