# SPDX-License-Identifier: Apache-2.0
"""Routing daemons over the tunnel: adjacencies by multicast, routes both ways, packets along them.

The configurations are read from docs/routing.md.
"""

import contextlib
import re
import socket
import subprocess
import time

import pytest

import dual_hub
import net
from pings import Pings
from routing import CONVERGE_S, Bird, Frr, add_lan, documented, route, wait_route
from traffic import Capture

ICMP = 1
MULTIPOINT_HUB = """
interface Tunnel0
 ip nhrp map multicast dynamic
"""
MULTIPOINT_SPOKE = """
interface Tunnel0
 no tunnel destination
 tunnel mode gre multipoint
 no ip nhrp nhs 10.10.10.1
 ip nhrp nhs 10.10.10.1 nbma 1.1.1.2 multicast
"""
# What follows is put behind a configuration of the page, so that nobody waits for FRR's own timers.
OSPF_TIMERS = """
interface Tunnel0
 ip ospf hello-interval 1
 ip ospf dead-interval {dead_s}
"""
BGP_HUB_TIMERS = """
router bgp 65000
 neighbor SPOKES timers 1 3
 neighbor SPOKES advertisement-interval 0
"""
BGP_TIMERS = """
router bgp 65000
 neighbor 10.10.10.{hub} timers 1 3
 neighbor 10.10.10.{hub} timers connect 1
"""
EIGRP_TIMERS = """
interface Tunnel0
 ip hello-interval eigrp 1
 ip hold-time eigrp 3
"""
RIP_TIMERS = """
router rip
 timers basic 5 15 10
"""
OSPF_NETWORKS = ("broadcast", "point-to-multipoint", "non-broadcast")  # in the order of the page


def of_router(number, text):
    """The page has router 2's network."""
    return text.replace(" 192.168.2.0/24", f" 192.168.{number}.0/24")


def ospf(network, is_hub, dead_s=4):
    text = documented("OSPF, FRR")[OSPF_NETWORKS.index(network)]
    if not is_hub:
        text = re.sub(r"^ neighbor .*\n", "", text.replace("priority 1", "priority 0"), flags=re.M)
    return text + OSPF_TIMERS.format(dead_s=dead_s)


def bird_ospf(is_hub):
    text, = documented("OSPF, BIRD")
    return text.replace("priority 1;", f"priority {int(is_hub)}; hello 1; dead 4;")


def bgp_hub():
    return documented("BGP, FRR, with a summary and shortcuts")[0] + BGP_HUB_TIMERS


def bgp_spoke(number):
    text = documented("BGP, FRR, with a summary and shortcuts")[1]
    return of_router(number, text) + BGP_TIMERS.format(hub=1)


def bgp_spoke_of_two(number):
    text = documented("BGP, FRR, with a summary and shortcuts")[2]
    return of_router(number, text) + "".join(BGP_TIMERS.format(hub=hub) for hub in (1, 4))


def eigrp(number):
    return of_router(number, documented("EIGRP and RIP, FRR")[0]) + EIGRP_TIMERS


REDIRECT = """
interface Tunnel0
 ip nhrp redirect timeout 2
"""
SHORTCUT = """
interface Tunnel0
 ip nhrp shortcut
"""


@pytest.fixture
def cloud(empty):
    """The reference lab with multipoint spokes, multicast, and a network behind each router."""
    for number, name in enumerate(("R1", "R2", "R3"), 1):
        router = empty[name]
        role = (MULTIPOINT_HUB, REDIRECT) if name == "R1" else (MULTIPOINT_SPOKE, SHORTCUT)
        router.configure(f"{name}.cfg", *role)
        router.start()
        add_lan(router, number)
    for name in ("R2", "R3"):
        empty[name].wait_registered()
    return empty


def reaches(router, *options):
    """R3's network from this router's."""
    return router.ns.ping("192.168.3.1", options=("-I", f"192.168.{router.number}.1", *options))


