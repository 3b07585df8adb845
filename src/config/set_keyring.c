/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pre-shared keys: `crypto isakmp key`, whose lines are the nameless keyring, and `crypto keyring`.
 * For one peer there is one key: the line that comes last is in force.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/rows.h"
#include "util/memory.h"

/* ---- keyrings ---- */

static struct snap_keyring *find_keyring(struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_keyrings; i++)
		if (strcmp(c->keyring[i].name, name) == 0)
			return &c->keyring[i];
	return NULL;
}

/* The nameless one comes first. NULL when there are too many. */
static struct snap_keyring *add_keyring(struct snap_crypto *c, const char *name)
{
	size_t at = name[0] ? c->n_keyrings : 0;

	if (c->n_keyrings == SNAP_KEYRINGS_MAX)
		return NULL;
	c->keyring = memory_resize(c->keyring, c->n_keyrings + 1, sizeof *c->keyring);
	memmove(c->keyring + at + 1, c->keyring + at, (c->n_keyrings - at) * sizeof *c->keyring);
	c->n_keyrings++;
	c->keyring[at] = (struct snap_keyring){ 0 };
	snprintf(c->keyring[at].name, sizeof c->keyring[at].name, "%s", name);
	return &c->keyring[at];
}

static void del_keyring(struct snap_crypto *c, struct snap_keyring *gone)
{
	size_t at = (size_t)(gone - c->keyring);

	snap_keyring_fini(gone);
	c->n_keyrings--;
	memmove(gone, gone + 1, (c->n_keyrings - at) * sizeof *gone);
}

bool set_keyring(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	const char *name = args->arg[0].text;
	const char *vrf = grammar_has(args, "vrf") ? args->arg[args->n - 1].text : "";

	if (strlen(name) >= SNAP_CRYPTO_NAME_SIZE || strlen(vrf) >= SNAP_CRYPTO_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	struct snap_keyring *k = find_keyring(c, name);
	if (!k)
		k = add_keyring(c, name);
	if (!k)
		return edit_refuse(e, "more than %d keyrings", SNAP_KEYRINGS_MAX);
	snprintf(k->vrf, sizeof k->vrf, "%s", vrf);
	if (!edit_enter(e, CONFIG_KEYRING, name))
		return false;
	return vrf[0] ? edit_warn(e, "the VRF is not yet in force; the keyring is") : true;
}

bool clear_keyring(struct edit *e, const struct grammar_args *args)
{
	struct snap_keyring *k = find_keyring(&e->s->crypto, args->arg[0].text);

	if (!k)
		return edit_refuse(e, "there is no such keyring");
	del_keyring(&e->s->crypto, k);
	return true;
}

void print_keyring(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	for (size_t i = 0; i < c->n_keyrings; i++) {
		const struct snap_keyring *k = &c->keyring[i];
		char head[2 * SNAP_CRYPTO_NAME_SIZE + 24];
		if (!k->name[0])
			continue;
		snprintf(head, sizeof head, "crypto keyring %s%s%s", k->name,
		         k->vrf[0] ? " vrf " : "", k->vrf);
		print_block(p, CONFIG_KEYRING, k, head);
	}
}

/* ---- keys ---- */

static size_t count_keys(const struct snap_crypto *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_keyrings; i++)
		n += c->keyring[i].n_keys;
	return n;
}

/* What the key is for; the name is borrowed. */
static void read_peer(const struct grammar_args *args, const char *hostname,
                      struct snap_isakmp_key *ret)
{
	*ret = (struct snap_isakmp_key){ 0 };
	if (grammar_arg(args, "A.B.C.D"))
		ret->peer = config_peers(args);
	else
		ret->hostname = (char *)(uintptr_t)hostname;
}

static bool is_for_same(const struct snap_isakmp_key *a, const struct snap_isakmp_key *b)
{
	if (a->hostname || b->hostname)
		return a->hostname && b->hostname && strcasecmp(a->hostname, b->hostname) == 0;
	return prefix_equal(&a->peer, &b->peer);
}

/* Adds a key whose texts are borrowed, or puts it in the place of the one for the same peer. */
static bool add_key(struct edit *e, struct snap_keyring *k, const struct snap_isakmp_key *new)
{
	size_t i = 0;

	while (i < k->n_keys && !is_for_same(&k->key[i], new))
		i++;
	if (i < k->n_keys) {
		snap_isakmp_key_fini(&k->key[i]);
	} else {
		k->key = memory_resize(k->key, k->n_keys + 1, sizeof *k->key);
		k->n_keys++;
	}
	k->key[i] = *new;
	k->key[i].secret = memory_strdup(new->secret);
	k->key[i].hostname = new->hostname ? memory_strdup(new->hostname) : NULL;
	if (new->type_6)
		return edit_warn(e, "encrypted under a master key that we have not: write the key "
		                    "itself");
	if (new->hostname)
		return edit_warn(e, "for who begins aggressive mode by this name: main mode finds "
		                    "keys by address");
	return true;
}

