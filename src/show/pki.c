/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto pki certificates` and `show crypto pki trustpoints`: what was read for each
 * trustpoint, in the layout of IOS. A certificate out of its time has no status Available.
 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "show/json.h"
#include "show/query_crypto.h"
#include "show/words.h"

enum { DATE_SIZE = 40 };

static bool wants(const struct show_query *q, const char *trustpoint)
{
	return !q->request->name || strcmp(q->request->name, trustpoint) == 0;
}

static bool next_certificate(const struct show_query *q, struct node_cursor *cursor,
                             struct certificate_view *ret)
{
	while (node_certificate_next(q->source->node(q->source->ctx), cursor, ret))
		if (wants(q, ret->trustpoint))
			return true;
	return false;
}

static int64_t now_s(const struct show_query *q)
{
	return q->source->now(q->source->ctx).wall_ms / 1000;
}

static const char *status_of(const struct show_query *q, const struct cert_facts *f)
{
	if (now_s(q) < f->from_s)
		return "Pending";
	return now_s(q) > f->until_s ? "Expired" : "Available";
}

/* "00:34:52 UTC Nov 20 2015" */
static const char *date_text(int64_t wall_s, char buf[static DATE_SIZE])
{
	const time_t seconds = wall_s;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(buf, DATE_SIZE, "%H:%M:%S UTC %b %-d %Y", &tm);
	return buf;
}

/* "CN=R1,O=Lab" as a line for each part, the type in lower case. */
static void add_name(const char *name, struct strbuf *out)
{
	for (const char *at = name; *at;) {
		const size_t len = strcspn(at, ",");
		const char *equals = memchr(at, '=', len);
		const size_t type_len = equals ? (size_t)(equals - at) : 0;

		strbuf_adds(out, "    ");
		for (size_t i = 0; i < type_len; i++)
			strbuf_addc(out, (char)tolower((unsigned char)at[i]));
		strbuf_add(out, at + type_len, len - type_len);
		strbuf_addc(out, '\n');
		at += len + (at[len] == ',');
	}
}

static void add_certificate(const struct show_query *q, const struct certificate_view *c,
                            struct strbuf *out)
{
	const struct cert_facts *f = &c->facts;
	char from[DATE_SIZE], until[DATE_SIZE];

	strbuf_printf(out,
	              "%sCertificate\n"
	              "  Status: %s\n"
	              "  Certificate Serial Number (hex): %s\n"
	              "  Certificate Usage: %s\n"
	              "  Issuer: \n",
	              f->ca ? "CA " : "", status_of(q, f), f->serial,
	              f->ca ? "Signature" : "General Purpose");
	add_name(f->issuer, out);
	strbuf_adds(out, "  Subject: \n");
	add_name(f->subject, out);
	strbuf_printf(out,
	              "  Validity Date: \n"
	              "    start date: %s\n"
	              "    end   date: %s\n",
	              date_text(f->from_s, from), date_text(f->until_s, until));
	if (c->own && !f->ca)
		strbuf_printf(out, "  Private Key: %s\n",
		              c->has_key ? "there" : "missing, so that nothing can be signed");
	strbuf_printf(out, "  Associated Trustpoints: %s \n\n", c->trustpoint);
}

void show_pki_certificates_text(const struct show_query *q, struct strbuf *out)
{
	struct node_cursor cursor = { 0 };
	struct certificate_view c;

	while (next_certificate(q, &cursor, &c))
		add_certificate(q, &c, out);
}

void show_pki_certificates_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "certificates");
	struct node_cursor cursor = { 0 };
	struct certificate_view c;

	while (next_certificate(q, &cursor, &c)) {
		json_t *o = show_add_object(array);

		show_put_string(o, "trustpoint", c.trustpoint);
		show_put_bool(o, "own", c.own);
		show_put_bool(o, "ca", c.facts.ca);
		show_put_string(o, "status", status_of(q, &c.facts));
		show_put_string(o, "serial", c.facts.serial);
		show_put_string(o, "subject", c.facts.subject);
		show_put_string(o, "issuer", c.facts.issuer);
		show_put_u64(o, "key_bits", c.facts.key_bits);
		show_put_bool(o, "has_private_key", c.has_key);
		show_put_u64(o, "valid_from_s", (uint64_t)c.facts.from_s);
		show_put_u64(o, "valid_until_s", (uint64_t)c.facts.until_s);
	}
}

/* ---- trustpoints ---- */

static const char *revocation_words(enum snap_revocation revocation)
{
	switch (revocation) {
	case SNAP_REVOCATION_CRL:
		return "crl";
	case SNAP_REVOCATION_NONE:
		return "none";
	default:
		return "crl none";
	}
}

/* What was read for a trustpoint. */
struct contents {
	bool has_ca, has_own, has_key;
	struct cert_facts ca; /* the first */
};

static struct contents contents_of(const struct show_query *q, const char *name)
{
	const struct node *node = q->source->node(q->source->ctx);
	struct contents is = { 0 };
	struct node_cursor cursor = { 0 };
	struct certificate_view c;

	while (node_certificate_next(node, &cursor, &c)) {
		if (strcmp(c.trustpoint, name) != 0)
			continue;
		is.has_own |= c.own;
		is.has_key |= c.has_key;
		if (!c.own && !is.has_ca) {
			is.has_ca = true;
			is.ca = c.facts;
		}
	}
	return is;
}

static void add_trustpoint(const struct show_query *q, const struct snap_trustpoint *t,
                           struct strbuf *out)
{
	const struct contents is = contents_of(q, t->name);

	strbuf_printf(out, "Trustpoint %s:\n", t->name);
	if (is.has_ca) {
		strbuf_adds(out, "    Subject Name: \n");
		add_name(is.ca.subject, out);
		strbuf_printf(out, "          Serial Number (hex): %s\n", is.ca.serial);
	} else {
		strbuf_adds(out, "    No certificate of a CA: no peer is trusted by it.\n");
	}
	strbuf_adds(out, is.has_own && is.has_key ? "    Certificate configured.\n"
	                 : is.has_own             ? "    Certificate without its private key.\n"
	                                          : "    No certificate of this router.\n");
	strbuf_printf(out, "    Enrollment: %s%s\n", t->file ? "file " : "terminal",
	              t->file ? t->file : "");
	strbuf_printf(out, "    Revocation check: %s", revocation_words(t->revocation));
	if (t->crl_file)
		strbuf_printf(out, ", list in %s", t->crl_file);
	strbuf_adds(out, "\n\n");
}

static const struct snap_crypto *crypto_of(const struct show_query *q)
{
	return &q->source->running(q->source->ctx)->crypto;
}

void show_pki_trustpoints_text(const struct show_query *q, struct strbuf *out)
{
	const struct snap_crypto *c = crypto_of(q);

	for (size_t i = 0; i < c->n_trustpoints; i++)
		if (wants(q, c->trustpoint[i].name))
			add_trustpoint(q, &c->trustpoint[i], out);
}

void show_pki_trustpoints_json(const struct show_query *q, json_t *answer)
{
	const struct snap_crypto *c = crypto_of(q);
	json_t *array = show_put_array(answer, "trustpoints");

	for (size_t i = 0; i < c->n_trustpoints; i++) {
		const struct snap_trustpoint *t = &c->trustpoint[i];
		const struct contents is = contents_of(q, t->name);
		if (!wants(q, t->name))
			continue;
		json_t *o = show_add_object(array);

		show_put_string(o, "name", t->name);
		show_put_string(o, "file", t->file);
		show_put_string(o, "crl_file", t->crl_file);
		show_put_string(o, "revocation_check", revocation_words(t->revocation));
		show_put_string(o, "ca_subject", is.has_ca ? is.ca.subject : NULL);
		show_put_string(o, "ca_serial", is.has_ca ? is.ca.serial : NULL);
		show_put_bool(o, "has_certificate", is.has_own);
		show_put_bool(o, "has_private_key", is.has_key);
	}
}
