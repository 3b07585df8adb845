/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates in phase 1. The peer's first certificate is its own, the others may lead to a CA of
 * ours (RFC 4945 3.3). Each trustpoint is asked in turn; what is told is what went wrong at the one
 * that came furthest.
 */
#include "ike/v1_cert.h"

#include <stdio.h>
#include <string.h>

#include "ike/identity.h"

enum {
	X509_SIGNATURE = 4, /* encoding, RFC 2408 3.9 */
	REQUESTS_MAX = 16,  /* of ours in one message */
};

/* ---- requests ---- */

static bool was_requested(const struct crypto_part *seen, size_t n, struct crypto_part name)
{
	for (size_t i = 0; i < n; i++)
		if (cert_names_equal(seen[i], name))
			return true;
	return false;
}

void v1_cert_add_requests(const struct ike *ike, const struct ike_sa *sa, struct v1_out *o)
{
	struct crypto_part seen[REQUESTS_MAX], name;
	const struct ike_trustpoint *t = NULL;
	size_t n = 0;

	while ((t = ike_trustpoint_next(ike, &sa->host->key.local, t)))
		for (size_t i = 0; (name = cert_trust_subject(t->trust, i)).len; i++) {
			if (n == REQUESTS_MAX || was_requested(seen, n, name))
				continue;
			isakmp_open(&o->b, ISAKMP_CERT_REQUEST);
			write_u8(&o->b.w, X509_SIGNATURE);
			write_bytes(&o->b.w, name.bytes, name.len);
			isakmp_close(&o->b);
			seen[n++] = name;
		}
}

static bool leads_to(const struct ike_trustpoint *t, struct crypto_part name)
{
	struct crypto_part subject;

	for (size_t i = 0; i < t->n_own; i++)
		if (cert_names_equal(cert_issuer(t->own[i]), name))
			return true;
	for (size_t i = 0; (subject = cert_trust_subject(t->trust, i)).len; i++)
		if (cert_names_equal(subject, name))
			return true;
	return false;
}

static const struct ike_trustpoint *next_proving(const struct ike *ike, const struct addr *local,
                                                 const struct ike_trustpoint *after)
{
	const struct ike_trustpoint *t = ike_trustpoint_next(ike, local, after);

	while (t && !ike_trustpoint_proves_us(t))
		t = ike_trustpoint_next(ike, local, t);
	return t;
}

void v1_cert_read_requests(const struct ike *ike, const struct ike_sa *sa,
                           const struct isakmp_message *m)
{
	struct ike_main *main = sa->main;

	for (size_t i = 0; i < m->n && !main->trustpoint[0]; i++) {
		const struct isakmp_payload *p = &m->payload[i];
		const struct ike_trustpoint *t = NULL;
		if (p->type != ISAKMP_CERT_REQUEST || p->len < 2 || p->body[0] != X509_SIGNATURE)
			continue;
		const struct crypto_part name = { p->body + 1, p->len - 1 };
		do
			t = next_proving(ike, &sa->host->key.local, t);
		while (t && !leads_to(t, name));
		if (t)
			memcpy(main->trustpoint, t->name, sizeof main->trustpoint);
	}
}

/* ---- our own ---- */

bool v1_cert_can_prove(const struct ike *ike, const struct addr *local)
{
	return next_proving(ike, local, NULL) != NULL;
}

const struct ike_trustpoint *v1_cert_ours(const struct ike *ike, const struct ike_sa *sa)
{
	const struct ike_trustpoint *asked = ike_trustpoint_find(ike, sa->main->trustpoint);

	if (asked && ike_trustpoint_proves_us(asked))
		return asked;
	return next_proving(ike, &sa->host->key.local, NULL);
}

void v1_cert_add(const struct ike_trustpoint *t, struct v1_out *o)
{
	for (size_t i = 0; i < t->n_own; i++) {
		const struct crypto_part der = cert_der(t->own[i]);
		isakmp_open(&o->b, ISAKMP_CERT);
		write_u8(&o->b.w, X509_SIGNATURE);
		write_bytes(&o->b.w, der.bytes, der.len);
		isakmp_close(&o->b);
	}
}

/* ---- the peer's ---- */

struct certs {
	struct cert *cert[CERT_DEPTH_MAX];
	size_t n;
};

