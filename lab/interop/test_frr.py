# SPDX-License-Identifier: Apache-2.0
"""FRR's nhrpd on the kernel's GRE: as spokes of our hub, and as the hub of our spoke."""

import re
import socket
import struct

import pytest

import net
from traffic import Capture

HOLD_S = 6
RESOLUTION_REQUEST, RESOLUTION_REPLY, REGISTRATION_REPLY = 1, 2, 4
NHRP = 0x2001  # in GRE
AUTHENTICATION = bytes([0x80, 7, 0, 10, 0, 0, 0, 1]) + b"alpha7"
# Vendor-Private (RFC 2332 5.3.5), not compulsory: what our hub says of a NAT's port (nhrp/place.h),
# 10.10.10.1 is at 1.1.1.2, port 61001; and another vendor's.
PLACE = bytes([0, 8, 0, 16]) + b"RDV" + bytes([1, 11, 0xee, 0x49, 4, 1, 1, 1, 2, 10, 10, 10, 1])
OTHER_VENDOR = bytes([0, 8, 0, 6, 0, 0, 12, 1, 1, 7])

OUR_HUB = ("10.10.10.1", "1.1.1.2")  # its tunnel and NBMA address
# In `show ip nhrp cache` of FRR: our spoke.
OURS = r"dynamic +10\.10\.10\.2 .*2\.2\.2\.2"

# FRR's hub, 203.0.113.11, in the place of R1.
SPOKE = """
interface Tunnel0
 ip address 10.10.10.2 255.255.255.0
 ip nhrp map 10.10.10.11 203.0.113.11
 ip nhrp network-id 1
 ip nhrp holdtime {hold_s}
 ip nhrp nhs 10.10.10.11
 tunnel source FastEthernet0/0
 tunnel destination 203.0.113.11
 tunnel key 1
{more}
interface FastEthernet0/0
 ip address 2.2.2.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 2.2.2.1
"""

DYNAMIC = """ no ip nhrp map 10.10.10.11 203.0.113.11
 no ip nhrp nhs 10.10.10.11
 ip nhrp nhs dynamic nbma 203.0.113.11
 no tunnel destination
 tunnel mode gre multipoint
"""


def our_hub(cloud, *lines):
    cloud["R1"].configure("R1.cfg", *lines)
    cloud["R1"].start()
    return cloud["R1"]


def frr_spoke(peer, *lines, routes="", hub=OUR_HUB, **how):
    """A spoke that learns its hub's tunnel address by registering at its NBMA address."""
    peer.gre()
    peer.frr(f"ip nhrp nhs dynamic nbma {hub[1]}", *lines,
             more=f"ip route 10.10.10.0/24 {hub[0]}\n" + routes, **how)


def frr_registered(peer, hub=OUR_HUB):
    """Waits until a spoke of FRR knows its hub, and routes by it."""
    tunnel, nbma = (re.escape(address) for address in hub)
    peer.wait_vtysh("show ip nhrp cache", rf"nhs +{tunnel} .*{nbma}")
    net.wait_output(lambda: peer.run("ip route"), rf"10\.10\.10\.0/24 .*via {tunnel} ",
                    net.PATIENCE_S, f"{peer.name}: its routes")


def frr_hub(peer, **how):
    peer.gre()
    peer.frr(**how)


def our_spoke(cloud, *more, hold_s=HOLD_S):
    r2 = cloud["R2"]
    r2.configure(SPOKE.format(hold_s=hold_s, more="\n".join(f" {line}" for line in more)))
    r2.start()
    return r2


def entry(router, address):
    """What `show ip nhrp` says on one address."""
    return router.shell(f"show ip nhrp {address}")


def nhrp(capture, kind, source, destination):
    """NHRP packets of a type from one NBMA address to another."""
    return [packet for protocol, packet, s, d in capture.gre()
            if protocol == NHRP and packet[17] == kind and (s, d) == (source, destination)]


