/* SPDX-License-Identifier: Apache-2.0 */
/* What of the cache outlives the program: clients, direct paths and shortcuts. */
#pragma once

#include "nhrp/nhrp.h"

/* Whether entries of this origin are kept. */
bool nhrp_kept_origin(enum nhrp_origin origin);
/* Those to be kept, next hops before what lies behind them; after: or NULL for the first. */
const struct nhrp_entry *nhrp_kept_next(const struct nhrp *n, const struct nhrp_entry *after);
void nhrp_kept_view(const struct nhrp *n, const struct nhrp_entry *e, struct now now,
                    struct node_saved_entry *ret);

/* NODE_RESTORE */
void nhrp_restore(struct nhrp *n, const struct node_saved_entry *saved);
