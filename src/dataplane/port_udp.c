/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One system call carries dozens of datagrams: the kernel cuts what is sent (UDP_SEGMENT) and hands
 * over what came in a row as one (UDP_GRO). It does not cut where a datagram is longer than the
 * path; these go one by one, and IP cuts them (IP_PMTUDISC_DONT). Checksums are on, for without
 * them the other end's kernel puts nothing together. Worker threads.
 */
#include "dataplane/port_udp.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/forward.h"
#include "util/memory.h"

enum {
	SOCKET_BUFFER = 8 << 20,
	SEND_WAIT_MS = 5,
	SEGMENTS_MAX = 64,                        /* of one send: the kernel's limit */
	PAYLOAD_MAX = 65535 - IPV4_LEN - UDP_LEN, /* of one send, too */
	/* Received by one call, about: they stay in the cache until they are with the kernel
	 * again, and what waits to go the other way does not wait long. */
	RECEIVE_BYTES = 128 << 10,
	BUFFER_HEADROOM = 64,
	/* Some lines more than pages, so that packets do not fall into the same cache sets. */
	BUFFER_STRIDE = PORT_BUFFER_MAX + 17 * 64,
};

static_assert((int)BUFFER_HEADROOM >= (int)OPEN_HEADROOM, "room for an Ethernet header");

struct control {
	_Alignas(struct cmsghdr)
		uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo)) + 3 * CMSG_SPACE(sizeof(int))];
};

struct row { /* packets that leave by one send */
	unsigned first, n;
};

struct port_udp {
	struct port port;
	int fd;
	unsigned n_rows;
	struct row row[FORWARD_BURST];
	struct mmsghdr msg[FORWARD_BURST];
	struct iovec iov[FORWARD_BURST];
	struct sockaddr_in to[FORWARD_BURST];
	struct control control[FORWARD_BURST];
};

struct udp_receiver {
	int fd;
	unsigned ask; /* rows of the next call */
	struct mmsghdr msg[PORT_BURST];
	struct iovec iov[PORT_BURST];
	struct sockaddr_in from[PORT_BURST];
	struct control control[PORT_BURST];
	uint8_t *buffers;
};

/* ---- opening ---- */

static int new_socket(bool share)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int dont = IP_PMTUDISC_DONT, size = SOCKET_BUFFER, one = 1, shared = share;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof shared) ||
	    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof dont) ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one) ||
	    setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &one, sizeof one) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) {
		int error = -errno;
		close(fd);
		return error;
	}
	/* A kernel without it (before 5.0) hands over datagrams one by one. */
	setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, sizeof one);
	return fd;
}

static int bind_port(int fd)
{
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(DP_NAT_PORT) };

	return bind(fd, (const struct sockaddr *)&any, sizeof any) ? -errno : 0;
}

/* Finds out whether another program has the port, which sharing it would hide. */
static int probe(void)
{
	int fd = new_socket(false), error;

	if (fd < 0)
		return fd;
	error = bind_port(fd);
	close(fd);
	return error;
}

/* Which socket of the group: see sa_owner. The filter sees the payload; loading beyond its end
 * gives 0, and so does IKE's marker. */
static int steer(int fd, unsigned n)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct sock_fprog program = { sizeof code / sizeof code[0], code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program)
	               ? -errno
	               : 0;
}

static int open_one(unsigned i, unsigned n)
{
	int fd = new_socket(n > 1);

	if (fd < 0)
		return fd;
	int error = i == 0 && n > 1 ? steer(fd, n) : 0;
	if (!error)
		error = bind_port(fd);
	if (error) {
		close(fd);
		return error;
	}
	return fd;
}

int port_udp_open(int *ret_fds, unsigned n)
{
	int error = probe();

	for (unsigned i = 0; i < n && !error; i++) {
		ret_fds[i] = open_one(i, n);
		if (ret_fds[i] >= 0)
			continue;
		error = ret_fds[i];
		while (i > 0)
			close(ret_fds[--i]);
		break;
	}
	return error;
}

/* ---- sending ---- */

static struct cmsghdr *add(struct msghdr *h, struct cmsghdr *last, int level, int type)
{
	struct cmsghdr *c = last ? CMSG_NXTHDR(h, last) : CMSG_FIRSTHDR(h);

	c->cmsg_level = level;
	c->cmsg_type = type;
	return c;
}

