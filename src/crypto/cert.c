/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates over OpenSSL's X509. The clock is the caller's (X509_VERIFY_PARAM_set_time), no
 * lookup method is ever added to a store, and only public keys are used: no I/O, no clock, no
 * randomness.
 *
 * Every CA that is added is an anchor, root or not (X509_V_FLAG_PARTIAL_CHAIN): the operator has
 * named it. Revocation is checked for all below the anchor.
 */
#include "crypto/cert.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/internal.h"
#include "util/check.h"
#include "util/memory.h"

enum { DATE_SIZE = 32 };

struct cert {
	struct crypto *crypto;
	X509 *x;
	uint8_t *der;
	size_t der_len;
};

struct cert_trust {
	struct crypto *crypto;
	X509_STORE *store;
	X509 **ca; /* also in the store */
	size_t n;
	bool has_crl;
};

/* ---- certificates ---- */

static X509 *parse(struct crypto *c, struct crypto_part der)
{
	X509 *x = der.len && der.len <= CERT_DER_MAX ? X509_new_ex(c->library, NULL) : NULL;
	const unsigned char *at = der.bytes;

	/* d2i frees what it fails on. */
	if (x && !d2i_X509(&x, &at, (long)der.len))
		x = NULL;
	if (x && at != (const unsigned char *)der.bytes + der.len) {
		X509_free(x);
		x = NULL;
	}
	ERR_clear_error();
	return x;
}

struct cert *cert_new(struct crypto *c, struct crypto_part der)
{
	X509 *x = parse(c, der);

	if (!x)
		return NULL;
	struct cert *cert = memory_new(1, sizeof *cert);
	cert->crypto = c;
	cert->x = x;
	cert->der = memory_new(1, der.len);
	memcpy(cert->der, der.bytes, der.len);
	cert->der_len = der.len;
	return cert;
}

void cert_free(struct cert *cert)
{
	if (!cert)
		return;
	X509_free(cert->x);
	free(cert->der);
	free(cert);
}

struct crypto_part cert_der(const struct cert *cert)
{
	return (struct crypto_part){ cert->der, cert->der_len };
}

static struct crypto_part der_of(const X509_NAME *name)
{
	const unsigned char *bytes;
	size_t len;

	if (!X509_NAME_get0_der(name, &bytes, &len))
		return (struct crypto_part){ NULL, 0 };
	return (struct crypto_part){ bytes, len };
}

struct crypto_part cert_subject(const struct cert *cert)
{
	return der_of(X509_get_subject_name(cert->x));
}

struct crypto_part cert_issuer(const struct cert *cert)
{
	return der_of(X509_get_issuer_name(cert->x));
}

bool cert_is_ca(const struct cert *cert)
{
	return X509_check_ca(cert->x) == 1;
}

/* ---- names ---- */

static X509_NAME *parse_name(struct crypto_part der)
{
	const unsigned char *at = der.bytes;
	X509_NAME *name = der.len ? d2i_X509_NAME(NULL, &at, (long)der.len) : NULL;

	if (name && at != (const unsigned char *)der.bytes + der.len) {
		X509_NAME_free(name);
		name = NULL;
	}
	ERR_clear_error();
	return name;
}

/* Appends one "CN=R1"; what is not printable ASCII, and commas, as "?". */
static void format_entry(const X509_NAME_ENTRY *entry, char *text, size_t size)
{
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
	const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
	const unsigned char *bytes = ASN1_STRING_get0_data(value);
	int nid = OBJ_obj2nid(object), len = ASN1_STRING_length(value);
	size_t at = strlen(text);

	at += (size_t)snprintf(text + at, size - at, "%s%s=", at ? "," : "",
	                       nid == NID_undef ? "OID" : OBJ_nid2sn(nid));
	for (int i = 0; i < len && at + 1 < size; i++) {
		bool plain = bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != ',';
		text[at++] = plain ? (char)bytes[i] : '?';
	}
	if (at < size)
		text[at] = '\0';
}

static const char *format_name(const X509_NAME *name, char text[static CERT_NAME_SIZE])
{
	int n = name ? X509_NAME_entry_count(name) : 0;

	text[0] = '\0';
	/* The most specific, which is last in DER, is read first. */
	for (int i = n; i-- > 0 && strlen(text) + 1 < CERT_NAME_SIZE;)
		format_entry(X509_NAME_get_entry(name, i), text, CERT_NAME_SIZE);
	if (!text[0])
		snprintf(text, CERT_NAME_SIZE, "?");
	return text;
}

