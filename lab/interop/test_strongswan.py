# SPDX-License-Identifier: Apache-2.0
"""strongSwan with the kernel's ESP, below plain GRE of the kernel: as spoke and as hub of ours."""

import contextlib
import re
import shutil
from dataclasses import dataclass, field

import pytest

import net
import peers
import strongswan
from pings import Pings
from strongswan import Settings
from test_certificates import lines, make
from traffic import Capture, tshark

ESP_PROTOCOL, UDP_PROTOCOL = 50, 17
LIFETIME_MIN_S = 60  # the shortest that IOS takes
OURS = "10.10.10.1"

# As configs/lab/protect.cfg; {…} is what cases vary.
CRYPTO = """
crypto isakmp policy 10
 authentication pre-share
{policy}
crypto isakmp key cisco123 address 0.0.0.0 0.0.0.0
crypto ipsec transform-set T {transforms}
 mode {mode}
crypto ipsec profile P
 set transform-set T
{profile}
interface Tunnel0
 tunnel protection ipsec profile P
"""

# F1 in the place of R1.
HUB = """
interface Tunnel0
 no ip nhrp map 10.10.10.1 1.1.1.2
 no ip nhrp nhs 10.10.10.1
 no tunnel destination
 tunnel mode gre multipoint
 ip nhrp map 10.10.10.11 203.0.113.11
"""

# The peer runs no NHRP, so we are told where it is.
MAP = "ip nhrp map 10.10.10.11 203.0.113.11"

@dataclass
class Case:
    """One way to agree, as both ends are told."""

    name: str
    theirs: dict = field(default_factory=dict)  # of Settings
    policy: str = ""
    transforms: str = "esp-aes esp-sha-hmac"
    profile: str = "set pfs group2"
    lines: str = ""                             # ours, instead of all these

    def ours(self):
        if self.lines:
            return self.lines
        mode = self.theirs.get("mode", "transport")
        lines = {"policy": self.policy, "profile": self.profile}
        return CRYPTO.format(mode=mode, transforms=self.transforms,
                             **{k: " " + v.replace("; ", "\n ") for k, v in lines.items()})


CASES = [
    Case("transport"),
    Case("tunnel", {"mode": "tunnel"}),
    Case("transport-no-pfs", {"esp": "aes128-sha1"}, profile=""),
    Case("tunnel-no-pfs", {"esp": "aes128-sha1", "mode": "tunnel"}, profile=""),
    Case("udp-encapsulated", {"encap": "yes"}),
    Case("udp-encapsulated-tunnel", {"encap": "yes", "mode": "tunnel"}),
]

PLAIN = CASES[0]

NAT = """
table ip nat {{
    chain postrouting {{
        type nat hook postrouting priority srcnat
        oifname {uplink} ip saddr {source} masquerade
    }}
}}
"""

SUITES = [
    Case("sha1-group2", {"ike": "aes128-sha1-modp1024"}, "hash sha; group 2"),
    Case("aes256-sha512-group16",
         {"ike": "aes256-sha512-modp4096", "esp": "aes256-sha512-modp4096"},
         "encryption aes 256; hash sha512; group 16", "esp-aes 256 esp-sha512-hmac",
         "set pfs group16"),
    Case("aes192-sha384-group15",
         {"ike": "aes192-sha384-modp3072", "esp": "aes192-sha384-modp3072"},
         "encryption aes 192; hash sha384; group 15", "esp-aes 192 esp-sha384-hmac",
         "set pfs group15"),
    Case("group19-gcm128", {"ike": "aes128-sha256-ecp256", "esp": "aes128gcm16-ecp256"},
         "hash sha256; group 19", "esp-gcm", "set pfs group19"),
    Case("group20-gcm256", {"ike": "aes256-sha384-ecp384", "esp": "aes256gcm16-ecp384"},
         "encryption aes 256; hash sha384; group 20", "esp-gcm 256", "set pfs group20"),
    Case("group21-gcm192", {"ike": "aes256-sha512-ecp521", "esp": "aes192gcm16-ecp521"},
         "encryption aes 256; hash sha512; group 21", "esp-gcm 192", "set pfs group21"),
    Case("group24-sha256", {"ike": "aes128-sha256-modp2048s256", "esp": "aes128-sha256"},
         "hash sha256; group 24", "esp-aes esp-sha256-hmac", ""),
    Case("3des-md5-group5", {"ike": "3des-md5-modp1536", "esp": "3des-md5"},
         "encryption 3des; hash md5; group 5", "esp-3des esp-md5-hmac", ""),
    Case("null", {"esp": "null-sha1"}, "", "esp-null esp-sha-hmac", ""),
    Case("esn", {"esp": "aes128-sha1-esn"}, "", "esp-aes esp-sha-hmac esn", ""),
]


