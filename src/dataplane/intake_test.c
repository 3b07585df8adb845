/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/xdp_test_frames.h"

#include <errno.h>
#include <stdlib.h>

#include "dataplane/intake.h"
#include "dataplane/port.h"
#include "util/clock.h"
#include "util/memory.h"

enum { WORKERS = 2, NOW = 1000, LATER_S = 20 };

/* By the program's clock; the times of the peers themselves are the test's. */
static const int64_t until_ns = INT64_MAX / 2;

struct fixture {
	struct test_cable cable;
	struct xdp *xdp;
	struct intake *intake;
	unsigned watched[WORKERS];
};

static int watch(void *ctx, unsigned worker, int fd)
{
	struct fixture *f = ctx;

	assert_true(fd >= 0);
	f->watched[worker]++;
	return 0;
}

static struct intake *new_intake(struct fixture *f)
{
	const struct intake_options options = {
		.xdp = f->xdp,
		.n_workers = WORKERS,
		.watch = watch,
		.ctx = f,
	};

	return intake_new(&options);
}

static int setup(void **state)
{
	struct fixture *f = memory_new(1, sizeof *f);

	test_cable_open(&f->cable);
	f->xdp = xdp_new(INTAKE_QUEUES_MAX, true);
	f->intake = new_intake(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	intake_free(f->intake);
	xdp_free(f->xdp);
	test_cable_close(&f->cable);
	free(f);
	return 0;
}

static struct intake_peer peer_of(const struct fixture *f)
{
	struct intake_peer peer = {
		.ifindex = f->cable.ifindex,
		.from = test_far(),
		.to = test_near(),
		.esp = true,
		.now_ns = NOW,
		.until_ns = until_ns,
	};

	memcpy(peer.own_mac, test_near_mac, DP_MAC_LEN);
	return peer;
}

/* The kernel gives a queue back some time after its socket was closed. */
static bool allow_later(struct fixture *f, struct intake_peer peer)
{
	for (int64_t tries = 1; tries < TEST_WAIT_MS; tries++) {
		peer.now_ns = tries * LATER_S * NS_PER_S;
		if (intake_allow(f->intake, &peer))
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

/* The worker that has the frame, or -1 for the kernel. */
static int where(struct fixture *f, const struct test_frame *frame)
{
	bool kernel = test_reaches_kernel(&f->cable, frame);
	int found = -1;

	for (unsigned w = 0; w < WORKERS; w++) {
		struct intake_burst burst;
		unsigned at = 0;
		while (intake_receive(f->intake, w, &at, &burst)) {
			assert_int_equal(burst.n, 1);
			assert_int_equal(found, -1);
			assert_memory_equal(burst.frame[0].bytes, frame->bytes, frame->len);
			intake_give_back(&burst);
			found = (int)w;
		}
	}
	assert_int_equal(kernel, found < 0);
	return found;
}

static struct dp_xdp_receive state_of(const struct fixture *f)
{
	struct dp_xdp_receive s;

	intake_state(f->intake, &s);
	return s;
}

static void test_who_gets_what(void **state)
{
	struct fixture *f = *state;
	const struct intake_peer peer = peer_of(f);
	const struct addr from = test_far();
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100);

	assert_int_equal(where(f, &gre), -1);
	assert_true(intake_allow(f->intake, &peer));
	assert_int_equal(where(f, &gre), port_worker(&from, WORKERS));
	for (uint32_t spi = 256; spi < 260; spi++) {
		const struct test_frame esp = test_esp_frame(spi);
		assert_int_equal(where(f, &esp), spi % WORKERS);
	}
	for (unsigned w = 0; w < WORKERS; w++)
		assert_true(f->watched[w] > 0);
	assert_int_equal(state_of(f).n_ports, 1);
	assert_int_equal(state_of(f).n_packets, 5);
	assert_int_equal(state_of(f).n_dropped, 0);
	assert_int_equal(state_of(f).error, 0);
}

static void test_void_at_once(void **state)
{
	struct fixture *f = *state;
	const struct intake_peer peer = peer_of(f);
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100);

	assert_true(intake_allow(f->intake, &peer));
	intake_void(f->intake);
	assert_int_equal(where(f, &gre), -1);
	assert_true(intake_allow(f->intake, &peer));
	assert_true(where(f, &gre) >= 0);
}

/* Another program finds the port free once the last peer's time is over. */
static void test_ports_are_given_up(void **state)
{
	struct fixture *f = *state;
	const struct intake_peer peer = peer_of(f);
	struct fixture other = *f;

	other.xdp = xdp_new(INTAKE_QUEUES_MAX, true);
	other.intake = new_intake(&other);
	assert_true(intake_allow(f->intake, &peer));
	intake_tend(f->intake, until_ns - 1);
	assert_int_equal(state_of(f).n_ports, 1);
	assert_false(intake_allow(other.intake, &peer));
	assert_int_equal(state_of(&other).error, -EBUSY);
	assert_int_equal(state_of(&other).n_ports, 0);
	intake_tend(f->intake, until_ns);
	assert_int_equal(state_of(f).n_ports, 0);
	assert_false(intake_allow(other.intake, &peer)); /* tried not long ago */
	assert_true(allow_later(&other, peer));
	assert_int_equal(state_of(&other).error, 0);
	intake_free(other.intake);
	xdp_free(other.xdp);
}

/* What is sent goes by the same queue, which may have been opened for it. */
static void test_sending_shares_the_queue(void **state)
{
	struct fixture *f = *state;
	struct tx_packet p = { .head_len = ETH_HLEN + IPV4_LEN };
	const struct xdp_burst burst = { f->cable.ifindex, 0, &p, 1 };
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100);
	const struct intake_peer peer = peer_of(f);
	uint8_t bytes[TEST_FRAME_MAX];

	bytes_set_u16(p.own_head + 12, ETH_PROTO_IPV4);
	assert_true(xdp_send(f->xdp, &burst, NOW));
	assert_true(intake_allow(f->intake, &peer));
	assert_true(xdp_send(f->xdp, &burst, NOW));
	assert_int_equal(test_next_frame(f->cable.far, ETH_P_IP, bytes, sizeof bytes), p.head_len);
	assert_int_equal(test_next_frame(f->cable.far, ETH_P_IP, bytes, sizeof bytes), p.head_len);
	assert_true(where(f, &gre) >= 0);
}

