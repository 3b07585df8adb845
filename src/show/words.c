/* SPDX-License-Identifier: Apache-2.0 */
#include "show/words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *words_tunnel(uint32_t tunnel, char buf[static WORDS_NAME_SIZE])
{
	snprintf(buf, WORDS_NAME_SIZE, "Tunnel%u", tunnel);
	return buf;
}

const char *words_interface_short(const char *name, char buf[static WORDS_NAME_SIZE])
{
	size_t letters = 0;

	while (isalpha((unsigned char)name[letters]))
		letters++;
	/* Linux names ("eth0", "br0") are short as they are. */
	if (!isupper((unsigned char)name[0]) || letters < 2)
		snprintf(buf, WORDS_NAME_SIZE, "%s", name);
	else
		snprintf(buf, WORDS_NAME_SIZE, "%.2s%s", name, name + letters);
	return buf;
}

const char *words_addr(const struct addr *a, char buf[static ADDR_TEXT_LEN])
{
	return addr_is_none(a) ? "UNKNOWN" : addr_format(a, buf);
}

const char *words_entry_type(enum nhrp_entry_type type)
{
	static const char *const word[] = {
		[NHRP_ENTRY_STATIC] = "static",
		[NHRP_ENTRY_DYNAMIC] = "dynamic",
		[NHRP_ENTRY_INCOMPLETE] = "incomplete",
	};

	return word[type];
}

const char *words_peer_state(enum nhrp_peer_state state)
{
	static const char *const word[] = {
		[NHRP_PEER_NHRP] = "NHRP",
		[NHRP_PEER_IKE] = "IKE",
		[NHRP_PEER_IPSEC] = "IPSEC",
		[NHRP_PEER_UP] = "UP",
	};

	return word[state];
}

const char *words_tunnel_type(const struct nhrp_tunnel_view *t)
{
	if (t->is_hub)
		return t->is_spoke ? "Hub/Spoke" : "Hub";
	return t->is_spoke ? "Spoke" : "Unknown";
}

const char *words_tunnel_mode(enum snap_tunnel_mode mode)
{
	return mode == SNAP_MODE_GRE_MULTIPOINT ? "multipoint" : "point-to-point";
}

const char *words_nhs_state(const struct nhs_view *n, char buf[static NHS_STATE_SIZE])
{
	size_t len = 0;

	if (n->responding)
		buf[len++] = 'R';
	if (n->expecting)
		buf[len++] = 'E';
	if (n->waiting)
		buf[len++] = 'W';
	if (n->dynamic)
		buf[len++] = 'D';
	buf[len] = '\0';
	return buf;
}

const char *words_plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

bool words_entry_has(const struct nhrp_entry_view *e, enum nhrp_entry_flag flag)
{
	return e->flags & 1U << flag;
}

bool words_drop_is_input(enum dp_drop drop)
{
	static const bool is_input[DP_DROPS_N] = {
		[DP_DROP_PROTOCOL] = true,  [DP_DROP_INNER] = true,    [DP_DROP_GRE] = true,
		[DP_DROP_NO_TUNNEL] = true, [DP_DROP_SEQUENCE] = true, [DP_DROP_PUNT_FULL] = true,
		[DP_DROP_CLEAR] = true,     [DP_DROP_NO_SPI] = true,   [DP_DROP_OPEN] = true,
		[DP_DROP_SELECTOR] = true,  [DP_DROP_WRITE] = true,    [DP_DROP_TRUNCATED] = true,
	};

	return is_input[drop];
}

const char *words_wire_error_key(enum nhrp_wire_error error)
{
	static const char *const key[] = {
#define X(id, name, text) [id] = name,
		NHRP_WIRE_ERRORS(X)
#undef X
	};

	return key[error];
}
