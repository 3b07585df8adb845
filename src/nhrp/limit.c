/* SPDX-License-Identifier: Apache-2.0 */
#include "nhrp/limit.h"

uint16_t nhrp_limit_packets(const struct nhrp_tunnel *t)
{
	return t->config.max_send_packets ? t->config.max_send_packets : SNAP_MAX_SEND_PACKETS;
}

uint16_t nhrp_limit_every_s(const struct nhrp_tunnel *t)
{
	return t->config.max_send_every_s ? t->config.max_send_every_s : SNAP_MAX_SEND_EVERY_S;
}

bool nhrp_limit_take(struct nhrp_tunnel *t, mono now)
{
	if (mono_due(mono_add_s(t->send_window, nhrp_limit_every_s(t)), now)) {
		t->send_window = now;
		t->sent_in_window = 0;
	}
	if (t->sent_in_window >= nhrp_limit_packets(t))
		return false;
	t->sent_in_window++;
	return true;
}
