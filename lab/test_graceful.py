# SPDX-License-Identifier: Apache-2.0
"""A daemon that comes again at once: SIGUSR2, SIGUSR1 and kill -9, with OSPF and pings over it.

The manager here speaks sd_notify's protocol as systemd does, its descriptor store included.
"""

import contextlib
import ctypes
import grp
import os
import re
import signal
import socket
import struct
import subprocess
import threading
from pathlib import Path

import pytest

import net
from pings import Pings
from routing import Frr, add_lan, wait_route
from test_phase3 import RATE, shortcut, shortcut_back, start as start_phase3, wait_shortcut
from test_protect import NOT_MISSED, start as start_protected
from test_restart import state
from test_routing import MULTIPOINT_HUB, MULTIPOINT_SPOKE, ospf
from traffic import Capture

TTL_DIRECT = 64
RETRANSMIT_S = 2  # who had to ask anew for a path would wait for no less when a packet is lost
RTMGRP_LINK, RTM_DELLINK, IFF_LOWER_UP = 1, 17, 0x10000
# A carrier that goes tears an adjacency down at once, and a daemon that is slow to start does not.
# Without the election of a designated router, which would wait for a dead interval, and without the
# 5 s between two LSAs of a router.
PATIENT_OSPF = ospf("point-to-multipoint", True, net.PATIENCE_S) + """
router ospf
 timers throttle lsa all 100
 timers lsa min-arrival 50
"""
PASSED_ON = """
exec 3<&"$1"; shift
export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=Tunnel0
exec "$@"
"""


class Manager:
    """Starts a router's dmvpnd as systemd would, and keeps what it is told to."""

    def __init__(self, router):
        self.router, self.kept = router, {}
        path = router.dir / "manager"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.env = dict(os.environ, NOTIFY_SOCKET=str(path))
        self.ready = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            data, fds, _, _ = socket.recv_fds(self.socket, 4096, 1)
            words = dict(line.split("=", 1) for line in data.decode().splitlines())
            if words.get("FDSTORE") == "1" and words.get("FDPOLL") == "0":
                self.kept[words["FDNAME"]] = fds[0]
            elif words.get("FDSTOREREMOVE") == "1":
                os.close(self.kept.pop(words["FDNAME"]))
            elif words.get("READY") == "1":
                self.ready.set()

    def start(self):
        words = self.router.command()
        fds = tuple(self.kept.values())
        if fds:
            words = ["/bin/bash", "-c", PASSED_ON, "sh", fds[0], *words]
        self.ready.clear()
        with open(self.router.log_file, "ab") as log:
            self.router.daemon = self.router.ns.popen(
                *words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env,
                pass_fds=fds, start_new_session=True)
        assert self.ready.wait(net.PATIENCE_S), self.router.log()


class Watch:
    """What the kernel tells of a router's Tunnel0 meanwhile (rtnetlink)."""

    def __init__(self, router):
        self.router = router
        self.index = router.ns.ip_json("link", "show", "Tunnel0")[0]["ifindex"]

    def _open(self):
        """In a thread, since a network namespace is a thread's."""
        with open(f"/run/netns/{self.router.ns.name}", "rb") as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.socket.bind((0, RTMGRP_LINK))

    def __enter__(self):
        thread = threading.Thread(target=self._open)
        thread.start()
        thread.join()
        return self

    def __exit__(self, *error):
        self.told = []
        with contextlib.suppress(BlockingIOError):
            while True:
                data = self.socket.recv(1 << 16, socket.MSG_DONTWAIT)
                while data:
                    length, kind = struct.unpack_from("=IH", data)
                    index, flags = struct.unpack_from("=iI", data, 20)
                    if index == self.index:
                        self.told.append((kind, flags))
                    data = data[(length + 3) & ~3:]
        self.socket.close()

    def lost_carrier(self):
        return [(kind, hex(flags)) for kind, flags in self.told
                if kind == RTM_DELLINK or not flags & IFF_LOWER_UP]


def kept(router):
    """All that a stop removes, and the neighbours, whose MACs are others after each start."""
    neighbours = router.ns.ip_json("neigh", "show", "dev", "Tunnel0", "nud", "permanent")
    return state(router), sorted(n["dst"] for n in neighbours)


def again(router):
    """SIGUSR2: the daemon executes its file anew."""
    starts, pid = router.log().count("%SYS-5-READY"), router.daemon.pid
    router.send_signal(signal.SIGUSR2)
    net.wait_for(lambda: router.log().count("%SYS-5-READY") > starts, net.PATIENCE_S, "it is back")
    assert router.daemon.pid == pid and router.daemon.poll() is None


def state_changes(frr):
    return re.findall(r"(\d+) state changes", frr.vtysh("show ip ospf neighbor detail"))


