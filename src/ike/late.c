/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DELETE goes by another socket than the packets that its sender has sealed before, is read by
 * another thread, and may overtake them: a purge, by which a router that stops takes its
 * registration back, was lost so. RFC 2408 3.15 has the sender's DELETE name the SA that he no
 * longer opens by, which is the one that we seal by: nothing is sealed from then on. The other one
 * stays a moment longer in the data plane, which opens by it and says whose the packets are; here
 * nothing finds it any more. Other ends of a pair hold nothing back: who starts anew or lacks an
 * SPI has not told what he sealed last.
 */
#include "ike/late.h"

#include "ike/out.h"
#include "util/list.h"
#include "util/memory.h"

void ike_late_del(struct ike *ike, uint32_t id)
{
	if (ike->stopping || ike->n_late >= IKE_LATE_MAX) {
		ike_out_sa_del(ike, id);
		return;
	}
	struct ike_late *late = memory_new(1, sizeof *late);
	late->id = id;
	late->timer.kind = IKE_TIMER_LATE;
	timers_set(&ike->timers, &late->timer, mono_add_ms(ike->now.mono, IKE_LATE_MS));
	DL_APPEND(ike->late, late);
	ike->n_late++;
}

void ike_late_end(struct ike *ike)
{
	for (struct ike_late *late = ike->late; late; late = late->next)
		timers_set(&ike->timers, &late->timer, ike->now.mono);
}

static void forget(struct ike *ike, struct ike_late *late)
{
	timers_clear(&ike->timers, &late->timer);
	DL_DELETE(ike->late, late);
	ike->n_late--;
	free(late);
}

void ike_late_fire(struct ike *ike, struct ike_late *late)
{
	ike_out_sa_del(ike, late->id);
	forget(ike, late);
}

void ike_late_free(struct ike *ike)
{
	while (ike->late)
		forget(ike, ike->late);
}
