/* SPDX-License-Identifier: Apache-2.0 */
/* Identities. */
#include "ike/identity.h"

#include <stdio.h>
#include <string.h>

#include "ike/v1_send.h"

enum {
	ID_V4 = 1,
	ID_FQDN = 2,
	ID_USER_FQDN = 3,
	ID_V6 = 5,
	ID_DER_DN = 9,
	HEAD_LEN = 4, /* type, protocol, port */
	UDP_PROTOCOL = 17,
};

static uint8_t own_type(const struct ike *ike, const struct ike_sa *sa, const struct cert *cert)
{
	enum snap_identity identity = ike->snapshot->crypto.identity;

	if (identity == SNAP_ID_DN && cert && cert_subject(cert).len <= IKE_ID_BODY_MAX - HEAD_LEN)
		return ID_DER_DN;
	if (identity == SNAP_ID_HOSTNAME && ike->snapshot->hostname[0])
		return ID_FQDN;
	return sa->host->key.local.family == ADDR_V4 ? ID_V4 : ID_V6;
}

void ike_identity_own(const struct ike *ike, const struct ike_sa *sa, const struct cert *cert,
                      struct ike_id_body *ret)
{
	struct writer w = writer_over(ret->bytes, sizeof ret->bytes);
	uint8_t type = own_type(ike, sa, cert);

	write_u8(&w, type);
	write_u8(&w, UDP_PROTOCOL);
	/* RFC 3947 4: behind NAT any port. */
	write_u16(&w, sa->path.from_port == IKE_PORT ? IKE_PORT : 0);
	if (type == ID_DER_DN)
		write_bytes(&w, cert_subject(cert).bytes, cert_subject(cert).len);
	else if (type == ID_FQDN)
		write_bytes(&w, ike->snapshot->hostname, strlen(ike->snapshot->hostname));
	else
		write_addr(&w, &sa->host->key.local);
	ret->len = writer_len(&w);
}

static struct crypto_part name_of(const struct isakmp_payload *id)
{
	return (struct crypto_part){ id->body + HEAD_LEN, id->len - HEAD_LEN };
}

/* Protocol and port do not belong to who somebody is. */
void ike_identity_read(struct ike *ike, const struct isakmp_payload *id, struct ike_identity *ret)
{
	uint8_t protocol;

	memset(ret, 0, sizeof *ret);
	if (id->len < HEAD_LEN)
		return;
	const struct crypto_part part[2] = { { id->body, 1 }, name_of(id) };
	ret->addr = v1_id_address(id, &protocol);
	crypto_digest(ike->crypto, HASH_SHA1, part, 2, ret->digest);
}

bool ike_identity_equal(const struct ike_identity *a, const struct ike_identity *b)
{
	return memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

static const char *format_plain(struct crypto_part name, char text[static IKE_ID_TEXT_SIZE])
{
	const uint8_t *bytes = name.bytes;
	size_t n = name.len < IKE_ID_TEXT_SIZE - 1 ? name.len : IKE_ID_TEXT_SIZE - 1;

	for (size_t i = 0; i < n; i++)
		text[i] = bytes[i] > ' ' && bytes[i] <= '~' ? (char)bytes[i] : '?';
	text[n] = '\0';
	return text;
}

const char *ike_identity_text(const struct isakmp_payload *id, char text[static IKE_ID_TEXT_SIZE])
{
	char name[CERT_NAME_SIZE], address[ADDR_TEXT_LEN];
	uint8_t protocol;
	struct addr addr = v1_id_address(id, &protocol);

	if (!addr_is_none(&addr))
		snprintf(text, IKE_ID_TEXT_SIZE, "%s", addr_format(&addr, address));
	else if (id->len <= HEAD_LEN)
		snprintf(text, IKE_ID_TEXT_SIZE, "nothing");
	else if (id->body[0] == ID_DER_DN)
		snprintf(text, IKE_ID_TEXT_SIZE, "%s", cert_format_name(name_of(id), name));
	else if (id->body[0] == ID_FQDN || id->body[0] == ID_USER_FQDN)
		format_plain(name_of(id), text);
	else
		snprintf(text, IKE_ID_TEXT_SIZE, "an identity of type %u", id->body[0]);
	return text;
}

const char *ike_identity_name(const struct isakmp_payload *id, char text[static IKE_ID_TEXT_SIZE])
{
	uint8_t protocol;
	struct addr addr = v1_id_address(id, &protocol);

	return addr_is_none(&addr) ? ike_identity_text(id, text) : NULL;
}

bool ike_identity_is_host(const struct isakmp_payload *id, const char *name, bool domain)
{
	size_t len = strlen(name);

	if (id->len <= HEAD_LEN || id->body[0] != ID_FQDN)
		return false;
	const struct crypto_part is = name_of(id);
	const char *end = (const char *)is.bytes + is.len;
	if (domain)
		return is.len > len + 1 && end[-(ptrdiff_t)len - 1] == '.' &&
		       strncasecmp(end - len, name, len) == 0;
	return is.len == len && strncasecmp(is.bytes, name, len) == 0;
}

bool ike_identity_fits(const struct isakmp_payload *id, const struct cert *cert,
                       const struct addr *from)
{
	uint8_t protocol;
	struct addr addr = v1_id_address(id, &protocol);

	if (!addr_is_none(&addr))
		return cert_has_address(cert, &addr) ||
		       (!cert_has_any_address(cert) && addr_equal(&addr, from));
	if (id->len <= HEAD_LEN)
		return false;
	switch (id->body[0]) {
	case ID_FQDN:
		return cert_has_host(cert, name_of(id));
	case ID_USER_FQDN:
		return cert_has_mailbox(cert, name_of(id));
	case ID_DER_DN:
		return cert_names_equal(cert_subject(cert), name_of(id));
	default:
		return false;
	}
}
