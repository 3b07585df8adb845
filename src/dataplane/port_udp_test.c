/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include <errno.h>
#include <stdlib.h>

#include "dataplane/bytes.h"
#include "dataplane/forward.h"
#include "dataplane/port_udp.h"
#include "util/memory.h"

enum { WORKERS = 4, BURST = 50, LEN = 1200, SHORT_LEN = 100 };

static int fds[WORKERS];
static uint8_t bytes[BURST][9000];

static int setup(void **state)
{
	(void)state;
	return port_udp_open(fds, WORKERS);
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WORKERS; i++)
		close(fds[i]);
	return 0;
}

static void fill(struct tx_packet *p, unsigned i, uint32_t spi, size_t len)
{
	*p = (struct tx_packet){
		.from = { 127, 0, 0, 1 },
		.to = { 127, 0, 0, 2 },
		.tos = 0x28,
		.ttl = 77,
		.udp_to = DP_NAT_PORT,
		.payload = bytes[i],
		.payload_len = len,
	};
	bytes_set_u32(bytes[i], spi);
	bytes_set_u32(bytes[i] + 4, i);
}

static struct udp_receiver *await(unsigned worker, unsigned *ret_n)
{
	struct pollfd pfd = { .fd = fds[worker], .events = POLLIN };
	struct udp_receiver *r = udp_receiver_new(fds[worker]);

	assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
	*ret_n = udp_receive(r);
	return r;
}

/* Takes rows until all have come; how many rows. */
static unsigned expect_all(unsigned worker, const struct tx_packet *sent, unsigned n)
{
	unsigned next = 0, rows = 0;

	while (next < n) {
		unsigned got;
		struct udp_receiver *r = await(worker, &got);
		for (unsigned i = 0; i < got; i++, rows++) {
			struct arrival a;
			size_t segment;
			assert_true(udp_received(r, i, &a, &segment));
			assert_memory_equal(a.from.bytes, sent->from, ADDR_V4_LEN);
			assert_memory_equal(a.to.bytes, sent->to, ADDR_V4_LEN);
			assert_int_equal(a.udp_port, DP_NAT_PORT);
			assert_int_equal(a.tos, 0x28);
			for (size_t at = 0; at < a.len; at += segment, next++) {
				size_t left = a.len - at;
				size_t len = left < segment ? left : segment;
				assert_int_equal(len, sent[next].payload_len);
				assert_memory_equal(a.bytes + at, sent[next].payload, len);
			}
		}
		udp_receiver_free(r);
	}
	assert_int_equal(next, n);
	return rows;
}

/* Fifty datagrams, the last one short, leave by one or two sends and come as few rows. */
static void test_rows(void **state)
{
	static struct tx_packet packet[BURST];
	struct port *port = port_udp_new(fds[0]);

	(void)state;
	for (unsigned i = 0; i < BURST; i++)
		fill(&packet[i], i, WORKERS * 1000 + 2, i == BURST - 1 ? SHORT_LEN : LEN);
	port->ops->send(port, packet, BURST, 0);
	for (unsigned i = 0; i < BURST; i++)
		assert_false(packet[i].refused);
	assert_in_range(expect_all(2, packet, BURST), 1, BURST / 4);
	port->ops->free(port);
}

/* Takes n rows; the most that one call gave. */
static unsigned take_rows(struct udp_receiver *r, unsigned n)
{
	struct pollfd pfd = { .fd = fds[2], .events = POLLIN };
	unsigned most = 0;

	while (n > 0) {
		assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
		unsigned got = udp_receive(r);
		assert_in_range(got, 0, n);
		n -= got;
		most = got > most ? got : most;
	}
	return most;
}

/* As many rows by one call as stay in the cache; short datagrams by the dozen again. */
static void test_bytes_of_a_call(void **state)
{
	enum { ROWS = 6, SEGMENTS = 40, TRIES = 100 };
	static struct tx_packet packet[SEGMENTS];
	struct port *port = port_udp_new(fds[0]);
	struct udp_receiver *r = udp_receiver_new(fds[2]);
	unsigned most = 0;

	(void)state;
	for (unsigned i = 0; i < SEGMENTS; i++)
		fill(&packet[i], i, WORKERS * 1000 + 2, LEN);
	port->ops->send(port, packet, SEGMENTS, 0);
	take_rows(r, 1); /* before that it knew nothing */
	for (unsigned i = 0; i < ROWS; i++)
		port->ops->send(port, packet, SEGMENTS, 0);
	assert_in_range(take_rows(r, ROWS), 1, 2); /* of 48 KB each */

	/* On a busy machine some of them come late. */
	for (unsigned tries = 0; most <= 2 && tries < TRIES; tries++) {
		for (unsigned i = 0; i < SEGMENTS; i++)
			assert_int_equal(port_udp_send(fds[0], &packet[i]), 0);
		most = take_rows(r, SEGMENTS);
	}
	assert_in_range(most, 3, SEGMENTS);
	udp_receiver_free(r);
	port->ops->free(port);
}

/* Each worker has its SPIs; IKE and keepalives go to the first. */
static void test_steering(void **state)
{
	struct tx_packet p;
	uint8_t keepalive = 0xff;

	(void)state;
	for (unsigned i = 0; i < WORKERS; i++) {
		fill(&p, 0, WORKERS * 1000 + i, 40);
		assert_int_equal(port_udp_send(fds[0], &p), 0);
		expect_all(i, &p, 1);
	}
	fill(&p, 0, 0, 40);
	assert_int_equal(port_udp_send(fds[3], &p), 0);
	expect_all(0, &p, 1);
	p.payload = &keepalive;
	p.payload_len = 1;
	assert_int_equal(port_udp_send(fds[3], &p), 0);
	expect_all(0, &p, 1);
}

/* Longer than the path: no row, but IP fragments. */
static void test_fragments(void **state)
{
	static struct tx_packet packet[3];
	struct port *port = port_udp_new(fds[0]);

	(void)state;
	assert_int_equal(test_ip_command("link set lo mtu 1500"), 0);
	for (unsigned i = 0; i < 3; i++)
		fill(&packet[i], i, WORKERS * 1000, 3000);
	port->ops->send(port, packet, 3, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_false(packet[i].refused);
	expect_all(0, packet, 3);
	test_ip_command("link set lo mtu 65536");
	port->ops->free(port);
}

static void test_refused(void **state)
{
	struct tx_packet p;
	struct port *port = port_udp_new(fds[0]);

	(void)state;
	fill(&p, 0, WORKERS * 1000, 40);
	p.to[0] = 203; /* no route */
	port->ops->send(port, &p, 1, 0);
	assert_true(p.refused);
	assert_int_equal(port_udp_send(fds[0], &p), -ENETUNREACH);
	port->ops->free(port);
}

static void test_port_in_use(void **state)
{
	int other[WORKERS];

	(void)state;
	assert_int_equal(port_udp_open(other, WORKERS), -EADDRINUSE);
	assert_int_equal(port_udp_open(other, 1), -EADDRINUSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes_of_a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steering, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fragments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_port_in_use, setup, teardown),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
