/* SPDX-License-Identifier: Apache-2.0 */
/* The line protocol that follows the servers (`if-state nhrp`). */
#pragma once

#include "nhrp/nhrp.h"

/* Servers came, went or answered, or the configuration did: the tunnel's line may have to follow.
 */
void nhrp_line_judge(struct nhrp *n, struct nhrp_tunnel *t);
/* The timer. */
void nhrp_line_fire(struct nhrp *n, struct nhrp_tunnel *t);