@pytest.mark.smoke
def test_spokes_of_frr_at_our_hub(cloud):
    r1, f1, f2 = our_hub(cloud), cloud["F1"], cloud["F2"]
    for peer in (f1, f2):
        frr_spoke(peer)
    for peer in (f1, f2):
        out = r1.wait_shell(f"show ip nhrp {peer.tunnel}", "registered")
        assert f"NBMA address: {peer.nbma}" in out
        assert "Type: dynamic, Flags: authoritative registered nhop" in out
        frr_registered(peer)
    assert re.search(r"203\.0\.113\.11 +10\.10\.10\.11 +UP", r1.shell("show dmvpn"))
    for peer, other in ((f1, f2), (f2, f1)):
        assert r1.ns.ping(peer.tunnel, 3)
        assert r1.ns.ping(peer.tunnel, 1, 1372)
        assert peer.ping("10.10.10.1", 3)
        assert peer.ping(other.tunnel, 3), "by the hub"


@pytest.mark.smoke
def test_our_spoke_at_a_hub_of_frr(cloud):
    f1 = cloud["F1"]
    frr_hub(f1)
    r2 = our_spoke(cloud)
    r2.wait_registered()
    out = entry(r2, f1.tunnel)
    assert f"NBMA address: {f1.nbma}" in out and "Type: static" in out
    f1.wait_vtysh("show ip nhrp cache", OURS)
    assert r2.ns.ping(f1.tunnel, 3)
    assert f1.ping("10.10.10.2", 3)


def test_spoke_of_frr_that_is_lost_expires(cloud):
    r1, f1 = our_hub(cloud), cloud["F1"]
    frr_spoke(f1, hold_s=HOLD_S)
    r1.wait_shell(f"show ip nhrp {f1.tunnel}", "registered")
    f1.kill("nhrpd")
    r1.wait_shell("show ip nhrp summary", "cache 0 entries", HOLD_S + net.PATIENCE_S)
    assert f1.tunnel not in r1.shell("show ip nhrp")
    assert not r1.ns.ping(f1.tunnel)


def test_our_spoke_that_is_lost_expires_at_frr(cloud):
    f1 = cloud["F1"]
    frr_hub(f1)
    r2 = our_spoke(cloud)
    r2.wait_registered()
    f1.wait_vtysh("show ip nhrp cache", OURS)
    r2.kill()
    net.wait_for(lambda: "10.10.10.2" not in f1.vtysh("show ip nhrp cache"),
                 HOLD_S + net.PATIENCE_S, "FRR forgets our spoke")
    r2.start()
    r2.wait_registered()
    assert f1.ping("10.10.10.2")


def test_hub_of_frr_restarted_under_our_spoke(cloud):
    """FRR keeps nothing: our spoke is back with its next registration, by itself."""
    f1 = cloud["F1"]
    frr_hub(f1)
    r2 = our_spoke(cloud)
    r2.wait_registered()
    f1.reset()
    assert not r2.ns.ping(f1.tunnel)
    frr_hub(f1)
    f1.wait_vtysh("show ip nhrp cache", OURS)
    assert f1.ping("10.10.10.2", 2)
    r2.wait_registered()


def test_spoke_of_frr_restarted_under_our_hub(cloud):
    """FRR counts its request ids from the beginning again, and our hub does not mind."""
    r1, f1 = our_hub(cloud), cloud["F1"]
    frr_spoke(f1)
    r1.wait_shell(f"show ip nhrp {f1.tunnel}", "registered")
    f1.reset()
    frr_spoke(f1)
    frr_registered(f1)
    assert f1.ping("10.10.10.1", 2)
    assert r1.ns.ping(f1.tunnel, 2)


def test_frr_echoes_our_authentication(cloud):
    """FRR 8.4 knows no authentication: the extension comes back as it went, and we accept it."""
    f1 = cloud["F1"]
    frr_hub(f1)
    with Capture(cloud.internet, "to-R2") as capture:
        r2 = our_spoke(cloud, "ip nhrp authentication alpha7")
        r2.wait_registered()
    replies = nhrp(capture, REGISTRATION_REPLY, f1.nbma, r2.nbma)
    assert replies and all(AUTHENTICATION in packet for packet in replies)
    assert r2.ns.ping(f1.tunnel)


