/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES and HMAC-SHA through ipsec-mb. CBC encryption and HMAC cannot be parallel within a packet, so
 * the library runs many packets in the lanes of one vector register: it wants bursts, mixed from
 * any associations. The widest manager runs all its lanes even for a lone packet; a second, SSE
 * one takes small bursts. Expanded CBC keys and HMAC states mean the same to both, GCM's tables
 * belong to the wide one, which alone does GCM, by direct calls without a job.
 *
 * Managers are not shared between threads; the library's own one only expands keys.
 */
#include <intel-ipsec-mb.h>
#include <stdlib.h>

#include "esp/internal.h"
#include "esp/stitch.h"
#include "util/check.h"
#include "util/memory.h"

enum {
	AES_SCHEDULE_LEN = 15 * 16,
	DIGEST_STATE_LEN = 64,
	HASH_BLOCK_MAX = 128,
	CACHE_LINE = 64,
	STITCH_MAX = 3, /* up to here one packet after the other is faster (measured likewise) */
	NARROW_MAX = 8, /* up to here the narrow manager is faster (measured on AVX512 and SSE) */
};

struct mb_keys {
	union {
		struct {
			uint8_t encrypt[AES_SCHEDULE_LEN], decrypt[AES_SCHEDULE_LEN];
			uint8_t inner[DIGEST_STATE_LEN], outer[DIGEST_STATE_LEN];
		};
		struct gcm_key_data gcm;
	};
} __attribute__((aligned(CACHE_LINE)));

struct mb_engine {
	IMB_MGR *wide, *narrow;
	bool stitches; /* few packets of AES-CBC and SHA-1, by esp/stitch.h */
	struct gcm_context_data gcm;
	IMB_JOB jobs[ESP_BURST];
};

static const IMB_HASH_ALG hashes[ESP_AUTHS_N] = {
	[ESP_SHA1_96] = IMB_AUTH_HMAC_SHA_1,
	[ESP_SHA256_128] = IMB_AUTH_HMAC_SHA_256,
	[ESP_SHA384_192] = IMB_AUTH_HMAC_SHA_384,
	[ESP_SHA512_256] = IMB_AUTH_HMAC_SHA_512,
};

static const IMB_KEY_SIZE_BYTES cbc_keys[ESP_CIPHERS_N] = {
	[ESP_AES128] = IMB_KEY_128_BYTES,
	[ESP_AES192] = IMB_KEY_192_BYTES,
	[ESP_AES256] = IMB_KEY_256_BYTES,
};

struct mb_engine *mb_engine_new(void)
{
	struct mb_engine *mb = memory_new(1, sizeof *mb);
	IMB_ARCH arch = IMB_ARCH_NONE;

	mb->wide = alloc_mb_mgr(0);
	mb->narrow = alloc_mb_mgr(0);
	check(mb->wide && mb->narrow);
	init_mb_mgr_auto(mb->wide, &arch);
	init_mb_mgr_sse(mb->narrow);
	mb->stitches = stitch_is_possible();
	/* What is the same in all jobs; nobody else writes to them. */
	for (size_t i = 0; i < ESP_BURST; i++)
		mb->jobs[i].iv_len_in_bytes = ESP_IV_MAX;
	/* Without AES in hardware, OpenSSL is the better choice. */
	if (arch >= IMB_ARCH_SSE && !imb_get_errno(mb->wide) && !imb_get_errno(mb->narrow))
		return mb;
	mb_engine_free(mb);
	return NULL;
}

void mb_engine_free(struct mb_engine *mb)
{
	if (!mb)
		return;
	free_mb_mgr(mb->wide);
	free_mb_mgr(mb->narrow);
	free(mb);
}

bool mb_has_cipher(enum esp_cipher cipher)
{
	return cbc_keys[cipher] || esp_cipher_is_gcm(cipher);
}

bool mb_has_auth(enum esp_auth auth)
{
	return hashes[auth] != 0;
}

/* The hash's state after one block of the key XOR a byte (RFC 2104 2). */
static void digest_state(const struct mb_engine *mb, const struct esp_sa_config *config,
                         uint8_t with, uint8_t *ret)
{
	uint8_t block[HASH_BLOCK_MAX];
	size_t key_len = esp_auth_algorithm(config->auth)->key_len;

	memset(block, with, sizeof block);
	for (size_t i = 0; i < key_len; i++)
		block[i] ^= config->auth_key[i];
	switch (config->auth) {
	case ESP_SHA1_96:
		IMB_SHA1_ONE_BLOCK(mb->wide, block, ret);
		break;
	case ESP_SHA256_128:
		IMB_SHA256_ONE_BLOCK(mb->wide, block, ret);
		break;
	case ESP_SHA384_192:
		IMB_SHA384_ONE_BLOCK(mb->wide, block, ret);
		break;
	case ESP_SHA512_256:
		IMB_SHA512_ONE_BLOCK(mb->wide, block, ret);
		break;
	default:
		break;
	}
	memory_wipe(block, sizeof block);
}

static void expand_cipher(const struct mb_engine *mb, const struct esp_sa_config *config,
                          struct mb_keys *keys)
{
	const uint8_t *key = config->cipher_key;

