/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates from strangers and from operators. The first byte says what the rest is:
 *
 *	0	a block of `crypto pki certificate chain` in the configuration
 *	1	two parts in DER: a certificate, and one of anything that stands beside it
 *	2	the certificate of a CA, and an ISAKMP message by which a peer wants to prove itself
 *
 * Parts are led by their length in two bytes, the last one takes the rest. What is printed must be
 * printable; a refusal must have words; nobody is admitted without a signature.
 */
#include <stdlib.h>
#include <string.h>

#include "config/chain.h"
#include "config/config.h"
#include "ike/identity.h"
#include "ike/v1_cert.h"
#include "util/check.h"
#include "util/reader.h"

enum { WALL_MS_DAYS = 20000, MS_PER_DAY = 86400000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_printable(const char *text)
{
	for (; *text; text++)
		check(*text >= ' ' && *text <= '~');
}

/* ---- 0 ---- */

static void read_chain(const uint8_t *bytes, size_t len)
{
	static const char head[] = "crypto pki certificate chain CA\n";
	char *text = calloc(1, sizeof head + len), wrong[CONFIG_CHAIN_TEXT_SIZE];
	struct config_certificate cert;
	struct config_remarks remarks;
	const char *cursor = NULL;
	size_t n = 0, n_wrong = 0;

	memcpy(text, head, sizeof head - 1);
	memcpy(text + sizeof head - 1, bytes, len);
	struct snapshot *s = config_parse(text, strlen(text), &remarks);
	while (config_chain_next(s, "CA", &cursor, &cert)) {
		check(cert.len > 0 && cert.len <= CONFIG_CERTIFICATE_MAX);
		n++;
	}
	for (size_t i = 0; i < s->foreign.n; i++)
		if (config_chain_is_head(s->foreign.line[i].text))
			n_wrong += config_chain_is_wrong(s->foreign.line[i].text, wrong);
	check(n <= len && (!n_wrong || wrong[0]));
	config_remarks_fini(&remarks);
	snapshot_free(s);
	free(text);
}

/* ---- 1 ---- */

static struct crypto_part first_part(struct reader *r)
{
	size_t len = read_u16(r);

	if (len > reader_left(r))
		len = reader_left(r);
	return (struct crypto_part){ read_bytes(r, len), len };
}

static struct crypto_part rest_of(struct reader *r)
{
	return (struct crypto_part){ r->at, reader_left(r) };
}

static void check_all_ways(const struct cert_trust *t, const struct cert *const *cert, size_t n)
{
	static const enum cert_revocation ways[] = { CERT_CRL_NEEDED, CERT_CRL_HEEDED,
		                                     CERT_CRL_IGNORED };
	char why[CERT_TEXT_SIZE];

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		const struct cert_chain chain = { cert, n, (int64_t)WALL_MS_DAYS * MS_PER_DAY,
			                          ways[i] };
		if (cert_trust_check(t, &chain, why) != CERT_VALID)
			check(why[0]);
		check_printable(why);
	}
}

static void use_cert(const struct cert *cert, struct crypto_part beside)
{
	struct addr addr = addr_v4(192, 0, 2, 1);
	char name[CERT_NAME_SIZE];

	check_printable(cert_format_name(cert_subject(cert), name));
	check_printable(cert_format_name(beside, name));
	(void)cert_names_equal(cert_issuer(cert), beside);
	(void)cert_has_address(cert, &addr);
	(void)cert_has_any_address(cert);
	(void)cert_has_host(cert, beside);
	(void)cert_has_mailbox(cert, beside);
	check(!cert_verify_raw(cert, beside, (struct crypto_part){ NULL, 0 }));
	(void)cert_verify_raw(cert, (struct crypto_part){ "x", 1 }, beside);
}