const char *cert_format_name(struct crypto_part der, char text[static CERT_NAME_SIZE])
{
	X509_NAME *name = parse_name(der);

	format_name(name, text);
	X509_NAME_free(name);
	return text;
}

bool cert_names_equal(struct crypto_part a, struct crypto_part b)
{
	X509_NAME *x = parse_name(a), *y = parse_name(b);
	bool equal = x && y && X509_NAME_cmp(x, y) == 0;

	X509_NAME_free(x);
	X509_NAME_free(y);
	return equal;
}

/* ---- as they are shown ---- */

static int64_t seconds_of(const ASN1_TIME *time)
{
	enum { DAY_S = 86400 };
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	if (!epoch || !ASN1_TIME_diff(&days, &seconds, epoch, time))
		days = seconds = 0;
	ASN1_TIME_free(epoch);
	return (int64_t)days * DAY_S + seconds;
}

static void format_serial(const ASN1_INTEGER *serial, char text[static CERT_SERIAL_SIZE])
{
	const unsigned char *bytes = ASN1_STRING_get0_data(serial);
	const int len = ASN1_STRING_length(serial);

	text[0] = '\0';
	for (int i = 0; i < len && 2 * i + 2 < CERT_SERIAL_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02X", bytes[i]);
}

static void describe(const X509 *x, struct cert_facts *ret)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);

	*ret = (struct cert_facts){ .from_s = seconds_of(X509_get0_notBefore(x)),
		                    .until_s = seconds_of(X509_get0_notAfter(x)),
		                    .key_bits = key ? (unsigned)EVP_PKEY_get_bits(key) : 0,
		                    .ca = X509_check_ca((X509 *)x) == 1 };
	format_name(X509_get_subject_name(x), ret->subject);
	format_name(X509_get_issuer_name(x), ret->issuer);
	format_serial(X509_get0_serialNumber(x), ret->serial);
}

void cert_describe(const struct cert *cert, struct cert_facts *ret)
{
	describe(cert->x, ret);
}

bool cert_trust_describe(const struct cert_trust *t, size_t i, struct cert_facts *ret)
{
	if (i >= t->n)
		return false;
	describe(t->ca[i], ret);
	return true;
}

/* ---- identities ---- */

static bool has_general_name(const struct cert *cert, int type)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert->x, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++)
		found |= sk_GENERAL_NAME_value(names, i)->type == type;
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return found;
}

bool cert_has_address(const struct cert *cert, const struct addr *address)
{
	return !addr_is_none(address) &&
	       X509_check_ip(cert->x, address->bytes, addr_len(address), 0) == 1;
}

bool cert_has_any_address(const struct cert *cert)
{
	return has_general_name(cert, GEN_IPADD);
}

static bool has_unstructured_name(const struct cert *cert, struct crypto_part name)
{
	const X509_NAME *subject = X509_get_subject_name(cert->x);
	int i = X509_NAME_get_index_by_NID(subject, NID_pkcs9_unstructuredName, -1);

	if (i < 0)
		return false;
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i));
	return (size_t)ASN1_STRING_length(value) == name.len &&
	       strncasecmp((const char *)ASN1_STRING_get0_data(value), name.bytes, name.len) == 0;
}

bool cert_has_host(const struct cert *cert, struct crypto_part name)
{
	const unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;

	if (!name.len || memchr(name.bytes, '\0', name.len))
		return false;
	if (has_general_name(cert, GEN_DNS))
		return X509_check_host(cert->x, name.bytes, name.len, flags, NULL) == 1;
	return has_unstructured_name(cert, name);
}

bool cert_has_mailbox(const struct cert *cert, struct crypto_part mailbox)
{
	if (!mailbox.len || memchr(mailbox.bytes, '\0', mailbox.len))
		return false;
	return X509_check_email(cert->x, mailbox.bytes, mailbox.len,
	                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT) == 1;
}

/* ---- trust ---- */

struct cert_trust *cert_trust_new(struct crypto *c)
{
	struct cert_trust *t = memory_new(1, sizeof *t);

	t->crypto = c;
	t->store = X509_STORE_new();
	check(t->store);
	return t;
}

void cert_trust_free(struct cert_trust *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		X509_free(t->ca[i]);
	free(t->ca);
	X509_STORE_free(t->store);
	free(t);
}

