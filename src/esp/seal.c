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

static void write_iv(struct esp_sa *sa, struct esp_job *job)
{
	uint8_t *at = job->esp + ESP_HEADER_LEN;

	if (sa->gcm) {
		/* RFC 4106 3.1: a counter will do; the sequence number is one. */
		esp_set_u64(at, job->sequence);
		memcpy(job->nonce, sa->salt, sizeof sa->salt);
		memcpy(job->nonce + sizeof sa->salt, at, 8);
		return;
	}
	if (!sa->iv_len)
		return;
	if (sa->iv_used >= ESP_IVS * (uint32_t)sa->iv_len)
		draw_ivs(sa);
	if (sa->iv_len == ESP_IV_MAX)
		memcpy(at, sa->iv + sa->iv_used, ESP_IV_MAX);
	else
		memcpy(at, sa->iv + sa->iv_used, sa->iv_len);
	sa->iv_used += sa->iv_len;
}

/* Padding, trailer and what else is authenticated, behind the payload. */
static void write_tail(struct esp_packet *p, struct esp_job *job)
{
	const struct esp_sa *sa = job->sa;
	uint32_t len = (uint32_t)p->len;
	uint32_t pad_len = -(len + ESP_TRAILER_LEN) & (sa->align - 1u);
	uint8_t *trailer = p->bytes + len + pad_len;

	/* More than is needed, in one go: what is too much is overwritten, or within tailroom. */
	memcpy(p->bytes + len, padding, sizeof padding);
	trailer[0] = (uint8_t)pad_len;
	trailer[1] = p->next_header;
	job->text_len = len + pad_len + ESP_TRAILER_LEN;
	job->auth_len = sa->header_len + job->text_len;
	job->tag_to = trailer + ESP_TRAILER_LEN;
	if (sa->esn && !sa->gcm) {
		/* RFC 4303 2.2.1: authenticated behind the trailer, not sent: the ICV goes over it.
		 */
		esp_set_u32(job->tag_to, (uint32_t)(job->sequence >> 32));
		job->auth_len += ESP_SEQUENCE_HIGH_LEN;
	}
}

static bool begin(struct esp_packet *p, struct esp_job *job)
{
	struct esp_sa *sa = p->sa;
	enum esp_drop why = ESP_DROP_NONE;

	if (p->headroom < ESP_HEADROOM || p->tailroom < ESP_TAILROOM)
		why = ESP_DROP_ROOM;
	else if (p->len > ESP_PACKET_MAX - ESP_HEADROOM - ESP_TAILROOM)
		why = ESP_DROP_TOO_LONG;
	else if (sa->sequence == sa->sequence_last)
		/* RFC 4303 3.3.3: never a sequence number twice. */
		why = ESP_DROP_EXHAUSTED;
	if (why != ESP_DROP_NONE) {
		esp_refuse(p, why);
		return false;
	}
	job->packet = p;
	job->sa = sa;
	job->esp = p->bytes - sa->header_len;
	job->sequence = sa->sequence + 1;
	__atomic_store_n(&sa->sequence, job->sequence, __ATOMIC_RELAXED);
	esp_count(&sa->packets, 1);
	esp_count(&sa->bytes, p->len);
	/* In one word, as GCM reads it again. */
	esp_set_u64(job->esp, (uint64_t)sa->spi << 32 | (uint32_t)job->sequence);
	write_iv(sa, job);
	write_tail(p, job);

	uint32_t grown = job->text_len + sa->icv_len - (uint32_t)p->len;
	p->bytes = job->esp;
	p->len += sa->header_len + grown;
	p->headroom -= sa->header_len;
	p->tailroom -= grown;
	p->drop = ESP_DROP_NONE;
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
