# SPDX-License-Identifier: Apache-2.0
"""What operators get wrong: keys, authentication, addresses; and two clouds on one hub."""

import re

import pytest

import net
from traffic import Capture

SPOKE = """
interface Tunnel0
 ip address 10.10.10.{number} 255.255.255.0
 ip nhrp map 10.10.10.1 1.1.1.2
 ip nhrp network-id 1
 ip nhrp nhs 10.10.10.1
 tunnel source FastEthernet0/0
 tunnel destination 1.1.1.2
{more}
interface FastEthernet0/0
 ip address {nbma} 255.255.255.0
ip route 0.0.0.0 0.0.0.0 {gateway}
"""


def spoke(router, number, *more):
    lines = "\n".join(f" {line}" for line in more)
    router.configure(SPOKE.format(number=number, more=lines, nbma=router.nbma,
                                  gateway=router.gateway))
    router.start()


def hub(cloud, *more):
    cloud["R1"].configure("R1.cfg", "interface Tunnel0\n" + "\n".join(more))
    cloud["R1"].start()


def retransmitted(router, times=2):
    """Waits until the router's registration has gone out again."""
    def look():
        sent = router.shell("show ip nhrp traffic").split("Rcvd:")[0]
        return int(re.search(r"(\d+) Registration Request", sent)[1]) > times
    net.wait_for(look, net.PATIENCE_S, f"{router.name} retransmits its registration")


def drops(router, words):
    """The sum of the rows of `show drops` that have these words."""
    rows = [line for line in router.shell("show drops").splitlines() if words in line]
    assert rows, f"no row {words!r}"
    return sum(int(row.split()[0]) for row in rows)


def test_wrong_key(empty):
    hub(empty)
    spoke(empty["R2"], 2, "tunnel key 1")
    spoke(empty["R3"], 3, "tunnel key 2")
    empty["R2"].wait_registered()
    retransmitted(empty["R3"])
    assert re.search(r"10\.10\.10\.1\s+E\s", empty["R3"].shell("show ip nhrp nhs"))
    assert "expired (Tu0)" in empty["R3"].shell("show ip nhrp nhs detail")
    assert re.search(r"NHRP\s+never", empty["R3"].shell("show dmvpn"))
    assert "10.10.10.3" not in empty["R1"].shell("show ip nhrp")
    assert drops(empty["R1"], "no tunnel of ours") > 0
    assert empty["R2"].ns.ping("10.10.10.1")


def test_wrong_authentication_is_logged_once_per_peer(empty):
    hub(empty, "ip nhrp authentication alpha7")
    spoke(empty["R2"], 2, "tunnel key 1", "ip nhrp authentication alpha7")
    spoke(empty["R3"], 3, "tunnel key 1", "ip nhrp authentication omega9")
    empty["R2"].wait_registered()
    retransmitted(empty["R3"])
    assert "10.10.10.3" not in empty["R1"].shell("show ip nhrp")
    assert drops(empty["R1"], "authentication missing or wrong") >= 2
    about = [line for line in empty["R1"].log().splitlines()
             if "3.3.3.2" in line and "authentication" in line.lower()]
    assert len(about) == 1, about
    for name in ("R1", "R2", "R3"):
        assert "alpha7" not in empty[name].log() and "omega9" not in empty[name].log()


@pytest.mark.parametrize("line", ["tunnel protection ipsec profile P", "tunnel mode ipsec ipv4"])
def test_what_cannot_be_protected_sends_nothing(lab, line):
    """Typed and from the start, a tunnel that asks for more than clear GRE is down."""
    r2 = lab["R2"]
    for typed in (True, False):
        if typed:
            r2.shell("conf t", "interface Tunnel0", line)
        else:
            r2.stop()
            r2.configure("R2.cfg", f"interface Tunnel0\n{line}")
            r2.start()
        r2.wait_shell("show ip interface brief", r"Tunnel0\s.*\bup\s+down\b")
        with Capture(lab.internet, "to-R2") as capture:
            assert not r2.ns.ping("10.10.10.1", 2)
            assert not r2.ns.ping("10.10.10.3", 1)
        assert not [p for p in capture.inner() if p[3] == r2.nbma]


def test_duplicate_address_of_another_spoke(lab):
    """Unique registration: the first owner keeps the address, the second is refused and says so."""
    r1, r3 = lab["R1"], lab["R3"]
    r3.stop()
    r1.wait_shell("show ip nhrp summary", "1 dynamic")
    spoke(r3, 2, "tunnel key 1")
    r3.wait_log("(14)")
    assert "NBMA address: 2.2.2.2" in r1.shell("show ip nhrp 10.10.10.2")
    assert "3.3.3.2" not in r1.shell("show ip nhrp")
    assert lab["R2"].ns.ping("10.10.10.1")


def test_without_unique_the_later_one_wins(empty):
    hub(empty)
    for name in ("R2", "R3"):
        spoke(empty[name], 2, "tunnel key 1", "ip nhrp registration no-unique")
        empty[name].wait_registered()
    out = empty["R1"].shell("show ip nhrp 10.10.10.2")
    assert "NBMA address: 3.3.3.2" in out and "unique" not in out


SECOND = """
interface Tunnel1
 ip address 10.20.20.1 255.255.255.0
 ip nhrp network-id 2
 tunnel source FastEthernet0/0
 tunnel mode gre multipoint
 tunnel key 2
"""

OTHER_CLOUD = """
interface Tunnel1
 ip address 10.20.20.3 255.255.255.0
 ip nhrp map 10.20.20.1 1.1.1.2
 ip nhrp network-id 2
 ip nhrp nhs 10.20.20.1
 tunnel source FastEthernet0/0
 tunnel destination 1.1.1.2
 tunnel key 2
interface FastEthernet0/0
 ip address 3.3.3.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 3.3.3.1
"""


def test_two_clouds_on_one_hub_are_told_apart_by_key(empty):
    r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
    r1.configure("R1.cfg", SECOND)
    r1.start()
    r2.configure("R2.cfg")
    r2.start()
    r3.configure(OTHER_CLOUD)
    r3.start()
    r2.wait_registered()
    r3.wait_registered()
    assert "10.20.20.3" not in r1.shell("show ip nhrp tunnel 0")
    assert "10.10.10.2" not in r1.shell("show ip nhrp tunnel 1")
    assert r2.ns.ping("10.10.10.1") and r3.ns.ping("10.20.20.1")
    before = r1.ns.packets("Tunnel1")
    assert r2.ns.ping("10.10.10.1", 5)
    assert r1.ns.packets("Tunnel1") == before
    r1.shell("conf t", "interface Tunnel1", "shutdown")
    assert r2.ns.ping("10.10.10.1") and not r3.ns.ping("10.20.20.1")
