/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/segment.h"

enum { QUEUE_FRAMES = 2000 }; /* 60 ms of small packets at 30,000 a second */

static int set_up_queue(int fd, const char *ifname)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE };
	int header_len = VNET_LEN;
	unsigned offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", ifname);
	if (ioctl(fd, TUNSETIFF, &ifr) || ioctl(fd, TUNSETPERSIST, 1) ||
	    ioctl(fd, TUNSETVNETHDRSZ, &header_len) || ioctl(fd, TUNSETOFFLOAD, offloads))
		return -errno;
	return 0;
}

/* Frames that wait for a worker; what is more the kernel drops. A failure leaves its own figure. */
static void set_queue_length(const char *ifname)
{
	struct ifreq ifr = { .ifr_qlen = QUEUE_FRAMES };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", ifname);
	(void)!ioctl(fd, SIOCSIFTXQLEN, &ifr);
	close(fd);
}

int tap_open_queue(const char *ifname)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int error = set_up_queue(fd, ifname);
	if (error) {
		close(fd);
		return error;
	}
	set_queue_length(ifname);
	return fd;
}

static int set_attached(int fd, bool on)
{
	struct ifreq ifr = { .ifr_flags = on ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };

	return ioctl(fd, TUNSETQUEUE, &ifr) ? -errno : 0;
}

int tap_open_held(const char *ifname)
{
	int fd = tap_open_queue(ifname);

	if (fd < 0)
		return fd;
	int error = set_attached(fd, false);
	if (error) {
		close(fd);
		return error;
	}
	return fd;
}

/* The kernel tells the name of an attached queue only. */
bool tap_is_held(int fd, const char *ifname)
{
	struct ifreq ifr = { 0 };

	if (set_attached(fd, true))
		return false;
	bool same = ioctl(fd, TUNGETIFF, &ifr) == 0 && strcmp(ifr.ifr_name, ifname) == 0;
	return set_attached(fd, false) == 0 && same;
}

int tap_mac(int fd, uint8_t ret_mac[static DP_MAC_LEN])
{
	struct ifreq ifr = { 0 };

	if (ioctl(fd, TUNGETIFF, &ifr) || ioctl(fd, SIOCGIFHWADDR, &ifr))
		return -errno;
	memcpy(ret_mac, ifr.ifr_hwaddr.sa_data, DP_MAC_LEN);
	return 0;
}

int tap_set_mac(int fd, const uint8_t mac[static DP_MAC_LEN])
{
	struct ifreq ifr = { .ifr_hwaddr.sa_family = ARPHRD_ETHER };

	memcpy(ifr.ifr_hwaddr.sa_data, mac, DP_MAC_LEN);
	return ioctl(fd, SIOCSIFHWADDR, &ifr) ? -errno : 0;
}

bool tap_is_alive(int fd)
{
	struct ifreq ifr = { 0 };

	return ioctl(fd, TUNGETIFF, &ifr) == 0;
}

int tap_set_carrier(int fd, bool on)
{
	int value = on;

	return ioctl(fd, TUNSETCARRIER, &value) ? -errno : 0;
}

int tap_unpersist(int fd)
{
	return ioctl(fd, TUNSETPERSIST, 0) ? -errno : 0;
}
