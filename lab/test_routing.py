# SPDX-License-Identifier: Apache-2.0
"""Routing daemons over the tunnel: adjacencies by multicast, routes both ways, packets along them.

The configurations are those of docs/routing.md.
"""

import pytest

from routing import Frr, add_lan, wait_route

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
OSPF = """
interface Tunnel0
 ip ospf network {network}
 ip ospf priority {priority}
 ip ospf hello-interval 1
 ip ospf dead-interval 4
router ospf
 ospf router-id {id}
 network 10.10.10.0/24 area 0
 network 192.168.0.0/16 area 0
"""


@pytest.fixture
def cloud(empty):
    """The reference lab with multipoint spokes, multicast, and a network behind each router."""
    for number, name in enumerate(("R1", "R2", "R3"), 1):
        router = empty[name]
        router.configure(f"{name}.cfg", MULTIPOINT_HUB if name == "R1" else MULTIPOINT_SPOKE)
        router.start()
        add_lan(router, number)
    for name in ("R2", "R3"):
        empty[name].wait_registered()
    return empty


@pytest.mark.parametrize("network", ("broadcast", "point-to-multipoint"))
def test_ospf_of_frr(cloud, network):
    for number, name in enumerate(("R1", "R2", "R3"), 1):
        Frr(cloud[name], ["ospfd"], OSPF.format(network=network, priority=int(name == "R1"),
                                                id=f"10.10.10.{number}"))
    wait_route(cloud["R1"], "192.168.2.0/24", "10.10.10.2")
    wait_route(cloud["R1"], "192.168.3.0/24", "10.10.10.3")
    wait_route(cloud["R2"], "192.168.1.0/24", "10.10.10.1")
    # On a broadcast network the far spoke itself is the next hop; else the hub.
    wait_route(cloud["R2"], "192.168.3.0/24",
               "10.10.10.3" if network == "broadcast" else "10.10.10.1")
    assert cloud["R2"].ns.ping("192.168.3.1", options=("-I", "192.168.2.1"))
    drops = cloud["R1"].json("show drops")
    assert drops
