/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many initiators in one process, each with a core (src/ike) and an address of its own: how many
 * negotiations a hub gets through. A negotiation is a main mode and a quick mode. Who has done its
 * one is forgotten without a word, and the next one takes its place.
 *
 *	ike_load CONFIG HUB FIRST COUNT AT-A-TIME
 *
 * CONFIG protects Tunnel0. FIRST and the COUNT addresses from there on must be local to this
 * namespace as a whole ("ip route add local NETWORK dev lo"). Ends with a line
 * "N done, N failed, S seconds"; exit status 1 when one failed. Single thread.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "crypto/crypto.h"
#include "ike/ike.h"
#include "util/memory.h"

enum {
	PATIENCE_S = 30, /* a negotiation that takes longer has failed */
	COUNT_MAX = 60000,
	SOCKET_BUFFER = 8 << 20,
	NON_ESP_MARKER = 4, /* zeroes before IKE on port 4500 (RFC 3948 2.2) */
	TICK_MS = 100,
};

enum { PORTS = 2 };
static const uint16_t ports[PORTS] = { IKE_PORT, IKE_NAT_PORT };

struct spoke {
	struct ike *ike; /* NULL: not begun, or over */
	mono give_up;
};

struct load {
	struct crypto *crypto;
	struct entropy entropy;
	struct snapshot *snapshot;
	struct addr hub;
	uint32_t first, count, at_a_time;
	struct spoke *spoke;
	uint32_t n_begun, n_running, n_done, n_failed;
	int fd[PORTS];
	struct node_out out;
};

static struct now read_clocks(void)
{
	struct timespec steady, wall;

	clock_gettime(CLOCK_MONOTONIC, &steady);
	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct now){ { steady.tv_sec * NS_PER_S + steady.tv_nsec },
		             wall.tv_sec * 1000LL + wall.tv_nsec / NS_PER_MS };
}

static void fill_from_system(void *ctx, void *bytes, size_t len)
{
	(void)ctx;
	for (size_t done = 0; done < len;) {
		ssize_t n = getrandom((uint8_t *)bytes + done, len - done, 0);
		if (n > 0)
			done += (size_t)n;
	}
}

/* ---- wire ---- */

static int open_socket(uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, size = SOCKET_BUFFER;

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) ||
	    bind(fd, (const struct sockaddr *)&any, sizeof any)) {
		fprintf(stderr, "ike_load: UDP port %u: %s\n", port, strerror(errno));
		exit(1);
	}
	return fd;
}

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static void send_message(struct load *l, const struct node_action *a)
{
	static const uint8_t marker[NON_ESP_MARKER];
	bool nat = a->ike.path.from_port == IKE_NAT_PORT;
	struct in_pktinfo info = { 0 };
	union control control = { 0 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(a->ike.path.to_port) };
	struct iovec iov[2] = {
		{ (void *)(uintptr_t)marker, nat ? sizeof marker : 0 },
		{ (void *)(uintptr_t)a->ike.bytes, a->ike.len },
	};
	struct msghdr msg = { .msg_name = &to,
		              .msg_namelen = sizeof to,
		              .msg_iov = iov,
		              .msg_iovlen = 2,
		              .msg_control = &control,
		              .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	memcpy(&to.sin_addr, a->ike.path.to.bytes, ADDR_V4_LEN);
	memcpy(&info.ipi_spec_dst, a->ike.path.from.bytes, ADDR_V4_LEN);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(c), &info, sizeof info);
	(void)!sendmsg(l->fd[nat], &msg, 0); /* what is lost is sent again */
}

/* One message with its way, nothing but IKE. False when there is none. */
static bool receive_message(struct load *l, int which, struct node_event *ret)
{
	static uint8_t bytes[IKE_MESSAGE_MAX];
	union control control;
	struct sockaddr_in from;
	struct iovec iov = { bytes, sizeof bytes };
	struct msghdr msg = { .msg_name = &from,
		              .msg_namelen = sizeof from,
		              .msg_iov = &iov,
		              .msg_iovlen = 1,
		              .msg_control = &control,
		              .msg_controllen = sizeof control };
	size_t skip = which ? NON_ESP_MARKER : 0;
	ssize_t n = recvmsg(l->fd[which], &msg, 0);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);
	struct in_pktinfo info;

	if (!c || c->cmsg_type != IP_PKTINFO)
		return false;
	memcpy(&info, CMSG_DATA(c), sizeof info);
	*ret = (struct node_event){ .type = NODE_IKE_PACKET };
	ret->ike.path.from = addr_from_bytes(ADDR_V4, &from.sin_addr);
	ret->ike.path.to = addr_from_bytes(ADDR_V4, &info.ipi_addr);
	ret->ike.path.from_port = ntohs(from.sin_port);
	ret->ike.path.to_port = ports[which];
	ret->ike.bytes = bytes + skip;
	ret->ike.len = (size_t)n > skip ? (size_t)n - skip : 0;
	return true;
}

/* ---- spokes ---- */

static void end_spoke(struct load *l, struct spoke *s, bool done)
{
	ike_free(s->ike);
	s->ike = NULL;
	l->n_running--;
	*(done ? &l->n_done : &l->n_failed) += 1;
}

