# SPDX-License-Identifier: Apache-2.0
"""Spokes in clear behind one NAT address: GRE has no ports, so there is room for one of them."""

import re

import pytest

import net

KEPT_OPEN_S = 20  # between the registrations of a spoke behind NAT
INSIDE = """
interface Fa0/0
 ip address 10.3.3.2 255.255.255.0
no ip route 0.0.0.0 0.0.0.0 3.3.3.1
ip route 0.0.0.0 0.0.0.0 10.3.3.1
"""


@pytest.fixture
def behind(empty):
    """Both spokes behind one address; R3 has a private one of its own."""
    empty.masquerade()
    empty.internet.ip("address", "add", "10.3.3.1/24", "dev", "to-R3")
    empty["R1"].configure("R1.cfg")
    empty["R2"].configure("R2.cfg")
    empty["R3"].configure("R3.cfg", INSIDE)
    return empty


def test_the_nat_is_kept_open(behind):
    """The hub reaches a silent spoke for longer than the NAT remembers what was said."""
    hub, spoke = behind["R1"], behind["R2"]
    for router in (hub, spoke):
        router.start()
    spoke.wait_registered()
    out = hub.shell("show ip nhrp")
    assert "NBMA address: 1.1.1.1" in out and "Claimed NBMA address: 2.2.2.2" in out
    assert re.search(r"^ +1 +1\.1\.1\.1 +10\.10\.10\.2 +UP .*DN", hub.shell("show dmvpn"), re.M)

    def replies():
        return hub.json("show ip nhrp traffic")["tunnels"][0]["sent"]["registration_reply"]
    before = replies()
    net.wait_for(lambda: replies() >= before + 2, 2 * KEPT_OPEN_S + net.PATIENCE_S,
                 "two more registrations")
    assert hub.ns.ping("10.10.10.2", 2)


def test_the_second_spoke_says_why(behind):
    for name in ("R1", "R2"):
        behind[name].start()
    behind["R2"].wait_registered()
    behind["R3"].start()
    behind["R3"].wait_log("this router is behind NAT: in clear a NAT lets only one router")
    assert behind["R2"].ns.ping("10.10.10.1", 2)
