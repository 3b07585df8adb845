# SPDX-License-Identifier: Apache-2.0
"""The reference lab with protect.cfg: what works in clear works protected, nothing is in clear."""

import json
import re
import socket
import struct
import time

import pytest

import matching
import net
import reference
from pings import Pings
from test_shell import Terminal
from traffic import Capture, Connection, pattern, sha256, tshark

GRE, ESP, UDP = 47, 50, 17

# Dead peer detection has no part in what these lines are for.
NOT_MISSED = "crypto isakmp keepalive 3600"
TRANSPORT = """
crypto ipsec transform-set mySet esp-aes esp-sha-hmac
mode transport
"""


def start(cloud, *more, spokes=()):
    for name in ("R1", "R2", "R3"):
        cloud[name].configure(f"{name}.cfg", "protect.cfg", *(spokes if name != "R1" else ()),
                              *more)
        cloud[name].start()
    for name in ("R2", "R3"):
        cloud[name].wait_registered()


@pytest.fixture
def protected(empty):
    start(empty)
    return empty


def spi(router, peer="1.1.1.2"):
    """The outbound SPI towards a peer, None while there is none."""
    out = router.shell(f"show crypto ipsec sa peer {peer}")
    found = re.search(r"current outbound spi: 0x([0-9A-F]+)", out)
    return found and found[1] != "0" and found[1]


class Wire:
    """Every link of the Internet router, watched."""

    def __init__(self, cloud):
        self.captures = [Capture(cloud.internet, r.uplink) for r in cloud.routers.values()]

    def __enter__(self):
        for capture in self.captures:
            capture.__enter__()
        return self

    def __exit__(self, *error):
        for capture in self.captures:
            capture.__exit__(*error)

    def count(self, protocol):
        return sum(p == protocol for c in self.captures for p, _, _, _ in c.ipv4())

    def assert_nothing_in_clear(self):
        assert self.count(GRE) == 0
        assert [c.in_clear() for c in self.captures] == [[]] * len(self.captures)


def test_shows_what_the_reference_shows(protected):
    for name, command, expected in reference.HUB_AND_SPOKES + reference.PROTECTED:
        matching.assert_transcript(expected, protected[name].shell(command))


def test_spokes_reach_each_other_directly(empty):
    start(empty, spokes=("direct.cfg",))
    r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
    assert r2.ns.ping("10.10.10.3"), "the first packet goes by the hub"
    net.wait_for(lambda: spi(r2, "3.3.3.2") and spi(r3, "2.2.2.2"), net.PATIENCE_S,
                 "spokes are protected")
    r2.wait_log("%DMVPN-5-NHRP_NHP_UP")
    r3.wait_log("%DMVPN-5-NHRP_NHP_UP")

    def pings():
        assert r2.ns.ping("10.10.10.3", 5) and r3.ns.ping("10.10.10.2", 5)
    r1.wait_bypassed(pings)
    data = pattern(4 << 20)
    with Connection(r2.ns, r3.ns, "10.10.10.3") as tcp:
        assert tcp.transfer(data)[0] == sha256(data)
        assert tcp.transfer(data, back=True)[0] == sha256(data)


@pytest.mark.parametrize("mode", ["tunnel", "transport"])
def test_nothing_is_ever_in_clear(empty, mode):
    more = [TRANSPORT] if mode == "transport" else []
    with Wire(empty) as wire:
        start(empty, *more, spokes=("direct.cfg",))
        r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
        assert r2.ns.ping("10.10.10.1", 5) and r2.ns.ping("10.10.10.3", 5)
        net.wait_for(lambda: r2.ns.ping("10.10.10.3"), net.PATIENCE_S, "R3 is there again")
        assert re.search("in use settings ={%s" % mode, r2.shell("show crypto ipsec sa"), re.I)
        r3.kill()
        r2.ns.ping("10.10.10.3", 3)
        r1.kill()
        r2.ns.ping("10.10.10.1", 3)
        r1.ns.ping("10.10.10.2", 3)
        r3.start()
        r1.start()
        net.wait_for(lambda: r2.ns.ping("10.10.10.1") and r3.ns.ping("10.10.10.1"),
                     net.PATIENCE_S, "both spokes are back")
        for router in (r2, r3, r1):
            assert router.stop() == 0
        r2.ns.ping("10.10.10.1")
    wire.assert_nothing_in_clear()
    assert wire.count(ESP) > 20


