/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon that is only a control socket, over the CLI tests' fake host, with real pings: what
 * pty_test.py runs dmvpnsh against. SIGUSR1 logs a line; SIGUSR2 sends a trace; SIGTERM ends it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "cli/fake_host.h"
#include "daemon/control.h"
#include "daemon/ping.h"

struct program {
	struct fake_host fake;
	struct control *control;
	uv_signal_t signal[3];
	int n_logged;
};

static int ping(void *ctx, struct cli_session *session, const struct cli_ping *request,
                struct strbuf *error)
{
	const struct fake_host *f = ctx;

	return pings_start(f->pings, session, request, error);
}

static void ping_stop(void *ctx, struct cli_session *session)
{
	const struct fake_host *f = ctx;

	pings_stop(f->pings, session);
}

static void stop(struct program *p)
{
	control_stop(p->control);
	pings_free(p->fake.pings);
	for (int i = 0; i < 3; i++)
		uv_close((uv_handle_t *)&p->signal[i], NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
	static const struct trace sent = { .type = TRACE_PACKET_SENT };
	struct program *p = handle->data;
	char line[64];

	if (number == SIGTERM) {
		stop(p);
	} else if (number == SIGUSR2) {
		control_trace(p->control, &sent);
	} else {
		snprintf(line, sizeof line, "%%TEST-5-LINE: number %d", ++p->n_logged);
		control_log(p->control, line);
	}
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGTERM };
	uv_loop_t *loop = uv_default_loop();
	struct program p = { 0 };
	struct strbuf error;

	if (argc < 2)
		return EXIT_FAILURE;
	fake_host_init(&p.fake);
	p.fake.now.wall_ms = (int64_t)time(NULL) * 1000;
	p.fake.host.ping = ping;
	p.fake.host.ping_stop = ping_stop;
	const struct control_options options = { .run_dir = argv[1],
		                                 .group = argc > 2 ? argv[2] : NULL,
		                                 .host = &p.fake.host };
	strbuf_init(&error);
	p.fake.pings = pings_new(loop);
	if (control_start(loop, &options, &p.control, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		strbuf_fini(&error);
		pings_free(p.fake.pings);
		fake_host_fini(&p.fake);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < 3; i++) {
		uv_signal_init(loop, &p.signal[i]);
		p.signal[i].data = &p;
		uv_signal_start(&p.signal[i], on_signal, signals[i]);
	}
	puts("READY");
	fflush(stdout);
	uv_run(loop, UV_RUN_DEFAULT);
	strbuf_fini(&error);
	fake_host_fini(&p.fake);
	uv_loop_close(loop);
	return EXIT_SUCCESS;
}
