/* SPDX-License-Identifier: Apache-2.0 */
/* NHRP of one tunnel: what asks for direct paths, and what is told to those who ask. */
#include <stdio.h>
#include <string.h>

#include "config/rows.h"
#include "util/check.h"
#include "util/memory.h"

/* ---- the responder ---- */

bool set_responder(struct edit *e, const struct grammar_args *args)
{
	const char *name = grammar_arg(args, "INTERFACE")->text;
	struct snap_nhrp *n = edit_nhrp(e);

	if (strlen(name) >= sizeof n->responder)
		return edit_refuse(e, "the name is too long");
	snprintf(n->responder, sizeof n->responder, "%s", name);
	return true;
}

bool clear_responder(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_nhrp(e)->responder[0] = '\0';
	return true;
}

void print_responder(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (n->responder[0])
		strbuf_printf(p->out, " ip nhrp responder %s\n", n->responder);
}

/* ---- interest ---- */

bool set_interest(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_forget(e, "ip nhrp interest");
	edit_nhrp(e)->interest_none = true;
	return true;
}

bool clear_interest(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_forget(e, "ip nhrp interest");
	edit_nhrp(e)->interest_none = false;
	return true;
}

void print_interest(const struct printing *p)
{
	if (p->interface->tunnel->nhrp.interest_none)
		strbuf_adds(p->out, " ip nhrp interest none\n");
}

/* ---- preference ---- */

bool set_preference(struct edit *e, const struct grammar_args *args)
{
	check(args->n >= 1);
	edit_forget(e, "ip nhrp path preference");
	edit_nhrp(e)->path_preference = (uint8_t)args->arg[0].number;
	return true;
}

bool clear_preference(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_forget(e, "ip nhrp path preference");
	edit_nhrp(e)->path_preference = 0;
	return true;
}

void print_preference(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (n->path_preference)
		strbuf_printf(p->out, " ip nhrp path preference %u\n", n->path_preference);
}

/* ---- summaries ---- */

static bool read_summary(struct edit *e, const struct grammar_args *args, struct snap_summary *ret)
{
	const struct grammar_arg *address = grammar_arg(args, "A.B.C.D");
	const struct grammar_arg *mask = grammar_arg(args, "MASK");
	const struct grammar_arg *prefix = grammar_arg(args, "A.B.C.D/M");
	const struct grammar_arg *nbma = grammar_arg(args, "ADDR");
	struct prefix target = { 0 };

	if (prefix)
		target = prefix->prefix;
	else if (address && mask)
		target = (struct prefix){ address->addr, mask->mask_len };
	check(target.addr.family);
	*ret = (struct snap_summary){ .target = prefix_network(&target) };
	if (!addr_equal(&ret->target.addr, &target.addr))
		return edit_refuse(e, "inconsistent address and mask");
	if (nbma)
		ret->nbma = nbma->addr;
	return true;
}

bool set_summary(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	struct snap_summary new;
	size_t i = 0;

	if (!read_summary(e, args, &new) || !edit_takes_nbma(e, &new.nbma))
		return false;
	while (i < n->n_summary && !prefix_equal(&n->summary[i].target, &new.target))
		i++;
	if (i == SNAP_MAPS_MAX)
		return edit_refuse(e, "more than %d mappings", SNAP_MAPS_MAX);
	if (i == n->n_summary)
		n->summary = memory_resize(n->summary, ++n->n_summary, sizeof *n->summary);
	n->summary[i] = new;
	return true;
}

bool clear_summary(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	struct snap_summary like;
	size_t kept = 0;

	if (!read_summary(e, args, &like))
		return false;
	for (size_t i = 0; i < n->n_summary; i++) {
		bool same =
			prefix_equal(&n->summary[i].target, &like.target) &&
			(addr_is_none(&like.nbma) || addr_equal(&n->summary[i].nbma, &like.nbma));
		if (!same)
			n->summary[kept++] = n->summary[i];
	}
	if (kept == n->n_summary)
		return edit_refuse(e, "there is no such mapping");
	n->n_summary = kept;
	return true;
}

void print_summaries(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;
	char target[PREFIX_TEXT_LEN], nbma[ADDR_TEXT_LEN];

	for (size_t i = 0; i < n->n_summary; i++)
		strbuf_printf(p->out, " ip nhrp summary-map %s %s\n",
		              prefix_format(&n->summary[i].target, target),
		              addr_format(&n->summary[i].nbma, nbma));
}