	switch (config->cipher) {
	case ESP_AES128:
		IMB_AES_KEYEXP_128(mb->wide, key, keys->encrypt, keys->decrypt);
		break;
	case ESP_AES192:
		IMB_AES_KEYEXP_192(mb->wide, key, keys->encrypt, keys->decrypt);
		break;
	case ESP_AES256:
		IMB_AES_KEYEXP_256(mb->wide, key, keys->encrypt, keys->decrypt);
		break;
	case ESP_GCM128:
		IMB_AES128_GCM_PRE(mb->wide, key, &keys->gcm);
		break;
	case ESP_GCM192:
		IMB_AES192_GCM_PRE(mb->wide, key, &keys->gcm);
		break;
	case ESP_GCM256:
		IMB_AES256_GCM_PRE(mb->wide, key, &keys->gcm);
		break;
	default:
		break;
	}
}

struct mb_keys *mb_keys_new(const struct mb_engine *mb, const struct esp_sa_config *config)
{
	enum { INNER = 0x36, OUTER = 0x5c };
	struct mb_keys *keys = aligned_alloc(CACHE_LINE, sizeof *keys);

	check(keys);
	memset(keys, 0, sizeof *keys);
	expand_cipher(mb, config, keys);
	if (config->auth != ESP_AUTH_NONE) {
		digest_state(mb, config, INNER, keys->inner);
		digest_state(mb, config, OUTER, keys->outer);
	}
	return keys;
}

void mb_keys_free(struct mb_keys *keys)
{
	if (!keys)
		return;
	memory_wipe(keys, sizeof *keys);
	free(keys);
}

static IMB_MGR *manager(const struct mb_engine *mb, size_t n)
{
	return n <= NARROW_MAX ? mb->narrow : mb->wide;
}

/* For cipher and hash in one go: a job takes several cache lines. What is hashed begins at src. */
static void load(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	IMB_KEY_SIZE_BYTES key_len = cbc_keys[jobs[0].sa->cipher];

	if (jobs[0].sa->gcm)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct esp_job *job = &jobs[i];
		const struct esp_sa *sa = job->sa;
		IMB_JOB *imb = &e->mb->jobs[i];

		imb->enc_keys = sa->mb->encrypt;
		imb->dec_keys = sa->mb->decrypt;
		imb->key_len_in_bytes = key_len;
		imb->src = job->esp;
		imb->dst = job->esp + sa->header_len;
		imb->cipher_start_src_offset_in_bytes = sa->header_len;
		imb->msg_len_to_cipher_in_bytes = job->text_len;
		imb->msg_len_to_hash_in_bytes = job->auth_len;
		imb->iv = job->esp + ESP_HEADER_LEN;
		imb->auth_tag_output = job->tag_to;
		imb->auth_tag_output_len_in_bytes = sa->icv_len;
		imb->u.HMAC._hashed_auth_key_xor_ipad = sa->mb->inner;
		imb->u.HMAC._hashed_auth_key_xor_opad = sa->mb->outer;
	}
}

static void run_cbc(struct mb_engine *mb, const struct esp_sa *first, size_t n)
{
	IMB_CIPHER_DIRECTION direction = first->outbound ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;

	check(IMB_SUBMIT_CIPHER_BURST_NOCHECK(manager(mb, n), mb->jobs, (uint32_t)n, IMB_CIPHER_CBC,
	                                      direction, cbc_keys[first->cipher]) == n);
}

static aes_gcm_enc_dec_t gcm_function(const IMB_MGR *mgr, const struct esp_sa *sa)
{
	switch (sa->cipher) {
	case ESP_GCM128:
		return sa->outbound ? mgr->gcm128_enc : mgr->gcm128_dec;
	case ESP_GCM192:
		return sa->outbound ? mgr->gcm192_enc : mgr->gcm192_dec;
	default:
		return sa->outbound ? mgr->gcm256_enc : mgr->gcm256_dec;
	}
}

static void run_gcm(struct mb_engine *mb, struct esp_job *jobs, size_t n)
{
	aes_gcm_enc_dec_t run = gcm_function(mb->wide, jobs[0].sa);

	for (size_t i = 0; i < n; i++) {
		struct esp_job *job = &jobs[i];
		uint8_t *text = job->esp + job->sa->header_len;
		uint32_t aad_len;
		const uint8_t *aad = esp_job_aad(job, &aad_len);

		run(&job->sa->mb->gcm, &mb->gcm, text, text, job->text_len, job->nonce, aad,
		    aad_len, job->tag_to, job->sa->icv_len);
	}
}

static void cipher(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	if (jobs[0].sa->gcm)
		run_gcm(e->mb, jobs, n);
	else
		run_cbc(e->mb, jobs[0].sa, n);
}

static void auth(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	IMB_HASH_ALG hash = hashes[jobs[0].sa->auth];

	check(IMB_SUBMIT_HASH_BURST_NOCHECK(manager(e->mb, n), e->mb->jobs, (uint32_t)n, hash) ==
	      n);
}

/* Few packets leave most lanes empty. */
static bool seal(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	const struct esp_sa *first = jobs[0].sa;

	if (n > STITCH_MAX || !e->mb->stitches || first->auth != ESP_SHA1_96 ||
	    !cbc_keys[first->cipher])
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct esp_job *job = &jobs[i];
		const struct mb_keys *keys = job->sa->mb;
		const struct stitch_packet packet = {
			.keys = keys->encrypt,
			.rounds = (unsigned)cbc_keys[first->cipher] / 4 + 6, /* FIPS 197 5 */
			.inner = keys->inner,
			.outer = keys->outer,
			.bytes = job->esp,
			.text_at = job->sa->header_len,
			.text_len = job->text_len,
			.auth_len = job->auth_len,
			.tag = job->tag_to,
		};
		stitch_seal(&packet);
	}
	return true;
}

const struct esp_provider esp_ipsecmb = { "ipsec-mb", load, cipher, auth, seal };
