/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server has one registration of ours, and we do not always know which: the one that it
 * acknowledged last, or one sent since then whose reply is on its way, or was lost with an old
 * address. Making way for a new registration (code 14) the ids are tried in turn: the one last
 * acknowledged, then those from old addresses, the latest first. Whoever leaves for good purges
 * them all.
 *
 * A client that never had a registration makes way for nothing: its ids say nothing about the entry
 * in its way, but could by chance be those of another router with the same address.
 */
#include "nhrp/withdraw.h"

#include <string.h>

#include "nhrp/out.h"
#include "nhrp/purge.h"

/* A packet and its trace for each id: the one acknowledged, those replaced, two unanswered ones. */
_Static_assert(2 * (1 + NHRP_REPLACED_MAX + 2) <= NHRP_UNIT_ACTIONS, "one timer's actions");

void nhrp_withdraw_note(struct nhrp_nhs *nhs)
{
	if (!nhs->request_id || (nhs->n_replaced && nhs->replaced_id[0] == nhs->request_id))
		return;
	if (nhs->n_replaced < NHRP_REPLACED_MAX)
		nhs->n_replaced++;
	memmove(nhs->replaced_id + 1, nhs->replaced_id,
	        (nhs->n_replaced - 1u) * sizeof *nhs->replaced_id);
	nhs->replaced_id[0] = nhs->request_id;
}

void nhrp_withdraw_id(struct nhrp *n, const struct nhrp_nhs *nhs, uint32_t id)
{
	struct nhrp_sending how = { .tunnel = nhs->tunnel, .to = nhs->nbma };
	struct nhrp_purge purge = {
		.request_id = id,
		.source = nhs->registered,
		.target = prefix_host(&nhs->registered),
		.destination = addr_is_none(&nhs->address) ? nhs->registered : nhs->address,
	};

	if (id)
		nhrp_purge_send(n, &how, &purge);
}

void nhrp_withdraw_try(struct nhrp *n, struct nhrp_nhs *nhs)
{
	unsigned turn = nhs->refusals % (1u + nhs->n_replaced);

	nhs->purge = false;
	if (nhs->acked_id)
		nhrp_withdraw_id(n, nhs, turn == 0 ? nhs->acked_id : nhs->replaced_id[turn - 1]);
}

/* The newest last: the server may have it in place of all the others. */
void nhrp_withdraw_all(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhs->purge = false;
	if (!nhs->withdrawn) {
		nhrp_withdraw_id(n, nhs, nhs->acked_id);
		for (size_t i = nhs->n_replaced; i > 0; i--)
			if (nhs->replaced_id[i - 1] != nhs->acked_id)
				nhrp_withdraw_id(n, nhs, nhs->replaced_id[i - 1]);
	}
	nhrp_withdraw_id(n, nhs, nhs->previous_id);
	nhrp_withdraw_id(n, nhs, nhs->pending ? nhs->request_id : 0);
	nhs->withdrawn = true;
}
