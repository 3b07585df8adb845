/* SPDX-License-Identifier: Apache-2.0 */
/* What of the cache outlives the program: clients, direct paths, shortcuts, and which networks of
 * ours we told others. */
#pragma once

#include "nhrp/nhrp.h"

enum { NHRP_KEPT_TELL_S = 5 /* after the first association of a path: others come up as well */ };

/* Whether an entry of this tunnel is kept, unless it is about to be deleted. */
bool nhrp_kept_is(const struct nhrp_tunnel *t, const struct nhrp_entry *e);
/* Those to be kept, next hops before what lies behind them; after: or NULL for the first. */
const struct nhrp_entry *nhrp_kept_next(const struct nhrp *n, const struct nhrp_entry *after);
void nhrp_kept_view(const struct nhrp *n, const struct nhrp_entry *e, struct now now,
                    struct node_saved_entry *ret);

/* A direct path of a protected tunnel has its association: the routes of restored answers are
 * looked at soon, since there is somebody to be told. */
void nhrp_kept_may_tell(struct nhrp *n, uint32_t tunnel);

/* NODE_RESTORE */
void nhrp_restore(struct nhrp *n, const struct node_saved_entry *saved);
