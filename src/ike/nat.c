/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAT traversal. Both ends hash the addresses and ports that they see; what the other end does not
 * find among its own was translated (RFC 3947 3.2). From message 5 on port 4500 is used on both
 * sides. `udp-encapsulation force` sends a hash that never matches, so both ends take the way of a
 * NAT.
 *
 * Vendor ids are those of captures of IOS 12.4 and 15, and RFC 3947's appendix.
 */
#include "ike/nat.h"

#include <string.h>

#include "ike/out.h"
#include "ike/sa.h"

enum { VENDOR_MAX = 20, KEEPALIVE_BYTE = 0xff };

struct vendor {
	uint8_t bytes[VENDOR_MAX];
	uint8_t len;
	enum ike_nat nat;
};

/* NAT traversal, the best first. */
static const struct vendor NAT_VENDORS[] = {
	{ { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95,
	    0x45, 0x2f },
	  16,
	  IKE_NAT_RFC },
	{ { 0x43, 0x9b, 0x59, 0xf8, 0xba, 0x67, 0x6c, 0x4c, 0x77, 0x37, 0xae, 0x22, 0xea, 0xb8,
	    0xf5, 0x82 },
	  16,
	  IKE_NAT_LATE_DRAFT },
	{ { 0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f, 0x2c, 0x17, 0x9d, 0x92, 0x15, 0x52,
	    0x9d, 0x56 },
	  16,
	  IKE_NAT_DRAFT },
	{ { 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08, 0x63, 0x81, 0xb5, 0xec, 0x42,
	    0x7b, 0x1f },
	  16,
	  IKE_NAT_DRAFT },
};
enum { N_NAT_VENDORS = sizeof NAT_VENDORS / sizeof NAT_VENDORS[0] };

static const struct vendor DPD = { { 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86,
	                             0x96, 0xfc, 0x77, 0x57, 0x01, 0x00 },
	                           16,
	                           IKE_NAT_NONE };

/* Cisco's fragmentation, for main mode. The last four bytes say for what; some leave them out. */
enum { FRAGMENTATION_LEN = 16 };
static const struct vendor FRAGMENTATION = { { 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8,
	                                       0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6,
	                                       0xc2, 0xd3, 0x80, 0x00, 0x00, 0x00 },
	                                     20,
	                                     IKE_NAT_NONE };

static void add_vendor(struct v1_out *o, const struct vendor *v)
{
	isakmp_add(&o->b, ISAKMP_VENDOR, v->bytes, v->len);
}

static bool is_fragmentation(const struct isakmp_payload *p)
{
	return p->type == ISAKMP_VENDOR && p->len >= FRAGMENTATION_LEN &&
	       memcmp(p->body, FRAGMENTATION.bytes, FRAGMENTATION_LEN) == 0;
}

static bool is_vendor(const struct isakmp_payload *p, const struct vendor *v)
{
	return p->type == ISAKMP_VENDOR && p->len >= v->len &&
	       memcmp(p->body, v->bytes, v->len) == 0;
}

void ike_nat_offer(const struct ike *ike, struct v1_out *o)
{
	for (size_t i = 0; !ike->snapshot->crypto.no_nat_transparency && i < N_NAT_VENDORS; i++)
		add_vendor(o, &NAT_VENDORS[i]);
	add_vendor(o, &DPD);
	if (!ike->snapshot->crypto.no_fragmentation)
		add_vendor(o, &FRAGMENTATION);
}

void ike_nat_answer(const struct ike_sa *sa, struct v1_out *o)
{
	for (size_t i = 0; i < N_NAT_VENDORS; i++) {
		if (sa->nat != IKE_NAT_NONE && NAT_VENDORS[i].nat == sa->nat) {
			add_vendor(o, &NAT_VENDORS[i]);
			break;
		}
	}
	if (sa->peer_dpd)
		add_vendor(o, &DPD);
	if (sa->turn.cuts)
		add_vendor(o, &FRAGMENTATION);
}

void ike_nat_add_vendors(struct v1_out *o)
{
	add_vendor(o, &DPD);
}

void ike_nat_read_vendors(const struct ike *ike, struct ike_sa *sa, const struct isakmp_message *m)
{
	bool spoken = !ike->snapshot->crypto.no_nat_transparency;

	for (size_t i = 0; i < m->n; i++) {
		for (size_t k = 0; spoken && k < N_NAT_VENDORS; k++)
			if (is_vendor(&m->payload[i], &NAT_VENDORS[k]) &&
			    NAT_VENDORS[k].nat > sa->nat)
				sa->nat = NAT_VENDORS[k].nat;
		if (is_vendor(&m->payload[i], &DPD))
			sa->peer_dpd = true;
		if (!ike->snapshot->crypto.no_fragmentation && is_fragmentation(&m->payload[i]))
			sa->turn.cuts = true;
	}
}

/* ---- detection ---- */

static uint8_t hash_type(const struct ike_sa *sa)
{
	if (sa->nat == IKE_NAT_RFC)
		return ISAKMP_NAT_D;
	return sa->nat == IKE_NAT_DRAFT ? ISAKMP_NAT_D_DRAFT : ISAKMP_NAT_D_LATE_DRAFT;
}

static void hash_place(struct ike *ike, const struct ike_sa *sa, const struct ike_place *place,
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
	const struct ike_place theirs = { sa->path.to, sa->path.to_port };
	struct ike_place ours = { sa->path.from, sa->path.from_port };
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
	const struct ike_place ours = { path->to, path->to_port };
	const struct ike_place theirs = { path->from, path->from_port };
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
