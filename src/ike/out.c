/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where IKE's actions are made. What has to fit one step is bounded by
 * IKE_UNIT_ACTIONS and IKE_UNIT_BYTES: a timer fires, and a packet is acted on, only when so much
 * room is left.
 */
#include "ike/out.h"

#include <string.h>

bool ike_out_has_room(const struct ike *ike)
{
	return ike->out && ike->out->n + IKE_UNIT_ACTIONS <= NODE_ACTIONS_MAX &&
	       ike->out->n_bytes + IKE_UNIT_BYTES <= NODE_OUT_BYTES &&
	       ike->n_step_sas + IKE_UNIT_SAS <= IKE_STEP_SAS_MAX;
}

struct node_action *ike_out_action(struct ike *ike, enum node_action_type type)
{
	if (!ike->out || ike->out->n == NODE_ACTIONS_MAX)
		return NULL;
	struct node_action *action = &ike->out->action[ike->out->n++];
	memset(action, 0, sizeof *action);
	action->type = type;
	return action;
}

const uint8_t *ike_out_keep(struct ike *ike, const void *bytes, size_t len)
{
	if (!ike->out || len > NODE_OUT_BYTES - ike->out->n_bytes)
		return NULL;
	uint8_t *kept = ike->out->bytes + ike->out->n_bytes;
	memcpy(kept, bytes, len);
	ike->out->n_bytes += len;
	return kept;
}

void ike_out_send(struct ike *ike, const struct node_ike_path *path, const uint8_t *bytes,
                  size_t len)
{
	const uint8_t *kept = ike_out_keep(ike, bytes, len);
	struct node_action *action = kept ? ike_out_action(ike, NODE_IKE_SEND) : NULL;

	if (!action)
		return;
	action->ike.path = *path;
	action->ike.bytes = kept;
	action->ike.len = len;
	ike->counters.sent++;
}

void ike_out_trace(struct ike *ike, struct trace trace)
{
	struct node_action *action = ike_out_action(ike, NODE_TRACE);

	if (action)
		action->trace = trace;
}

void ike_out_keys(struct ike *ike, const struct ike_sa *sa)
{
	struct node_action *action =
		ike->hands_out_keys ? ike_out_action(ike, NODE_IKE_KEYS) : NULL;

	if (!action)
		return;
	action->keys.icookie = sa->icookie;
	action->keys.rcookie = sa->rcookie;
	action->keys.cipher = sa->policy.cipher;
	memcpy(action->keys.key, sa->keys.key, sizeof action->keys.key);
}

void ike_out_sa_del(struct ike *ike, uint32_t id)
{
	struct node_action *action = ike_out_action(ike, NODE_SA_DEL);

	if (action)
		action->sa_id = id;
}

struct node_sa *ike_out_sa(struct ike *ike)
{
	if (ike->n_step_sas == IKE_STEP_SAS_MAX)
		return NULL;
	struct node_action *action = ike_out_action(ike, NODE_SA_ADD);
	if (!action)
		return NULL;
	struct node_sa *sa = &ike->step_sa[ike->n_step_sas++];
	memset(sa, 0, sizeof *sa);
	action->sa = sa;
	return sa;
}
