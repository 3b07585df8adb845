/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be opened and what must not: GCM packets of draft-mcgrew-gcm-test-01, and everything
 * that noise, a thief or a mistaken peer may send.
 */
#include "esp/internal.h"
#include "esp/test_esp.h"

#include "crypto/test_hex.h"

static const struct test_suite all_kinds[] = {
	{ ESP_NULL, ESP_SHA256_128 },   { ESP_3DES, ESP_MD5_96 },
	{ ESP_AES128, ESP_SHA1_96 },    { ESP_AES192, ESP_SHA384_192 },
	{ ESP_AES256, ESP_SHA512_256 }, { ESP_GCM128, ESP_AUTH_NONE },
	{ ESP_GCM256, ESP_AUTH_NONE },
};

enum { N_KINDS = sizeof all_kinds / sizeof *all_kinds, SEALED_MAX = 512 };

/* Both ends of an association, and a packet on its way. */
struct link {
	struct test_esp *t;
	int library;
	struct test_keys keys;
	struct esp_sa_config config;
	struct esp_sa *out, *in;
	uint8_t sealed[SEALED_MAX];
	size_t len;
};

static void link_init(struct link *l, struct test_esp *t, int library, struct test_suite suite)
{
	l->t = t;
	l->library = library;
	l->config = test_config(t, suite, &l->keys);
	l->out = l->in = NULL;
}

static void link_up(struct link *l)
{
	l->out = test_sa(l->t, l->library, &l->config);
	l->in = test_sa_in(l->t, l->library, l->config);
}

static void link_fini(struct link *l)
{
	esp_sa_free(l->out);
	esp_sa_free(l->in);
}

static void link_seal(struct link *l, const void *payload, size_t len, uint8_t next_header)
{
	struct test_buffer b;
	struct esp_packet p = test_packet(&b, l->out, payload, len);

	p.next_header = next_header;
	esp_seal(l->t->engine[l->library], &p, 1);
	assert_int_equal(p.drop, ESP_DROP_NONE);
	memcpy(l->sealed, p.bytes, p.len);
	l->len = p.len;
}

/* Opens what lies in l->sealed, in memory that has not a byte more. */
static enum esp_drop link_open(struct link *l)
{
	uint8_t *bytes = memory_new(1, l->len + 1);
	struct esp_packet p = { .sa = l->in, .bytes = bytes + 1, .len = l->len };

	memcpy(p.bytes, l->sealed, l->len);
	esp_open(l->t->engine[l->library], &p, 1);
	if (p.drop != ESP_DROP_NONE) {
		assert_ptr_equal(p.bytes, bytes + 1);
		assert_int_equal(p.len, l->len);
	}
	free(bytes);
	return p.drop;
}

/* ---- published GCM packets ---- */

static const struct gcm_sample {
	enum esp_cipher cipher;
	const char *key, *salt;
	uint32_t high; /* of the sequence number */
	bool esn;
	const char *sealed, *payload;
	uint8_t next_header;
} gcm_samples[] = {
	{
		ESP_GCM128,
		"4c80cdefbb5d10da906ac73c3613a634",
		"2e443b68",
		0x87654321,
		true,
		"00004321 00000000 4956ed7e3b244cfe"
		"fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34"
		"cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce"
		"61bc17d768fd9732 459018148f6cbe722fd04796562dfdb4",
		"45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
		"00000000045f736970045f756470037369700963796265726369747902646b00"
		"00210001",
		1,
	},
	{
		ESP_GCM128,
		"feffe9928665731c6d6a8f9467308308",
		"cafebabe",
		0,
		false,
		"0000a5f8 0000000a facedbaddecaf888"
		"deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c"
		"3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd1"
		"83b70d3aa8bc6ee4c309e9d85a41ad4a",
		"4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100"
		"0001000000000000037369700963796265726369747902646b0000010001",
		1,
	},
	{
		ESP_GCM256,
		"abbccddef00112233445566778899aababbccddef00112233445566778899aab",
		"11223344",
		0,
		false,
		"4a2cbfe3 00000002 0102030405060708"
		"ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763"
		"748a637985771d347f0545659f14e99def842d8e"
		"b335f4eecfdbf831824b4c4915956c96",
		"4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee000000000"
		"7002400020bf0000020405b401010402",
		1,
	},
};