static struct cmsghdr *add_int(struct msghdr *h, struct cmsghdr *last, int type, int value)
{
	struct cmsghdr *c = add(h, last, IPPROTO_IP, type);

	c->cmsg_len = CMSG_LEN(sizeof value);
	memcpy(CMSG_DATA(c), &value, sizeof value);
	return c;
}

/* Fills the message, but for its iov, for packets like p; more than one of them: segments. */
static void fill_message(struct mmsghdr *m, struct sockaddr_in *to, struct control *control,
                         const struct tx_packet *p)
{
	struct msghdr *h = &m->msg_hdr;
	struct in_pktinfo info = { 0 };
	uint16_t segment = (uint16_t)p->payload_len;

	*to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(p->udp_to) };
	memcpy(&to->sin_addr, p->to, ADDR_V4_LEN);
	memcpy(&info.ipi_spec_dst, p->from, ADDR_V4_LEN);
	h->msg_name = to;
	h->msg_namelen = sizeof *to;
	h->msg_flags = 0;
	h->msg_control = control->bytes;
	h->msg_controllen = sizeof control->bytes;
	memset(control, 0, sizeof *control);

	struct cmsghdr *c = add_int(h, NULL, IP_TOS, p->tos);
	c = add_int(h, c, IP_TTL, p->ttl);
	c = add(h, c, IPPROTO_IP, IP_PKTINFO);
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(c), &info, sizeof info);
	h->msg_controllen -= CMSG_SPACE(sizeof(int));
	if (h->msg_iovlen < 2)
		return;
	h->msg_controllen += CMSG_SPACE(sizeof(int));
	c = add(h, c, IPPROTO_UDP, UDP_SEGMENT);
	c->cmsg_len = CMSG_LEN(sizeof segment);
	memcpy(CMSG_DATA(c), &segment, sizeof segment);
	h->msg_controllen -= CMSG_SPACE(sizeof(int)) - CMSG_SPACE(sizeof segment);
}

static bool alike(const struct tx_packet *a, const struct tx_packet *b)
{
	return a->udp_to == b->udp_to && a->tos == b->tos && a->ttl == b->ttl &&
	       memcmp(a->to, b->to, ADDR_V4_LEN) == 0 && memcmp(a->from, b->from, ADDR_V4_LEN) == 0;
}

/* How many packets from the first on make one send: all of one length, save a shorter last one. */
static unsigned count_row(const struct tx_packet *p, unsigned left)
{
	size_t len = p->payload_len;
	unsigned n = 1;

	for (; n < left && n < SEGMENTS_MAX && alike(p, &p[n]); n++) {
		if (p[n].payload_len > p->payload_len || len + p[n].payload_len > PAYLOAD_MAX)
			break;
		len += p[n].payload_len;
		if (p[n].payload_len < p->payload_len)
			return n + 1;
	}
	return n;
}

static void make_rows(struct port_udp *u, const struct tx_packet *packets, unsigned n)
{
	u->n_rows = 0;
	for (unsigned first = 0; first < n;) {
		struct row row = { first, count_row(packets + first, n - first) };
		unsigned i = u->n_rows++;
		for (unsigned k = first; k < first + row.n; k++)
			u->iov[k] = (struct iovec){ (void *)(uintptr_t)packets[k].payload,
				                    packets[k].payload_len };
		u->msg[i].msg_hdr.msg_iov = &u->iov[first];
		u->msg[i].msg_hdr.msg_iovlen = row.n;
		fill_message(&u->msg[i], &u->to[i], &u->control[i], &packets[first]);
		u->row[i] = row;
		first += row.n;
	}
}