def start(cloud, router, case, *lines, **more):
    """Our router, and charon with plain GRE at F1."""
    f1 = cloud["F1"]
    f1.gre(remote=router.nbma)
    f1.run(f"ip address add {f1.tunnel}/24 dev gre1")
    charon = strongswan.Charon(f1, Settings(remote=router.nbma, **{**case.theirs, **more}))
    router.configure(f"{router.name}.cfg", *lines, case.ours())
    router.start()
    return f1, charon


def installed(charon, case):
    return charon.wait_sas(rf"INSTALLED, {case.theirs.get('mode', 'transport').upper()}")


def carries(cloud, router, peer, ours):
    """Pings and TCP go both ways, and not a byte of it in clear."""
    with Capture(cloud.internet, "guest") as capture:
        assert router.ns.ping(peer.tunnel, 2)
        assert router.ns.ping(peer.tunnel, 1, 1300)
        assert peer.ping(ours, 2)
        assert peer.ping(ours, 1, 1300)
        assert peer.echo(router), "TCP"
    assert not list(capture.gre())
    return {protocol for protocol, _, _, payload in capture.ipv4() if len(payload) > 1000}


def as_spoke(cloud, case, **more):
    """strongSwan begins; our hub learns by NHRP's map later what this peer is."""
    r1 = cloud["R1"]
    f1, charon = start(cloud, r1, case, **more)
    charon.initiate()
    installed(charon, case)
    r1.shell("configure terminal", "interface Tunnel0", MAP)
    return r1, f1, charon


def as_hub(cloud, case, **more):
    """Our spoke begins, since its map names a peer."""
    r2 = cloud["R2"]
    f1, charon = start(cloud, r2, case, HUB, **more)
    installed(charon, case)
    return r2, f1, charon


@pytest.mark.parametrize("case", [pytest.param(PLAIN, marks=pytest.mark.smoke), *CASES[1:]],
                         ids=lambda case: case.name)
def test_as_spoke(cloud, case):
    r1, f1, charon = as_spoke(cloud, case)
    expected = UDP_PROTOCOL if "encap" in case.theirs else ESP_PROTOCOL
    assert carries(cloud, r1, f1, "10.10.10.1") == {expected}
    assert charon.sas().count("INSTALLED") == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_as_hub(cloud, case):
    r2, f1, charon = as_hub(cloud, case)
    expected = UDP_PROTOCOL if "encap" in case.theirs else ESP_PROTOCOL
    assert carries(cloud, r2, f1, "10.10.10.2") == {expected}
    assert charon.sas().count("INSTALLED") == 1


@pytest.mark.parametrize("case", SUITES, ids=lambda case: case.name)
def test_suite(cloud, case):
    r2, f1, charon = as_hub(cloud, case)
    assert r2.ns.ping(f1.tunnel, 1, 1300)
    assert f1.ping("10.10.10.2", 1, 1300)


@pytest.fixture
def by_certificate(cloud, tmp_path):
    """Certificates of one authority at both ends: the guide's commands, the guide's lines."""
    f1, folder = cloud["F1"], tmp_path / "ca"

    def case(router):
        make(folder, "f1", f1.nbma)
        for source, target in (("f1.crt", "x509/own.pem"), ("f1.key", "private/own.key"),
                               ("ca.crt", "x509ca/ca.pem")):
            (f1.dir / target).parent.mkdir(exist_ok=True)
            shutil.copy(folder / source, f1.dir / target)
        return Case("certificates", {"certificates": True, "esp": "aes128gcm16"},
                    lines=lines(make(folder, router.name.lower(), router.nbma)))

    yield case
    for part in ("x509", "private", "x509ca"):
        shutil.rmtree(f1.dir / part, ignore_errors=True)


def test_certificates_as_spoke(cloud, by_certificate):
    r1, f1, charon = as_spoke(cloud, by_certificate(cloud["R1"]))
    carries(cloud, r1, f1, "10.10.10.1")


def test_certificates_as_hub(cloud, by_certificate):
    r2, f1, charon = as_hub(cloud, by_certificate(cloud["R2"]))
    carries(cloud, r2, f1, "10.10.10.2")


