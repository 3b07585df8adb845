/* SPDX-License-Identifier: Apache-2.0 */
/* Resolution Requests of others (RFC 2332 5.2.1): answered, forwarded, or refused. */
#pragma once

#include "nhrp/nhrp.h"

void nhrp_answer_request(struct nhrp *n, const struct nhrp_received *rx);