def test_clear_gre_is_not_accepted(protected):
    """R3 drops its protection: the hub hears nothing of what it sends, and answers nothing."""
    r1, r3 = protected["R1"], protected["R3"]
    r3.stop()
    r1.wait_shell("show ip nhrp brief", r"(?s)^(?!.*10\.10\.10\.3)")
    r3.configure("R3.cfg")
    r3.start()
    with Wire(protected) as wire:
        assert not r3.ns.ping("10.10.10.1", 2)
    from_hub = [s for _, _, s, _ in wire.captures[0].gre() if s == r1.nbma]
    assert from_hub == []
    assert drops(r1, "in clear for a protected") > 0


BACK_S = 15  # with every spoke; on machines with twenty programs ready to run it took up to 4 s


def test_hub_killed_and_restarted(empty):
    """It is the hub that brings them back."""
    start(empty, NOT_MISSED)
    r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
    assert r2.ns.ping("10.10.10.3")
    kept = r1.state_dir / "cache"
    net.wait_for(lambda: kept.exists() and all(r.nbma in kept.read_text() for r in (r2, r3)),
                 net.PATIENCE_S, "both are on disk")
    r1.kill()
    assert not r2.ns.ping("10.10.10.3")
    r1.start()
    started = time.monotonic()
    net.wait_for(lambda: r2.ns.ping("10.10.10.3") and r3.ns.ping("10.10.10.1"),
                 BACK_S, "both spokes are back")
    print(f"both spokes are back {time.monotonic() - started:.1f} s after the hub")


def test_hub_that_forgot_everything(protected):
    """Killed and without its cache: dead peer detection brings the spokes back."""
    r1, r2, r3 = (protected[name] for name in ("R1", "R2", "R3"))
    r1.kill()
    r1.forget()
    r1.start()
    net.wait_for(lambda: r2.ns.ping("10.10.10.3") and r3.ns.ping("10.10.10.2"),
                 net.PATIENCE_S, "both spokes are back")


def mismatch_is_told(routers, word):
    """One line at each end, in its log and for `show`."""
    def told(router):
        return re.findall(r"%CRYPTO-6-IKMP_MODE_FAILURE: .*", router.log())
    net.wait_for(lambda: all(told(r) for r in routers), net.PATIENCE_S,
                 f"both ends tell of the {word}")
    for router in routers:
        line, = told(router)
        assert word in line
        assert word in router.shell("show crypto isakmp diagnose error")


@pytest.mark.parametrize("name, lines, word", [
    ("key", "no crypto isakmp key cisco123 address 0.0.0.0 0.0.0.0\n"
            "crypto isakmp key other address 0.0.0.0 0.0.0.0", "pre-shared"),
    ("transform", "crypto ipsec transform-set mySet esp-aes 256 esp-sha-hmac", "transform"),
    ("pfs", "crypto ipsec profile myDMVPN\nno set pfs", "PFS"),
    ("policy", "crypto isakmp policy 10\nencryption aes 256", "encryption"),
    ("identity", "crypto isakmp profile WHO\nmatch identity address 3.3.3.2 255.255.255.255\n"
                 "crypto ipsec profile myDMVPN\nset isakmp-profile WHO", "identity"),
])
def test_mismatch_is_told_on_both_ends(empty, name, lines, word):
    r1, r2 = empty["R1"], empty["R2"]
    r1.configure("R1.cfg", "protect.cfg")
    r2.configure("R2.cfg", "protect.cfg", lines)
    with Capture(empty.internet, "to-R2") as capture:
        r1.start()
        r2.start()
        mismatch_is_told((r1, r2), word)
        assert not r2.ns.ping("10.10.10.1")
    assert "10.10.10.2" not in r1.shell("show ip nhrp")
    assert not list(capture.gre()) and not [p for p, *_ in capture.ipv4() if p == ESP]


