# SPDX-License-Identifier: Apache-2.0
"""Two hubs (R1, R4) and two offices (R2, R3), protected, from configs/lab/dual-hub.

BIRD speaks BGP over the tunnel: each office tells both hubs its network, 192.168.N.0/24, and each
hub tells the offices one summary. BFD finds a hub that is dead. Direct paths are phase 3's. Both
hubs have the address 192.168.0.1.
"""

import contextlib
import os
import re

import net
from pings import Pings
from routing import BIRD, CONVERGE_S, Bird, add_lan, route, wait_route
from stage import demand, play, say, tell

HUBS, OFFICES = ("R1", "R4"), ("R2", "R3")
FIRST, SECOND = "10.10.10.1", "10.10.10.4"
SUMMARY, FAR_LAN = "192.168.0.0/16", "192.168.3.0/24"
NEAR, FAR, AT_HUBS = "192.168.2.1", "192.168.3.1", "192.168.0.1"
ENOUGH = 100         # pings
SILENCE_S = 20       # BFD takes 0.6 s and a slow machine longer; BGP by itself takes 240 s
TTL_DIRECT, TTL_BY_HUB = 64, 63

SERVERS = ("R2", "show ip nhrp nhs", """
Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic
Tunnel0:
10.10.10.1  RE  NBMA Address: 1.1.1.2 priority = 0 cluster = 0
10.10.10.4  RE  NBMA Address: 4.4.4.2 priority = 0 cluster = 0
""")
SHORTCUT = ("R2", "show ip nhrp 192.168.3.1", """
192.168.3.0/24 via 10.10.10.3
   Tunnel0 created {time}, expire {time}
   Type: dynamic, Flags: {flags router rib}
   NBMA address: 3.3.3.2
""")


def text(file):
    return (net.CONFIGS / "dual-hub" / file).read_text()


def cloud():
    if not os.path.exists(BIRD):
        raise net.LabError("the program 'bird' is missing: run tools/install-deps.sh demo")
    return net.Cloud(routers=("R1", "R2", "R3", "R4"))


def start(routers):
    """Starts all four, and waits until each office has both hubs by NHRP, BGP and BFD."""
    birds = {}
    for name in HUBS + OFFICES:
        routers[name].configure(text(f"{name}.cfg"), text("protection.cfg"))
        routers[name].start()
    for name in OFFICES:
        add_lan(routers[name], routers[name].number)
        routers[name].wait_shell("show ip nhrp nhs", r"\.1 +RE(.|\n)*\.4 +RE")
    for name in HUBS + OFFICES:
        birds[name] = Bird(routers[name], text("hub.bird" if name in HUBS else "office.bird"))
    for office in OFFICES:
        wait_route(routers[office], SUMMARY, FIRST)
        birds[office].wait("show bfd sessions", r"(?:Tunnel0 +Up .*\s+\S+ +){2}")
        number = routers[office].number
        for hub in HUBS:
            wait_route(routers[hub], f"192.168.{number}.0/24", f"10.10.10.{number}")


def first_hop(office):
    """Who answers, on the way from R2's network to R3's, a packet that may go one hop."""
    said = office.ns.run("ping", "-n", "-c", 1, "-W", 2, "-t", 1, "-I", NEAR, FAR, check=False)
    found = re.search(r"rom ([\d.]+)[: ].*icmp_seq=1 ", said.stdout)
    return found[1] if found else "nobody"


def form(routers, hub):
    """A shortcut forms under pings that begin by a hub."""
    office = routers["R2"]
    hop = first_hop(office)
    tell(f"\nR2's first hop to R3's {FAR} is {hop}: a hub, whose summary {SUMMARY} is all "
         "that R2 knows.")
    demand(hop == hub, f"the first hop is not {hub}")
    with Pings(office, FAR, NEAR) as pings:
        net.wait_for(lambda: route(office, FAR_LAN) == ["10.10.10.3"], CONVERGE_S,
                     "the shortcut")
        pings.wait(ENOUGH)
    by_hub, direct = pings.by_ttl(TTL_BY_HUB), pings.by_ttl(TTL_DIRECT)
    tell(f"{pings.sent} pings, {pings.lost} lost: of the answers {by_hub} came by the hub, "
         f"{direct} directly.")
    demand(by_hub and direct and by_hub + direct == pings.sent, "not all came, by both ways")
    play(routers, [SHORTCUT])
    hop = first_hop(office)
    tell(f"\nR2's first hop to {FAR} is now {hop}: R3 itself.")
    demand(hop == FAR, "the path is not direct")


def lose(routers):
    """The hub is killed that everything goes by which does not go directly."""
    office = routers["R2"]
    say("R1 is killed (kill -9) while R2 pings R3, directly, and an address that both hubs have")
    with contextlib.ExitStack() as running:
        direct = running.enter_context(Pings(office, FAR, NEAR))
        at_hubs = running.enter_context(Pings(office, AT_HUBS))
        for pings in (direct, at_hubs):
            pings.wait(ENOUGH)
        routers["R1"].kill()
        wait_route(office, SUMMARY, SECOND)
        for pings in (direct, at_hubs):
            pings.wait(ENOUGH)
    tell(f"R2 to R3, directly:   {direct.sent} sent, {direct.lost} lost")
    tell(f"R2 to {AT_HUBS}:    {at_hubs.sent} sent, {at_hubs.lost} lost: no answer for "
         f"{at_hubs.silence_s:.2f} s, then by R4")
    demand(not direct.lost, "the direct path noticed")
    demand(at_hubs.lost, "nothing was lost: R1 was not on the way")
    demand(at_hubs.silence_s < SILENCE_S, "that took too long")


def come_back(routers):
    say("R1 is started again, while R2 pings the hubs' address")
    office = routers["R2"]
    # From the tunnel's own address: the hub may hear of R2's network after R2 has its summary.
    with Pings(office, AT_HUBS) as pings:
        pings.wait(ENOUGH)
        routers["R1"].start()
        wait_route(office, SUMMARY, FIRST)
        pings.wait(ENOUGH)
    tell(f"R2 goes by R1 again: {pings.sent} sent, {pings.lost} lost")
    demand(not pings.lost, "the way back lost packets")


def show(routers):
    """Phase 3 forms, a hub is killed, another shortcut forms by the other, the hub comes back."""
    start(routers)
    play(routers, [SERVERS])
    form(routers, FIRST)
    lose(routers)
    say("Both offices forget their shortcuts: new ones form by R4")
    for name in OFFICES:
        routers[name].shell("clear ip nhrp")
    form(routers, SECOND)
    come_back(routers)
