/* SPDX-License-Identifier: Apache-2.0 */
/* Transform sets, and what `crypto ipsec …` says of all security associations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/rows.h"
#include "util/memory.h"

/* ---- transform sets ---- */

static struct snap_transform_set *find_set(struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_sets; i++)
		if (strcmp(c->set[i].name, name) == 0)
			return &c->set[i];
	return NULL;
}

/* By the words of a line: "esp-aes 256", whose first word alone means 128 bits. */
static enum esp_cipher read_cipher(const struct grammar_args *args)
{
	enum esp_cipher found = ESP_NULL;

	for (enum esp_cipher cipher = 0; cipher < ESP_CIPHERS_N; cipher++) {
		const char *name = esp_cipher_algorithm(cipher)->name;
		size_t len = strcspn(name, " ");
		char first[16];
		snprintf(first, sizeof first, "%.*s", (int)len, name);
		if (grammar_has(args, first) && (!name[len] || grammar_has(args, name + len + 1)))
			found = cipher;
	}
	return found;
}

static enum esp_auth read_auth(const struct grammar_args *args)
{
	for (enum esp_auth auth = ESP_AUTH_NONE + 1; auth < ESP_AUTHS_N; auth++)
		if (grammar_has(args, esp_auth_algorithm(auth)->name))
			return auth;
	return ESP_AUTH_NONE;
}

static bool warn_of_weak_set(struct edit *e, const struct snap_transform_set *set)
{
	const struct esp_cipher_algorithm *cipher = esp_cipher_algorithm(set->cipher);
	const struct esp_auth_algorithm *auth = esp_auth_algorithm(set->auth);

	if (cipher->weak && auth->weak)
		return edit_warn(e, "%s and %s are weak: instead write \"esp-aes esp-sha256-hmac\"",
		                 cipher->name, auth->name);
	if (cipher->weak)
		return edit_warn(e, "%s is weak: instead write \"esp-aes\"", cipher->name);
	if (auth->weak)
		return edit_warn(e, "%s is weak: instead write \"esp-sha256-hmac\"", auth->name);
	if (set->cipher == ESP_NULL)
		return edit_warn(e, "esp-null encrypts nothing: instead write \"esp-aes\"");
	return true;
}

/* Puts a set in its place. The same name again changes the algorithms and leaves the mode. */
static bool put_set(struct edit *e, struct snap_transform_set *new, const char *name)
{
	struct snap_crypto *c = &e->s->crypto;
	struct snap_transform_set *old = find_set(c, name);

	if (snprintf(new->name, sizeof new->name, "%s", name) >= (int)sizeof new->name)
		return edit_refuse(e, "the name is too long");
	if (!old && c->n_sets == SNAP_TRANSFORM_SETS_MAX)
		return edit_refuse(e, "more than %d transform sets", SNAP_TRANSFORM_SETS_MAX);
	if (old) {
		free(old->other);
		old->cipher = new->cipher;
		old->auth = new->auth;
		old->esn = new->esn;
	} else {
		c->set = memory_resize(c->set, c->n_sets + 1, sizeof *c->set);
		old = &c->set[c->n_sets++];
		*old = *new;
	}
	old->other = new->other ? memory_strdup(new->other) : NULL;
	return edit_enter(e, CONFIG_TRANSFORM_SET, name);
}

/* The transforms of a line, in full. */
static void join_transforms(const struct grammar_args *args, struct strbuf *ret)
{
	strbuf_init(ret);
	for (size_t i = 1; i < args->n; i++)
		strbuf_printf(ret, "%s%s", i > 1 ? " " : "", args->arg[i].name);
}

/* A set with what we lack is kept, and no tunnel runs with it. */
static bool put_other_set(struct edit *e, const struct grammar_args *args)
{
	struct snap_transform_set new = { 0 };
	struct strbuf transforms;

	join_transforms(args, &transforms);
	new.other = transforms.text;
	bool put = put_set(e, &new, args->arg[0].text);
	strbuf_fini(&transforms);
	return put;
}

