# SPDX-License-Identifier: Apache-2.0
"""The router behind the tunnel: routes, networks of offices, names, holding times, shutdown."""

import net

OFFICE = """
interface Loopback0
 ip address 192.168.{number}.1 255.255.255.0
ip route 192.168.0.0 255.255.0.0 10.10.10.1
"""


def offices(cloud, *more):
    """R2 and R3 with a network each; the hub knows the way to both."""
    cloud["R1"].configure("R1.cfg", "ip route 192.168.2.0 255.255.255.0 10.10.10.2",
                          "ip route 192.168.3.0 255.255.255.0 10.10.10.3")
    for number in (2, 3):
        cloud[f"R{number}"].configure(f"R{number}.cfg", OFFICE.format(number=number), *more)
    for name in ("R1", "R2", "R3"):
        cloud[name].start()
    for name in ("R2", "R3"):
        cloud[name].wait_registered()


def test_networks_behind_the_spokes(empty):
    offices(empty)
    assert empty["R2"].ns.addresses("lo") == ["127.0.0.1/8", "192.168.2.1/24"]
    assert empty["R2"].ns.ping("192.168.3.1", 1, options=("-I", "192.168.2.1"))
    assert empty["R3"].ns.ping("192.168.2.1", 1, options=("-I", "192.168.3.1"))
    out = empty["R2"].shell("ping 192.168.3.1 source Loopback0")
    assert "Packet sent with a source address of 192.168.2.1" in out and "(5/5)" in out


def test_networks_behind_multipoint_spokes_with_direct_routes(empty):
    offices(empty, "direct.cfg")
    empty["R2"].shell("conf t", "ip route 192.168.3.0 255.255.255.0 10.10.10.3")
    empty["R3"].shell("conf t", "ip route 192.168.2.0 255.255.255.0 10.10.10.2")
    assert empty["R2"].ns.ping("192.168.3.1", 1, options=("-I", "192.168.2.1"))
    empty["R2"].wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
    empty["R3"].wait_shell("show ip nhrp 10.10.10.2", "NBMA address: 2.2.2.2")

    def pings():
        assert empty["R2"].ns.ping("192.168.3.1", 5, options=("-I", "192.168.2.1"))
    empty["R1"].wait_bypassed(pings)


def route(router, to):
    """(gateway, device, type, metric) of a route, or None."""
    for r in router.ns.routes():
        if r["dst"] == to:
            return r.get("gateway"), r.get("dev"), r.get("type", "unicast"), r.get("metric")
    return None


def test_static_routes(lab):
    r2 = lab["R2"]
    typed = {
        "ip route 192.0.2.0 255.255.255.0 10.10.10.1": ("10.10.10.1", "Tunnel0", "unicast"),
        "ip route 198.51.100.0 255.255.255.0 Tunnel0": (None, "Tunnel0", "unicast"),
        "ip route 203.0.113.0 255.255.255.0 Null0": (None, None, "blackhole"),
    }
    for line, expected in typed.items():
        to = line.split()[2] + "/24"
        r2.shell("conf t", line)
        found = net.wait_for(lambda t=to: route(r2, t), net.PATIENCE_S, f"{line} is there")
        assert found[:len(expected)] == expected
        assert to in r2.shell("show ip route")
        r2.shell("conf t", f"no {line}")
        net.wait_for(lambda t=to: not route(r2, t), net.PATIENCE_S, f"{line} is gone")


def test_distance_is_the_metric(lab):
    lab["R2"].shell("conf t", "ip route 192.0.2.0 255.255.255.0 10.10.10.1 200")
    found = net.wait_for(lambda: route(lab["R2"], "192.0.2.0/24"),
                         net.PATIENCE_S, "the route is there")
    assert found[3] == 200


def test_routes_carry_a_protocol_of_their_own(lab):
    assert [r["dst"] for r in lab["R2"].ns.routes("proto", "210")] == ["default"]


def test_no_ip_routing(empty):
    r2 = empty["R2"]
    r2.configure("R2.cfg", "no ip routing")
    r2.start()
    assert r2.ns.sysctl("net.ipv4.ip_forward") == "0"
    r2.shell("conf t", "ip routing")
    net.wait_for(lambda: r2.ns.sysctl("net.ipv4.ip_forward") == "1",
                 net.PATIENCE_S, "forwarding is on")
    r2.stop()
    assert r2.ns.sysctl("net.ipv4.ip_forward") == "0"


def test_shutdown_and_back(lab):
    r2 = lab["R2"]
    r2.shell("conf t", "interface Tunnel0", "shutdown")
    r2.wait_shell("show ip interface brief", r"Tunnel0\s.*administratively down\s+down")
    assert not r2.ns.ping("10.10.10.1")
    lab["R1"].wait_shell("show ip nhrp summary", "1 dynamic")  # purged, not expired
    r2.shell("conf t", "interface Tunnel0", "no shutdown")
    r2.wait_registered()
    assert r2.ns.ping("10.10.10.3")


