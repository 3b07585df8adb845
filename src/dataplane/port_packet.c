/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AF_XDP, or AF_PACKET with the queueing discipline bypassed: the frame goes to the driver as we
 * built it. That skips routing, netfilter and queueing, so it is used only towards peers whose path
 * (path_watch.h) says that these would have had nothing to do, and for packets that need no
 * cutting. All others leave through the raw socket, in order.
 */
#include "dataplane/port.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/bytes.h"
#include "dataplane/forward.h"
#include "dataplane/path.h"
#include "dataplane/tables.h"
#include "dataplane/xdp.h"
#include "util/memory.h"

enum {
	SEND_BUFFER = 8 << 20,
};

struct port_packet {
	struct port port;
	int fd;
	const uint32_t *epoch;
	struct port_ask ask;
	struct xdp *xdp; /* NULL: not to be used */
	unsigned queue;
	struct port *raw;
	int ifindex[FORWARD_BURST]; /* that each packet of a run leaves by */
	struct mmsghdr msg[FORWARD_BURST];
	struct iovec iov[FORWARD_BURST][2];
	struct sockaddr_ll to[FORWARD_BURST];
};

/* The path to take, or NULL for the raw socket. */
static const struct path *find_path(const struct port_packet *k, const struct tx_packet *p,
                                    int64_t now_ns)
{
	struct adjacency *a = p->adjacency;
	const struct path *path = a ? rcu_dereference(a->path) : NULL;
	uint32_t epoch = __atomic_load_n(k->epoch, __ATOMIC_ACQUIRE);
	/* A change voids what was usable at once; to look again at the others there is time. */
	bool fresh = path && (path->epoch == epoch || !path->usable) && now_ns < path->until_ns;

	if (a && !fresh && !__atomic_load_n(&a->path_asked, __ATOMIC_RELAXED) &&
	    !__atomic_exchange_n(&a->path_asked, true, __ATOMIC_ACQ_REL))
		k->ask.ask(k->ask.ctx, a);
	return fresh && path->usable && encap_outer_len(p) <= path->mtu_bytes ? path : NULL;
}

static void write_ethernet(struct tx_packet *p, const struct path *path)
{
	uint8_t *head = encap_head(p);

	memcpy(head, path->mac, DP_MAC_LEN);
	memcpy(head + DP_MAC_LEN, path->own_mac, DP_MAC_LEN);
	bytes_set_u16(head + 12, ETH_PROTO_IPV4);
}

static void fill_message(struct port_packet *k, unsigned i, struct tx_packet *p, int ifindex)
{
	struct sockaddr_ll *to = &k->to[i];

	*to = (struct sockaddr_ll){ .sll_family = AF_PACKET,
		                    .sll_protocol = htons(ETH_P_IP),
		                    .sll_ifindex = ifindex,
		                    .sll_halen = DP_MAC_LEN };
	memcpy(to->sll_addr, encap_head(p), DP_MAC_LEN);
	k->msg[i].msg_hdr = (struct msghdr){
		.msg_name = to,
		.msg_namelen = sizeof *to,
		.msg_iov = k->iov[i],
		.msg_iovlen = encap_pieces(p, 0, k->iov[i]),
	};
}

/* AF_PACKET. */
static void send_messages(struct port_packet *k, const struct xdp_burst *b)
{
	struct tx_packet *packets = b->packets;
	unsigned n = b->n, tries = 0;

	for (unsigned i = 0; i < n; i++)
		fill_message(k, i, &packets[i], b->ifindex);
	for (unsigned done = 0; done < n;) {
		int sent = sendmmsg(k->fd, k->msg + done, n - done, MSG_DONTWAIT);
		if (sent > 0) {
			done += (unsigned)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if ((errno == ENOBUFS || errno == EAGAIN) && tries++ < PORT_SEND_TRIES) {
			port_pause();
			continue;
		}
		packets[done++].refused = true;
	}
}

/* Packets whose paths are usable, those that leave by one port after the other. */
static void send_run(struct port_packet *k, struct tx_packet *packets, unsigned n, int64_t now_ns)
{
	for (unsigned first = 0, end = 0; first < n; first = end) {
		struct xdp_burst b = { k->ifindex[first], k->queue, packets + first, 0 };
		while (end < n && k->ifindex[end] == b.ifindex)
			end++;
		b.n = end - first;
		if (!k->xdp || !xdp_send(k->xdp, &b, now_ns))
			send_messages(k, &b);
	}
}

static void packet_send(struct port *port, struct tx_packet *packets, unsigned n, int64_t now_ns)
{
	struct port_packet *k = (struct port_packet *)port;

	for (unsigned start = 0, end = 0; start < n; start = end) {
		const struct path *path = find_path(k, &packets[start], now_ns);
		bool direct = path;
		while (path || !direct) {
			if (direct) {
				write_ethernet(&packets[end], path);
				k->ifindex[end - start] = path->ifindex;
			}
			if (++end == n)
				break;
			path = find_path(k, &packets[end], now_ns);
			if (!direct && path)
				break;
		}
		if (direct)
			send_run(k, packets + start, end - start, now_ns);
		else
			k->raw->ops->send(k->raw, packets + start, end - start, now_ns);
	}
}

static void packet_free(struct port *port)
{
	struct port_packet *k = (struct port_packet *)port;

	close(k->fd);
	k->raw->ops->free(k->raw);
	free(k);
}

/* Protocol 0: it only sends. */
static int open_socket(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, size = SEND_BUFFER;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int port_packet_new(const struct port_packet_options *options, struct port **ret)
{
	static const struct port_ops ops = { "packet", packet_send, packet_free };
	int own_fd = open_socket();

	if (own_fd < 0)
		return own_fd;
	struct port_packet *k = memory_new(1, sizeof *k);
	k->port.ops = &ops;
	k->fd = own_fd;
	k->epoch = options->epoch;
	k->ask = options->ask;
	k->xdp = options->xdp;
	k->queue = options->queue;
	k->raw = port_raw_new(options->fd);
	*ret = &k->port;
	return 0;
}
