/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/segment.h"

enum { ROOM = 70000, SIZE = 1000 };

static uint8_t frame[ROOM];

static struct virtio_net_hdr_v1 gso(uint8_t type)
{
	return (struct virtio_net_hdr_v1){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = type,
		.gso_size = SIZE,
	};
}

/* Cuts the frame and checks each segment as a receiver would. Returns how many there were. */
static unsigned cut_all(const struct tcp_spec *spec, uint8_t type, uint8_t *flags_seen)
{
	static uint8_t p[2048], copied[2048];
	size_t len = test_tcp(frame, spec), done = 0;
	struct inner in = test_parse(frame, len);
	struct virtio_net_hdr_v1 vnet = gso(type);
	struct segments s;
	unsigned n = 0;

	test_make_partial(frame, len);
	assert_true(segments_init(&s, &vnet, frame, &in));
	size_t n_expected = segments_count(&s);
	while (segments_left(&s)) {
		struct segments same = s;
		const uint8_t *payload;
		size_t payload_len = segments_next(&s, p, &payload);
		memcpy(p + s.header_len, payload, payload_len);
		assert_int_equal(segments_copy(&same, copied), s.header_len + payload_len);
		assert_memory_equal(copied, p, s.header_len + payload_len);
		assert_int_equal(same.at, s.at);
		assert_int_equal(same.n_done, s.n_done);
		struct inner got = test_parse(p, s.header_len + payload_len);
		assert_int_equal(got.len, s.header_len + payload_len);
		assert_int_equal(test_l4_checksum(p, got.len), 0);
		if (got.family == ADDR_V4) {
			assert_int_equal(checksum(p, 20), 0);
			assert_int_equal(bytes_u16(p + 4), 7 + n);
		}
		assert_int_equal(bytes_u32(p + got.l4_offset + 4), (uint32_t)(spec->seq + done));
		assert_int_equal(payload[0], (uint8_t)(spec->seq + done));
		flags_seen[n++] = p[got.l4_offset + 13];
		done += payload_len;
		assert_true(payload_len == SIZE || !segments_left(&s));
	}
	assert_int_equal(done, spec->payload_len);
	assert_int_equal(n, n_expected);
	return n;
}

static void test_v4(void **state)
{
	const struct tcp_spec spec = {
		.seq = 0xfffffe00, /* wraps inside the frame */
		.flags = TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR,
		.options_len = 12,
		.payload_len = 3500,
	};
	uint8_t flags[80];

	(void)state;
	assert_int_equal(cut_all(&spec, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN, flags),
	                 4);
	assert_int_equal(flags[0], TCP_ACK | TCP_CWR);
	assert_int_equal(flags[1], TCP_ACK);
	assert_int_equal(flags[2], TCP_ACK);
	assert_int_equal(flags[3], TCP_ACK | TCP_PSH | TCP_FIN);
}

static void test_v6(void **state)
{
	const struct tcp_spec spec = {
		.family = ADDR_V6, .seq = 0x12345678, .flags = TCP_ACK, .payload_len = 65000
	};
	uint8_t flags[80];

	(void)state;
	assert_int_equal(cut_all(&spec, VIRTIO_NET_HDR_GSO_TCPV6, flags), 65);
}

static void expect_refused(struct virtio_net_hdr_v1 vnet, const struct tcp_spec *spec)
{
	size_t len = test_tcp(frame, spec);
	struct inner in = test_parse(frame, len);
	struct segments s;

	assert_false(segments_init(&s, &vnet, frame, &in));
}

static void test_refuses(void **state)
{
	const struct tcp_spec spec = { .payload_len = 3500 }, empty = { .payload_len = 0 };
	struct virtio_net_hdr_v1 vnet = gso(VIRTIO_NET_HDR_GSO_TCPV4);
	struct segments s;

	(void)state;
	expect_refused(vnet, &empty);
	expect_refused(gso(VIRTIO_NET_HDR_GSO_TCPV6), &spec);
	expect_refused(gso(VIRTIO_NET_HDR_GSO_UDP), &spec);
	vnet.gso_size = 0;
	expect_refused(vnet, &spec);
	vnet.gso_size = SIZE;
	size_t len = test_udp(frame, 3000);
	struct inner in = test_parse(frame, len);
	assert_false(segments_init(&s, &vnet, frame, &in));
}

static void test_finish_checksum(void **state)
{
	struct virtio_net_hdr_v1 vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = ETH_LEN + 20,
		.csum_offset = 6,
	};
	size_t len = test_udp(frame, 333);
	struct inner in = test_parse(frame, len);

	(void)state;
	test_make_partial(frame, len);
	assert_true(segment_finish_checksum(&vnet, frame, &in, ETH_LEN));
	assert_int_equal(test_l4_checksum(frame, len), 0);
	vnet.csum_start = (uint16_t)(ETH_LEN + len - 7);
	assert_false(segment_finish_checksum(&vnet, frame, &in, ETH_LEN));
	vnet.csum_start = ETH_LEN - 1;
	assert_false(segment_finish_checksum(&vnet, frame, &in, ETH_LEN));
}

/* RFC 768: a UDP checksum that comes out as zero is sent as all ones. */
static void test_udp_zero(void **state)
{
	const struct virtio_net_hdr_v1 vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = 20,
		.csum_offset = 6,
	};
	size_t len = test_udp(frame, 2);
	struct inner in = test_parse(frame, len);

	(void)state;
	/* The last word takes what is missing to a sum of all ones. */
	bytes_set_u16(frame + 28, 0);
	bytes_set_u16(frame + 26, 0);
	bytes_set_u16(frame + 28, test_l4_checksum(frame, len));
	test_make_partial(frame, len);
	assert_true(segment_finish_checksum(&vnet, frame, &in, 0));
	assert_int_equal(bytes_u16(frame + 26), 0xffff);
	assert_int_equal(test_l4_checksum(frame, len), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),       cmocka_unit_test(test_v6),
		cmocka_unit_test(test_refuses),  cmocka_unit_test(test_finish_checksum),
		cmocka_unit_test(test_udp_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
