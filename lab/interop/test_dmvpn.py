# SPDX-License-Identifier: Apache-2.0
"""FRR's nhrpd above strongSwan with routers of ours: protected; and phase 3, in clear."""

import re

import net
import strongswan
from routing import add_lan, route
from strongswan import Settings
from test_frr import (DYNAMIC, HOLD_S, OUR_HUB, OURS, SPOKE, frr_hub, frr_registered, frr_spoke,
                      our_hub)
from test_strongswan import PLAIN
from traffic import Capture

REDIRECT = """
interface Tunnel0
 ip nhrp redirect timeout 2
ip route 192.168.2.0 255.255.255.0 10.10.10.2
ip route 192.168.11.0 255.255.255.0 10.10.10.11
ip route 192.168.12.0 255.255.255.0 10.10.10.12
"""
SHORTCUT = """
interface Tunnel0
 no tunnel destination
 tunnel mode gre multipoint
 ip nhrp shortcut
 ip nhrp holdtime 60
ip route 192.168.0.0 255.255.0.0 10.10.10.1
"""


def test_protected_spokes_of_frr_at_our_hub(cloud):
    """A trap of strongSwan's meets the first registration: nhrpd and charon need not know."""
    r1, f1, f2 = cloud["R1"], cloud["F1"], cloud["F2"]
    r1.configure("R1.cfg", PLAIN.ours())
    r1.start()
    with Capture(cloud.internet, "guest") as capture:
        for peer in (f1, f2):
            strongswan.Charon(peer, Settings(remote=r1.nbma, start="trap"))
            frr_spoke(peer)
        for peer in (f1, f2):
            frr_registered(peer)
            assert f"NBMA address: {peer.nbma}" in r1.shell(f"show ip nhrp {peer.tunnel}")
            assert r1.ns.ping(peer.tunnel, 2) and peer.ping("10.10.10.1", 2)
        assert f1.ping(f2.tunnel, 2), "by the hub"
    assert not list(capture.gre())


def test_our_protected_spoke_at_a_hub_of_frr(cloud):
    r2, f1 = cloud["R2"], cloud["F1"]
    strongswan.Charon(f1, Settings())
    frr_hub(f1)
    with Capture(cloud.internet, "guest") as capture:
        r2.configure(SPOKE.format(hold_s=HOLD_S, more=""), PLAIN.ours())
        r2.start()
        r2.wait_registered()
        f1.wait_vtysh("show ip nhrp cache", OURS)
        assert r2.ns.ping(f1.tunnel, 2) and f1.ping("10.10.10.2", 2)
    assert not list(capture.gre())


def with_lan(peer, number, hub=OUR_HUB):
    """A spoke of FRR with shortcuts, and a network behind it."""
    peer.run(f"""ip link add lan0 type dummy
        ip address add 192.168.{number}.1/24 dev lan0
        ip link set lan0 up""")
    frr_spoke(peer, "ip nhrp shortcut", routes=f"ip route 192.168.0.0/16 {hub[0]}\n", hub=hub)


def ping_from(peer, number, to):
    return peer.ping(to, options=f"-I 192.168.{number}.1")


def shortcuts_both_ways(ours, frr, number):
    """Our spoke and FRR's find the direct way to each other's network: no hub takes from a TTL."""
    def ping_frr():
        return ours.ns.run("ping", "-n", "-c", 1, "-W", 2, "-I", "192.168.2.1",
                           f"192.168.{number}.1", check=False).stdout

    def ping_ours():
        return frr.run(f"ping -n -c 1 -W 2 -I 192.168.{number}.1 192.168.2.1", check=False)

    def our_shortcut():
        ping_frr()
        return route(ours, f"192.168.{number}.0/24") == [frr.tunnel]

    def their_shortcut():
        ping_ours()
        return "192.168.2.0/24" in frr.vtysh("show ip nhrp shortcut")

    net.wait_for(our_shortcut, net.PATIENCE_S, "our shortcut to the spoke of FRR")
    net.wait_for(their_shortcut, net.PATIENCE_S, "FRR's shortcut to our spoke")
    net.wait_for(lambda: "ttl=64" in ping_frr() and "ttl=64" in ping_ours(),
                 net.PATIENCE_S, "direct ways")


