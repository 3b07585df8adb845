/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SA payloads of IKEv1. A peer's transforms are looked at in its order, for the order is its
 * preference. A lifetime is never a reason to refuse: both ends keep the shorter one.
 */
#include "ike/v1_offer.h"

#include <stdio.h>
#include <string.h>

#include "ike/message.h"
#include "ike/v1_numbers.h"
#include "util/check.h"
#include "util/reader.h"

enum {
	DOI_IPSEC = 1,
	SITUATION_IDENTITY = 1,
	SECONDS = 1,
	KILOBYTES = 2,
	KEY_IKE = 1,
	BASIC = 0x8000, /* an attribute whose value is in place of its length */
	SPI_LEN = 4,
	DEFAULT_LIFETIME_S = 28800, /* RFC 2407 4.5: where none is said */
};

/* ---- what is configured ---- */

static void add_policy(struct v1_policies *p, const struct v1_policy *policy)
{
	if (p->n < V1_POLICIES_MAX)
		p->policy[p->n++] = *policy;
}

void v1_policies(const struct snap_crypto *crypto, const struct crypto *machine,
                 struct v1_policies *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < crypto->n_policies; i++) {
		const struct snap_isakmp_policy *from = &crypto->policy[i];
		struct v1_policy policy = {
			.cipher = snap_policy_encryption(from),
			.hash = snap_policy_hash(from),
			.group = snap_policy_group(from),
			.auth = snap_policy_authentication(from),
			.lifetime_s = snap_policy_lifetime_s(from),
		};
		if (!crypto_has_cipher(machine, policy.cipher) || !dh_group(policy.group))
			continue;
		add_policy(ret, &policy);
		policy.hash = HASH_SHA1;
		if (!from->has_hash)
			add_policy(ret, &policy);
	}
}

static void add_suite(struct v1_suites *s, const struct snap_transform_set *set, enum esp_mode mode)
{
	if (s->n == V1_SUITES_MAX)
		return;
	s->suite[s->n++] = (struct v1_suite){
		.cipher = set->cipher,
		.auth = set->auth,
		.mode = mode,
		.esn = set->esn,
		.pfs_group = s->pfs_group,
	};
}

void v1_suites(const struct snap_crypto *crypto, const struct snap_ipsec_profile *profile,
               struct v1_suites *ret)
{
	*ret = (struct v1_suites){ .pfs_group = profile->pfs_group };
	for (size_t i = 0; i < profile->n_sets; i++) {
		const struct snap_transform_set *set = snap_transform_set(crypto, profile->set[i]);
		if (!set)
			continue;
		bool tunnel = set->mode == SNAP_IPSEC_TUNNEL;
		add_suite(ret, set, tunnel ? ESP_TUNNEL : ESP_TRANSPORT);
		if (!set->require)
			add_suite(ret, set, tunnel ? ESP_TRANSPORT : ESP_TUNNEL);
	}
	for (size_t i = 0; i < ret->n; i++) {
		ret->suite[i].lifetime_s = snap_profile_lifetime_s(crypto, profile);
		ret->suite[i].lifetime_kb = snap_profile_lifetime_kb(crypto, profile);
	}
}

/* ---- writing ---- */

static void write_basic(struct writer *w, uint16_t type, uint16_t value)
{
	write_u16(w, BASIC | type);
	write_u16(w, value);
}

static void write_long(struct writer *w, uint16_t type, uint32_t value)
{
	write_u16(w, type);
	write_u16(w, 4);
	write_u32(w, value);
}

static void write_head(struct writer *w)
{
	write_u32(w, DOI_IPSEC);
	write_u32(w, SITUATION_IDENTITY);
}

/* A proposal's header; returns where it begins. */
static size_t open_proposal(struct writer *w, uint8_t number, uint32_t spi, uint8_t n_transforms)
{
	size_t at = writer_len(w);

	write_u16(w, ISAKMP_NONE);
	write_u16(w, 0);
	write_u8(w, number);
	write_u8(w, spi ? V1_PROTOCOL_ESP : V1_PROTOCOL_ISAKMP);
	write_u8(w, spi ? SPI_LEN : 0);
	write_u8(w, n_transforms);
	if (spi)
		write_u32(w, spi);
	return at;
}

