/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inbound (RFC 4303 3.4): sizes and a first look at the replay window; the ICV of all packets of a
 * suite at once, and with HMAC what fails is dropped before anything is decrypted; then the window,
 * decryption, padding and next header. The worker that owns the associations calls.
 */
#include "esp/esp.h"

#include <endian.h>

#include "esp/burst.h"
#include "esp/internal.h"
#include "util/check.h"

static const uint8_t padding[255] = {
#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
#define SIXTY_FOUR(n)                                                                              \
	EIGHT(n), EIGHT(n + 8), EIGHT(n + 16), EIGHT(n + 24), EIGHT(n + 32), EIGHT(n + 40),        \
		EIGHT(n + 48), EIGHT(n + 56)
	SIXTY_FOUR(1),
	SIXTY_FOUR(65),
	SIXTY_FOUR(129),
	EIGHT(193),
	EIGHT(201),
	EIGHT(209),
	EIGHT(217),
	EIGHT(225),
	EIGHT(233),
	EIGHT(241),
	249,
	250,
	251,
	252,
	253,
	254,
	255
#undef SIXTY_FOUR
#undef EIGHT
};

static uint64_t difference(const uint8_t *a, const uint8_t *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x ^ y;
}

/* In time that does not depend on the bytes. len: at least a word, as all ICVs have. */
static bool icv_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	enum { WORD = sizeof(uint64_t) };
	uint64_t differs = difference(a + len - WORD, b + len - WORD);

	differs |= difference(a, b);
	/* Keeps the compiler from leaving early. */
	__asm__("" : "+r"(differs));
	for (size_t i = WORD; i + WORD < len; i += WORD) {
		differs |= difference(a + i, b + i);
		/* Keeps the compiler from leaving early. */
		__asm__("" : "+r"(differs));
	}
	return differs == 0;
}

static enum esp_drop drop_of(enum replay_verdict verdict)
{
	if (verdict == REPLAY_NEW)
		return ESP_DROP_NONE;
	return verdict == REPLAY_SEEN ? ESP_DROP_REPLAYED : ESP_DROP_OLD;
}

/* What can be told from the outside. */
static inline enum esp_drop judge(const struct esp_sa *sa, const struct esp_packet *p,
                                  uint64_t *ret_sequence)
{
	const uint8_t *bytes = p->bytes;
	size_t len = p->len;

	if (len < sa->len_min)
		return ESP_DROP_SHORT;
	if (len > ESP_PACKET_MAX)
		return ESP_DROP_TOO_LONG;
	if (esp_u32(bytes) != sa->spi)
		return ESP_DROP_SPI;
	if ((len - sa->header_len - sa->icv_len) & (sa->align - 1u))
		return ESP_DROP_BLOCKS;
	uint64_t sequence = replay_infer(&sa->replay, esp_u32(bytes + 4));
	*ret_sequence = sequence;
	return drop_of(replay_look(&sa->replay, sequence));
}

static bool begin(struct esp_packet *p, struct esp_job *job)
{
	struct esp_sa *sa = p->sa;
	uint8_t *esp = p->bytes;
	const uint32_t header_len = sa->header_len;
	const uint32_t text_len = (uint32_t)p->len - header_len - sa->icv_len;
	uint64_t sequence = 0;
	enum esp_drop why = judge(sa, p, &sequence);

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
	job->tag_to = job->tag;
	p->drop = ESP_DROP_NONE;
	if (sa->gcm) {
		memcpy(job->nonce, sa->salt, sizeof sa->salt);
		memcpy(job->nonce + sizeof sa->salt, esp + ESP_HEADER_LEN, 8);
	}
	return true;
}

/* Whether the computed ICV is the packet's, and then whether it is still new. */
static inline bool accept(struct esp_job *job, const uint8_t *icv)
{
	struct esp_sa *sa = job->sa;
	enum esp_drop why = ESP_DROP_ICV;

	if (icv_equal(job->tag, icv, sa->icv_len))
		/* Others of the same burst may have moved the window, or have been the same. */
		why = drop_of(replay_accept(&sa->replay, job->sequence));
	if (why == ESP_DROP_NONE)
		return true;
	esp_refuse(job->packet, why);
	return false;
}