bool cert_trust_add_ca(struct cert_trust *t, struct crypto_part der)
{
	X509 *x = parse(t->crypto, der);

	if (!x || X509_check_ca(x) == 0) {
		X509_free(x);
		return false;
	}
	check(X509_STORE_add_cert(t->store, x));
	t->ca = memory_resize(t->ca, t->n + 1, sizeof *t->ca);
	t->ca[t->n++] = x;
	return true;
}

bool cert_trust_add_crl(struct cert_trust *t, struct crypto_part der)
{
	X509_CRL *crl = X509_CRL_new_ex(t->crypto->library, NULL);
	const unsigned char *at = der.bytes;

	if (crl && !d2i_X509_CRL(&crl, &at, (long)der.len))
		crl = NULL;
	bool whole = crl && at == (const unsigned char *)der.bytes + der.len;
	if (whole)
		check(X509_STORE_add_crl(t->store, crl));
	t->has_crl |= whole;
	X509_CRL_free(crl);
	ERR_clear_error();
	return whole;
}

struct crypto_part cert_trust_subject(const struct cert_trust *t, size_t i)
{
	if (i >= t->n)
		return (struct crypto_part){ NULL, 0 };
	return der_of(X509_get_subject_name(t->ca[i]));
}

/* ---- checking ---- */

static const char *format_date(const ASN1_TIME *time, char text[static DATE_SIZE])
{
	struct tm tm;

	if (!time || !ASN1_TIME_to_tm(time, &tm))
		snprintf(text, DATE_SIZE, "an unknown date");
	else
		snprintf(text, DATE_SIZE, "%04d-%02d-%02d %02d:%02d:%02d UTC",
		         (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100,
		         tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
	return text;
}

static void explain_issuer(const X509 *x, const char *subject, char why[static CERT_TEXT_SIZE])
{
	char issuer[CERT_NAME_SIZE];

	snprintf(why, CERT_TEXT_SIZE, "certificate %s: its issuer %s is unknown here", subject,
	         format_name(X509_get_issuer_name(x), issuer));
}

static void explain_crl(X509_STORE_CTX *ctx, const char *subject, char why[static CERT_TEXT_SIZE])
{
	const X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	const X509_CRL *crl = X509_STORE_CTX_get0_current_crl(ctx);
	char issuer[CERT_NAME_SIZE], date[DATE_SIZE];

	format_name(X509_get_issuer_name(x), issuer);
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		snprintf(why, CERT_TEXT_SIZE,
		         "certificate %s: there is no revocation list of its issuer %s", subject,
		         issuer);
		break;
	case X509_V_ERR_CRL_HAS_EXPIRED:
		snprintf(why, CERT_TEXT_SIZE, "the revocation list of %s has expired on %s", issuer,
		         format_date(crl ? X509_CRL_get0_nextUpdate(crl) : NULL, date));
		break;
	default:
		snprintf(why, CERT_TEXT_SIZE, "the revocation list of %s is valid from %s on",
		         issuer, format_date(crl ? X509_CRL_get0_lastUpdate(crl) : NULL, date));
	}
}

static bool is_about_issuer(int error)
{
	return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
	       error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
	       error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

static void explain(X509_STORE_CTX *ctx, char why[static CERT_TEXT_SIZE])
{
	const X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	char subject[CERT_NAME_SIZE], date[DATE_SIZE];

	format_name(x ? X509_get_subject_name(x) : NULL, subject);
	switch (x ? error : X509_V_ERR_UNSPECIFIED) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		snprintf(why, CERT_TEXT_SIZE, "certificate %s has expired on %s", subject,
		         format_date(X509_get0_notAfter(x), date));
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		snprintf(why, CERT_TEXT_SIZE, "certificate %s is valid from %s on", subject,
		         format_date(X509_get0_notBefore(x), date));
		break;
	case X509_V_ERR_CERT_REVOKED:
		snprintf(why, CERT_TEXT_SIZE, "certificate %s is revoked", subject);
		break;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		explain_crl(ctx, subject, why);
		break;
	default:
		if (x && is_about_issuer(error))
			explain_issuer(x, subject, why);
		else
			snprintf(why, CERT_TEXT_SIZE, "certificate %s: %s", subject,
			         X509_verify_cert_error_string(error));
	}
}

struct trial {
	enum cert_revocation revocation;
	enum cert_verdict verdict; /* when it fails */
	char *why;
};

/* Called for each thing that is wrong; 1: it may be. The first that may not ends the check. */
static int on_verified(int fine, X509_STORE_CTX *ctx)
{
	struct trial *trial = X509_STORE_CTX_get_ex_data(ctx, 0);
	int error = X509_STORE_CTX_get_error(ctx);
	int anchor = sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) - 1;

	if (fine)
		return 1;
	bool is_about_crl =
		error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_CRL_HAS_EXPIRED;
	if (is_about_crl && (trial->revocation == CERT_CRL_HEEDED ||
	                     X509_STORE_CTX_get_error_depth(ctx) == anchor)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	trial->verdict = is_about_issuer(error) ? CERT_ISSUER_UNKNOWN : CERT_INVALID;
	explain(ctx, trial->why);
	return 0;
}

static void set_parameters(X509_STORE_CTX *ctx, const struct cert_chain *chain)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST;

	if (chain->revocation != CERT_CRL_IGNORED)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	X509_VERIFY_PARAM_set_flags(param, flags);
	X509_VERIFY_PARAM_set_depth(param, CERT_DEPTH_MAX);
	X509_VERIFY_PARAM_set_time(param, (time_t)(chain->wall_ms / 1000));
}

