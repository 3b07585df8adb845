#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A system of its own in the guest, with systemd as the first program and dmvpnd.service as its only
# unit. Given to unshare(1), which makes the namespaces; /mnt/systemd has the files of
# /etc/systemd/system.
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /etc/systemd/system
cp -r /mnt/systemd/. /etc/systemd/system/
# Of what the host's Debian starts, udev alone, which meddles with new interfaces.
for unit in /lib/systemd/system/sysinit.target.wants/*; do
	case $unit in
	*udevd.service) ;;
	*) ln -s /dev/null /etc/systemd/system/"${unit##*/}" ;;
	esac
done
for target in sysinit basic lab; do
	printf '[Unit]\nDescription=%s\n' $target >/etc/systemd/system/$target.target
done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec env container=guest /lib/systemd/systemd --system --unit=lab.target --log-target=null