static void gcm_packet(struct test_esp *t, int library, const struct gcm_sample *s)
{
	const struct esp_cipher_algorithm *a = esp_cipher_algorithm(s->cipher);
	struct link l;
	uint8_t sealed[TEST_HEX_MAX], payload[TEST_HEX_MAX];
	struct test_buffer b;

	link_init(&l, t, library, (struct test_suite){ s->cipher, ESP_AUTH_NONE });
	test_unhex(s->key, l.keys.cipher);
	test_unhex(s->salt, l.keys.cipher + a->key_len - a->salt_len);
	size_t len = test_unhex(s->sealed, sealed);
	l.config.spi = esp_u32(sealed);
	l.config.esn = s->esn;
	link_up(&l);
	/* As if everything before it had come. */
	l.in->replay.top = ((uint64_t)s->high << 32 | esp_u32(sealed + 4)) - 1;
	struct esp_packet p = test_received(&b, l.in, sealed, len);
	esp_open(t->engine[library], &p, 1);
	assert_int_equal(p.drop, ESP_DROP_NONE);
	assert_int_equal(p.next_header, s->next_header);
	assert_int_equal(p.len, test_unhex(s->payload, payload));
	assert_memory_equal(p.bytes, payload, p.len);
	link_fini(&l);
}

static void packets_of_mcgrew(void **state)
{
	for (int library = 0; library < TEST_LIBRARIES_N; library++)
		for (size_t i = 0; i < sizeof gcm_samples / sizeof *gcm_samples; i++)
			gcm_packet(*state, library, &gcm_samples[i]);
}

/* ---- round trips ---- */

static void every_length_comes_back(void **state)
{
	struct test_esp *t = *state;
	uint8_t payload[80];

	test_fill(t, payload, sizeof payload);
	for (int library = 0; library < TEST_LIBRARIES_N; library++) {
		for (size_t k = 0; k < N_KINDS; k++) {
			struct link l;
			link_init(&l, t, library, all_kinds[k]);
			l.config.esn = k & 1;
			link_up(&l);
			for (size_t len = 0; len <= sizeof payload; len++) {
				link_seal(&l, payload, len, 47);
				struct test_buffer b;
				struct esp_packet p = test_received(&b, l.in, l.sealed, l.len);
				esp_open(t->engine[library], &p, 1);
				assert_int_equal(p.drop, ESP_DROP_NONE);
				assert_int_equal(p.len, len);
				assert_memory_equal(p.bytes, payload, len);
				assert_int_equal(p.headroom, l.in->header_len);
				assert_int_equal(p.headroom + p.len + p.tailroom, l.len);
			}
			link_fini(&l);
		}
	}
}

/* ---- what is not the peer's ---- */

static void a_flip_of_any_byte_is_seen(void **state)
{
	for (int library = 0; library < TEST_LIBRARIES_N; library++) {
		for (size_t k = 0; k < N_KINDS; k++) {
			struct link l;
			link_init(&l, *state, library, all_kinds[k]);
			l.config.esn = k & 1;
			link_up(&l);
			link_seal(&l, "some payload of a packet", 24, 47);
			for (size_t i = 0; i < l.len; i++) {
				l.sealed[i] ^= (uint8_t)(1 << i % 8);
				enum esp_drop why = link_open(&l);
				if (i < 4)
					assert_int_equal(why, ESP_DROP_SPI);
				else
					assert_int_equal(why, ESP_DROP_ICV);
				l.sealed[i] ^= (uint8_t)(1 << i % 8);
			}
			/* None of them moved the window. */
			assert_int_equal(link_open(&l), ESP_DROP_NONE);
			assert_int_equal(link_open(&l), ESP_DROP_REPLAYED);
			link_fini(&l);
		}
	}
}

