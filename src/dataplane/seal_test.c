/* SPDX-License-Identifier: Apache-2.0 */
/* What is sealed here is opened again, by the same keys. */
#include "dataplane/test_sas.h"

#include <stdlib.h>

#include "dataplane/seal.h"
#include "esp/outer.h"
#include "util/memory.h"

struct fixture {
	struct test_crypto crypto;
	struct sa_table table;
	struct seal seal;
	struct tx_packet packet[SEAL_BURST];
};

static struct fixture *fx;
static uint8_t payload[OUTER_MAX];

static int setup(void **state)
{
	(void)state;
	fx = memory_new(1, sizeof *fx);
	test_crypto_init(&fx->crypto);
	sa_table_init(&fx->table, 1);
	seal_init(&fx->seal, fx->crypto.engine);
	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = (uint8_t)i;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sa_table_fini(&fx->table);
	rcu_barrier();
	test_crypto_fini(&fx->crypto);
	free(fx);
	return 0;
}

static const struct encap encap = { .gre_len = GRE_LEN_MIN };

/* A GRE packet with a payload of len bytes, begun as forward.c does it: in its room, or where own
 * lies. */
static struct tx_packet *start(struct sa *sa, unsigned i, size_t len, uint8_t *own)
{
	struct tx_packet *p = &fx->packet[i];
	uint8_t *gre = own ? own - GRE_LEN_MIN : seal_room(&fx->seal, GRE_LEN_MIN + len);

	p->sa = sa;
	p->tos = 0x20;
	p->ttl = 200;
	encap_gre(gre, &encap, GRE_PROTO_IPV4);
	memcpy(gre + GRE_LEN_MIN, payload, len);
	assert_true(seal_add(&fx->seal, p, gre, GRE_LEN_MIN + len));
	return p;
}

/* Opens it with the inbound twin of its SA; the caller frees the bytes. */
static struct esp_packet open_again(const struct tx_packet *p, const struct dp_sa *config)
{
	struct dp_sa in = *config;
	enum esp_sa_error error;

	in.config.outbound = false;
	struct esp_sa *sa = esp_sa_new(fx->crypto.library, &in.config, &error);
	uint8_t *bytes = memory_new(1, p->payload_len);
	memcpy(bytes, p->payload, p->payload_len);
	struct esp_packet e = { .sa = sa, .bytes = bytes, .len = p->payload_len };
	esp_open(fx->crypto.engine, &e, 1);
	assert_int_equal(e.drop, ESP_DROP_NONE);
	esp_sa_free(sa);
	return e;
}

static void test_transport(void **state)
{
	const struct dp_sa config = test_sa(2, true);
	struct tx_packet *p = start(test_sa_add(&fx->table, &fx->crypto, &config), 0, 1000, NULL);

	(void)state;
	fx->seal.id = 8;
	assert_int_equal(seal_run(&fx->seal), 0);
	assert_int_equal(fx->seal.id, 9);
	assert_false(p->refused);
	assert_int_equal(bytes_u16(encap_head(p) + OUTER_OFFSET + 4), 8);
	assert_int_equal(encap_head(p)[OUTER_OFFSET + 1], 0x20);
	assert_int_equal(encap_head(p)[OUTER_OFFSET + 8], 200);
	assert_int_equal(encap_head(p)[OUTER_OFFSET + 9], IP_PROTO_ESP);
	assert_int_equal(bytes_u16(encap_head(p) + OUTER_OFFSET + 6), 0);
	assert_int_equal(bytes_u32(encap_head(p) + OUTER_OFFSET + 16), 0xc0000209);
	assert_int_equal(bytes_u16(encap_head(p) + OUTER_OFFSET + 2), IPV4_LEN + p->payload_len);
	struct esp_packet e = open_again(p, &config);
	assert_int_equal(e.next_header, IP_PROTO_GRE);
	assert_int_equal(e.len, GRE_LEN_MIN + 1000);
	assert_int_equal(bytes_u16(e.bytes + 2), GRE_PROTO_IPV4);
	assert_memory_equal(e.bytes + GRE_LEN_MIN, payload, 1000);
	free(e.bytes - e.headroom);
}