@pytest.mark.parametrize("how", ("again", "restarted", "killed"))
def test_ospf_notices_nothing(empty, how):
    hub = empty["R1"]
    manager = Manager(hub)
    frrs = []
    for number, name in enumerate(("R1", "R2"), 1):
        router = empty[name]
        router.configure(f"{name}.cfg", MULTIPOINT_HUB if name == "R1" else MULTIPOINT_SPOKE)
        if name == "R1":
            manager.start()
        else:
            router.start()
        add_lan(router, number)
    empty["R2"].wait_registered()
    for name in ("R1", "R2"):
        frrs.append(Frr(empty[name], ["ospfd"], PATIENT_OSPF))
    wait_route(hub, "192.168.2.0/24", "10.10.10.2")
    wait_route(empty["R2"], "192.168.1.0/24", "10.10.10.1")
    assert list(manager.kept) == ["Tunnel0"]
    changes = [state_changes(frr) for frr in frrs]
    with Watch(hub) as links:
        before = kept(hub)
        assert before[1] == ["10.10.10.2"]
        if how == "again":
            again(hub)
        else:
            assert hub.stop(signal.SIGUSR1 if how == "restarted" else signal.SIGKILL) in (0, -9)
            assert kept(hub) == before
            manager.start()
        net.wait_for(lambda: empty["R2"].ns.ping("10.10.10.1"), net.PATIENCE_S, "the hub answers")
        assert kept(hub) == before
    assert links.lost_carrier() == []
    assert [state_changes(frr) for frr in frrs] == changes
    assert "%NHRP-6-RESTORED" in hub.log()
    for frr in frrs:
        frr.stop()
    assert hub.stop() == 0
    assert "Tunnel0" not in hub.ns.links()
    net.wait_for(lambda: not manager.kept, net.PATIENCE_S, "the store is empty")


def test_protected_hub_comes_again(empty):
    """Security associations are made anew at once; nothing leaves in clear meanwhile."""
    start_protected(empty, NOT_MISSED)
    hub = empty["R1"]
    with Capture(empty.internet, hub.uplink) as capture, Watch(hub) as links, \
            Pings(empty["R2"], "10.10.10.1") as first, Pings(empty["R3"], "10.10.10.1") as second:
        for pings in (first, second):
            pings.wait(1)
        again(hub)
        for name in ("R2", "R3"):
            net.wait_for(lambda: empty[name].ns.ping("10.10.10.1"), net.PATIENCE_S,
                         f"{name} is back")
    assert links.lost_carrier() == []
    assert capture.in_clear() == [] and list(capture.gre()) == []


def test_protected_spoke_comes_again(empty):
    start_protected(empty, NOT_MISSED)
    spoke = empty["R2"]
    with Capture(empty.internet, spoke.uplink) as capture, Watch(spoke) as links, \
            Pings(spoke, "10.10.10.1") as pings:
        pings.wait(1)
        again(spoke)
        net.wait_for(lambda: spoke.ns.ping("10.10.10.1"), net.PATIENCE_S, "it is back")
    assert links.lost_carrier() == []
    assert capture.in_clear() == [] and list(capture.gre()) == []


def test_direct_path_stays_while_the_hub_is_away(direct):
    hub, r2, r3 = direct["R1"], direct["R2"], direct["R3"]
    assert r2.ns.ping("10.10.10.3", 5)
    hub.wait_bypassed(lambda: r2.ns.ping("10.10.10.3"))
    with Pings(r2, "10.10.10.3") as pings:
        assert hub.stop(signal.SIGUSR1) == 0
        assert r2.ns.ping("10.10.10.3", 5)
        hub.start()
        hub.wait_bypassed(lambda: r2.ns.ping("10.10.10.3"))
    assert pings.sent and not pings.lost
    assert r3.ns.ping("10.10.10.1", 5)


def come_again(router, how):
    if how == "again":
        again(router)
    else:
        router.stop(signal.SIGUSR1 if how == "restarted" else signal.SIGKILL)
        router.start()


def is_kept(router, network):
    kept = router.state_dir / "cache"
    return kept.exists() and network in kept.read_text()