static void a_shorter_packet_is_refused(void **state)
{
	for (size_t k = 0; k < N_KINDS; k++) {
		struct link l;
		link_init(&l, *state, TEST_FAST, all_kinds[k]);
		link_up(&l);
		link_seal(&l, "some payload of a packet", 24, 47);
		while (l.len-- > 0) {
			enum esp_drop why = link_open(&l);
			assert_true(why == ESP_DROP_SHORT || why == ESP_DROP_BLOCKS ||
			            why == ESP_DROP_ICV);
			if (l.len < (size_t)l.in->header_len + l.in->icv_len + 4)
				assert_int_equal(why, ESP_DROP_SHORT);
		}
		link_fini(&l);
	}
}

static void garbage_is_refused(void **state)
{
	struct test_esp *t = *state;

	for (size_t k = 0; k < N_KINDS; k++) {
		struct link l;
		link_init(&l, t, TEST_FAST, all_kinds[k]);
		link_up(&l);
		for (int i = 0; i < 500; i++) {
			l.len = entropy_between(&t->entropy, 0, SEALED_MAX);
			test_fill(t, l.sealed, l.len);
			if (l.len >= 4 && i % 2)
				esp_set_u32(l.sealed, l.config.spi);
			assert_int_not_equal(link_open(&l), ESP_DROP_NONE);
		}
		assert_int_equal(l.in->packets, 0);
		assert_int_equal(l.in->replay.top, 0);
		link_fini(&l);
	}
}

/* Forged ones in a burst are lost, their neighbours are not. */
static void forged_among_good(struct test_esp *t, int library, struct test_suite suite)
{
	enum { N = 40, LEN = 100 };
	struct link l;
	struct test_buffer *b = memory_new(N, sizeof *b);
	struct esp_packet p[N];
	uint8_t payload[N][LEN];

	link_init(&l, t, library, suite);
	l.config.esn = true;
	link_up(&l);
	test_fill(t, payload, sizeof payload);
	for (size_t i = 0; i < N; i++)
		p[i] = test_packet(&b[i], l.out, payload[i], LEN - i);
	esp_seal(t->engine[library], p, N);
	for (size_t i = 0; i < N; i++) {
		p[i].sa = l.in;
		if (i % 5 == 1)
			p[i].bytes[p[i].len - 1] ^= 1;
	}
	esp_open(t->engine[library], p, N);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(p[i].drop, i % 5 == 1 ? ESP_DROP_ICV : ESP_DROP_NONE);
		if (i % 5 == 1)
			continue;
		assert_int_equal(p[i].len, LEN - i);
		assert_memory_equal(p[i].bytes, payload[i], LEN - i);
	}
	assert_int_equal(l.in->drops[ESP_DROP_ICV], N / 5);
	link_fini(&l);
	free(b);
}

static void forged_packets_harm_no_others(void **state)
{
	for (int library = 0; library < TEST_LIBRARIES_N; library++)
		for (size_t k = 0; k < N_KINDS; k++)
			forged_among_good(*state, library, all_kinds[k]);
}

/* ---- a peer that has the keys, and is wrong ---- */

