# SPDX-License-Identifier: Apache-2.0
"""More than one hub: in one cloud by priority, in two clouds, asking each other, in levels."""

import contextlib
import re
import time

import pytest

import net
from pings import Pings
from routing import add_lan, route

ROUTERS = ("R1", "R2", "R3", "R4")
HUBS = ("R1", "R4")
SPOKES = ("R2", "R3")
FAR = ("10.10.10.3", "10.20.20.3")
ENOUGH = 10  # pings
TUNNEL = """
interface Tunnel0
 ip address 10.10.10.{number} 255.255.255.0
 ip nhrp network-id 1
 ip nhrp registration timeout 2
 tunnel source FastEthernet0/0
 tunnel mode gre multipoint
 tunnel key 1
interface FastEthernet0/0
 ip address {number}.{number}.{number}.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 {number}.{number}.{number}.1
"""
NHS = """
interface Tunnel0
 ip nhrp nhs 10.10.10.{number} nbma {number}.{number}.{number}.2{more}
"""
BY_PRIORITY = """
interface Tunnel0
 ip nhrp nhs cluster 0 max-connections 1
 ip nhrp nhs fallback 3
"""
# The registration before the death, and three requests of 2, 4 and 8 s.
DETECTED_S = 2 + 2 + 4 + 8 + net.PATIENCE_S
# Probed on by intervals of up to 64 s; then the fallback time.
BACK_S = 64 + 3 + net.PATIENCE_S
# Under protection a hub is sent requests once IKE is up with it: messages that are lost are said
# again after up to 16 s, a negotiation begins anew 10 s after it has failed.
IKE_S = 16 + 10


def protected(text):
    """The same for a second cloud, on the same routers, which is protected."""
    for old, new in (("Tunnel0", "Tunnel1"), (" 10.10.10.", " 10.20.20."),
                     ("network-id 1", "network-id 2"), ("tunnel key 1", "tunnel key 2")):
        text = text.replace(old, new)
    return text


def nhs(number, more=""):
    return NHS.format(number=number, more=more)


def start(cloud, name, *more):
    cloud[name].configure(TUNNEL.format(number=cloud[name].number), *more)
    cloud[name].start()


def wait_states(router, *states, timeout_s=net.PATIENCE_S):
    """The servers of a router, each as "10.10.10.1 RE", in order."""
    pattern = r"(.|\n)*".join(
        r"{}\s+{}\s+NBMA".format(re.escape(address), state)
        for address, state in (s.split() for s in states))
    return router.wait_shell("show ip nhrp nhs", pattern, timeout_s=timeout_s)


def wait_reached(router, to, timeout_s):
    """Seconds until a ping comes back."""
    before = time.monotonic()
    net.wait_for(lambda: router.ns.ping(to, 1), timeout_s, f"{router.name} reaches {to}")
    return time.monotonic() - before


@contextlib.contextmanager
def over_both(spoke):
    """Pings to R3 over both clouds meanwhile."""
    with contextlib.ExitStack() as running:
        streams = [running.enter_context(Pings(spoke, to)) for to in FAR]
        for pings in streams:
            pings.wait(ENOUGH)
        yield streams


@pytest.fixture
def four():
    with net.Cloud(routers=ROUTERS) as cloud:
        yield cloud


def test_two_hubs_by_priority(four):
    """Spokes use the first one; the second one takes over, and gives back after the fallback.

    A second cloud, on the same routers, does the same under protection.
    """
    crypto = (net.CONFIGS / "protect.cfg").read_text()

    def start_both(name, *more):
        tunnel = TUNNEL.format(number=four[name].number)
        start(four, name, *more, *(protected(text) for text in (tunnel, *more, crypto)))

    start_both("R1", nhs(4))
    start_both("R4", nhs(1))
    for name in SPOKES:
        # What it sends to the other spoke stays with the hub.
        start_both(name, nhs(1), nhs(4, " priority 10"), BY_PRIORITY,
                   "interface Tunnel0\n ip nhrp server-only")
    first = "10.10.10.1 RE", "10.10.10.4 W", "10.20.20.1 RE", "10.20.20.4 W"
    second = "10.10.10.1 E", "10.10.10.4 RE", "10.20.20.1 E", "10.20.20.4 RE"
    for name in SPOKES:
        out = wait_states(four[name], *first)
        assert "priority = 10 cluster = 0" in out
    for far in FAR:
        assert four["R2"].ns.ping(far, 3)
        assert f"{far}/32" not in four["R4"].shell("show ip nhrp"), "it waits"

    with over_both(four["R2"]) as streams:
        four["R1"].kill()
        for name in SPOKES:
            wait_states(four[name], *second, timeout_s=DETECTED_S + IKE_S)
        for pings in streams:
            pings.wait(ENOUGH)
    for what, pings in zip(("in clear", "protected"), streams):
        print(f"{what}: the second hub has packets through {pings.silence_s:.1f} s after the "
              "first one's death")

    with over_both(four["R2"]) as streams:
        four["R1"].start()
        before = time.monotonic()
        for name in SPOKES:
            wait_states(four[name], *first, timeout_s=BACK_S + IKE_S)
        print(f"all are back {time.monotonic() - before:.1f} s after the first one's restart")
        for pings in streams:
            pings.wait(ENOUGH)
    for what, pings in zip(("in clear", "protected"), streams):
        print(f"{what}: {pings.lost} pings lost meanwhile")
    four["R4"].wait_shell("show ip nhrp summary", " 0 dynamic")


