/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retransmission. The interval starts at IKE_RETRANSMIT_MS, doubles up to IKE_RETRANSMIT_MAX_MS and
 * is stretched by up to a quarter by chance, so that the spokes of a hub that comes back do not
 * keep step. Duplicates are known by a digest, for a message that is sent again is sent unchanged.
 */
#include "ike/turn.h"

#include <string.h>

#include "ike/fragment.h"
#include "ike/out.h"
#include "util/memory.h"

static void digest(struct ike *ike, const uint8_t *bytes, size_t len,
                   uint8_t ret[static IKE_DIGEST_LEN])
{
	const struct crypto_part part = { bytes, len };

	crypto_digest(ike->crypto, HASH_SHA1, &part, 1, ret);
}

static mono next_at(struct ike *ike, uint8_t tries)
{
	uint32_t ms = IKE_RETRANSMIT_MAX_MS;

	if (tries < 8 && IKE_RETRANSMIT_MS << (tries - 1) < IKE_RETRANSMIT_MAX_MS)
		ms = (uint32_t)IKE_RETRANSMIT_MS << (tries - 1);
	return mono_add_ms(ike->now.mono, entropy_between(&ike->entropy, ms, ms + ms / 4));
}

static void send(struct ike *ike, const struct ike_turn *turn, const struct node_ike_path *path)
{
	if (turn->cuts && turn->sent_len > IKE_FRAGMENT_LEN)
		ike_fragment_send(ike, path, (struct crypto_part){ turn->sent, turn->sent_len },
		                  turn->cut_id);
	else
		ike_out_send(ike, path, turn->sent, turn->sent_len);
}

void ike_turn_send(struct ike *ike, struct ike_turn *turn, const struct ike_message *message)
{
	free(turn->sent);
	turn->sent = memory_new(1, message->len);
	memcpy(turn->sent, message->bytes, message->len);
	turn->sent_len = message->len;
	turn->tries = 1;
	turn->repeats = 0;
	turn->at = message->expects ? next_at(ike, 1) : MONO_NEVER;
	turn->cut_id++;
	send(ike, turn, message->path);
}

void ike_turn_saw(struct ike *ike, struct ike_turn *turn, const uint8_t *bytes, size_t len)
{
	digest(ike, bytes, len, turn->seen);
	turn->has_seen = true;
}

bool ike_turn_repeats(struct ike *ike, struct ike_turn *turn, const struct node_event *event)
{
	uint8_t is[IKE_DIGEST_LEN];

	if (!turn->has_seen)
		return false;
	digest(ike, event->ike.bytes, event->ike.len, is);
	if (memcmp(is, turn->seen, sizeof is) != 0)
		return false;
	if (turn->sent && turn->repeats < IKE_REPEATS_MAX) {
		const struct node_ike_path back = {
			.from = event->ike.path.to,
			.to = event->ike.path.from,
			.from_port = event->ike.path.to_port,
			.to_port = event->ike.path.from_port,
		};
		turn->repeats++;
		ike->counters.retransmitted++;
		send(ike, turn, &back);
	}
	return true;
}

void ike_turn_done(struct ike_turn *turn)
{
	turn->at = MONO_NEVER;
}

bool ike_turn_fire(struct ike *ike, struct ike_turn *turn, const struct node_ike_path *path)
{
	if (!mono_due(turn->at, ike->now.mono))
		return true;
	if (turn->tries >= IKE_TRIES)
		return false;
	turn->tries++;
	turn->at = next_at(ike, turn->tries);
	ike->counters.retransmitted++;
	send(ike, turn, path);
	return true;
}

void ike_turn_fini(struct ike_turn *turn)
{
	if (turn->sent)
		memory_wipe(turn->sent, turn->sent_len);
	free(turn->sent);
	turn->sent = NULL;
}
