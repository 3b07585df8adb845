/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/vendor.h"

#include "ike/pair_test.h"

enum { VENDORS_MAX = 8 };

/* The first bytes of the vendor ids of a message, as the captures of IOS have them. */
static struct pair_seen {
	uint32_t vendor[VENDORS_MAX];
	uint64_t whole[VENDORS_MAX];
	size_t n;
} seen[4]; /* messages 1 to 4 */
static size_t n_seen;

static void see(struct pair *p, struct pair_flying *f)
{
	struct isakmp_message m;

	(void)p;
	if (n_seen == 4 || !isakmp_parse(f->bytes, f->len, &m) || m.header.exchange != ISAKMP_MAIN)
		return;
	struct pair_seen *s = &seen[n_seen++];
	s->n = 0;
	for (size_t i = 0; i < m.n; i++) {
		const uint8_t *b = m.payload[i].body;
		if (m.payload[i].type != ISAKMP_VENDOR)
			continue;
		assert_true(s->n < VENDORS_MAX);
		s->vendor[s->n] = (uint32_t)b[0] << 24 | (uint32_t)(b[1] << 16 | b[2] << 8 | b[3]);
		for (int k = 0; k < 8; k++)
			s->whole[s->n] = s->whole[s->n] << 8 | b[k];
		s->n++;
	}
}

static void see_lab(struct pair *p, const struct pair_spec *hub)
{
	n_seen = 0;
	pair_init(p, 1);
	p->mangle = see;
	pair_add(p, hub);
	pair_add(p, &SPOKE_SPEC);
	pair_want(p, SPOKE, HUB);
	pair_run(p, 2000);
	assert_int_equal(n_seen, 4);
}

static void those_of_ios_in_its_order(void **state)
{
	static const uint32_t first[] = { 0x4a131c81, 0x439b59f8, 0x7d9419a6,
		                          0x90cb8091, 0xafcad713, 0x4048b7d5 };
	static const uint64_t mask = 0xf5c7a71d00010000;
	struct pair p;

	(void)state;
	see_lab(&p, &HUB_SPEC);
	const struct ike_sa *sa = pair_sa(&p, SPOKE);
	assert_int_equal(seen[0].n, 6);
	assert_memory_equal(seen[0].vendor, first, sizeof first);
	assert_int_equal(seen[1].n, 3);
	assert_int_equal(seen[1].vendor[0], 0x4a131c81);
	assert_int_equal(seen[2].n, 3);
	assert_int_equal(seen[2].vendor[0], 0xafcad713);
	assert_int_equal(seen[2].whole[1], sa->icookie ^ mask);
	assert_int_equal(seen[2].vendor[2], 0x09002689);
	assert_int_equal(seen[3].n, 4);
	assert_int_equal(seen[3].vendor[0], 0x12f5f28c);
	assert_int_equal(seen[3].vendor[1], 0xafcad713);
	assert_int_equal(seen[3].whole[2], sa->rcookie ^ mask);
	assert_int_equal(seen[3].vendor[3], 0x09002689);
	assert_true(sa->peer_dpd && sa->turn.cuts);
	pair_fini(&p);
}

static void nat_traversal_that_is_off_is_not_answered(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.also.no_nat_transparency = true;
	see_lab(&p, &hub);
	assert_int_equal(seen[1].n, 2);
	assert_int_equal(seen[1].vendor[0], 0xafcad713);
	assert_int_equal(pair_sa(&p, SPOKE)->nat, IKE_NAT_NONE);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_ios_in_its_order),
		cmocka_unit_test(nat_traversal_that_is_off_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
