/* SPDX-License-Identifier: Apache-2.0 */
/* `crypto ipsec profile`: what protects a tunnel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/rows.h"
#include "util/memory.h"

enum { DAY_S = 86400, PFS_GROUP = 14 /* where a line names none */ };

static struct snap_ipsec_profile *find_profile(struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_profiles; i++)
		if (strcmp(c->profile[i].name, name) == 0)
			return &c->profile[i];
	return NULL;
}

bool set_ipsec_profile(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	const char *name = args->arg[0].text;

	if (strlen(name) >= SNAP_CRYPTO_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	if (!find_profile(c, name)) {
		if (c->n_profiles == SNAP_IPSEC_PROFILES_MAX)
			return edit_refuse(e, "more than %d profiles", SNAP_IPSEC_PROFILES_MAX);
		c->profile = memory_resize(c->profile, c->n_profiles + 1, sizeof *c->profile);
		struct snap_ipsec_profile *new = &c->profile[c->n_profiles++];
		*new = (struct snap_ipsec_profile){ 0 };
		snprintf(new->name, sizeof new->name, "%s", name);
	}
	return edit_enter(e, CONFIG_IPSEC_PROFILE, name);
}

bool clear_ipsec_profile(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	struct snap_ipsec_profile *gone = find_profile(c, args->arg[0].text);

	if (!gone)
		return edit_refuse(e, "there is no such profile");
	size_t at = (size_t)(gone - c->profile);
	snap_lines_fini(&gone->kept);
	c->n_profiles--;
	memmove(gone, gone + 1, (c->n_profiles - at) * sizeof *gone);
	return true;
}

void print_ipsec_profile(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	for (size_t i = 0; i < c->n_profiles; i++) {
		char head[SNAP_CRYPTO_NAME_SIZE + 24];
		snprintf(head, sizeof head, "crypto ipsec profile %s", c->profile[i].name);
		print_block(p, CONFIG_IPSEC_PROFILE, &c->profile[i], head);
	}
}

/* What follows a "!" is a comment. */
bool set_profile_sets(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;
	size_t n = 0;

	while (n < args->n && args->arg[n].text[0] != '!')
		if (strlen(args->arg[n++].text) >= SNAP_CRYPTO_NAME_SIZE)
			return edit_refuse(e, "the name is too long");
	if (!n)
		return edit_refuse(e, "the name of a transform set is missing");
	memset(p->set, 0, sizeof p->set);
	for (size_t i = 0; i < n; i++)
		snprintf(p->set[i], sizeof p->set[i], "%s", args->arg[i].text);
	p->n_sets = n;
	return true;
}

bool clear_profile_sets(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;

	(void)args;
	memset(p->set, 0, sizeof p->set);
	p->n_sets = 0;
	return true;
}

void print_profile_sets(const struct printing *p)
{
	const struct snap_ipsec_profile *profile = p->object;

	if (!profile->n_sets)
		return;
	strbuf_adds(p->out, " set transform-set");
	for (size_t i = 0; i < profile->n_sets; i++)
		strbuf_printf(p->out, " %s", profile->set[i]);
	strbuf_addc(p->out, '\n');
}

bool set_pfs(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;

	p->pfs_group = PFS_GROUP;
	if (!args->n)
		return edit_warn(e, "group%u is taken, where IOS takes its weak default",
		                 PFS_GROUP);
	p->pfs_group = (uint16_t)strtoul(args->arg[0].name + strlen("group"), NULL, 10);
	if (dh_group(p->pfs_group)->weak)
		return edit_warn(e, "group%u is weak: instead write \"set pfs group14\"",
		                 p->pfs_group);
	return true;
}

bool clear_pfs(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;

	(void)args;
	p->pfs_group = 0;
	return true;
}

void print_pfs(const struct printing *p)
{
	const struct snap_ipsec_profile *profile = p->object;

	if (profile->pfs_group)
		strbuf_printf(p->out, " set pfs group%u\n", profile->pfs_group);
}

bool set_lifetime_days(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;

	p->lifetime_s = (uint32_t)args->arg[0].number * DAY_S;
	return true;
}

bool clear_lifetime_days(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;

	(void)args;
	p->lifetime_s = 0;
	return true;
}

bool set_profile_isakmp(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;
	const char *name = args->arg[0].text;

	if (strlen(name) >= SNAP_CRYPTO_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	memset(p->isakmp_profile, 0, sizeof p->isakmp_profile);
	memcpy(p->isakmp_profile, name, strlen(name));
	return true;
}

bool clear_profile_isakmp(struct edit *e, const struct grammar_args *args)
{
	struct snap_ipsec_profile *p = e->object;

	(void)args;
	memset(p->isakmp_profile, 0, sizeof p->isakmp_profile);
	return true;
}

void print_profile_isakmp(const struct printing *p)
{
	const struct snap_ipsec_profile *profile = p->object;

	if (profile->isakmp_profile[0])
		strbuf_printf(p->out, " set isakmp-profile %s\n", profile->isakmp_profile);
}
