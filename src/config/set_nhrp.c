/* SPDX-License-Identifier: Apache-2.0 */
/* NHRP of one tunnel: who may talk to us, static mappings, next hop servers, limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/rows.h"
#include "util/check.h"
#include "util/memory.h"

bool set_authentication(struct edit *e, const struct grammar_args *args)
{
	const char *word = grammar_arg(args, "WORD")->text;
	struct snap_nhrp *n = edit_nhrp(e);

	if (strlen(word) >= SNAP_AUTH_SIZE)
		return edit_refuse(e, "the authentication string has at most %d characters",
		                   SNAP_AUTH_SIZE - 1);
	memset(n->authentication, 0, sizeof n->authentication);
	memcpy(n->authentication, word, strlen(word));
	return true;
}

bool clear_authentication(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	memory_wipe(edit_nhrp(e)->authentication, SNAP_AUTH_SIZE);
	return true;
}

void print_authentication(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (n->authentication[0])
		strbuf_printf(p->out, " ip nhrp authentication %s\n",
		              p->hide ? "<hidden>" : n->authentication);
}

static bool check_nbma(struct edit *e, const struct addr *nbma)
{
	if (!edit_takes_nbma(e, nbma))
		return false;
	if (nbma->family == ADDR_V6)
		return edit_warn(e, "IPv6 transport is not yet in force");
	return true;
}

/* ---- static mappings ---- */

static bool read_map(struct edit *e, const struct grammar_args *args, struct snap_map *ret)
{
	const struct grammar_arg *mask = grammar_arg(args, "MASK");
	const struct prefix target = { grammar_arg(args, "A.B.C.D")->addr,
		                       mask ? mask->mask_len : 32 };
	const struct grammar_arg *preference = grammar_arg(args, "<1-255>");
	const struct grammar_arg *nbma = grammar_arg(args, "ADDR");

	*ret = (struct snap_map){ .target = prefix_network(&target) };
	if (!addr_equal(&ret->target.addr, &target.addr))
		return edit_refuse(e, "inconsistent address and mask");
	if (nbma)
		ret->nbma = nbma->addr;
	if (preference)
		ret->preference = (uint8_t)preference->number;
	return true;
}

bool set_map(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	struct snap_map new;
	size_t i = 0;

	if (!read_map(e, args, &new) || !check_nbma(e, &new.nbma))
		return false;
	while (i < n->n_map && !prefix_equal(&n->map[i].target, &new.target))
		i++;
	if (i == SNAP_MAPS_MAX)
		return edit_refuse(e, "more than %d mappings", SNAP_MAPS_MAX);
	if (i == n->n_map)
		n->map = memory_resize(n->map, ++n->n_map, sizeof *n->map);
	n->map[i] = new;
	return true;
}

bool clear_map(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	struct snap_map like;
	size_t kept = 0;

	if (!read_map(e, args, &like))
		return false;
	for (size_t i = 0; i < n->n_map; i++) {
		bool same = prefix_equal(&n->map[i].target, &like.target) &&
		            (addr_is_none(&like.nbma) || addr_equal(&n->map[i].nbma, &like.nbma));
		if (!same)
			n->map[kept++] = n->map[i];
	}
	if (kept == n->n_map)
		return edit_refuse(e, "there is no such mapping");
	n->n_map = kept;
	return true;
}

static void print_map(const struct snap_map *m, struct strbuf *out)
{
	const struct addr mask = prefix_mask_v4(m->target.len);
	char target[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN], mask_text[ADDR_TEXT_LEN];

	strbuf_printf(out, " ip nhrp map %s", addr_format(&m->target.addr, target));
	if (m->target.len != 32)
		strbuf_printf(out, " %s", addr_format(&mask, mask_text));
	strbuf_printf(out, " %s", addr_format(&m->nbma, nbma));
	if (m->preference)
		strbuf_printf(out, " preference %u", m->preference);
	strbuf_addc(out, '\n');
}

