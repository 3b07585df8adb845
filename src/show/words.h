/* SPDX-License-Identifier: Apache-2.0 */
/* Words and short forms that several commands print. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "node/view.h"
#include "show/show.h"
#include "util/addr.h"

enum {
	WORDS_NAME_SIZE = SNAP_NAME_SIZE,
	WORDS_INTERFACE_BRIEF_LEN = 7, /* IOS cuts the Intfc column here */
	NHS_STATE_SIZE = 5,
};

/* "Tunnel7". */
const char *words_tunnel(uint32_t tunnel, char buf[static WORDS_NAME_SIZE]);
/* "Tu7", "Fa0/0": the first two letters and what follows the letters. */
const char *words_interface_short(const char *name, char buf[static WORDS_NAME_SIZE]);
/* The address, or "UNKNOWN" for none. */
const char *words_addr(const struct addr *a, char buf[static ADDR_TEXT_LEN]);
/* "static", "dynamic", "incomplete". */
const char *words_entry_type(enum nhrp_entry_type type);
/* "NHRP", "IKE", "IPSEC", "UP". */
const char *words_peer_state(enum nhrp_peer_state state);
/* "Hub", "Spoke", "Hub/Spoke", "Unknown". */
const char *words_tunnel_type(const struct nhrp_tunnel_view *t);
/* "multipoint", "point-to-point". */
const char *words_tunnel_mode(enum snap_tunnel_mode mode);
/* "RE": responding, expecting replies, waiting, dynamic. */
const char *words_nhs_state(const struct nhs_view *n, char buf[static NHS_STATE_SIZE]);
/* "entry" or "entries", and so on. */
const char *words_plural(uint64_t n, const char *one, const char *many);
bool words_entry_has(const struct nhrp_entry_view *e, enum nhrp_entry_flag flag);
/* True for packets lost on their way in from the peers, false for those on their way out. */
bool words_drop_is_input(enum dp_drop drop);
/* "short", "checksum": the key of a wire error among JSON members. */
const char *words_wire_error_key(enum nhrp_wire_error error);