@pytest.fixture
def masquerade(cloud):
    """Makes a router's packets leave the Internet by one uplink with that uplink's address."""
    def begin(uplink, router):
        cloud.nft(NAT.format(uplink=uplink, source=router.nbma))

    yield begin
    cloud.internet.run("nft", "delete", "table", "ip", "nat", check=False)


@pytest.mark.parametrize("mode", ["transport", "tunnel"])
def test_spoke_behind_a_nat(cloud, masquerade, mode):
    r1, case = cloud["R1"], Case("", {"mode": mode})
    masquerade("to-R1", cloud["F1"])
    f1, charon = start(cloud, r1, case)
    charon.initiate()
    installed(charon, case)
    r1.shell("configure terminal", "interface Tunnel0", "ip nhrp map 10.10.10.11 1.1.1.1")
    assert carries(cloud, r1, f1, "10.10.10.1") == {UDP_PROTOCOL}


@pytest.mark.parametrize("mode", ["transport", "tunnel"])
def test_we_renew_with_a_spoke_behind_a_nat(cloud, masquerade, mode):
    """We ask it for the address that it has itself: in tunnel mode it knows no other."""
    r1, case = cloud["R1"], Case("", {"mode": mode}, profile="set pfs group2; set "
                                 "security-association lifetime kilobytes 2560")
    masquerade("to-R1", cloud["F1"])
    f1, charon = start(cloud, r1, case, esp_rekey="0s")
    charon.initiate()
    installed(charon, case)
    r1.shell("configure terminal", "interface Tunnel0", "ip nhrp map 10.10.10.11 1.1.1.1")
    before = charon.spis()
    assert f1.echo(r1, 3 << 20)
    assert carries(cloud, r1, f1, "10.10.10.1") == {UDP_PROTOCOL}
    renewed(charon, before)
    assert carries(cloud, r1, f1, "10.10.10.1") == {UDP_PROTOCOL}


@pytest.mark.parametrize("mode", ["transport", "tunnel"])
def test_our_spoke_behind_a_nat(cloud, masquerade, mode):
    r2, f1, case = cloud["R2"], cloud["F1"], Case("", {"mode": mode})
    masquerade(peers.TAP, r2)
    # Inside of a tunnel are the addresses from before the NAT.
    seen = peers.GATEWAY if mode == "transport" else r2.nbma
    selector = "dynamic[gre]" if mode == "transport" else f"{r2.nbma}/32[gre]"
    f1.gre(remote=seen)
    f1.run(f"ip address add {f1.tunnel}/24 dev gre1")
    charon = strongswan.Charon(f1, Settings(mode=mode, remote_ts=selector))
    r2.configure("R2.cfg", HUB, case.ours())
    r2.start()
    installed(charon, case)
    assert carries(cloud, r2, f1, "10.10.10.2") == {UDP_PROTOCOL}


@pytest.mark.parametrize("mode, suite", [("transport", ()), ("tunnel", ("gcm",))])
def test_tshark_decrypts_with_our_keys(cloud, tmp_path, mode, suite):
    """IKE and ESP that strongSwan took, read by a third party: a build for tests logs the keys."""
    r2, f1, keys = cloud["R2"], cloud["F1"], tmp_path / "keys"
    f1.gre(remote=r2.nbma)
    f1.run(f"ip address add {f1.tunnel}/24 dev gre1")
    more = {"esp": "aes128gcm16-modp1024"} if suite else {}
    case = Case("", {"mode": mode, **more},
                transforms="esp-gcm" if suite else "esp-aes esp-sha-hmac")
    charon = strongswan.Charon(f1, Settings(**case.theirs))
    r2.program = "dmvpnd-keylog"
    r2.configure("R2.cfg", HUB, case.ours())
    with Capture(cloud.internet, peers.TAP) as capture:
        r2.start("--keylog", keys)
        installed(charon, case)
        assert r2.ns.ping(f1.tunnel, 2)
    capture.write(tmp_path / "packets.pcap")
    options = [word for line in keys.read_text().splitlines() for word in ("-o", line)]

    def decrypted(what):
        return tshark(tmp_path / "packets.pcap", *options,
                      "-o", "esp.enable_encryption_decode:TRUE",
                      "-o", "esp.enable_authentication_check:TRUE", "-Y", what).splitlines()

    assert len(decrypted("esp && gre && icmp.type == 8")) == 2
    assert len(decrypted("esp && gre && icmp.type == 0")) == 2
    assert not decrypted("esp.icv_bad == 1")
    # Both identities of main mode, and each of quick mode's selectors twice.
    assert len(decrypted("isakmp.id.type")) == 4


