/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAT traversal. Both ends hash the addresses and ports that they see; what the other end does not
 * find among its own was translated (RFC 3947 3.2). From message 5 on port 4500 is used on both
 * sides. `udp-encapsulation force` sends a hash that never matches, so both ends take the way of a
 * NAT.
 */
#include "ike/nat.h"

#include <string.h>

#include "ike/out.h"
#include "ike/sa.h"

enum { KEEPALIVE_BYTE = 0xff };

static uint8_t hash_type(const struct ike_sa *sa)
{
	if (sa->nat == IKE_NAT_RFC)
		return ISAKMP_NAT_D;
	return sa->nat == IKE_NAT_DRAFT ? ISAKMP_NAT_D_DRAFT : ISAKMP_NAT_D_LATE_DRAFT;
}

static void hash_place(struct ike *ike, const struct ike_sa *sa, const struct udp_place *place,
                       uint8_t *ret)
{
	uint8_t bytes[16 + ADDR_V6_LEN + 2];
	struct writer w = writer_over(bytes, sizeof bytes);

	write_u32(&w, (uint32_t)(sa->icookie >> 32));
	write_u32(&w, (uint32_t)sa->icookie);
	write_u32(&w, (uint32_t)(sa->rcookie >> 32));
	write_u32(&w, (uint32_t)sa->rcookie);
	write_addr(&w, &place->addr);
	write_u16(&w, place->port);
	const struct crypto_part part = { bytes, writer_len(&w) };
	crypto_digest(ike->crypto, sa->policy.hash, &part, 1, ret);
}

void ike_nat_add_hashes(struct ike *ike, const struct ike_sa *sa, struct v1_out *o)
{
	const struct udp_place theirs = { sa->path.to, sa->path.to_port };
	struct udp_place ours = { sa->path.from, sa->path.from_port };
	uint8_t hash[CRYPTO_DIGEST_MAX];
	size_t len = hash_algorithm(sa->policy.hash)->digest_len;

	if (sa->nat == IKE_NAT_NONE)
		return;
	hash_place(ike, sa, &theirs, hash);
	isakmp_add(&o->b, hash_type(sa), hash, len);
	if (ike->snapshot->crypto.force_udp)
		ours.port = 0;
	hash_place(ike, sa, &ours, hash);
	isakmp_add(&o->b, hash_type(sa), hash, len);
}

static bool is_hash(const struct isakmp_payload *p, const uint8_t *hash, size_t len)
{
	return p->len == len && memcmp(p->body, hash, len) == 0;
}

/* The first of the peer's hashes is of us as it sees us, those behind it are of itself. */
void ike_nat_read_hashes(struct ike *ike, struct ike_sa *sa, const struct v1_in *in)
{
	const struct node_ike_path *path = &in->event->ike.path;
	const struct udp_place ours = { path->to, path->to_port };
	const struct udp_place theirs = { path->from, path->from_port };
	uint8_t our_hash[CRYPTO_DIGEST_MAX], their_hash[CRYPTO_DIGEST_MAX];
	size_t len = hash_algorithm(sa->policy.hash)->digest_len, n = 0;

	if (sa->nat == IKE_NAT_NONE)
		return;
	hash_place(ike, sa, &ours, our_hash);
	hash_place(ike, sa, &theirs, their_hash);
	for (size_t i = 0; i < in->m.n; i++) {
		const struct isakmp_payload *p = &in->m.payload[i];
		if (p->type != hash_type(sa))
			continue;
		if (n == 0)
			sa->behind_nat = !is_hash(p, our_hash, len);
		else if (n == 1 || sa->peer_behind_nat)
			sa->peer_behind_nat = !is_hash(p, their_hash, len);
		n++;
	}
	if (n < 2)
		sa->nat = IKE_NAT_NONE;
	else if (ike->snapshot->crypto.force_udp)
		sa->behind_nat = true;
}

bool ike_nat_is_there(const struct ike_sa *sa)
{
	return sa->nat != IKE_NAT_NONE && (sa->behind_nat || sa->peer_behind_nat);
}

/* ---- keepalives (RFC 3948 4) ---- */

void ike_nat_plan_keepalive(struct ike *ike, struct ike_sa *sa)
{
	uint16_t every_s = ike->snapshot->crypto.nat_keepalive_s;

	if (!sa->behind_nat || ike->snapshot->crypto.force_udp)
		return;
	sa->keepalive_at = mono_add_s(ike->now.mono, every_s ? every_s : SNAP_NAT_KEEPALIVE_S);
}

void ike_nat_keepalive(struct ike *ike, struct ike_sa *sa)
{
	static const uint8_t keepalive = KEEPALIVE_BYTE;

	if (sa->step == IKE_STANDS)
		ike_out_send(ike, &sa->path, &keepalive, sizeof keepalive);
	ike_nat_plan_keepalive(ike, sa);
}
