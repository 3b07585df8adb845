/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include <sys/eventfd.h>

#include "dataplane/test_packets.h"
#include "dataplane/worker.h"

/* NHRP that comes in reaches the ring, and the control thread is told once. */
static void test_punts_and_tells_once(void **state)
{
	struct tables *t = tables_new(1);
	const struct dp_tunnel config = { .source = addr_v4(127, 0, 0, 1), .up = true };
	struct slot *slot = tables_slot_new(t, 0);
	bool told = false;
	const struct worker_options options = {
		.tables = t,
		.n_workers = 1,
		.port = DP_PORT_RAW,
		.punt_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
		.punt_told = &told,
	};
	struct worker *w;
	uint64_t count;

	(void)state;
	tables_set(t, slot, &config);
	assert_int_equal(worker_new(&options, &w), 0);
	const uint8_t gre[] = { 0, 0, 0x20, 0x01, 0xaa };
	struct sockaddr_in to = { .sin_family = AF_INET };
	memcpy(&to.sin_addr, config.source.bytes, ADDR_V4_LEN);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(sendto(worker_socket(w), gre, sizeof gre, 0,
		                        (const struct sockaddr *)&to, sizeof to),
		                 sizeof gre);
	assert_int_equal(worker_start(w), 0);
	struct pollfd pfd = { .fd = options.punt_fd, .events = POLLIN };
	assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
	assert_int_equal(read(options.punt_fd, &count, sizeof count), sizeof count);
	assert_int_equal(count, 1);
	for (unsigned i = 0; i < 2; i++) {
		const struct dp_punt *p = punt_ring_peek(worker_punts(w));
		assert_non_null(p);
		assert_int_equal(p->bytes[0], 0xaa);
		punt_ring_pop(worker_punts(w));
	}
	worker_free(w);
	close(options.punt_fd);
	tables_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_punts_and_tells_once),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
