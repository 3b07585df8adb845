# SPDX-License-Identifier: Apache-2.0
"""Spokes behind NATs of their own, or behind one: protected direct where the NATs allow it."""

import re

import pytest

import net

PROTECTED = "protect.cfg"


def start(cloud, files, *rules):
    """The reference lab, its spokes behind NATs with these rules, which it returns."""
    nats = []
    for name in ("R1", "R2", "R3"):
        router = cloud[name]
        more = []
        if name != "R1":
            nat, lines = router.put_behind_nat(*rules)
            nats.append(nat)
            more = ["direct.cfg", lines]
        router.configure(f"{name}.cfg", *files, *more)
        router.start()
    for name in ("R2", "R3"):
        cloud[name].wait_registered()
    return nats


def dropped(nat):
    """Packets that came to a NAT unasked."""
    out = nat.run("nft", "list", "counter", "ip", "closed", "dropped").stdout
    return int(re.search(r"packets (\d+)", out)[1])


def test_through_nats_that_change_the_port(empty):
    """What they give is the same towards everybody, but nobody can guess it."""
    start(empty, [PROTECTED], "udp sport 500 masquerade to :20500",
          "udp sport 4500 masquerade to :24500")
    r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
    assert r2.ns.ping("10.10.10.3"), "the first packet goes by the hub"
    r2.wait_log("%DMVPN-5-NHRP_NHP_UP")
    r3.wait_log("%DMVPN-5-NHRP_NHP_UP")

    def pings():
        assert r2.ns.ping("10.10.10.3", 5) and r3.ns.ping("10.10.10.2", 5)
    r1.wait_bypassed(pings)


def test_nats_that_let_nothing_through(empty):
    """Another port towards each destination: packets go on by the hub, and none is lost."""
    nats = start(empty, [PROTECTED], "masquerade fully-random")
    r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
    assert r2.ns.ping("10.10.10.3")
    net.wait_for(lambda: all(dropped(n) for n in nats), net.PATIENCE_S, "both have tried")
    before = r1.ns.packets("Tunnel0")
    assert r2.ns.ping("10.10.10.3", 5) and r3.ns.ping("10.10.10.2", 5)
    after = r1.ns.packets("Tunnel0")
    assert all(a >= b + 20 for a, b in zip(after, before)), "all by the hub"
    assert "NHRP_NHP_UP" not in r2.log() + r3.log()


def test_in_clear_they_stay_with_the_hub(empty):
    """No NAT tells of GRE what it lets in, and none keeps it open."""
    start(empty, [], "masquerade")
    r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
    assert r2.ns.ping("10.10.10.3")

    def replies():
        return r2.json("show ip nhrp traffic")["tunnels"][0]["received"]["resolution_reply"]
    net.wait_for(replies, net.PATIENCE_S, "R2 is told so")
    assert r2.ns.ping("10.10.10.3", 2) and r3.ns.ping("10.10.10.2", 2)


# ---- two behind one NAT ----

R4 = """
interface Tunnel0
 ip address 10.10.10.4 255.255.255.0
 tunnel mode gre multipoint
 ip nhrp map 10.10.10.1 1.1.1.2
 ip nhrp network-id 1
 ip nhrp nhs 10.10.10.1
 tunnel source FastEthernet0/0
 tunnel key 1
interface Fa0/0
 ip address 4.4.4.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 4.4.4.1
"""
OFFICES = {"R2": "10.10.10.2", "R3": "10.10.10.3"}
# A port of each one's own, the same towards everybody.
PORTS = [f"ip saddr 10.{n}.{n}.2 udp sport {port} masquerade to :{20000 + 1000 * n + port}"
         for n in (2, 3) for port in (500, 4500)]


@pytest.fixture
def shared():
    """R2 and R3 behind one NAT, which is returned as well; R4 behind none. R2 was the first."""
    with net.Cloud(routers=("R1", "R2", "R3", "R4")) as cloud:
        nat, lines = cloud["R2"].put_behind_nat(*PORTS)
        more = {"R1": [], "R2": ["direct.cfg", lines],
                "R3": ["direct.cfg", cloud["R3"].join_nat(nat)]}
        for name, router in cloud.routers.items():
            files = [R4] if name == "R4" else [f"{name}.cfg"]
            router.configure(*files, PROTECTED, *more.get(name, []))
            router.start()
            if name != "R1":
                router.wait_registered()
        yield cloud, nat


def moved(router, traffic):
    """Packets of the router's tunnel that traffic() moved, both ways."""
    before = sum(router.ns.packets("Tunnel0"))
    traffic()
    return sum(router.ns.packets("Tunnel0")) - before


def each_at_its_office(cloud):
    """Nothing that is for the one office is seen at the other one."""
    r4 = cloud["R4"].ns
    for name, other in (("R2", "R3"), ("R3", "R2")):
        seen = moved(cloud[other], lambda to=OFFICES[name]: wait_ping(r4, to))
        assert seen < 20, f"{other} has seen {seen} packets of 20 pings to {name}"


def wait_ping(ns, to):
    assert ns.ping(to, 20), f"all pings to {to} come back"


def test_a_third_router_tells_two_behind_one_address_apart(shared):
    """Both are reached directly, by the ports that the hub has told, and nothing goes astray."""
    cloud, _ = shared
    r1, r4 = cloud["R1"], cloud["R4"]

    def both():
        assert all(r4.ns.ping(to, 3) for to in OFFICES.values())
    r1.wait_bypassed(both)
    each_at_its_office(cloud)


def test_a_hub_that_was_killed_dials_two_behind_one_nat(shared):
    """They have nothing to send, and would find out with their next registration only."""
    r1 = shared[0]["R1"]
    kept = r1.state_dir / "cache"
    net.wait_for(lambda: kept.exists() and kept.read_text().count("place 2.2.2.2") == 2,
                 net.PATIENCE_S, "both are on disk, with their ports")
    r1.kill()
    r1.start()
    for name in OFFICES:
        r1.wait_shell("show dmvpn", rf"{re.escape(OFFICES[name])} +UP ")
    for to in OFFICES.values():
        wait_ping(r1.ns, to)


def test_two_behind_one_nat_reach_each_other_by_the_hub(shared):
    """What goes to the NAT's own address does not come back: nothing is lost by trying."""
    cloud, _ = shared
    r1, r2, r3 = (cloud[name] for name in ("R1", "R2", "R3"))
    assert r2.ns.ping(OFFICES["R3"])
    r2.wait_shell("show dmvpn", r"10\.10\.10\.3 +IKE ")
    assert moved(r1, lambda: wait_ping(r2.ns, OFFICES["R3"])) >= 80, "all by the hub"
    assert moved(r1, lambda: wait_ping(r3.ns, OFFICES["R2"])) >= 80, "all by the hub"
    assert "NHRP_NHP_UP" not in r2.log() + r3.log()
