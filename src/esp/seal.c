/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outbound (RFC 4303 3.3): sequence number, IV, padding; then encryption and ICV for all packets
 * of a suite at once. The worker that owns the associations calls.
 */
#include "esp/esp.h"

#include "esp/burst.h"
#include "esp/internal.h"
#include "util/check.h"

/* RFC 4303 2.4: 1, 2, 3, … */
static const uint8_t padding[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

/*
 * The next IVs of CBC. RFC 3602 3: not to be guessed, so a counter encrypted under a key of its
 * own; a block cipher is a permutation, so none comes twice.
 */
static void draw_ivs(struct esp_sa *sa)
{
	int n;

	memset(sa->iv, 0, sizeof sa->iv);
	for (uint32_t at = 0; at < ESP_IVS * (uint32_t)sa->iv_len; at += sa->iv_len)
		esp_set_u64(sa->iv + at, sa->iv_counter++);
	check(EVP_EncryptUpdate(sa->iv_ctx, sa->iv, &n, sa->iv, ESP_IVS * sa->iv_len));
	sa->iv_used = 0;
}

/* Where the IV comes, and the nonce of GCM. */
static inline void write_iv(struct esp_sa *sa, struct esp_job *job, uint8_t *at, uint64_t sequence)
{
	if (sa->gcm) {
		/* RFC 4106 3.1: a counter will do; the sequence number is one. */
		uint8_t iv[8];
		esp_set_u64(iv, sequence);
		memcpy(at, iv, sizeof iv);
		memcpy(job->nonce, sa->salt, sizeof sa->salt);
		memcpy(job->nonce + sizeof sa->salt, iv, sizeof iv);
		return;
	}
	if (!sa->iv_len)
		return;
	if (sa->iv_used >= ESP_IVS * (uint32_t)sa->iv_len)
		draw_ivs(sa);
	const uint8_t *iv = sa->iv + sa->iv_used;
	sa->iv_used += sa->iv_len;
	if (sa->iv_len == ESP_IV_MAX)
		memcpy(at, iv, ESP_IV_MAX);
	else
		memcpy(at, iv, sa->iv_len);
}

static inline enum esp_drop judge(const struct esp_packet *p)
{
	if (p->headroom < ESP_HEADROOM || p->tailroom < ESP_TAILROOM)
		return ESP_DROP_ROOM;
	if (p->len > ESP_PACKET_MAX - ESP_HEADROOM - ESP_TAILROOM)
		return ESP_DROP_TOO_LONG;
	/* RFC 4303 3.3.3: never a sequence number twice. */
	return p->sa->sequence == p->sa->sequence_last ? ESP_DROP_EXHAUSTED : ESP_DROP_NONE;
}

/* RFC 4303 2.2.1: authenticated behind the trailer, not sent: the ICV goes over it. */
static void write_sequence_high(struct esp_job *job)
{
	esp_set_u32(job->tag_to, (uint32_t)(job->sequence >> 32));
	job->auth_len += ESP_SEQUENCE_HIGH_LEN;
}

/*
 * Header, IV, padding and trailer. What is needed again is kept in variables: behind a write of
 * bytes a compiler reads everything anew.
 */
static bool begin(struct esp_packet *p, struct esp_job *job)
{
	struct esp_sa *sa = p->sa;
	const uint64_t sequence = sa->sequence + 1;
	const uint32_t len = (uint32_t)p->len, header_len = sa->header_len;
	const uint32_t pad_len = -(len + ESP_TRAILER_LEN) & (sa->align - 1u);
	const uint32_t text_len = len + pad_len + ESP_TRAILER_LEN;
	uint8_t *const payload = p->bytes, *const esp = payload - header_len;
	uint8_t *const tail_end = payload + text_len;
	const uint8_t next_header = p->next_header;
	enum esp_drop why = judge(p);

	if (why != ESP_DROP_NONE) {
		esp_refuse(p, why);
		return false;
	}
	job->packet = p;
	job->sa = sa;
	job->esp = esp;
	job->sequence = sequence;
	job->text_len = text_len;
	job->auth_len = header_len + text_len;
	job->tag_to = tail_end;
	const uint32_t grown = text_len + sa->icv_len - len;
	p->bytes = esp;
	p->len = header_len + len + grown;
	p->headroom -= header_len;
	p->tailroom -= grown;
	p->drop = ESP_DROP_NONE;
	__atomic_store_n(&sa->sequence, sequence, __ATOMIC_RELAXED);
	esp_count(&sa->bytes, len);

	/* In one word, as GCM reads it again. */
	esp_set_u64(esp, (uint64_t)sa->spi << 32 | (uint32_t)sequence);
	write_iv(sa, job, esp + ESP_HEADER_LEN, sequence);
	/* More than is needed, in one go: what is too much is overwritten, or within tailroom. */
	memcpy(payload + len, padding, sizeof padding);
	tail_end[-2] = (uint8_t)pad_len;
	tail_end[-1] = next_header;
	if (sa->esn && !sa->gcm)
		write_sequence_high(job);
	return true;
}

static void run(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	const struct esp_sa *first = jobs[0].sa;

	if (first->cipher_by && first->cipher_by == first->auth_by && first->cipher_by->seal &&
	    first->cipher_by->seal(e, jobs, n))
		return;
	esp_load(e, jobs, n);
	if (first->cipher_by)
		first->cipher_by->cipher(e, jobs, n);
	if (first->auth_by)
		first->auth_by->auth(e, jobs, n);
}

void esp_seal(struct esp_engine *e, struct esp_packet *packets, size_t n)
{
	static const struct burst_steps steps = { true, begin, run };

	burst_run(e, packets, n, &steps);
}