bool set_other_transform_set(struct edit *e, const struct grammar_args *args)
{
	return put_other_set(e, args) &&
	       edit_warn(e, "known, not yet in force: tunnels with this transform set stay down");
}

bool set_transform_set(struct edit *e, const struct grammar_args *args)
{
	struct snap_transform_set new = { .cipher = read_cipher(args),
		                          .auth = read_auth(args),
		                          .esn = grammar_has(args, "esn") };
	const struct esp_cipher_algorithm *cipher = esp_cipher_algorithm(new.cipher);

	if (cipher->icv_len && new.auth != ESP_AUTH_NONE)
		return edit_refuse(e, "%s authenticates by itself: leave %s out", cipher->name,
		                   esp_auth_algorithm(new.auth)->name);
	if (new.cipher == ESP_DES && e->s->crypto.no_esp_des)
		return edit_refuse(e, "this machine has no DES, for OpenSSL's legacy provider is "
		                      "missing: write \"esp-aes\"");
	if (!cipher->icv_len && new.auth == ESP_AUTH_NONE)
		return put_other_set(e, args) &&
		       edit_warn(
			       e,
			       "packets could be changed on their way: tunnels with this transform "
			       "set stay down until it has esp-sha256-hmac too");
	return put_set(e, &new, args->arg[0].text) && warn_of_weak_set(e, &new);
}

bool clear_transform_set(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	struct snap_transform_set *gone = find_set(c, args->arg[0].text);

	if (!gone)
		return edit_refuse(e, "there is no such transform set");
	size_t at = (size_t)(gone - c->set);
	snap_transform_set_fini(gone);
	c->n_sets--;
	memmove(gone, gone + 1, (c->n_sets - at) * sizeof *gone);
	return true;
}

void print_transform_set(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	for (size_t i = 0; i < c->n_sets; i++) {
		const struct snap_transform_set *set = &c->set[i];
		const char *auth = esp_auth_algorithm(set->auth)->name;
		struct strbuf head;
		strbuf_init(&head);
		strbuf_printf(&head, "crypto ipsec transform-set %s ", set->name);
		if (set->other)
			strbuf_adds(&head, set->other);
		else
			strbuf_printf(&head, "%s%s%s%s", esp_cipher_algorithm(set->cipher)->name,
			              auth[0] ? " " : "", auth, set->esn ? " esn" : "");
		print_block(p, CONFIG_TRANSFORM_SET, set, head.text);
		strbuf_fini(&head);
	}
}

bool set_ipsec_mode(struct edit *e, const struct grammar_args *args)
{
	struct snap_transform_set *set = e->object;

	set->mode = grammar_has(args, "transport") ? SNAP_IPSEC_TRANSPORT : SNAP_IPSEC_TUNNEL;
	set->require = grammar_has(args, "require");
	return true;
}

bool clear_ipsec_mode(struct edit *e, const struct grammar_args *args)
{
	struct snap_transform_set *set = e->object;

	(void)args;
	set->mode = SNAP_IPSEC_TUNNEL;
	set->require = false;
	return true;
}

void print_ipsec_mode(const struct printing *p)
{
	const struct snap_transform_set *set = p->object;

	if (set->mode == SNAP_IPSEC_TRANSPORT)
		strbuf_printf(p->out, " mode transport%s\n", set->require ? " require" : "");
}

/* ---- for all security associations ---- */

static const char *const df_bits[] = {
	[SNAP_DF_COPY] = "copy", [SNAP_DF_CLEAR] = "clear", [SNAP_DF_SET] = "set"
};

bool set_df_bit(struct edit *e, const struct grammar_args *args)
{
	enum snap_df_bit df_bit = SNAP_DF_COPY;

	while (!grammar_has(args, df_bits[df_bit]))
		df_bit++;
	e->s->crypto.df_bit = df_bit;
	return true;
}

bool clear_df_bit(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	e->s->crypto.df_bit = SNAP_DF_COPY;
	return true;
}

void print_df_bit(const struct printing *p)
{
	const enum snap_df_bit df_bit = p->s->crypto.df_bit;

	if (df_bit != SNAP_DF_COPY)
		strbuf_printf(p->out, "crypto ipsec df-bit %s\n", df_bits[df_bit]);
}

