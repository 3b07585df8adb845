/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipsec-mb beside OpenSSL: the same associations, twice, seal the same packets to the same bytes,
 * and each opens what the other sealed, in bursts of all sizes and mixtures.
 */
#include "esp/internal.h"
#include "esp/test_esp.h"

enum { SAS = 8, ROUNDS = 60 };

struct pair {
	struct esp_sa *out[TEST_LIBRARIES_N], *in[TEST_LIBRARIES_N];
};

struct bench {
	struct pair pairs[SAS];
	uint8_t payload[ESP_BURST][TEST_PACKET_MAX];
	size_t len[ESP_BURST];
	struct test_buffer buffers[TEST_LIBRARIES_N][ESP_BURST];
	struct esp_packet packets[TEST_LIBRARIES_N][ESP_BURST];
};

static void make_pair(struct test_esp *t, struct test_suite suite, struct pair *ret)
{
	struct test_keys keys;
	struct esp_sa_config c = test_config(t, suite, &keys);

	c.esn = entropy_between(&t->entropy, 0, 1) == 1;
	for (int i = 0; i < TEST_LIBRARIES_N; i++) {
		ret->out[i] = test_sa(t, i, &c);
		ret->in[i] = test_sa_in(t, i, c);
	}
}

static void free_pair(struct pair *p)
{
	for (int i = 0; i < TEST_LIBRARIES_N; i++) {
		esp_sa_free(p->out[i]);
		esp_sa_free(p->in[i]);
	}
}

static void seal_both_ways(struct test_esp *t, struct bench *b, size_t n, size_t n_pairs)
{
	for (size_t i = 0; i < n; i++) {
		const struct pair *pair =
			&b->pairs[entropy_between(&t->entropy, 0, (uint32_t)n_pairs - 1)];
		b->len[i] = entropy_between(&t->entropy, 1, 1500);
		test_fill(t, b->payload[i], b->len[i]);
		for (int l = 0; l < TEST_LIBRARIES_N; l++)
			b->packets[l][i] = test_packet(&b->buffers[l][i], pair->out[l],
			                               b->payload[i], b->len[i]);
	}
	for (int l = 0; l < TEST_LIBRARIES_N; l++)
		esp_seal(t->engine[l], b->packets[l], n);
	for (size_t i = 0; i < n; i++) {
		const struct esp_packet *p = &b->packets[TEST_PLAIN][i];
		const struct esp_packet *q = &b->packets[TEST_FAST][i];
		assert_int_equal(p->drop, ESP_DROP_NONE);
		assert_int_equal(q->drop, ESP_DROP_NONE);
		assert_int_equal(p->len, q->len);
		assert_memory_equal(p->bytes, q->bytes, p->len);
	}
}

/* The association that opens what this one sealed. */
static struct esp_sa *other_end(const struct bench *b, const struct esp_sa *out, int library)
{
	for (size_t i = 0; i < SAS; i++)
		for (int l = 0; l < TEST_LIBRARIES_N; l++)
			if (b->pairs[i].out[l] == out)
				return b->pairs[i].in[library];
	return NULL;
}

static void open_crosswise(struct test_esp *t, struct bench *b, size_t n)
{
	for (int l = 0; l < TEST_LIBRARIES_N; l++) {
		struct esp_packet *packets = b->packets[!l];
		for (size_t i = 0; i < n; i++)
			packets[i].sa = other_end(b, packets[i].sa, l);
		esp_open(t->engine[l], packets, n);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(packets[i].drop, ESP_DROP_NONE);
			assert_int_equal(packets[i].next_header, 47);
			assert_int_equal(packets[i].len, b->len[i]);
			assert_memory_equal(packets[i].bytes, b->payload[i], b->len[i]);
		}
	}
}

static struct bench *bench_new(struct test_esp *t)
{
	if (!t->library[TEST_FAST]->mb)
		skip();
	return memory_new(1, sizeof(struct bench));
}

