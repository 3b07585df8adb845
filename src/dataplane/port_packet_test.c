/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include <stdlib.h>

#include "dataplane/bytes.h"
#include "dataplane/port.h"
#include "dataplane/tables.h"
#include "dataplane/xdp.h"
#include "util/memory.h"

enum { NOW = 1000 };

static const uint8_t payload[1400] = { 0x45, 1, 2, 3, 4, 5 };
static const uint8_t hop_mac[] = { 2, 0, 0, 0, 0, 9 };

struct fixture {
	int fd, link;
	uint32_t epoch;
	unsigned asked;
	struct port *port;
	struct xdp *xdp;
	struct adjacency *adjacency;
};

static void on_ask(void *ctx, struct adjacency *a)
{
	struct fixture *f = ctx;

	assert_ptr_equal(a, f->adjacency);
	f->asked++;
}

static int set_up(void **state, struct xdp *xdp)
{
	struct fixture *f = memory_new(1, sizeof *f);
	const struct port_packet_options options = {
		.fd = port_socket(0, 1),
		.epoch = &f->epoch,
		.ask = { on_ask, f },
		.xdp = xdp,
	};

	test_ip_command("link add ppa type veth peer name ppb");
	test_ip_command("link set ppa up");
	test_ip_command("link set ppb up");
	test_ip_command("addr add 192.0.2.1/24 dev ppa");
	test_ip_command("neigh add 192.0.2.9 lladdr 02:00:00:00:00:07 dev ppa");
	f->fd = options.fd;
	f->xdp = xdp;
	f->link = test_open_link("ppb");
	f->adjacency = memory_new(1, sizeof *f->adjacency);
	assert_int_equal(port_packet_new(&options, &f->port), 0);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return set_up(state, NULL);
}

static int setup_xdp(void **state)
{
	return set_up(state, xdp_new(1, false));
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	f->port->ops->free(f->port);
	xdp_free(f->xdp);
	close(f->fd);
	close(f->link);
	rcu_barrier();
	free(f->adjacency->path);
	free(f->adjacency);
	free(f);
	return test_ip_command("link del ppa");
}

static void set_path(struct fixture *f, bool usable)
{
	struct path path = {
		.epoch = f->epoch,
		.usable = usable,
		.until_ns = NOW + 1,
		.ifindex = (int)if_nametoindex("ppa"),
		.mtu_bytes = 1500,
	};

	memcpy(path.mac, hop_mac, DP_MAC_LEN);
	tables_set_path(f->adjacency, &path);
}

static void fill(struct fixture *f, struct tx_packet *p, size_t payload_len)
{
	const struct encap e = {
		.from = addr_v4(192, 0, 2, 1),
		.to = addr_v4(192, 0, 2, 9),
		.ttl = 255,
		.gre_len = 4,
	};

	*p = (struct tx_packet){ 0 };
	encap_start(p, &e, GRE_PROTO_IPV4);
	p->adjacency = f->adjacency;
	p->payload = payload;
	p->payload_len = payload_len;
	assert_true(encap_finish(p, 0x4242));
}

/* The last byte of the MAC tells the way: 9 by the path, 7 by the kernel's own neighbour. */
static void expect_frame(struct fixture *f, size_t payload_len, uint8_t way)
{
	uint8_t frame[2048];
	size_t len = test_next_frame(f->link, ETH_P_IP, frame, sizeof frame);

	assert_int_equal(len, 14 + 20 + 4 + payload_len);
	assert_int_equal(frame[5], way);
	assert_int_equal(frame[14 + 9], 47);
	assert_memory_equal(frame + 38, payload, payload_len);
}

static void send_one(struct fixture *f, int64_t now_ns)
{
	struct tx_packet p;

	fill(f, &p, 100);
	f->port->ops->send(f->port, &p, 1, now_ns);
	assert_false(p.refused);
}

static void test_unknown_path_is_asked_for_once(void **state)
{
	struct fixture *f = *state;

	send_one(f, NOW);
	send_one(f, NOW);
	assert_int_equal(f->asked, 1);
	expect_frame(f, 100, 7);
	expect_frame(f, 100, 7);
}

static void test_path_is_taken_until_it_ends(void **state)
{
	struct fixture *f = *state;

	set_path(f, true);
	send_one(f, NOW);
	expect_frame(f, 100, 9);
	assert_int_equal(f->asked, 0);
	send_one(f, NOW + 1);
	expect_frame(f, 100, 7);
	assert_int_equal(f->asked, 1);
}

static void test_void_and_unusable(void **state)
{
	struct fixture *f = *state;

	set_path(f, true);
	f->epoch++;
	send_one(f, NOW);
	expect_frame(f, 100, 7);
	assert_int_equal(f->asked, 1);
	set_path(f, false);
	send_one(f, NOW);
	expect_frame(f, 100, 7);
	assert_int_equal(f->asked, 1);
}

/* Longer than the path: the kernel sees to it, and the order stays. */
static void test_mixed_burst_in_order(void **state)
{
	struct fixture *f = *state;
	struct tx_packet p[4];
	struct path path;

	set_path(f, true);
	path = *f->adjacency->path;
	path.mtu_bytes = 1000;
	tables_set_path(f->adjacency, &path);
	for (unsigned i = 0; i < 4; i++)
		fill(f, &p[i], i == 1 || i == 2 ? 1300 + i : 100 + i);
	f->port->ops->send(f->port, p, 4, NOW);
	expect_frame(f, 100, 9);
	expect_frame(f, 1301, 7);
	expect_frame(f, 1302, 7);
	expect_frame(f, 103, 9);
}

/* Whether somebody has the queue that the port's AF_XDP socket takes. */
static bool queue_is_taken(struct fixture *f)
{
	struct xdp *other = xdp_new(1, false);
	struct tx_packet p;
	const struct xdp_burst burst = { (int)if_nametoindex("ppa"), 0, &p, 1 };

	fill(f, &p, 100);
	bool sent = xdp_send(other, &burst, NOW);
	xdp_free(other);
	return !sent;
}

static void test_xdp_is_used(void **state)
{
	struct fixture *f = *state;

	send_one(f, NOW);
	expect_frame(f, 100, 7);
	set_path(f, true);
	send_one(f, NOW);
	expect_frame(f, 100, 9);
	assert_true(queue_is_taken(f));
}

/* By AF_PACKET, with the same Ethernet header. */
static void test_without_a_queue_for_xdp(void **state)
{
	struct fixture *f = *state;
	struct xdp *other = xdp_new(1, false);
	struct tx_packet p;
	const struct xdp_burst burst = { (int)if_nametoindex("ppa"), 0, &p, 1 };
	uint8_t frame[2048];

	fill(f, &p, 200);
	assert_true(xdp_send(other, &burst, NOW));
	assert_int_equal(test_next_frame(f->link, 0, frame, sizeof frame), 14 + 24 + 200);
	set_path(f, true);
	send_one(f, NOW);
	expect_frame(f, 100, 9);
	xdp_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unknown_path_is_asked_for_once, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_path_is_taken_until_it_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_void_and_unusable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mixed_burst_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_path_is_taken_until_it_ends, setup_xdp,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_void_and_unusable, setup_xdp, teardown),
		cmocka_unit_test_setup_teardown(test_mixed_burst_in_order, setup_xdp, teardown),
		cmocka_unit_test_setup_teardown(test_xdp_is_used, setup_xdp, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_queue_for_xdp, setup_xdp, teardown),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