bool set_udp_encapsulation(struct edit *e, const struct grammar_args *args)
{
	e->s->crypto.no_nat_transparency = false;
	e->s->crypto.force_udp = grammar_has(args, "force");
	return true;
}

/* With `force` only the force goes. */
bool clear_udp_encapsulation(struct edit *e, const struct grammar_args *args)
{
	e->s->crypto.no_nat_transparency = !grammar_has(args, "force");
	e->s->crypto.force_udp = false;
	return true;
}

void print_udp_encapsulation(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	if (c->no_nat_transparency || c->force_udp)
		strbuf_printf(p->out, "%scrypto ipsec nat-transparency udp-encapsulation%s\n",
		              c->no_nat_transparency ? "no " : "", c->force_udp ? " force" : "");
}

/* ---- what a profile can say otherwise ---- */

/* Of a profile, or of all. */
struct sa_rules {
	uint32_t *lifetime_kb;
	bool *lifetime_kb_off;
	uint16_t *replay_packets;
	bool *replay_off;
};

static struct sa_rules rules_of(struct snap_crypto *c, struct snap_ipsec_profile *p)
{
	if (p)
		return (struct sa_rules){ &p->lifetime_kb, &p->lifetime_kb_off, &p->replay_packets,
			                  &p->replay_off };
	return (struct sa_rules){ &c->lifetime_kb, &c->lifetime_kb_off, &c->replay_packets,
		                  &c->replay_off };
}

bool set_sa_volume(struct edit *e, const struct grammar_args *args)
{
	const struct sa_rules r = rules_of(&e->s->crypto, e->object);
	const struct grammar_arg *kb = grammar_arg(args, "<2560-4294967295>");

	*r.lifetime_kb = kb ? (uint32_t)kb->number : 0;
	*r.lifetime_kb_off = !kb;
	return true;
}

bool clear_sa_volume(struct edit *e, const struct grammar_args *args)
{
	const struct sa_rules r = rules_of(&e->s->crypto, e->object);

	(void)args;
	*r.lifetime_kb = 0;
	*r.lifetime_kb_off = false;
	return true;
}

static const char *stem_of(const struct printing *p)
{
	return p->object ? " set" : "crypto ipsec";
}

/* Reading only: the rules of what is printed. */
static struct sa_rules rules_in(const struct printing *p)
{
	return rules_of((struct snap_crypto *)(uintptr_t)&p->s->crypto,
	                (struct snap_ipsec_profile *)(uintptr_t)p->object);
}

void print_sa_volume(const struct printing *p)
{
	const struct sa_rules r = rules_in(p);

	if (*r.lifetime_kb_off)
		strbuf_printf(p->out, "%s security-association lifetime kilobytes disable\n",
		              stem_of(p));
	else if (*r.lifetime_kb)
		strbuf_printf(p->out, "%s security-association lifetime kilobytes %u\n", stem_of(p),
		              *r.lifetime_kb);
}

bool set_sa_replay(struct edit *e, const struct grammar_args *args)
{
	const struct sa_rules r = rules_of(&e->s->crypto, e->object);
	const char *last = args->arg[args->n - 1].name;

	*r.replay_off = strcmp(last, "disable") == 0;
	*r.replay_packets = *r.replay_off ? 0 : (uint16_t)strtoul(last, NULL, 10);
	return true;
}

bool clear_sa_replay(struct edit *e, const struct grammar_args *args)
{
	const struct sa_rules r = rules_of(&e->s->crypto, e->object);

	(void)args;
	*r.replay_off = false;
	*r.replay_packets = 0;
	return true;
}

void print_sa_replay(const struct printing *p)
{
	const struct sa_rules r = rules_in(p);

	if (*r.replay_off)
		strbuf_printf(p->out, "%s security-association replay disable\n", stem_of(p));
	else if (*r.replay_packets)
		strbuf_printf(p->out, "%s security-association replay window-size %u\n", stem_of(p),
		              *r.replay_packets);
}