void print_maps(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	for (size_t i = 0; i < n->n_map; i++)
		print_map(&n->map[i], p->out);
}

/* ---- multicast ---- */

bool set_multicast(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	const struct addr *nbma = &grammar_arg(args, "ADDR")->addr;

	if (!check_nbma(e, nbma))
		return false;
	for (size_t i = 0; i < n->n_multicast; i++)
		if (addr_equal(&n->multicast[i].nbma, nbma))
			return true;
	if (n->n_multicast == SNAP_MAPS_MAX)
		return edit_refuse(e, "more than %d mappings", SNAP_MAPS_MAX);
	n->multicast = memory_resize(n->multicast, n->n_multicast + 1, sizeof *n->multicast);
	n->multicast[n->n_multicast++].nbma = *nbma;
	return true;
}

bool clear_multicast(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	const struct addr *nbma = &grammar_arg(args, "ADDR")->addr;
	size_t kept = 0;

	for (size_t i = 0; i < n->n_multicast; i++)
		if (!addr_equal(&n->multicast[i].nbma, nbma))
			n->multicast[kept++] = n->multicast[i];
	if (kept == n->n_multicast)
		return edit_refuse(e, "there is no such mapping");
	n->n_multicast = kept;
	return true;
}

void print_multicast(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;
	char text[ADDR_TEXT_LEN];

	for (size_t i = 0; i < n->n_multicast; i++)
		strbuf_printf(p->out, " ip nhrp map multicast %s\n",
		              addr_format(&n->multicast[i].nbma, text));
}

bool set_batch(struct edit *e, const struct grammar_args *args)
{
	check(args->n >= 1);
	edit_forget(e, "ip nhrp multicast batch-size");
	edit_nhrp(e)->multicast_batch = (uint16_t)args->arg[0].number;
	edit_nhrp(e)->multicast_interval_ms = grammar_has(args, "batch-interval")
	                                              ? (uint16_t)args->arg[args->n - 1].number
	                                              : SNAP_MULTICAST_INTERVAL_MS;
	return true;
}

bool clear_batch(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_forget(e, "ip nhrp multicast batch-size");
	edit_nhrp(e)->multicast_batch = 0;
	edit_nhrp(e)->multicast_interval_ms = 0;
	return true;
}

void print_batch(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (!n->multicast_batch)
		return;
	strbuf_printf(p->out, " ip nhrp multicast batch-size %u", n->multicast_batch);
	if (n->multicast_interval_ms != SNAP_MULTICAST_INTERVAL_MS)
		strbuf_printf(p->out, " batch-interval %u", n->multicast_interval_ms);
	strbuf_addc(p->out, '\n');
}

/* ---- next hop servers ---- */

/* RFC 1123 2.1: letters, digits and hyphens; digits and dots alone would be an address. */
bool config_is_name(const char *text)
{
	const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t digits = strspn(text, "0123456789.");

	if (strlen(text) >= SNAP_FQDN_SIZE || !text[digits])
		return false;
	for (; *text; text++)
		if (!strchr(letters, *text) && !strchr("0123456789-_.", *text))
			return false;
	return true;
}

static bool read_nhs(struct edit *e, const struct grammar_args *args, struct snap_nhs *ret)
{
	const struct grammar_arg *address = grammar_arg(args, "A.B.C.D");
	const struct grammar_arg *nbma = grammar_arg(args, "ADDR");
	const struct grammar_arg *fqdn = grammar_arg(args, "WORD");
	const struct grammar_arg *priority = grammar_arg(args, "<0-255>");
	const struct grammar_arg *cluster = grammar_arg(args, "<0-10>");

	*ret = (struct snap_nhs){ .multicast = grammar_has(args, "multicast") };
	if (address)
		ret->address = address->addr;
	if (address && (addr_is_unspecified(&ret->address) || addr_is_multicast(&ret->address)))
		return edit_refuse(e, "not the address of one router");
	if (nbma)
		ret->nbma = nbma->addr;
	if (fqdn && !config_is_name(fqdn->text))
		return edit_refuse(e, "neither an address nor a name");
	if (fqdn)
		snprintf(ret->fqdn, sizeof ret->fqdn, "%s", fqdn->text);
	ret->priority = priority ? (uint8_t)priority->number : 0;
	ret->cluster = cluster ? (uint8_t)cluster->number : 0;
	return !nbma || check_nbma(e, &ret->nbma);
}