/* Checks what holds for every key before there is any change. */
static bool check_key(struct edit *e, const struct snap_isakmp_key *new)
{
	if (strlen(new->secret) > SNAP_SECRET_MAX)
		return edit_refuse(e, "a key has at most %d characters", SNAP_SECRET_MAX);
	if (new->hostname && !config_is_name(new->hostname))
		return edit_refuse(e, "not the name of a host");
	if (count_keys(&e->s->crypto) >= SNAP_ISAKMP_KEYS_MAX)
		return edit_refuse(e, "more than %d keys", SNAP_ISAKMP_KEYS_MAX);
	return true;
}

static bool del_key(struct edit *e, struct snap_keyring *k, const struct snap_isakmp_key *like)
{
	for (size_t i = 0; k && i < k->n_keys; i++) {
		if (!is_for_same(&k->key[i], like))
			continue;
		snap_isakmp_key_fini(&k->key[i]);
		k->n_keys--;
		memmove(k->key + i, k->key + i + 1, (k->n_keys - i) * sizeof *k->key);
		return true;
	}
	return edit_refuse(e, "there is no such key");
}

/* The i-th WORD of a line. */
static const char *word(const struct grammar_args *args, size_t i)
{
	for (size_t k = 0; k < args->n; k++)
		if (args->arg[k].slot == SLOT_WORD && i-- == 0)
			return args->arg[k].text;
	return NULL;
}

/* A lone digit would be taken for the type of what follows. */
static const char *type_of(const struct snap_isakmp_key *k)
{
	if (k->type_6)
		return "6 ";
	return strcmp(k->secret, "0") == 0 || strcmp(k->secret, "6") == 0 ? "0 " : "";
}

static void print_peer(const struct snap_isakmp_key *k, bool with_any_mask, struct strbuf *out)
{
	if (k->hostname)
		strbuf_printf(out, "hostname %s", k->hostname);
	else
		print_peers(&k->peer, with_any_mask, out);
}

/* ---- crypto isakmp key ---- */

bool set_isakmp_key(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	struct snap_isakmp_key new;

	read_peer(args, word(args, 1), &new);
	new.secret = (char *)(uintptr_t)word(args, 0);
	new.type_6 = grammar_has(args, "6");
	new.no_xauth = grammar_has(args, "no-xauth");
	if (!check_key(e, &new))
		return false;
	struct snap_keyring *k = find_keyring(c, "");
	if (!k)
		k = add_keyring(c, "");
	if (!k)
		return edit_refuse(e, "more than %d keyrings", SNAP_KEYRINGS_MAX);
	return add_key(e, k, &new);
}

bool clear_isakmp_key(struct edit *e, const struct grammar_args *args)
{
	struct snap_keyring *k = find_keyring(&e->s->crypto, "");
	struct snap_isakmp_key like;

	read_peer(args, word(args, 1), &like);
	if (!del_key(e, k, &like))
		return false;
	if (!k->n_keys)
		del_keyring(&e->s->crypto, k);
	return true;
}

void print_isakmp_key(const struct printing *p)
{
	const struct snap_keyring *k = snap_keyring(&p->s->crypto, "");

	for (size_t i = 0; k && i < k->n_keys; i++) {
		const struct snap_isakmp_key *key = &k->key[i];
		strbuf_printf(p->out, "crypto isakmp key %s%s ", type_of(key),
		              p->hide ? "<hidden>" : key->secret);
		print_peer(key, false, p->out);
		strbuf_printf(p->out, "%s\n", key->no_xauth ? " no-xauth" : "");
	}
}

/* ---- pre-shared-key of a keyring ---- */

static void read_keyring_key(const struct grammar_args *args, struct snap_isakmp_key *ret)
{
	bool by_name = !grammar_arg(args, "A.B.C.D");

	read_peer(args, word(args, 0), ret);
	ret->secret = (char *)(uintptr_t)word(args, by_name ? 1 : 0);
	ret->type_6 = grammar_has(args, "6");
}

bool set_keyring_key(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_key new;

	read_keyring_key(args, &new);
	return check_key(e, &new) && add_key(e, e->object, &new);
}

bool clear_keyring_key(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_key like;

	read_keyring_key(args, &like);
	return del_key(e, e->object, &like);
}

void print_keyring_key(const struct printing *p)
{
	const struct snap_keyring *k = p->object;

	for (size_t i = 0; i < k->n_keys; i++) {
		strbuf_adds(p->out, " pre-shared-key ");
		print_peer(&k->key[i], true, p->out);
		strbuf_printf(p->out, " key %s%s\n", type_of(&k->key[i]),
		              p->hide ? "<hidden>" : k->key[i].secret);
	}
}
