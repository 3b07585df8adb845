# SPDX-License-Identifier: Apache-2.0
"""Phase 3: from a packet by the hub to a shortcut, and back, under a counted flood."""

import re

import pytest

import net
from pings import INTERVAL_S, Pings
from routing import add_lan, route

HUB = """
interface Tunnel0
 ip nhrp map multicast dynamic
 ip nhrp redirect timeout 2
ip route 192.168.2.0 255.255.255.0 10.10.10.2
ip route 192.168.3.0 255.255.255.0 10.10.10.3
"""
SPOKE = """
interface Tunnel0
 no tunnel destination
 tunnel mode gre multipoint
 ip nhrp shortcut
 ip nhrp holdtime 60
ip route 192.168.0.0 255.255.0.0 10.10.10.1
"""
NEAR, FAR = "192.168.2.0/24", "192.168.3.0/24"
# A question a second, and three without an answer a second apart.
KEEPALIVE = """
interface Tunnel0
 ip nhrp keepalive 1 3
"""
KEEPALIVE_S = 1 + 3
# Dead peer detection by its defaults: silence, what is told each second, five questions.
DPD_S = 10 + 1 + 5 * 2
SLACK_S = 5  # of a slow machine
RATE = round(1 / INTERVAL_S)  # packets a second


def start(cloud, *more):
    """Spokes that know a summary by the hub, and a network behind each router."""
    for number, name in enumerate(("R1", "R2", "R3"), 1):
        router = cloud[name]
        router.configure(f"{name}.cfg", HUB if name == "R1" else SPOKE, *more)
        router.start()
        add_lan(router, number)
    for name in ("R2", "R3"):
        cloud[name].wait_registered()
    return cloud


@pytest.fixture
def cloud(empty):
    return start(empty, KEEPALIVE)


def ping(router, count=1, interval=None, wait=2):
    """How many of so many pings from a router's network to R3's came back."""
    words = ["ping", "-n", "-q", "-c", count, "-W", wait, "-I", f"192.168.{router.number}.1"]
    if interval:
        words += ["-i", interval]
    said = router.ns.run(*words, "192.168.3.1", check=False).stdout
    return int(re.search(r"(\d+) received", said)[1])


def shortcut(router):
    return route(router, FAR) == ["10.10.10.3"]


def wait_shortcut(router):
    """The hub tells a flow again after a while only, so packets must go on."""
    net.wait_for(lambda: ping(router) == 1 and shortcut(router), net.PATIENCE_S, "the shortcut")


def wait_gone(router):
    net.wait_for(lambda: not shortcut(router), net.PATIENCE_S, "the shortcut goes")


def cut(cloud):
    """The Internet drops what goes between the spokes; each still reaches the hub."""
    cloud.nft("""
        table ip cut {
            chain forward {
                type filter hook forward priority filter
                ip saddr 2.2.2.2 ip daddr 3.3.3.2 drop
                ip saddr 3.3.3.2 ip daddr 2.2.2.2 drop
            }
        }""")


def lose_the_path(cloud, detection_s):
    """
    The direct path dies under a counted stream. It goes by the hub, and loses no more than was sent
    within the detection time.
    """
    spoke = cloud["R2"]
    with Pings(spoke, "192.168.3.1", source="192.168.2.1") as stream:
        net.wait_for(lambda: shortcut(spoke) and shortcut_back(cloud), net.PATIENCE_S,
                     "the shortcuts")
        stream.wait(RATE)
        net.wait_for(lambda: stream.lost == 0, net.PATIENCE_S, "all that went by the direct path")
        cut(cloud)
        net.wait_for(lambda: not shortcut(spoke), detection_s + SLACK_S, "the shortcut goes")
        stream.wait(RATE)
    print(f"the direct path died: {stream.lost} lost in {stream.silence_s:.1f} s, at {RATE} "
          f"a second; detection takes {detection_s} s at most")
    assert stream.lost <= RATE * (detection_s + SLACK_S)
    assert stream.silence_s <= detection_s + SLACK_S
    assert route(cloud["R3"], "192.168.2.0/24") != ["10.10.10.2"]


