/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every command on a world that has one of everything, as text and as JSON, against the files in
 * golden/; and every JSON answer against the table of its members in docs/json.md.
 * SHOW_GOLDEN_WRITE=1 writes the files anew, to be read before they are committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/fake_node.h"
#include "show/query.h"

enum { PATH_SIZE = 512, LINE_SIZE = 512, FIELDS_MAX = 256, FIELD_SIZE = 128, WORDS_SIZE = 64 };

static const char *const commands[] = {
	[SHOW_IP_NHRP] = "show ip nhrp",
	[SHOW_IP_NHRP_BRIEF] = "show ip nhrp brief",
	[SHOW_IP_NHRP_DETAIL] = "show ip nhrp detail",
	[SHOW_IP_NHRP_SUMMARY] = "show ip nhrp summary",
	[SHOW_IP_NHRP_TRAFFIC] = "show ip nhrp traffic",
	[SHOW_IP_NHRP_MULTICAST] = "show ip nhrp multicast",
	[SHOW_IP_NHRP_NHS] = "show ip nhrp nhs",
	[SHOW_IP_NHRP_NHS_DETAIL] = "show ip nhrp nhs detail",
	[SHOW_DMVPN] = "show dmvpn",
	[SHOW_DMVPN_DETAIL] = "show dmvpn detail",
	[SHOW_INTERFACES] = "show interfaces",
	[SHOW_IP_INTERFACE_BRIEF] = "show ip interface brief",
	[SHOW_IP_ROUTE] = "show ip route",
	[SHOW_VERSION] = "show version",
	[SHOW_DROPS] = "show drops",
	[SHOW_CRYPTO_ISAKMP_SA] = "show crypto isakmp sa",
	[SHOW_CRYPTO_ISAKMP_SA_DETAIL] = "show crypto isakmp sa detail",
	[SHOW_CRYPTO_IPSEC_SA] = "show crypto ipsec sa",
	[SHOW_CRYPTO_IPSEC_SA_DETAIL] = "show crypto ipsec sa detail",
	[SHOW_CRYPTO_SESSION] = "show crypto session",
	[SHOW_CRYPTO_SESSION_DETAIL] = "show crypto session detail",
	[SHOW_CRYPTO_SESSION_BRIEF] = "show crypto session brief",
	[SHOW_CRYPTO_ISAKMP_POLICY] = "show crypto isakmp policy",
	[SHOW_CRYPTO_ISAKMP_KEY] = "show crypto isakmp key",
	[SHOW_CRYPTO_ISAKMP_STATS] = "show crypto isakmp stats",
	[SHOW_CRYPTO_ISAKMP_ERROR] = "show crypto isakmp diagnose error",
	[SHOW_CRYPTO_IPSEC_PROFILE] = "show crypto ipsec profile",
	[SHOW_CRYPTO_IPSEC_TRANSFORM_SET] = "show crypto ipsec transform-set",
	[SHOW_CRYPTO_SOCKETS] = "show crypto sockets",
	[SHOW_CRYPTO_ISAKMP_SA_COUNT] = "show crypto isakmp sa count",
	[SHOW_CRYPTO_IPSEC_SA_COUNT] = "show crypto ipsec sa count",
	[SHOW_CRYPTO_PKI_CERTIFICATES] = "show crypto pki certificates",
	[SHOW_CRYPTO_PKI_TRUSTPOINTS] = "show crypto pki trustpoints",
};
enum { COMMANDS_N = sizeof commands / sizeof commands[0] };

/* golden/show-ip-nhrp.json */
static FILE *golden_open(const char *command, const char *suffix, const char *mode)
{
	char name[WORDS_SIZE], path[PATH_SIZE];

	snprintf(name, sizeof name, "%s", command);
	for (char *at = name; *at; at++)
		if (*at == ' ')
			*at = '-';
	snprintf(path, sizeof path, "%s/%s.%s", getenv("SHOW_GOLDEN"), name, suffix);
	FILE *file = fopen(path, mode);
	if (!file)
		fail_msg("cannot open %s", path);
	return file;
}

static void read_all(FILE *file, struct strbuf *out)
{
	char part[LINE_SIZE];
	size_t n;

	while ((n = fread(part, 1, sizeof part, file)) > 0)
		strbuf_add(out, part, n);
	fclose(file);
}

static void check_golden(const char *command, const char *suffix, const struct strbuf *got)
{
	struct strbuf want;

	if (getenv("SHOW_GOLDEN_WRITE")) {
		FILE *file = golden_open(command, suffix, "w");

		fwrite(got->text, 1, got->len, file);
		fclose(file);
	}
	strbuf_init(&want);
	read_all(golden_open(command, suffix, "r"), &want);
	assert_string_equal(got->text, want.text);
	strbuf_fini(&want);
}

static void show_zoo(enum show_what what, bool json, struct strbuf *out)
{
	static struct fake f;

	fake_init(&f);
	fake_zoo(&f);
	show(&f.source, &(struct show_request){ .what = what, .json = json }, out);
	fake_fini(&f);
}

