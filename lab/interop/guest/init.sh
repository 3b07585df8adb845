#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first program of a guest. Its root is the host's file system, read-only; all that is written
# goes to memory above it, so nothing of the host changes. $window, a folder of the host, is the
# only place that both can write: it is /mnt in the guest. $window and $modules are words of the
# kernel's command line.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
kernel=$(uname -r)
grep -q overlay /proc/filesystems ||
	busybox insmod "$modules/$kernel/kernel/fs/overlayfs/overlay.ko"
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/up /mnt/work /mnt/root
root=/mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work $root || {
	echo "the overlay could not be mounted"
	busybox poweroff -f
}
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
mount -t devtmpfs devtmpfs $root/dev
mkdir -p $root/dev/pts $root/dev/shm
mount -t devpts devpts $root/dev/pts
for folder in /dev/shm /tmp /run /var/log; do
	mount -t tmpfs tmpfs $root$folder
done
mkdir -p $root/run/netns $root/mnt
mount -t hostfs -o "$window" none $root/mnt
if [ -d "$modules/$kernel" ]; then
	mkdir -p "$root/lib/modules/$kernel"
	mount --bind "$root$modules/$kernel" "$root/lib/modules/$kernel"
fi
mkdir -p $root/.old
cd $root || busybox poweroff -f
busybox pivot_root . .old
exec chroot . /bin/bash /mnt/agent.sh <dev/null >dev/console 2>&1
