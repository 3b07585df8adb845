/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include <pthread.h>

#include "dataplane/bytes.h"
#include "dataplane/forward.h"
#include "dataplane/xdp.h"
#include "util/clock.h"

enum {
	HEAD = ETH_LEN + IPV4_LEN,
	PAYLOAD = 1400,
	BURSTS = 40, /* far more packets than a socket has chunks */
	LATER_S = 20,
	MANY_QUEUES = 200, /* more than the port has */
};

static const uint8_t payload[XDP_FRAME_MAX] = { 'p', 'a', 'y' };

/* A cable whose far end is seen. */
static int setup(void **state)
{
	static int link;

	test_ip_command("link add xa0 type veth peer name xb0");
	test_ip_command("link set xa0 up");
	test_ip_command("link set xb0 up");
	link = test_open_link("xb0");
	*state = &link;
	return 0;
}

static int teardown(void **state)
{
	close(*(int *)*state);
	return test_ip_command("link del xa0");
}

static void fill(struct tx_packet *p, uint32_t number, size_t payload_len)
{
	*p = (struct tx_packet){ .head_len = HEAD, .payload = payload, .payload_len = payload_len };
	memset(p->own_head, 2, ETH_LEN);
	bytes_set_u16(p->own_head + 12, ETH_P_IP);
	bytes_set_u32(p->own_head + ETH_LEN, number);
}

static void expect(int link, uint32_t number, size_t payload_len)
{
	uint8_t frame[XDP_FRAME_MAX];

	assert_int_equal(test_next_frame(link, ETH_P_IP, frame, sizeof frame), HEAD + payload_len);
	assert_int_equal(bytes_u32(frame + ETH_LEN), number);
	assert_memory_equal(frame + HEAD, payload, payload_len);
}

static bool send_one(struct xdp *x, const char *port, int64_t now_ns)
{
	struct tx_packet p;
	const struct xdp_burst burst = { (int)if_nametoindex(port), 0, &p, 1 };

	fill(&p, 7, PAYLOAD);
	return xdp_send(x, &burst, now_ns) && !p.refused;
}