/* A step of one spoke: whatever calls, then what is due, then what is to be sent. */
static void step(struct load *l, struct spoke *s, const struct node_event *event)
{
	struct now now = read_clocks();
	struct ike_change change;
	bool up = false;

	do {
		l->out.n = l->out.n_bytes = 0;
		ike_begin(s->ike, now, &l->out);
		if (event)
			ike_packet(s->ike, event);
		event = NULL;
		ike_run(s->ike);
		for (size_t i = 0; i < l->out.n; i++)
			if (l->out.action[i].type == NODE_IKE_SEND)
				send_message(l, &l->out.action[i]);
		ike_begin(s->ike, now, NULL);
	} while (mono_due(ike_deadline(s->ike), now.mono));
	while (ike_next_change(s->ike, &change))
		up = up || change.up;
	if (up)
		end_spoke(l, s, true);
	else if (mono_due(s->give_up, now.mono))
		end_spoke(l, s, false);
}

static void begin_spoke(struct load *l)
{
	struct spoke *s = &l->spoke[l->n_begun];
	struct addr own = addr_from_u32(l->first + l->n_begun);
	struct now now = read_clocks();

	l->n_begun++;
	l->n_running++;
	s->ike = ike_new(l->crypto, &l->entropy);
	s->give_up = mono_add_s(now.mono, PATIENCE_S);
	l->out.n = l->out.n_bytes = 0;
	ike_begin(s->ike, now, &l->out);
	ike_configure(s->ike, l->snapshot);
	ike_tunnel(s->ike, 0, &own);
	ike_want(s->ike, 0, &l->hub);
	ike_begin(s->ike, now, NULL);
	step(l, s, NULL);
}

static void take_messages(struct load *l, int which)
{
	struct node_event event;

	while (receive_message(l, which, &event)) {
		uint32_t i = addr_to_u32(&event.ike.path.to) - l->first;
		if (i < l->n_begun && l->spoke[i].ike)
			step(l, &l->spoke[i], &event);
	}
}

static void run_timers(struct load *l)
{
	struct now now = read_clocks();

	for (uint32_t i = 0; i < l->n_begun; i++) {
		struct spoke *s = &l->spoke[i];
		if (s->ike &&
		    (mono_due(ike_deadline(s->ike), now.mono) || mono_due(s->give_up, now.mono)))
			step(l, s, NULL);
	}
}

static void run(struct load *l)
{
	struct pollfd pfd[PORTS];

	for (int i = 0; i < PORTS; i++)
		pfd[i] = (struct pollfd){ .fd = l->fd[i], .events = POLLIN };
	while (l->n_running || l->n_begun < l->count) {
		while (l->n_running < l->at_a_time && l->n_begun < l->count)
			begin_spoke(l);
		if (poll(pfd, PORTS, TICK_MS) == 0)
			run_timers(l);
		for (int i = 0; i < PORTS; i++)
			take_messages(l, i);
	}
}

/* ---- start ---- */

static struct snapshot *read_config(const char *path)
{
	struct config_remarks remarks = { 0 };
	struct strbuf said;
	static char text[1 << 16];
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, sizeof text, file) : 0;

	if (!file) {
		fprintf(stderr, "ike_load: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	fclose(file);
	struct snapshot *s = config_parse(text, len, &remarks);
	strbuf_init(&said);
	config_remarks_print(&remarks, path, &said);
	if (said.len)
		fputs(said.text, stderr);
	strbuf_fini(&said);
	config_remarks_fini(&remarks);
	return s;
}

static bool read_number(const char *text, uint32_t max, uint32_t *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*ret = (uint32_t)n;
	return *text && !*end && n > 0 && n <= max;
}

int main(int argc, char **argv)
{
	static struct load l;
	struct addr first;

	if (argc != 6 || !addr_parse(argv[2], &l.hub) || !addr_parse(argv[3], &first) ||
	    first.family != ADDR_V4 || !read_number(argv[4], COUNT_MAX, &l.count) ||
	    !read_number(argv[5], COUNT_MAX, &l.at_a_time)) {
		fprintf(stderr, "ike_load CONFIG HUB FIRST COUNT AT-A-TIME (numbers up to %d)\n",
		        COUNT_MAX);
		return 2;
	}
	l.first = addr_to_u32(&first);
	l.crypto = crypto_new();
	l.entropy = (struct entropy){ fill_from_system, NULL };
	l.snapshot = read_config(argv[1]);
	l.spoke = memory_new(l.count, sizeof *l.spoke);
	for (int i = 0; i < PORTS; i++)
		l.fd[i] = open_socket(ports[i]);
	struct now begun = read_clocks();
	run(&l);
	int64_t ns = read_clocks().mono.ns - begun.mono.ns;
	printf("%u done, %u failed, %.3f seconds\n", l.n_done, l.n_failed,
	       (double)ns / (double)NS_PER_S);
	snapshot_free(l.snapshot);
	free(l.spoke);
	crypto_free(l.crypto);
	return l.n_failed ? 1 : 0;
}