/* Sending gives up a port that is down; when it is up again both go on. */
static void test_port_goes_down(void **state)
{
	struct fixture *f = *state;
	struct tx_packet p = { .head_len = ETH_HLEN + IPV4_LEN };
	const struct xdp_burst burst = { f->cable.ifindex, 0, &p, 1 };
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100);

	assert_true(allow_later(f, peer_of(f)));
	test_ip_command("link set xna down");
	assert_true(xdp_send(f->xdp, &burst, NOW));
	assert_true(p.refused);
	test_ip_command("link set xna up");
	assert_true(allow_later(f, peer_of(f)));
	assert_true(xdp_send(f->xdp, &burst, NOW));
	assert_true(where(f, &gre) >= 0);
}

static void test_another_mac(void **state)
{
	struct fixture *f = *state;
	struct intake_peer peer = peer_of(f);
	struct test_frame gre = test_frame(IP_PROTO_GRE, 100);

	assert_true(intake_allow(f->intake, &peer));
	peer.own_mac[5] = gre.bytes[5] = 7;
	assert_int_equal(test_ip_command("link set xna address 02:00:00:00:00:07"), 0);
	assert_int_equal(where(f, &gre), -1);
	assert_true(allow_later(f, peer));
	assert_true(where(f, &gre) >= 0);
	assert_int_equal(state_of(f).n_ports, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who_gets_what, setup, teardown),
		cmocka_unit_test_setup_teardown(test_void_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ports_are_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sending_shares_the_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_port_goes_down, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_mac, setup, teardown),
	};

	if (!test_xdp_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
