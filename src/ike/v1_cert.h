/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates in phase 1: requests for them, the payloads that carry them, and what they prove
 * (RFC 2408 3.9 and 3.10, RFC 2409 5.1, RFC 4945 3.2 and 3.3). Of all encodings X.509 certificates
 * for signatures alone are spoken.
 */
#pragma once

#include "ike/trustpoint.h"
#include "ike/v1_auth.h"

/* Asks the peer for a certificate by one of the CAs that we trust. */
void v1_cert_add_requests(const struct ike *ike, const struct ike_sa *sa, struct v1_out *o);
/* Notes which of our trustpoints a peer's requests lead to. */
void v1_cert_read_requests(const struct ike *ike, const struct ike_sa *sa,
                           const struct isakmp_message *m);

/* Whether there is a trustpoint that proves us, for tunnels at a local address. */
bool v1_cert_can_prove(const struct ike *ike, const struct addr *local);
/* The one that the peer asked for, else the first that proves us; NULL: none. */
const struct ike_trustpoint *v1_cert_ours(const struct ike *ike, const struct ike_sa *sa);
/* Its certificates. */
void v1_cert_add(const struct ike_trustpoint *t, struct v1_out *o);

/*
 * Whether the message's certificates, identity and signature over hash prove the peer. None, or a
 * reason with its words.
 */
enum ike_drop v1_cert_check(struct ike *ike, const struct ike_sa *sa, const struct v1_in *in,
                            struct v1_proof *proof);