static void close_part(struct writer *w, size_t at)
{
	write_u16_at(w, at + 2, (uint16_t)(writer_len(w) - at));
}

static size_t open_transform(struct writer *w, size_t i, size_t n, uint8_t id)
{
	size_t at = writer_len(w);

	write_u8(w, i + 1 < n ? ISAKMP_TRANSFORM : ISAKMP_NONE);
	write_u8(w, 0);
	write_u16(w, 0);
	write_u8(w, (uint8_t)(i + 1));
	write_u8(w, id);
	write_u16(w, 0);
	return at;
}

/* The order of attributes is IOS's. */
static void write_policy(struct writer *w, const struct v1_policy *p)
{
	write_basic(w, V1_OAKLEY_CIPHER, v1_cipher_number(p->cipher));
	if (v1_cipher_bits(p->cipher))
		write_basic(w, V1_OAKLEY_KEY_BITS, v1_cipher_bits(p->cipher));
	write_basic(w, V1_OAKLEY_HASH, v1_hash_number(p->hash));
	write_basic(w, V1_OAKLEY_GROUP, p->group);
	write_basic(w, V1_OAKLEY_AUTH, p->auth == SNAP_AUTH_PRE_SHARE ? V1_PSK : V1_RSA_SIG);
	write_basic(w, V1_OAKLEY_LIFE_TYPE, SECONDS);
	write_long(w, V1_OAKLEY_LIFE, p->lifetime_s);
}

void v1_offer_policies(struct writer *w, const struct v1_policies *p)
{
	write_head(w);
	size_t proposal = open_proposal(w, 1, 0, (uint8_t)p->n);
	for (size_t i = 0; i < p->n; i++) {
		size_t at = open_transform(w, i, p->n, KEY_IKE);
		write_policy(w, &p->policy[i]);
		close_part(w, at);
	}
	close_part(w, proposal);
}

void v1_write_lifetimes(struct writer *w, const struct v1_suite *suite)
{
	write_basic(w, V1_ESP_LIFE_TYPE, SECONDS);
	write_long(w, V1_ESP_LIFE, suite->lifetime_s);
	if (!suite->lifetime_kb)
		return;
	write_basic(w, V1_ESP_LIFE_TYPE, KILOBYTES);
	write_long(w, V1_ESP_LIFE, suite->lifetime_kb);
}

static void write_suite(struct writer *w, const struct v1_suite *s, bool draft)
{
	uint16_t mode = s->mode == ESP_TUNNEL ? V1_TUNNEL : V1_TRANSPORT;

	if (s->udp)
		mode = (uint16_t)(mode + (draft ? V1_UDP_DRAFT_OFFSET : V1_UDP_OFFSET));
	write_basic(w, V1_ESP_MODE, mode);
	v1_write_lifetimes(w, s);
	if (s->auth != ESP_AUTH_NONE)
		write_basic(w, V1_ESP_AUTH, v1_esp_auth_number(s->auth));
	if (s->pfs_group)
		write_basic(w, V1_ESP_GROUP, s->pfs_group);
	if (v1_esp_cipher_bits(s->cipher))
		write_basic(w, V1_ESP_KEY_BITS, v1_esp_cipher_bits(s->cipher));
	if (s->esn)
		write_basic(w, V1_ESP_ESN, 1);
}

void v1_offer_suites(struct writer *w, const struct v1_suites *s, uint32_t spi)
{
	write_head(w);
	size_t proposal = open_proposal(w, 1, spi, (uint8_t)s->n);
	for (size_t i = 0; i < s->n; i++) {
		size_t at = open_transform(w, i, s->n, v1_esp_cipher_number(s->suite[i].cipher));
		write_suite(w, &s->suite[i], s->draft_modes);
		close_part(w, at);
	}
	close_part(w, proposal);
}

