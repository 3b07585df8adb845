/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that come in. Cisco's fragments are put together first. */
#include "ike/receive.h"

#include "ike/fragment.h"
#include "ike/message.h"
#include "ike/sa.h"
#include "ike/tunnel.h"
#include "ike/v1_aggressive.h"
#include "ike/v1_info.h"
#include "ike/v1_main.h"
#include "ike/v1_quick.h"

static enum ike_drop receive_known(struct ike *ike, struct ike_sa *sa,
                                   const struct node_event *event,
                                   const struct isakmp_header *header)
{
	switch (header->exchange) {
	case ISAKMP_MAIN:
		return ike_main_receive(ike, sa, event);
	case ISAKMP_AGGRESSIVE:
		return ike_aggressive_receive(ike, sa, event);
	case ISAKMP_QUICK:
		return ike_quick_receive(ike, sa, event);
	case ISAKMP_INFORMATIONAL:
		return ike_info_receive(ike, sa, event);
	default:
		return IKE_DROP_EXCHANGE;
	}
}

enum ike_drop ike_receive(struct ike *ike, const struct node_event *event)
{
	struct isakmp_header header;

	if (!isakmp_parse_header(event->ike.bytes, event->ike.len, &header))
		return IKE_DROP_MALFORMED;
	if (header.version >> 4 != ISAKMP_VERSION_1 >> 4)
		return IKE_DROP_VERSION;
	if (header.next == ISAKMP_FRAGMENT)
		return ike_fragment_receive(ike, event, &header);
	struct ike_sa *sa = ike_sa_find(ike, header.icookie, header.rcookie);
	if (sa)
		return receive_known(ike, sa, event, &header);
	if (header.rcookie || header.exchange == ISAKMP_INFORMATIONAL)
		return IKE_DROP_NO_SA;
	if (header.exchange == ISAKMP_AGGRESSIVE)
		return ike_aggressive_answer(ike, event, &header);
	if (header.exchange != ISAKMP_MAIN)
		return IKE_DROP_EXCHANGE;
	return ike_main_answer(ike, event, &header);
}

void ike_packet(struct ike *ike, const struct node_event *event)
{
	enum ike_drop drop;

	ike->counters.received++;
	if (!ike->snapshot || ike->stopping || !ike_tunnel_at(ike, &event->ike.path.to) ||
	    event->ike.path.from.family != event->ike.path.to.family)
		drop = IKE_DROP_NO_TUNNEL;
	else
		drop = ike_receive(ike, event);
	if (drop)
		ike->counters.drops[drop]++;
}
