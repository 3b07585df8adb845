/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line is up as long as one of the servers that are used answers, or there is none to answer.
 * It is down when none does any more; that takes what it takes for a server to count as down
 * (client.c). While servers are tried nothing is said, so that who restarts in the place of another
 * finds the line as that one left it; but for NHRP_TRIAL_S at most, since a server without
 * protection or address is tried for ever.
 *
 * Registrations go out by a tunnel whose line is down: only packets of others are stopped.
 */
#include "nhrp/line.h"

#include "nhrp/client.h"
#include "nhrp/out.h"

static enum nhrp_line verdict(const struct nhrp_tunnel *t)
{
	bool has_servers = false, tries = false;

	if (!t->up)
		return t->line == NHRP_LINE_OPEN ? NHRP_LINE_OPEN : NHRP_LINE_DOWN;
	for (size_t i = 0; i < t->n_nhs; i++) {
		const struct nhrp_nhs *nhs = t->nhs[i];
		has_servers |= !nhs->leaving;
		if (!nhrp_client_uses(nhs))
			continue;
		if (nhs->state == NHRP_NHS_UP)
			return NHRP_LINE_UP;
		tries |= nhs->state == NHRP_NHS_PROBING;
	}
	if (!has_servers)
		return NHRP_LINE_UP;
	return tries ? NHRP_LINE_OPEN : NHRP_LINE_DOWN;
}

void nhrp_line_judge(struct nhrp *n, struct nhrp_tunnel *t)
{
	enum nhrp_line is = verdict(t);
	bool undecided = is == NHRP_LINE_OPEN;
	bool waits = undecided && t->up && t->line != NHRP_LINE_DOWN;

	if (!t->config.if_state)
		t->line = NHRP_LINE_OPEN;
	if (t->config.if_state && !undecided && is != t->line)
		timers_set(&n->timers, &t->line_timer, n->now.mono);
	else if (!t->config.if_state || !waits)
		timers_clear(&n->timers, &t->line_timer);
	else if (!timer_is_set(&t->line_timer))
		timers_set(&n->timers, &t->line_timer, mono_add_s(n->now.mono, NHRP_TRIAL_S));
}

void nhrp_line_fire(struct nhrp *n, struct nhrp_tunnel *t)
{
	enum nhrp_line is = verdict(t);

	if (is == NHRP_LINE_OPEN)
		is = NHRP_LINE_DOWN;
	if (is == t->line)
		return;
	struct node_action *action = nhrp_out_action(n, NODE_LINE);
	if (!action)
		return;
	action->line.tunnel = t->number;
	action->line.up = is == NHRP_LINE_UP;
	t->line = (uint8_t)is;
}