def test_our_spoke_resolves_a_spoke_of_frr(cloud):
    """A direct path by phase 2: our hub forwards the question, and nhrpd answers."""
    r1, r2, f1 = our_hub(cloud), cloud["R2"], cloud["F1"]
    frr_spoke(f1, "ip nhrp shortcut")
    r2.configure("R2.cfg", "direct.cfg")
    r2.start()
    r2.wait_registered()
    frr_registered(f1)
    assert r2.ns.ping(f1.tunnel), "by the hub, which asks meanwhile"
    out = r2.wait_shell(f"show ip nhrp {f1.tunnel}", f"NBMA address: {f1.nbma}")
    assert "Type: dynamic" in out

    def pings():
        assert r2.ns.ping(f1.tunnel, 3)
        assert f1.ping("10.10.10.2", 3), "nhrpd learns the way back from the question"
    r1.wait_bypassed(pings)


def checksum(data):
    """The Internet's, of bytes whose own field is 0."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack("!H", 0xffff - total)


def with_extensions(packet, more, request, target):
    """A Resolution Request with more extensions before its others, another number and target."""
    at = struct.unpack("!H", packet[14:16])[0]
    fresh = bytearray(packet[:at] + more + packet[at:])
    fresh[10:14] = struct.pack("!HH", len(fresh), 0)
    fresh[24:28] = struct.pack("!I", request)
    fresh[36:40] = socket.inet_aton(target)  # behind NBMA and protocol address of the source
    fresh[12:14] = checksum(fresh)
    return fresh


def test_our_spokes_that_learn_their_hubs_address_go_direct(cloud):
    """FRR forwards questions, with vendors' extensions as they are; who answers echoes them."""
    r1, r2, f1, f2 = (cloud[name] for name in ("R1", "R2", "F1", "F2"))
    frr_hub(f1)
    frr_spoke(f2, "ip nhrp shortcut", hub=(f1.tunnel, f1.nbma))
    for router in (r1, r2):
        number = router.number
        router.configure(SPOKE.format(hold_s=60, more=DYNAMIC)
                         .replace("10.10.10.2 ", f"10.10.10.{number} ")
                         .replace("2.2.2.", f"{number}.{number}.{number}."))
        router.start()
    for router in (r1, r2):
        router.wait_shell("show ip nhrp nhs", rf"{re.escape(f1.tunnel)} +RE")
    frr_registered(f2, hub=(f1.tunnel, f1.nbma))
    f1.wait_vtysh("show ip nhrp cache", OURS)
    assert r2.ns.ping(f1.tunnel, 2)
    with Capture(cloud.internet, "to-R1") as at_r1, Capture(cloud.internet, "to-R2") as at_r2:
        assert r1.ns.ping("10.10.10.2"), "by the hub"
        r1.wait_shell("show ip nhrp 10.10.10.2", f"NBMA address: {r2.nbma}")
        net.wait_for(lambda: r1.ns.ping("10.10.10.2") and
                     (1, "10.10.10.1", "10.10.10.2", r1.nbma, r2.nbma) in at_r2.inner(),
                     net.PATIENCE_S, "the direct path")
        asked = nhrp(at_r1, RESOLUTION_REQUEST, r1.nbma, f1.nbma)[0]
        more = PLACE + OTHER_VENDOR
        with r1.ns.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_GRE) as raw:
            for request, target in ((1001, "10.10.10.2"), (1002, f2.tunnel)):
                raw.sendto(struct.pack("!HHI", 0x2000, NHRP, 1) +
                           with_extensions(asked, more, request, target), (f1.nbma, 0))

        def passed(capture, kind, request, *ends):
            return [packet for packet in nhrp(capture, kind, *ends)
                    if struct.unpack("!I", packet[24:28])[0] == request and more in packet]

        net.wait_for(lambda: passed(at_r2, RESOLUTION_REQUEST, 1001, f1.nbma, r2.nbma),
                     net.PATIENCE_S, "FRR's hub passes the vendors' extensions on")
        net.wait_for(lambda: passed(at_r1, RESOLUTION_REPLY, 1001, r2.nbma, r1.nbma),
                     net.PATIENCE_S, "our spoke's answer has them")
        net.wait_for(lambda: passed(at_r1, RESOLUTION_REPLY, 1002, f1.nbma, r1.nbma),
                     net.PATIENCE_S, "so has that of FRR's spoke, by its hub")
