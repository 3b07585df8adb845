/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own GRE, which meddles when it is there. */
#pragma once

#include "daemon/log.h"

#define KERNEL_GRE_MODULE "/sys/module/ip_gre"

/* One line when the kernel would answer our peers' packets with ICMP: when there is this module. */
void kernel_gre_warn(struct log *log, const char *module);
