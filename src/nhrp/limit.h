/* SPDX-License-Identifier: Apache-2.0 */
/* ip nhrp max-send N every S: how many NHRP packets a tunnel may send in an interval. */
#pragma once

#include "nhrp/nhrp.h"

uint16_t nhrp_limit_packets(const struct nhrp_tunnel *t);
uint16_t nhrp_limit_every_s(const struct nhrp_tunnel *t);

/* Takes one packet from the tunnel's allowance; false when there is none left. */
bool nhrp_limit_take(struct nhrp_tunnel *t, mono now);
