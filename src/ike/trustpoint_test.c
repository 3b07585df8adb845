/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/trustpoint.h"

#include "ike/pair_test.h"

static struct fake_cert root, router;

static int setup(void **state)
{
	(void)state;
	fake_cert_make(&root, &(struct fake_cert_spec){ .name = "Root", .ca = true });
	fake_cert_make(&router, &(struct fake_cert_spec){ .name = "R2", .issuer = &root });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_cert_fini(&root);
	fake_cert_fini(&router);
	return 0;
}

static const struct pair_credentials whole = { .own = &router, .ca = &root };

static void start(struct pair *p, const char *of_profile)
{
	struct pair_spec spec = SPOKE_SPEC;

	spec.credentials = &whole;
	spec.match = "0.0.0.0/0";
	spec.trustpoint = of_profile;
	pair_start(p, 1, NULL, &spec);
}

static void what_was_read_is_there_until_it_is_replaced(void **state)
{
	struct pair_credentials next = whole;
	struct pair p;

	(void)state;
	start(&p, NULL);
	const struct ike *ike = p.end[SPOKE].ike;
	const struct ike_trustpoint *t = ike_trustpoint_find(ike, "CA");
	assert_int_equal(t->n_own, 1);
	assert_true(ike_trustpoint_proves_us(t));
	assert_true(cert_trust_subject(t->trust, 0).len > 0);
	assert_int_equal(ike_trustpoints_bytes(ike), sizeof *t + router.der_len);
	next.key = PAIR_KEY_MISSING;
	pair_credentials(&p, SPOKE, &next);
	assert_ptr_equal(ike_trustpoint_find(ike, "CA"), t);
	assert_false(ike_trustpoint_proves_us(t));
	pair_credentials(&p, SPOKE, NULL);
	assert_int_equal(t->n_own, 0);
	assert_int_equal(cert_trust_subject(t->trust, 0).len, 0);
	pair_fini(&p);
}

static void what_was_read_is_shown(void **state)
{
	struct node_cursor cursor = { 0 };
	struct certificate_view view;
	struct pair p;

	(void)state;
	start(&p, NULL);
	const struct ike *ike = p.end[SPOKE].ike;
	assert_true(ike_next_certificate(ike, &cursor, &view));
	assert_string_equal(view.trustpoint, "CA");
	assert_string_equal(view.facts.subject, "CN=R2,O=Lab");
	assert_true(view.own && view.has_key && !view.facts.ca);
	assert_true(ike_next_certificate(ike, &cursor, &view));
	assert_string_equal(view.facts.subject, "CN=Root,O=Lab");
	assert_true(!view.own && !view.has_key && view.facts.ca);
	assert_false(ike_next_certificate(ike, &cursor, &view));
	assert_false(ike_next_certificate(ike, &cursor, &view));
	pair_credentials(&p, SPOKE, NULL);
	cursor = (struct node_cursor){ 0 };
	assert_false(ike_next_certificate(ike, &cursor, &view));
	pair_fini(&p);
}

static void one_that_is_not_configured_is_not_there(void **state)
{
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, NULL);
	pair_credentials(&p, SPOKE, &whole);
	assert_null(ike_trustpoint_find(p.end[SPOKE].ike, "CA"));
	pair_fini(&p);
	start(&p, NULL);
	pair_configure(&p, SPOKE, &SPOKE_SPEC);
	assert_null(ike_trustpoint_find(p.end[SPOKE].ike, "CA"));
	pair_fini(&p);
}

static void an_isakmp_profile_says_which(void **state)
{
	const struct addr elsewhere = addr_v4(9, 9, 9, 9);
	struct pair p;

	(void)state;
	start(&p, "CA");
	const struct ike *ike = p.end[SPOKE].ike;
	const struct addr *local = &p.end[SPOKE].address;
	const struct ike_trustpoint *t = ike_trustpoint_next(ike, local, NULL);
	assert_string_equal(t->name, "CA");
	assert_null(ike_trustpoint_next(ike, local, t));
	assert_null(ike_trustpoint_next(ike, &elsewhere, NULL));
	pair_fini(&p);
	start(&p, "OTHER");
	assert_null(ike_trustpoint_next(p.end[SPOKE].ike, &p.end[SPOKE].address, NULL));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_read_is_there_until_it_is_replaced),
		cmocka_unit_test(what_was_read_is_shown),
		cmocka_unit_test(one_that_is_not_configured_is_not_there),
		cmocka_unit_test(an_isakmp_profile_says_which),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
