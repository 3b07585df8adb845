/* SPDX-License-Identifier: Apache-2.0 */
/* dmvpnd: the command line, and the errands that need no daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "config/config.h"
#include "daemon/daemon.h"
#include "daemon/files.h"
#include "daemon/options.h"
#include "daemon/privileges.h"

/* dmvpnd-keylog, which is not installed, is this program for tests. */
#ifdef DMVPN_KEYLOG
static const bool may_log_keys = true;
#else
static const bool may_log_keys = false;
#endif

static int fail(const char *text)
{
	fprintf(stderr, "dmvpnd: %s\n", text);
	return EXIT_FAILURE;
}

static int check_only(const struct options *o, const struct config_remarks *remarks)
{
	struct strbuf out;

	strbuf_init(&out);
	config_remarks_print(remarks, o->config, &out);
	fputs(out.text, stdout);
	strbuf_fini(&out);
	bool refused = remarks->n_errors || (o->strict && remarks->n_warnings);
	return refused ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The remarks that --strict does not let pass. */
static int refuse_strictly(const struct options *o, const struct config_remarks *remarks)
{
	struct strbuf out;

	strbuf_init(&out);
	config_remarks_print(remarks, o->config, &out);
	fputs(out.text, stderr);
	strbuf_fini(&out);
	return fail("The configuration has lines that are wrong or not supported, which --strict "
	            "does not allow.");
}

static int configured(const struct options *o)
{
	struct config_remarks remarks = { 0 };
	struct config_place place = { 0 };
	struct snapshot *s = NULL;
	struct strbuf error;
	int status;

	strbuf_init(&error);
	if (config_place_open(&place, o->config, &error))
		s = config_load(&place, &remarks, &error);
	if (!s) {
		status = fail(error.text);
	} else if (o->check) {
		if (config_place_exposes(&place, s))
			printf("%s: warning: " CONFIG_EXPOSED "\n", o->config);
		status = check_only(o, &remarks);
	} else if (o->strict && (remarks.n_errors || remarks.n_warnings)) {
		status = refuse_strictly(o, &remarks);
	} else {
		status = daemon_run(o, &place, s, &remarks);
		s = NULL;
		place.name = NULL;
	}
	snapshot_free(s);
	config_place_close(&place);
	config_remarks_fini(&remarks);
	strbuf_fini(&error);
	return status;
}

/* Takes back what is in the ledger; the socket of a killed daemon goes too. */
static int clean(const struct options *o, int dir_fd)
{
	struct system system;
	struct ledger *ledger;
	struct rtnl *rtnl;
	struct log log;

	log_init(&log, STDERR_FILENO);
	if (rtnl_new(&rtnl) < 0)
		return fail("The kernel's netlink socket cannot be had.");
	if (ledger_open(dir_fd, &ledger) < 0) {
		rtnl_free(rtnl);
		return fail("The ledger in the run directory cannot be opened.");
	}
	system_init(&system, rtnl, ledger, &log);
	system_remove_all(&system);
	size_t left = ledger_count(ledger);
	system_fini(&system);
	ledger_close(ledger);
	rtnl_free(rtnl);
	unlinkat(dir_fd, CONTROL_SOCKET_NAME, 0);
	if (!left)
		return EXIT_SUCCESS;
	fprintf(stderr, "dmvpnd: %zu things noted in %s could not be removed.\n", left, o->run_dir);
	return EXIT_FAILURE;
}

static int clean_up(const struct options *o)
{
	struct strbuf missing;

	strbuf_init(&missing);
	bool fine = privileges_suffice(&missing);
	if (!fine)
		fprintf(stderr, "dmvpnd: The capability %s is missing: run it as root.\n",
		        missing.text);
	strbuf_fini(&missing);
	if (!fine)
		return EXIT_FAILURE;

	int dir_fd = files_open_dir(o->run_dir), status;
	if (dir_fd < 0) {
		fprintf(stderr, "dmvpnd: %s: %s.\n", o->run_dir, strerror(-dir_fd));
		return EXIT_FAILURE;
	}
	if (flock(dir_fd, LOCK_EX | LOCK_NB) < 0) {
		fprintf(stderr, "dmvpnd: A dmvpnd runs with the run directory %s: end it first.\n",
		        o->run_dir);
		status = EXIT_FAILURE;
	} else {
		status = clean(o, dir_fd);
	}
	close(dir_fd);
	return status;
}

int main(int argc, char *argv[])
{
	struct options o;
	struct strbuf error;
	int status;

	strbuf_init(&error);
	if (!options_parse(argc, argv, &o, &error)) {
		status = fail(error.text);
		fputs(options_usage, stderr);
	} else if (o.help) {
		fputs(options_usage, stdout);
		status = EXIT_SUCCESS;
	} else if (o.version) {
		puts("dmvpnd (OpenDMVPN) " DMVPN_VERSION);
		status = EXIT_SUCCESS;
	} else if (o.keylog && !may_log_keys) {
		status = fail("--keylog is refused: this dmvpnd was not built for tests.");
	} else if (o.cleanup) {
		status = clean_up(&o);
	} else {
		status = configured(&o);
	}
	strbuf_fini(&error);
	return status;
}
