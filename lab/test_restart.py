# SPDX-License-Identifier: Apache-2.0
"""Ends and new starts: kill -9 of hub and spoke, SIGTERM, SIGHUP."""

import re
import time

import net
from traffic import Capture, Connection, pattern, sha256

REGISTRATION_REQUEST = 3


def state(router):
    """What the daemon may have changed in its namespace."""
    ns = router.ns
    return {
        "links": sorted(ns.links()),
        "addresses": {link: ns.addresses(link) for link in ns.links()},
        "routes": sorted((r["dst"], r.get("gateway"), r.get("dev")) for r in ns.routes()),
        "forwarding": ns.sysctl("net.ipv4.ip_forward"),
    }


def test_hub_killed_and_restarted_forwards_at_once(lab):
    r1, r2, r3 = lab["R1"], lab["R2"], lab["R3"]
    kept = r1.state_dir / "cache"
    net.wait_for(lambda: kept.exists() and all(r.nbma in kept.read_text() for r in (r2, r3)),
                 net.PATIENCE_S, "both are on disk")
    assert r2.ns.ping("10.10.10.3")
    r1.kill()
    assert not r2.ns.ping("10.10.10.3")
    r1.start()
    assert r2.ns.ping("10.10.10.3", 1), "first packet between spokes"
    assert r3.ns.ping("10.10.10.2", 1), "first packet the other way"
    assert r1.ns.ping("10.10.10.2", 1), "first packet of the hub"
    assert r3.ns.ping("10.10.10.1", 1)
    out = r1.shell("show ip nhrp")
    assert "NBMA address: 2.2.2.2" in out and "NBMA address: 3.3.3.2" in out
    since = r1.log().split("%NHRP-6-RESTORED: 2")[1]
    assert "%DMVPN-5-NHRP_NHC_UP" not in since, "nobody had to register again for this"


def test_hub_that_forgot_everything(lab):
    """Killed and without its cache: the spokes hear of it by what they send, R3 only for the
    network behind it, long before they would register."""
    r1, r2, r3 = (lab[name] for name in ("R1", "R2", "R3"))
    r3.ns.ip("address", "add", "192.168.3.1/32", "dev", "lo")
    r1.kill()
    r1.forget()
    r1.start()
    started = time.monotonic()

    def are_back():
        r3.ns.ping("10.10.10.1", options=("-I", "192.168.3.1"))
        return r2.ns.ping("10.10.10.1") and "NBMA address: 3.3.3.2" in r1.shell("show ip nhrp")
    net.wait_for(are_back, net.PATIENCE_S, "both spokes are back")
    print(f"both spokes are back {time.monotonic() - started:.1f} s after the hub")
    assert "ERROR" not in r2.log() + r3.log()


def test_killed_spoke_leaks_nothing_and_is_taken_over(lab):
    r2 = lab["R2"]
    index = r2.ns.ip_json("link", "show", "Tunnel0")[0]["ifindex"]
    with Connection(r2.ns, lab["R3"].ns, "10.10.10.3") as tcp:
        assert tcp.transfer(b"before")[0] == sha256(b"before")
        r2.kill()
        assert "Tunnel0" in r2.ns.links()
        with Capture(r2.ns, "eth0") as capture:
            tcp.client.send(b"in between")
            assert not r2.ns.ping("10.10.10.3", 2)
            assert not r2.ns.ping("10.10.10.1", 2)
        assert capture.in_clear() == [], "nothing of the overlay leaves by the default route"
        r2.start()
        assert r2.ns.ip_json("link", "show", "Tunnel0")[0]["ifindex"] == index
        assert tcp.server.recv(100) == b"in between"
        data = pattern(1 << 20)
        assert tcp.transfer(data, back=True)[0] == sha256(data)
        assert tcp.transfer(data)[0] == sha256(data)
    assert r2.ns.ping("10.10.10.1", 1)


