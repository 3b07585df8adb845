/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations of clients (RFC 2332 5.2.3, 5.2.4), as their next hop server. */
#pragma once

#include "nhrp/nhrp.h"

/* A Registration Request. */
void nhrp_server_request(struct nhrp *n, const struct nhrp_received *rx);
