/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/xdp_test_frames.h"

#include <errno.h>
#include <signal.h>

#include "dataplane/xdp_steer.h"
#include "util/clock.h"

enum { WORKERS = 3, GRE_WORKER = 1 };

static const int64_t forever_ns = INT64_MAX;

struct fixture {
	struct test_cable cable;
	struct steer_port port;
	struct xdp_steer *steer;
	struct xdp_link *link;
	struct xdp_inlet inlet[WORKERS];
	int sockets, program;
};

static void allow(struct fixture *f, int64_t until_ns, bool esp)
{
	const struct steer_peer peer = {
		.ifindex = f->cable.ifindex,
		.from = test_far(),
		.to = test_near(),
		.worker = GRE_WORKER,
		.esp = esp,
		.until_ns = until_ns,
	};

	assert_int_equal(xdp_steer_allow(f->steer, &peer), 0);
}

static int setup(void **state)
{
	static struct fixture f;

	test_cable_open(&f.cable);
	f.port = (struct steer_port){ .ifindex = f.cable.ifindex,
		                      .n_workers = WORKERS,
		                      .n_queues = 1,
		                      .frame_max = XDP_RECEIVE_MAX };
	memcpy(f.port.mac, test_near_mac, DP_MAC_LEN);
	assert_int_equal(xdp_steer_new(&f.steer), 0);
	assert_int_equal(xdp_link_open(f.cable.ifindex, 0, true, &f.link), 0);
	f.sockets = xdp_steer_sockets(&f.port);
	assert_true(f.sockets >= 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_int_equal(xdp_inlet_open(f.link, &f.inlet[i]), 0);
		assert_int_equal(xdp_steer_put(f.sockets, i, f.inlet[i].fd), 0);
	}
	f.program = xdp_steer_attach(f.steer, &f.port, f.sockets);
	assert_true(f.program >= 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->program >= 0)
		close(f->program);
	close(f->sockets);
	for (unsigned i = 0; i < WORKERS; i++)
		xdp_inlet_close(&f->inlet[i]);
	xdp_link_release(f->link);
	xdp_steer_free(f->steer);
	test_cable_close(&f->cable);
	return 0;
}

/* Which worker's socket has it, or -1 for the kernel. It is nowhere else. */
static int where(struct fixture *f, const struct test_frame *frame)
{
	bool kernel = test_reaches_kernel(&f->cable, frame);
	int found = -1;

	for (int i = 0; i < WORKERS; i++) {
		struct xdp_frame got[2];
		unsigned n = f->inlet[i].link ? xdp_inlet_take(&f->inlet[i], got, 2) : 0;
		if (n == 0)
			continue;
		assert_int_equal(n, 1);
		assert_int_equal(found, -1);
		assert_int_equal(got[0].len, frame->len);
		assert_memory_equal(got[0].bytes, frame->bytes, frame->len);
		xdp_inlet_give_back(&f->inlet[i], got, 1);
		found = i;
	}
	assert_int_equal(kernel, found < 0);
	return found;
}

static void test_gre_goes_to_its_worker_and_esp_by_its_spi(void **state)
{
	struct fixture *f = *state;
	struct test_frame gre = test_frame(IP_PROTO_GRE, 1400);

	allow(f, forever_ns, true);
	assert_int_equal(where(f, &gre), GRE_WORKER);
	for (uint32_t spi = 0xfffffff0; spi != 0; spi++) {
		struct test_frame esp = test_esp_frame(spi);
		assert_int_equal(where(f, &esp), spi % WORKERS);
	}
	bytes_set_u16(gre.bytes + ETH_HLEN + 6, IP_DF);
	assert_int_equal(where(f, &gre), GRE_WORKER);
}

