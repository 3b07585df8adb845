/* SPDX-License-Identifier: Apache-2.0 */
/* Trustpoints: the certificates that the daemon has read for them (NODE_CREDENTIALS). */
#pragma once

#include "crypto/cert.h"
#include "ike/core.h"

struct ike_trustpoint {
	struct ike_trustpoint *next;
	char name[SNAP_CRYPTO_NAME_SIZE];
	struct cert *own[NODE_CERTIFICATES_MAX]; /* ours, then what leads from it to a CA */
	size_t n_own;
	bool has_key;
	struct cert_trust *trust;
};

/* A new configuration is in force: trustpoints that it does not have go. */
void ike_trustpoints_configure(struct ike *ike);
void ike_trustpoints_free(struct ike *ike);
/* Memory of all, as far as it is known: what OpenSSL makes of certificates counts as their DER. */
size_t ike_trustpoints_bytes(const struct ike *ike);

/* NULL: there is none of that name, or nothing was read for it yet. */
const struct ike_trustpoint *ike_trustpoint_find(const struct ike *ike, const char *name);
/*
 * The next one that a tunnel at a local address may use (its isakmp profile's `ca trust-point`, or
 * any), in the order of their coming; NULL behind the last. after NULL: the first.
 */
const struct ike_trustpoint *ike_trustpoint_next(const struct ike *ike, const struct addr *local,
                                                 const struct ike_trustpoint *after);
/* Whether it has our certificate and its key. */
bool ike_trustpoint_proves_us(const struct ike_trustpoint *t);
