/* SPDX-License-Identifier: Apache-2.0 */
/* A client behind NAT. */
#pragma once

#include "nhrp/nhrp.h"

/* What an accepted registration says about NAT between us and the server: an NHS that sees us
 * behind one adds our public address to the NAT Address extension. */
void nhrp_nat_learn(struct nhrp_tunnel *t, const struct nhrp_packet *reply);

/* Seconds from one registration to the next. */
uint32_t nhrp_nat_registration_s(const struct nhrp_tunnel *t);

/* The server does not answer. If a NAT may be why, says so (TRACE_NAT_SUSPECTED). */
void nhrp_nat_unanswered(struct nhrp *n, const struct nhrp_nhs *nhs);