static bool has_nbma(const struct snap_nhs *s)
{
	return !addr_is_none(&s->nbma) || s->fqdn[0];
}

static bool same_server(const struct snap_nhs *a, const struct snap_nhs *b)
{
	return addr_equal(&a->address, &b->address) && addr_equal(&a->nbma, &b->nbma) &&
	       strcasecmp(a->fqdn, b->fqdn) == 0;
}

bool set_nhs(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	struct snap_nhs new;
	size_t i = 0;

	if (!read_nhs(e, args, &new))
		return false;
	while (i < n->n_nhs && !same_server(&n->nhs[i], &new))
		i++;
	if (i == SNAP_NHS_MAX)
		return edit_refuse(e, "more than %d next hop servers", SNAP_NHS_MAX);
	if (i == n->n_nhs)
		n->nhs = memory_resize(n->nhs, ++n->n_nhs, sizeof *n->nhs);
	n->nhs[i] = new;
	return true;
}

/* Without an NBMA address all servers of the address go. */
bool clear_nhs(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	struct snap_nhs like;
	size_t kept = 0;

	if (!read_nhs(e, args, &like))
		return false;
	for (size_t i = 0; i < n->n_nhs; i++) {
		bool same = has_nbma(&like) ? same_server(&n->nhs[i], &like)
		                            : addr_equal(&n->nhs[i].address, &like.address);
		if (!same)
			n->nhs[kept++] = n->nhs[i];
	}
	e->warned = false;
	if (kept == n->n_nhs)
		return edit_refuse(e, "there is no such next hop server");
	n->n_nhs = kept;
	return true;
}

static void print_server(const struct snap_nhs *s, struct strbuf *out)
{
	char address[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN];
	bool dynamic = addr_is_none(&s->address);

	strbuf_printf(out, " ip nhrp nhs %s",
	              dynamic ? "dynamic" : addr_format(&s->address, address));
	if (has_nbma(s))
		strbuf_printf(out, " nbma %s", s->fqdn[0] ? s->fqdn : addr_format(&s->nbma, nbma));
	if (s->multicast)
		strbuf_adds(out, " multicast");
	if (s->priority)
		strbuf_printf(out, " priority %u", s->priority);
	if (s->cluster)
		strbuf_printf(out, " cluster %u", s->cluster);
	strbuf_addc(out, '\n');
}

void print_nhs(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	for (size_t i = 0; i < n->n_nhs; i++)
		print_server(&n->nhs[i], p->out);
}

static struct snap_cluster *cluster_of(struct edit *e, const struct grammar_args *args)
{
	const struct grammar_arg *number = grammar_arg(args, "<0-10>");

	check(number && number->number < SNAP_CLUSTERS);
	return &edit_nhrp(e)->cluster[number->number];
}

bool set_cluster(struct edit *e, const struct grammar_args *args)
{
	const struct grammar_arg *max = grammar_arg(args, "<0-255>");

	check(max);
	*cluster_of(e, args) = (struct snap_cluster){ true, (uint8_t)max->number };
	return true;
}

bool clear_cluster(struct edit *e, const struct grammar_args *args)
{
	struct snap_cluster *cluster = cluster_of(e, args);

	if (!cluster->limited)
		return edit_refuse(e, "this cluster has no limit");
	*cluster = (struct snap_cluster){ 0 };
	return true;
}

