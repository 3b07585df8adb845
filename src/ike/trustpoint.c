/* SPDX-License-Identifier: Apache-2.0 */
/* Trustpoints. What the daemon has read replaces what was there; SAs that stand are not touched. */
#include "ike/trustpoint.h"

#include <stdio.h>
#include <string.h>

#include "ike/host.h"
#include "ike/tunnel.h"
#include "util/memory.h"

static void empty(struct ike_trustpoint *t)
{
	for (size_t i = 0; i < t->n_own; i++)
		cert_free(t->own[i]);
	cert_trust_free(t->trust);
	t->n_own = 0;
	t->trust = NULL;
}

static void fill(struct ike *ike, struct ike_trustpoint *t, const struct node_credentials *from)
{
	t->trust = cert_trust_new(ike->crypto);
	for (size_t i = 0; i < from->n_own && t->n_own < NODE_CERTIFICATES_MAX; i++) {
		struct cert *cert = cert_new(ike->crypto, from->own[i]);
		if (cert)
			t->own[t->n_own++] = cert;
		else if (i == 0)
			break; /* the key is this one's */
	}
	for (size_t i = 0; i < from->n_ca; i++)
		(void)cert_trust_add_ca(t->trust, from->ca[i]);
	for (size_t i = 0; i < from->n_crl; i++)
		(void)cert_trust_add_crl(t->trust, from->crl[i]);
	t->has_key = from->has_key;
}

static struct ike_trustpoint **place_of(struct ike *ike, const char *name)
{
	struct ike_trustpoint **at = &ike->trustpoints;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

void ike_credentials(struct ike *ike, const struct node_event *event)
{
	const struct node_credentials *from = event->credentials;

	if (!ike->snapshot || !snap_trustpoint(&ike->snapshot->crypto, from->trustpoint))
		return;
	struct ike_trustpoint **at = place_of(ike, from->trustpoint);
	if (!*at) {
		*at = memory_new(1, sizeof **at);
		snprintf((*at)->name, sizeof(*at)->name, "%s", from->trustpoint);
	}
	empty(*at);
	fill(ike, *at, from);
	/* What failed for want of it is tried again at once. */
	for (struct ike_host *host = ike->hosts; host; host = host->hh.next)
		ike_host_wake(ike, host);
}

static void drop(struct ike_trustpoint **at)
{
	struct ike_trustpoint *gone = *at;

	*at = gone->next;
	empty(gone);
	free(gone);
}

void ike_trustpoints_configure(struct ike *ike)
{
	struct ike_trustpoint **at = &ike->trustpoints;

	while (*at) {
		if (snap_trustpoint(&ike->snapshot->crypto, (*at)->name))
			at = &(*at)->next;
		else
			drop(at);
	}
}

void ike_trustpoints_free(struct ike *ike)
{
	while (ike->trustpoints)
		drop(&ike->trustpoints);
}

size_t ike_trustpoints_bytes(const struct ike *ike)
{
	size_t bytes = 0;

	for (const struct ike_trustpoint *t = ike->trustpoints; t; t = t->next) {
		bytes += sizeof *t;
		for (size_t i = 0; i < t->n_own; i++)
			bytes += cert_der(t->own[i]).len;
	}
	return bytes;
}

const struct ike_trustpoint *ike_trustpoint_find(const struct ike *ike, const char *name)
{
	const struct ike_trustpoint *t = ike->trustpoints;

	while (t && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

/* tunnel_i counts within the trustpoint: our own, then the CAs. */
bool ike_next_certificate(const struct ike *ike, struct node_cursor *cursor,
                          struct certificate_view *ret)
{
	const struct ike_trustpoint *t = cursor->started ? cursor->at : ike->trustpoints;

	for (; t; t = t->next, cursor->tunnel_i = 0) {
		const size_t i = cursor->tunnel_i;
		*ret = (struct certificate_view){ .trustpoint = t->name, .own = i < t->n_own };
		if (ret->own)
			cert_describe(t->own[i], &ret->facts);
		else if (!t->trust || !cert_trust_describe(t->trust, i - t->n_own, &ret->facts))
			continue;
		ret->has_key = i == 0 && ret->own && t->has_key;
		cursor->started = true;
		cursor->at = t;
		cursor->tunnel_i++;
		return true;
	}
	cursor->started = true;
	cursor->at = NULL;
	return false;
}

static bool is_for(const struct ike *ike, const struct ike_trustpoint *trustpoint,
                   const struct addr *local)
{
	for (size_t i = 0; i < ike->n_tunnels; i++) {
		const struct ike_tunnel *t = &ike->tunnel[i];
		if (!ike_tunnel_runs(t) || !addr_equal(&t->source, local))
			continue;
		const struct snap_isakmp_profile *p = ike_tunnel_isakmp_profile(ike, t);
		if (!p || !p->trustpoint[0] || strcmp(p->trustpoint, trustpoint->name) == 0)
			return true;
	}
	return false;
}

const struct ike_trustpoint *ike_trustpoint_next(const struct ike *ike, const struct addr *local,
                                                 const struct ike_trustpoint *after)
{
	const struct ike_trustpoint *t = after ? after->next : ike->trustpoints;

	while (t && !is_for(ike, t, local))
		t = t->next;
	return t;
}

bool ike_trustpoint_proves_us(const struct ike_trustpoint *t)
{
	return t->n_own && t->has_key;
}
