/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/out.h"
#include "ike/pair_test.h"

static void output_is_bounded(void **state)
{
	static const uint8_t bytes[1000];
	const struct node_ike_path path = { .from_port = 500, .to_port = 500 };
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = pair_begin_step(&p, 0);
	assert_true(ike_out_has_room(ike));
	for (int i = 0; i < 1000; i++)
		ike_out_send(ike, &path, bytes, sizeof bytes);
	assert_int_equal(ike->counters.sent, NODE_OUT_BYTES / 1000);
	assert_int_equal(ike->out->n, NODE_OUT_BYTES / 1000);
	assert_false(ike_out_has_room(ike));
	for (int i = 0; i < NODE_ACTIONS_MAX; i++)
		(void)ike_out_action(ike, NODE_TRACE);
	assert_null(ike_out_action(ike, NODE_TRACE));
	ike->out->n = 0;
	pair_fini(&p);
}

/* Keys handed out are gone when the next step begins. */
static void keys_live_for_a_step(void **state)
{
	static const uint8_t zero[ESP_CIPHER_KEY_MAX];
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = pair_begin_step(&p, 0);
	struct node_sa *sa = ike_out_sa(ike);
	memset(sa->cipher_key, 0xaa, sizeof sa->cipher_key);
	assert_ptr_equal(ike->out->action[0].sa, sa);
	ike->out->n = 0;
	pair_begin_step(&p, 0);
	assert_memory_equal(sa->cipher_key, zero, sizeof zero);
	pair_fini(&p);
}

static void keys_of_ike_are_handed_out_only_when_asked_for(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	struct ike *ike = pair_begin_step(&p, 0);
	const struct ike_sa *sa = pair_sa(&p, 0);
	ike_out_keys(ike, sa);
	assert_int_equal(ike->out->n, 0);
	ike_hand_out_keys(ike);
	ike_out_keys(ike, sa);
	assert_int_equal(ike->out->action[0].type, NODE_IKE_KEYS);
	assert_int_equal(ike->out->action[0].keys.icookie, sa->icookie);
	assert_memory_equal(ike->out->action[0].keys.key, sa->keys.key, CRYPTO_KEY_MAX);
	ike->out->n = 0;
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(keys_live_for_a_step),
		cmocka_unit_test(keys_of_ike_are_handed_out_only_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
