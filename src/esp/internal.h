/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/esp share. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "esp/esp.h"
#include "esp/replay.h"

enum {
	ESP_HEADER_LEN = 8,
	ESP_TRAILER_LEN = 2, /* pad length and next header */
	ESP_ALIGN_MIN = 4,   /* RFC 4303 2.4: of what is encrypted */
	ESP_SEQUENCE_HIGH_LEN = 4,
	ESP_ICV_MAX = 32,
	ESP_IV_MAX = 16,
	ESP_IVS = 32, /* drawn at a time: the price of a call, shared by so many packets */
	ESP_NEXT_IPV4 = 4,
	ESP_NEXT_IPV6 = 41,
	ESP_NEXT_NONE = 59, /* RFC 4303 2.6: a dummy packet */
};

struct esp_job;
struct esp_provider;
struct mb_keys;
struct mb_engine;

struct esp_library {
	/* The best for each algorithm; NULL: nobody has it. */
	const struct esp_provider *cipher_by[ESP_CIPHERS_N], *auth_by[ESP_AUTHS_N];
	EVP_CIPHER *cipher[ESP_CIPHERS_N]; /* NULL: not there */
	EVP_MAC *hmac;
	EVP_CIPHER *iv_cipher_64, *iv_cipher_128; /* ECB; by block length in bits */
	struct mb_engine *mb;                     /* expands keys; NULL: no ipsec-mb */
};

/*
 * One library's way of doing the work. Jobs of one call are all of one cipher and one
 * authentication algorithm. Everything is done when a function returns.
 */
struct esp_provider {
	const char *name;
	/* Makes ready what the two below need, after each change of the jobs. NULL: nothing. */
	void (*load)(struct esp_engine *e, struct esp_job *jobs, size_t n);
	/* ESP_HEADER_LEN + iv_len behind job->esp, job->text_len bytes, in place. With GCM the tag
	 * goes to job->tag_to. */
	void (*cipher)(struct esp_engine *e, struct esp_job *jobs, size_t n);
	/* job->auth_len bytes from job->esp; the ICV goes to job->tag_to. */
	void (*auth)(struct esp_engine *e, struct esp_job *jobs, size_t n);
	/* All three of outbound jobs in another way, where that is faster. NULL, and false with
	 * nothing done: it is not. */
	bool (*seal)(struct esp_engine *e, struct esp_job *jobs, size_t n);
};

enum { ESP_LINE = 64 /* of the cache */ };

/* In lines of the cache, as each packet needs them: what never changes, what does, the rest. */
struct esp_sa {
	/* Immutable. */
	const struct esp_library *library;
	const struct esp_provider *cipher_by, *auth_by; /* NULL: nothing to do */
	struct mb_keys *mb;                             /* NULL: no ipsec-mb */
	uint64_t sequence_last;                         /* the highest that may be sent */
	uint32_t spi;
	uint8_t salt[4];
	uint8_t cipher, auth, mode; /* enum esp_cipher, esp_auth, esp_mode */
	bool outbound, esn, gcm;
	uint8_t suite; /* of cipher and auth */
	uint8_t header_len, iv_len, align, icv_len;
	uint8_t len_min; /* of a packet, sealed */

	/* The worker's. */
	uint64_t sequence __attribute__((aligned(ESP_LINE))); /* last sent */
	uint64_t packets;                                     /* opened */
	uint64_t bytes;
	uint32_t iv_used; /* bytes of iv[] */
	struct replay replay;
	uint64_t iv_counter;
	EVP_CIPHER_CTX *cipher_ctx; /* keyed; NULL without a cipher */
	EVP_MAC_CTX *mac_ctx;       /* keyed; NULL without HMAC */
	EVP_CIPHER_CTX *iv_ctx;     /* keyed; of CBC, outbound */
	uint64_t drops[ESP_DROPS_N];
	uint8_t iv[ESP_IVS * ESP_IV_MAX];
};

_Static_assert(offsetof(struct esp_sa, sequence) == ESP_LINE, "one line of what never changes");

/* One packet under way in a burst. */
struct esp_job {
	struct esp_packet *packet;
	struct esp_sa *sa;
	uint8_t *esp;      /* where the SPI is */
	uint64_t sequence; /* whole */
	uint32_t text_len; /* what is or will be encrypted */
	uint32_t auth_len; /* what HMAC covers, from the SPI on */
	uint8_t *tag_to;
	uint8_t nonce[12];        /* GCM: salt and IV (RFC 4106 4) */
	uint8_t aad[12];          /* GCM with ESN (RFC 4106 5) */
	uint8_t tag[ESP_ICV_MAX]; /* computed, when opening */
};

struct esp_engine {
	const struct esp_library *library;
	struct mb_engine *mb; /* NULL: no ipsec-mb */
	struct esp_job jobs[ESP_BURST];
};

extern const struct esp_provider esp_openssl;

/* Fills in what OpenSSL has. */
void esp_openssl_fetch(struct esp_library *l, struct crypto *crypto);
void esp_openssl_drop(struct esp_library *l);
/* The contexts of an association; its other fields are set. */
void esp_openssl_key(struct esp_sa *sa, const struct esp_sa_config *config);
void esp_openssl_forget(struct esp_sa *sa);

extern const struct esp_provider esp_ipsecmb;

/* NULL when the processor is not made for it. Freed by mb_engine_free(). */
struct mb_engine *mb_engine_new(void);
void mb_engine_free(struct mb_engine *mb);
bool mb_has_cipher(enum esp_cipher cipher);
bool mb_has_auth(enum esp_auth auth);
struct mb_keys *mb_keys_new(const struct mb_engine *mb, const struct esp_sa_config *config);
void mb_keys_free(struct mb_keys *keys);

static inline bool esp_cipher_is_gcm(enum esp_cipher cipher)
{
	return cipher >= ESP_GCM128;
}

static inline bool esp_cipher_is_cbc(enum esp_cipher cipher)
{
	return cipher != ESP_NULL && !esp_cipher_is_gcm(cipher);
}

static inline void esp_set_u32(uint8_t at[static 4], uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static inline uint32_t esp_u32(const uint8_t at[static 4])
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void esp_set_u64(uint8_t at[static 8], uint64_t value)
{
	esp_set_u32(at, (uint32_t)(value >> 32));
	esp_set_u32(at + 4, (uint32_t)value);
}

/* Adds to a counter that only this thread writes and any may read. */
static inline void esp_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void esp_refuse(struct esp_packet *p, enum esp_drop why)
{
	p->drop = why;
	if (p->sa)
		esp_count(&p->sa->drops[why], 1);
}

/* For the jobs' cipher and authentication. */
static inline void esp_load(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	const struct esp_sa *first = jobs[0].sa;

	if (first->cipher_by && first->cipher_by->load)
		first->cipher_by->load(e, jobs, n);
	if (first->auth_by && first->auth_by != first->cipher_by && first->auth_by->load)
		first->auth_by->load(e, jobs, n);
}

/* RFC 4106 5: the header as it is, or with the whole sequence number in it. */
static inline const uint8_t *esp_job_aad(struct esp_job *job, uint32_t *ret_len)
{
	if (!job->sa->esn) {
		*ret_len = ESP_HEADER_LEN;
		return job->esp;
	}
	memcpy(job->aad, job->esp, 4);
	esp_set_u64(job->aad + 4, job->sequence);
	*ret_len = sizeof job->aad;
	return job->aad;
}
