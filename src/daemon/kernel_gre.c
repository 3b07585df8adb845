/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our raw socket gets its copy of every GRE packet whether or not the kernel has a handler for GRE.
 * Without ip_gre nothing else happens. With it, a packet that matches none of the kernel's own
 * tunnels is answered with an ICMP port unreachable, in every network namespace.
 */
#include "daemon/kernel_gre.h"

#include <unistd.h>

void kernel_gre_warn(struct log *log, const char *module)
{
	if (access(module, F_OK) < 0)
		return;
	log_say(log, "GRE-4-KERNEL",
	        "The kernel's module ip_gre is loaded and answers our peers' packets with ICMP "
	        "unreachable, which peers may take to heart: unload it with 'rmmod ip_gre', or "
	        "drop "
	        "the answers with 'nft add rule inet filter output icmp type "
	        "destination-unreachable "
	        "icmp code port-unreachable @th,136,8 47 drop'");
}