/* One thing at a time is not as it must be. */
static void test_everything_else_is_the_kernels(void **state)
{
	static const struct {
		unsigned at;
		uint8_t value;
		const char *what;
	} wrong[] = {
		{ 0, 3, "another's MAC" },
		{ 3, 1, "another's MAC" },
		{ 4, 1, "another's MAC" },
		{ 5, 2, "another's MAC" },
		{ 12, 0x86, "not IP" },
		{ 13, 1, "not IP" },
		{ 14, 0x46, "options" },
		{ 14, 0x65, "not version 4" },
		{ 20, 0x20, "first fragment" },
		{ 20, 0x80, "reserved bit" },
		{ 20, 0x01, "fragment" },
		{ 21, 0x01, "fragment" },
		{ 23, 17, "UDP" },
		{ 23, 4, "IP in IP" },
		{ 26, 193, "from another" },
		{ 29, 8, "from another" },
		{ 30, 193, "to another" },
		{ 33, 2, "to another" },
	};
	struct fixture *f = *state;
	const struct test_frame right = test_frame(IP_PROTO_GRE, 100);

	allow(f, forever_ns, true);
	assert_int_equal(where(f, &right), GRE_WORKER);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct test_frame frame = right;
		frame.bytes[wrong[i].at] = wrong[i].value;
		if (where(f, &frame) >= 0)
			fail_msg("steered: %s", wrong[i].what);
	}
	assert_int_equal(where(f, &right), GRE_WORKER);
}

static void test_lengths(void **state)
{
	enum { HEADERS = ETH_HLEN + IPV4_LEN, SHORTEST = 8 };
	struct fixture *f = *state;
	struct test_frame shortest = test_frame(IP_PROTO_GRE, SHORTEST);
	struct test_frame shorter = test_frame(IP_PROTO_GRE, SHORTEST - 1);
	struct test_frame longest = test_frame(IP_PROTO_GRE, XDP_RECEIVE_MAX - HEADERS);
	struct test_frame longer = test_frame(IP_PROTO_GRE, XDP_RECEIVE_MAX - HEADERS + 1);

	allow(f, forever_ns, true);
	assert_int_equal(where(f, &shortest), GRE_WORKER);
	assert_int_equal(where(f, &shorter), -1);
	assert_int_equal(where(f, &longest), GRE_WORKER);
	assert_int_equal(where(f, &longer), -1);
}

static void test_only_peers_until_their_time_ends(void **state)
{
	struct fixture *f = *state;
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100);

	assert_int_equal(where(f, &gre), -1);
	allow(f, 1, true); /* a nanosecond after the machine's start */
	assert_int_equal(where(f, &gre), -1);
	allow(f, forever_ns, true);
	assert_int_equal(where(f, &gre), GRE_WORKER);
	xdp_steer_void(f->steer);
	assert_int_equal(where(f, &gre), -1);
	allow(f, forever_ns, true);
	assert_int_equal(where(f, &gre), GRE_WORKER);
}

static void test_esp_of_somebody_else(void **state)
{
	struct fixture *f = *state;
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100), esp = test_esp_frame(1);

	allow(f, forever_ns, false);
	assert_int_equal(where(f, &gre), GRE_WORKER);
	assert_int_equal(where(f, &esp), -1);
}

/* A queue without sockets, and a socket that is gone. */
static void test_without_a_socket(void **state)
{
	struct fixture *f = *state;
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100);

	allow(f, forever_ns, true);
	xdp_inlet_close(&f->inlet[GRE_WORKER]);
	assert_int_equal(where(f, &gre), -1);
}

static void test_one_program_at_a_time(void **state)
{
	struct fixture *f = *state;
	const struct test_frame gre = test_frame(IP_PROTO_GRE, 100);

	allow(f, forever_ns, true);
	assert_int_equal(xdp_steer_attach(f->steer, &f->port, f->sockets), -EBUSY);
	close(f->program);
	assert_int_equal(where(f, &gre), -1);
	f->program = xdp_steer_attach(f->steer, &f->port, f->sockets);
	assert_true(f->program >= 0);
	assert_int_equal(where(f, &gre), GRE_WORKER);
}

/* Whoever is killed leaves no program behind. */
static void test_killed(void **state)
{
	struct fixture *f = *state;
	int told[2], status;
	char byte;

	close(f->program);
	assert_int_equal(pipe(told), 0);
	pid_t child = fork();
	if (child == 0) {
		f->program = xdp_steer_attach(f->steer, &f->port, f->sockets);
		(void)!write(told[1], f->program >= 0 ? "y" : "n", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_int_equal(xdp_steer_attach(f->steer, &f->port, f->sockets), -EBUSY);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	f->program = xdp_steer_attach(f->steer, &f->port, f->sockets);
	assert_true(f->program >= 0);
	close(told[0]);
	close(told[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gre_goes_to_its_worker_and_esp_by_its_spi,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(test_everything_else_is_the_kernels, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_lengths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_peers_until_their_time_ends, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_esp_of_somebody_else, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_socket, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_program_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
	};

	if (!test_xdp_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