SHARED = """
interface Tunnel0
tunnel protection ipsec profile myDMVPN shared
"""
SECOND = """
interface Tunnel1
tunnel protection ipsec profile myDMVPN shared
ip address 10.20.20.{number} 255.255.255.0
ip nhrp network-id 2
tunnel key 2
{more}
tunnel source FastEthernet0/0
"""
SECOND_HUB = "tunnel mode gre multipoint"
REGISTERED = r"10\.10\.10\.1 +RE "
SECOND_SPOKE = """
ip nhrp map 10.20.20.1 1.1.1.2
ip nhrp nhs 10.20.20.1
tunnel destination 1.1.1.2
"""


def test_two_tunnels_share_associations(empty):
    """One source, two keys, one pair of SAs: traffic in both, and in none of the other's name."""
    routers = r1, r2, r3 = [empty[name] for name in ("R1", "R2", "R3")]
    with Wire(empty) as wire:
        for number, router in enumerate(routers, 1):
            more = {"R1": SECOND_HUB, "R2": SECOND_SPOKE}.get(router.name)
            second = SECOND.format(number=number, more=more) if more else ""
            router.configure(f"{router.name}.cfg", "protect.cfg", SHARED, second)
            router.start()
        # One that comes when the associations stand uses them.
        r3.wait_registered()
        kept = spi(r3)
        r3.shell("configure terminal", *SECOND.format(number=3, more=SECOND_SPOKE).splitlines())
        for router in (r2, r3):
            router.wait_shell("show ip nhrp nhs", REGISTERED)
            router.wait_shell("show ip nhrp nhs", r"10\.20\.20\.1\s+RE")
        assert spi(r3) == kept
        for router in (r2, r3):
            assert router.ns.ping("10.10.10.1", 3) and router.ns.ping("10.20.20.1", 3)
        assert r2.ns.ping("10.10.10.3", 3) and r2.ns.ping("10.20.20.3", 3)
        before = [r1.ns.packets(f"Tunnel{n}")[0] for n in range(2)]
        data = pattern(1 << 20)
        with Connection(r2.ns, r1.ns, "10.20.20.1") as tcp:
            assert tcp.transfer(data)[0] == sha256(data)
        after = [r1.ns.packets(f"Tunnel{n}")[0] for n in range(2)]
        assert after[1] - before[1] > 20 and after[0] - before[0] < 5
        peers = json.loads(r1.shell("show crypto ipsec sa | json"))["peers"]
        assert [(p["tunnel"], p["remote"], len(p["sas"])) for p in peers] == [
            ("Tunnel0", "2.2.2.2", 2), ("Tunnel0", "3.3.3.2", 2)], "one in each direction"
        # The first of them goes and comes: what they share goes on without it.
        kept = spi(r2)
        with Pings(r2, "10.20.20.1") as pings:
            r2.shell("configure terminal", "interface Tunnel0", "shutdown")
            r2.wait_shell("show ip interface brief", r"Tunnel0\s.*administratively down")
            pings.wait(20)
            r2.shell("configure terminal", "interface Tunnel0", "no shutdown")
            r2.wait_shell("show ip nhrp nhs", REGISTERED)
            pings.wait(20)
        assert not pings.lost and spi(r2) == kept
        assert r2.ns.ping("10.10.10.1", 3) and r2.ns.ping("10.20.20.1", 3)
        # Renewed, and killed: still nothing in clear.
        r2.shell("clear crypto session")
        net.wait_for(lambda: r2.ns.ping("10.10.10.1") and r2.ns.ping("10.20.20.1"),
                     net.PATIENCE_S, "both tunnels are back")
        r2.kill()
        r2.ns.ping("10.20.20.1")
    wire.assert_nothing_in_clear()
    assert wire.count(ESP) > 100


