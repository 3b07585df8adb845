/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines are written as in a configuration file, with commas between them. What is advised takes as
 * little as can be from what other peers are admitted by.
 */
#include "ike/v1_advice.h"

#include <string.h>

enum {
	PRIORITY_MAX = 10000,
	PRIORITY_STEP = 10, /* between policies, as they are usually numbered */
};

/* ---- main mode ---- */

static bool is_taken(const struct snap_crypto *c, unsigned priority)
{
	for (size_t i = 0; i < c->n_policies; i++)
		if (c->policy[i].priority == priority)
			return true;
	return false;
}

/* Behind all others, while there is room behind them. */
static unsigned free_priority(const struct snap_crypto *c)
{
	unsigned last = c->n_policies ? c->policy[c->n_policies - 1].priority : 0;
	unsigned priority =
		last + PRIORITY_STEP <= PRIORITY_MAX ? last + PRIORITY_STEP : PRIORITY_MAX;

	while (is_taken(c, priority))
		priority--;
	return priority;
}

void v1_advise_policy(const struct snap_crypto *c, const struct v1_policy *offered,
                      struct strbuf *ret)
{
	strbuf_printf(ret, "crypto isakmp policy %u, encryption %s, hash %s, ", free_priority(c),
	              cipher_algorithm(offered->cipher)->name, hash_algorithm(offered->hash)->name);
	strbuf_printf(ret, "authentication %s, group %u",
	              offered->auth == SNAP_AUTH_PRE_SHARE ? "pre-share" : "rsa-sig",
	              offered->group);
}

/* ---- quick mode ---- */

static bool is_like(const struct snap_transform_set *set, const struct v1_suite *offered)
{
	return !set->other && set->cipher == offered->cipher && set->auth == offered->auth &&
	       set->esn == offered->esn;
}

static bool admits_mode(const struct snap_transform_set *set, const struct v1_suite *offered)
{
	bool tunnel = set->mode == SNAP_IPSEC_TUNNEL;

	return !set->require || tunnel == (offered->mode == ESP_TUNNEL);
}

static void write_line(struct strbuf *ret, const char *line)
{
	strbuf_printf(ret, "%s%s", ret->len ? ", " : "", line);
}

static void write_set(struct strbuf *ret, const char *name, const struct v1_suite *suite)
{
	const char *auth = esp_auth_algorithm(suite->auth)->name;

	write_line(ret, "crypto ipsec transform-set ");
	strbuf_printf(ret, "%s %s%s%s%s", name, esp_cipher_algorithm(suite->cipher)->name,
	              auth[0] ? " " : "", auth, suite->esn ? " esn" : "");
}

/* The profile's set with these algorithms; NULL: it has none. */
static const struct snap_transform_set *set_of_profile(const struct snap_crypto *c,
                                                       const struct snap_ipsec_profile *profile,
                                                       const struct v1_suite *offered)
{
	for (size_t i = 0; i < profile->n_sets; i++) {
		const struct snap_transform_set *set = snap_transform_set(c, profile->set[i]);
		if (set && is_like(set, offered))
			return set;
	}
	return NULL;
}

/* The name of a set that would do; a new one's, with its line. */
static const char *name_set(const struct snap_crypto *c, const struct v1_suite *offered,
                            struct strbuf *ret)
{
	for (size_t i = 0; i < c->n_sets; i++)
		if (is_like(&c->set[i], offered) && admits_mode(&c->set[i], offered))
			return c->set[i].name;
	write_set(ret, "NAME", offered);
	return "NAME";
}

static void enter_profile(struct strbuf *ret, const struct snap_ipsec_profile *profile)
{
	write_line(ret, "crypto ipsec profile ");
	strbuf_adds(ret, profile->name);
}

static void write_sets(struct strbuf *ret, const struct snap_ipsec_profile *profile,
                       const char *more)
{
	write_line(ret, "set transform-set");
	for (size_t i = 0; i < profile->n_sets; i++)
		strbuf_printf(ret, " %s", profile->set[i]);
	strbuf_printf(ret, " %s", more);
}

bool v1_advise_suite(const struct snap_crypto *c, const struct snap_ipsec_profile *profile,
                     const struct v1_suite *offered, struct strbuf *ret)
{
	const struct snap_transform_set *set = set_of_profile(c, profile, offered);
	const char *more = NULL;

	if (!set && profile->n_sets == SNAP_PROFILE_SETS_MAX)
		return false;
	if (!set) {
		more = name_set(c, offered, ret);
	} else if (!admits_mode(set, offered)) {
		write_set(ret, set->name, offered);
		write_line(ret, offered->mode == ESP_TUNNEL ? "mode tunnel" : "mode transport");
	}
	bool pfs = profile->pfs_group && profile->pfs_group != offered->pfs_group;
	if (more || pfs)
		enter_profile(ret, profile);
	if (more)
		write_sets(ret, profile, more);
	if (pfs && offered->pfs_group)
		strbuf_printf(ret, ", set pfs group%u", offered->pfs_group);
	else if (pfs)
		write_line(ret, "no set pfs");
	return ret->len > 0;
}
