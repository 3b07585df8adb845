/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame is taken when it is for the port's own MAC, IPv4 without options and fragments, short
 * enough, GRE or ESP between a peer and us that the control thread has allowed, and nothing has
 * changed since (the epoch). The program is attached in generic mode: native mode would have
 * drivers reset their queues, and on veth turn the peer's offloads off.
 *
 * A handful of instructions is no reason to have a compiler for BPF and a library to load its
 * output; they are written down here. Control thread.
 */
#include "dataplane/xdp_steer.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dataplane/inner.h"
#include "util/check.h"
#include "util/memory.h"

struct peer_key {
	uint32_t ifindex;
	uint8_t from[ADDR_V4_LEN], to[ADDR_V4_LEN];
};

struct peer_entry {
	uint64_t until_ns;
	uint32_t epoch;
	uint16_t worker, esp;
};

struct xdp_steer {
	int peers_fd, epoch_fd;
	uint32_t *epoch; /* MAP_FAILED: none */
};

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	long result = syscall(SYS_bpf, command, attr, sizeof *attr);

	return result < 0 ? -errno : (int)result;
}

/* ---- the program ---- */

enum { R0, R1, R2, R3, R4, R5, CONTEXT, DATA, END, PEER, STACK };

enum {
	STEER_PROGRAM_MAX = 80, /* instructions */
	MAC_AT = 0,
	TYPE_AT = 12,
	VERSION_AT = 14,
	FRAGMENT_AT = 20,
	PROTOCOL_AT = 23,
	FROM_AT = 26,
	TO_AT = 30,
	SPI_AT = 34,
	NEED_LEN = 42, /* headers, and the shortest of what GRE and ESP begin with */
	KEY_AT = -(int)sizeof(struct peer_key), /* on the stack */
	TO_PASS = INT16_MAX,                    /* a jump to where the frame is left alone */
};

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define LOAD(size, d, s, o)   INSN(BPF_LDX | BPF_MEM | BPF_##size, d, s, o, 0)
#define STORE(size, d, o, s)  INSN(BPF_STX | BPF_MEM | BPF_##size, d, s, o, 0)
#define STORE_IMM(d, o, i)    INSN(BPF_ST | BPF_MEM | BPF_W, d, 0, o, i)
#define MOVE(d, s)            INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOVE_IMM(d, i)        INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ALU(op, d, i)         INSN(BPF_ALU64 | BPF_##op | BPF_K, d, 0, 0, i)
#define ALU_REG(op, d, s)     INSN(BPF_ALU64 | BPF_##op | BPF_X, d, s, 0, 0)
#define HOST(d, bits)         INSN(BPF_ALU | BPF_END | BPF_TO_BE, d, 0, 0, bits)
#define JUMP(op, d, i, o)     INSN(BPF_JMP32 | BPF_##op | BPF_K, d, 0, o, i)
#define JUMP_REG(op, d, s, o) INSN(BPF_JMP | BPF_##op | BPF_X, d, s, o, 0)
#define JUMP_NULL(d, o)       INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, o, 0)
#define CALL(f)               INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##f)
#define LOAD_MAP(d, kind, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_##kind, 0, fd)
#define LOAD_MAP_END          INSN(0, 0, 0, 0, 0)
#define EXIT                  INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

struct code {
	struct bpf_insn insn[STEER_PROGRAM_MAX];
	unsigned n;
};

static void append(struct code *c, const struct bpf_insn *insns, size_t size)
{
	check(c->n + size / sizeof *insns <= STEER_PROGRAM_MAX);
	memcpy(c->insn + c->n, insns, size);
	c->n += (unsigned)(size / sizeof *insns);
}

/* Is it GRE or ESP, in a frame as we want it? */
static void look_at_frame(struct code *c, const struct steer_port *port)
{
	int32_t mac;
	memcpy(&mac, port->mac, sizeof mac);
	const struct bpf_insn insns[] = {
		MOVE(CONTEXT, R1),
		LOAD(W, DATA, R1, offsetof(struct xdp_md, data)),
		LOAD(W, END, R1, offsetof(struct xdp_md, data_end)),
		MOVE(R1, DATA),
		ALU(ADD, R1, NEED_LEN),
		JUMP_REG(JGT, R1, END, TO_PASS),
		MOVE(R1, DATA),
		ALU(ADD, R1, port->frame_max),
		JUMP_REG(JLT, R1, END, TO_PASS),
		LOAD(W, R1, DATA, MAC_AT),
		JUMP(JNE, R1, mac, TO_PASS),
		LOAD(H, R1, DATA, MAC_AT + 4),
		HOST(R1, 16),
		JUMP(JNE, R1, port->mac[4] << 8 | port->mac[5], TO_PASS),
		LOAD(H, R1, DATA, TYPE_AT),
		HOST(R1, 16),
		JUMP(JNE, R1, ETH_PROTO_IPV4, TO_PASS),
		LOAD(B, R1, DATA, VERSION_AT),
		JUMP(JNE, R1, 4 << 4 | IPV4_LEN / 4, TO_PASS),
		LOAD(H, R1, DATA, FRAGMENT_AT),
		HOST(R1, 16),
		JUMP(JSET, R1, UINT16_MAX & ~IP_DF, TO_PASS),
		LOAD(B, R1, DATA, PROTOCOL_AT),
		JUMP(JEQ, R1, IP_PROTO_GRE, 1),
		JUMP(JNE, R1, IP_PROTO_ESP, TO_PASS),
	};

	append(c, insns, sizeof insns);
}

/* Is it a peer's, and still? */
static void look_for_peer(struct code *c, const struct xdp_steer *s, const struct steer_port *port)
{
	const struct bpf_insn insns[] = {
		STORE_IMM(STACK, KEY_AT, port->ifindex),
		LOAD(W, R1, DATA, FROM_AT),
		STORE(W, STACK, KEY_AT + (int)offsetof(struct peer_key, from), R1),
		LOAD(W, R1, DATA, TO_AT),
		STORE(W, STACK, KEY_AT + (int)offsetof(struct peer_key, to), R1),
		LOAD_MAP(R1, FD, s->peers_fd),
		LOAD_MAP_END,
		MOVE(R2, STACK),
		ALU(ADD, R2, KEY_AT),
		CALL(map_lookup_elem),
		JUMP_NULL(R0, TO_PASS),
		MOVE(PEER, R0),
		LOAD_MAP(R1, VALUE, s->epoch_fd),
		LOAD_MAP_END,
		LOAD(W, R1, R1, 0),
		LOAD(W, R2, PEER, offsetof(struct peer_entry, epoch)),
		JUMP_REG(JNE, R1, R2, TO_PASS),
		CALL(ktime_get_coarse_ns),
		LOAD(DW, R1, PEER, offsetof(struct peer_entry, until_ns)),
		JUMP_REG(JGE, R0, R1, TO_PASS),
	};

	append(c, insns, sizeof insns);
}

/* GRE to the worker of its sender, ESP to that of its SPI. */
static void steer(struct code *c, const struct steer_port *port, int sockets)
{
	const struct bpf_insn insns[] = {
		LOAD(H, R2, PEER, offsetof(struct peer_entry, worker)),
		LOAD(B, R1, DATA, PROTOCOL_AT),
		JUMP(JEQ, R1, IP_PROTO_GRE, 5),
		LOAD(H, R1, PEER, offsetof(struct peer_entry, esp)),
		JUMP(JEQ, R1, 0, TO_PASS),
		LOAD(W, R2, DATA, SPI_AT),
		HOST(R2, 32),
		ALU(MOD, R2, (int32_t)port->n_workers),
		LOAD(W, R1, CONTEXT, offsetof(struct xdp_md, rx_queue_index)),
		ALU(MUL, R1, (int32_t)port->n_workers),
		ALU_REG(ADD, R2, R1),
		LOAD_MAP(R1, FD, sockets),
		LOAD_MAP_END,
		MOVE_IMM(R3, XDP_PASS), /* where there is no socket */
		CALL(redirect_map),
		EXIT,
		MOVE_IMM(R0, XDP_PASS),
		EXIT,
	};

	append(c, insns, sizeof insns);
}

/* Jumps to TO_PASS go to the last two instructions. */
static void aim_jumps(struct code *c)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->insn[i].off == TO_PASS)
			c->insn[i].off = (int16_t)(c->n - 2 - i - 1);
}

