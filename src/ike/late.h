/* SPDX-License-Identifier: Apache-2.0 */
/* Inbound SAs of pairs that the peer has deleted: what is under way is still opened by them. */
#pragma once

#include "ike/core.h"

/*
 * The inbound SA of a pair that a DELETE of the peer's has ended: it is taken out of force after
 * IKE_LATE_MS, or at once where we stop or where IKE_LATE_MAX are kept already.
 */
void ike_late_del(struct ike *ike, uint32_t id);
/* What we clear, configure or stop is not waited for: all of them go in this step or the next. */
void ike_late_end(struct ike *ike);
void ike_late_fire(struct ike *ike, struct ike_late *late);
void ike_late_free(struct ike *ike);