static void each_suite_by_itself(void **state)
{
	struct test_esp *t = *state;
	struct bench *b = bench_new(t);
	struct test_suite suites[TEST_SUITES_MAX];
	size_t n = test_suites(t, suites);

	for (size_t s = 0; s < n; s++) {
		for (size_t i = 0; i < SAS; i++)
			make_pair(t, suites[s], &b->pairs[i]);
		for (size_t burst = 1; burst <= ESP_BURST; burst += burst < 18 ? 1 : 23) {
			seal_both_ways(t, b, burst, SAS);
			open_crosswise(t, b, burst);
		}
		for (size_t i = 0; i < SAS; i++)
			free_pair(&b->pairs[i]);
	}
	free(b);
}

static void suites_mixed(void **state)
{
	struct test_esp *t = *state;
	struct bench *b = bench_new(t);
	struct test_suite suites[TEST_SUITES_MAX];
	uint32_t n = (uint32_t)test_suites(t, suites);

	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < SAS; i++)
			make_pair(t, suites[entropy_between(&t->entropy, 0, n - 1)], &b->pairs[i]);
		for (int again = 0; again < 4; again++) {
			size_t burst = entropy_between(&t->entropy, 1, ESP_BURST);
			seal_both_ways(t, b, burst, SAS);
			open_crosswise(t, b, burst);
		}
		for (size_t i = 0; i < SAS; i++)
			free_pair(&b->pairs[i]);
	}
	free(b);
}

/* Lanes count in 16 bits: the longest packets, many at a time and beside short ones. */
static void the_longest_packets(void **state)
{
	enum { N = 17, LEN = ESP_PACKET_MAX - ESP_HEADROOM - ESP_TAILROOM };
	struct test_esp *t = *state;
	struct bench *b = bench_new(t);
	struct test_suite suites[TEST_SUITES_MAX];
	size_t n = test_suites(t, suites), size = ESP_HEADROOM + LEN + ESP_TAILROOM;
	uint8_t *bytes[TEST_LIBRARIES_N];

	for (int l = 0; l < TEST_LIBRARIES_N; l++)
		bytes[l] = memory_new(N, size);
	for (size_t s = 0; s < n; s++) {
		make_pair(t, suites[s], &b->pairs[0]);
		for (int l = 0; l < TEST_LIBRARIES_N; l++) {
			for (size_t i = 0; i < N; i++) {
				size_t len = i % 3 ? LEN - i : 40;
				uint8_t *at = bytes[l] + i * size + ESP_HEADROOM;
				memset(at, (int)i, len);
				b->packets[l][i] = (struct esp_packet){
					.sa = b->pairs[0].out[l],
					.bytes = at,
					.len = len,
					.headroom = ESP_HEADROOM,
					.tailroom = size - ESP_HEADROOM - len,
					.next_header = 47,
				};
			}
			esp_seal(t->engine[l], b->packets[l], N);
		}
		for (size_t i = 0; i < N; i++) {
			const struct esp_packet *p = &b->packets[TEST_PLAIN][i];
			struct esp_packet *q = &b->packets[TEST_FAST][i];
			assert_int_equal(q->drop, ESP_DROP_NONE);
			assert_int_equal(p->len, q->len);
			assert_memory_equal(p->bytes, q->bytes, p->len);
			q->sa = b->pairs[0].in[TEST_FAST];
		}
		esp_open(t->engine[TEST_FAST], b->packets[TEST_FAST], N);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(b->packets[TEST_FAST][i].drop, ESP_DROP_NONE);
		free_pair(&b->pairs[0]);
	}
	for (int l = 0; l < TEST_LIBRARIES_N; l++)
		free(bytes[l]);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_suite_by_itself, test_esp_setup,
		                                test_esp_teardown),
		cmocka_unit_test_setup_teardown(suites_mixed, test_esp_setup, test_esp_teardown),
		cmocka_unit_test_setup_teardown(the_longest_packets, test_esp_setup,
		                                test_esp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