/* Seals bytes that end in a trailer of the peer's making. */
static void link_seal_raw(struct link *l, uint8_t pad_len, const uint8_t *text, size_t len)
{
	const struct crypto_part part = { l->sealed, ESP_HEADER_LEN + len + 2 };
	uint8_t mac[CRYPTO_DIGEST_MAX];

	esp_set_u32(l->sealed, l->config.spi);
	esp_set_u32(l->sealed + 4, 1);
	memcpy(l->sealed + ESP_HEADER_LEN, text, len);
	l->sealed[ESP_HEADER_LEN + len] = pad_len;
	l->sealed[ESP_HEADER_LEN + len + 1] = 47;
	crypto_hmac(l->t->crypto, HASH_SHA256, (struct crypto_part){ l->keys.auth, 32 }, &part, 1,
	            mac);
	memcpy(l->sealed + ESP_HEADER_LEN + len + 2, mac, 16);
	l->len = ESP_HEADER_LEN + len + 2 + 16;
}

static enum esp_drop open_raw(struct test_esp *t, uint8_t pad_len, const uint8_t *text, size_t len)
{
	struct link l;

	link_init(&l, t, TEST_FAST, (struct test_suite){ ESP_NULL, ESP_SHA256_128 });
	link_up(&l);
	link_seal_raw(&l, pad_len, text, len);
	enum esp_drop why = link_open(&l);
	link_fini(&l);
	return why;
}

static void padding_is_checked(void **state)
{
	uint8_t text[270] = { 0 };

	for (size_t i = 0; i < 255; i++)
		text[i + 3] = (uint8_t)(i + 1);
	assert_int_equal(open_raw(*state, 0, text, 258), ESP_DROP_NONE);
	assert_int_equal(open_raw(*state, 255, text, 258), ESP_DROP_NONE);
	assert_int_equal(open_raw(*state, 254, text, 258), ESP_DROP_PADDING);
	text[3 + 100] ^= 1;
	assert_int_equal(open_raw(*state, 255, text, 258), ESP_DROP_PADDING);
	/* Longer than the packet. */
	assert_int_equal(open_raw(*state, 3, (const uint8_t[]){ 1, 2 }, 2), ESP_DROP_PADDING);
	assert_int_equal(open_raw(*state, 2, (const uint8_t[]){ 1, 2 }, 2), ESP_DROP_NONE);
	assert_int_equal(open_raw(*state, 2, (const uint8_t[]){ 0, 1 }, 2), ESP_DROP_PADDING);
}

static void next_headers_by_mode(void **state)
{
	static const struct {
		enum esp_mode mode;
		uint8_t next_header;
		enum esp_drop want;
	} cases[] = {
		{ ESP_TRANSPORT, 47, ESP_DROP_NONE },     { ESP_TRANSPORT, 4, ESP_DROP_NONE },
		{ ESP_TRANSPORT, 59, ESP_DROP_DUMMY },    { ESP_TUNNEL, 4, ESP_DROP_NONE },
		{ ESP_TUNNEL, 41, ESP_DROP_NONE },        { ESP_TUNNEL, 59, ESP_DROP_DUMMY },
		{ ESP_TUNNEL, 47, ESP_DROP_NEXT_HEADER },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct link l;
		link_init(&l, *state, TEST_FAST, all_kinds[2]);
		l.config.mode = cases[i].mode;
		link_up(&l);
		link_seal(&l, "payload", 7, cases[i].next_header);
		assert_int_equal(link_open(&l), cases[i].want);
		link_fini(&l);
	}
}

static void without_an_association(void **state)
{
	struct test_esp *t = *state;
	uint8_t byte = 0;
	struct esp_packet p = { .bytes = &byte, .len = 1 };

	esp_open(t->engine[TEST_FAST], &p, 1);
	assert_int_equal(p.drop, ESP_DROP_NO_SA);
	esp_open(t->engine[TEST_FAST], &p, 0);
}

/* ---- replay ---- */

