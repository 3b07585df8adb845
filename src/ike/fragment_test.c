/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/fragment.h"
#include "ike/message.h"
#include "ike/pair_test.h"
#include "ike/turn.h"
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

/* Messages 5 and 6 with certificates of 4096 bits, of which every packet fits a small MTU. */
static void long_messages_are_cut(void **state)
{
	struct fake_cert root, hub, spoke;
	struct pair_credentials hub_has = { .own = &hub,
		                            .ca = &root,
		                            .revocation = SNAP_REVOCATION_NONE };
	struct pair_credentials spoke_has = hub_has;
	struct pair_spec hub_spec = HUB_SPEC, spoke_spec = SPOKE_SPEC;
	struct pair p;

	(void)state;
	fake_cert_make(&root, &(struct fake_cert_spec){ .name = "Root", .ca = true });
	fake_cert_make(&hub,
	               &(struct fake_cert_spec){ .name = "R1", .issuer = &root, .key_bits = 4096 });
	fake_cert_make(&spoke,
	               &(struct fake_cert_spec){ .name = "R2", .issuer = &root, .key_bits = 4096 });
	spoke_has.own = &spoke;
	hub_spec.credentials = &hub_has;
	spoke_spec.credentials = &spoke_has;
	pair_init(&p, 1);
	p.len_max = IKE_FRAGMENT_LEN;
	p.jitter_ms = 50;
	p.double_percent = 30;
	p.loss_percent = 10;
	pair_add(&p, &hub_spec);
	pair_add(&p, &spoke_spec);
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 60000);
	assert_true(pair_agrees(&p, SPOKE, HUB));
	assert_true(p.end[SPOKE].n_packets > 5 && p.end[HUB].n_packets > 4);
	pair_fini(&p);
	fake_cert_fini(&root);
	fake_cert_fini(&hub);
	fake_cert_fini(&spoke);
}

static void it_can_be_switched_off(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.also.no_fragmentation = true;
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_false(pair_sa(&p, HUB)->turn.cuts);
	assert_false(pair_sa(&p, SPOKE)->turn.cuts);
	pair_fini(&p);
}

/* A peer that has not said that it puts pieces together gets the message whole. */
static void others_get_it_whole(void **state)
{
	uint8_t bytes[2000] = { 0 };
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	struct ike_sa *sa = pair_sa(&p, SPOKE);
	assert_true(sa->turn.cuts);
	memcpy(bytes, p.last, ISAKMP_HEADER_LEN);
	bytes[26] = sizeof bytes >> 8;
	bytes[27] = (uint8_t)sizeof bytes;
	for (int cuts = 0; cuts <= 1; cuts++) {
		size_t before = p.end[SPOKE].n_packets;
		sa->turn.cuts = cuts;
		struct ike *ike = pair_begin_step(&p, SPOKE);
		ike_turn_send(ike, &sa->turn,
		              &(struct ike_message){ &sa->path, bytes, sizeof bytes, false });
		pair_end_step(&p, SPOKE);
		assert_int_equal(p.end[SPOKE].n_packets - before, cuts ? 2 : 1);
	}
	pair_fini(&p);
}

/* What strangers may make us keep is bounded. */
static void pieces_of_no_message_are_refused(void **state)
{
	static const uint8_t bytes[IKE_FRAGMENT_LEN];
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	for (uint8_t number = 1; number <= 2 * IKE_MESSAGE_MAX / IKE_FRAGMENT_LEN; number++) {
		struct ike_sa *sa = pair_sa(&p, HUB);
		const struct isakmp_header header = { .icookie = sa->icookie,
			                              .rcookie = sa->rcookie,
			                              .exchange = ISAKMP_MAIN };
		uint8_t message[IKE_FRAGMENT_LEN + 64];
		struct isakmp_builder b;
		isakmp_begin(&b, message, sizeof message, &header);
		isakmp_open(&b, ISAKMP_FRAGMENT);
		write_u16(&b.w, 7);
		write_u8(&b.w, number);
		write_u8(&b.w, 0);
		write_bytes(&b.w, bytes, sizeof bytes);
		isakmp_close(&b);
		pair_event(
			&p, HUB,
			&(struct node_event){ .type = NODE_IKE_PACKET,
		                              .ike = { p.last_path, message, isakmp_end(&b, 1) } });
	}
	assert_true(pair_sa(&p, HUB)->fragments->n_bytes <= IKE_MESSAGE_MAX);
	assert_true(pair_dropped(&p, HUB, IKE_DROP_MALFORMED) > 5);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_make_a_message),
		cmocka_unit_test(pieces_of_no_message_are_refused),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(it_can_be_switched_off),
		cmocka_unit_test(others_get_it_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
