/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	int number;
	const char *name;
} kept[] = {
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
	{ CAP_NET_RAW, "CAP_NET_RAW" },
	{ CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE" },
	/* For receiving by AF_XDP: a program, and more locked memory than others have. */
	{ CAP_BPF, "CAP_BPF" },
	{ CAP_IPC_LOCK, "CAP_IPC_LOCK" },
};

enum {
	N_KEPT = sizeof kept / sizeof kept[0],
	N_NEEDED = N_KEPT - 2,
};

/* Version 3 of the call takes 64 bits as two structures, the low half first. */
static int get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };

	return syscall(SYS_capget, &header, data) < 0 ? -errno : 0;
}

static int set(const struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static uint32_t bit(int number)
{
	return UINT32_C(1) << number % 32;
}

bool privileges_suffice(struct strbuf *missing)
{
	struct __user_cap_data_struct data[2] = { 0 };
	int result = get(data);

	for (size_t i = 0; i < N_NEEDED; i++) {
		if (result == 0 && data[0].effective & bit(kept[i].number))
			continue;
		if (missing->len)
			strbuf_adds(missing, ", ");
		strbuf_adds(missing, kept[i].name);
	}
	return missing->len == 0;
}

static bool keeps(int number, size_t n_kept)
{
	for (size_t i = 0; i < n_kept; i++) {
		if (kept[i].number == number)
			return true;
	}
	return false;
}

static int drop_bounding(size_t n_kept)
{
	for (int number = 0; prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++) {
		if (keeps(number, n_kept) || prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

int privileges_drop(bool xdp)
{
	struct __user_cap_data_struct had[2] = { 0 }, data[2] = { 0 };
	size_t n_kept = xdp ? N_KEPT : N_NEEDED;
	int result = get(had);

	if (result < 0)
		return result;
	/* Without CAP_SETPCAP the bounding set stays; no_new_privs then makes it worthless. */
	result = drop_bounding(n_kept);
	if (result < 0 && result != -EPERM)
		return result;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	for (size_t i = 0; i < n_kept; i++) {
		uint32_t asked = i < N_NEEDED ? UINT32_MAX : had[kept[i].number / 32].permitted;
		data[kept[i].number / 32].permitted |= bit(kept[i].number) & asked;
	}
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted;
	return set(data);
}

int privileges_pass_on(void)
{
	struct __user_cap_data_struct data[2] = { 0 };
	int result = get(data);

	for (size_t i = 0; i < N_KEPT; i++) {
		struct __user_cap_data_struct *half = &data[kept[i].number / 32];
		half->inheritable |= half->permitted & bit(kept[i].number);
	}
	if (result == 0)
		result = set(data);
	for (size_t i = 0; i < N_KEPT && result == 0; i++) {
		if (data[kept[i].number / 32].inheritable & bit(kept[i].number) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i].number, 0, 0) < 0)
			result = -errno;
	}
	return result;
}
