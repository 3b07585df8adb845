/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where multicast of a tunnel goes: to the NBMA addresses of `ip nhrp map multicast`, to servers
 * with `multicast`, and with `map multicast dynamic` to every client that is registered.
 */
#pragma once

#include "nhrp/nhrp.h"

/* Makes the tunnel's lines those of its configuration; none when it does not run. */
void nhrp_multicast_configure(struct nhrp *n, struct nhrp_tunnel *t);

/* What an entry or a server holds becomes what it should hold as it is now. */
void nhrp_multicast_entry(struct nhrp *n, struct nhrp_entry *e);
void nhrp_multicast_server(struct nhrp *n, struct nhrp_nhs *nhs);

/* They are about to be freed. */
void nhrp_multicast_forget_entry(struct nhrp *n, struct nhrp_entry *e);
void nhrp_multicast_forget_server(struct nhrp *n, struct nhrp_nhs *nhs);

/* The timer of a member. It may be gone afterwards. */
void nhrp_multicast_fire(struct nhrp *n, struct nhrp_member *m);

/* What a member is, for `show`. */
void nhrp_multicast_view(const struct nhrp *n, const struct nhrp_member *m,
                         struct multicast_view *ret);

/* Frees all members; nothing is told. */
void nhrp_multicast_fini(struct nhrp *n);
