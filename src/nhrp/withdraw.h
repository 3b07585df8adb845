/* SPDX-License-Identifier: Apache-2.0 */
/* Undoing a registration of ours at a server: only its own request id does it (purge.c). */
#pragma once

#include "nhrp/nhrp.h"

/* A Purge Request for the registration with an id; 0: none. */
void nhrp_withdraw_id(struct nhrp *n, const struct nhrp_nhs *nhs, uint32_t id);
/* The registration that is most likely in our way, another one at each refusal in a row. */
void nhrp_withdraw_try(struct nhrp *n, struct nhrp_nhs *nhs);
/* All that the server may have of us; nothing when that was done already. */
void nhrp_withdraw_all(struct nhrp *n, struct nhrp_nhs *nhs);
/* An address or an association goes: the latest request may have arrived, but its reply will not.
 */
void nhrp_withdraw_note(struct nhrp_nhs *nhs);
