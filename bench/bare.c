/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/bare.h"

#include <stdlib.h>
#include <time.h>

#include "util/check.h"

enum { NARROW_MAX = 8 /* as in src/esp: smaller bursts go to the SSE manager */ };

const struct suite suites[SUITES_N] = {
	{ "AES-128-CBC, SHA-1", ESP_AES128, ESP_SHA1_96, IMB_AUTH_HMAC_SHA_1, 24, 12, 16 },
	{ "AES-128-CBC, SHA-256", ESP_AES128, ESP_SHA256_128, IMB_AUTH_HMAC_SHA_256, 24, 16, 16 },
	{ "AES-128-GCM", ESP_GCM128, ESP_AUTH_NONE, IMB_AUTH_NULL, 16, 16, 4 },
};

double bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
	return values[n / 2];
}

double bench_clock_ns(void)
{
	enum { N = 1001 };
	double took[N];

	for (int i = 0; i < N; i++) {
		double start = bench_now_ns();
		took[i] = bench_now_ns() - start;
	}
	return bench_median(took, N);
}

void bare_init(struct bare *b)
{
	IMB_ARCH arch;

	b->wide = alloc_mb_mgr(0);
	b->narrow = alloc_mb_mgr(0);
	check(b->wide && b->narrow);
	init_mb_mgr_auto(b->wide, &arch);
	init_mb_mgr_sse(b->narrow);
	for (size_t i = 0; i < BARE_SAS_MAX; i++) {
		const uint8_t key[16] = { 1, 2, 3, (uint8_t)i };
		struct bare_keys *keys = &b->keys[i];
		IMB_AES_KEYEXP_128(b->wide, key, keys->encrypt, keys->decrypt);
		IMB_AES128_GCM_PRE(b->wide, key, &keys->gcm);
	}
}

void bare_fini(struct bare *b)
{
	free_mb_mgr(b->wide);
	free_mb_mgr(b->narrow);
}

static IMB_JOB job(const struct bare_bursts *bursts, const struct bare_keys *keys, uint8_t *esp)
{
	const struct suite *s = bursts->suite;
	uint32_t text_len = (uint32_t)(bursts->len + 2 + s->align - 1) & ~(s->align - 1);

	return (IMB_JOB){
		.enc_keys = s->auth == ESP_AUTH_NONE ? (const void *)&keys->gcm : keys->encrypt,
		.dec_keys = keys->decrypt,
		.key_len_in_bytes = 16,
		.src = esp,
		.dst = esp + s->header_len,
		.cipher_start_src_offset_in_bytes = s->header_len,
		.msg_len_to_cipher_in_bytes = text_len,
		.msg_len_to_hash_in_bytes = s->header_len + text_len,
		.iv = esp + 8,
		.iv_len_in_bytes = 16,
		.auth_tag_output = esp + s->header_len + text_len,
		.auth_tag_output_len_in_bytes = s->icv_len,
		.u.HMAC._hashed_auth_key_xor_ipad = keys->pads[0],
		.u.HMAC._hashed_auth_key_xor_opad = keys->pads[1],
	};
}

void bare_fill(struct bare *b, const struct bare_bursts *bursts)
{
	check(bursts->burst <= BARE_SAS_MAX && BARE_SAS_MAX % bursts->burst == 0);
	b->suite = bursts->suite;
	b->burst = bursts->burst;
	for (size_t i = 0; i < BARE_SAS_MAX; i++) {
		const struct bare_keys *keys = &b->keys[i % bursts->n_sas];
		size_t at = i % bursts->burst * BARE_STRIDE;
		b->seal[i] = job(bursts, keys, bursts->seal + at);
		b->open[i] = job(bursts, keys, bursts->open + at);
		b->open[i].auth_tag_output = b->tags[i];
	}
}

static void run_gcm(struct bare *b, IMB_JOB *jobs, bool seal)
{
	aes_gcm_enc_dec_t run = seal ? b->wide->gcm128_enc : b->wide->gcm128_dec;

	for (size_t i = 0; i < b->burst; i++) {
		const IMB_JOB *j = &jobs[i];
		run(j->enc_keys, &b->gcm, j->dst, j->dst, j->msg_len_to_cipher_in_bytes, j->src,
		    j->src, 8, j->auth_tag_output, 16);
	}
}

static void run_cbc(struct bare *b, IMB_JOB *jobs, bool seal)
{
	IMB_MGR *mgr = b->burst <= NARROW_MAX ? b->narrow : b->wide;
	uint32_t n = (uint32_t)b->burst;

	if (seal)
		IMB_SUBMIT_CIPHER_BURST_NOCHECK(mgr, jobs, n, IMB_CIPHER_CBC, IMB_DIR_ENCRYPT,
		                                IMB_KEY_128_BYTES);
	IMB_SUBMIT_HASH_BURST_NOCHECK(mgr, jobs, n, b->suite->hash);
	if (!seal)
		IMB_SUBMIT_CIPHER_BURST_NOCHECK(mgr, jobs, n, IMB_CIPHER_CBC, IMB_DIR_DECRYPT,
		                                IMB_KEY_128_BYTES);
}

void bare_run(struct bare *b, bool seal, size_t done)
{
	IMB_JOB *jobs = (seal ? b->seal : b->open) + done % BARE_SAS_MAX;

	(b->suite->auth == ESP_AUTH_NONE ? run_gcm : run_cbc)(b, jobs, seal);
}
