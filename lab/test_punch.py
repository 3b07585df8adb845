# SPDX-License-Identifier: Apache-2.0
"""Two spokes, each behind a NAT of its own: protected a direct path where the NATs allow it."""

import re

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
