#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of a purpose: demo (build and lab), check (all tests), bench. Asks
# nothing, starts no service, and does not call apt at all when everything is there.
set -eu

build="gcc libc6-dev meson ninja-build pkg-config
	libuv1-dev liburcu-dev libmnl-dev libedit-dev libjansson-dev uthash-dev libssl-dev"
# Debian has it for this processor only; elsewhere OpenSSL does all the work.
[ "$(uname -m)" != x86_64 ] || build="$build libipsec-mb-dev"
lab="python3 iproute2 iputils-ping bird2"
check="clang-14 llvm-14 libclang-rt-14-dev clang-format-14 libcmocka-dev mandoc binutils
	python3-pytest python3-scapy tshark iperf3 ethtool procps util-linux frr nftables"
# More routers of others, and the kernel that they run on, which Debian has for this processor only.
interop="strongswan-swanctl charon-systemd libcharon-extra-plugins nftables iptables busybox
	libstrongswan-standard-plugins libstrongswan-extra-plugins openssl systemd udev"
[ "$(uname -m)" != x86_64 ] || interop="$interop user-mode-linux"
bench="openvpn openssl iperf3 ethtool util-linux charon-systemd strongswan-swanctl
	libcharon-extra-plugins libstrongswan-standard-plugins"

say() { echo "install-deps: $*" >&2; }

case "${1-}" in
demo) wanted="$build $lab" ;;
check) wanted="$build $lab $check $interop" ;;
bench) wanted="$build $lab $bench" ;;
*)
	say "usage: tools/install-deps.sh demo|check|bench"
	exit 2
	;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	say "this is not Debian: install what these packages are on your system:" $wanted
	exit 1
fi

missing=""
for package in $wanted; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	say "packages are missing and only root can install them:" \
		"sudo tools/install-deps.sh $1    (missing:$missing)"
	exit 1
fi

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
saved=""
restore() {
	rm -f "$policy" "$log"
	[ -z "$saved" ] || mv "$saved" "$policy"
}
if [ -e "$policy" ] || [ -L "$policy" ]; then
	saved=$policy.opendmvpn-saved
	mv "$policy" "$saved"
fi
trap restore EXIT
trap 'exit 130' INT TERM
printf '#!/bin/sh\nexit 101\n' >"$policy" # "do not start": invoke-rc.d(8)
chmod 755 "$policy"

install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
		-o DPkg::Lock::Timeout=120 $missing </dev/null >>"$log" 2>&1
}
echo "Installing$missing"
if ! install; then
	DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null >>"$log" 2>&1 || true
	if ! install; then
		tail -n 20 "$log" >&2
		say "apt-get could not install$missing: see above; check the network and" \
			"/etc/apt/sources.list, then run tools/install-deps.sh $1 again"
		exit 1
	fi
fi
