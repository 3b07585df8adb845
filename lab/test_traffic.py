# SPDX-License-Identifier: Apache-2.0
"""Packets through the tunnel: sizes, ICMP, TCP's contents, neighbours, and tshark's opinion."""

import re
import socket

import pytest

import net
from traffic import Capture, Connection, malformed, pattern, sha256, tshark

ICMP = 1
AF_XDP = 44
MEGABYTE = 1 << 20
# Bits a second: with a lost packet in each window TCP waits 0.2 s each time and has a tenth of it.
SLOWEST = 10e6
TUNNEL_MTU = 1500 - 20 - 8  # GRE with a key


def mtu(router):
    return router.ns.ip_json("link", "show", "Tunnel0")[0]["mtu"]


def test_largest_packet_fits_without_a_fragment(lab):
    assert [mtu(lab[name]) for name in ("R1", "R2", "R3")] == [TUNNEL_MTU] * 3
    with Capture(lab.internet, "to-R1") as capture:
        for to in ("10.10.10.1", "10.10.10.3"):
            out = lab["R2"].shell(f"ping {to} size {TUNNEL_MTU} df-bit")
            assert "100 percent (5/5)" in out
    lengths = [len(frame) - 14 for _, frame in capture.frames]
    assert max(lengths) == 1500
    fragments = [frame for _, frame in capture.frames
                 if frame[12:14] == b"\x08\x00" and (frame[20] & 0x3F or frame[21])]
    assert not fragments


def test_ping_above_the_mtu_with_df_fails(lab):
    out = lab["R2"].shell(f"ping 10.10.10.3 size {TUNNEL_MTU + 1} df-bit repeat 2", check=False)
    assert "Success rate is 0 percent (0/2)" in out


def test_ping_above_the_mtu_without_df_is_fragmented_inside(lab):
    assert "100 percent (5/5)" in lab["R2"].shell("ping 10.10.10.3 size 4000")


def test_too_big_is_told_from_the_tunnel_address(lab):
    """The hub's tunnel is narrower than the spokes': R2 hears about it from 10.10.10.1."""
    lab["R1"].shell("conf t", "interface Tunnel0", "ip mtu 1300")
    net.wait_for(lambda: mtu(lab["R1"]) == 1300, net.PATIENCE_S, "the hub's MTU is 1300")
    done = lab["R2"].ns.run("ping", "-n", "-M", "do", "-c", 1, "-W", 2, "-s", 1372, "10.10.10.3",
                            check=False)
    assert re.search(r"From 10\.10\.10\.1 .*mtu = 1300", done.stdout), done.stdout
    data = pattern(MEGABYTE)
    with Connection(lab["R2"].ns, lab["R3"].ns, "10.10.10.3") as tcp:
        assert tcp.transfer(data)[0] == sha256(data)


def test_mss_clamp(lab):
    lab["R1"].shell("conf t", "interface Tunnel0", "ip tcp adjust-mss 1000")
    with Capture(lab.internet, "to-R1") as capture:
        with Connection(lab["R2"].ns, lab["R3"].ns, "10.10.10.3") as tcp:
            assert tcp.client.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) <= 1000
            data = pattern(MEGABYTE)
            assert tcp.transfer(data)[0] == sha256(data)
    assert capture.frames


@pytest.mark.parametrize("offload", ["on", "off"])
@pytest.mark.parametrize("path", ["hub", "through", "direct"])
def test_tcp_carries_what_was_sent(empty, path, offload):
    """32 MB each way by the hub, through it, and directly; ports with and without offloads."""
    for name in ("R1", "R2", "R3"):
        extra = ["direct.cfg"] if path == "direct" and name != "R1" else []
        if offload == "off":
            for ns, link in ((empty[name].ns, "eth0"), (empty.internet, f"to-{name}")):
                ns.run("ethtool", "-K", link, "tx", "off", "rx", "off", "tso", "off", "gso", "off",
                       "gro", "off")
        empty[name].configure(f"{name}.cfg", *extra)
        empty[name].start()
    for name in ("R2", "R3"):
        empty[name].wait_registered()
    r2, r3 = empty["R2"], empty["R3"]
    server, address = (empty["R1"], "10.10.10.1") if path == "hub" else (r3, "10.10.10.3")
    if path == "direct":
        assert r2.ns.ping("10.10.10.3")
        r2.wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
        r3.wait_shell("show ip nhrp 10.10.10.2", "NBMA address: 2.2.2.2")
    data = pattern(32 * MEGABYTE, seed=3)
    expected = sha256(data)
    with Connection(r2.ns, server.ns, address) as tcp:
        for back in (False, True):
            digest, seconds = tcp.transfer(data, back)
            assert digest == expected
            print(f"{path}, offload {offload}: {len(data) * 8 / seconds / 1e6:.0f} Mbit/s")
            assert len(data) * 8 / seconds > SLOWEST, "most is lost"