static void read_certs(struct ike *ike, const struct isakmp_message *m, struct certs *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < m->n && ret->n < CERT_DEPTH_MAX; i++) {
		const struct isakmp_payload *p = &m->payload[i];
		if (p->type != ISAKMP_CERT || p->len < 2 || p->body[0] != X509_SIGNATURE)
			continue;
		struct cert *cert =
			cert_new(ike->crypto, (struct crypto_part){ p->body + 1, p->len - 1 });
		if (cert)
			ret->cert[ret->n++] = cert;
	}
}

static void free_certs(struct certs *c)
{
	for (size_t i = 0; i < c->n; i++)
		cert_free(c->cert[i]);
}

static enum cert_revocation revocation_of(const struct ike *ike, const struct ike_trustpoint *t)
{
	const struct snap_trustpoint *s = snap_trustpoint(&ike->snapshot->crypto, t->name);

	switch (s ? s->revocation : SNAP_REVOCATION_CRL) {
	case SNAP_REVOCATION_NONE:
		return CERT_CRL_IGNORED;
	case SNAP_REVOCATION_CRL_NONE:
		return CERT_CRL_HEEDED;
	case SNAP_REVOCATION_CRL:
		break;
	}
	return CERT_CRL_NEEDED;
}

/* True when one of our trustpoints vouches for the first certificate. */
static bool is_trusted(const struct ike *ike, const struct ike_sa *sa, const struct certs *certs,
                       char why[static CERT_TEXT_SIZE])
{
	const struct ike_trustpoint *t = NULL;
	enum cert_verdict best = CERT_ISSUER_UNKNOWN;
	bool any = false;

	snprintf(why, CERT_TEXT_SIZE, "no trustpoint has a CA certificate");
	while ((t = ike_trustpoint_next(ike, &sa->host->key.local, t))) {
		const struct cert_chain chain = {
			.cert = (const struct cert *const *)certs->cert,
			.n = certs->n,
			.wall_ms = ike->now.wall_ms,
			.revocation = revocation_of(ike, t),
		};
		char text[CERT_TEXT_SIZE];
		if (!cert_trust_subject(t->trust, 0).len)
			continue;
		enum cert_verdict verdict = cert_trust_check(t->trust, &chain, text);
		if (verdict == CERT_VALID)
			return true;
		if (!any || (best == CERT_ISSUER_UNKNOWN && verdict == CERT_INVALID)) {
			memcpy(why, text, sizeof text);
			best = verdict;
		}
		any = true;
	}
	return false;
}

static enum ike_drop refuse(struct v1_proof *proof, enum ike_notify_type notify)
{
	proof->notify = notify;
	return IKE_DROP_CERTIFICATE;
}

static enum ike_drop check_first(struct ike *ike, const struct ike_sa *sa,
                                 const struct certs *certs, struct v1_proof *proof)
{
	char identity[IKE_ID_TEXT_SIZE], name[CERT_NAME_SIZE];
	const struct cert *cert = certs->cert[0];

	cert_format_name(cert_subject(cert), name);
	if (!is_trusted(ike, sa, certs, proof->why))
		return refuse(proof, IKE_NOTIFY_INVALID_CERTIFICATE);
	if (!cert_verify_raw(cert, (struct crypto_part){ proof->hash, proof->hash_len },
	                     (struct crypto_part){ proof->sig->body, proof->sig->len })) {
		snprintf(proof->why, sizeof proof->why,
		         "the signature is not that of the key of certificate %s", name);
		return refuse(proof, IKE_NOTIFY_INVALID_SIGNATURE);
	}
	if (!ike_identity_fits(proof->id, cert, &sa->host->key.remote)) {
		snprintf(proof->why, sizeof proof->why, "identity: %s is not in certificate %s",
		         ike_identity_text(proof->id, identity), name);
		proof->advice = "crypto isakmp identity dn at the other end, or a subjectAltName "
				"in its certificate";
		return refuse(proof, IKE_NOTIFY_INVALID_ID);
	}
	return IKE_DROP_NONE;
}

enum ike_drop v1_cert_check(struct ike *ike, const struct ike_sa *sa, const struct v1_in *in,
                            struct v1_proof *proof)
{
	enum ike_drop drop;
	struct certs certs;

	read_certs(ike, &in->m, &certs);
	if (certs.n) {
		drop = check_first(ike, sa, &certs, proof);
	} else {
		snprintf(proof->why, sizeof proof->why, "there is no certificate in the message");
		drop = refuse(proof, IKE_NOTIFY_CERTIFICATE_UNAVAILABLE);
	}
	free_certs(&certs);
	return drop;
}