/* Signatures with MD5 can be had for other contents than those that were signed. */
static bool has_weak_signature(X509_STORE_CTX *ctx, char why[static CERT_TEXT_SIZE])
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	char subject[CERT_NAME_SIZE];
	int digest;

	for (int i = 0; i + 1 < sk_X509_num(chain); i++) {
		X509 *x = sk_X509_value(chain, i);
		if (!X509_get_signature_info(x, &digest, NULL, NULL, NULL) || digest != NID_md5)
			continue;
		snprintf(why, CERT_TEXT_SIZE, "certificate %s is signed with MD5",
		         format_name(X509_get_subject_name(x), subject));
		return true;
	}
	return false;
}

/* RFC 4945 5.1.3.2: with keyUsage there must be digitalSignature or nonRepudiation. */
static bool may_sign(const struct cert *cert, char why[static CERT_TEXT_SIZE])
{
	char subject[CERT_NAME_SIZE];

	if (X509_get_key_usage(cert->x) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION))
		return true;
	snprintf(why, CERT_TEXT_SIZE, "certificate %s: its key usage is not digital signature",
	         format_name(X509_get_subject_name(cert->x), subject));
	return false;
}

enum cert_verdict cert_trust_check(const struct cert_trust *t, const struct cert_chain *chain,
                                   char why[static CERT_TEXT_SIZE])
{
	struct trial trial = { chain->revocation, CERT_INVALID, why };
	STACK_OF(X509) *others = sk_X509_new_null();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(t->crypto->library, NULL);

	check(chain->n && others && ctx);
	for (size_t i = 1; i < chain->n; i++)
		check(sk_X509_push(others, chain->cert[i]->x));
	check(X509_STORE_CTX_init(ctx, t->store, chain->cert[0]->x, others));
	check(X509_STORE_CTX_set_ex_data(ctx, 0, &trial));
	X509_STORE_CTX_set_verify_cb(ctx, on_verified);
	set_parameters(ctx, chain);
	snprintf(why, CERT_TEXT_SIZE, "the certificate cannot be checked");
	bool fine = X509_verify_cert(ctx) == 1 && !has_weak_signature(ctx, why) &&
	            may_sign(chain->cert[0], why);
	X509_STORE_CTX_free(ctx);
	sk_X509_free(others);
	ERR_clear_error();
	return fine ? CERT_VALID : trial.verdict;
}

/* ---- signatures ---- */

bool cert_verify_raw(const struct cert *cert, struct crypto_part bytes,
                     struct crypto_part signature)
{
	EVP_PKEY *key = X509_get0_pubkey(cert->x);
	uint8_t recovered[CERT_RSA_MAX];
	size_t len = sizeof recovered;

	if (!key || !EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) < CERT_RSA_BITS_MIN ||
	    EVP_PKEY_get_size(key) > CERT_RSA_MAX)
		return false;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(cert->crypto->library, key, NULL);
	check(ctx);
	/* Without a digest what was signed is what comes out, padding checked to the last byte. */
	bool fine = EVP_PKEY_verify_recover_init(ctx) == 1 &&
	            EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	            EVP_PKEY_verify_recover(ctx, recovered, &len, signature.bytes, signature.len) ==
	                    1 &&
	            len == bytes.len && crypto_equal(recovered, bytes.bytes, len);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return fine;
}