static const uint8_t *icv_of(const struct esp_job *job)
{
	return job->esp + job->sa->header_len + job->text_len;
}

/* HMAC over all jobs. Those that fail are taken out; returns how many are left. */
static size_t authenticate(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	uint8_t icv[ESP_BURST][ESP_SEQUENCE_HIGH_LEN];
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (!jobs[i].sa->esn)
			continue;
		/* RFC 4303 2.2.1: as if the high half had been sent, in the ICV's place. */
		uint8_t *at = jobs[i].esp + jobs[i].auth_len;
		memcpy(icv[i], at, sizeof icv[i]);
		esp_set_u32(at, (uint32_t)(jobs[i].sequence >> 32));
		jobs[i].auth_len += ESP_SEQUENCE_HIGH_LEN;
	}
	esp_load(e, jobs, n);
	jobs[0].sa->auth_by->auth(e, jobs, n);
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].sa->esn)
			memcpy(jobs[i].esp + jobs[i].auth_len - ESP_SEQUENCE_HIGH_LEN, icv[i],
			       sizeof icv[i]);
		if (!accept(&jobs[i], icv_of(&jobs[i])))
			continue;
		if (left != i)
			jobs[left] = jobs[i];
		left++;
	}
	if (left && left != n)
		esp_load(e, jobs, left);
	return left;
}

/*
 * RFC 4303 2.4: the len bytes in front of end. Most packets have a few, and are compared with what
 * lies in front of them, for the ESP header is a word at least.
 */
static inline bool padding_is_right(const uint8_t *end, size_t len)
{
	enum { WORD = sizeof(uint64_t) };
	uint64_t is, should;

	if (len > WORD)
		return memcmp(end - len, padding, len) == 0;
	if (len == 0)
		return true;
	memcpy(&is, end - WORD, WORD);
	memcpy(&should, padding, WORD);
	size_t others = (WORD - len) * 8;
	return le64toh(is) >> others == le64toh(should) << others >> others;
}

/* Trailer and padding of a decrypted packet; leaves the payload. */
static void finish(struct esp_job *job)
{
	struct esp_packet *p = job->packet;
	struct esp_sa *sa = job->sa;
	const uint32_t header_len = sa->header_len, text_len = job->text_len;
	uint8_t *text = job->esp + header_len, *trailer = text + text_len - ESP_TRAILER_LEN;
	const uint32_t pad_len = trailer[0];
	const uint8_t next_header = trailer[1];
	enum esp_drop why = ESP_DROP_NONE;

	if (pad_len + ESP_TRAILER_LEN > text_len || !padding_is_right(trailer, pad_len))
		why = ESP_DROP_PADDING;
	else if (next_header == ESP_NEXT_NONE)
		why = ESP_DROP_DUMMY;
	else if (sa->mode == ESP_TUNNEL && next_header != ESP_NEXT_IPV4 &&
	         next_header != ESP_NEXT_IPV6)
		why = ESP_DROP_NEXT_HEADER;
	if (why != ESP_DROP_NONE) {
		esp_refuse(p, why);
		return;
	}
	const size_t len = text_len - ESP_TRAILER_LEN - pad_len;
	p->bytes = text;
	p->headroom += header_len;
	p->tailroom += p->len - header_len - len;
	p->len = len;
	p->next_header = next_header;
	esp_count(&sa->packets, 1);
	esp_count(&sa->bytes, len);
}

static void run(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	const struct esp_sa *first = jobs[0].sa;
	bool gcm = first->gcm;

	if (!gcm)
		n = authenticate(e, jobs, n);
	if (n && first->cipher_by)
		first->cipher_by->cipher(e, jobs, n);
	for (size_t i = 0; i < n; i++)
		if (!gcm || accept(&jobs[i], icv_of(&jobs[i])))
			finish(&jobs[i]);
}

void esp_open(struct esp_engine *e, struct esp_packet *packets, size_t n)
{
	static const struct burst_steps steps = { false, begin, run };

	burst_run(e, packets, n, &steps);
}