def test_removed_tunnel_is_gone(lab):
    r2 = lab["R2"]
    r2.shell("conf t", "no interface Tunnel0")
    net.wait_for(lambda: "Tunnel0" not in r2.ns.links(), net.PATIENCE_S, "the interface is gone")
    lab["R1"].wait_shell("show ip nhrp summary", "1 dynamic")


def test_client_that_is_gone_expires(empty):
    holdtime = "interface Tunnel0\nip nhrp holdtime 6"
    for name in ("R1", "R2", "R3"):
        empty[name].configure(f"{name}.cfg", holdtime)
        empty[name].start()
    for name in ("R2", "R3"):
        empty[name].wait_registered()
    empty["R3"].kill()
    empty["R1"].wait_log("(Tunnel: 10.10.10.3 NBMA: 3.3.3.2) is DOWN, Reason: holding time expired")
    out = empty["R1"].shell("show ip nhrp")
    assert "10.10.10.2/32" in out and "10.10.10.3/32" not in out, "R2 renews every 2 s"


NAMED_HUB = """
interface Tunnel0
 ip address 10.10.10.2 255.255.255.0
 ip nhrp network-id 1
 ip nhrp nhs 10.10.10.1 nbma hub.example.net multicast
 tunnel source FastEthernet0/0
 tunnel mode gre multipoint
 tunnel key 1
interface FastEthernet0/0
 ip address 2.2.2.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 2.2.2.1
"""


def test_hub_by_name(empty):
    empty["R1"].configure("R1.cfg")
    empty["R1"].start()
    empty["R2"].hosts.write_text("1.1.1.2 hub.example.net\n")
    empty["R2"].configure(NAMED_HUB)
    empty["R2"].start()
    out = empty["R2"].wait_registered()
    assert "NBMA Address: 1.1.1.2" in out
    assert empty["R2"].ns.ping("10.10.10.1", 1)


def test_several_next_hop_servers(empty):
    """Two hubs, both served; the death of one leaves the other."""
    for name in ("R1", "R3"):
        overlay = f"10.10.10.{name[1]}"
        empty[name].configure("R1.cfg", f"interface Tunnel0\nip address {overlay} 255.255.255.0",
                              f"interface Fa0/0\nip address {empty[name].nbma} 255.255.255.0",
                              f"no ip route 0.0.0.0 0.0.0.0 1.1.1.1\n"
                              f"ip route 0.0.0.0 0.0.0.0 {empty[name].gateway}")
        empty[name].start()
    empty["R2"].configure("R2.cfg", "direct.cfg", "interface Tunnel0\n"
                          "ip nhrp nhs 10.10.10.3 nbma 3.3.3.2 multicast")
    empty["R2"].start()
    empty["R2"].wait_shell("show ip nhrp nhs", r"10\.10\.10\.1\s+RE(.|\n)*10\.10\.10\.3\s+RE")
    assert empty["R2"].ns.ping("10.10.10.1", 1) and empty["R2"].ns.ping("10.10.10.3", 1)
    empty["R1"].kill()
    assert empty["R2"].ns.ping("10.10.10.3", 1) and not empty["R2"].ns.ping("10.10.10.1", 1)


def test_what_somebody_else_deletes_comes_back(lab):
    r2 = lab["R2"]
    before = route(r2, "default")
    assert before
    r2.ns.ip("route", "del", "default")
    net.wait_for(lambda: route(r2, "default") == before,
                 net.PATIENCE_S, "the default route is back")
    assert r2.ns.ping("10.10.10.1", 1)


def test_show_sees_a_tunnel_set_down_by_hand(lab):
    r2 = lab["R2"]
    r2.ns.ip("link", "set", "Tunnel0", "down")
    r2.wait_shell("show ip interface brief", r"Tunnel0 +10\.10\.10\.2 +YES +\w+ +up +down")
    r2.ns.ip("link", "set", "Tunnel0", "up")
    r2.wait_shell("show ip interface brief", r"Tunnel0 +10\.10\.10\.2 +YES +\w+ +up +up")
    net.wait_for(lambda: r2.ns.ping("10.10.10.1", 1), net.PATIENCE_S, "traffic goes again")


def test_another_key_cuts_off_at_once(lab):
    r2 = lab["R2"]
    r2.shell("conf t", "interface Tunnel0", "tunnel key 2")
    r2.wait_shell("show ip nhrp nhs", r"10\.10\.10\.1 +E ")
    r2.shell("conf t", "interface Tunnel0", "tunnel key 1")
    r2.wait_shell("show ip nhrp nhs", r"10\.10\.10\.1 +RE ")