def test_many_connections_at_once(lab):
    data = pattern(256 << 10)
    r2, r3 = lab["R2"].ns, lab["R3"].ns
    connections = [Connection(r2, r3, "10.10.10.3", 6000 + i) for i in range(16)]
    try:
        for tcp in connections:
            assert tcp.transfer(data)[0] == sha256(data)
    finally:
        for tcp in connections:
            tcp.close()


def has_xdp(router):
    """Whether the daemon has the rings of an AF_XDP socket mapped."""
    return "socket:[" in net.Path(f"/proc/{router.daemon.pid}/maps").read_text()


def test_packets_leave_by_xdp_until_a_filter_would_see_them(lab):
    try:
        socket.socket(AF_XDP, socket.SOCK_RAW, 0).close()
    except OSError:
        pytest.skip("the kernel has no AF_XDP")
    r2 = lab["R2"]
    net.wait_for(lambda: r2.ns.ping("10.10.10.1") and has_xdp(r2), net.PATIENCE_S,
                 "R2 sends by AF_XDP")
    r2.ns.run("nft", "-f", "-", stdin="""table ip seen {
        chain out {
            type filter hook output priority 0;
            ip protocol gre counter;
        }
    }""")

    def seen():
        assert r2.ns.ping("10.10.10.1")
        return int(re.search(r"packets (\d+)", r2.ns.run("nft", "list", "table", "ip",
                                                         "seen").stdout)[1])

    first = seen()
    assert first, "the filter sees the next packet"
    assert seen() > first
    data = pattern(MEGABYTE)
    with Connection(r2.ns, lab["R3"].ns, "10.10.10.3") as tcp:
        assert tcp.transfer(data)[0] == sha256(data)
    r2.ns.run("nft", "delete", "table", "ip", "seen")
    assert r2.ns.ping("10.10.10.1")


def with_program(router):
    """Its interfaces with an XDP program in front of them."""
    return [link["ifname"] for link in router.ns.ip_json("link", "show") if "xdp" in link]


def by_xdp(router):
    """Packets that came to the daemon by AF_XDP, during one more ping."""
    before = router.json("show version")["xdp_packets"]
    assert router.ns.ping("10.10.10.1")
    return router.json("show version")["xdp_packets"] - before


def filtered(router, verdict):
    """With a filter at input: whether a ping is answered, and whether it has seen GRE."""
    router.ns.run("nft", "-f", "-", stdin=f"""table ip seen {{
        chain in {{
            type filter hook input priority 0;
            ip protocol gre counter {verdict};
        }}
    }}""")
    answered = router.ns.ping("10.10.10.1")
    listed = router.ns.run("nft", "list", "table", "ip", "seen").stdout
    return answered, int(re.search(r"packets (\d+)", listed)[1]) > 0


def test_packets_come_by_xdp_until_a_filter_would_see_them(lab):
    r2 = lab["R2"]
    assert not with_program(r2)
    r2.stop()
    r2.start("--xdp-receive")
    r2.wait_registered()
    if "SYS-4-XDP" in r2.log():
        pytest.skip("the kernel wants no BPF of ours")
    net.wait_for(lambda: by_xdp(r2), net.PATIENCE_S, "R2 receives by AF_XDP")
    assert len(with_program(r2)) == 1
    data = pattern(MEGABYTE)
    with Connection(r2.ns, lab["R3"].ns, "10.10.10.3") as tcp:
        for back in (False, True):
            assert tcp.transfer(data, back)[0] == sha256(data)
    assert filtered(r2, "accept") == (True, True), "the filter sees the next packet"
    assert by_xdp(r2) == 0
    r2.ns.run("nft", "delete", "table", "ip", "seen")
    net.wait_for(lambda: by_xdp(r2), net.PATIENCE_S, "R2 receives by AF_XDP again")
    assert filtered(r2, "drop") == (False, True), "the filter drops the next packet"
    r2.ns.run("nft", "delete", "table", "ip", "seen")
    net.wait_for(lambda: by_xdp(r2), net.PATIENCE_S, "R2 receives by AF_XDP again")
    r2.kill()
    assert not with_program(r2)