def lose_no_more_than_by_the_hub(cloud, how):
    """
    A spoke comes again under pings of an office, by a shortcut, and of the hub: until when they are
    answered by the shortcut again, and how many came by the hub after the first that did not.
    """
    spoke, lan = cloud["R2"], "192.168.2.1"
    with Pings(spoke, "192.168.3.1", source=lan) as office, \
            Pings(spoke, "192.168.1.1", source=lan) as at_hub:
        net.wait_for(lambda: shortcut(spoke) and shortcut_back(cloud), net.PATIENCE_S,
                     "the shortcuts")
        if how == "killed":  # else it is written at the end
            net.wait_for(lambda: is_kept(spoke, "192.168.3.0"), net.PATIENCE_S, "it is on disk")
        for pings in (office, at_hub):
            pings.wait(RATE)
        before = len(office.answers)
        come_again(spoke, how)
        for pings in (office, at_hub):
            pings.wait(RATE)
        net.wait_for(lambda: office.answers[-1][1] == TTL_DIRECT, net.PATIENCE_S,
                     "packets go directly again")
    by_hub = [seq for seq, ttl, _ in office.answers[before:] if ttl != TTL_DIRECT]
    print(f"spoke came again ({how}): {office.lost} lost in {office.silence_s:.2f} s by the direct "
          f"path, {at_hub.lost} in {at_hub.silence_s:.2f} s to the hub, {len(by_hub)} by the hub "
          f"meanwhile, at {RATE} a second")
    assert office.silence_s <= at_hub.silence_s + RETRANSMIT_S
    return by_hub


@pytest.mark.parametrize("how", ("again", "restarted", "killed"))
def test_direct_paths_outlive_their_spoke(empty, how):
    """Its shortcut is in the kernel all the time, and carries its first packets."""
    start_phase3(empty)
    spoke = empty["R2"]
    wait_shortcut(spoke)
    with spoke.ns.popen("ip", "monitor", "route", stdout=subprocess.PIPE, text=True) as monitor:
        by_hub = lose_no_more_than_by_the_hub(empty, how)
        monitor.terminate()
        assert not re.findall(r"^Deleted 192\.168\.3\.0/24.*$", monitor.stdout.read(), re.M)
    assert by_hub == []
    assert "%NHRP-6-RESTORED: 3 " in spoke.log()  # path, shortcut, and the network that R3 was told
    assert re.search(r"Flags: router .*rib", spoke.shell("show ip nhrp 192.168.3.1"))


@pytest.mark.parametrize("how", ("again", "killed"))
def test_protected_direct_paths_outlive_their_spoke(empty, how):
    """They wait for their association; packets go by the hub until then, and never in clear."""
    start_phase3(empty, "protect.cfg", NOT_MISSED)
    wait_shortcut(empty["R2"])
    with Capture(empty.internet, empty["R2"].uplink) as capture:
        lose_no_more_than_by_the_hub(empty, how)
    assert capture.in_clear() == [] and list(capture.gre()) == []


def test_a_spoke_that_is_stopped_keeps_no_paths(empty):
    """Its stop withdraws what others have of it; so it does not come back to theirs."""
    start_phase3(empty)
    spoke = empty["R2"]
    wait_shortcut(spoke)
    assert spoke.stop() == 0
    assert not is_kept(spoke, "192.168.3.0")
    spoke.start()
    assert not shortcut(spoke)


def n_queues(router):
    """Descriptors of TAPs that a daemon has open: one for each worker, and the one that is held."""
    folder = Path(f"/proc/{router.daemon.pid}/fd")
    return [os.readlink(fd) for fd in folder.iterdir()].count("/dev/net/tun")


def test_comes_again_as_often_as_wanted_and_goes_when_told(empty):
    r2 = empty["R2"]
    r2.ns.ip("link", "set", "eth0", "up")
    before = state(r2)
    empty["R1"].configure("R1.cfg")
    empty["R1"].start()
    r2.configure("R2.cfg")
    r2.start()
    r2.wait_registered()
    held = n_queues(r2)
    for _ in range(3):
        again(r2)
        r2.wait_registered()
        assert n_queues(r2) == held, "what was passed on is known, and not held twice"
    assert r2.stop() == 0
    assert state(r2) == before
    assert list(r2.run_dir.iterdir()) == []


def test_comes_again_with_a_socket_group(empty):
    """The control socket is passed on, for what a start needs to give it away was given up."""
    r2 = empty["R2"]
    r2.configure("R2.cfg")
    r2.start("--socket-group", "nogroup")
    group = os.stat(r2.run_dir / "dmvpnd.sock").st_gid
    assert group == grp.getgrnam("nogroup").gr_gid != 0
    for _ in range(2):
        again(r2)
        assert os.stat(r2.run_dir / "dmvpnd.sock").st_gid == group
        assert "Tunnel0" in r2.shell("show ip interface brief")
    assert r2.stop() == 0
    assert list(r2.run_dir.iterdir()) == []


def test_killed_without_a_store_loses_the_carrier(lab):
    """So the watch of this file sees what it is there for."""
    with Watch(lab["R1"]) as links:
        lab["R1"].kill()
        lab["R1"].start()
    assert links.lost_carrier() != []