/* Where it lies, and nothing outside its room is written to. */
static void test_in_place(void **state)
{
	enum { LEN = 1000, AROUND = 64, ROOM = SEAL_HEADROOM + LEN + SEAL_TAILROOM };
	struct dp_sa config = test_sa(2, true);
	uint8_t bytes[AROUND + ROOM + AROUND], *own = bytes + AROUND + SEAL_HEADROOM;
	uint8_t untouched[AROUND];

	(void)state;
	memset(bytes, 0x77, sizeof bytes);
	memset(untouched, 0x77, sizeof untouched);
	config.config.mode = ESP_TUNNEL;
	config.inner_local = addr_v4(10, 9, 9, 1);
	config.inner_remote = addr_v4(192, 168, 1, 2);
	struct tx_packet *p = start(test_sa_add(&fx->table, &fx->crypto, &config), 0, LEN, own);
	assert_int_equal(seal_run(&fx->seal), 0);
	assert_in_range(encap_head(p) - bytes, AROUND, AROUND + SEAL_HEADROOM);
	assert_ptr_equal(encap_head(p) + p->head_len, p->payload);
	assert_memory_equal(bytes, untouched, AROUND);
	assert_memory_equal(bytes + AROUND + ROOM, untouched, AROUND);
	struct esp_packet e = open_again(p, &config);
	assert_memory_equal(e.bytes + IPV4_LEN + GRE_LEN_MIN, payload, LEN);
	free(e.bytes - e.headroom);
}

/* The negotiated addresses inside, others outside: as seen behind a NAT. */
static void test_tunnel_in_udp(void **state)
{
	struct dp_sa config = test_sa(2, true);
	struct esp_inner in;

	(void)state;
	config.config.mode = ESP_TUNNEL;
	config.df = DP_DF_SET;
	config.remote = addr_v4(198, 51, 100, 1);
	config.udp_port = 4444;
	config.inner_local = addr_v4(10, 9, 9, 1);
	config.inner_remote = addr_v4(192, 168, 1, 2);
	struct tx_packet *p = start(test_sa_add(&fx->table, &fx->crypto, &config), 0, 1000, NULL);
	assert_int_equal(seal_run(&fx->seal), 0);
	assert_int_equal(encap_head(p)[OUTER_OFFSET + 9], IP_PROTO_UDP);
	assert_int_equal(bytes_u16(encap_head(p) + OUTER_OFFSET + 6), IP_DF);
	assert_int_equal(bytes_u32(encap_head(p) + OUTER_OFFSET + 16), 0xc6336401);
	assert_int_equal(bytes_u16(encap_head(p) + GRE_OFFSET), DP_NAT_PORT);
	assert_int_equal(bytes_u16(encap_head(p) + GRE_OFFSET + 2), 4444);
	assert_int_equal(bytes_u16(encap_head(p) + GRE_OFFSET + 4), UDP_LEN + p->payload_len);
	assert_int_equal(encap_outer_len(p), IPV4_LEN + UDP_LEN + p->payload_len);
	struct esp_packet e = open_again(p, &config);
	assert_int_equal(e.next_header, IP_PROTO_IPIP);
	assert_true(esp_inner_parse(e.bytes, e.len, &in));
	assert_int_equal(in.protocol, IP_PROTO_GRE);
	assert_int_equal(in.tos, 0x20);
	assert_int_equal(in.ttl, 200);
	assert_true(addr_equal(&in.from, &config.inner_local));
	assert_true(addr_equal(&in.to, &config.inner_remote));
	assert_memory_equal(e.bytes + in.header_len + GRE_LEN_MIN, payload, 1000);
	free(e.bytes - e.headroom);
}

/* A burst of any lengths stays within its room. */
static void test_room(void **state)
{
	const struct dp_sa config = test_sa(2, true);
	struct sa *sa = test_sa_add(&fx->table, &fx->crypto, &config);
	unsigned n = 0;

	(void)state;
	while (seal_has_room(&fx->seal, 1400)) {
		start(sa, n, 1400, NULL);
		n++;
	}
	assert_int_equal(n, SEAL_BURST);
	assert_int_equal(seal_run(&fx->seal), 0);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(bytes_u32(fx->packet[i].payload + 4), i + 1);
	for (n = 0; seal_has_room(&fx->seal, 60000); n++)
		start(sa, n, 60000, NULL);
	assert_int_equal(n, 3);
	assert_int_equal(seal_run(&fx->seal), 0);
	assert_int_equal(fx->seal.n, 0);
}

static void test_too_long_is_refused(void **state)
{
	const struct dp_sa config = test_sa(2, true);
	struct tx_packet *p =
		start(test_sa_add(&fx->table, &fx->crypto, &config), 0, OUTER_MAX, NULL);

	(void)state;
	assert_int_equal(seal_run(&fx->seal), 1);
	assert_true(p->refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_transport, setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tunnel_in_udp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_long_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
