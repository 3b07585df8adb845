# SPDX-License-Identifier: Apache-2.0
"""Offices with dynamic addresses: a port that changes, goes away, or comes late."""

import net

SPOKE = """
hostname R2
interface Tunnel0
 ip address 10.10.10.2 255.255.255.0
 ip nhrp map 10.10.10.1 1.1.1.2
 ip nhrp network-id 1
 ip nhrp nhs 10.10.10.1
 tunnel source FastEthernet0/0
 tunnel mode gre multipoint
 tunnel key 1
interface FastEthernet0/0
 ip address dhcp
ip route 0.0.0.0 0.0.0.0 2.2.2.1
"""


def give(router, address):
    router.ns.ip("link", "set", "eth0", "up")
    router.ns.ip("address", "add", address, "dev", "eth0")


def start(cloud):
    """The reference hub, and R2 with an address that the system gives it."""
    cloud["R1"].configure("R1.cfg")
    cloud["R1"].start()
    give(cloud["R2"], "2.2.2.2/24")
    cloud["R2"].configure(SPOKE)
    cloud["R2"].start()
    cloud["R2"].wait_registered()
    assert cloud["R2"].ns.ping("10.10.10.1")


def recovered(cloud, nbma):
    r1, r2 = cloud["R1"], cloud["R2"]
    net.wait_for(lambda: r2.ns.ping("10.10.10.1"), net.PATIENCE_S, "R2 reaches the hub again")
    net.wait_for(lambda: f"NBMA address: {nbma}" in r1.shell("show ip nhrp 10.10.10.2"),
                 net.PATIENCE_S, f"the hub knows R2 at {nbma}")
    assert r1.ns.ping("10.10.10.2")


def test_live_spoke_changes_its_address(empty):
    start(empty)
    assert "unique" in empty["R1"].shell("show ip nhrp 10.10.10.2")
    for nbma in ("2.2.2.77", "2.2.2.78", "2.2.2.2"):
        old = empty["R2"].ns.addresses("eth0")[0]
        empty["R2"].ns.ip("address", "del", old, "dev", "eth0")
        empty["R2"].ns.ip("address", "add", f"{nbma}/24", "dev", "eth0")
        recovered(empty, nbma)
    assert "1 dynamic" in empty["R1"].shell("show ip nhrp summary")


def test_new_address_before_the_old_one_goes(empty):
    start(empty)
    empty["R2"].ns.ip("address", "add", "2.2.2.77/24", "dev", "eth0")
    assert empty["R2"].ns.ping("10.10.10.1", 2)
    empty["R2"].ns.sysctl("net.ipv4.conf.eth0.promote_secondaries", 1)
    empty["R2"].ns.ip("address", "del", "2.2.2.2/24", "dev", "eth0")
    recovered(empty, "2.2.2.77")


def test_cable_pulled_and_put_back(empty):
    start(empty)
    empty.internet.ip("link", "set", "to-R2", "down")
    empty["R2"].wait_shell("show ip interface brief", r"Tunnel0\s.*\bdown\b")
    empty.internet.ip("link", "set", "to-R2", "up")
    recovered(empty, "2.2.2.2")


def test_port_set_down_and_up_by_hand(empty):
    start(empty)
    empty["R2"].ns.ip("link", "set", "eth0", "down")
    empty["R2"].wait_shell("show ip interface brief", r"Tunnel0\s.*\bdown\b")
    empty["R2"].ns.ip("link", "set", "eth0", "up")
    recovered(empty, "2.2.2.2")


def test_port_that_does_not_exist_yet(empty):
    """The daemon waits for its port and starts its tunnel when it comes."""
    empty["R1"].configure("R1.cfg")
    empty["R1"].start()
    r2 = empty["R2"]
    r2.ns.ip("link", "set", "eth0", "name", "later0")
    r2.configure("R2.cfg")
    r2.start()
    r2.wait_shell("show ip interface brief", r"Tunnel0\s.*\bdown\b")
    r2.ns.ip("link", "set", "later0", "down")
    r2.ns.ip("link", "set", "later0", "name", "eth0")
    r2.wait_registered()
    assert r2.ns.ping("10.10.10.1")
    assert "2.2.2.2/24" in r2.ns.addresses("eth0")


def test_hub_unplugged_and_back(empty):
    """Unplugged for longer than its retransmissions, a spoke comes back without help."""
    start(empty)
    empty.internet.ip("link", "set", "to-R1", "down")
    assert not empty["R2"].ns.ping("10.10.10.1")
    empty.internet.ip("link", "set", "to-R1", "up")
    net.wait_for(lambda: empty["R2"].ns.ping("10.10.10.1"),
                 net.PATIENCE_S, "R2 reaches the hub again")
