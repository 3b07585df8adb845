/* SPDX-License-Identifier: Apache-2.0 */
/* The window beside a model that remembers every number it has accepted. */
#include "esp/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "util/entropy.h"
#include "util/memory.h"

enum { STEPS = 20000 };

static const uint16_t sizes[] = { 64, 128, 192, 512, 1024 };

struct model {
	uint64_t top, size;
	uint64_t accepted[STEPS];
	size_t n;
};

static enum replay_verdict model_accept(struct model *m, uint64_t s)
{
	if (s == 0 || s + m->size <= m->top)
		return REPLAY_OLD;
	/* Only the newest can lie in the window: they moved it by one each at least. */
	for (size_t i = m->n; i-- > 0;)
		if (m->accepted[i] == s)
			return REPLAY_SEEN;
	m->accepted[m->n++] = s;
	if (s > m->top)
		m->top = s;
	return REPLAY_NEW;
}

/* Numbers around the top: mostly a little ahead or behind, seldom a leap. */
static uint64_t wander(const struct entropy *e, const struct model *m)
{
	uint32_t kind = entropy_between(e, 0, 999);
	uint64_t reach = m->size + 80;

	if (kind < 300)
		return m->top + 1;
	if (kind < 400)
		return m->top + entropy_between(e, 1, 20);
	if (kind < 998) {
		uint64_t back = entropy_between(e, 0, (uint32_t)reach);
		return back > m->top ? 0 : m->top - back;
	}
	return m->top + entropy_between(e, 1, (uint32_t)(3 * m->size));
}

static void compare(uint16_t size, bool esn, uint64_t start, uint64_t seed)
{
	struct model *m = memory_new(1, sizeof *m);
	struct replay r;
	struct prng prng;
	size_t n_new = 0, n_seen = 0, n_old = 0;

	prng_seed(&prng, seed);
	struct entropy e = prng_entropy(&prng);
	replay_init(&r, size, esn);
	r.top = m->top = start;
	m->size = size;
	/* Nothing of the window before the start is accepted in either. */
	for (uint64_t s = start + 1; s <= start + size; s++)
		assert_int_equal(replay_accept(&r, s), model_accept(m, s));
	for (size_t i = 0; i < STEPS / 4; i++) {
		uint64_t s = wander(&e, m);
		/* Older than the window, and the half that was sent belongs to the future. */
		if (s + size > m->top)
			assert_int_equal(replay_infer(&r, (uint32_t)s), s);
		enum replay_verdict look = replay_look(&r, s);
		enum replay_verdict want = model_accept(m, s);
		assert_int_equal(look, want);
		assert_int_equal(replay_accept(&r, s), want);
		n_new += want == REPLAY_NEW;
		n_seen += want == REPLAY_SEEN;
		n_old += want == REPLAY_OLD;
	}
	assert_int_equal(r.top, m->top);
	assert_true(n_new > 100 && n_seen > 100 && n_old > 100);
	free(m);
}

static void as_the_model(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		compare(sizes[i], false, 0, i);
}

/* The low half wraps under way. */
static void as_the_model_across_a_wrap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		compare(sizes[i], true, UINT32_MAX - 3000, i);
		compare(sizes[i], true, (UINT64_C(7) << 32) - 3000, i);
	}
}

static void the_last_numbers_without_esn(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, 64, false);
	assert_int_equal(replay_accept(&r, UINT32_MAX - 1), REPLAY_NEW);
	assert_int_equal(replay_accept(&r, UINT32_MAX), REPLAY_NEW);
	assert_int_equal(replay_accept(&r, UINT32_MAX), REPLAY_SEEN);
	assert_int_equal(replay_infer(&r, 1), 1);
	assert_int_equal(replay_look(&r, 1), REPLAY_OLD);
}

/* RFC 4303 A2.2, both cases, at their edges. */
static void high_half_at_the_edges(void **state)
{
	const uint64_t two = UINT64_C(2) << 32;
	struct replay r;

	(void)state;
	replay_init(&r, 64, true);
	/* Case A: the window is 937 to 1000. */
	r.top = two + 1000;
	assert_int_equal(replay_infer(&r, 937), two + 937);
	assert_int_equal(replay_infer(&r, UINT32_MAX), two + UINT32_MAX);
	assert_int_equal(replay_infer(&r, 936), two + (UINT64_C(1) << 32) + 936);
	/* Case B: it begins in the subspace before. */
	r.top = two + 10;
	assert_int_equal(replay_infer(&r, 10), two + 10);
	assert_int_equal(replay_infer(&r, UINT32_MAX - 52), two - 53);
	assert_int_equal(replay_infer(&r, UINT32_MAX - 53), two + UINT32_MAX - 53);
	/* There is nothing before the first subspace, and nothing behind the last. */
	r.top = 10;
	assert_int_equal(replay_infer(&r, UINT32_MAX), 0);
	assert_int_equal(replay_look(&r, 0), REPLAY_OLD);
	r.top = UINT64_MAX - 10;
	assert_int_equal(replay_infer(&r, 5), 0);
	assert_int_equal(replay_infer(&r, UINT32_MAX), UINT64_MAX);
}

/* What the guess cannot know: 2^32 packets lost in a row look like none. */
static void a_gap_of_a_whole_subspace_is_not_seen(void **state)
{
	const uint64_t top = 5000, sent = top + 1 + (UINT64_C(1) << 32);
	struct replay r;

	(void)state;
	replay_init(&r, 64, true);
	r.top = top;
	assert_int_equal(replay_infer(&r, (uint32_t)sent), top + 1);
	/* One less is still right. */
	assert_int_equal(replay_infer(&r, (uint32_t)(sent - 66)), sent - 66);
}

static void off_lets_everything_pass(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, 0, false);
	assert_int_equal(replay_accept(&r, 7), REPLAY_NEW);
	assert_int_equal(replay_accept(&r, 7), REPLAY_NEW);
	assert_int_equal(replay_accept(&r, 0), REPLAY_NEW);
	assert_int_equal(r.top, 7);
}

static void a_leap_forgets_the_window(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, 128, false);
	for (uint64_t s = 1; s <= 128; s++)
		assert_int_equal(replay_accept(&r, s), REPLAY_NEW);
	assert_int_equal(replay_accept(&r, 1000000), REPLAY_NEW);
	for (uint64_t s = 1000000 - 127; s < 1000000; s++)
		assert_int_equal(replay_accept(&r, s), REPLAY_NEW);
	assert_int_equal(replay_accept(&r, 1000000 - 128), REPLAY_OLD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_model),
		cmocka_unit_test(as_the_model_across_a_wrap),
		cmocka_unit_test(the_last_numbers_without_esn),
		cmocka_unit_test(high_half_at_the_edges),
		cmocka_unit_test(a_gap_of_a_whole_subspace_is_not_seen),
		cmocka_unit_test(off_lets_everything_pass),
		cmocka_unit_test(a_leap_forgets_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