@pytest.mark.parametrize("network", OSPF_NETWORKS)
def test_ospf_of_frr(cloud, network):
    for name in ("R1", "R2", "R3"):
        Frr(cloud[name], ["ospfd"], ospf(network, name == "R1"))
    wait_route(cloud["R1"], "192.168.2.0/24", "10.10.10.2")
    wait_route(cloud["R1"], "192.168.3.0/24", "10.10.10.3")
    wait_route(cloud["R2"], "192.168.1.0/24", "10.10.10.1")
    # On a network with a designated router the far spoke itself is the next hop; else the hub.
    wait_route(cloud["R2"], "192.168.3.0/24",
               "10.10.10.1" if network == "point-to-multipoint" else "10.10.10.3")
    net.wait_for(lambda: reaches(cloud["R2"]), CONVERGE_S, "R3 too has its routes")


def overrides(cloud, answers=100):
    """
    Each spoke has a route to the other's network by the hub. A shortcut goes before it and stays,
    and so does the route, which is what is left when the shortcut goes.
    """
    spoke, far = cloud["R2"], "192.168.3.0/24"
    wait_route(spoke, far, "10.10.10.1")
    net.wait_for(lambda: reaches(spoke) and route(spoke, far) == ["10.10.10.3", "10.10.10.1"],
                 CONVERGE_S, "the shortcut before the route by the hub")
    assert re.search(r"Flags: router .*nho", spoke.shell("show ip nhrp shortcut"))
    with spoke.ns.popen("ip", "monitor", "route", stdout=subprocess.PIPE, text=True) as monitor:
        with Pings(spoke, "192.168.3.1", source="192.168.2.1") as pings:
            pings.wait(answers)
        monitor.terminate()
        assert "192.168.3.0/24" not in monitor.stdout.read()
    assert pings.lost == 0

    def direct():
        assert reaches(spoke)
    cloud["R1"].wait_bypassed(direct)
    spoke.shell("clear ip nhrp shortcut")
    assert route(spoke, far) == ["10.10.10.1"]


def test_shortcuts_beside_routes_of_ospf_of_frr(cloud):
    for name in ("R1", "R2", "R3"):
        Frr(cloud[name], ["ospfd"], ospf("point-to-multipoint", name == "R1"))
    overrides(cloud)


def test_ospf_of_bird(cloud):
    for name in ("R1", "R2", "R3"):
        Bird(cloud[name], bird_ospf(name == "R1"))
    wait_route(cloud["R1"], "192.168.2.0/24", "10.10.10.2")
    wait_route(cloud["R2"], "192.168.1.0/24", "10.10.10.1")
    wait_route(cloud["R2"], "192.168.3.0/24", "10.10.10.3")
    net.wait_for(lambda: reaches(cloud["R2"]), CONVERGE_S, "R3 too has its routes")


def test_eigrp_of_frr(cloud):
    """FRR's eigrpd cannot drop split horizon: spokes learn of the hub's network only."""
    for number, name in enumerate(("R1", "R2", "R3"), 1):
        Frr(cloud[name], ["eigrpd"], eigrp(number))
    wait_route(cloud["R1"], "192.168.2.0/24", "10.10.10.2")
    wait_route(cloud["R1"], "192.168.3.0/24", "10.10.10.3")
    wait_route(cloud["R2"], "192.168.1.0/24", "10.10.10.1")


def test_rip_of_frr(cloud):
    for name in ("R1", "R2", "R3"):
        Frr(cloud[name], ["ripd"], documented("EIGRP and RIP, FRR")[1] + RIP_TIMERS)
    wait_route(cloud["R1"], "192.168.2.0/24", "10.10.10.2")
    wait_route(cloud["R2"], "192.168.1.0/24", "10.10.10.1")


def test_shortcuts_over_a_summary_of_bgp(cloud):
    Frr(cloud["R1"], ["bgpd"], bgp_hub())
    for number, name in ((2, "R2"), (3, "R3")):
        Frr(cloud[name], ["bgpd"], bgp_spoke(number))
    hub, spoke = cloud["R1"], cloud["R2"]
    wait_route(hub, "192.168.3.0/24", "10.10.10.3")
    wait_route(spoke, "192.168.0.0/16", "10.10.10.1")
    assert not route(spoke, "192.168.3.0/24")
    net.wait_for(lambda: reaches(spoke) and route(spoke, "192.168.3.0/24") == ["10.10.10.3"],
                 net.PATIENCE_S, "the shortcut")
    with Capture(cloud.internet, hub.uplink) as capture:
        assert spoke.ns.ping("192.168.3.1", options=("-I", "192.168.2.1"))
    assert not [p for p in capture.inner() if p[:2] == (ICMP, "192.168.2.1")]


