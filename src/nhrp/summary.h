/* SPDX-License-Identifier: Apache-2.0 */
/* ip nhrp summary-map: one network that is told for all of ours in it. */
#pragma once

#include "nhrp/nhrp.h"

/* Makes the tunnel's summaries those of its configuration. */
void nhrp_summary_configure(struct nhrp *n, struct nhrp_tunnel *t);

/* What to tell for an address behind us: the most specific summary that holds it, else the network
 * of its route. */
struct prefix nhrp_summary_of(const struct nhrp *n, const struct nhrp_tunnel *t,
                              const struct addr *address, const struct prefix *route);