/* One burst that holds the same packet twice, and one that the others leave behind. */
static void twice_in_one_burst(void **state)
{
	struct test_esp *t = *state;

	for (size_t k = 0; k < N_KINDS; k++) {
		struct link l;
		struct test_buffer b[4];
		struct esp_packet p[4];
		link_init(&l, t, TEST_FAST, all_kinds[k]);
		link_up(&l);
		link_seal(&l, "old", 3, 47);
		p[2] = test_received(&b[2], l.in, l.sealed, l.len);
		l.out->sequence = 64;
		link_seal(&l, "new", 3, 47);
		p[0] = test_received(&b[0], l.in, l.sealed, l.len);
		p[1] = test_received(&b[1], l.in, l.sealed, l.len);
		l.sealed[l.len - 1] ^= 1;
		p[3] = test_received(&b[3], l.in, l.sealed, l.len);
		esp_open(t->engine[TEST_FAST], p, 4);
		assert_int_equal(p[0].drop, ESP_DROP_NONE);
		assert_int_equal(p[1].drop, ESP_DROP_REPLAYED);
		assert_int_equal(p[2].drop, ESP_DROP_OLD);
		assert_int_equal(p[3].drop, ESP_DROP_ICV);
		assert_memory_equal(p[0].bytes, "new", 3);
		link_fini(&l);
	}
}

static void the_window_off_takes_all(void **state)
{
	struct link l;

	link_init(&l, *state, TEST_FAST, all_kinds[2]);
	l.config.replay_packets = 0;
	link_up(&l);
	link_seal(&l, "again", 5, 47);
	assert_int_equal(link_open(&l), ESP_DROP_NONE);
	assert_int_equal(link_open(&l), ESP_DROP_NONE);
	link_fini(&l);
}

/* The low half wraps within a burst, in disorder. */
static void esn_across_a_wrap(void **state)
{
	enum { N = 64 };
	struct test_esp *t = *state;

	for (size_t k = 0; k < N_KINDS; k++) {
		struct link l;
		struct test_buffer *b = memory_new(N, sizeof *b);
		struct esp_packet p[N], shuffled[N];
		link_init(&l, t, TEST_FAST, all_kinds[k]);
		l.config.esn = true;
		link_up(&l);
		l.out->sequence = l.in->replay.top = UINT32_MAX - N / 2;
		for (size_t i = 0; i < N; i++)
			p[i] = test_packet(&b[i], l.out, "payload", 7);
		esp_seal(t->engine[TEST_FAST], p, N);
		assert_int_equal(esp_u32(p[N - 1].bytes + 4), N / 2 - 1);
		for (size_t i = 0; i < N; i++) {
			shuffled[i] = p[i * 13 % N];
			shuffled[i].sa = l.in;
		}
		esp_open(t->engine[TEST_FAST], shuffled, N);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(shuffled[i].drop, ESP_DROP_NONE);
		assert_int_equal(l.in->replay.top, UINT32_MAX + UINT64_C(1) + N / 2 - 1);
		free(b);
		link_fini(&l);
	}
}

/* The high half is authenticated, though it is not sent. */
static void another_high_half_is_another_packet(void **state)
{
	for (size_t k = 0; k < N_KINDS; k++) {
		struct link l;
		link_init(&l, *state, TEST_FAST, all_kinds[k]);
		l.config.esn = true;
		link_up(&l);
		link_seal(&l, "payload", 7, 47);
		l.in->replay.top = UINT64_C(3) << 32;
		assert_int_equal(link_open(&l), ESP_DROP_ICV);
		l.in->replay.top = 0;
		assert_int_equal(link_open(&l), ESP_DROP_NONE);
		link_fini(&l);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, test_esp_setup, test_esp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(packets_of_mcgrew),
		CASE(every_length_comes_back),
		CASE(a_flip_of_any_byte_is_seen),
		CASE(a_shorter_packet_is_refused),
		CASE(garbage_is_refused),
		CASE(forged_packets_harm_no_others),
		CASE(padding_is_checked),
		CASE(next_headers_by_mode),
		CASE(without_an_association),
		CASE(twice_in_one_burst),
		CASE(the_window_off_takes_all),
		CASE(esn_across_a_wrap),
		CASE(another_high_half_is_another_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
