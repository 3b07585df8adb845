/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tunnel that only copies: a reference for any user-space tunnel over the same socket types.
 *
 * TAP with vnet headers and TSO on one side; on the other either UDP with GSO and GRO, or raw IP
 * (protocol 253) with sendmmsg and recvmmsg. No encryption, no checksum, no TCP segmentation: a
 * frame of up to 64 KB is cut into 1400-byte pieces with a 16-byte header each and put together at
 * the far end.
 *
 *   nulltun TAPNAME LOCAL REMOTE 0|1      (1: raw IP)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 1400, PIECES_MAX = 64, GSO_MAX = 44 };

struct piece_header {
	uint32_t offset, total, id, pad;
};
enum { STRIDE = PIECE + sizeof(struct piece_header) };

static int tap_fd, wire_fd, raw;
static struct sockaddr_in remote;

static void send_udp(uint8_t *pieces, int n, int last_len)
{
	for (int done = 0; done < n;) {
		int m = n - done > GSO_MAX ? GSO_MAX : n - done;
		size_t len = (size_t)(m - 1) * STRIDE + (done + m == n ? last_len : STRIDE);
		struct iovec iov = { pieces + done * STRIDE, len };
		char control[CMSG_SPACE(sizeof(uint16_t))] = { 0 };
		struct msghdr msg = { &remote, sizeof remote, &iov, 1, control, sizeof control, 0 };
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
		*(uint16_t *)CMSG_DATA(c) = STRIDE;
		if (sendmsg(wire_fd, &msg, 0) < 0 && errno != ENOBUFS)
			perror("sendmsg");
		done += m;
	}
}

static void send_raw(uint8_t *pieces, int n, int last_len)
{
	struct mmsghdr msgs[PIECES_MAX];
	struct iovec iov[PIECES_MAX];
	for (int i = 0; i < n; i++) {
		iov[i] = (struct iovec){ pieces + i * STRIDE, i == n - 1 ? last_len : STRIDE };
		msgs[i].msg_hdr = (struct msghdr){ &remote, sizeof remote, &iov[i], 1, 0, 0, 0 };
	}
	for (int done = 0; done < n;) {
		int sent = sendmmsg(wire_fd, msgs + done, n - done, 0);
		if (sent > 0)
			done += sent;
		else if (errno != ENOBUFS)
			return perror("sendmmsg");
	}
}

static void *tap_to_wire(void *unused)
{
	static uint8_t frame[PIECES_MAX * PIECE], pieces[PIECES_MAX * STRIDE];
	for (uint32_t id = 1;; id++) {
		int n_bytes = read(tap_fd, frame, sizeof frame), n = 0, last = 0;
		if (n_bytes <= 0)
			exit(1);
		for (int off = 0; off < n_bytes; off += PIECE, n++) {
			int len = n_bytes - off < PIECE ? n_bytes - off : PIECE;
			struct piece_header h = { off, n_bytes, id, 0 };
			memcpy(pieces + n * STRIDE, &h, sizeof h);
			memcpy(pieces + n * STRIDE + sizeof h, frame + off, len);
			last = len + sizeof h;
		}
		(raw ? send_raw : send_udp)(pieces, n, last);
	}
	return unused;
}

static void take_piece(const uint8_t *p, int len)
{
	static uint8_t frame[PIECES_MAX * PIECE];
	static uint32_t id;
	static int have;
	struct piece_header h;
	memcpy(&h, p, sizeof h);
	if (h.offset + len - sizeof h > sizeof frame)
		return;
	if (h.id != id)
		id = h.id, have = 0;
	memcpy(frame + h.offset, p + sizeof h, len - sizeof h);
	have += len - sizeof h;
	if (have == (int)h.total && write(tap_fd, frame, have) < 0)
		perror("write");
}

static void *wire_to_tap(void *unused)
{
	static uint8_t buf[32][65536];
	for (;;) {
		if (!raw) {
			struct iovec iov = { buf[0], sizeof buf[0] };
			char control[64];
			struct msghdr msg = { 0, 0, &iov, 1, control, sizeof control, 0 };
			int n = recvmsg(wire_fd, &msg, 0), segment = n;
			for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); n > 0 && c;
			     c = CMSG_NXTHDR(&msg, c))
				if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
					segment = *(int *)CMSG_DATA(c);
			for (int off = 0; off < n; off += segment)
				take_piece(buf[0] + off, n - off < segment ? n - off : segment);
		} else {
			struct mmsghdr msgs[32] = { 0 };
			struct iovec iov[32];
			for (int i = 0; i < 32; i++) {
				iov[i] = (struct iovec){ buf[i], 2048 };
				msgs[i].msg_hdr.msg_iov = &iov[i];
				msgs[i].msg_hdr.msg_iovlen = 1;
			}
			int n = recvmmsg(wire_fd, msgs, 32, MSG_WAITFORONE, 0);
			for (int i = 0; i < n; i++)
				take_piece(buf[i] + 20, msgs[i].msg_len - 20);
		}
	}
	return unused;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return fprintf(stderr, "nulltun TAPNAME LOCAL REMOTE 0|1\n"), 2;
	raw = argv[4][0] == '1';

	tap_fd = open("/dev/net/tun", O_RDWR);
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	strncpy(ifr.ifr_name, argv[1], IFNAMSIZ - 1);
	int header = sizeof(struct virtio_net_hdr_v1), one = 1, size = 8 << 20;
	if (ioctl(tap_fd, TUNSETIFF, &ifr) || ioctl(tap_fd, TUNSETVNETHDRSZ, &header) ||
	    ioctl(tap_fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6))
		return perror("tap"), 1;

	struct sockaddr_in local = { AF_INET };
	inet_pton(AF_INET, argv[2], &local.sin_addr);
	remote = local;
	inet_pton(AF_INET, argv[3], &remote.sin_addr);
	if (raw) {
		wire_fd = socket(AF_INET, SOCK_RAW, 253);
	} else {
		wire_fd = socket(AF_INET, SOCK_DGRAM, 0);
		local.sin_port = remote.sin_port = htons(4500);
		setsockopt(wire_fd, SOL_UDP, UDP_GRO, &one, sizeof one);
	}
	setsockopt(wire_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	setsockopt(wire_fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
	if (wire_fd < 0 || bind(wire_fd, (void *)&local, sizeof local))
		return perror("wire"), 1;

	pthread_t thread;
	pthread_create(&thread, NULL, wire_to_tap, NULL);
	tap_to_wire(NULL);
}