SECOND_CLOUD = """
interface Tunnel1
 ip address 10.20.20.{number} 255.255.255.0
 ip nhrp network-id 2
 ip nhrp registration timeout 2
 tunnel source FastEthernet0/0
 tunnel mode gre multipoint
 tunnel key 2
"""
# The network behind the hubs, by the first cloud as long as its hub answers.
TO_BOTH = """
interface Tunnel0
 if-state nhrp
interface Tunnel1
 ip nhrp nhs 10.20.20.4 nbma 4.4.4.2
ip route 192.168.9.0 255.255.255.0 10.10.10.1
ip route 192.168.9.0 255.255.255.0 10.20.20.4 200
"""


def wait_line(router, up):
    """The line protocol of Tunnel0, as IOS, the kernel and the log say it."""
    word = "up" if up else "down"
    router.wait_shell("show ip interface brief", rf"Tunnel0 .* up +{word}")
    net.wait_for(lambda: ("NO-CARRIER" in router.ns.ip("link", "show", "Tunnel0")) != up, 5,
                 f"the carrier of Tunnel0 is {word}")
    assert ("linkdown" in router.ns.ip("route", "show", "192.168.9.0/24")) != up
    assert ("via 10.10.10.1" in router.shell("show ip route")) == up
    router.wait_log(f"%LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel0, changed state to "
                    f"{word}")


def test_two_hubs_in_two_clouds(four):
    """A cloud for each hub: they know nothing of each other, and the routes decide."""
    start(four, "R1", "interface Loopback9\n ip address 192.168.9.1 255.255.255.0")
    four["R4"].configure(TUNNEL.format(number=4).replace("Tunnel0", "Tunnel9"),
                         "no interface Tunnel9", SECOND_CLOUD.format(number=4),
                         "interface Loopback9\n ip address 192.168.9.1 255.255.255.0")
    four["R4"].start()
    for name in SPOKES:
        start(four, name, nhs(1), SECOND_CLOUD.format(number=four[name].number), TO_BOTH)
    for name in SPOKES:
        wait_states(four[name], "10.10.10.1 RE", "10.20.20.4 RE")
    spoke = four["R2"]
    # Direct in either cloud, each resolved by its own hub.
    assert spoke.ns.ping("10.10.10.3", 3) and spoke.ns.ping("10.20.20.3", 3)
    for address in ("10.10.10.3", "10.20.20.3"):
        spoke.wait_shell(f"show ip nhrp {address}", "NBMA address: 3.3.3.2")
    assert spoke.ns.ping("192.168.9.1", 1)
    before = four["R4"].ns.packets("Tunnel1")
    four["R1"].kill()
    wait_states(spoke, "10.10.10.1 E", "10.20.20.4 RE", timeout_s=DETECTED_S)
    wait_line(spoke, up=False)
    assert spoke.ns.ping("192.168.9.1", 3)
    assert four["R4"].ns.packets("Tunnel1")[0] - before[0] >= 3
    assert spoke.ns.ping("10.20.20.3", 3)

    # It registers on by a line that is down, and the first answer brings that up.
    four["R1"].start()
    spoke.shell("clear ip nhrp")
    wait_line(spoke, up=True)
    before = four["R4"].ns.packets("Tunnel1")
    assert spoke.ns.ping("192.168.9.1", 3)
    assert four["R4"].ns.packets("Tunnel1")[0] - before[0] < 3