static int load_program(const struct xdp_steer *s, const struct steer_port *port, int sockets)
{
	struct code code = { .n = 0 };

	look_at_frame(&code, port);
	look_for_peer(&code, s, port);
	steer(&code, port, sockets);
	aim_jumps(&code);
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insn_cnt = code.n,
		.insns = (uintptr_t)code.insn,
		.license = (uintptr_t) "Apache-2.0",
		.prog_name = "dmvpn_steer",
		.expected_attach_type = BPF_XDP,
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

int xdp_steer_attach(const struct xdp_steer *s, const struct steer_port *port, int sockets)
{
	int program = load_program(s, port, sockets);

	if (program < 0)
		return program;
	union bpf_attr attr = {
		.link_create = { .prog_fd = (uint32_t)program,
		                 .target_ifindex = (uint32_t)port->ifindex,
		                 .attach_type = BPF_XDP,
		                 .flags = XDP_FLAGS_SKB_MODE },
	};
	int link = bpf(BPF_LINK_CREATE, &attr);
	close(program);
	return link;
}

/* ---- maps ---- */

static int put(int map, const void *key, const void *value)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)map,
		.key = (uintptr_t)key,
		.value = (uintptr_t)value,
		.flags = BPF_ANY,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

int xdp_steer_sockets(const struct steer_port *port)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_XSKMAP,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint32_t),
		.max_entries = port->n_queues * port->n_workers,
		.map_name = "dmvpn_sockets",
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

