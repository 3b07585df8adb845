/* SPDX-License-Identifier: Apache-2.0 */
/* `crypto pki trustpoint`: where certificates and key lie, and whether they may be revoked. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/chain.h"
#include "config/rows.h"
#include "util/memory.h"

static struct snap_trustpoint *find_trustpoint(struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_trustpoints; i++)
		if (strcmp(c->trustpoint[i].name, name) == 0)
			return &c->trustpoint[i];
	return NULL;
}

bool set_trustpoint(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	const char *name = args->arg[0].text;

	if (strlen(name) >= SNAP_CRYPTO_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	if (!find_trustpoint(c, name)) {
		if (c->n_trustpoints == SNAP_TRUSTPOINTS_MAX)
			return edit_refuse(e, "more than %d trustpoints", SNAP_TRUSTPOINTS_MAX);
		c->trustpoint =
			memory_resize(c->trustpoint, c->n_trustpoints + 1, sizeof *c->trustpoint);
		struct snap_trustpoint *new = &c->trustpoint[c->n_trustpoints++];
		*new = (struct snap_trustpoint){ 0 };
		snprintf(new->name, sizeof new->name, "%s", name);
	}
	return edit_enter(e, CONFIG_TRUSTPOINT, name);
}

bool clear_trustpoint(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	struct snap_trustpoint *gone = find_trustpoint(c, args->arg[0].text);

	if (!gone)
		return edit_refuse(e, "there is no such trustpoint");
	size_t at = (size_t)(gone - c->trustpoint);
	config_chain_drop(e->s, gone->name);
	snap_trustpoint_fini(gone);
	c->n_trustpoints--;
	memmove(gone, gone + 1, (c->n_trustpoints - at) * sizeof *gone);
	return true;
}

void print_trustpoint(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	for (size_t i = 0; i < c->n_trustpoints; i++) {
		char head[SNAP_CRYPTO_NAME_SIZE + 24];
		snprintf(head, sizeof head, "crypto pki trustpoint %s", c->trustpoint[i].name);
		print_block(p, CONFIG_TRUSTPOINT, &c->trustpoint[i], head);
	}
}

/* ---- enrollment ---- */

/* One way replaces the other. */
static void forget_enrollment(struct edit *e)
{
	struct snap_trustpoint *t = e->object;

	free(t->file);
	t->file = NULL;
	t->terminal = t->pem = false;
	edit_forget(e, "enrollment {");
}

static bool take_path(struct edit *e, const struct grammar_args *args, char **ret)
{
	const char *path = args->arg[0].text;

	if (path[0] != '/')
		return edit_refuse(e, "the path must begin with /");
	if (strlen(path) >= PATH_MAX)
		return edit_refuse(e, "the path is too long");
	free(*ret);
	*ret = memory_strdup(path);
	return true;
}

bool set_enrollment_file(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;
	char *path = NULL;

	if (!take_path(e, args, &path))
		return false;
	forget_enrollment(e);
	t->file = path;
	return true;
}

bool clear_enrollment_file(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	(void)args;
	free(t->file);
	t->file = NULL;
	return true;
}

void print_enrollment_file(const struct printing *p)
{
	const struct snap_trustpoint *t = p->object;

	if (t->file)
		strbuf_printf(p->out, " enrollment file %s\n", t->file);
}

bool set_enrollment_terminal(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	forget_enrollment(e);
	t->terminal = true;
	t->pem = grammar_has(args, "pem");
	return true;
}

bool clear_enrollment_terminal(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	(void)args;
	t->terminal = t->pem = false;
	return true;
}

void print_enrollment_terminal(const struct printing *p)
{
	const struct snap_trustpoint *t = p->object;

	if (t->terminal)
		strbuf_printf(p->out, " enrollment terminal%s\n", t->pem ? " pem" : "");
}

bool set_other_enrollment(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	forget_enrollment(e);
	return true;
}

/* ---- revocation ---- */

bool set_revocation(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	edit_forget(e, "revocation-check {ocsp");
	if (!grammar_has(args, "none"))
		t->revocation = SNAP_REVOCATION_CRL;
	else
		t->revocation =
			grammar_has(args, "crl") ? SNAP_REVOCATION_CRL_NONE : SNAP_REVOCATION_NONE;
	return true;
}

bool set_other_revocation(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	(void)args;
	t->revocation = SNAP_REVOCATION_CRL;
	return true;
}

bool clear_revocation(struct edit *e, const struct grammar_args *args)
{
	edit_forget(e, "revocation-check {ocsp");
	return set_other_revocation(e, args);
}

void print_revocation(const struct printing *p)
{
	const struct snap_trustpoint *t = p->object;

	if (t->revocation != SNAP_REVOCATION_CRL)
		strbuf_printf(p->out, " revocation-check %s\n",
		              t->revocation == SNAP_REVOCATION_NONE ? "none" : "crl none");
}

bool set_crl_file(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	return take_path(e, args, &t->crl_file);
}

bool clear_crl_file(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	(void)args;
	free(t->crl_file);
	t->crl_file = NULL;
	return true;
}

void print_crl_file(const struct printing *p)
{
	const struct snap_trustpoint *t = p->object;

	if (t->crl_file)
		strbuf_printf(p->out, " crl file %s\n", t->crl_file);
}

/* ---- the key ---- */

bool set_rsakeypair(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;
	const char *label = args->arg[0].text;

	if (strlen(label) >= sizeof t->key_label)
		return edit_refuse(e, "the label is too long");
	if (strchr(label, '/'))
		return edit_refuse(e, "the label names a file and cannot hold a /");
	memset(t->key_label, 0, sizeof t->key_label);
	snprintf(t->key_label, sizeof t->key_label, "%s", label);
	for (size_t i = 0; i < 2; i++)
		t->key_bits[i] = i + 1 < args->n ? (uint16_t)args->arg[i + 1].number : 0;
	return true;
}

bool clear_rsakeypair(struct edit *e, const struct grammar_args *args)
{
	struct snap_trustpoint *t = e->object;

	(void)args;
	memset(t->key_label, 0, sizeof t->key_label);
	memset(t->key_bits, 0, sizeof t->key_bits);
	return true;
}

void print_rsakeypair(const struct printing *p)
{
	const struct snap_trustpoint *t = p->object;

	if (!t->key_label[0])
		return;
	strbuf_printf(p->out, " rsakeypair %s", t->key_label);
	for (size_t i = 0; i < 2 && t->key_bits[i]; i++)
		strbuf_printf(p->out, " %u", t->key_bits[i]);
	strbuf_addc(p->out, '\n');
}

/* ---- in an isakmp profile ---- */

bool set_profile_trustpoint(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;
	const char *name = args->arg[0].text;
	char old[SNAP_CRYPTO_NAME_SIZE];

	if (strlen(name) >= sizeof old)
		return edit_refuse(e, "the name is too long");
	memcpy(old, p->trustpoint, sizeof old);
	memset(p->trustpoint, 0, sizeof p->trustpoint);
	snprintf(p->trustpoint, sizeof p->trustpoint, "%s", name);
	if (old[0] && strcmp(old, name) != 0)
		return edit_warn(e, "one trustpoint is in force: this one, instead of %s", old);
	return true;
}

bool clear_profile_trustpoint(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;

	(void)args;
	memset(p->trustpoint, 0, sizeof p->trustpoint);
	return true;
}

void print_profile_trustpoint(const struct printing *p)
{
	const struct snap_isakmp_profile *profile = p->object;

	if (profile->trustpoint[0])
		strbuf_printf(p->out, " ca trust-point %s\n", profile->trustpoint);
}
