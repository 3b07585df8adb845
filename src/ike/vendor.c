/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vendor ids, as captures of IOS 12.4 and 15 have them: NAT traversal is offered in message 1 and
 * chosen in message 2; messages 3 and 4 have those of the Unity client, of dead peer detection, one
 * of IOS itself and that of extended authentication. That we take Cisco's fragments is
 * offered in message 1 too, since main mode may need them.
 */
#include "ike/vendor.h"

#include <string.h>

enum { VENDOR_MAX = 20, FRAGMENTS_LEN = 16 };

struct vendor {
	uint8_t bytes[VENDOR_MAX];
	uint8_t len;
	enum ike_nat nat;
};

/* NAT traversal, the best first: RFC 3947, drafts 07, 03 and 02. */
static const struct vendor NAT[] = {
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
enum { N_NAT = sizeof NAT / sizeof NAT[0] };

static const struct vendor DPD = { { 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86,
	                             0x96, 0xfc, 0x77, 0x57, 0x01, 0x00 },
	                           16,
	                           IKE_NAT_NONE };
static const struct vendor UNITY = { { 0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9, 0x70, 0x2d,
	                               0x9f, 0xe2, 0x74, 0xcc, 0x01, 0x00 },
	                             16,
	                             IKE_NAT_NONE };
static const struct vendor XAUTH = { { 0x09, 0x00, 0x26, 0x89, 0xdf, 0xd6, 0xb7, 0x12 },
	                             8,
	                             IKE_NAT_NONE };
/* Cisco's fragmentation, for main mode. The last four bytes say for what; some leave them out. */
static const struct vendor FRAGMENTS = { { 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8,
	                                   0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6,
	                                   0xc2, 0xd3, 0x80, 0x00, 0x00, 0x00 },
	                                 20,
	                                 IKE_NAT_NONE };
/* In IOS's own, the sender's cookie combined with this; what follows varies. */
#define IOS_COOKIE_MASK 0xf5c7a71d00010000ULL

static void add(struct v1_out *o, const struct vendor *v)
{
	isakmp_add(&o->b, ISAKMP_VENDOR, v->bytes, v->len);
}

static bool is(const struct isakmp_payload *p, const struct vendor *v)
{
	size_t len = v == &FRAGMENTS ? FRAGMENTS_LEN : v->len;

	return p->type == ISAKMP_VENDOR && p->len >= len && memcmp(p->body, v->bytes, len) == 0;
}

void ike_vendor_offer(const struct ike *ike, struct v1_out *o)
{
	for (size_t i = 0; !ike->snapshot->crypto.no_nat_transparency && i < N_NAT; i++)
		add(o, &NAT[i]);
	add(o, &DPD);
	if (!ike->snapshot->crypto.no_fragmentation)
		add(o, &FRAGMENTS);
}

void ike_vendor_answer(const struct ike_sa *sa, struct v1_out *o)
{
	for (size_t i = 0; i < N_NAT; i++) {
		if (sa->nat != IKE_NAT_NONE && NAT[i].nat == sa->nat) {
			add(o, &NAT[i]);
			break;
		}
	}
	if (sa->peer_dpd)
		add(o, &DPD);
	if (sa->turn.cuts)
		add(o, &FRAGMENTS);
}

static void add_ios(const struct ike *ike, const struct ike_sa *sa, struct v1_out *o)
{
	uint64_t first = sa->ours ^ IOS_COOKIE_MASK;

	isakmp_open(&o->b, ISAKMP_VENDOR);
	write_u32(&o->b.w, (uint32_t)(first >> 32));
	write_u32(&o->b.w, (uint32_t)first);
	write_u32(&o->b.w, entropy_u32(&ike->entropy));
	write_u32(&o->b.w, entropy_u32(&ike->entropy));
	isakmp_close(&o->b);
}

void ike_vendor_add(const struct ike *ike, const struct ike_sa *sa, struct v1_out *o)
{
	if (!sa->initiator)
		add(o, &UNITY);
	add(o, &DPD);
	add_ios(ike, sa, o);
	add(o, &XAUTH);
}

void ike_vendor_read(const struct ike *ike, struct ike_sa *sa, const struct isakmp_message *m)
{
	bool nat = !ike->snapshot->crypto.no_nat_transparency;

	for (size_t i = 0; i < m->n; i++) {
		for (size_t k = 0; nat && k < N_NAT; k++)
			if (is(&m->payload[i], &NAT[k]) && NAT[k].nat > sa->nat)
				sa->nat = NAT[k].nat;
		if (is(&m->payload[i], &DPD))
			sa->peer_dpd = true;
		if (!ike->snapshot->crypto.no_fragmentation && is(&m->payload[i], &FRAGMENTS))
			sa->turn.cuts = true;
	}
}