void v1_answer(struct writer *w, const struct v1_chosen *chosen, uint32_t spi)
{
	write_head(w);
	size_t proposal = open_proposal(w, chosen->proposal, spi, 1);
	write_u8(w, ISAKMP_NONE);
	write_bytes(w, chosen->transform + 1, chosen->transform_len - 1);
	close_part(w, proposal);
}

/* ---- reading ---- */

/* One attribute. False behind the last. */
struct attribute {
	uint16_t type;
	uint64_t value; /* all ones when longer than eight bytes */
};

static bool read_attribute(struct reader *r, struct attribute *ret)
{
	if (r->failed || reader_left(r) == 0)
		return false;
	ret->type = read_u16(r);
	ret->value = read_u16(r);
	if (ret->type & BASIC) {
		ret->type = (uint16_t)(ret->type & ~BASIC);
		return !r->failed;
	}
	size_t len = (size_t)ret->value;
	const uint8_t *bytes = read_bytes(r, len);
	ret->value = len > 8 ? UINT64_MAX : 0;
	for (size_t i = 0; bytes && len <= 8 && i < len; i++)
		ret->value = ret->value << 8 | bytes[i];
	return !r->failed;
}

static uint32_t clamp(uint64_t value)
{
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* What one transform says, in numbers of the wire; 0: not said. */
struct said {
	uint8_t id;
	uint16_t cipher, key_bits, hash, auth, group, mode, esn;
	uint32_t life_s, life_kb;
};

static void note_life(struct said *s, uint16_t type, uint64_t value)
{
	if (type == KILOBYTES)
		s->life_kb = clamp(value);
	else
		s->life_s = clamp(value);
}

static bool read_said(struct reader r, bool esp, struct said *ret)
{
	struct attribute a;
	uint16_t life_type = SECONDS;

	*ret = (struct said){ 0 };
	read_skip(&r, 1); /* number of the transform */
	ret->id = read_u8(&r);
	read_skip(&r, 2);
	while (read_attribute(&r, &a)) {
		uint16_t value = a.value > UINT16_MAX ? UINT16_MAX : (uint16_t)a.value;
		if (a.type == (esp ? V1_ESP_LIFE_TYPE : V1_OAKLEY_LIFE_TYPE))
			life_type = value;
		else if (a.type == (esp ? V1_ESP_LIFE : V1_OAKLEY_LIFE))
			note_life(ret, life_type, a.value);
		else if (a.type == (esp ? V1_ESP_GROUP : V1_OAKLEY_GROUP))
			ret->group = value;
		else if (a.type == (esp ? V1_ESP_KEY_BITS : V1_OAKLEY_KEY_BITS))
			ret->key_bits = value;
		else if (a.type == (esp ? V1_ESP_AUTH : V1_OAKLEY_AUTH))
			ret->auth = value;
		else if (esp && a.type == V1_ESP_MODE)
			ret->mode = value;
		else if (esp && a.type == V1_ESP_ESN)
			ret->esn = value;
		else if (!esp && a.type == V1_OAKLEY_CIPHER)
			ret->cipher = value;
		else if (!esp && a.type == V1_OAKLEY_HASH)
			ret->hash = value;
	}
	return !r.failed;
}

/* A transform of the peer's, one after the other over all proposals of our protocol. */
struct walk {
	struct reader proposals, transforms;
	uint8_t next_proposal, next_transform;
	uint8_t protocol; /* that we look for */
	uint8_t number;
	uint32_t spi;
	const uint8_t *raw; /* the transform with its header */
	size_t raw_len;
};

static bool begin_walk(struct walk *w, const struct isakmp_payload *offer, uint8_t protocol)
{
	*w = (struct walk){ .proposals = reader_over(offer->body, offer->len),
		            .protocol = protocol };
	uint32_t doi = read_u32(&w->proposals);
	uint32_t situation = read_u32(&w->proposals);
	w->next_proposal = ISAKMP_PROPOSAL;
	return !w->proposals.failed && doi == DOI_IPSEC && situation == SITUATION_IDENTITY;
}

/* Enters the next proposal; with another protocol it has nothing for us. */
static bool next_proposal(struct walk *w)
{
	if (w->next_proposal != ISAKMP_PROPOSAL || w->proposals.failed)
		return false;
	w->next_proposal = read_u8(&w->proposals);
	read_skip(&w->proposals, 1);
	size_t len = read_u16(&w->proposals);
	struct reader r = read_sub(&w->proposals, len < 4 ? SIZE_MAX : len - 4);
	w->number = read_u8(&r);
	uint8_t protocol = read_u8(&r);
	size_t spi_len = read_u8(&r);
	read_skip(&r, 1);
	struct reader spi = read_sub(&r, spi_len);
	w->spi = spi_len == SPI_LEN ? read_u32(&spi) : 0;
	w->transforms = r;
	bool usable =
		protocol == w->protocol && (protocol != V1_PROTOCOL_ESP || w->spi >= ESP_SPI_MIN);
	w->next_transform = usable && !r.failed ? ISAKMP_TRANSFORM : ISAKMP_NONE;
	return !w->proposals.failed;
}

static bool next_transform(struct walk *w, struct said *ret)
{
	for (;;) {
		while (w->next_transform != ISAKMP_TRANSFORM)
			if (!next_proposal(w))
				return false;
		w->raw = w->transforms.at;
		w->next_transform = read_u8(&w->transforms);
		read_skip(&w->transforms, 1);
		size_t len = read_u16(&w->transforms);
		struct reader r = read_sub(&w->transforms, len < 4 ? SIZE_MAX : len - 4);
		w->raw_len = len;
		if (w->transforms.failed)
			w->next_transform = ISAKMP_NONE;
		else if (len <= V1_TRANSFORM_MAX &&
		         read_said(r, w->protocol == V1_PROTOCOL_ESP, ret))
			return true;
	}
}

static void keep_choice(const struct walk *w, struct v1_chosen *ret)
{
	ret->proposal = w->number;
	ret->spi = w->spi;
	ret->transform_len = w->raw_len;
	memcpy(ret->transform, w->raw, w->raw_len);
}

/* ---- choosing ---- */

/* What differs between an offer and the closest of ours. */
struct difference {
	int n;
	char text[V1_TEXT_SIZE];
};

static void differ(struct difference *d, const char *what, const char *offered, const char *ours)
{
	size_t at = strlen(d->text);

	snprintf(d->text + at, sizeof d->text - at, "%s%s: offered %s, configured %s",
	         d->n ? "; " : "", what, offered, ours);
	d->n++;
}

/* How close the peer's transforms have come so far. */
struct closest {
	struct v1_mismatch *why;
	int n, n_written; /* differences, of any and of those that a configuration can say */
};

static struct closest closest_to_nothing(const char *text, struct v1_mismatch *why)
{
	*why = (struct v1_mismatch){ .can_be_written = false };
	snprintf(why->text, sizeof why->text, "%s", text);
	return (struct closest){ why, INT32_MAX, INT32_MAX };
}

/* Whether it is, of those that can be written, the closest so far. */
static bool comes_closer(struct closest *c, const struct difference *d, bool can_be_written)
{
	if (d->n < c->n) {
		c->n = d->n;
		memcpy(c->why->text, d->text, sizeof c->why->text);
	}
	if (!can_be_written || d->n >= c->n_written)
		return false;
	c->n_written = d->n;
	c->why->can_be_written = true;
	return true;
}

static const char *group_text(uint16_t group, char buf[static 16])
{
	if (group)
		snprintf(buf, 16, "group %u", group);
	else
		snprintf(buf, 16, "none");
	return buf;
}

static void differ_group(struct difference *d, const char *what, uint16_t offered, uint16_t ours)
{
	char a[16], b[16];

	if (offered != ours)
		differ(d, what, group_text(offered, a), group_text(ours, b));
}

static const char *auth_text(uint16_t auth)
{
	if (auth == V1_PSK)
		return "pre-share";
	return auth == V1_RSA_SIG ? "rsa-sig" : "another method";
}

static struct difference compare_policy(const struct said *said, const struct v1_policy *ours)
{
	struct difference d = { .n = 0 };
	uint16_t auth = ours->auth == SNAP_AUTH_PRE_SHARE ? V1_PSK : V1_RSA_SIG;

	if (said->cipher != v1_cipher_number(ours->cipher) ||
	    said->key_bits != v1_cipher_bits(ours->cipher))
		differ(&d, "encryption", v1_cipher_text(said->cipher, said->key_bits),
		       cipher_algorithm(ours->cipher)->name);
	if (said->hash != v1_hash_number(ours->hash))
		differ(&d, "hash", v1_hash_text(said->hash), hash_algorithm(ours->hash)->name);
	differ_group(&d, "group", said->group, ours->group);
	if (said->auth != auth)
		differ(&d, "authentication", auth_text(said->auth), auth_text(auth));
	return d;
}

/* Whether a configuration can say it, and what it is then. */
static bool read_policy(const struct said *said, struct v1_policy *ret)
{
	ret->group = said->group;
	ret->auth = said->auth == V1_PSK ? SNAP_AUTH_PRE_SHARE : SNAP_AUTH_RSA_SIG;
	return said->id == KEY_IKE && v1_find_cipher(said->cipher, said->key_bits, &ret->cipher) &&
	       v1_find_hash(said->hash, &ret->hash) && dh_group(said->group) &&
	       (said->auth == V1_PSK || said->auth == V1_RSA_SIG);
}

static uint32_t shorter(uint32_t a, uint32_t b)
{
	if (!a || !b)
		return a ? a : b;
	return a < b ? a : b;
}

bool v1_choose_policy(const struct isakmp_payload *offer, const struct v1_policies *ours,
                      struct v1_chosen *ret, struct v1_mismatch *ret_why)
{
	struct closest closest = closest_to_nothing("no ISAKMP policy", ret_why);
	struct v1_policy policy = { 0 };
	struct walk w;
	struct said said;

	if (!begin_walk(&w, offer, V1_PROTOCOL_ISAKMP))
		return false;
	while (next_transform(&w, &said)) {
		for (size_t i = 0; said.id == KEY_IKE && i < ours->n; i++) {
			struct difference d = compare_policy(&said, &ours->policy[i]);
			if (d.n == 0) {
				ret->policy = ours->policy[i];
				ret->policy.lifetime_s =
					shorter(said.life_s, ours->policy[i].lifetime_s);
				keep_choice(&w, ret);
				return true;
			}
			if (comes_closer(&closest, &d, read_policy(&said, &policy)))
				ret_why->policy = policy;
		}
	}
	return false;
}

static bool read_mode(uint16_t number, struct v1_suite *ret)
{
	uint16_t mode = number;

	if (number > V1_UDP_DRAFT_OFFSET)
		mode = (uint16_t)(number - V1_UDP_DRAFT_OFFSET);
	else if (number > V1_UDP_OFFSET)
		mode = (uint16_t)(number - V1_UDP_OFFSET);
	ret->udp = mode != number;
	ret->mode = mode == V1_TRANSPORT ? ESP_TRANSPORT : ESP_TUNNEL;
	return mode == V1_TUNNEL || mode == V1_TRANSPORT;
}

/* Likewise. Packets without a proof are none that a configuration admits. */
static bool read_suite(const struct said *said, struct v1_suite *ret)
{
	if (!v1_find_esp_cipher(said->id, said->key_bits, &ret->cipher) ||
	    !v1_find_esp_auth(said->auth, &ret->auth))
		return false;
	ret->pfs_group = said->group;
	ret->esn = said->esn == 1;
	bool proves = esp_cipher_algorithm(ret->cipher)->icv_len > 0;
	return read_mode(said->mode, ret) && proves == (ret->auth == ESP_AUTH_NONE) &&
	       (!said->group || dh_group(said->group));
}

static struct difference compare_suite(const struct said *said, const struct v1_suites *all,
                                       const struct v1_suite *ours)
{
	struct difference d = { .n = 0 };
	struct v1_suite peer = { 0 };

	if (said->id != v1_esp_cipher_number(ours->cipher) ||
	    said->key_bits != v1_esp_cipher_bits(ours->cipher))
		differ(&d, "transform", v1_esp_cipher_text(said->id, said->key_bits),
		       esp_cipher_algorithm(ours->cipher)->name);
	if (said->auth != v1_esp_auth_number(ours->auth))
		differ(&d, "transform", v1_esp_auth_text(said->auth),
		       v1_esp_auth_text(v1_esp_auth_number(ours->auth)));
	if (!read_mode(said->mode, &peer) || peer.mode != ours->mode)
		differ(&d, "mode", peer.mode == ESP_TUNNEL ? "tunnel" : "transport",
		       ours->mode == ESP_TUNNEL ? "tunnel" : "transport");
	if (peer.udp != ours->udp)
		differ(&d, "UDP encapsulation", peer.udp ? "on" : "off", ours->udp ? "on" : "off");
	if (all->pfs_group)
		differ_group(&d, "PFS", said->group, all->pfs_group);
	else if (said->group && !dh_group(said->group))
		differ_group(&d, "PFS", said->group, 0);
	if ((said->esn == 1) != ours->esn)
		differ(&d, "extended sequence numbers", said->esn == 1 ? "on" : "off",
		       ours->esn ? "on" : "off");
	return d;
}

static void take_suite(const struct said *said, const struct v1_suite *ours, struct v1_chosen *ret)
{
	uint32_t life_s = said->life_s || said->life_kb ? said->life_s : DEFAULT_LIFETIME_S;
	struct v1_suite *suite = &ret->suite;

	*suite = *ours;
	(void)read_mode(said->mode, suite);
	suite->pfs_group = said->group;
	suite->lifetime_s = shorter(life_s, ours->lifetime_s);
	suite->lifetime_kb = shorter(said->life_kb, ours->lifetime_kb);
	ret->is_shorter = suite->lifetime_s != life_s || suite->lifetime_kb != said->life_kb;
}

bool v1_choose_suite(const struct isakmp_payload *offer, const struct v1_suites *ours,
                     struct v1_chosen *ret, struct v1_mismatch *ret_why)
{
	struct closest closest = closest_to_nothing("no proposal of ESP", ret_why);
	struct v1_suite suite = { 0 };
	struct walk w;
	struct said said;

	if (!begin_walk(&w, offer, V1_PROTOCOL_ESP))
		return false;
	while (next_transform(&w, &said)) {
		for (size_t i = 0; i < ours->n; i++) {
			struct difference d = compare_suite(&said, ours, &ours->suite[i]);
			if (d.n == 0) {
				take_suite(&said, &ours->suite[i], ret);
				keep_choice(&w, ret);
				return true;
			}
			if (comes_closer(&closest, &d, read_suite(&said, &suite)))
				ret_why->suite = suite;
		}
	}
	return false;
}

void v1_read_lifetimes(const uint8_t *attributes, size_t len, struct v1_suite *suite)
{
	struct reader r = reader_over(attributes, len);
	struct attribute a;
	struct said said = { 0 };
	uint16_t type = SECONDS;

	while (read_attribute(&r, &a)) {
		if (a.type == V1_ESP_LIFE_TYPE)
			type = (uint16_t)a.value;
		else if (a.type == V1_ESP_LIFE)
			note_life(&said, type, a.value);
	}
	suite->lifetime_s = shorter(suite->lifetime_s, said.life_s);
	suite->lifetime_kb = shorter(suite->lifetime_kb, said.life_kb);
}
