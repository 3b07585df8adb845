/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
	"Usage: dmvpnd [--config FILE] [--run-dir DIR] [--state-dir DIR]\n"
	"              [--port FastEthernet0/0=eth0]... [--workers N] [--xdp-receive] [--strict]\n"
	"              [--check] [--cleanup] [--socket-group GROUP] [--version] [--help]\n"
	"\n"
	"  --config FILE         configuration in IOS syntax (" OPTIONS_CONFIG ")\n"
	"  --run-dir DIR         control socket and ledger (" OPTIONS_RUN_DIR ")\n"
	"  --state-dir DIR       request ids and cache (" OPTIONS_STATE_DIR ")\n"
	"  --port NAME=DEVICE    the Linux device of an interface of the configuration\n"
	"  --workers N           packet threads, 1 to 16 (one per core, up to 4)\n"
	"  --xdp-receive         receive by AF_XDP where nothing of IP input would have a say\n"
	"  --strict              do not start when a line is wrong or not supported\n"
	"  --check               only check the configuration\n"
	"  --cleanup             only remove what a killed dmvpnd left behind\n"
	"  --socket-group GROUP  members may look by dmvpnsh, but not configure\n";

enum { OPT_CONFIG = 1, OPT_RUN, OPT_STATE, OPT_PORT, OPT_WORKERS, OPT_GROUP, OPT_KEYLOG, OPT_FLAG };

static bool parse_workers(const char *text, unsigned *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || end == text || n < 1 || n > OPTIONS_WORKERS_MAX)
		return false;
	*ret = (unsigned)n;
	return true;
}

/* One option with its value. */
static bool take(struct options *o, int opt, const char *value, struct strbuf *error)
{
	switch (opt) {
	case OPT_CONFIG:
		o->config = value;
		return true;
	case OPT_RUN:
		o->run_dir = value;
		return true;
	case OPT_STATE:
		o->state_dir = value;
		return true;
	case OPT_KEYLOG:
		o->keylog = value;
		return true;
	case OPT_GROUP:
		o->socket_group = value;
		return true;
	case OPT_WORKERS:
		if (parse_workers(value, &o->n_workers))
			return true;
		strbuf_printf(error, "--workers takes a number from 1 to %d, not \"%s\".",
		              OPTIONS_WORKERS_MAX, value);
		return false;
	case OPT_PORT:
		if (o->n_ports < OPTIONS_PORTS_MAX) {
			o->port[o->n_ports++] = value;
			return true;
		}
		strbuf_printf(error, "--port can be given %d times.", OPTIONS_PORTS_MAX);
		return false;
	default:
		return true;
	}
}

bool options_parse(int argc, char *const argv[], struct options *ret, struct strbuf *error)
{
	struct options o = { .config = OPTIONS_CONFIG,
		             .run_dir = OPTIONS_RUN_DIR,
		             .state_dir = OPTIONS_STATE_DIR };
	int xdp = 0, strict = 0, check = 0, cleanup = 0, version = 0, help = 0, opt;
	const struct option table[] = {
		{ "config", required_argument, NULL, OPT_CONFIG },
		{ "run-dir", required_argument, NULL, OPT_RUN },
		{ "state-dir", required_argument, NULL, OPT_STATE },
		{ "port", required_argument, NULL, OPT_PORT },
		{ "workers", required_argument, NULL, OPT_WORKERS },
		{ "socket-group", required_argument, NULL, OPT_GROUP },
		{ "keylog", required_argument, NULL, OPT_KEYLOG },
		{ "xdp-receive", no_argument, &xdp, 1 },
		{ "strict", no_argument, &strict, 1 },
		{ "check", no_argument, &check, 1 },
		{ "cleanup", no_argument, &cleanup, 1 },
		{ "version", no_argument, &version, 1 },
		{ "help", no_argument, &help, 1 },
		{ 0 },
	};

	optind = 0; /* glibc: start anew */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (opt == ':' || opt == '?') {
			strbuf_printf(error,
			              opt == ':' ? "%s takes a value."
			                         : "%s is no option of dmvpnd; see --help.",
			              argv[optind - 1]);
			return false;
		}
		if (opt != 0 && !take(&o, opt, optarg, error))
			return false;
	}
	if (optind < argc) {
		strbuf_printf(error, "\"%s\" is no option of dmvpnd; see --help.", argv[optind]);
		return false;
	}
	o.argv = argv;
	o.xdp_receive = xdp;
	o.strict = strict;
	o.check = check;
	o.cleanup = cleanup;
	o.version = version;
	o.help = help;
	*ret = o;
	return true;
}