PIM_TIMERS = """
interface Tunnel0
 ip pim hello 1
"""
PIM_ROUTES = """
ip route 192.168.2.0 255.255.255.0 10.10.10.2
ip route 192.168.3.0 255.255.255.0 10.10.10.3
"""
PIM_WAY = "ip route 192.168.1.0 255.255.255.0 10.10.10.1"
GROUP, GROUP_PORT, GROUP_TTL = "239.1.1.1", 5000, 8
STREAM = 50      # datagrams
JOINED_S = 60 + net.PATIENCE_S  # a join that was lost is said again (RFC 7761 4.11, t_periodic)


class Host:
    """A machine in a router's network, 192.168.N.9, that sends to a group or listens to it."""

    def __init__(self, router):
        self.ns = net.Namespace(f"{router.cloud.prefix}-H{router.number}")
        router.ns.ip("link", "set", "lan0-far", "netns", self.ns.name)
        self.address = f"192.168.{router.number}.9"
        self.ns.ip("address", "add", f"{self.address}/24", "dev", "lan0-far")
        self.ns.ip("link", "set", "lan0-far", "up")
        self.ns.ip("route", "add", "default", "via", f"192.168.{router.number}.1")
        self.udp = self.ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.settimeout(0)
        self.udp.bind((GROUP, GROUP_PORT))
        self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, GROUP_TTL)

    def send(self, number):
        self.udp.sendto(b"%d" % number, (GROUP, GROUP_PORT))

    def join(self):
        member = socket.inet_aton(GROUP) + socket.inet_aton(self.address)
        self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def came(self):
        """(number, source) of what has come since."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                data, (source, _) = self.udp.recvfrom(1500)
                found.append((int(data), source))
        return found


def stream(source, receivers):
    """Sends to the group until so much of it has come to each receiver; says what was lost."""
    came = [[] for _ in receivers]
    sent = 0

    def enough():
        nonlocal sent
        sent += 1
        source.send(sent)
        for numbers, host in zip(came, receivers):
            for number, sender in host.came():
                assert sender == source.address
                numbers.append(number)
        return all(len(numbers) >= STREAM for numbers in came)
    net.wait_for(enough, JOINED_S, f"the stream of {source.address}")
    for numbers, host in zip(came, receivers):
        span = numbers[-1] - numbers[0] + 1
        print(f"{source.address} to {host.address}: the first that came was {numbers[0]}, "
              f"of {span} since {span - len(numbers)} were lost")
        assert len(set(numbers)) == len(numbers), "nothing comes twice"


def test_streams_of_pim_of_frr(cloud):
    """From the hub's network to those of both spokes, and from a spoke's network to the hub's."""
    hosts = {}
    for name in ("R1", "R2", "R3"):
        router = cloud[name]
        hosts[name] = Host(router)
        router.shell("configure terminal", *(PIM_ROUTES if name == "R1" else PIM_WAY).split("\n"))
    pim = documented("OSPF, BFD and PIM, FRR, with two hubs")[1] + PIM_TIMERS
    frr = {name: Frr(cloud[name], ["pimd"], pim) for name in hosts}
    for name in ("R2", "R3"):
        net.wait_for(lambda: "10.10.10.1" in frr[name].json("show ip pim neighbor").get(
            "Tunnel0", ()), CONVERGE_S, f"{name} has the hub as its neighbour")
        hosts[name].join()
    stream(hosts["R1"], (hosts["R2"], hosts["R3"]))
    hosts["R1"].join()
    stream(hosts["R2"], (hosts["R1"],))


SECOND_HUB = """
interface Tunnel0
 ip address 10.10.10.4 255.255.255.0
 ip nhrp network-id 1
 ip nhrp map multicast dynamic
 tunnel source FastEthernet0/0
 tunnel mode gre multipoint
 tunnel key 1
interface FastEthernet0/0
 ip address 4.4.4.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 4.4.4.1
"""
TO_SECOND_HUB = """
interface Tunnel0
 ip nhrp nhs 10.10.10.4 nbma 4.4.4.2 multicast
"""
FAILOVER_S = 20  # far below OSPF's dead interval of 40 s; a slow machine must not fail the test