def test_shortcuts_between_a_spoke_of_frr_and_ours(cloud):
    our_hub(cloud, REDIRECT)
    r2, f1 = cloud["R2"], cloud["F1"]
    with_lan(f1, 11)
    r2.configure("R2.cfg", SHORTCUT)
    r2.start()
    add_lan(r2, 2)
    r2.wait_registered()
    frr_registered(f1)
    shortcuts_both_ways(r2, f1, 11)


def test_protected_shortcuts_between_a_spoke_of_frr_and_ours(cloud):
    """nhrpd knows nothing of IPsec: charon has a trap for each of the two that it talks to."""
    r1, r2, f1 = our_hub(cloud, REDIRECT, PLAIN.ours()), cloud["R2"], cloud["F1"]
    with Capture(cloud.internet, "guest") as capture:
        charon = strongswan.Charon(f1, Settings(remote=r1.nbma, start="trap"), (r2.nbma,))
        with_lan(f1, 11)
        r2.configure("R2.cfg", SHORTCUT, PLAIN.ours())
        r2.start()
        add_lan(r2, 2)
        r2.wait_registered()
        frr_registered(f1)
        shortcuts_both_ways(r2, f1, 11)
        assert r2.nbma in charon.sas()
    assert not list(capture.gre())


def test_shortcuts_between_spokes_of_frr_at_our_hub(cloud):
    r1, f1, f2 = our_hub(cloud, REDIRECT), cloud["F1"], cloud["F2"]
    with_lan(f1, 11)
    with_lan(f2, 12)
    frr_registered(f1)
    frr_registered(f2)

    def there():
        return (ping_from(f1, 11, "192.168.12.1") and
                "192.168.12.0/24" in f1.vtysh("show ip nhrp shortcut"))

    net.wait_for(there, net.PATIENCE_S, "FRR's shortcut, which our hub's redirect began")


# nhrpd does not see what its kernel forwards: the packet filter shows it.
FRR_REDIRECT = """
nhrp nflog-group 1
ip route 192.168.2.0/24 10.10.10.2
ip route 192.168.12.0/24 10.10.10.12
"""
FRR_SHORTCUT = """
interface Tunnel0
 ip nhrp shortcut
ip route 192.168.0.0 255.255.0.0 10.10.10.11
"""


def hub_with_redirects(f1):
    f1.gre()
    f1.frr("ip nhrp redirect", more=FRR_REDIRECT)
    f1.run("iptables-legacy -A FORWARD -i gre1 -o gre1 -m hashlimit --hashlimit-upto 1/second "
           "--hashlimit-burst 1 --hashlimit-mode srcip,dstip --hashlimit-name nhrp "
           "-j NFLOG --nflog-group 1 --nflog-size 128")


def shortcuts_at_its_hub(cloud, *more):
    """Between our spoke and one of FRR's, begun by the redirects of FRR's hub."""
    r2, f1, f2 = cloud["R2"], cloud["F1"], cloud["F2"]
    hub_with_redirects(f1)
    with_lan(f2, 12, hub=(f1.tunnel, f1.nbma))
    r2.configure(SPOKE.format(hold_s=60, more=DYNAMIC), FRR_SHORTCUT, *more)
    r2.start()
    add_lan(r2, 2)
    r2.wait_shell("show ip nhrp nhs", rf"{re.escape(f1.tunnel)} +RE")
    frr_registered(f2, hub=(f1.tunnel, f1.nbma))
    shortcuts_both_ways(r2, f2, 12)


def test_shortcuts_at_a_hub_of_frr(cloud):
    shortcuts_at_its_hub(cloud)


def test_protected_shortcuts_at_a_hub_of_frr(cloud):
    """charon stands below both of FRR's; the one of its spoke has a trap for ours besides."""
    r2, f1, f2 = cloud["R2"], cloud["F1"], cloud["F2"]
    with Capture(cloud.internet, "guest") as capture, Capture(cloud.internet, "to-R2") as ours:
        strongswan.Charon(f1, Settings())
        charon = strongswan.Charon(f2, Settings(remote=f1.nbma, start="trap"), (r2.nbma,))
        shortcuts_at_its_hub(cloud, PLAIN.ours())
        assert r2.nbma in charon.sas()
    assert not list(capture.gre()) and not list(ours.gre())
