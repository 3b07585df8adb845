/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ike_ports.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <unistd.h>

#include <cmocka.h>

/* Two ends on the loopback of a network namespace of the test's own. */
struct world {
	uv_loop_t loop;
	struct ike_ports ports;
	struct node_ike_path path; /* of the latest message */
	uint8_t bytes[2048];
	size_t len, n;
};

static const struct addr A = { ADDR_V4, { 127, 0, 0, 1 } }, B = { ADDR_V4, { 127, 0, 0, 2 } };

static void on_message(void *ctx, const struct node_ike_path *path, const uint8_t *bytes,
                       size_t len)
{
	struct world *w = ctx;

	w->n++;
	w->path = *path;
	w->len = len;
	assert_in_range(len, 0, sizeof w->bytes);
	memcpy(w->bytes, bytes, len);
}

static void raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &lo), 0);
	lo.ifr_flags |= IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &lo), 0);
	close(fd);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	if (unshare(CLONE_NEWNET) < 0)
		assert_int_equal(unshare(CLONE_NEWUSER | CLONE_NEWNET), 0);
	raise_loopback();
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->ports = (struct ike_ports){
		.loop = &w->loop, .number = IKE_PORTS_PORT, .message = on_message, .ctx = w
	};
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	ike_ports_stop(&w->ports);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	free(w);
	return 0;
}

static int send_from(struct world *w, const struct addr *from, size_t len)
{
	const struct node_ike_path path = { *from, B, IKE_PORTS_PORT, IKE_PORTS_PORT };
	uint8_t bytes[2048];

	memset(bytes, 7, sizeof bytes);
	return ike_ports_send(&w->ports, &path, bytes, len);
}

static void messages_have_both_ends(void **state)
{
	struct world *w = *state;

	assert_int_equal(ike_ports_want(&w->ports, &A), 0);
	assert_int_equal(ike_ports_want(&w->ports, &B), 0);
	assert_int_equal(send_from(w, &A, 1000), 0);
	while (w->n < 1)
		uv_run(&w->loop, UV_RUN_ONCE);
	assert_true(addr_equal(&w->path.from, &A));
	assert_true(addr_equal(&w->path.to, &B));
	assert_int_equal(w->path.from_port, IKE_PORTS_PORT);
	assert_int_equal(w->path.to_port, IKE_PORTS_PORT);
	assert_int_equal(w->len, 1000);
	assert_int_equal(w->bytes[999], 7);
}

/* The first message is answered by ICMP, which must not keep the second one back. */
static void survives_unreachable_peers(void **state)
{
	struct world *w = *state;

	assert_int_equal(ike_ports_want(&w->ports, &A), 0);
	assert_int_equal(send_from(w, &A, 10), 0);
	assert_int_equal(send_from(w, &A, 10), 0);
	assert_int_equal(ike_ports_want(&w->ports, &B), 0);
	assert_int_equal(send_from(w, &A, 10), 0);
	while (w->n < 1)
		uv_run(&w->loop, UV_RUN_ONCE);
}

static void only_what_is_wanted_stays(void **state)
{
	struct world *w = *state;

	assert_int_equal(ike_ports_want(&w->ports, &A), 0);
	assert_int_equal(ike_ports_want(&w->ports, &B), 0);
	ike_ports_begin(&w->ports);
	assert_int_equal(ike_ports_want(&w->ports, &B), 0);
	ike_ports_sweep(&w->ports);
	assert_int_equal(send_from(w, &A, 10), -ENOENT);
	assert_int_equal(send_from(w, &B, 10), 0);
	/* The port is free at once, not with the loop's next turn. */
	assert_int_equal(ike_ports_want(&w->ports, &A), 0);
}

static void another_program_is_noticed(void **state)
{
	struct world *w = *state;
	struct ike_ports other = w->ports;
	const struct addr nowhere = addr_v4(192, 0, 2, 1);

	assert_int_equal(ike_ports_want(&w->ports, &A), 0);
	assert_int_equal(ike_ports_want(&other, &A), -EADDRINUSE);
	assert_int_equal(ike_ports_want(&other, &nowhere), -EADDRNOTAVAIL);
	assert_null(other.first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_have_both_ends),
		TEST(survives_unreachable_peers),
		TEST(only_what_is_wanted_stays),
		TEST(another_program_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
