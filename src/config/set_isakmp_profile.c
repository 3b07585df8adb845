/* SPDX-License-Identifier: Apache-2.0 */
/* `crypto isakmp profile`: who is meant, by which keys, and how often it is asked for life. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/rows.h"
#include "util/memory.h"

enum { MATCHES_MAX = 1024 /* peers of one profile; IOS has no more than its memory */ };

static struct snap_isakmp_profile *find_profile(struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_isakmp_profiles; i++)
		if (strcmp(c->isakmp_profile[i].name, name) == 0)
			return &c->isakmp_profile[i];
	return NULL;
}

bool set_isakmp_profile(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	const char *name = args->arg[0].text;

	if (strlen(name) >= SNAP_CRYPTO_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	if (!find_profile(c, name)) {
		if (c->n_isakmp_profiles == SNAP_ISAKMP_PROFILES_MAX)
			return edit_refuse(e, "more than %d profiles", SNAP_ISAKMP_PROFILES_MAX);
		c->isakmp_profile = memory_resize(c->isakmp_profile, c->n_isakmp_profiles + 1,
		                                  sizeof *c->isakmp_profile);
		struct snap_isakmp_profile *new = &c->isakmp_profile[c->n_isakmp_profiles++];
		*new = (struct snap_isakmp_profile){ 0 };
		snprintf(new->name, sizeof new->name, "%s", name);
	}
	return edit_enter(e, CONFIG_ISAKMP_PROFILE, name);
}

bool clear_isakmp_profile(struct edit *e, const struct grammar_args *args)
{
	struct snap_crypto *c = &e->s->crypto;
	struct snap_isakmp_profile *gone = find_profile(c, args->arg[0].text);

	if (!gone)
		return edit_refuse(e, "there is no such profile");
	size_t at = (size_t)(gone - c->isakmp_profile);
	snap_isakmp_profile_fini(gone);
	c->n_isakmp_profiles--;
	memmove(gone, gone + 1, (c->n_isakmp_profiles - at) * sizeof *gone);
	return true;
}

void print_isakmp_profile(const struct printing *p)
{
	const struct snap_crypto *c = &p->s->crypto;

	for (size_t i = 0; i < c->n_isakmp_profiles; i++) {
		char head[SNAP_CRYPTO_NAME_SIZE + 24];
		snprintf(head, sizeof head, "crypto isakmp profile %s", c->isakmp_profile[i].name);
		print_block(p, CONFIG_ISAKMP_PROFILE, &c->isakmp_profile[i], head);
	}
}

/* ---- keyring ---- */

bool set_profile_keyring(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;
	const char *name = args->arg[0].text;
	char old[SNAP_CRYPTO_NAME_SIZE];

	if (strlen(name) >= SNAP_CRYPTO_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	memcpy(old, p->keyring, sizeof old);
	snprintf(p->keyring, sizeof p->keyring, "%s", name);
	if (old[0] && strcmp(old, name) != 0)
		return edit_warn(e, "one keyring is in force: this one, instead of %s", old);
	return true;
}

bool clear_profile_keyring(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;

	(void)args;
	memset(p->keyring, 0, sizeof p->keyring);
	return true;
}

void print_profile_keyring(const struct printing *p)
{
	const struct snap_isakmp_profile *profile = p->object;

	if (profile->keyring[0])
		strbuf_printf(p->out, " keyring %s\n", profile->keyring);
}

/* ---- match identity address ---- */

struct prefix config_peers(const struct grammar_args *args)
{
	const struct addr *address = &grammar_arg(args, "A.B.C.D")->addr;
	const struct grammar_arg *mask = grammar_arg(args, "MASK");
	struct prefix peers = { *address, mask ? mask->mask_len : 32 };

	if (addr_is_unspecified(address) && peers.len == 32)
		peers.len = 0;
	return prefix_network(&peers);
}

void print_peers(const struct prefix *peers, bool with_any_mask, struct strbuf *out)
{
	const struct addr mask = prefix_mask_v4(peers->len);
	char text[ADDR_TEXT_LEN];

	strbuf_printf(out, "address %s", addr_format(&peers->addr, text));
	if (peers->len == 0 ? with_any_mask : peers->len != 32)
		strbuf_printf(out, " %s", addr_format(&mask, text));
}

static size_t find_match(const struct snap_isakmp_profile *p, const struct prefix *peers)
{
	size_t i = 0;

	while (i < p->n_match && !prefix_equal(&p->match[i], peers))
		i++;
	return i;
}

bool set_match_address(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;
	const struct prefix peers = config_peers(args);

	if (find_match(p, &peers) < p->n_match)
		return true;
	if (p->n_match == MATCHES_MAX)
		return edit_refuse(e, "more than %d peers", MATCHES_MAX);
	p->match = memory_resize(p->match, p->n_match + 1, sizeof *p->match);
	p->match[p->n_match++] = peers;
	return true;
}

bool clear_match_address(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;
	const struct prefix peers = config_peers(args);
	size_t at = find_match(p, &peers);

	if (at == p->n_match)
		return edit_refuse(e, "there is no such line");
	p->n_match--;
	memmove(p->match + at, p->match + at + 1, (p->n_match - at) * sizeof *p->match);
	return true;
}

void print_match_address(const struct printing *p)
{
	const struct snap_isakmp_profile *profile = p->object;

	for (size_t i = 0; i < profile->n_match; i++) {
		strbuf_adds(p->out, " match identity ");
		print_peers(&profile->match[i], false, p->out);
		strbuf_addc(p->out, '\n');
	}
}

/* ---- match identity host ---- */

static struct snap_match_host host_of(const struct grammar_args *args)
{
	return (struct snap_match_host){
		.name = (char *)(uintptr_t)args->arg[args->n - 1].text,
		.domain = args->n > 1,
	};
}

static size_t find_host(const struct snap_isakmp_profile *p, const struct snap_match_host *host)
{
	size_t i = 0;

	while (i < p->n_hosts &&
	       (p->host[i].domain != host->domain || strcasecmp(p->host[i].name, host->name) != 0))
		i++;
	return i;
}

bool set_match_host(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;
	struct snap_match_host host = host_of(args);

	if (!config_is_name(host.name))
		return edit_refuse(e, "that is no host name");
	if (find_host(p, &host) < p->n_hosts)
		return true;
	if (p->n_hosts == MATCHES_MAX)
		return edit_refuse(e, "more than %d peers", MATCHES_MAX);
	p->host = memory_resize(p->host, p->n_hosts + 1, sizeof *p->host);
	host.name = memory_strdup(host.name);
	p->host[p->n_hosts++] = host;
	return true;
}

bool clear_match_host(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;
	const struct snap_match_host host = host_of(args);
	size_t at = find_host(p, &host);

	if (at == p->n_hosts)
		return edit_refuse(e, "there is no such line");
	free(p->host[at].name);
	p->n_hosts--;
	memmove(p->host + at, p->host + at + 1, (p->n_hosts - at) * sizeof *p->host);
	return true;
}

void print_match_host(const struct printing *p)
{
	const struct snap_isakmp_profile *profile = p->object;

	for (size_t i = 0; i < profile->n_hosts; i++)
		strbuf_printf(p->out, " match identity host %s%s\n",
		              profile->host[i].domain ? "domain " : "", profile->host[i].name);
}

/* ---- keepalive ---- */

bool set_profile_keepalive(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;

	p->keepalive_s = (uint16_t)args->arg[0].number;
	p->keepalive_retry_s = (uint16_t)args->arg[1].number;
	return true;
}

bool clear_profile_keepalive(struct edit *e, const struct grammar_args *args)
{
	struct snap_isakmp_profile *p = e->object;

	(void)args;
	p->keepalive_s = p->keepalive_retry_s = 0;
	return true;
}

void print_profile_keepalive(const struct printing *p)
{
	const struct snap_isakmp_profile *profile = p->object;

	if (profile->keepalive_s)
		strbuf_printf(p->out, " keepalive %u retry %u\n", profile->keepalive_s,
		              profile->keepalive_retry_s);
}
