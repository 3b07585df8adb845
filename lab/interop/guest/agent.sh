#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first program after init.sh: runs what the host asks for. On the terminal tty1, whose other
# end the host holds, a line "ID" asks for /mnt/jobs/ID.sh; "ID STATUS" comes back when it has
# ended, with its output in /mnt/jobs/ID.out. "poweroff" ends the guest.
umount -l /.old
hostname guest
if [ -d "/lib/modules/$(uname -r)/kernel" ]; then
	modprobe -a af_key xfrm_user xfrm_algo esp4 ip_gre ip_tunnel tun veth bridge dummy \
		cbc hmac gcm ctr ccm ecb authenc authencesn seqiv echainiv des_generic \
		nfnetlink_log nf_tables ip_tables iptable_filter xt_NFLOG xt_hashlimit \
		xt_policy nf_conntrack iptable_nat xt_MASQUERADE
fi
# No IPv6 of the guest's own on the wire, nor in the tunnels.
for scope in all default; do
	echo 1 >/proc/sys/net/ipv6/conf/$scope/disable_ipv6
done
ip link set lo up
ip link add br0 type bridge mcast_snooping 0
ip link set br0 up
ip link set vec0 up
ethtool -K vec0 tx off gso off tso off gro off >/dev/null 2>&1
ip link set vec0 master br0
stty -F /dev/tty1 raw -echo
exec 3<>/dev/tty1
echo ready >&3
while read -r id <&3; do
	[ "$id" != poweroff ] || break
	(
		trap - CHLD
		setsid bash "/mnt/jobs/$id.sh" >"/mnt/jobs/$id.out" 2>&1 </dev/null 3>&-
		echo "$id $?" >&3
	) &
done
busybox poweroff -f