def test_tos_is_copied_and_nhrp_is_cs6(lab):
    with Capture(lab.internet, "to-R1") as capture:
        lab["R2"].ns.ping("10.10.10.1", 1, options=("-Q", "0x28"))
        lab["R2"].stop()  # its Purge Request is NHRP
    tos = {}
    for _, frame in capture.frames:
        if frame[12:14] == b"\x08\x00" and frame[23] == 47 and frame[22] == 255 - 1 + (
                frame[26:30] == socket.inet_aton("1.1.1.2")):
            kind = frame[14 + 20 + 2:14 + 20 + 4]
            tos.setdefault(kind, set()).add(frame[15])
    assert tos[b"\x08\x00"] == {0x28}
    assert tos[b"\x20\x01"] == {0xC0}


def test_tshark_finds_no_malformed_packet(lab, tmp_path):
    file = tmp_path / "lab.pcap"
    with Capture(lab.internet, "to-R1") as capture:
        for name in ("R2", "R3"):
            lab[name].shell("conf t", "interface Tunnel0", "no tunnel destination",
                            "tunnel mode gre multipoint")
        lab["R2"].wait_registered()
        lab["R3"].wait_registered()
        assert lab["R2"].ns.ping("10.10.10.3", 2)
        lab["R2"].wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
        assert lab["R2"].ns.ping("10.10.10.1", 2)
        lab["R2"].stop()
        lab["R1"].wait_shell("show ip nhrp", r"(?s)^(?!.*10\.10\.10\.2/32)")
    capture.write(file)
    assert malformed(file) == ""
    seen = {int(t) for t in tshark(file, "-Y", "nhrp", "-T", "fields", "-e",
                                   "nhrp.hdr.op.type").split()}
    assert {1, 3, 4, 5} <= seen, "resolution, registration and purge are in it"


def neighbours(router):
    table = router.ns.ip_json("-4", "neigh", "show", "dev", "Tunnel0")
    return {n["dst"]: n.get("lladdr") for n in table}


def test_p2p_to_multipoint_leaves_no_stale_neighbour(lab):
    """On a p2p tunnel every neighbour is the hub; afterwards none of these may be used."""
    r2 = lab["R2"]
    assert r2.ns.ping("10.10.10.3") and r2.ns.ping("10.10.10.1")
    for router in ("R2", "R3"):
        lab[router].shell("conf t", "interface Tunnel0", "no tunnel destination",
                          "tunnel mode gre multipoint")
    lab["R2"].wait_registered()
    lab["R3"].wait_registered()
    lab["R1"].wait_bypassed(lambda: r2.ns.ping("10.10.10.3"))
    table = neighbours(r2)
    assert table["10.10.10.1"] != table["10.10.10.3"]
    with Capture(lab.internet, "to-R1") as hub:
        assert r2.ns.ping("10.10.10.3", 3)
    assert not [p for p in hub.inner() if p[0] == ICMP]
    for router in ("R2", "R3"):  # and back
        lab[router].shell("conf t", "interface Tunnel0", "tunnel mode gre ip",
                          "tunnel destination 1.1.1.2")
    lab["R2"].wait_registered()
    lab["R3"].wait_registered()
    with Capture(lab.internet, "to-R3") as other:
        assert r2.ns.ping("10.10.10.3", 3)
    assert {source for p, _, _, source, _ in other.inner() if p == ICMP} == {"1.1.1.2", "3.3.3.2"}


def test_stale_neighbour_never_reaches_another_office(direct):
    """A neighbour entry of an earlier life of the daemon, put back by hand, leads nowhere."""
    r2 = direct["R2"]
    assert r2.ns.ping("10.10.10.3", 1)
    r2.wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
    old = neighbours(r2)["10.10.10.3"]
    r2.kill()
    r2.start()
    r2.wait_registered()
    r2.ns.ip("neigh", "replace", "10.10.10.77", "lladdr", old, "dev", "Tunnel0", "nud", "permanent")
    with Capture(direct.internet, "to-R3") as other, Capture(direct.internet, "to-R2") as own:
        assert not r2.ns.ping("10.10.10.77", 2)
    assert not [p for p in other.inner() if p[2] == "10.10.10.77"]
    # Once the entry is rewritten, the hub, which has to know all, may be asked.
    assert {p[4] for p in own.inner() if p[2] == "10.10.10.77"} <= {"1.1.1.2"}
    assert neighbours(r2).get("10.10.10.77") != old
