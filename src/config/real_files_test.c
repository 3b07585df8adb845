/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real routers' configurations, kept outside the project: no line about tunnels, NHRP, crypto or
 * static routes is refused but for the mistakes of the files themselves, listed here; and all
 * survive being printed. argv[1] is their folder; without it the test is skipped.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"

enum { FILES = 59, SKIPPED = 77 };

static const struct {
	const char *file;
	size_t first, last; /* lines */
	const char *why;
} mistakes[] = {
	{ "04-hub-client.cfg", 27, 27, "the authentication string has nine characters" },
	{ "04-hub-client.cfg", 65, 65, "the authentication string has nine characters" },
	{ "04-hub-client.cfg", 105, 105, "the authentication string has nine characters" },
	{ "12-hub-client.cfg", 1, 37, "a template: words in capitals stand for values" },
};

static const char *folder;

static bool is_about_dmvpn(const char *line)
{
	static const char *const beginnings[] = { "tunnel ", "ip nhrp ", "ipv6 nhrp ", "ip route ",
		                                  "ipv6 route ", "nhrp ", "if-state ",
		                                  /* and what stands in the blocks of crypto */
		                                  "crypto ", "encr", "hash ", "authentication ",
		                                  "group ", "lifetime ", "pre-shared-key ",
		                                  "keyring ", "match identity ", "keepalive ",
		                                  "self-identity ", "local-address ",
		                                  "virtual-template ", "mode ", "set " };

	line += strspn(line, " \t");
	if (strncmp(line, "no ", 3) == 0)
		line += 3;
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (strncmp(line, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static bool is_mistake(const char *file, size_t line_number)
{
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
		if (strcmp(mistakes[i].file, file) == 0 && line_number >= mistakes[i].first &&
		    line_number <= mistakes[i].last)
			return true;
	return false;
}

static size_t check_remarks(const char *file, const struct config_remarks *remarks)
{
	size_t bad = 0;

	for (size_t i = 0; i < remarks->n; i++) {
		const struct config_remark *r = &remarks->remark[i];
		if (r->severity != CONFIG_ERROR || !is_about_dmvpn(r->line) ||
		    is_mistake(file, r->line_number))
			continue;
		print_error("%s:%zu: %s: %s\n", file, r->line_number, r->text, r->line);
		bad++;
	}
	return bad;
}

static char *read_file(const char *name, size_t *ret_len)
{
	char path[1024], *text = malloc(1 << 20);

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	*ret_len = fread(text, 1, 1 << 20, file);
	fclose(file);
	return text;
}

/* Interfaces with a tunnel that was understood, and routes: that something was read at all. */
static void check_file(const char *name, size_t *tunnels, size_t *routes)
{
	struct config_remarks remarks, again;
	struct strbuf printed;
	size_t len;

	char *text = read_file(name, &len);
	struct snapshot *s = config_parse(text, len, &remarks);
	assert_int_equal(check_remarks(name, &remarks), 0);
	strbuf_init(&printed);
	config_print(s, false, &printed);
	struct snapshot *t = config_parse(printed.text, printed.len, &again);
	assert_int_equal(again.n_errors, 0);
	assert_true(config_equal(s, t));
	for (size_t i = 0; i < s->n_interfaces; i++) {
		const struct snap_tunnel *tunnel = s->interface[i]->tunnel;
		*tunnels += tunnel && tunnel->source_interface[0] && tunnel->nhrp.network_id;
	}
	*routes += s->n_routes;
	strbuf_fini(&printed);
	config_remarks_fini(&remarks);
	config_remarks_fini(&again);
	snapshot_free(s);
	snapshot_free(t);
	free(text);
}

static void real_files_load(void **state)
{
	struct dirent *entry;
	size_t n = 0, tunnels = 0, routes = 0;

	(void)state;
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		if (!dot || strcmp(dot, ".cfg") != 0)
			continue;
		check_file(entry->d_name, &tunnels, &routes);
		n++;
	}
	closedir(dir);
	assert_int_equal(n, FILES);
	assert_true(tunnels >= 60);
	assert_true(routes >= 40);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(real_files_load) };

	folder = argc > 1 ? argv[1] : "";
	DIR *dir = opendir(folder);
	if (!dir) {
		printf("skipped: there are no configurations in \"%s\"\n", folder);
		return SKIPPED;
	}
	closedir(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
