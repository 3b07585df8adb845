/* SPDX-License-Identifier: Apache-2.0 */
/* What a node is made of; for the files of src/node only. */
#pragma once

#include "ike/ike.h"
#include "nhrp/nhrp.h"
#include "node/node.h"

struct node {
	struct nhrp nhrp;
	struct ike *ike;  /* NULL without crypto */
	bool ike_stopped; /* ike_stop() was called */
};