def test_a_tunnel_that_is_typed_in_is_never_in_clear(empty):
    """Its protection is its last line, and operators stop to think before that."""
    r1, r2 = empty["R1"], empty["R2"]
    r1.configure("R1.cfg", "protect.cfg")
    r1.start()
    text = (net.CONFIGS / "R2.cfg").read_text()
    tunnel, rest = text.split("\n\n", 1)
    crypto, protection = (net.CONFIGS / "protect.cfg").read_text().split("interface Tunnel0")
    r2.configure(rest, crypto)
    r2.start()
    with Capture(empty.internet, r2.uplink) as capture, Terminal(r2) as terminal:
        for line in ["configure terminal"] + tunnel.splitlines():
            terminal.expect("#")
            terminal.type(f"{line}\n")
        r2.wait_shell("show ip interface brief", r"Tunnel0 +10\.10\.10\.2 .*\bup +down\b")
        assert not r2.ns.ping("10.10.10.1")
        for line in protection.strip().splitlines() + ["end"]:
            terminal.expect("#")
            terminal.type(f"{line}\n")
        r2.wait_registered()
    assert not list(capture.gre()) and not capture.in_clear()


def test_clear_crypto(protected):
    """What goes is asked for anew; what it is not about stays."""
    r1, r2 = protected["R1"], protected["R2"]

    def ike():
        return re.search(r"\bQM_IDLE\s+(\d+)", r2.shell("show crypto isakmp sa"))[1]

    for line, other_ike, other_spi in (("clear crypto sa peer 9.9.9.9", False, False),
                                       ("clear crypto sa peer 1.1.1.2", False, True),
                                       ("clear crypto sa", False, True),
                                       ("clear crypto isakmp", True, False),
                                       ("clear crypto session", True, True),
                                       ("clear crypto session remote 1.1.1.2", True, True)):
        before = ike(), spi(r2)
        r2.shell(line)
        if other_ike and not other_spi:  # nothing is to be negotiated until the next renewal
            net.wait_for(lambda: "QM_IDLE" not in r2.shell("show crypto isakmp sa"),
                         net.PATIENCE_S, line)
            assert spi(r2) == before[1]
            r2.shell("clear crypto sa")
        net.wait_for(lambda: r2.ns.ping("10.10.10.1") and spi(r2), net.PATIENCE_S,
                     f"up again after {line}")
        assert (ike() != before[0]) == other_ike, line
        if not (other_ike and not other_spi):
            assert (spi(r2) != before[1]) == other_spi, line
    assert r1.ns.ping("10.10.10.2")


@pytest.mark.parametrize("command, words", [
    ("debug crypto isakmp", r"SA has been authenticated with 1\.1\.1\.2"),
    ("debug crypto ipsec", r"IPSEC: Tunnel0: SAs with 1\.1\.1\.2 .*are created"),
])
def test_debug_crypto(protected, command, words):
    r2 = protected["R2"]
    with Terminal(r2) as terminal:
        terminal.expect(r"#")
        terminal.type("terminal monitor\n")
        terminal.expect(r"#")
        terminal.type(f"{command}\n")
        terminal.expect(r"debugging is on")
        r2.shell("clear crypto session")
        terminal.expect(words)
        terminal.type("undebug all\n")
        terminal.expect(r"#")