/* The kernel gives a queue back some time after its socket was closed. */
static bool send_one_later(struct xdp *x, const char *port)
{
	for (int64_t tries = 1; tries < TEST_WAIT_MS; tries++) {
		if (send_one(x, port, tries * LATER_S * NS_PER_S))
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

static void test_order_and_bytes_past_the_end_of_the_rings(void **state)
{
	struct tx_packet p[FORWARD_BURST];
	const struct xdp_burst burst = { (int)if_nametoindex("xa0"), 0, p, FORWARD_BURST };
	struct xdp *x = xdp_new(1, false);

	for (uint32_t at = 0; at < BURSTS * FORWARD_BURST; at += FORWARD_BURST) {
		for (uint32_t i = 0; i < FORWARD_BURST; i++)
			fill(&p[i], at + i, PAYLOAD - i);
		assert_true(xdp_send(x, &burst, 0));
		for (uint32_t i = 0; i < FORWARD_BURST; i++) {
			assert_false(p[i].refused);
			expect(*(int *)*state, at + i, PAYLOAD - i);
		}
	}
	xdp_free(x);
}

static void test_longest_frame(void **state)
{
	struct tx_packet p;
	const struct xdp_burst burst = { (int)if_nametoindex("xa0"), 0, &p, 1 };
	struct xdp *x = xdp_new(1, false);

	test_ip_command("link set xa0 mtu 3000");
	test_ip_command("link set xb0 mtu 3000");
	fill(&p, 1, XDP_FRAME_MAX - HEAD);
	assert_true(xdp_send(x, &burst, 0));
	expect(*(int *)*state, 1, XDP_FRAME_MAX - HEAD);
	fill(&p, 1, XDP_FRAME_MAX - HEAD + 1);
	assert_false(xdp_send(x, &burst, 0));
	assert_false(p.refused);
	xdp_free(x);
}

/* A port with fewer queues than there are workers: they share the first. */
static void test_no_such_queue(void **state)
{
	struct xdp *x = xdp_new(MANY_QUEUES, false);
	struct tx_packet p;
	const struct xdp_burst burst = { (int)if_nametoindex("xa0"), MANY_QUEUES - 1, &p, 1 };

	fill(&p, 1, PAYLOAD);
	assert_true(xdp_send(x, &burst, 0));
	expect(*(int *)*state, 1, PAYLOAD);
	assert_true(send_one(x, "xa0", 0));
	xdp_free(x);
}

struct sender {
	struct xdp *x;
	unsigned queue, n_sent;
};

static void *send_many(void *ctx)
{
	struct sender *s = ctx;
	struct tx_packet p;
	const struct xdp_burst burst = { (int)if_nametoindex("xa0"), s->queue, &p, 1 };

	while (s->n_sent < BURSTS * FORWARD_BURST) {
		fill(&p, 1, 1);
		if (xdp_send(s->x, &burst, 0))
			s->n_sent += !p.refused;
		else
			sched_yield();
	}
	return NULL;
}

/* Who finds it taken tries again here; all get on, and the socket stays whole. */
static void test_two_threads_share_a_queue(void **state)
{
	struct xdp *x = xdp_new(MANY_QUEUES, false);
	struct sender sender[2] = { { x, 0, 0 }, { x, MANY_QUEUES - 1, 0 } };
	pthread_t thread[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, send_many, &sender[i]), 0);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_true(send_one(x, "xa0", 0));
	xdp_free(x);
}

/* It is tried again after a while, not with each burst. */
static void test_queue_of_another(void **state)
{
	struct xdp *first = xdp_new(1, false), *second = xdp_new(1, false);

	(void)state;
	assert_true(send_one(first, "xa0", 0));
	assert_false(send_one(second, "xa0", 0));
	xdp_free(first);
	assert_false(send_one(second, "xa0", 1));
	assert_true(send_one_later(second, "xa0"));
	xdp_free(second);
}

/* What the kernel does not take is told, and the port goes without from then on. */
static void test_port_goes_down(void **state)
{
	struct tx_packet p[2];
	const struct xdp_burst burst = { (int)if_nametoindex("xa0"), 0, p, 2 };
	struct xdp *x = xdp_new(1, false);

	(void)state;
	assert_true(send_one(x, "xa0", 0));
	test_ip_command("link set xa0 down");
	fill(&p[0], 1, PAYLOAD);
	fill(&p[1], 2, PAYLOAD);
	assert_true(xdp_send(x, &burst, 1));
	assert_true(p[0].refused && p[1].refused);
	assert_false(send_one(x, "xa0", 2));
	test_ip_command("link set xa0 up");
	assert_true(send_one_later(x, "xa0"));
	xdp_free(x);
}

static void test_port_that_is_gone(void **state)
{
	struct tx_packet p;
	struct xdp_burst burst = { (int)if_nametoindex("xa0"), 0, &p, 1 };
	struct xdp *x = xdp_new(1, false);

	assert_true(send_one(x, "xa0", 0));
	test_ip_command("link del xa0");
	fill(&p, 1, PAYLOAD);
	assert_true(xdp_send(x, &burst, 1));
	assert_true(p.refused);
	assert_false(xdp_send(x, &burst, 2));
	xdp_free(x);
	close(*(int *)*state);
	setup(state);
}

/* One port more than there are sockets takes the one of the port that had it longest. */
static void test_more_ports_than_sockets(void **state)
{
	struct xdp *x = xdp_new(1, false), *other = xdp_new(1, false);
	char name[8], words[64];

	(void)state;
	for (unsigned i = 1; i <= XDP_LINKS_MAX; i++) {
		snprintf(words, sizeof words, "link add xa%u type veth peer name xb%u", i, i);
		assert_int_equal(test_ip_command(words), 0);
		snprintf(words, sizeof words, "link set xa%u up", i);
		test_ip_command(words);
		snprintf(words, sizeof words, "link set xb%u up", i);
		test_ip_command(words);
	}
	for (unsigned i = 0; i <= XDP_LINKS_MAX; i++) {
		snprintf(name, sizeof name, "xa%u", i);
		assert_true(send_one(x, name, 0));
	}
	assert_false(send_one(other, "xa1", 0));
	assert_true(send_one_later(other, "xa0"));
	xdp_free(x);
	xdp_free(other);
	for (unsigned i = 1; i <= XDP_LINKS_MAX; i++) {
		snprintf(words, sizeof words, "link del xa%u", i);
		test_ip_command(words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order_and_bytes_past_the_end_of_the_rings,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(test_longest_frame, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_such_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_threads_share_a_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_of_another, setup, teardown),
		cmocka_unit_test_setup_teardown(test_port_goes_down, setup, teardown),
		cmocka_unit_test_setup_teardown(test_port_that_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_ports_than_sockets, setup, teardown),
	};
	int fd;

	if (!test_netns_enter())
		return TEST_SKIP;
	fd = socket(AF_XDP, SOCK_RAW, 0);
	if (fd < 0) {
		fprintf(stderr, "skipped: the kernel has no AF_XDP\n");
		return TEST_SKIP;
	}
	close(fd);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
