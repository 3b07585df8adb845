/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/v1_info.h"
#include "ike/v1_send.h"

static void v1_id(uint8_t type, uint8_t *body)
{
	memset(body, 0, 20);
	body[0] = type;
	body[1] = 47;
	body[4] = 10;
	body[7] = 1;
}

static void addresses_of_identities(void **state)
{
	uint8_t body[20], protocol = 0;
	struct isakmp_payload id = { ISAKMP_ID, body, 8 };
	struct addr is, want = addr_v4(10, 0, 0, 1);

	(void)state;
	v1_id(1, body);
	is = v1_id_address(&id, &protocol);
	assert_true(addr_equal(&is, &want));
	assert_int_equal(protocol, 47);
	id.len = 7;
	is = v1_id_address(&id, &protocol);
	assert_true(addr_is_none(&is));
	v1_id(5, body);
	id.len = 20;
	is = v1_id_address(&id, &protocol);
	assert_int_equal(is.family, ADDR_V6);
	v1_id(2, body);
	is = v1_id_address(&id, &protocol);
	assert_true(addr_is_none(&is));
}

/* A bit that is turned on the way: dropped, counted, nothing else. */
static void sealed_messages_are_tamper_proof(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	for (size_t at = ISAKMP_HEADER_LEN; at < ISAKMP_HEADER_LEN + 32; at++) {
		struct ike *ike = pair_begin_step(&p, SPOKE);
		p.cut = true;
		ike_info_notify(ike, pair_sa(&p, SPOKE),
		                &(struct ike_notify){ .type = IKE_NOTIFY_R_U_THERE,
		                                      .has_number = true,
		                                      .number = 7 });
		pair_end_step(&p, SPOKE);
		p.last[at] ^= 1;
		size_t n = p.end[HUB].n_packets;
		pair_event(&p, HUB,
		           &(struct node_event){ .type = NODE_IKE_PACKET,
		                                 .ike = { p.last_path, p.last, p.last_len } });
		assert_int_equal(p.end[HUB].n_packets, n);
	}
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_DECRYPT) +
	                         pair_dropped(&p, HUB, IKE_DROP_AUTHENTICATION),
	                 32);
	pair_fini(&p);
}

static void every_message_is_traced_whole(void **state)
{
	static struct pair p;

	(void)state;
	pair_init(&p, 1);
	int hub = pair_add(&p, &(struct pair_spec){ .source = "1.1.1.2" });
	int spoke = pair_add(&p, &(struct pair_spec){ .source = "2.2.2.2", .lifetime_s = 120 });
	pair_want(&p, spoke, hub);
	pair_run(&p, 300 * 1000);
	pair_stop(&p, spoke);
	pair_run(&p, 1000);
	assert_int_equal(p.end[hub].n_unreadable, 0);
	assert_int_equal(p.end[spoke].n_unreadable, 0);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_identities),
		cmocka_unit_test(sealed_messages_are_tamper_proof),
		cmocka_unit_test(every_message_is_traced_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
