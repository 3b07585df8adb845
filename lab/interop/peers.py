# SPDX-License-Identifier: Apache-2.0
"""Routers of others, as namespaces of the guest, and the Internet between them and ours.

    guest: F1 eth0 203.0.113.11/24 |                                 | 1.1.1.2/24 eth0 R1
           F2 eth0 203.0.113.12/24 | 203.0.113.254 Internet          | 2.2.2.2/24 eth0 R2
"""

import os
import shlex
import socket
import threading

import net
import uml
from traffic import pattern

TAP, GATEWAY = "guest", "203.0.113.254"
PEERS = {"F1": 11, "F2": 12}
FRR = "/usr/lib/frr"
FRR_DAEMONS = ("zebra", "staticd", "nhrpd")
ECHO_PORT = 5001
TUNNEL_MTU = 1400

# What an nhrpd of FRR needs beside its own lines: a host address on the tunnel, whose network it
# reaches through the hub.
FRR_CONFIG = """
log file /mnt/{name}/frr.log
debug nhrp common
debug nhrp event
interface gre1
 ip address {tunnel}/32
 no link-detect
 ip nhrp network-id 1
 ip nhrp holdtime {hold_s}
 ip nhrp registration no-unique
{lines}
 tunnel source eth0
exit
"""


class Peer:
    """One namespace of the guest with one port, eth0, and a kernel's multipoint tunnel, gre1."""

    def __init__(self, guest, name, number):
        self.guest, self.name = guest, name
        self.nbma = f"203.0.113.{number}"
        self.tunnel = f"10.10.10.{number}"
        self.dir, self.inside = guest.window / name, f"/mnt/{name}"
        self.vici = f"/run/{name}.vici"  # sockets do not work on what is shared with the host
        self.used = False  # since the last reset
        self.dir.mkdir()
        guest.run(f"""set -e
            ip netns add {name}
            mkdir -p /etc/frr/{name} /run/frr/{name}
            chown frr:frr /etc/frr/{name} /run/frr/{name}
            ip link add e-{name} master br0 type veth peer name eth0 netns {name}
            ethtool -K e-{name} tx off gso off tso off gro off
            ip link set e-{name} up""")
        self.run(f"""set -e
            for value in all/rp_filter=0 default/rp_filter=0 all/send_redirects=0; do
                echo ${{value#*=}} >/proc/sys/net/ipv4/conf/${{value%=*}}
            done
            echo 1 >/proc/sys/net/ipv4/ip_forward
            echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
            echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
            ethtool -K eth0 tx off gso off tso off gro off
            ip link set lo up
            ip link set eth0 address 02:00:00:00:01:{number:02x}
            ip address add {self.nbma}/24 dev eth0
            ip link set eth0 up
            ip route add default via {GATEWAY}""")

    def command(self, script):
        self.used = True
        return f"ip netns exec {self.name} bash -c {shlex.quote(script)}"

    def run(self, script, **how):
        """Runs a script of bash inside and returns what it printed."""
        return self.guest.run(self.command(script), **how)

    def ping(self, to, count=1, size=56, options=""):
        """True when every packet came back."""
        out = self.run(f"ping -n -q -i 0.2 -W 2 -c {count} -s {size} {options} {to}", check=False)
        return f" {count} received" in out

    def echo(self, router, size=1 << 18):
        """True when a router of ours gets what it sends over TCP back from here unharmed."""
        job = self.guest.start(self.command(f"/usr/bin/python3 /mnt/echo.py {ECHO_PORT}"))
        net.wait_for(lambda: "listening" in job.output(), net.PATIENCE_S, f"{self.name} listens")
        data = pattern(size)
        with router.ns.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.settimeout(net.PATIENCE_S)
            tcp.connect((self.tunnel, ECHO_PORT))
            sender = threading.Thread(target=lambda: (tcp.sendall(data),
                                                      tcp.shutdown(socket.SHUT_WR)))
            sender.start()
            back = b"".join(iter(lambda: tcp.recv(1 << 16), b""))
            sender.join()
        job.wait()
        return back == data

    def reset(self):
        """Ends everything that runs inside, and takes the tunnel away."""
        if not self.used:
            return
        clean = r"""printf 'link del gre1\nlink del lan0\nxfrm state flush\nxfrm policy flush\n' |
            ip -force -batch -
            iptables-legacy -F FORWARD"""
        self.guest.run(f"""
            ip netns pids {self.name} | xargs -r kill -9
            while [ -n "$(ip netns pids {self.name})" ]; do sleep 0.02; done
            rm -f /run/frr/{self.name}/*
            {self.command(clean)}""", check=False)
        self.used = False

    def gre(self, remote="any", key=1):
        """The tunnel; a multipoint one, whose neighbours nhrpd writes, unless it has a remote."""
        self.run(f"""set -e
            ip tunnel add gre1 mode gre ttl 64 key {key} local {self.nbma} remote {remote} dev eth0
            ip link set gre1 mtu {TUNNEL_MTU} up
            ethtool -K gre1 tx off gso off tso off gro off""")

    def frr(self, *lines, hold_s=30, more=""):
        """Starts FRR with these lines on the tunnel's interface."""
        (self.dir / "frr.conf").write_text(FRR_CONFIG.format(
            name=self.name, tunnel=self.tunnel, hold_s=hold_s,
            lines="\n".join(f" {line}" for line in lines)) + more)
        self.start_frr()

    def start_frr(self):
        daemons = "\n".join(f"{FRR}/{d} -d -N {self.name} -A 127.0.0.1" for d in FRR_DAEMONS)
        self.run(f"""set -e
            echo 'service integrated-vtysh-config' >/etc/frr/{self.name}/vtysh.conf
            touch /mnt/{self.name}/frr.log
            chmod 666 /mnt/{self.name}/frr.log
            {daemons}
            vtysh -N {self.name} -f /mnt/{self.name}/frr.conf""")

    def kill(self, daemon):
        """kill -9 of a daemon of FRR."""
        self.run(f"kill -9 $(cat /run/frr/{self.name}/{daemon}.pid)")

    def vtysh(self, command):
        return self.run(f"vtysh -N {self.name} -c {shlex.quote(command)}")

    def wait_vtysh(self, command, pattern, timeout_s=net.PATIENCE_S):
        """Waits until a command's output has the pattern, and returns the output."""
        return net.wait_output(lambda: self.vtysh(command), pattern, timeout_s,
                               f"{self.name}#{command}")

    def logs(self):
        return "".join(file.read_text(errors="replace") for file in sorted(self.dir.glob("*.log")))