static void every_answer_is_golden(void **state)
{
	struct strbuf out;

	(void)state;
	for (int i = 0; i < COMMANDS_N; i++) {
		/* Their rows are the X-macros' own: drops_test.c, isakmp_stats_test.c. */
		if (i == SHOW_DROPS || i == SHOW_CRYPTO_ISAKMP_STATS)
			continue;
		strbuf_init(&out);
		show_zoo((enum show_what)i, false, &out);
		check_golden(commands[i], "txt", &out);
		strbuf_truncate(&out, 0);
		show_zoo((enum show_what)i, true, &out);
		check_golden(commands[i], "json", &out);
		strbuf_fini(&out);
	}
}

/* ---- docs/json.md: one line "| `path` | type | meaning |" a member under each command's heading
 * ---- */

struct field {
	char path[FIELD_SIZE], type[FIELD_SIZE];
	bool seen;
};

struct fields {
	struct field field[FIELDS_MAX];
	size_t n;
};

/* "[`show drops`]" of a heading that covers several commands. */
static bool heading_names(const char *line, const char *command)
{
	char quoted[WORDS_SIZE + 2];

	snprintf(quoted, sizeof quoted, "`%s`", command);
	return strstr(line, quoted) != NULL;
}

static void add_field(struct fields *fields, const char *path, const char *type)
{
	struct field *f = &fields->field[fields->n];

	assert_true(++fields->n < FIELDS_MAX);
	snprintf(f->path, sizeof f->path, "%s", path);
	snprintf(f->type, sizeof f->type, "%s", type);
	f->seen = false;
}

/* Rows of the command's section, of "Every answer", and those of shared objects, "entry.target". */
static void read_fields(const char *command, struct fields *ret, struct fields *shared)
{
	const char *doc = getenv("SHOW_JSON_DOC");
	FILE *file = fopen(doc, "r");
	char line[LINE_SIZE], path[FIELD_SIZE], type[FIELD_SIZE];
	bool ours = false, is_shared = false;

	ret->n = shared->n = 0;
	if (!file)
		fail_msg("cannot open %s", doc);
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "## ", 3) == 0) {
			ours = heading_names(line, command) || strstr(line, "Every answer");
			is_shared = strstr(line, "Shared objects") || strstr(line, "Reasons");
		}
		if (sscanf(line, "| `%127[^`]` | %127[^|] |", path, type) != 2)
			continue;
		if (is_shared)
			add_field(shared, path, type);
		if (ours)
			add_field(ret, path, type);
	}
	fclose(file);
}

/* "array (entry)" at "entries" brings "entries[].target" and so on. */
static void expand_fields(struct fields *fields, const struct fields *shared)
{
	for (size_t i = 0, n = fields->n; i < n; i++) {
		const struct field *f = &fields->field[i];
		char name[WORDS_SIZE], path[2 * FIELD_SIZE];

		if (sscanf(f->type, "%*s (%63[^)])", name) != 1)
			continue;
		size_t len = strlen(name);
		for (size_t k = 0; k < shared->n; k++) {
			const struct field *s = &shared->field[k];

			if (strncmp(s->path, name, len) != 0 || s->path[len] != '.')
				continue;
			snprintf(path, sizeof path, "%s%s%s", f->path,
			         strstr(f->type, "array") ? "[]" : "", s->path + len);
			add_field(fields, path, s->type);
		}
	}
}

static const char *type_word(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_TRUE:
	case JSON_FALSE:
		return "boolean";
	case JSON_NULL:
		return "null";
	default:
		return "real";
	}
}

static void check_field(struct fields *fields, const char *path, const json_t *value)
{
	for (size_t i = 0; i < fields->n; i++) {
		struct field *f = &fields->field[i];

		if (strcmp(f->path, path) != 0)
			continue;
		if (!strstr(f->type, type_word(value)))
			fail_msg("%s is %s; docs/json.md says %s", path, type_word(value), f->type);
		f->seen = true;
		return;
	}
	fail_msg("%s is not in docs/json.md", path);
}

static void check_members(struct fields *fields, const char *path, const json_t *object);

static void check_value(struct fields *fields, const char *path, const json_t *value)
{
	char inner[FIELD_SIZE];
	const json_t *element;
	size_t i;

	if (json_is_object(value))
		check_members(fields, path, value);
	assert_in_range(snprintf(inner, sizeof inner, "%s[]", path), 1, sizeof inner - 1);
	json_array_foreach(value, i, element) if (json_is_object(element))
		check_members(fields, inner, element);
}

static void check_members(struct fields *fields, const char *path, const json_t *object)
{
	char inner[FIELD_SIZE];
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		assert_in_range(
			snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key), 1,
			sizeof inner - 1);
		check_field(fields, inner, value);
		check_value(fields, inner, value);
	}
}

static void every_member_is_documented(void **state)
{
	static struct fields fields, shared;
	struct strbuf out;

	(void)state;
	for (int i = 0; i < COMMANDS_N; i++) {
		read_fields(commands[i], &fields, &shared);
		expand_fields(&fields, &shared);
		strbuf_init(&out);
		show_zoo((enum show_what)i, true, &out);
		json_t *answer = json_loads(out.text, 0, NULL);
		assert_non_null(answer);
		assert_string_equal(json_string_value(json_object_get(answer, "command")),
		                    commands[i]);
		check_members(&fields, "", answer);
		for (size_t k = 0; k < fields.n; k++)
			if (!fields.field[k].seen)
				fail_msg("%s: %s is documented and not there", commands[i],
				         fields.field[k].path);
		json_decref(answer);
		strbuf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_golden),
		cmocka_unit_test(every_member_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