@contextlib.contextmanager
def no_ping_lost(router, to):
    """A hundred pings a second from a router of ours meanwhile, all answered."""
    with Pings(router, to) as pings:
        yield
    assert pings.sent > 10 and not pings.lost


def renewed(charon, before, timeout_s=net.PATIENCE_S):
    """Waits until other SPIs are in use, and returns them."""
    return net.wait_for(lambda: (now := charon.spis()) and now[0] != before[0] and now, timeout_s,
                        f"{charon.place.name}: other SPIs than {before}")


@pytest.mark.parametrize("role", [as_spoke, as_hub])
@pytest.mark.parametrize("mode", ["transport", "tunnel"])
def test_they_renew(cloud, role, mode):
    """Both SAs, on their command, and not a ping is lost."""
    ours, f1, charon = role(cloud, Case("", {"mode": mode}))
    assert ours.ns.ping(f1.tunnel)
    with no_ping_lost(ours, f1.tunnel):
        first = charon.spis()
        charon.control("rekey", "--child", "gre")
        second = renewed(charon, first)
        charon.control("rekey", "--ike", "dmvpn")
        charon.wait_sas(r"dmvpn: #(?!1,)\d+, ESTABLISHED")
        charon.control("rekey", "--child", "gre")
        renewed(charon, second)


def test_we_renew_before_their_lifetime_ends(cloud):
    """strongSwan offers 20 s and does not renew; we do so as the responder, a second before.

    Of the pair that follows we are the initiator, and it does not say when that ends for it.
    """
    r1, f1, charon = as_spoke(cloud, PLAIN, esp_rekey="0s", esp_life="20s")
    assert r1.ns.ping(f1.tunnel)
    with no_ping_lost(r1, f1.tunnel):
        renewed(charon, charon.spis())


def test_we_renew_by_volume(cloud):
    r2, f1, charon = as_hub(cloud, Case("", profile="set pfs group2; set security-association "
                                                    "lifetime kilobytes 2560"))
    before = charon.spis()
    assert f1.echo(r2, 3 << 20)
    renewed(charon, before)


def test_we_renew_both(cloud):
    r2, f1, charon = as_hub(cloud, Case("", policy=f"lifetime {LIFETIME_MIN_S}"))
    assert r2.ns.ping(f1.tunnel)
    with no_ping_lost(r2, f1.tunnel):
        charon.wait_sas(r"dmvpn: #(?!1,)\d+, ESTABLISHED", LIFETIME_MIN_S + net.PATIENCE_S)


def test_they_die(cloud):
    """DPD both ways: we answer theirs, notice when ours stay unanswered, and try again."""
    r2, f1, charon = as_hub(cloud, PLAIN, dpd="1s")
    log = f1.dir / "charon.log"
    net.wait_for(lambda: "DPD_ACK" in log.read_text(), net.PATIENCE_S, "we answer DPD")
    charon.kill()
    f1.run("ip xfrm state flush; ip xfrm policy flush")

    def gone():
        return not r2.ns.ping(f1.tunnel) and "DOWN" in r2.shell("show crypto session")

    net.wait_for(gone, net.PATIENCE_S, "we notice")
    strongswan.Charon(f1, Settings(remote=r2.nbma))
    net.wait_for(lambda: r2.ns.ping(f1.tunnel), net.PATIENCE_S, "we are back by ourselves")


def test_we_die(cloud):
    r2, f1, charon = as_hub(cloud, PLAIN, dpd="2s")
    assert r2.ns.ping(f1.tunnel)
    r2.kill()
    net.wait_for(lambda: "INSTALLED" not in charon.sas(), net.PATIENCE_S, "strongSwan gives us up")
    r2.start()
    net.wait_for(lambda: r2.ns.ping(f1.tunnel), net.PATIENCE_S, "we are back by ourselves")


def test_they_leave(cloud):
    """A DELETE is obeyed at once, and no packet goes in clear instead."""
    r1, f1, charon = as_spoke(cloud, PLAIN)
    assert r1.ns.ping(f1.tunnel)
    with Capture(cloud.internet, "guest") as capture:
        charon.stop()
        r1.wait_shell("show crypto session", "DOWN")
        assert not r1.ns.ping(f1.tunnel)
    assert not list(capture.gre())
