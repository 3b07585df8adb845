/* SPDX-License-Identifier: Apache-2.0 */
/* `crypto isakmp policy` and what holds for IKEv1 as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/rows.h"
#include "util/memory.h"

/* ---- policies ---- */

bool set_isakmp_policy(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	uint16_t priority = (uint16_t)args->arg[0].number;
	size_t at = 0;
	char name[8];

	while (at < c->n_policies && c->policy[at].priority < priority)
		at++;
	if (at == c->n_policies || c->policy[at].priority != priority) {
		if (c->n_policies == SNAP_ISAKMP_POLICIES_MAX)
			return edit_refuse(e, "more than %d policies", SNAP_ISAKMP_POLICIES_MAX);
		c->policy = memory_resize(c->policy, c->n_policies + 1, sizeof *c->policy);
		memmove(c->policy + at + 1, c->policy + at,
		        (c->n_policies - at) * sizeof *c->policy);
		c->policy[at] = (struct snap_isakmp_policy){ .priority = priority };
		c->n_policies++;
	}
	snprintf(name, sizeof name, "%u", priority);
	return edit_enter(e, CONFIG_ISAKMP_POLICY, name);
}

/* Without a number all policies go. */
bool clear_isakmp_policy(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	size_t kept = 0;

	for (size_t i = 0; i < c->n_policies; i++) {
		if (!args->n || c->policy[i].priority == args->arg[0].number)
			snap_lines_fini(&c->policy[i].kept);
		else
			c->policy[kept++] = c->policy[i];
	}
	if (kept == c->n_policies)
		return edit_refuse(e, "there is no such policy");
	c->n_policies = kept;
	return true;
}

void print_isakmp_policy(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	for (size_t i = 0; i < c->n_policies; i++) {
		char head[40];
		snprintf(head, sizeof head, "crypto isakmp policy %u", c->policy[i].priority);
		print_block(p, CONFIG_ISAKMP_POLICY, &c->policy[i], head);
	}
}

bool set_encryption(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;

	if (grammar_has(args, "des") && e->s->crypto.no_ike_des)
		return edit_refuse(e, "this machine has no DES, for OpenSSL's legacy provider is "
		                      "missing: write \"encryption aes\"");
	p->has_encryption = true;
	if (grammar_has(args, "des"))
		p->encryption = CIPHER_DES;
	else if (grammar_has(args, "3des"))
		p->encryption = CIPHER_3DES;
	else if (grammar_has(args, "192"))
		p->encryption = CIPHER_AES192;
	else
		p->encryption = grammar_has(args, "256") ? CIPHER_AES256 : CIPHER_AES128;
	const struct cipher_algorithm *a = cipher_algorithm(p->encryption);
	if (a->weak)
		return edit_warn(e, "%s is weak: instead write \"encryption aes\"", a->name);
	return true;
}

bool clear_encryption(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;

	(void)args;
	p->has_encryption = false;
	p->encryption = 0;
	return true;
}

void print_encryption(const struct printing *p)
{
	const struct snap_isakmp_policy *policy = p->object;

	if (policy->has_encryption)
		strbuf_printf(p->out, " encr %s\n", cipher_algorithm(policy->encryption)->name);
}

bool set_hash(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;
	enum crypto_hash hash = HASH_MD5;

	while (strcmp(hash_algorithm(hash)->name, args->arg[0].name) != 0)
		hash++;
	p->has_hash = true;
	p->hash = hash;
	if (hash_algorithm(hash)->weak)
		return edit_warn(e, "%s is weak: instead write \"hash sha256\"", args->arg[0].name);
	return true;
}

bool clear_hash(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;

	(void)args;
	p->has_hash = false;
	p->hash = 0;
	return true;
}

void print_hash(const struct printing *p)
{
	const struct snap_isakmp_policy *policy = p->object;

	if (policy->has_hash)
		strbuf_printf(p->out, " hash %s\n", hash_algorithm(policy->hash)->name);
}

bool set_isakmp_authentication(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;

	p->has_authentication = true;
	p->authentication =
		grammar_has(args, "pre-share") ? SNAP_AUTH_PRE_SHARE : SNAP_AUTH_RSA_SIG;
	edit_forget(e, "authentication");
	return true;
}

bool set_other_authentication(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;

	(void)args;
	p->has_authentication = false;
	p->authentication = 0;
	return true;
}

bool clear_isakmp_authentication(struct edit *e, const struct grammar_args *args)
{
	edit_forget(e, "authentication");
	return set_other_authentication(e, args);
}

void print_isakmp_authentication(const struct printing *p)
{
	const struct snap_isakmp_policy *policy = p->object;
	bool psk = policy->authentication == SNAP_AUTH_PRE_SHARE;

	if (policy->has_authentication)
		strbuf_printf(p->out, " authentication %s\n", psk ? "pre-share" : "rsa-sig");
}

bool set_group(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;

	p->has_group = true;
	p->group = (uint16_t)strtoul(args->arg[0].name, NULL, 10);
	if (dh_group(p->group)->weak)
		return edit_warn(e, "group %u is weak: instead write \"group 14\"", p->group);
	return true;
}

bool clear_group(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_policy *p = e->object;

	(void)args;
	p->has_group = false;
	p->group = 0;
	return true;
}

void print_group(const struct printing *p)
{
	const struct snap_isakmp_policy *policy = p->object;

	if (policy->has_group)
		strbuf_printf(p->out, " group %u\n", policy->group);
}

/* ---- for all of IKEv1 ---- */

static const char *const identities[] = {
	[SNAP_ID_ADDRESS] = "address", [SNAP_ID_HOSTNAME] = "hostname", [SNAP_ID_DN] = "dn"
};

bool set_isakmp_identity(struct edit *e, const struct grammar_args *args)
{
	enum snap_identity identity = SNAP_ID_ADDRESS;

	if (grammar_has(args, "hostname"))
		identity = SNAP_ID_HOSTNAME;
	else if (grammar_has(args, "dn"))
		identity = SNAP_ID_DN;
	e->s->crypto.identity = identity;
	return true;
}

bool clear_isakmp_identity(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	e->s->crypto.identity = SNAP_ID_ADDRESS;
	return true;
}

void print_isakmp_identity(const struct printing *p)
{
	const enum snap_identity identity = p->s->crypto.identity;

	if (identity != SNAP_ID_ADDRESS)
		strbuf_printf(p->out, "crypto isakmp identity %s\n", identities[identity]);
}

bool set_isakmp_keepalive(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	const struct grammar_arg *retry = grammar_arg(args, "<2-60>");

	c->keepalive_s = (uint16_t)args->arg[0].number;
	c->keepalive_retry_s = retry ? (uint16_t)retry->number : 0;
	if (c->keepalive_retry_s == SNAP_DPD_RETRY_S)
		c->keepalive_retry_s = 0;
	c->keepalive_periodic = grammar_has(args, "periodic");
	return true;
}

bool clear_isakmp_keepalive(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;

	(void)args;
	c->keepalive_s = c->keepalive_retry_s = 0;
	c->keepalive_periodic = false;
	return true;
}

void print_isakmp_keepalive(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	if (!c->keepalive_s)
		return;
	strbuf_printf(p->out, "crypto isakmp keepalive %u", c->keepalive_s);
	if (c->keepalive_retry_s)
		strbuf_printf(p->out, " %u", c->keepalive_retry_s);
	strbuf_printf(p->out, "%s\n", c->keepalive_periodic ? " periodic" : "");
}

/* Ours is disabled unless it is accepted in so many words. */
bool set_no_aggressive_mode(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	e->s->crypto.aggressive_accept = false;
	return true;
}