def test_sigterm_leaves_nothing(empty):
    for name in ("R1", "R2"):
        empty[name].ns.ip("link", "set", "eth0", "up")
    before = {name: state(empty[name]) for name in ("R1", "R2")}
    for name in ("R1", "R2"):
        empty[name].configure(f"{name}.cfg")
        empty[name].start()
    r1, r2 = empty["R1"], empty["R2"]
    r2.wait_registered()
    assert state(r2) != before["R2"]
    assert r2.stop() == 0
    assert state(r2) == before["R2"]
    assert list(r2.run_dir.iterdir()) == []
    r1.wait_shell("show ip nhrp summary", "cache 0 entries, 0 bytes")  # it purged its registration
    assert r1.stop() == 0
    assert state(r1) == before["R1"]
    assert list(r1.run_dir.iterdir()) == []


def test_sigterm_after_a_kill_leaves_nothing(empty):
    r2 = empty["R2"]
    r2.ns.ip("link", "set", "eth0", "up")
    before = state(r2)
    r2.configure("R2.cfg")
    r2.start()
    r2.kill()
    r2.start()
    assert r2.stop() == 0
    assert state(r2) == before
    assert list(r2.run_dir.iterdir()) == []


def test_address_of_somebody_else_is_left_alone(empty):
    """What was there before the daemon stays when it goes."""
    r2 = empty["R2"]
    r2.ns.ip("link", "set", "eth0", "up")
    r2.ns.ip("address", "add", "2.2.2.2/24", "dev", "eth0")
    r2.ns.sysctl("net.ipv4.ip_forward", 1)
    before = state(r2)
    r2.configure("R2.cfg")
    r2.start()
    assert r2.stop() == 0
    assert state(r2) == before


def test_cleanup_after_a_kill(empty):
    r2 = empty["R2"]
    r2.ns.ip("link", "set", "eth0", "up")
    before = state(r2)
    r2.configure("R2.cfg")
    r2.start()
    r2.kill()
    assert state(r2) != before
    r2.ns.run(*r2.command("--cleanup"))
    assert state(r2) == before
    assert list(r2.run_dir.iterdir()) == []


def test_sighup_changes_only_what_differs(lab):
    r2 = lab["R2"]
    index = r2.ns.ip_json("link", "show", "Tunnel0")[0]["ifindex"]
    lines = r2.log().count("%LINEPROTO-5-UPDOWN")
    with Connection(r2.ns, lab["R3"].ns, "10.10.10.3") as tcp, \
            Capture(lab.internet, "to-R2") as capture:
        r2.configure("R2.cfg", "ip route 192.0.2.0 255.255.255.0 Null0")
        r2.hang_up()
        net.wait_for(lambda: "192.0.2.0/24" in [r["dst"] for r in r2.ns.routes()], net.PATIENCE_S,
                     "the new route is there")
        data = pattern(1 << 20)
        assert tcp.transfer(data)[0] == sha256(data)
        r2.configure("R2.cfg")
        r2.hang_up()
        net.wait_for(lambda: "192.0.2.0/24" not in [r["dst"] for r in r2.ns.routes()],
                     net.PATIENCE_S, "the route is gone")
    assert r2.ns.ip_json("link", "show", "Tunnel0")[0]["ifindex"] == index
    assert r2.log().count("%LINEPROTO-5-UPDOWN") == lines
    assert REGISTRATION_REQUEST not in [kind for kind, _, _ in capture.nhrp()]


def test_sighup_with_a_broken_file_keeps_running(lab):
    r2 = lab["R2"]
    r2.config.unlink()
    r2.hang_up()
    r2.wait_log(str(r2.config))
    assert r2.ns.ping("10.10.10.1", 2)


def test_request_ids_never_repeat(lab):
    """Not over a kill, either: the id of each registration is higher than the one before."""
    r2, ids = lab["R2"], []
    for _ in range(3):
        out = r2.wait_shell("show ip nhrp nhs detail", r"\(Ack: \d+\)")
        ids.append(int(re.search(r"Current Request ID: (\d+) \(Ack", out)[1]))
        r2.kill()
        r2.start()
        r2.wait_registered()
    assert ids == sorted(set(ids)), ids
