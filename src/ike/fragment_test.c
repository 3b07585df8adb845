/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/message.h"
#include "ike/pair_test.h"
#include "util/memory.h"

enum { PIECE = 40 };

/* The latest message of the spoke's, which was lost, in pieces of Cisco's form. */
static void feed_piece(struct pair *p, size_t i, size_t n)
{
	struct isakmp_header header;
	struct isakmp_builder b;
	uint8_t bytes[PIECE + 64];
	size_t at = i * PIECE, len = p->last_len - at < PIECE ? p->last_len - at : PIECE;

	assert_true(isakmp_parse_header(p->last, p->last_len, &header));
	isakmp_begin(&b, bytes, sizeof bytes, &header);
	isakmp_open(&b, ISAKMP_FRAGMENT);
	write_u16(&b.w, 1);
	write_u8(&b.w, (uint8_t)(i + 1));
	write_u8(&b.w, i + 1 == n);
	write_bytes(&b.w, p->last + at, len);
	isakmp_close(&b);
	pair_event(p, HUB,
	           &(struct node_event){ .type = NODE_IKE_PACKET,
	                                 .ike = { p->last_path, bytes, isakmp_end(&b, 1) } });
}

/* Message 3 in pieces, the last one first. */
static void pieces_make_a_message(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	pair_add(&p, &SPOKE_SPEC);
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 15);
	p.cut = true;
	pair_run(&p, 10);
	assert_int_equal(pair_sa(&p, SPOKE)->step, IKE_SENT_3);
	size_t n = (p.last_len + PIECE - 1) / PIECE;
	for (size_t i = n; i-- > 0;) {
		assert_int_equal(pair_sa(&p, HUB)->step, IKE_SENT_2);
		feed_piece(&p, i, n);
	}
	assert_int_equal(pair_sa(&p, HUB)->step, IKE_SENT_4);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_make_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
