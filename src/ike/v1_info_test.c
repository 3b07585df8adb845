/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/v1_info.h"

static void a_deleted_pair_is_made_anew_by_who_wants_it(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	uint32_t first = pair_outbound(&p, SPOKE, HUB)->spi;
	struct ike *ike = pair_begin_step(&p, HUB);
	ike_child_delete(ike, pair_child(&p, HUB), REASON_CLEARED, true);
	pair_end_step(&p, HUB);
	pair_run(&p, 15);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: peer deleted it\n"));
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_not_equal(pair_outbound(&p, SPOKE, HUB)->spi, first);
	pair_fini(&p);
}

static void an_invalid_spi_ends_its_pair(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	const struct node_event event = {
		.type = NODE_SA_UNKNOWN,
		.unknown = { p.end[SPOKE].address, p.end[HUB].address,
		             pair_outbound(&p, SPOKE, HUB)->spi, 0 },
	};
	pair_event(&p, HUB, &event);
	pair_run(&p, 15);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: peer deleted it\n"));
	pair_fini(&p);
}

static void an_informational_message_counts_once(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	struct ike *ike = pair_begin_step(&p, SPOKE);
	ike_info_notify(ike, pair_sa(&p, SPOKE),
	                &(struct ike_notify){
				.type = IKE_NOTIFY_R_U_THERE, .has_number = true, .number = 7 });
	pair_end_step(&p, SPOKE);
	size_t n = p.end[HUB].n_packets;
	const struct node_event event = { .type = NODE_IKE_PACKET,
		                          .ike = { p.last_path, p.last, p.last_len } };
	pair_event(&p, HUB, &event);
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	p.cut = true;
	p.last_len = 0;
	pair_run(&p, 100);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_REPLAYED), 1);
	assert_int_equal(p.end[HUB].n_packets, n + 1);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deleted_pair_is_made_anew_by_who_wants_it),
		cmocka_unit_test(an_invalid_spi_ends_its_pair),
		cmocka_unit_test(an_informational_message_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