static void read_certs(struct crypto *crypto, struct reader *r)
{
	const struct crypto_part der = first_part(r), beside = rest_of(r);
	struct cert *cert[2] = { cert_new(crypto, der), cert_new(crypto, beside) };
	struct cert_trust *t = cert_trust_new(crypto);

	(void)cert_trust_add_crl(t, beside);
	if (cert[1])
		(void)cert_trust_add_ca(t, beside);
	if (cert[0]) {
		check(cert_der(cert[0]).len == der.len);
		use_cert(cert[0], beside);
		check_all_ways(t, (const struct cert *const *)cert, cert[1] ? 2 : 1);
	}
	cert_trust_free(t);
	cert_free(cert[0]);
	cert_free(cert[1]);
}

/* ---- 2 ---- */

static const char CONFIG[] = "crypto pki trustpoint CA\n"
			     " enrollment terminal\n"
			     " revocation-check none\n"
			     "crypto ipsec transform-set T esp-gcm\n"
			     "crypto ipsec profile P\n"
			     " set transform-set T\n"
			     "interface Tunnel0\n"
			     " tunnel source 192.0.2.1\n"
			     " tunnel mode gre multipoint\n"
			     " tunnel protection ipsec profile P\n";

static void fill_zero(void *ctx, void *bytes, size_t len)
{
	(void)ctx;
	memset(bytes, 0, len);
}

/* A peer at 192.0.2.2 in main mode. */
static void prove(struct ike *ike, struct crypto_part message)
{
	static struct v1_in in;
	static struct v1_out out;
	struct ike_main main = { .sa_i = NULL };
	struct ike_host host = {
		.key = { .local = addr_v4(192, 0, 2, 1), .remote = addr_v4(192, 0, 2, 2) },
	};
	struct ike_sa sa = { .host = &host, .main = &main };
	char text[IKE_ID_TEXT_SIZE];

	if (!isakmp_parse(message.bytes, message.len, &in.m))
		return;
	v1_cert_read_requests(ike, &sa, &in.m);
	v1_begin(&out, &sa, ISAKMP_MAIN, 0);
	v1_cert_add_requests(ike, &sa, &out);
	check(!v1_cert_ours(ike, &sa));
	struct v1_proof proof = {
		.id = isakmp_find(&in.m, ISAKMP_ID),
		.sig = isakmp_find(&in.m, ISAKMP_SIG),
		.hash_len = 32,
	};
	if (!proof.id || !proof.sig)
		return;
	check(v1_cert_check(ike, &sa, &in, &proof) != IKE_DROP_NONE && proof.why[0]);
	check_printable(proof.why);
	check_printable(ike_identity_text(proof.id, text));
	ike_identity_read(ike, proof.id, &sa.peer_id);
}

static void read_proof(struct crypto *crypto, struct reader *r)
{
	const struct crypto_part ca = first_part(r);
	const struct entropy entropy = { fill_zero, NULL };
	const struct addr source = addr_v4(192, 0, 2, 1);
	const struct node_credentials credentials = { .trustpoint = "CA", .ca = &ca, .n_ca = 1 };
	const struct node_event event = { .type = NODE_CREDENTIALS, .credentials = &credentials };
	struct config_remarks remarks;
	struct snapshot *s = config_parse(CONFIG, sizeof CONFIG - 1, &remarks);
	struct ike *ike = ike_new(crypto, &entropy);

	check(!remarks.n_errors);
	ike_begin(ike, (struct now){ .wall_ms = (int64_t)WALL_MS_DAYS * MS_PER_DAY }, NULL);
	ike_configure(ike, s);
	ike_tunnel(ike, 0, &source);
	ike_credentials(ike, &event);
	prove(ike, rest_of(r));
	ike_free(ike);
	snapshot_free(s);
	config_remarks_fini(&remarks);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct crypto *crypto;
	struct reader r = reader_over(bytes, len);

	if (!crypto)
		crypto = crypto_new();
	check(crypto);
	switch (read_u8(&r)) {
	case 0:
		if (!r.failed)
			read_chain(r.at, reader_left(&r));
		break;
	case 1:
		read_certs(crypto, &r);
		break;
	case 2:
		read_proof(crypto, &r);
		break;
	default:
		break;
	}
	return 0;
}
