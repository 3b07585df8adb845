/* SPDX-License-Identifier: Apache-2.0 */
/* Our own data plane as a backend: adjacencies in workers, permanent neighbours in the kernel. */
#pragma once

#include "backend/backend.h"
#include "dataplane/dataplane.h"
#include "netlink/rtnl.h"

extern const struct backend_ops backend_user_ops;

struct backend_user_options {
	struct dataplane_options dataplane;
	struct rtnl *rtnl; /* borrowed for the backend's life */
	struct backend_events events;
};

/* Starts the data plane. 0, or a negative errno with a static sentence in *ret_error. */
int backend_user_new(const struct backend_user_options *options, struct backend **ret,
                     const char **ret_error);
/* For the number of its workers. */
const struct dataplane *backend_user_dataplane(const struct backend *b);