def test_what_only_the_other_hub_knows(four):
    """A spoke at each hub, and the hubs registered with each other: a direct path forms."""
    start(four, "R1", nhs(4))
    start(four, "R4", nhs(1))
    start(four, "R2", nhs(1))
    start(four, "R3", nhs(4))
    wait_states(four["R1"], "10.10.10.4 RE")
    wait_states(four["R4"], "10.10.10.1 RE")
    wait_states(four["R2"], "10.10.10.1 RE")
    wait_states(four["R3"], "10.10.10.4 RE")
    assert "10.10.10.3/32" not in four["R1"].shell("show ip nhrp")
    net.wait_for(lambda: four["R2"].ns.ping("10.10.10.3", 1), net.PATIENCE_S,
                 "R2 reaches R3")
    four["R2"].wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")

    def pings():
        assert four["R2"].ns.ping("10.10.10.3", 5)
    for name in HUBS:
        four[name].wait_bypassed(pings)
    # Nobody has it: the answer is no, and nothing goes in circles.
    four["R2"].ns.ping("10.10.10.77", 1)
    four["R2"].wait_shell("show ip nhrp 10.10.10.77", "incomplete|no entry|negative")


PHASE_3 = """
interface Tunnel0
 ip nhrp redirect timeout 2
 ip nhrp shortcut
"""


def test_shortcut_across_three_levels():
    """R1 above the hubs R4 and R5, a spoke at each of these: the spokes find the direct path."""
    with net.Cloud(routers=(*ROUTERS, "R5")) as cloud:
        routes = {  # of each router: networks and the next hop's number
            "R1": (None, {"192.168.2.0": 4, "192.168.3.0": 5}),
            "R4": (1, {"192.168.2.0": 2, "192.168.3.0": 1}),
            "R5": (1, {"192.168.3.0": 3, "192.168.2.0": 1}),
            "R2": (4, {"192.168.3.0": 4}),
            "R3": (5, {"192.168.2.0": 5}),
        }
        for name, (above, ways) in routes.items():
            if name in SPOKES:
                add_lan(cloud[name], cloud[name].number)
            # A spoke knows a summary, as that is all that its hub tells it.
            lines = [f"ip route 192.168.0.0 255.255.0.0 10.10.10.{to}" if name in SPOKES else
                     f"ip route {net_} 255.255.255.0 10.10.10.{to}" for net_, to in ways.items()]
            start(cloud, name, *([nhs(above)] if above else []), PHASE_3, "\n".join(lines))
        for name, (above, _) in routes.items():
            if above:
                wait_states(cloud[name], f"10.10.10.{above} RE")

        def pinged():
            return cloud["R2"].ns.ping("192.168.3.1", 1, options=("-I", "192.168.2.1"))
        net.wait_for(lambda: pinged() and route(cloud["R2"], "192.168.3.0/24") == ["10.10.10.3"],
                     net.PATIENCE_S, "the shortcut")

        def pings():
            assert pinged()
        for name in ("R1", "R4", "R5"):
            cloud[name].wait_bypassed(pings)


def test_phases_1_2_and_3_in_one_cloud(four):
    """R2 is point to point, R3 asks for next hops, R4 for networks: each reaches each."""
    for name in ROUTERS[1:]:
        add_lan(four[name], four[name].number)
    networks = "\n".join(f"ip route 192.168.{n}.0 255.255.255.0 10.10.10.{n}" for n in (2, 3, 4))
    summary = "ip route 192.168.0.0 255.255.0.0 10.10.10.1"
    start(four, "R1", PHASE_3, networks)
    start(four, "R2", "interface Tunnel0\n no tunnel mode\n tunnel destination 1.1.1.2", nhs(1),
          summary)
    start(four, "R3", nhs(1), "ip route 192.168.2.0 255.255.255.0 10.10.10.2\n"
          "ip route 192.168.4.0 255.255.255.0 10.10.10.4")
    start(four, "R4", nhs(1), PHASE_3, summary)
    for name in ROUTERS[1:]:
        wait_states(four[name], "10.10.10.1 RE")

    def reaches(one, other):
        return four[one].ns.ping(f"192.168.{other[1]}.1", 1,
                                 options=("-I", f"192.168.{one[1]}.1"))
    for one in ROUTERS[1:]:
        for other in ROUTERS[1:]:
            assert one == other or reaches(one, other), f"{one} to {other}"

    def questions(name):
        return four[name].json("show ip nhrp traffic")["tunnels"][0]["received"][
            "resolution_request"]
    # R4's address is asked for by R3 alone, and the hub hands that on.
    net.wait_for(lambda: reaches("R3", "R4") and questions("R4"), net.PATIENCE_S, "R3's question")
    net.wait_for(lambda: reaches("R4", "R3") and
                 route(four["R4"], "192.168.3.0/24") == ["10.10.10.3"],
                 net.PATIENCE_S, "R4's shortcut")

    def both_ways():
        assert reaches("R4", "R3") and reaches("R3", "R4")
    four["R1"].wait_bypassed(both_ways)
    assert not route(four["R4"], "192.168.2.0/24"), "nobody may send to R2 directly"
