/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw sockets: work on every kind of port, through routing, netfilter and queueing of the kernel,
 * which also cuts packets longer than the port's MTU (DF stays 0: IP_PMTUDISC_DONT). One socket per
 * worker; a classic BPF filter gives each sender, or each SPI of ESP, to one of them.
 */
#include "dataplane/port.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/forward.h"
#include "util/memory.h"

enum {
	SOCKET_BUFFER = 8 << 20, /* about 20 ms at 3 Gbit/s */
	SEND_WAIT_MS = 5,        /* for room in a full socket, then the packet is dropped */
	/* Whole pages and some lines, so that packets do not fall into the same cache sets. */
	BUFFER_STRIDE = PORT_BUFFER_MAX + 17 * 64,
};

struct control {
	_Alignas(struct cmsghdr)
		uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo)) + 2 * CMSG_SPACE(sizeof(int))];
};

struct port_raw {
	struct port port;
	int fd;
	size_t offset; /* in the head of a packet, of what the kernel gets */
	struct mmsghdr msg[FORWARD_BURST];
	struct iovec iov[FORWARD_BURST][2];
	struct sockaddr_in to[FORWARD_BURST];
	struct control control[FORWARD_BURST];
};

struct port_receiver {
	int fd;
	struct mmsghdr msg[PORT_BURST];
	struct iovec iov[PORT_BURST];
	uint8_t *buffers;
};

static int attach(int fd, struct sock_filter *code, size_t n)
{
	const struct sock_fprog program = { (unsigned short)n, code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* Accepts packets whose source hashes to this worker. A raw socket's filter sees the outer IP
 * header first. */
static int steer_by_source(int fd, unsigned worker, unsigned n_workers)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 8),
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n_workers),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, worker, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return attach(fd, code, sizeof code / sizeof code[0]);
}

/* Accepts ESP whose SPI belongs to this worker: see sa_owner. */
static int steer_by_spi(int fd, unsigned worker, unsigned n_workers)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* length of the IP header */
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n_workers),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, worker, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return attach(fd, code, sizeof code / sizeof code[0]);
}

typedef int steer_fn(int fd, unsigned worker, unsigned n_workers);

static int open_socket(int proto, steer_fn *steer, unsigned worker, unsigned n_workers)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
	int dont = IP_PMTUDISC_DONT, size = SOCKET_BUFFER;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof dont) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) ||
	    (n_workers > 1 && steer(fd, worker, n_workers))) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int port_socket(unsigned worker, unsigned n_workers)
{
	return open_socket(IPPROTO_GRE, steer_by_source, worker, n_workers);
}

int port_esp_socket(unsigned worker, unsigned n_workers)
{
	return open_socket(IPPROTO_ESP, steer_by_spi, worker, n_workers);
}

static struct cmsghdr *add_int(struct msghdr *h, struct cmsghdr *c, int type, int value)
{
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(sizeof value);
	memcpy(CMSG_DATA(c), &value, sizeof value);
	return CMSG_NXTHDR(h, c);
}

/* Source address, TOS and TTL go with each packet; the kernel writes the outer header. */
static void fill_message(struct port_raw *r, unsigned i, struct tx_packet *p)
{
	struct msghdr *h = &r->msg[i].msg_hdr;
	struct in_pktinfo info = { 0 };

	r->to[i] = (struct sockaddr_in){ .sin_family = AF_INET };
	memcpy(&r->to[i].sin_addr, p->to, ADDR_V4_LEN);
	*h = (struct msghdr){ .msg_name = &r->to[i],
		              .msg_namelen = sizeof r->to[i],
		              .msg_iov = r->iov[i],
		              .msg_iovlen = encap_pieces(p, r->offset, r->iov[i]),
		              .msg_control = r->control[i].bytes,
		              .msg_controllen = sizeof r->control[i].bytes };

	struct cmsghdr *c = add_int(h, CMSG_FIRSTHDR(h), IP_TOS, p->tos);
	c = add_int(h, c, IP_TTL, p->ttl);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(&info.ipi_spec_dst, p->from, ADDR_V4_LEN);
	memcpy(CMSG_DATA(c), &info, sizeof info);
}

static bool wait_for_room(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, SEND_WAIT_MS) > 0;
}

static void raw_send(struct port *port, struct tx_packet *packets, unsigned n, int64_t now_ns)
{
	struct port_raw *r = (struct port_raw *)port;
	bool waited = false;

	(void)now_ns;
	for (unsigned i = 0; i < n; i++)
		fill_message(r, i, &packets[i]);
	for (unsigned done = 0; done < n;) {
		int sent = sendmmsg(r->fd, r->msg + done, n - done, MSG_DONTWAIT);
		if (sent > 0) {
			done += (unsigned)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if ((errno == EAGAIN || errno == ENOBUFS) && !waited) {
			waited = true;
			wait_for_room(r->fd);
			continue;
		}
		packets[done++].refused = true;
	}
}

static void raw_free(struct port *port)
{
	free(port);
}

static struct port *new_port(const struct port_ops *ops, int fd, size_t offset)
{
	struct port_raw *r = memory_new(1, sizeof *r);

	r->port.ops = ops;
	r->fd = fd;
	r->offset = offset;
	return &r->port;
}

struct port *port_raw_new(int fd)
{
	static const struct port_ops ops = { "raw", raw_send, raw_free };

	return new_port(&ops, fd, GRE_OFFSET);
}

struct port *port_whole_new(int fd)
{
	static const struct port_ops ops = { "whole", raw_send, raw_free };

	return new_port(&ops, fd, OUTER_OFFSET);
}

struct port_receiver *port_receiver_new(int fd)
{
	struct port_receiver *r = memory_new(1, sizeof *r);

	r->fd = fd;
	r->buffers = memory_new(PORT_BURST, BUFFER_STRIDE);
	for (unsigned i = 0; i < PORT_BURST; i++) {
		r->iov[i] =
			(struct iovec){ r->buffers + (size_t)i * BUFFER_STRIDE, PORT_BUFFER_MAX };
		r->msg[i].msg_hdr = (struct msghdr){ .msg_iov = &r->iov[i], .msg_iovlen = 1 };
	}
	return r;
}

void port_receiver_free(struct port_receiver *r)
{
	if (!r)
		return;
	free(r->buffers);
	free(r);
}

unsigned port_receive(struct port_receiver *r)
{
	int n = recvmmsg(r->fd, r->msg, PORT_BURST, MSG_DONTWAIT, NULL);

	return n > 0 ? (unsigned)n : 0;
}

bool port_received(struct port_receiver *r, unsigned i, uint8_t **ret_bytes, size_t *ret_len)
{
	*ret_bytes = r->iov[i].iov_base;
	*ret_len = r->msg[i].msg_len;
	return !(r->msg[i].msg_hdr.msg_flags & MSG_TRUNC);
}

int port_icmp_socket(enum addr_family family)
{
	int type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(family == ADDR_V4 ? AF_INET : AF_INET6, type, IPPROTO_RAW);

	return fd < 0 ? -errno : fd;
}

void port_icmp_send(int fd, const uint8_t *packet, size_t len)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };

	if (packet[0] >> 4 == 4) {
		memcpy(&to4.sin_addr, packet + 16, ADDR_V4_LEN);
		(void)!sendto(fd, packet, len, 0, (const struct sockaddr *)&to4, sizeof to4);
		return;
	}
	memcpy(&to6.sin6_addr, packet + 24, ADDR_V6_LEN);
	(void)!sendto(fd, packet, len, 0, (const struct sockaddr *)&to6, sizeof to6);
}
