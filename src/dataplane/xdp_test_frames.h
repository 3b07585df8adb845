/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of receiving by AF_XDP: a cable, frames from its far end, and where they went. */
#pragma once

#include "dataplane/port_test_netns.h"

#include <sched.h>

#include "dataplane/bytes.h"
#include "dataplane/inner.h"
#include "dataplane/xdp_link.h"
#include "dataplane/xdp_steer.h"
#include "util/addr.h"
#include "util/checksum.h"

enum { TEST_FRAME_MAX = 4096, TEST_MARKER = 0x88b5 /* of local experiments */ };

static const uint8_t test_near_mac[] = { 2, 0, 0, 0, 0, 1 };

struct test_cable {
	int near, far; /* packet sockets */
	int ifindex;   /* of the near end */
};

static inline struct addr test_near(void)
{
	return addr_v4(192, 0, 2, 1);
}

static inline struct addr test_far(void)
{
	return addr_v4(192, 0, 2, 9);
}

/* Interfaces xna and xnb. What is sent arrives in order: one processor sends. */
static inline void test_cable_open(struct test_cable *c)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	CPU_ZERO(&one);
	CPU_SET(cpu < 0 ? 0 : (size_t)cpu, &one);
	sched_setaffinity(0, sizeof one, &one);
	test_ip_command("link add xna address 02:00:00:00:00:01 type veth peer name xnb");
	test_ip_command("link set xna up");
	test_ip_command("link set xnb up");
	test_ip_command("link set xna mtu 4000");
	test_ip_command("link set xnb mtu 4000");
	c->near = test_open_link("xna");
	c->far = test_open_link("xnb");
	c->ifindex = (int)if_nametoindex("xna");
}

static inline void test_cable_close(struct test_cable *c)
{
	close(c->near);
	close(c->far);
	test_ip_command("link del xna");
}

struct test_frame {
	uint8_t bytes[TEST_FRAME_MAX];
	size_t len;
};

/* From the far end to the near one. */
static inline struct test_frame test_frame(uint8_t proto, size_t payload_len)
{
	struct test_frame f = { .len = ETH_HLEN + IPV4_LEN + payload_len };
	uint8_t *ip = f.bytes + ETH_HLEN;
	struct addr from = test_far(), to = test_near();

	memcpy(f.bytes, test_near_mac, sizeof test_near_mac);
	f.bytes[6] = 2;
	bytes_set_u16(f.bytes + 12, ETH_PROTO_IPV4);
	ip[0] = 0x45;
	bytes_set_u16(ip + 2, (uint16_t)(IPV4_LEN + payload_len));
	ip[8] = 255;
	ip[9] = proto;
	memcpy(ip + 12, from.bytes, ADDR_V4_LEN);
	memcpy(ip + 16, to.bytes, ADDR_V4_LEN);
	bytes_set_u16(ip + 10, checksum(ip, IPV4_LEN));
	return f;
}

static inline struct test_frame test_esp_frame(uint32_t spi)
{
	struct test_frame f = test_frame(IP_PROTO_ESP, 100);

	bytes_set_u32(f.bytes + ETH_HLEN + IPV4_LEN, spi);
	return f;
}

/* Sends it, and tells whether the kernel's IP input got it. */
static inline bool test_reaches_kernel(const struct test_cable *c, const struct test_frame *f)
{
	uint8_t marker[60] = { 2, 0, 0, 0, 0, 1, 2 }, bytes[TEST_FRAME_MAX];
	bool reached = false;

	bytes_set_u16(marker + 12, TEST_MARKER);
	assert_int_equal(send(c->far, f->bytes, f->len, 0), f->len);
	assert_int_equal(send(c->far, marker, sizeof marker, 0), sizeof marker);
	for (;;) {
		struct pollfd pfd = { .fd = c->near, .events = POLLIN };
		struct sockaddr_ll from;
		socklen_t from_len = sizeof from;
		assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
		ssize_t n = recvfrom(c->near, bytes, sizeof bytes, 0, (struct sockaddr *)&from,
		                     &from_len);
		if (n < ETH_HLEN || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if (bytes_u16(bytes + 12) == TEST_MARKER)
			return reached;
		reached |= (size_t)n == f->len && memcmp(bytes, f->bytes, f->len) == 0;
	}
}

/* False, with a word why, where the machine or the user has not what it takes. */
static inline bool test_xdp_enter(void)
{
	struct xdp_steer *steer;

	if (!test_netns_enter())
		return false;
	const int fd = socket(AF_XDP, SOCK_RAW, 0);
	if (fd < 0) {
		fprintf(stderr, "skipped: the kernel has no AF_XDP\n");
		return false;
	}
	close(fd);
	if (xdp_steer_new(&steer)) {
		fprintf(stderr, "skipped: the kernel wants no BPF of ours\n");
		return false;
	}
	xdp_steer_free(steer);
	return true;
}
