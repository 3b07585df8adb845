/* SPDX-License-Identifier: Apache-2.0 */
/* Identities: ID payloads of phase 1, ours and the peer's (RFC 2407 4.6.2, RFC 4945 3.1). */
#pragma once

#include "crypto/cert.h"
#include "ike/core.h"
#include "ike/message.h"

enum { IKE_ID_TEXT_SIZE = 256, IKE_ID_BODY_MAX = 1024 };

/* The body of an ID payload of ours. */
struct ike_id_body {
	uint8_t bytes[IKE_ID_BODY_MAX];
	size_t len;
};
/*
 * As `crypto isakmp identity` says: our address, our host name, or the subject of our certificate
 * (NULL: there is none, and the address stands for it, as for a host name that is not configured).
 */
void ike_identity_own(const struct ike *ike, const struct ike_sa *sa, const struct cert *cert,
                      struct ike_id_body *ret);

/* The peer's. */
void ike_identity_read(struct ike *ike, const struct isakmp_payload *id, struct ike_identity *ret);
bool ike_identity_equal(const struct ike_identity *a, const struct ike_identity *b);
/* As words for a sentence, printable. Gives text. */
const char *ike_identity_text(const struct isakmp_payload *id, char text[static IKE_ID_TEXT_SIZE]);
/* Likewise; NULL for an address. */
const char *ike_identity_name(const struct isakmp_payload *id, char text[static IKE_ID_TEXT_SIZE]);
/* Whether it is a host's name, or with domain one below it. */
bool ike_identity_is_host(const struct isakmp_payload *id, const char *name, bool domain);
/*
 * Whether a certificate bears a peer's identity. An address is also accepted from the peer that
 * has it, of a certificate that names no address at all, as those of IOS routers are by default
 * (RFC 4945 3.1.1).
 */
bool ike_identity_fits(const struct isakmp_payload *id, const struct cert *cert,
                       const struct addr *from);
