/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities: what must be there at the start, and dropping all else before the first thread is
 * made. */
#pragma once

#include <stdbool.h>

#include "util/strbuf.h"

/* True when the program may do what it is for; else the missing capabilities are named in missing.
 */
bool privileges_suffice(struct strbuf *missing);

/*
 * Keeps CAP_NET_ADMIN, CAP_NET_RAW and CAP_NET_BIND_SERVICE in every set, the bounding set
 * included, for receiving by AF_XDP also CAP_BPF and CAP_IPC_LOCK where they are there, and lets no
 * program that is executed gain any. Holds for this thread and those made after. Negative errno.
 */
int privileges_drop(bool xdp);

/* Lets a program that is executed have those of these that we have, whoever the user is.
 * Negative errno. */
int privileges_pass_on(void);