def heal(cloud):
    cloud.nft("delete table ip cut")
    wait_shortcut(cloud["R2"])


def shortcut_back(cloud):
    return route(cloud["R3"], "192.168.2.0/24") == ["10.10.10.2"]


def test_a_shortcut_forms_without_loss(cloud):
    hub, spoke = cloud["R1"], cloud["R2"]
    assert ping(spoke, count=500, interval=0.005) == 500
    assert shortcut(spoke)
    out = spoke.ns.ip("route", "show", FAR)
    assert "proto 210" in out and "via 10.10.10.3 dev Tunnel0" in out

    def pings():
        assert ping(spoke, count=20, interval=0.01) == 20
    hub.wait_bypassed(pings)
    # The way back is a shortcut of its own.
    assert route(cloud["R3"], "192.168.2.0/24") == ["10.10.10.2"]
    assert re.search(r"Flags: router .*rib", spoke.shell("show ip nhrp 192.168.3.1"))
    for entries in ("shortcut", "dynamic", "remote"):
        assert f"{FAR} via 10.10.10.3" in spoke.shell(f"show ip nhrp {entries}")
    assert FAR not in spoke.shell("show ip nhrp static")
    assert f"{NEAR} via 10.10.10.2" in spoke.shell("show ip nhrp local")
    for routes in ("", "nhrp"):
        assert re.search(r"^H +192\.168\.3\.0/24 \[250/255\] via 10\.10\.10\.3, Tunnel0$",
                         spoke.shell(f"show ip route {routes}"), re.M)
    assert FAR not in spoke.shell("show ip route static")

    # In clear `ip nhrp keepalive` finds a path that dies; and that it is there again.
    lose_the_path(cloud, KEEPALIVE_S)
    spoke.wait_log("NBMA: 3.3.3.2) is DOWN, Reason: peer does not answer")
    heal(cloud)


def test_a_shortcut_goes_when_the_route_under_it_does(cloud):
    spoke = cloud["R2"]
    wait_shortcut(spoke)
    spoke.ns.ip("route", "add", "192.168.3.0/25", "via", "2.2.2.1")
    wait_gone(spoke)


def test_the_far_spoke_takes_its_network_back(cloud):
    """It purges what it told; traffic goes by the hub again, which has another way by now."""
    spoke, far = cloud["R2"], cloud["R3"]
    wait_shortcut(spoke)
    far.ns.ip("link", "set", "lan0", "down")
    wait_gone(spoke)


def test_a_shortcut_goes_with_its_peer(cloud):
    """Cleared by command, and withdrawn by the far spoke that stops."""
    spoke, far = cloud["R2"], cloud["R3"]
    wait_shortcut(spoke)
    for cleared in ("shortcut", ""):
        spoke.shell(f"clear ip nhrp {cleared}")
        assert not shortcut(spoke)
        wait_shortcut(spoke)
    far.stop()
    wait_gone(spoke)


def test_nothing_is_left_behind(cloud):
    spoke = cloud["R2"]
    wait_shortcut(spoke)
    spoke.kill()
    assert shortcut(spoke)
    (spoke.state_dir / "cache").unlink(missing_ok=True)  # else taken over: test_graceful.py
    spoke.start()
    wait_gone(spoke)
    spoke.wait_registered()
    wait_shortcut(spoke)
    assert spoke.stop() == 0
    assert not route(spoke, FAR)


@pytest.fixture
def protected(empty):
    """The same under IPsec."""
    return start(empty, "protect.cfg")


def test_a_protected_shortcut_forms_without_loss(protected):
    """The association first, then the neighbour, then the route."""
    hub, spoke = protected["R1"], protected["R2"]
    assert ping(spoke, count=500, interval=0.005) == 500
    net.wait_for(lambda: shortcut(spoke), net.PATIENCE_S, "the shortcut")

    def pings():
        assert ping(spoke, count=20, interval=0.01) == 20
    hub.wait_bypassed(pings)


def test_a_protected_path_that_dies_goes_by_the_hub(protected):
    """Dead peer detection of both ends: R3, which only answers, takes no longer than R2."""
    wait_shortcut(protected["R2"])
    lose_the_path(protected, DPD_S)
    heal(protected)
