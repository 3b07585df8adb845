# SPDX-License-Identifier: Apache-2.0
"""The reference lab: every transcript, then multipoint spokes and the direct path."""

import re

import pytest

import net
import reference
from matching import assert_transcript
from traffic import Capture, shared

ICMP = 1


def play(cloud, steps):
    for name, command, expected in steps:
        assert_transcript(expected, cloud[name].shell(command))


def test_transcripts_word_for_word(lab):
    play(lab, reference.HUB_AND_SPOKES)


def test_configurations_are_the_reference_ones():
    folder = shared()
    if not folder:
        pytest.skip("needs ../shared")
    for ours in net.CONFIGS.glob("*.cfg"):
        assert ours.read_bytes() == (folder / "seed-lab" / ours.name).read_bytes()


def test_registered_entries_expire_in_two_hours(lab):
    out = lab["R1"].shell("show ip nhrp")
    times = re.findall(r"expire (\d\d):(\d\d):(\d\d)", out)
    assert len(times) == 2
    for hours, minutes, seconds in times:
        left = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        assert 7200 - 60 <= left <= 7200


def test_entry_is_at_most_248_bytes(lab):
    for name, count in (("R1", 2), ("R3", 1)):
        out = lab[name].shell("show ip nhrp summary")
        size = int(re.search(r"IP NHRP cache \d+ \w+, (\d+) bytes", out)[1])
        assert 0 < size <= 248 * count


def test_pings_between_spokes_pass_the_hub(lab):
    with Capture(lab.internet, "to-R1") as capture:
        assert lab["R2"].ns.ping("10.10.10.3", 3)
        assert lab["R3"].ns.ping("10.10.10.2", 3)
    # Request and reply of six pings, each into the hub and out of it.
    assert sum(p == ICMP for p, *_ in capture.inner()) == 24


def test_first_packet_is_not_lost(lab):
    for name, to in (("R2", "10.10.10.1"), ("R2", "10.10.10.3"), ("R1", "10.10.10.2"),
                     ("R1", "10.10.10.3"), ("R3", "10.10.10.2")):
        assert lab[name].ns.ping(to, 1), f"{name} to {to}"


def test_hub_forwards_and_spokes_are_on_the_tunnel_network(lab):
    for name in ("R1", "R2", "R3"):
        ns = lab[name].ns
        assert ns.sysctl("net.ipv4.ip_forward") == "1"
        assert ns.addresses("Tunnel0") == [f"10.10.10.{name[1]}/24"]
        assert [r.get("gateway") for r in ns.routes("default")] == [lab[name].gateway]


def go_direct(cloud, typed):
    """Makes the spokes multipoint: line by line in the shell, or by a new file and SIGHUP."""
    for name in ("R2", "R3"):
        if typed:
            lines = (net.CONFIGS / "direct.cfg").read_text().splitlines()
            cloud[name].shell("conf t", *[line for line in lines if line.strip(" !")])
        else:
            cloud[name].configure(f"{name}.cfg", "direct.cfg")
            cloud[name].hang_up()
    for name in ("R2", "R3"):
        cloud[name].wait_shell("show running-config", "tunnel mode gre multipoint")
        cloud[name].wait_registered()


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "sighup"])
def test_direct_path(lab, typed):
    go_direct(lab, typed)
    r2, r3 = lab["R2"], lab["R3"]
    assert r2.ns.ping("10.10.10.3", 1), "the first packet goes by the hub, but goes"
    r2.wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
    r3.wait_shell("show ip nhrp 10.10.10.2", "NBMA address: 2.2.2.2")
    lab["R1"].wait_bypassed(lambda: r2.ns.ping("10.10.10.3"))
    before = lab["R1"].ns.packets("Tunnel0")
    with Capture(lab.internet, "to-R1") as hub, Capture(lab.internet, "to-R3") as spoke:
        play(lab, reference.DIRECT)
    assert lab["R1"].ns.packets("Tunnel0") == before
    assert not [p for p in hub.inner() if p[0] == ICMP]
    outer = {(s, d) for p, _, _, s, d in spoke.inner() if p == ICMP}
    assert outer == {("2.2.2.2", "3.3.3.2"), ("3.3.3.2", "2.2.2.2")}


def test_direct_path_from_the_start(direct):
    assert direct["R3"].ns.ping("10.10.10.2", 1)
    direct["R3"].wait_shell("show ip nhrp 10.10.10.2", "NBMA address: 2.2.2.2")
    direct["R2"].wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
    direct["R1"].wait_bypassed(lambda: direct["R3"].ns.ping("10.10.10.2", 5))


def test_unknown_next_hop_goes_nowhere(direct):
    """The hub knows no such spoke: nothing arrives anywhere, nothing breaks."""
    with Capture(direct.internet, "to-R3") as capture:
        assert not direct["R2"].ns.ping("10.10.10.99", 2)
    assert not [p for p in capture.inner() if p[2] == "10.10.10.99"]
    assert direct["R2"].ns.ping("10.10.10.3", 2)


def test_no_packet_is_lost_while_the_path_is_resolved(direct):
    """By the hub, by both, directly: all arrive. Frames may wait in a queue with the old path."""
    r2, r3 = direct["R2"], direct["R3"]
    for _ in range(10):
        assert "(20/20)" in r2.shell("ping 10.10.10.3 repeat 20")
        r2.wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
        r2.shell("clear ip nhrp 10.10.10.3")
        r3.shell("clear ip nhrp 10.10.10.2")


def test_no_packet_is_lost_after_spokes_become_multipoint(lab):
    go_direct(lab, True)
    done = lab["R2"].ns.run("ping", "-n", "-q", "-i", "0.005", "-W", 2, "-c", 200, "10.10.10.3",
                            check=False)
    assert "200 received" in done.stdout, done.stdout
