/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own GRE, which meddles when it is there. */
#pragma once

#include "daemon/log.h"

/* One line when the kernel would answer our peers' packets with ICMP. */
void kernel_gre_warn(struct log *log);