@pytest.fixture
def two_hubs():
    """Two hubs in one cloud, R1 and R4, and two spokes that are registered with both."""
    with net.Cloud(routers=("R1", "R2", "R3", "R4")) as cloud:
        for number, name in enumerate(("R1", "R2", "R3"), 1):
            role = (MULTIPOINT_HUB,) if name == "R1" else (MULTIPOINT_SPOKE, TO_SECOND_HUB)
            cloud[name].configure(f"{name}.cfg", *role)
            add_lan(cloud[name], number)
        cloud["R4"].configure(SECOND_HUB)
        for name in ("R1", "R4", "R2", "R3"):
            cloud[name].start()
        yield cloud


def take_over(cloud, frr):
    """Kills R1 and its FRR; seconds until R3's network is reached from R2's by R4."""
    spoke = cloud["R2"]
    net.wait_for(lambda: reaches(spoke), CONVERGE_S, "the way by the first hub")
    cloud["R1"].kill()
    for process in frr.processes:
        process.kill()
    before = time.monotonic()
    net.wait_for(lambda: reaches(spoke, "-W", "0.1"), 60, "the way by the second hub")
    return time.monotonic() - before


def test_bgp_of_frr_when_a_hub_dies(two_hubs):
    first = Frr(two_hubs["R1"], ["bgpd"], bgp_hub())
    Frr(two_hubs["R4"], ["bgpd"], bgp_hub().replace("  network 192.168.1.0/24\n", ""))
    for number, name in ((2, "R2"), (3, "R3")):
        Frr(two_hubs[name], ["bgpd"], bgp_spoke_of_two(number))
    for name in ("R2", "R3"):
        wait_route(two_hubs[name], "192.168.0.0/16", "10.10.10.1")
    wait_route(two_hubs["R4"], "192.168.3.0/24", "10.10.10.3")
    took = take_over(two_hubs, first)
    print(f"the other hub had packets through {took:.1f} s after the first one's death")
    assert took < FAILOVER_S
    assert route(two_hubs["R2"], "192.168.0.0/16") == ["10.10.10.4"]


# The dead interval stays at its default of 40 s: BFD finds a dead hub. FRR's own timers would then
# cost 10 s more: a router tells its own change up to 5 s late, and a hub that
# does not pass it on at once (ospfd 8.4, one spoke to another) sends it again after 5 s.
def ospf_bfd_pim(cost):
    text = documented("OSPF, BFD and PIM, FRR, with two hubs")[0]
    return text.replace("cost 10", f"cost {cost}") + OSPF_TIMERS.format(dead_s=40) + PIM_TIMERS


def test_ospf_bfd_and_pim_of_frr_when_a_hub_dies(two_hubs):
    """The second hub's way is the dearer one. BFD has it taken long before the dead interval."""
    frr = {}
    for name in ("R1", "R4", "R2", "R3"):
        frr[name] = Frr(two_hubs[name], ["ospfd", "bfdd", "pimd"],
                        ospf_bfd_pim(20 if name == "R4" else 10))
    for name, other in (("R2", 3), ("R3", 2)):
        wait_route(two_hubs[name], f"192.168.{other}.0/24", "10.10.10.1")
        wait_route(two_hubs["R4"], f"192.168.{other}.0/24", f"10.10.10.{other}")

    def bfd_up(name, peers):
        return {p["peer"] for p in frr[name].json("show bfd peers") if p["status"] == "up"} == peers

    def pim_up(name, peers):
        return set(frr[name].json("show ip pim neighbor").get("Tunnel0", ())) == peers

    hubs, spokes = {"10.10.10.1", "10.10.10.4"}, {"10.10.10.2", "10.10.10.3"}
    for up in (bfd_up, pim_up):
        for name in ("R2", "R3"):
            net.wait_for(lambda: up(name, hubs), CONVERGE_S, f"{up.__name__} of {name}")
        for name in ("R1", "R4"):
            net.wait_for(lambda: up(name, spokes), CONVERGE_S, f"{up.__name__} of {name}")
    took = take_over(two_hubs, frr["R1"])
    print(f"the other hub had packets through {took:.1f} s after the first one's death")
    assert took < FAILOVER_S
    assert route(two_hubs["R2"], "192.168.3.0/24") == ["10.10.10.4"]


