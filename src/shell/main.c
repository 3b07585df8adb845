/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmvpnsh: the terminal of dmvpnd's CLI. All commands, their help and their completion live in the
 * daemon; here are the connection, the line editor, paging and exit statuses.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shell/batch.h"
#include "shell/client.h"
#include "shell/interactive.h"

#define RUN_DIR_DEFAULT "/run/dmvpnd"

enum { EXIT_USAGE = 2 };

static const char usage[] = "usage: dmvpnsh [--run-dir DIR] [-c COMMAND]...\n";

static const char help[] =
	"\n"
	"Looks at and configures a running dmvpnd.\n"
	"\n"
	"  -c, --command COMMAND  run it and print its output; several run in one session\n"
	"      --run-dir DIR      of the daemon (" RUN_DIR_DEFAULT ")\n"
	"      --version          print the version\n"
	"  -h, --help             print this\n"
	"\n"
	"Without -c: a shell on a terminal, or else commands from standard input.\n"
	"Exit status 1 when a command is refused or the daemon cannot be reached.\n";

struct options {
	const char *run_dir;
	char **commands;
	size_t n_commands;
};

static void parse_options(int argc, char **argv, struct options *o)
{
	enum { OPT_RUN_DIR = 256, OPT_VERSION };
	static const struct option longs[] = {
		{ "command", required_argument, NULL, 'c' },
		{ "run-dir", required_argument, NULL, OPT_RUN_DIR },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->commands[o->n_commands++] = optarg;
			break;
		case OPT_RUN_DIR:
			o->run_dir = optarg;
			break;
		case OPT_VERSION:
			printf("dmvpnsh %s\n", DMVPN_VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			printf("%s%s", usage, help);
			exit(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "dmvpnsh: unexpected argument %s\n%s", argv[optind], usage);
		exit(EXIT_USAGE);
	}
}

int main(int argc, char **argv)
{
	struct options o = { .run_dir = RUN_DIR_DEFAULT };
	struct strbuf error;
	struct client client;
	int status;

	o.commands = calloc((size_t)argc + 1, sizeof *o.commands);
	if (!o.commands)
		return EXIT_FAILURE;
	parse_options(argc, argv, &o);
	strbuf_init(&error);
	const bool interactive = !o.n_commands && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (!client_connect(&client, o.run_dir, &error) ||
	    !client_send(&client, PROTOCOL_HELLO, interactive ? PROTOCOL_ECHOED : 0, "")) {
		fprintf(stderr, "dmvpnsh: %s\n", error.len ? error.text : "dmvpnd has gone");
		strbuf_fini(&error);
		free(o.commands);
		return EXIT_FAILURE;
	}
	if (o.n_commands)
		status = batch_commands(&client, o.commands, o.n_commands);
	else
		status = interactive ? interactive_run(&client) : batch_stdin(&client);
	client_fini(&client);
	strbuf_fini(&error);
	free(o.commands);
	return status;
}
