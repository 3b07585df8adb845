/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/xdp_test_frames.h"

#include <errno.h>

#include "dataplane/xdp_steer.h"

enum { WORKERS = 2, WORKER = 1 };

struct fixture {
	struct test_cable cable;
	struct xdp_steer *steer;
	struct xdp_link *link;
	struct xdp_inlet inlet[WORKERS];
	int sockets, program;
};

static int setup(void **state)
{
	static struct fixture f;

	test_cable_open(&f.cable);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	test_cable_close(&f->cable);
	return 0;
}

/* GRE of the far end comes to one of the inlets. */
static void open_inlets(struct fixture *f)
{
	struct steer_port port = { .ifindex = f->cable.ifindex,
		                   .n_workers = WORKERS,
		                   .n_queues = 1,
		                   .frame_max = XDP_RECEIVE_MAX };
	const struct steer_peer peer = { .ifindex = f->cable.ifindex,
		                         .from = test_far(),
		                         .to = test_near(),
		                         .worker = WORKER,
		                         .until_ns = INT64_MAX };

	memcpy(port.mac, test_near_mac, DP_MAC_LEN);
	assert_int_equal(xdp_steer_new(&f->steer), 0);
	assert_int_equal(xdp_link_open(f->cable.ifindex, 0, true, &f->link), 0);
	f->sockets = xdp_steer_sockets(&port);
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_int_equal(xdp_inlet_open(f->link, &f->inlet[i]), 0);
		assert_int_equal(xdp_steer_put(f->sockets, i, f->inlet[i].fd), 0);
	}
	f->program = xdp_steer_attach(f->steer, &port, f->sockets);
	assert_true(f->program >= 0);
	assert_int_equal(xdp_steer_allow(f->steer, &peer), 0);
}

static void close_inlets(struct fixture *f)
{
	close(f->program);
	close(f->sockets);
	for (unsigned i = 0; i < WORKERS; i++)
		xdp_inlet_close(&f->inlet[i]);
	xdp_link_release(f->link);
	xdp_steer_free(f->steer);
}

static void send_frames(struct fixture *f, uint32_t first, unsigned n)
{
	struct test_frame frame = test_frame(IP_PROTO_GRE, 40);

	for (unsigned i = 0; i < n; i++) {
		bytes_set_u32(frame.bytes + frame.len - 4, first + i);
		assert_int_equal(send(f->cable.far, frame.bytes, frame.len, 0), frame.len);
	}
}

/* Takes so many, one after the other, and gives them back. */
static void expect_frames(struct fixture *f, uint32_t first, unsigned n)
{
	struct xdp_inlet *in = &f->inlet[WORKER];
	struct pollfd pfd = { .fd = in->fd, .events = POLLIN };
	struct xdp_frame got[64];

	for (unsigned done = 0; done < n;) {
		unsigned max = n - done < 64 ? n - done : 64;
		assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
		unsigned k = xdp_inlet_take(in, got, max);
		for (unsigned i = 0; i < k; i++)
			assert_int_equal(bytes_u32(got[i].bytes + got[i].len - 4),
			                 first + done + i);
		xdp_inlet_give_back(in, got, k);
		done += k;
	}
}

static void test_frames_past_the_end_of_the_rings(void **state)
{
	enum { BURST = 1000, N = 3 * XDP_RECEIVE_CHUNKS };
	struct fixture *f = *state;

	open_inlets(f);
	for (uint32_t first = 0; first < N; first += BURST) {
		send_frames(f, first, BURST);
		expect_frames(f, first, BURST);
	}
	assert_int_equal(xdp_inlet_dropped(&f->inlet[WORKER]), 0);
	close_inlets(f);
}

/* Nobody takes them: as many as there are chunks wait, the others are counted. */
static void test_overrun(void **state)
{
	enum { MORE = 50 };
	struct fixture *f = *state;
	const struct test_frame last = test_frame(IP_PROTO_GRE, 8);

	open_inlets(f);
	send_frames(f, 0, XDP_RECEIVE_CHUNKS + MORE - 1);
	assert_false(test_reaches_kernel(&f->cable, &last));
	assert_int_equal(xdp_inlet_dropped(&f->inlet[WORKER]), MORE);
	assert_int_equal(xdp_inlet_dropped(&f->inlet[!WORKER]), 0);
	expect_frames(f, 0, XDP_RECEIVE_CHUNKS);
	send_frames(f, 7, 1);
	expect_frames(f, 7, 1);
	close_inlets(f);
}

/* The kernel gives a queue back some time after its socket was closed. */
static bool opens_later(int ifindex)
{
	struct xdp_link *link;

	for (unsigned tries = 0; tries < TEST_WAIT_MS; tries++) {
		if (xdp_link_open(ifindex, 0, false, &link) == 0) {
			xdp_link_release(link);
			return true;
		}
		poll(NULL, 0, 1);
	}
	return false;
}

static void test_last_owner_closes(void **state)
{
	struct fixture *f = *state;
	struct xdp_link *link, *other;

	assert_int_equal(xdp_link_open(f->cable.ifindex, 0, false, &link), 0);
	assert_ptr_equal(xdp_link_share(link), link);
	xdp_link_release(link);
	assert_int_equal(xdp_link_open(f->cable.ifindex, 0, false, &other), -EBUSY);
	xdp_link_release(link);
	assert_true(opens_later(f->cable.ifindex));
}

static void test_no_such_queue(void **state)
{
	struct fixture *f = *state;
	struct xdp_link *link;

	assert_int_equal(xdp_link_open(f->cable.ifindex, 10000, true, &link), -EINVAL);
	assert_int_equal(xdp_link_open(INT32_MAX, 0, true, &link), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_frames_past_the_end_of_the_rings, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_overrun, setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_owner_closes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_such_queue, setup, teardown),
	};

	if (!test_xdp_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
