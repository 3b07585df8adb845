/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_sas.h"

#include <errno.h>
#include <stdlib.h>

#include "util/memory.h"

enum { WORKERS = 4 };

struct fixture {
	struct test_crypto crypto;
	struct sa_table table;
};

static struct fixture *fx;

static int setup(void **state)
{
	(void)state;
	fx = memory_new(1, sizeof *fx);
	test_crypto_init(&fx->crypto);
	sa_table_init(&fx->table, WORKERS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sa_table_fini(&fx->table);
	rcu_barrier();
	test_crypto_fini(&fx->crypto);
	free(fx);
	return 0;
}

static int add(const struct dp_sa *config)
{
	enum esp_sa_error error;
	struct esp_sa *esp = esp_sa_new(fx->crypto.library, &config->config, &error);
	int result = sa_table_add(&fx->table, config, esp, 0);

	if (result)
		esp_sa_free(esp);
	return result;
}

static void test_finds_by_id_and_spi(void **state)
{
	struct dp_sa in = test_sa(1, false), out = test_sa(2, true);

	(void)state;
	out.config.spi = in.config.spi; /* the peer's choice may be the same as ours */
	assert_int_equal(add(&out), 0);
	assert_null(sa_table_by_spi(&fx->table, out.config.spi));
	assert_int_equal(add(&in), 0);
	assert_int_equal(sa_table_by_spi(&fx->table, in.config.spi)->id, 1);
	assert_int_equal(sa_table_by_id(&fx->table, 2)->spi, out.config.spi);
	assert_null(sa_table_by_id(&fx->table, 3));
	struct sa *sa = sa_table_by_id(&fx->table, 1);
	sa_table_remove(&fx->table, sa);
	sa_free(sa);
	assert_null(sa_table_by_spi(&fx->table, in.config.spi));
	assert_null(sa_table_by_id(&fx->table, 1));
	assert_int_equal(fx->table.n, 1);
}

static void test_refuses_twins(void **state)
{
	struct dp_sa in = test_sa(1, false), same_id = test_sa(1, true), same_spi = in;

	(void)state;
	same_spi.id = 2;
	assert_int_equal(add(&in), 0);
	assert_int_equal(add(&same_id), -EEXIST);
	assert_int_equal(add(&same_spi), -EEXIST);
	fx->table.n = SA_MAX;
	same_id.id = 3;
	assert_int_equal(add(&same_id), -ENOSPC);
	fx->table.n = 1;
}

/* Whoever receives from a peer sends to it: by the latest SA from it. */
static void test_owners(void **state)
{
	struct dp_sa in = test_sa(1, false), newer = test_sa(2, false), out = test_sa(3, true);
	struct dp_sa elsewhere = test_sa(4, true);

	(void)state;
	in.config.spi = WORKERS * 1000 + 1;
	newer.config.spi = WORKERS * 1000 + 2;
	out.config.spi = elsewhere.config.spi = WORKERS * 1000 + 3;
	elsewhere.nbma = addr_v4(192, 0, 2, 77);
	assert_int_equal(add(&in), 0);
	assert_int_equal(add(&newer), 0);
	assert_int_equal(add(&out), 0);
	assert_int_equal(add(&elsewhere), 0);
	assert_int_equal(sa_table_by_id(&fx->table, 1)->owner, 1);
	assert_int_equal(sa_table_by_id(&fx->table, 2)->owner, 2);
	assert_int_equal(sa_table_by_id(&fx->table, 3)->owner, 2);
	assert_int_equal(sa_table_by_id(&fx->table, 4)->owner, 3);
}

static void test_protections(void **state)
{
	const struct dp_sa first = test_sa(1, true), second = test_sa(2, true);
	struct sa *a = test_sa_add(&fx->table, &fx->crypto, &first);
	struct sa *b = test_sa_add(&fx->table, &fx->crypto, &second);
	struct addr nbma = a->nbma, found;
	uint32_t tunnel;

	(void)state;
	assert_null(sa_table_protection(&fx->table, 3, &nbma));
	assert_false(sa_table_next_use(&fx->table, a, &tunnel, &found));
	assert_int_equal(sa_table_protect(&fx->table, 3, &nbma, a), 0);
	assert_int_equal(sa_table_protect(&fx->table, 5, &nbma, a), 0);
	assert_ptr_equal(sa_table_protection(&fx->table, 3, &nbma), a);
	assert_int_equal(sa_table_protect(&fx->table, 3, &nbma, b), 0);
	assert_ptr_equal(sa_table_protection(&fx->table, 3, &nbma), b);
	assert_true(sa_table_next_use(&fx->table, a, &tunnel, &found));
	assert_int_equal(tunnel, 5);
	assert_true(addr_equal(&found, &nbma));
	assert_int_equal(sa_table_protect(&fx->table, 5, &nbma, NULL), 0);
	assert_int_equal(sa_table_protect(&fx->table, 5, &nbma, NULL), 0);
	assert_int_equal(a->n_uses, 0);
	assert_int_equal(b->n_uses, 1);
}

static void test_route(void **state)
{
	const struct dp_sa config = test_sa(1, true);
	struct sa *sa = test_sa_add(&fx->table, &fx->crypto, &config);
	const struct addr elsewhere = addr_v4(198, 51, 100, 1);

	(void)state;
	assert_int_equal(sa->route->udp_port, 0);
	sa_set_route(sa, &elsewhere, 4444);
	assert_true(addr_equal(&sa->route->remote, &elsewhere));
	assert_int_equal(sa->route->udp_port, 4444);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_finds_by_id_and_spi, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refuses_twins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owners, setup, teardown),
		cmocka_unit_test_setup_teardown(test_protections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_route, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