def test_port_of_another_program(empty):
    r1 = empty["R1"]
    r1.ns.ip("address", "add", "1.1.1.2/24", "dev", "eth0")
    r1.ns.ip("link", "set", "eth0", "up")
    other = r1.ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("0.0.0.0", 500))
    r1.configure("R1.cfg", "protect.cfg")
    r1.start()
    r1.wait_log("%CRYPTO-3-PORT: UDP port 500 of 1.1.1.2 cannot be had, so Tunnel0 stays down")
    r1.wait_shell("show ip interface brief", r"Tunnel0\s.*\bup\s+down\b")
    other.close()
    r1.wait_shell("show ip interface brief", r"Tunnel0\s.*\bup\s+up\b")


def test_ports_are_free_while_nothing_is_protected(lab):
    out = lab["R1"].ns.run("ss", "-Huln").stdout
    assert ":500" not in out and ":4500" not in out


def drops(router, words):
    rows = [line for line in router.shell("show drops").splitlines() if words in line]
    assert rows, f"no row {words!r}"
    return sum(int(row.split()[0]) for row in rows)


RENEWALS = 4
RENEWED = """
crypto ipsec profile myDMVPN
set security-association lifetime kilobytes 2560
"""


@pytest.mark.parametrize("mode", ["tunnel", "transport"])
def test_renewal_loses_nothing(empty, mode):
    """Associations are used up within a second or two; 100 pings a second notice nothing."""
    start(empty, RENEWED, *([TRANSPORT] if mode == "transport" else []))
    r1, r2 = empty["R1"], empty["R2"]
    seen, data = {spi(r2)}, pattern(1 << 20)

    def used_up():
        with Connection(r2.ns, r1.ns, "10.10.10.1") as tcp:
            assert tcp.transfer(data)[0] == sha256(data)
        seen.add(spi(r2))
        return len(seen) > RENEWALS
    with Pings(r2, "10.10.10.1") as pings:
        net.wait_for(used_up, net.PATIENCE_S, f"{RENEWALS} renewals")
        pings.wait(1)
    assert not pings.lost
    for router in (r1, r2):
        assert "is DOWN" not in router.log()
        assert drops(router, "could not be opened") == 0


def test_tshark_reads_with_the_logged_keys(empty):
    """What is on the wire is what RFC 2409 and RFC 4303 say, by another's reading of them."""
    keys = empty.dir / "keys"
    for name in ("R1", "R2"):
        router = empty[name]
        router.program = "dmvpnd-keylog"
        router.configure(f"{name}.cfg", "protect.cfg")
    pcap = empty.dir / "wire.pcap"
    with Capture(empty.internet, "to-R2") as capture:
        empty["R1"].start("--keylog", keys)
        empty["R2"].start()
        empty["R2"].wait_registered()
        assert empty["R2"].ns.ping("10.10.10.1", 3)
    capture.write(pcap)
    assert keys.stat().st_mode & 0o777 == 0o600
    lines = [word for line in keys.read_text().splitlines() for word in ("-o", line)]

    def seen(display_filter, *options):
        return len(tshark(pcap, *options, *lines, "-Y", display_filter).splitlines())
    esp = ("-o", "esp.enable_encryption_decode:TRUE",
           "-o", "esp.enable_authentication_check:TRUE")
    assert seen("icmp && ip.addr == 10.10.10.1", *esp) == 6 and seen("nhrp", *esp) >= 2
    assert seen("ip.addr == 10.10.10.1") == 0, "nothing without them"
    assert seen("esp.icv_good == 1", *esp) == seen("esp") > 6
    assert seen("icmp && ip.addr == 10.10.10.1", *esp) == 6
    assert seen("nhrp", *esp) >= 2
    assert seen("isakmp.exchangetype == 32 && isakmp.nonce") >= 2, "quick mode's nonces"
    assert seen("_ws.malformed", *esp) == 0


# ---- NAT ----

NETLINK_NETFILTER = 12
CONNTRACK_DELETE = 1 << 8 | 2  # of everything, where nothing is said
REQUEST_ACK = 1 | 4


