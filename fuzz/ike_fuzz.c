/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs of IKE cores whose messages are changed on the way, behind their encryption: what is
 * changed is hashed and encrypted anew with the receiver's own keys, as a peer that has them could.
 * The input chooses how the routers are configured, what they are asked for, how time passes, and
 * what happens to which message. The pair checks what the cores hand out (ike/pair_test.c).
 */
#include "ike/pair_test.h"

#include "ike/message.h"
#include "ike/sa.h"
#include "ike/v1_main.h"
#include "ike/v1_quick.h"
#include "ike/v1_send.h"
#include "util/check.h"
#include "util/memory.h"
#include "util/reader.h"
#include "util/writer.h"

enum {
	LENGTH_AT = 24,
	HASH_AT = ISAKMP_HEADER_LEN + ISAKMP_PAYLOAD_HEADER_LEN,
	CHANGES_MAX = 4,
	EVENTS_MAX = 64, /* of one input: each may cost a Diffie-Hellman */
	GROUP = 19,      /* the quickest */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct crypto *crypto; /* made once */
static struct reader input;
static bool changes; /* messages are changed now */

/* ---- on the way ---- */

static struct ike_sa *receiver_of(struct pair *p, const struct pair_flying *f,
                                  struct isakmp_header *header)
{
	if (!isakmp_parse_header(f->bytes, f->len, header))
		return NULL;
	for (size_t i = 0; i < p->n; i++)
		if (addr_equal(&p->end[i].address, &f->path.to))
			return ike_sa_find(p->end[i].ike, header->icookie, header->rcookie);
	return NULL;
}

static struct ike_quick *quick_of(const struct ike_sa *sa, uint32_t message_id)
{
	struct ike_quick *q = sa->quicks;