def to_each_other(cloud):
    """Hubs that have each other's multicast."""
    for name, other in (("R1", 4), ("R4", 1)):
        cloud[name].shell("configure terminal", "interface Tunnel0",
                          f"ip nhrp nhs 10.10.10.{other} nbma {other}.{other}.{other}.2 multicast")


def when_the_designated_router_dies(cloud, kill):
    """The backup takes over: spokes know each other's networks on, and go directly."""
    for name, other in (("R2", 3), ("R3", 2)):
        wait_route(cloud[name], f"192.168.{other}.0/24", f"10.10.10.{other}")
        wait_route(cloud[name], "192.168.1.0/24", "10.10.10.1")
    net.wait_for(lambda: reaches(cloud["R2"]), CONVERGE_S, "R3 too has its routes")
    cloud["R1"].kill()
    kill()
    for name in ("R2", "R3", "R4"):
        net.wait_for(lambda: not route(cloud[name], "192.168.1.0/24"), CONVERGE_S,
                     f"{name} has noticed")
    add_lan(cloud["R3"], 33, "lan33")  # news of a spoke, which only the other hub can tell
    wait_route(cloud["R2"], "192.168.33.0/24", "10.10.10.3")
    wait_route(cloud["R2"], "192.168.3.0/24", "10.10.10.3")
    assert reaches(cloud["R2"])


def test_broadcast_ospf_of_frr_when_a_hub_dies(two_hubs):
    to_each_other(two_hubs)
    frr = {name: Frr(two_hubs[name], ["ospfd"], ospf("broadcast", name in ("R1", "R4")))
           for name in ("R1", "R4", "R2", "R3")}

    def kill():
        for process in frr["R1"].processes:
            process.kill()
    when_the_designated_router_dies(two_hubs, kill)


def test_ospf_of_bird_when_a_hub_dies(two_hubs):
    to_each_other(two_hubs)
    birds = {name: Bird(two_hubs[name], bird_ospf(name in ("R1", "R4")).replace(
        'interface "lan0"', 'interface "lan*"')) for name in ("R1", "R4", "R2", "R3")}
    when_the_designated_router_dies(two_hubs, birds["R1"].process.kill)


def test_eigrp_of_frr_with_two_hubs(two_hubs):
    """
    Both hubs have one more network: a way to it by each. What comes when a hub dies is FRR's alone,
    and said on the page.
    """
    frr = {}
    for number, name in ((1, "R1"), (4, "R4"), (2, "R2"), (3, "R3")):
        text = eigrp(number)
        if name in ("R1", "R4"):
            add_lan(two_hubs[name], 9, "lan9")
            text += "router eigrp 1\n network 192.168.9.0/24\n"
        frr[name] = Frr(two_hubs[name], ["eigrpd"], text)
    spoke = two_hubs["R2"]

    def ways():
        found = spoke.ns.ip_json("-4", "route", "show", "192.168.9.0/24")
        return {hop.get("gateway") for r in found for hop in r.get("nexthops", [r])}

    def neighbours():
        said = frr["R2"].vtysh("show ip eigrp neighbors")
        return set(re.findall(r"^\d+ +([\d.]+) ", said, re.M))

    hubs = {"10.10.10.1", "10.10.10.4"}
    net.wait_for(lambda: hubs <= ways() and hubs == neighbours(), CONVERGE_S, "both ways")
    for hub in ("R1", "R4"):
        wait_route(two_hubs[hub], "192.168.3.0/24", "10.10.10.3")


def test_the_page_has_what_the_demo_runs():
    """So the tests of this file, which read the page, and the next one run the same."""
    def bare(text):
        return re.sub(r"^#.*\n", "", text, flags=re.M)
    page = documented("BGP and BFD, BIRD, with two hubs")
    assert page == [bare(dual_hub.text(file)) for file in ("hub.bird", "office.bird")]


def test_two_hubs_with_bgp_and_bfd_of_bird():
    """The end of the demo, which demands what it shows."""
    with dual_hub.cloud() as cloud:
        dual_hub.show(cloud)
