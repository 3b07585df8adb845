/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/message.h"
#include "ike/pair_test.h"

static void feed(struct pair *p, const uint8_t *bytes, size_t len)
{
	pair_event(p, HUB,
	           &(struct node_event){
			   .type = NODE_IKE_PACKET,
			   .ike = { { p->end[SPOKE].address, p->end[HUB].address, 500, 500 },
	                            bytes,
	                            len } });
}

static void what_is_no_message_is_counted(void **state)
{
	uint8_t bytes[ISAKMP_HEADER_LEN + 4] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	feed(&p, bytes, 5);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_MALFORMED), 1);
	bytes[17] = 0x20;
	bytes[27] = sizeof bytes;
	feed(&p, bytes, sizeof bytes);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_VERSION), 1);
	bytes[17] = 0x10;
	bytes[18] = ISAKMP_AGGRESSIVE;
	feed(&p, bytes, sizeof bytes);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_EXCHANGE), 1);
	bytes[8] = 1;
	bytes[18] = ISAKMP_QUICK;
	feed(&p, bytes, sizeof bytes);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_NO_SA), 1);
	pair_fini(&p);
}

static void an_address_without_tunnel_does_not_answer(void **state)
{
	const uint8_t bytes[ISAKMP_HEADER_LEN] = { 1 };
	const struct addr other = addr_v4(8, 8, 8, 8);
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	pair_event(&p, HUB,
	           &(struct node_event){ .type = NODE_IKE_PACKET,
	                                 .ike = { { p.end[SPOKE].address, other, 500, 500 },
	                                          bytes,
	                                          sizeof bytes } });
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_NO_TUNNEL), 1);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_message_is_counted),
		cmocka_unit_test(an_address_without_tunnel_does_not_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