	while (q && q->message_id != message_id)
		q = q->next;
	return q;
}

/* The IV that the receiver will use. */
static void iv_of(const struct ike_sa *sa, const struct isakmp_header *h, uint8_t *ret)
{
	struct ike_quick *q = h->exchange == ISAKMP_QUICK ? quick_of(sa, h->message_id) : NULL;

	if (h->exchange == ISAKMP_MAIN)
		memcpy(ret, sa->keys.iv, CRYPTO_IV_MAX);
	else if (q)
		memcpy(ret, q->iv, CRYPTO_IV_MAX);
	else
		v1_iv(&sa->keys, h->message_id, ret);
}

static void crypt(struct pair *p, const struct ike_sa *sa, struct pair_flying *f, bool encrypt)
{
	struct isakmp_header h;
	uint8_t iv[CRYPTO_IV_MAX];

	if (!isakmp_parse_header(f->bytes, f->len, &h))
		return;
	iv_of(sa, &h, iv);
	const struct crypto_cbc cbc = { sa->keys.cipher, sa->keys.key, iv };
	size_t block = cipher_algorithm(sa->keys.cipher)->block_len;
	size_t n = (f->len - ISAKMP_HEADER_LEN) / block * block;
	(encrypt ? crypto_cbc_encrypt : crypto_cbc_decrypt)(p->crypto, &cbc,
	                                                    f->bytes + ISAKMP_HEADER_LEN, n);
}

static void hash_quick(const struct ike_sa *sa, const struct isakmp_message *m, uint8_t *hash)
{
	const struct ike_quick *q =
		m->header.exchange == ISAKMP_QUICK ? quick_of(sa, m->header.message_id) : NULL;
	const uint8_t *rest = hash + m->payload[0].len;
	struct v1_hashed of = { .message_id = m->header.message_id };

	if (q)
		of.nonce_i = (struct crypto_part){ q->nonce[0], q->nonce_len[0] };
	if (q && !q->initiator) {
		of.third = true;
		of.nonce_r = (struct crypto_part){ q->nonce[1], q->nonce_len[1] };
	} else {
		of.rest = (struct crypto_part){ rest,
			                        m->used - (size_t)(HASH_AT + m->payload[0].len) };
	}
	v1_hash_quick(&sa->keys, &of, hash);
}

static void hash_main(const struct ike_sa *sa, struct pair_flying *f,
                      const struct isakmp_message *m)
{
	const struct isakmp_payload *id = isakmp_find(m, ISAKMP_ID);
	const struct isakmp_payload *hash = isakmp_find(m, ISAKMP_HASH);
	uint8_t is[CRYPTO_DIGEST_MAX];
	struct v1_shared shared;

	if (!id || !hash || !sa->main || hash->len > sizeof is)
		return;
	v1_main_shared(sa, &shared);
	v1_hash_main(&sa->keys, &shared,
	             (struct v1_identity){ !sa->initiator, { id->body, id->len } }, is);
	memcpy(f->bytes + (hash->body - f->bytes), is, hash->len);
}

/* The hash that what is there now ought to have. */
static void rehash(const struct ike_sa *sa, struct pair_flying *f)
{
	struct isakmp_message m;

	if (!isakmp_parse(f->bytes, f->len, &m))
		return;
	if (m.header.exchange == ISAKMP_MAIN)
		hash_main(sa, f, &m);
	else if (m.payload[0].type == ISAKMP_HASH &&
	         m.payload[0].len == hash_algorithm(sa->keys.hash)->digest_len)
		hash_quick(sa, &m, f->bytes + HASH_AT);
}

static void set_len(struct pair_flying *f, size_t len)
{
	struct writer w = writer_over(f->bytes, sizeof f->bytes);

	write_room(&w, len);
	f->len = len;
	write_u16_at(&w, LENGTH_AT, 0);
	write_u16_at(&w, LENGTH_AT + 2, (uint16_t)len);
}

static void insert(struct pair_flying *f, size_t at, size_t n)
{
	if (f->len + n > sizeof f->bytes)
		return;
	memmove(f->bytes + at + n, f->bytes + at, f->len - at);
	for (size_t i = 0; i < n; i++)
		f->bytes[at + i] = read_u8(&input);
	set_len(f, f->len + n);
}

static void change(struct pair_flying *f)
{
	uint8_t how = read_u8(&input);
	size_t at = (size_t)(read_u8(&input) | (how & 0x30) << 4) % f->len;
	size_t n = read_u8(&input);

	switch (how & 7) {
	case 0:
		f->bytes[at] = (uint8_t)n;
		break;
	case 1:
		f->bytes[at] ^= (uint8_t)(1 << (n & 7));
		break;
	case 2:
		if (at >= ISAKMP_HEADER_LEN)
			set_len(f, at);
		break;
	case 3:
		if (at >= ISAKMP_HEADER_LEN)
			insert(f, at, n & 0x3f);
		break;
	case 4: /* a piece goes */
		if (at >= ISAKMP_HEADER_LEN && at + n <= f->len) {
			memmove(f->bytes + at, f->bytes + at + n, f->len - at - n);
			set_len(f, f->len - n);
		}
		break;
	case 5: /* a length of two bytes */
		if (at + 1 < f->len) {
			f->bytes[at] = 0;
			f->bytes[at + 1] = (uint8_t)n;
		}
		break;
	default:
		break;
	}
}

/* Whole blocks again. */
static void fill_up(const struct ike_sa *sa, struct pair_flying *f)
{
	size_t block = cipher_algorithm(sa->keys.cipher)->block_len;
	size_t over = (f->len - ISAKMP_HEADER_LEN) % block;

	if (over && f->len + block - over <= sizeof f->bytes) {
		memset(f->bytes + f->len, 0, block - over);
		set_len(f, f->len + block - over);
	}
}

static void mangle(struct pair *p, struct pair_flying *f)
{
	struct isakmp_header h;

	if (!changes || !reader_left(&input) || f->len < ISAKMP_HEADER_LEN)
		return;
	uint8_t how = read_u8(&input);
	struct ike_sa *sa = receiver_of(p, f, &h);
	bool sealed = sa && h.flags & ISAKMP_FLAG_ENCRYPTED && sa->keys.crypto;
	if (how & 0x80)
		f->used = false; /* lost */
	if (!(how & 0x40))
		return;
	if (sealed)
		crypt(p, sa, f, false);
	for (int i = 0; i <= (how & (CHANGES_MAX - 1)); i++)
		change(f);
	if (!sealed)
		return;
	if (!(how & 0x20))
		rehash(sa, f);
	fill_up(sa, f);
	crypt(p, sa, f, true);
}

/* ---- what is asked for ---- */

static void configuration(uint8_t bits, struct pair_spec *ret)
{
	static const enum crypto_cipher ciphers[] = { CIPHER_AES128, CIPHER_3DES, CIPHER_AES256,
		                                      CIPHER_AES128 };

	ret->n_policies = 1;
	ret->policy[0] = (struct snap_isakmp_policy){ .has_group = true, .group = GROUP };
	ret->policy[0].has_encryption = true;
	ret->policy[0].encryption = ciphers[bits & 3];
	ret->pfs_group = bits & 4 ? GROUP : PAIR_NO_PFS;
	ret->lifetime_s = bits & 8 ? 120 : 0;
	ret->match = bits & 16 ? "2.2.2.2/32" : NULL;
	ret->also.force_udp = bits & 32;
	ret->also.keepalive_periodic = bits & 64;
}

static void start(struct pair *p)
{
	struct pair_spec hub = { .source = "1.1.1.2" }, spoke = { .source = "2.2.2.2" };

	if (!crypto)
		crypto = crypto_new();
	pair_init_with(p, 1, crypto);
	configuration(read_u8(&input), &hub);
	configuration(read_u8(&input), &spoke);
	if (read_u8(&input) & 1) {
		p->nat[0].inside = addr_v4(2, 2, 2, 2);
		p->nat[0].outside = addr_v4(9, 9, 9, 9);
		p->nat[0].port_offset = 20000;
		p->n_nat = 1;
	}
	p->mangle = mangle;
	(void)pair_add(p, &hub);
	(void)pair_add(p, &spoke);
}

static void raw_message(struct pair *p, int i)
{
	size_t len = read_u8(&input);
	struct node_event event = { .type = NODE_IKE_PACKET };

	if (len > reader_left(&input))
		len = reader_left(&input);
	event.ike.path =
		(struct node_ike_path){ p->end[!i].address, p->end[i].address, IKE_PORT, IKE_PORT };
	event.ike.bytes = read_bytes(&input, len);
	event.ike.len = len;
	pair_event(p, i, &event);
}

static void esp_from_elsewhere(struct pair *p, int i)
{
	struct node_event event = { .type = NODE_SA_MOVED };

	event.moved.id = p->end[i].sa[read_u8(&input) % PAIR_SAS_MAX].id;
	event.moved.from = p->end[!i].address;
	event.moved.udp_port = (uint16_t)(IKE_NAT_PORT + 1000 * (read_u8(&input) & 3));
	pair_event(p, i, &event);
}

static void one_event(struct pair *p)
{
	uint8_t op = read_u8(&input);
	int i = op & 1;

	changes = op & 2;
	switch (op >> 2 & 15) {
	case 0:
	case 1:
		pair_want(p, i, !i);
		break;
	case 2:
		pair_forget(p, i, !i);
		break;
	case 3:
		pair_restart(p, i);
		break;
	case 4:
		pair_used(p, i, !i, (struct pair_traffic){ op >> 6 & 1, op >> 7, 100 });
		break;
	case 5:
		pair_used(p, i, !i, (struct pair_traffic){ 1, 1, 4608000ULL * 1000 });
		break;
	case 6:
		pair_event(p, i,
		           &(struct node_event){ .type = NODE_CLEAR_CRYPTO,
		                                 .clear_crypto = { .what = op >> 6 & 1 } });
		break;
	case 7:
		if (op >> 6 == 3) {
			esp_from_elsewhere(p, i);
			break;
		}
		pair_event(p, i,
		           &(struct node_event){
				   .type = NODE_SA_UNKNOWN,
				   .unknown = { p->end[!i].address, p->end[i].address, 4711, 0 } });
		break;
	case 8:
		raw_message(p, i);
		break;
	case 9:
		pair_stop(p, i);
		break;
	default:
		pair_run(p, 10 + ((int64_t)(op >> 2 & 3) << (op >> 4)));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct pair *p = memory_new(1, sizeof *p);

	input = reader_over(bytes, len);
	start(p);
	for (int i = 0; i < EVENTS_MAX && reader_left(&input) && !input.failed; i++)
		one_event(p);
	changes = false;
	pair_run(p, 100);
	pair_fini(p);
	free(p);
	return 0;
}