def forget_connections(cloud):
    """The NAT has lost its memory, as after a restart."""
    message = struct.pack("=IHHII4x", 20, CONNTRACK_DELETE, REQUEST_ACK, 1, 0)
    with cloud.internet.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as netlink:
        netlink.send(message)
        assert struct.unpack_from("=i", netlink.recv(4096), 16)[0] == 0


def sessions(router):
    """By whom the peer has proved to be."""
    return {s["peer_identity"]: s for s in router.json("show crypto session")["sessions"]}


def each_session_has_its_own_sa(hub):
    found = sessions(hub)
    assert set(found) == {"2.2.2.2", "3.3.3.2"}
    assert {s["peer"] for s in found.values()} == {"1.1.1.1"}
    assert [s["status"] for s in found.values()] == ["UP-ACTIVE"] * 2
    for name, session in found.items():
        assert [sa["remote_port"] for sa in session["ike"]] == [session["peer_port"]]
        port = session["peer_port"]
        assert f"Peer: 1.1.1.1 port {port} \n" in hub.shell("show crypto session")
        assert re.search(rf"current_peer 1\.1\.1\.1 port {port}$",
                         hub.shell("show crypto ipsec sa"), re.M), name
    ports = {s["peer_port"] for s in found.values()}
    assert ports == {int(p) for p in re.findall(r"UP\. Peer 1\.1\.1\.1:(\d+)", hub.log())}
    assert len(ports) == 2


def test_two_spokes_behind_one_nat_address(empty):
    empty.masquerade()
    with Wire(empty) as wire:
        r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
        for router in (r1, r2, r3):  # the first one of the spokes has the address that both share
            router.configure(f"{router.name}.cfg", "protect.cfg")
            router.start()
            if router != r1:
                router.wait_registered()
        for _ in range(2):
            assert r2.ns.ping("10.10.10.1", 5) and r3.ns.ping("10.10.10.1", 5)
            assert r2.ns.ping("10.10.10.3", 5) and r1.ns.ping("10.10.10.2", 2)
        out = r1.shell("show ip nhrp")
        assert "NBMA address: 1.1.1.1" in out and "Claimed NBMA address: 2.2.2.2" in out
        each_session_has_its_own_sa(r1)
    wire.assert_nothing_in_clear()
    assert wire.count(ESP) == 0 and wire.count(UDP) > 40


def change_ports(cloud):
    cloud.nft("flush chain ip nat postrouting; "
              'add rule ip nat postrouting oifname "to-R1" ip protocol udp '
              "masquerade to :20000-30000")
    forget_connections(cloud)


def test_nat_that_changes_the_port(empty):
    empty.masquerade()
    start(empty)
    r1, r2 = empty["R1"], empty["R2"]
    assert r2.ns.ping("10.10.10.1", 2)
    change_ports(empty)
    net.wait_for(lambda: r2.ns.ping("10.10.10.1"), net.PATIENCE_S, "R2 is heard from its new port")
    assert r1.ns.ping("10.10.10.2", 2)
    assert "Crypto tunnel is DOWN" not in r2.log()


def test_esp_alone_from_another_port(empty):
    """RFC 3948, section 4.1: not a word of IKE gets through, and the hub follows its peer."""
    empty.masquerade()
    start(empty)
    r1, r2 = empty["R1"], empty["R2"]
    assert r2.ns.ping("10.10.10.1", 2)
    empty.nft("""
        table ip mute {
            chain forward {
                type filter hook forward priority filter - 1
                udp sport 500 drop
                udp dport 500 drop
                meta l4proto udp @th,64,32 0 counter drop
                udp length 9 drop
            }
        }""")
    change_ports(empty)
    net.wait_for(lambda: r2.ns.ping("10.10.10.1"), net.PATIENCE_S, "R2 is heard from its new port")
    assert r1.ns.ping("10.10.10.2", 2)
    assert 20000 <= sessions(r1)["2.2.2.2"]["peer_port"] <= 30000
    assert "Crypto tunnel is DOWN" not in r1.log() + r2.log()
