/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for the node and the data plane in the tests of this folder: the iterators of
 * node/view.h over arrays, and the words of the X-macros.
 */
#include "show/fake_node.h"

static bool next_of(struct node_cursor *cursor, size_t n)
{
	if (cursor->tunnel_i >= n)
		return false;
	cursor->tunnel_i++;
	return true;
}

bool node_entry_next(const struct node *node, struct node_cursor *cursor,
                     struct nhrp_entry_view *ret)
{
	if (!next_of(cursor, node->n_entries))
		return false;
	*ret = node->entry[cursor->tunnel_i - 1];
	return true;
}

bool node_nhs_next(const struct node *node, struct node_cursor *cursor, struct nhs_view *ret)
{
	if (!next_of(cursor, node->n_nhs))
		return false;
	*ret = node->nhs[cursor->tunnel_i - 1];
	return true;
}

bool node_multicast_next(const struct node *node, struct node_cursor *cursor,
                         struct multicast_view *ret)
{
	if (!next_of(cursor, node->n_multicast))
		return false;
	*ret = node->multicast[cursor->tunnel_i - 1];
	return true;
}

bool node_tunnel_next(const struct node *node, struct node_cursor *cursor,
                      struct nhrp_tunnel_view *ret)
{
	if (!next_of(cursor, node->n_tunnels))
		return false;
	*ret = node->tunnel[cursor->tunnel_i - 1];
	return true;
}

uint64_t node_drops(const struct node *node, enum node_drop drop)
{
	return node->drops[drop];
}

bool node_ike_sa_next(const struct node *node, struct node_cursor *cursor, struct ike_sa_view *ret)
{
	if (!next_of(cursor, node->n_ike_sas))
		return false;
	*ret = node->ike_sa[cursor->tunnel_i - 1];
	return true;
}

bool node_ipsec_next(const struct node *node, struct node_cursor *cursor, struct ipsec_view *ret)
{
	if (!next_of(cursor, node->n_ipsec))
		return false;
	*ret = node->ipsec[cursor->tunnel_i - 1];
	return true;
}

bool node_certificate_next(const struct node *node, struct node_cursor *cursor,
                           struct certificate_view *ret)
{
	if (!next_of(cursor, node->n_certificates))
		return false;
	*ret = node->certificate[cursor->tunnel_i - 1];
	return true;
}

bool node_ike_failure_next(const struct node *node, struct node_cursor *cursor,
                           struct ike_failure_view *ret)
{
	if (!next_of(cursor, node->n_failures))
		return false;
	*ret = node->failure[cursor->tunnel_i - 1];
	return true;
}

void node_ike_counters(const struct node *node, struct ike_counters *ret)
{
	*ret = node->ike;
}

size_t node_memory_bytes(const struct node *node)
{
	return node->memory_bytes;
}

const char *nhrp_entry_flag_word(enum nhrp_entry_flag flag)
{
	static const char *const word[] = {
#define X(id, text) [id] = text,
		NHRP_ENTRY_FLAGS(X)
#undef X
	};

	return word[flag];
}

const char *trace_type_word(enum trace_type type)
{
	static const char *const word[] = {
#define X(id, text) [id] = text,
		TRACE_TYPES(X)
#undef X
	};

	return word[type];
}

const char *trace_reason_text(enum trace_reason reason)
{
	static const char *const word[] = {
#define X(id, text) [id] = text,
		TRACE_REASONS(X)
#undef X
	};

	return word[reason];
}

const char *node_drop_key(enum node_drop drop)
{
	static const char *const word[] = {
#define X(id, key, text) [id] = key,
		NODE_DROPS(X)
#undef X
	};

	return word[drop];
}

const char *node_drop_text(enum node_drop drop)
{
	static const char *const word[] = {
#define X(id, key, text) [id] = text,
		NODE_DROPS(X)
#undef X
	};

	return word[drop];
}

const char *dp_drop_key(enum dp_drop drop)
{
	static const char *const word[] = {
#define X(id, key, text) [id] = key,
		DP_DROPS(X)
#undef X
	};

	return word[drop];
}

const char *dp_drop_text(enum dp_drop drop)
{
	static const char *const word[] = {
#define X(id, key, text) [id] = text,
		DP_DROPS(X)
#undef X
	};

	return word[drop];
}

const char *ike_state_text(enum ike_state state)
{
	static const char *const word[] = {
#define X(id, text) [id] = text,
		IKE_STATES(X)
#undef X
	};

	return word[state];
}

const char *ike_drop_key(enum ike_drop drop)
{
	static const char *const word[] = {
#define X(id, key, text) [id] = key,
		IKE_DROPS(X)
#undef X
	};

	return word[drop];
}

const char *ike_drop_text(enum ike_drop drop)
{
	static const char *const word[] = {
#define X(id, key, text) [id] = text,
		IKE_DROPS(X)
#undef X
	};

	return word[drop];
}
