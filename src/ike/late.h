/* SPDX-License-Identifier: Apache-2.0 */
/* Inbound SAs of pairs that the peer has ended: what is under way is still opened by them. */
#pragma once

#include "ike/core.h"

/*
 * The inbound SA of a pair that is gone: it is taken out of force after IKE_LATE_MS, or at once
 * where the peer has not ended the pair, where we stop, or where IKE_LATE_MAX are kept already.
 */
void ike_late_del(struct ike *ike, uint32_t id, enum trace_reason reason);
/* What we clear, configure or stop is not waited for: all of them go in this step or the next. */
void ike_late_end(struct ike *ike);
void ike_late_fire(struct ike *ike, struct ike_late *late);
void ike_late_free(struct ike *ike);
