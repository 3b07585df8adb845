/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include "dataplane/shield.h"
#include "dataplane/test_sas.h"

enum { N = 4 };

/* What a packet of the burst must look like on the wire. */
struct want {
	uint8_t proto;
	bool df;
};

static const uint8_t payload[64] = { 0, 0, 16, 1 };

static void fill(struct tx_packet *p, bool udp, bool df)
{
	*p = (struct tx_packet){
		.from = { 127, 0, 0, 1 },
		.to = { 127, 0, 0, 2 },
		.ttl = 64,
		.udp_to = udp ? DP_NAT_PORT : 0,
		.df = df,
	};
	encap_wrap(p, payload, sizeof payload);
	assert_true(encap_finish(p, 1));
}

/* The next IPv4 packet on lo, seen once. */
static void expect(int link, const struct want *want)
{
	uint8_t frame[256];
	size_t udp_len = want->proto == IP_PROTO_UDP ? UDP_LEN : 0;

	assert_int_equal(test_next_frame(link, ETH_P_IP, frame, sizeof frame),
	                 ETH_LEN + IPV4_LEN + udp_len + sizeof payload);
	assert_int_equal(frame[ETH_LEN + 9], want->proto);
	assert_int_equal(bytes_u16(frame + ETH_LEN + 6) & IP_DF, want->df ? IP_DF : 0);
}

/* Plain ESP, UDP and what must not be cut each leave by a port of their own, in order. */
static void test_ports(void **state)
{
	static const struct want want[N] = {
		{ IP_PROTO_ESP, false },
		{ IP_PROTO_UDP, false },
		{ IP_PROTO_ESP, true },
		{ IP_PROTO_UDP, true },
	};
	struct test_crypto crypto;
	struct shield_options options = { .n_workers = 1 };
	struct shield *shield;
	struct tx_packet packet[N];
	int link = test_open_link("lo");

	(void)state;
	test_crypto_init(&crypto);
	options.library = crypto.library;
	assert_int_equal(port_udp_open(&options.udp_fd, 1), 0);
	assert_int_equal(shield_new(&options, &shield), 0);
	for (unsigned i = 0; i < N; i++)
		fill(&packet[i], want[i].proto == IP_PROTO_UDP, want[i].df);
	shield_send(shield, packet, N, 0);
	for (unsigned i = 0; i < N; i++) {
		assert_false(packet[i].refused);
		expect(link, &want[i]);
	}
	struct pollfd pfd = { .fd = shield->esp_fd, .events = POLLIN };
	assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
	assert_int_equal(port_receive(shield->esp_receiver), 2);
	pfd.fd = shield->udp_fd;
	assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
	shield_free(shield);
	test_crypto_fini(&crypto);
	close(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
