/* SPDX-License-Identifier: Apache-2.0 */
/* Cisco's authentication extension: 00 00 00 01 and the text of `ip nhrp authentication`. */
#pragma once

#include "nhrp/nhrp.h"

/* Takes over the text from the tunnel's configuration. */
void nhrp_auth_configure(struct nhrp *n, struct nhrp_tunnel *t);

/* True when the packet carries what the tunnel asks for: the same text, or none where none is
 * configured. */
bool nhrp_auth_check(const struct nhrp_tunnel *t, const struct nhrp_packet *packet);

/* Puts the authentication of the tunnel that a packet leaves by in place of any other, or takes it
 * out; RFC 2332 5.3.4: it is regenerated at each hop. */
void nhrp_auth_put(const struct nhrp_tunnel *t, struct nhrp_packet *packet);

/* Drops the packet; once for each peer that is traced, and told to the peer. */
void nhrp_auth_failed(struct nhrp *n, const struct nhrp_received *rx);