int xdp_steer_put(int sockets, uint32_t place, int fd)
{
	uint32_t value = (uint32_t)fd;

	return put(sockets, &place, &value);
}

static int make_maps(struct xdp_steer *s)
{
	union bpf_attr peers = {
		.map_type = BPF_MAP_TYPE_LRU_HASH,
		.key_size = sizeof(struct peer_key),
		.value_size = sizeof(struct peer_entry),
		.max_entries = STEER_PEERS_MAX,
		.map_name = "dmvpn_peers",
	};
	union bpf_attr epoch = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint32_t),
		.max_entries = 1,
		.map_flags = BPF_F_MMAPABLE,
		.map_name = "dmvpn_epoch",
	};

	s->peers_fd = bpf(BPF_MAP_CREATE, &peers);
	if (s->peers_fd < 0)
		return s->peers_fd;
	s->epoch_fd = bpf(BPF_MAP_CREATE, &epoch);
	if (s->epoch_fd < 0)
		return s->epoch_fd;
	s->epoch = mmap(NULL, sizeof *s->epoch, PROT_READ | PROT_WRITE, MAP_SHARED, s->epoch_fd, 0);
	return s->epoch == MAP_FAILED ? -errno : 0;
}

int xdp_steer_new(struct xdp_steer **ret)
{
	struct xdp_steer *s = memory_new(1, sizeof *s);

	*s = (struct xdp_steer){ .peers_fd = -1, .epoch_fd = -1, .epoch = MAP_FAILED };
	int error = make_maps(s);
	if (error) {
		xdp_steer_free(s);
		return error;
	}
	*ret = s;
	return 0;
}

void xdp_steer_free(struct xdp_steer *s)
{
	if (!s)
		return;
	if (s->epoch != MAP_FAILED)
		munmap(s->epoch, sizeof *s->epoch);
	if (s->epoch_fd >= 0)
		close(s->epoch_fd);
	if (s->peers_fd >= 0)
		close(s->peers_fd);
	free(s);
}

int xdp_steer_allow(struct xdp_steer *s, const struct steer_peer *peer)
{
	struct peer_key key = { .ifindex = (uint32_t)peer->ifindex };
	const struct peer_entry entry = {
		.until_ns = (uint64_t)peer->until_ns,
		.epoch = *s->epoch,
		.worker = (uint16_t)peer->worker,
		.esp = peer->esp,
	};

	memcpy(key.from, peer->from.bytes, ADDR_V4_LEN);
	memcpy(key.to, peer->to.bytes, ADDR_V4_LEN);
	return put(s->peers_fd, &key, &entry);
}

void xdp_steer_void(struct xdp_steer *s)
{
	__atomic_add_fetch(s->epoch, 1, __ATOMIC_RELEASE);
}
