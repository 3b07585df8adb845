/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What IKE gives back to the heap holds no keys: free() is looked over (--wrap=free) for those that
 * two cores had while they negotiated.
 */
#include <malloc.h>

#include "ike/pair_test.h"
#include "ike/v1_quick.h"

enum { SECRETS_MAX = 64, SECRET_LEN = 16 };

static struct {
	uint8_t bytes[SECRETS_MAX][SECRET_LEN]; /* the first ones of each */
	size_t n, n_freed, n_found;
	bool watches;
} secrets;

void __real_free(void *block);
void __wrap_free(void *block);

void __wrap_free(void *block)
{
	size_t len = block && secrets.watches ? malloc_usable_size(block) : 0;

	secrets.n_freed += len > 0;
	for (size_t i = 0; len && i < secrets.n; i++)
		secrets.n_found += memmem(block, len, secrets.bytes[i], SECRET_LEN) != NULL;
	__real_free(block);
}

static void remember(const uint8_t *bytes)
{
	static const uint8_t none[SECRET_LEN];

	for (size_t i = 0; i < secrets.n; i++)
		if (memcmp(secrets.bytes[i], bytes, SECRET_LEN) == 0)
			return;
	if (memcmp(none, bytes, SECRET_LEN) == 0)
		return;
	assert_true(secrets.n < SECRETS_MAX);
	memcpy(secrets.bytes[secrets.n++], bytes, SECRET_LEN);
}

/* Looks into both ends at each message. */
static void look(struct pair *p, struct pair_flying *f)
{
	(void)f;
	for (size_t i = 0; i < p->n; i++)
		for (struct ike_sa *sa = p->end[i].ike->sas; sa; sa = sa->hh.next) {
			remember(sa->keys.skeyid);
			remember(sa->keys.skeyid_d);
			remember(sa->keys.skeyid_a);
			remember(sa->keys.key);
			for (struct ike_quick *q = sa->quicks; q; q = q->next)
				remember(q->private), remember(q->keymat_out);
			if (!sa->main)
				continue;
			remember(sa->main->private);
			remember(sa->main->secret);
		}
}

static void blocks_that_are_freed_hold_no_keys(void **state)
{
	static const char psk[] = "sixteen letters.";
	const struct pair_spec hub = { .source = "1.1.1.2", .key = psk };
	const struct pair_spec spoke = { .source = "2.2.2.2", .key = psk, .lifetime_s = 120 };
	struct pair p;

	(void)state;
	secrets.n = secrets.n_freed = secrets.n_found = 0;
	remember((const uint8_t *)psk);
	pair_start(&p, 1, &hub, &spoke);
	p.mangle = look;
	secrets.watches = true;
	pair_run(&p, 200000);
	for (size_t i = 0; i < PAIR_SAS_MAX; i++) {
		remember(p.end[SPOKE].sa[i].cipher_key);
		remember(p.end[SPOKE].sa[i].auth_key);
	}
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_stop(&p, SPOKE);
	pair_run(&p, 1000);
	pair_fini(&p);
	secrets.watches = false;
	assert_in_range(secrets.n, 10, SECRETS_MAX);
	assert_true(secrets.n_freed > 20);
	assert_int_equal(secrets.n_found, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_that_are_freed_hold_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
