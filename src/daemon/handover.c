/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/handover.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "daemon/privileges.h"

void handover_init(struct handover *h)
{
	ssize_t n = readlink("/proc/self/exe", h->program, sizeof h->program - 1);

	h->program[n > 0 ? n : 0] = '\0';
}

bool handover_possible(const struct handover *h, const struct options *o, struct strbuf *why)
{
	if (o->socket_group)
		strbuf_adds(why, "with --socket-group a start needs privileges that were given up; "
		                 "use 'systemctl restart dmvpnd'");
	else if (!h->program[0])
		strbuf_adds(why, "/proc does not say which file this program is");
	else if (access(h->program, X_OK) < 0)
		strbuf_printf(why, "%s: %s", h->program, strerror(errno));
	return why->len == 0;
}

void handover_signals(int how)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(how, &set, NULL);
}

int handover_execute(const struct handover *h, const struct options *o, struct holds *holds)
{
	int result = privileges_pass_on();

	if (result == 0)
		result = holds_pass_on(holds);
	if (result == 0) {
		execv(h->program, o->argv);
		result = -errno;
	}
	return result;
}
