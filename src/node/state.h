/* SPDX-License-Identifier: Apache-2.0 */
/* What a node is made of; for node.c and view.c only. */
#pragma once

#include "ike/ike.h"
#include "nhrp/nhrp.h"
#include "node/node.h"

struct node {
	struct nhrp nhrp;
	struct ike *ike; /* NULL without crypto */
};