class Cloud(net.Cloud):
    """The Internet with R1 and R2 of ours, and a guest with peers on it."""

    def __init__(self, kernel):
        self.guest, self.peers = None, {}
        super().__init__(f"dmvpnguest{os.getpid()}", routers=("R1", "R2"))
        try:
            self.internet.ip("tuntap", "add", "mode", "tap", "name", TAP)
            self.internet.ip("address", "add", f"{GATEWAY}/24", "dev", TAP)
            # Before the guest starts: its driver does not get over a write into a tap that is down.
            self.internet.ip("link", "set", TAP, "up")
            self.guest = uml.Guest(self.internet, TAP, self.dir / "guest", kernel)
            for name, number in PEERS.items():
                self.peers[name] = Peer(self.guest, name, number)
        except BaseException:
            self.remove()
            raise

    def __getitem__(self, name):
        return self.peers.get(name) or super().__getitem__(name)

    def reset(self):
        """As after the start: no program runs, and nobody remembers anything."""
        for router in self.routers.values():
            router.stop()
            router.forget()
            router.ns.ip("link", "del", "lan0", check=False)
        for peer in self.peers.values():
            peer.reset()

    def logs(self):
        return {**super().logs(), **{name: p.logs() for name, p in self.peers.items()}}

    def remove(self):
        if self.guest:
            self.guest.stop()
            self.guest = None
        super().remove()