void print_cluster(const struct printing *p)
{
	const struct snap_cluster *cluster = p->interface->tunnel->nhrp.cluster;

	for (unsigned i = 0; i < SNAP_CLUSTERS; i++)
		if (cluster[i].limited)
			strbuf_printf(p->out, " ip nhrp nhs cluster %u max-connections %u\n", i,
			              cluster[i].max_connections);
}

/* ---- redirect ---- */

bool set_redirect(struct edit *e, const struct grammar_args *args)
{
	const struct grammar_arg *timeout = grammar_arg(args, "<2-30>");

	edit_nhrp(e)->redirect = true;
	edit_nhrp(e)->redirect_timeout_s =
		timeout && timeout->number != SNAP_REDIRECT_S ? (uint8_t)timeout->number : 0;
	return true;
}

bool clear_redirect(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_nhrp(e)->redirect = false;
	edit_nhrp(e)->redirect_timeout_s = 0;
	return true;
}

void print_redirect(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (!n->redirect)
		return;
	strbuf_adds(p->out, " ip nhrp redirect");
	if (n->redirect_timeout_s)
		strbuf_printf(p->out, " timeout %u", n->redirect_timeout_s);
	strbuf_addc(p->out, '\n');
}

/* ---- server-only, max-send, keepalive ---- */

bool set_server_only(struct edit *e, const struct grammar_args *args)
{
	edit_nhrp(e)->server_only = true;
	edit_nhrp(e)->server_only_non_caching = grammar_has(args, "non-caching");
	return true;
}

bool clear_server_only(struct edit *e, const struct grammar_args *args)
{
	edit_nhrp(e)->server_only_non_caching = false;
	edit_nhrp(e)->server_only &= grammar_has(args, "non-caching");
	return true;
}

void print_server_only(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (n->server_only)
		strbuf_printf(p->out, " ip nhrp server-only%s\n",
		              n->server_only_non_caching ? " non-caching" : "");
}

bool set_max_send(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);

	check(args->n == 2);
	n->max_send_packets = (uint16_t)args->arg[0].number;
	n->max_send_every_s = (uint16_t)args->arg[1].number;
	if (n->max_send_packets == SNAP_MAX_SEND_PACKETS &&
	    n->max_send_every_s == SNAP_MAX_SEND_EVERY_S)
		n->max_send_packets = n->max_send_every_s = 0;
	return true;
}

bool clear_max_send(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	edit_nhrp(e)->max_send_packets = 0;
	edit_nhrp(e)->max_send_every_s = 0;
	return true;
}

void print_max_send(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (n->max_send_packets)
		strbuf_printf(p->out, " ip nhrp max-send %u every %u\n", n->max_send_packets,
		              n->max_send_every_s);
}

bool set_keepalive(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);
	uint8_t every_s = (uint8_t)args->arg[0].number;
	uint8_t tries = args->n > 1 ? (uint8_t)args->arg[1].number : SNAP_KEEPALIVE_TRIES;

	if (every_s == SNAP_KEEPALIVE_S && tries == SNAP_KEEPALIVE_TRIES)
		return clear_keepalive(e, args);
	n->has_keepalive = true;
	n->keepalive_s = every_s;
	n->keepalive_tries = tries;
	return true;
}

bool clear_keepalive(struct edit *e, const struct grammar_args *args)
{
	struct snap_nhrp *n = edit_nhrp(e);

	(void)args;
	n->has_keepalive = false;
	n->keepalive_s = n->keepalive_tries = 0;
	return true;
}

void print_keepalive(const struct printing *p)
{
	const struct snap_nhrp *n = &p->interface->tunnel->nhrp;

	if (n->has_keepalive)
		strbuf_printf(p->out, " ip nhrp keepalive %u %u\n", n->keepalive_s,
		              n->keepalive_tries);
}
