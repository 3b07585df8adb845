/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of interfaces. IOS writes a type and a number ("FastEthernet0/0") and reads any
 * abbreviation of the type, with or without a blank before the number. What is not of that form is
 * a Linux name and stays as it is; so does "eth0", which is a Linux name although "eth" abbreviates
 * Ethernet.
 */
#include "config/ifname.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	LINUX_NAME_MAX = 15, /* IFNAMSIZ without its NUL */
	NUMBER_MAX = 31,     /* "0/0/0.4294967295:31" and to spare */
};

/* The first type that begins with an abbreviation wins: "g0/0" is a GigabitEthernet. */
static const struct ifname_type types[] = {
	{ "Tunnel", "Tu", "Tunnel interface", true },
	{ "Loopback", "Lo", "Loopback interface", true },
	{ "FastEthernet", "Fa", "FastEthernet IEEE 802.3", true },
	{ "GigabitEthernet", "Gi", "GigabitEthernet IEEE 802.3z", true },
	{ "Ethernet", "Et", "IEEE 802.3", true },
	{ "TenGigabitEthernet", "Te", "Ten Gigabit Ethernet", true },
	{ "Serial", "Se", "Serial", true },
	{ "Vlan", "Vl", "Catalyst Vlans", true },
	{ "Port-channel", "Po", "Ethernet channel of interfaces", true },
	{ "Null", "Nu", "Null interface", false },
	{ "Virtual-Template", "Vt", "Virtual template interface", false },
	{ "Virtual-Access", "Vi", "Virtual access interface", false },
	{ "Virtual-PPP", "Vp", "Virtual PPP interface", false },
	{ "VirtualPortGroup", "VPG", "Virtual port group", false },
	{ "TwoGigabitEthernet", "Tw", "Two Gigabit Ethernet", false },
	{ "TwentyFiveGigE", "Twe", "Twenty Five Gigabit Ethernet", false },
	{ "FortyGigabitEthernet", "Fo", "Forty Gigabit Ethernet", false },
	{ "HundredGigE", "Hu", "Hundred Gigabit Ethernet", false },
	{ "AppGigabitEthernet", "Ap", "App Gigabit Ethernet", false },
	{ "Dialer", "Di", "Dialer interface", false },
	{ "Cellular", "Ce", "Cellular WAN interface", false },
	{ "Multilink", "Mu", "Multilink-group interface", false },
	{ "ATM", "AT", "ATM interface", false },
	{ "BDI", "BD", "Bridge-domain interface", false },
	{ "BVI", "BV", "Bridge-group virtual interface", false },
	{ "NVI", "NV", "NAT virtual interface", false },
	{ "LISP", "LI", "Locator/ID separation protocol", false },
	{ "Async", "As", "Asynchronous interface", false },
	{ "BRI", "BR", "ISDN basic rate interface", false },
	{ "Embedded-Service-Engine", "Em", "Embedded service engine", false },
	{ "Wlan-GigabitEthernet", "Wl", "WLAN GigabitEthernet interface", false },
};

const struct ifname_type *ifname_type(size_t i)
{
	return i < sizeof types / sizeof types[0] ? &types[i] : NULL;
}

static const struct ifname_type *find_type(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (len && len <= strlen(types[i].name) &&
		    strncasecmp(text, types[i].name, len) == 0)
			return &types[i];
	return NULL;
}

/* "0", "0/0", "0/0/0.100", "1/0:15" */
static bool is_number(const char *text)
{
	if (!isdigit((unsigned char)*text) || strlen(text) > NUMBER_MAX)
		return false;
	for (; *text; text++) {
		bool joint = *text == '/' || *text == '.' || *text == ':';
		if (!joint && !isdigit((unsigned char)*text))
			return false;
		if (joint && !isdigit((unsigned char)text[1]))
			return false;
	}
	return true;
}

static bool is_linux_name(const char *text)
{
	size_t len = strlen(text);

	if (!isalpha((unsigned char)*text) || len > LINUX_NAME_MAX)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("-_.@+", *text))
			return false;
	return true;
}

/* Lower-case "eth" and a plain or VLAN number, as Linux has them; IOS's have a slash or a capital.
 */
static bool is_linux_eth(const char *text, size_t type_len)
{
	return type_len == 3 && strncmp(text, "eth", 3) == 0 && !strpbrk(text, "/:");
}

static size_t letters(const char *text)
{
	size_t n = 0;

	while (isalpha((unsigned char)text[n]) || (n && text[n] == '-'))
		n++;
	return n;
}

/* Writes type and number; a number without slashes loses leading zeros. */
static bool write_name(const struct ifname_type *type, const char *number, char *ret, size_t size)
{
	bool plain = number[strspn(number, "0123456789")] == '\0';
	bool counted = type->name[0] == 'T' && type->name[1] == 'u';

	while (plain && number[0] == '0' && number[1])
		number++;
	if (counted && (!plain || strlen(number) > 10 || strtoull(number, NULL, 10) > INT32_MAX))
		return false;
	int len = snprintf(ret, size, "%s%s", type->name, number);
	return len > 0 && (size_t)len < size;
}

bool ifname_is_type(const char *text)
{
	size_t len = letters(text);

	return text[len] == '\0' && find_type(text, len);
}

bool grammar_interface_name(const char *text, char *ret, size_t size)
{
	size_t len = letters(text);
	const struct ifname_type *type = find_type(text, len);
	const char *number = text + len;

	while (*number == ' ' || *number == '\t')
		number++;
	if (type && is_number(number) && !is_linux_eth(text, len))
		return write_name(type, number, ret, size);
	if (ifname_is_type(text) || !is_linux_name(text) || strlen(text) >= size)
		return false;
	snprintf(ret, size, "%s", text);
	return true;
}

void grammar_interface_short(const char *name, char *ret, size_t size)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t len = strlen(types[i].name);
		if (strncmp(name, types[i].name, len) == 0 && is_number(name + len)) {
			snprintf(ret, size, "%s%s", types[i].abbreviation, name + len);
			return;
		}
	}
	snprintf(ret, size, "%s", name);
}
