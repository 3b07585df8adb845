/* SPDX-License-Identifier: Apache-2.0 */
/* For tests with real sockets: a network namespace of their own, which goes with the process. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEST_SKIP = 77, TEST_ARGUMENTS_MAX = 24, TEST_WAIT_MS = 20000 };

/* Runs a program with words separated by blanks. Its exit code. */
static inline int test_command(const char *program, const char *words)
{
	char text[256], *argument[TEST_ARGUMENTS_MAX] = { (char *)(uintptr_t)program },
			*save = NULL;
	int n = 1, status = -1;

	snprintf(text, sizeof text, "%s", words);
	for (char *word = strtok_r(text, " ", &save); word && n < TEST_ARGUMENTS_MAX - 1;
	     word = strtok_r(NULL, " ", &save))
		argument[n++] = word;
	pid_t pid = fork();
	if (pid == 0) {
		execvp(program, argument);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline int test_ip_command(const char *words)
{
	return test_command("ip", words);
}

/* False, with a word why, where the machine or the user has not what it takes. */
static inline bool test_netns_enter(void)
{
	if (unshare(CLONE_NEWNET) != 0 || access("/dev/net/tun", R_OK | W_OK) != 0) {
		fprintf(stderr, "skipped: needs root and /dev/net/tun\n");
		return false;
	}
	if (test_ip_command("link set lo up") != 0) {
		fprintf(stderr, "skipped: needs iproute2\n");
		return false;
	}
	return true;
}

/* A packet socket that sees, and sends, every frame of a link. */
static inline int test_open_link(const char *name)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };

	to.sll_ifindex = (int)if_nametoindex(name);
	assert_true(fd >= 0 && to.sll_ifindex > 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* The next frame that comes in with that Ethernet type; its length, or 0 after the time is over. */
static inline size_t test_next_frame(int fd, uint16_t type, uint8_t *bytes, size_t size)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	while (poll(&pfd, 1, TEST_WAIT_MS) > 0) {
		struct sockaddr_ll from;
		socklen_t from_len = sizeof from;
		ssize_t n = recvfrom(fd, bytes, size, 0, (struct sockaddr *)&from, &from_len);
		if (n > ETH_HLEN && from.sll_pkttype != PACKET_OUTGOING &&
		    (bytes[12] << 8 | bytes[13]) == type)
			return (size_t)n;
	}
	return 0;
}
