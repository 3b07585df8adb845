# SPDX-License-Identifier: Apache-2.0
"""dmvpnd.service as it is installed, under Debian's systemd: what a restart keeps, a stop does not.

systemd is the first program of process, mount and cgroup namespaces in the guest, on the network of
F1, and has what it has anywhere. dmvpnd is a hub there, and R2 its spoke.
"""

import re

import net
from pings import Pings
from test_frr import our_spoke

UNIT = net.BUILD / "packaging" / "dmvpnd.service"
HUB = """
interface Tunnel0
 ip address 10.10.10.11 255.255.255.0
 ip nhrp network-id 1
 tunnel source eth0
 tunnel mode gre multipoint
 tunnel key 1
ip route 192.168.2.0 255.255.255.0 10.10.10.2
"""
LOGGED = "[Service]\nStandardOutput=null\nStandardError=append:/mnt/{name}/dmvpnd.log\n"
ENOUGH = 20  # pings


class Systemd:
    """A manager of units on the network of a peer, with dmvpnd.service and dmvpnd installed."""

    def __init__(self, peer, config):
        self.peer = peer
        units = peer.guest.window / "systemd"
        (units / "dmvpnd.service.d").mkdir(parents=True)
        (units / "dmvpnd.service").write_text(UNIT.read_text())
        (units / "dmvpnd.service.d" / "lab.conf").write_text(LOGGED.format(name=peer.name))
        (peer.dir / "dmvpnd.conf").write_text(config)
        (peer.dir / "dmvpnd").write_bytes((net.BUILD / "dmvpnd").read_bytes())
        program = re.search(r"^ExecStart=(\S+)", UNIT.read_text(), re.M)[1]
        outer = peer.run(f"""set -e
            install -D {peer.inside}/dmvpnd {program}
            install -D -m 600 {peer.inside}/dmvpnd.conf /etc/dmvpnd/dmvpnd.conf
            setsid unshare --pid --mount --uts --ipc --cgroup --fork --mount-proc \\
                bash /mnt/systemd.sh >{peer.inside}/systemd.log 2>&1 </dev/null &
            echo $!""").strip()
        net.wait_for(lambda: peer.run(f"pgrep -P {outer}", check=False), net.PATIENCE_S,
                     "systemd's namespaces are there")
        self.pid = peer.run(f"pgrep -P {outer}").strip()
        net.wait_for(lambda: "running" in self.run("systemctl is-system-running", check=False),
                     net.PATIENCE_S, "systemd is up")

    def run(self, command, **how):
        """In the namespaces of what the manager starts."""
        return self.peer.run(f"nsenter --all --target {self.pid} {command}", **how)

    def systemctl(self, verb):
        self.run(f"systemctl {verb} dmvpnd")

    def show(self, *properties):
        """Values of the unit's properties, in this order."""
        return [self.run(f"systemctl show --value -p {p} dmvpnd").strip() for p in properties]


def kept(peer):
    """What a restart must not touch: the interface, how often it lost its carrier, its routes."""
    return peer.run("""cd /sys/class/net/Tunnel0
        cat ifindex address carrier_down_count
        ip -4 address show dev Tunnel0
        ip route show dev Tunnel0""")


def test_unit_of_systemd(cloud):
    f1 = cloud["F1"]
    unit = Systemd(f1, HUB)
    unit.systemctl("start")
    r2 = our_spoke(cloud)
    r2.wait_registered()
    before, pids = kept(f1), unit.show("MainPID")

    with Pings(r2, f1.tunnel) as pings:
        pings.wait(ENOUGH)
        unit.systemctl("restart")
        pings.wait(ENOUGH)
    print(f"systemctl restart: {pings.lost} of {pings.sent} pings lost")
    assert kept(f1) == before
    assert "%NHRP-6-RESTORED" in f1.logs(), "its spoke"
    pids += unit.show("MainPID")

    unit.run(f"kill -9 {pids[-1]}")
    net.wait_for(lambda: unit.show("ActiveState", "MainPID")[1] not in ("0", *pids) and
                 unit.show("ActiveState") == ["active"], net.PATIENCE_S, "systemd starts it anew")
    assert kept(f1) == before
    net.wait_for(lambda: r2.ns.ping(f1.tunnel), net.PATIENCE_S, "it forwards")
    assert unit.show("NFileDescriptorStore", "Result") == ["1", "success"]

    unit.systemctl("stop")
    assert unit.show("ActiveState", "Result") == ["inactive", "success"]
    assert unit.show("NFileDescriptorStore") == ["0"]
    assert "Tunnel0" not in f1.run("ip link; ip route")