int port_udp_send(int fd, const struct tx_packet *p)
{
	struct control control;
	struct sockaddr_in to;
	struct iovec iov = { (void *)(uintptr_t)p->payload, p->payload_len };
	struct mmsghdr m = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };

	fill_message(&m, &to, &control, p);
	return sendmsg(fd, &m.msg_hdr, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* The kernel did not cut the row: each datagram by itself. */
static void send_singly(struct port_udp *u, struct tx_packet *packets, const struct row *row)
{
	for (unsigned i = row->first; i < row->first + row->n; i++)
		packets[i].refused = port_udp_send(u->fd, &packets[i]) < 0;
}

static void refuse(struct tx_packet *packets, const struct row *row)
{
	for (unsigned i = row->first; i < row->first + row->n; i++)
		packets[i].refused = true;
}

static void udp_send(struct port *port, struct tx_packet *packets, unsigned n, int64_t now_ns)
{
	struct port_udp *u = (struct port_udp *)port;
	struct pollfd pfd = { .fd = u->fd, .events = POLLOUT };
	bool waited = false;

	(void)now_ns;
	make_rows(u, packets, n);
	for (unsigned done = 0; done < u->n_rows;) {
		int sent = sendmmsg(u->fd, u->msg + done, u->n_rows - done, MSG_DONTWAIT);
		if (sent > 0) {
			done += (unsigned)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if ((errno == EAGAIN || errno == ENOBUFS) && !waited) {
			waited = true;
			poll(&pfd, 1, SEND_WAIT_MS);
			continue;
		}
		bool uncut = errno == EINVAL || errno == EMSGSIZE || errno == EIO;
		(uncut && u->row[done].n > 1 ? send_singly(u, packets, &u->row[done])
		                             : refuse(packets, &u->row[done]));
		done++;
	}
}

static void udp_free(struct port *port)
{
	free(port);
}

struct port *port_udp_new(int fd)
{
	static const struct port_ops ops = { "udp", udp_send, udp_free };
	struct port_udp *u = memory_new(1, sizeof *u);

	u->port.ops = &ops;
	u->fd = fd;
	return &u->port;
}

/* ---- receiving ---- */

struct udp_receiver *udp_receiver_new(int fd)
{
	struct udp_receiver *r = memory_new(1, sizeof *r);

	r->fd = fd;
	r->ask = PORT_BURST;
	r->buffers = memory_new(PORT_BURST, BUFFER_STRIDE);
	for (unsigned i = 0; i < PORT_BURST; i++)
		r->iov[i] =
			(struct iovec){ r->buffers + (size_t)i * BUFFER_STRIDE + BUFFER_HEADROOM,
			                PORT_BUFFER_MAX };
	return r;
}

void udp_receiver_free(struct udp_receiver *r)
{
	if (!r)
		return;
	free(r->buffers);
	free(r);
}

/* How many rows like the n of the last call make RECEIVE_BYTES: a row is one datagram or 64 KB. */
static unsigned rows_to_ask(const struct udp_receiver *r, unsigned n)
{
	size_t n_bytes = 1;

	for (unsigned i = 0; i < n; i++)
		n_bytes += r->msg[i].msg_len;
	size_t rows = (size_t)RECEIVE_BYTES * n / n_bytes;
	if (rows == 0)
		return 1;
	return rows < PORT_BURST ? (unsigned)rows : PORT_BURST;
}

unsigned udp_receive(struct udp_receiver *r)
{
	for (unsigned i = 0; i < r->ask; i++)
		r->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &r->from[i],
			.msg_namelen = sizeof r->from[i],
			.msg_iov = &r->iov[i],
			.msg_iovlen = 1,
			.msg_control = r->control[i].bytes,
			.msg_controllen = sizeof r->control[i].bytes,
		};
	int n = recvmmsg(r->fd, r->msg, r->ask, MSG_DONTWAIT, NULL);

	if (n <= 0)
		return 0;
	r->ask = rows_to_ask(r, (unsigned)n);
	return (unsigned)n;
}

static void read_control(struct msghdr *h, struct arrival *ret, size_t *ret_segment)
{
	struct in_pktinfo info;
	int segment;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
			memcpy(&ret->tos, CMSG_DATA(c), sizeof ret->tos);
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof info);
			ret->to = addr_from_bytes(ADDR_V4, (const uint8_t *)&info.ipi_addr);
		} else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&segment, CMSG_DATA(c), sizeof segment);
			if (segment > 0)
				*ret_segment = (size_t)segment;
		}
	}
}

bool udp_received(struct udp_receiver *r, unsigned i, struct arrival *ret, size_t *ret_segment)
{
	struct msghdr *h = &r->msg[i].msg_hdr;

	*ret = (struct arrival){
		.bytes = r->iov[i].iov_base,
		.len = r->msg[i].msg_len,
		.from = addr_from_bytes(ADDR_V4, (const uint8_t *)&r->from[i].sin_addr),
		.udp_port = ntohs(r->from[i].sin_port),
	};
	*ret_segment = ret->len;
	read_control(h, ret, ret_segment);
	return !(h->msg_flags & (MSG_TRUNC | MSG_CTRUNC));
}
