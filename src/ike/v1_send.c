/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing and opening. A message is encrypted from behind its header to its end, filled up with
 * zeroes to whole blocks; its hash covers the payloads behind HASH, without that filling.
 */
#include "ike/v1_send.h"

#include <string.h>

#include "ike/out.h"
#include "ike/sa.h"

enum { FLAGS_AT = 19, ID_TYPE_V4 = 1, ID_TYPE_V6 = 5 };

void v1_begin(struct v1_out *o, const struct ike_sa *sa, enum isakmp_exchange exchange,
              uint32_t message_id)
{
	const struct isakmp_header header = {
		.icookie = sa->icookie,
		.rcookie = sa->rcookie,
		.exchange = (uint8_t)exchange,
		.message_id = message_id,
	};

	o->message_id = message_id;
	o->hash_at = 0;
	isakmp_begin(&o->b, o->bytes, sizeof o->bytes, &header);
}

void v1_begin_hashed(struct v1_out *o, const struct ike_sa *sa, enum isakmp_exchange exchange,
                     uint32_t message_id)
{
	v1_begin(o, sa, exchange, message_id);
	isakmp_open(&o->b, ISAKMP_HASH);
	o->hash_at = writer_len(&o->b.w);
	write_zero(&o->b.w, hash_algorithm(sa->keys.hash)->digest_len);
	isakmp_close(&o->b);
}

void v1_out_move(struct v1_out *to, const struct v1_out *from)
{
	*to = *from;
	to->b.w = writer_over(to->bytes, sizeof to->bytes);
	to->b.w.at += writer_len(&from->b.w);
	to->b.w.failed = from->b.w.failed;
}

static void fill_hash(const struct ike_sa *sa, struct v1_out *o, const struct v1_sealing *how)
{
	size_t digest_len = hash_algorithm(sa->keys.hash)->digest_len;
	size_t rest_at = o->hash_at + digest_len;
	struct v1_hashed of = {
		.message_id = o->message_id,
		.third = how->third,
		.nonce_i = how->nonce_i,
		.nonce_r = how->nonce_r,
		.rest = { o->bytes + rest_at, writer_len(&o->b.w) - rest_at },
	};

	v1_hash_quick(&sa->keys, &of, o->bytes + o->hash_at);
}

size_t v1_seal(struct ike *ike, const struct ike_sa *sa, struct v1_out *o,
               const struct v1_sealing *how)
{
	size_t block = how->iv ? cipher_algorithm(sa->keys.cipher)->block_len : 1;

	if (o->hash_at && !o->b.w.failed)
		fill_hash(sa, o, how);
	size_t len = isakmp_end(&o->b, block);
	if (!len)
		return 0;
	const uint8_t *clear = ike_out_keep(ike, o->bytes, len);
	ike_out_trace(ike, (struct trace){ .type = TRACE_IKE_SENT,
	                                   .peer = sa->path.to,
	                                   .port = sa->path.to_port,
	                                   .packet = clear,
	                                   .packet_len = clear ? len : 0 });
	if (!how->iv)
		return len;
	o->bytes[FLAGS_AT] |= ISAKMP_FLAG_ENCRYPTED;
	const struct crypto_cbc cbc = { sa->keys.cipher, sa->keys.key, how->iv };
	crypto_cbc_encrypt(ike->crypto, &cbc, o->bytes + ISAKMP_HEADER_LEN,
	                   len - ISAKMP_HEADER_LEN);
	return len;
}

static void trace_received(struct ike *ike, const struct v1_in *in)
{
	/* With the padding: its header counts it. */
	const uint8_t *kept = ike_out_keep(ike, in->bytes, in->m.header.len);

	ike_out_trace(ike, (struct trace){ .type = TRACE_IKE_RECEIVED,
	                                   .peer = in->event->ike.path.from,
	                                   .port = in->event->ike.path.from_port,
	                                   .packet = kept,
	                                   .packet_len = kept ? in->m.header.len : 0 });
}

bool v1_open(struct ike *ike, const struct ike_sa *sa, const uint8_t *iv, struct v1_in *in)
{
	size_t len = in->event->ike.len;

	if (len > sizeof in->bytes ||
	    !isakmp_parse_header(in->event->ike.bytes, len, &in->m.header))
		return false;
	len = in->m.header.len;
	memcpy(in->bytes, in->event->ike.bytes, len);
	if (iv) {
		size_t block = cipher_algorithm(sa->keys.cipher)->block_len;
		if (!(in->m.header.flags & ISAKMP_FLAG_ENCRYPTED) ||
		    (len - ISAKMP_HEADER_LEN) % block || len == ISAKMP_HEADER_LEN)
			return false;
		memcpy(in->iv, iv, block);
		const struct crypto_cbc cbc = { sa->keys.cipher, sa->keys.key, in->iv };
		crypto_cbc_decrypt(ike->crypto, &cbc, in->bytes + ISAKMP_HEADER_LEN,
		                   len - ISAKMP_HEADER_LEN);
	}
	if (!isakmp_parse(in->bytes, len, &in->m))
		return false;
	trace_received(ike, in);
	return true;
}

bool v1_hash_is_right(const struct ike_sa *sa, const struct v1_in *in, struct v1_hashed of)
{
	const struct isakmp_payload *hash = &in->m.payload[0];
	size_t digest_len = hash_algorithm(sa->keys.hash)->digest_len;
	uint8_t is[CRYPTO_DIGEST_MAX];

	if (hash->type != ISAKMP_HASH || hash->len != digest_len)
		return false;
	of.message_id = in->m.header.message_id;
	if (!of.third) {
		const uint8_t *rest = hash->body + hash->len;
		of.rest = (struct crypto_part){ rest, (size_t)(in->bytes + in->m.used - rest) };
	}
	v1_hash_quick(&sa->keys, &of, is);
	return crypto_equal(is, hash->body, digest_len);
}

struct addr v1_id_address(const struct isakmp_payload *id, uint8_t *ret_protocol)
{
	if (id->len < 4)
		return ADDR_ANY_NONE;
	*ret_protocol = id->body[1];
	if (id->body[0] == ID_TYPE_V4 && id->len == 4 + ADDR_V4_LEN)
		return addr_from_bytes(ADDR_V4, id->body + 4);
	if (id->body[0] == ID_TYPE_V6 && id->len == 4 + ADDR_V6_LEN)
		return addr_from_bytes(ADDR_V6, id->body + 4);
	return ADDR_ANY_NONE;
}
