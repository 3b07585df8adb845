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
};

enum { N_KEPT = sizeof kept / sizeof kept[0] };

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

bool privileges_suffice(struct strbuf *missing)
{
	struct __user_cap_data_struct data[2] = { 0 };
	int result = get(data);

	for (size_t i = 0; i < N_KEPT; i++) {
		if (result == 0 && data[0].effective >> kept[i].number & 1)
			continue;
		if (missing->len)
			strbuf_adds(missing, ", ");
		strbuf_adds(missing, kept[i].name);
	}
	return missing->len == 0;
}

static bool keeps(int number)
{
	for (size_t i = 0; i < N_KEPT; i++) {
		if (kept[i].number == number)
			return true;
	}
	return false;
}

static int drop_bounding(void)
{
	for (int number = 0; prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++) {
		if (keeps(number) || prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

int privileges_drop(void)
{
	struct __user_cap_data_struct data[2] = { 0 };

	/* Without CAP_SETPCAP the bounding set stays; no_new_privs then makes it worthless. */
	int result = drop_bounding();
	if (result < 0 && result != -EPERM)
		return result;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	for (size_t i = 0; i < N_KEPT; i++)
		data[0].permitted |= UINT32_C(1) << kept[i].number;
	data[0].effective = data[0].permitted;
	return set(data);
}

int privileges_pass_on(void)
{
	struct __user_cap_data_struct data[2] = { 0 };
	int result = get(data);

	for (size_t i = 0; i < N_KEPT; i++)
		data[0].inheritable |= data[0].permitted & UINT32_C(1) << kept[i].number;
	if (result == 0)
		result = set(data);
	for (size_t i = 0; i < N_KEPT && result == 0; i++) {
		if (data[0].inheritable >> kept[i].number & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i].number, 0, 0) < 0)
			result = -errno;
	}
	return result;
}
