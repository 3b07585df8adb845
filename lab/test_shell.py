# SPDX-License-Identifier: Apache-2.0
"""dmvpnsh as people and scripts use it."""

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import time

import pytest

import net


def dmvpnsh(router, *commands, prefix=(), stdin=None):
    arguments = [w for c in commands for w in ("-c", c)]
    return net.run(*prefix, net.BUILD / "dmvpnsh", "--run-dir", router.run_dir, *arguments,
                   check=False, stdin=stdin)


class Terminal:
    """An interactive dmvpnsh on a terminal of its own."""

    def __init__(self, router):
        self.text = ""
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [net.BUILD / "dmvpnsh", "--run-dir", router.run_dir], stdin=slave, stdout=slave,
            stderr=slave, start_new_session=True, env=dict(os.environ, TERM="dumb"))
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern, timeout_s=net.PATIENCE_S):
        """Waits for a pattern in what came since the last one."""
        deadline = time.monotonic() + timeout_s
        while not (match := re.search(pattern, self.text)):
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.master], [], [], left)[0], \
                f"no {pattern!r} in {self.text!r}"
            self.text += os.read(self.master, 65536).decode(errors="replace").replace("\r", "")
        self.text = self.text[match.end():]
        return match


def test_commands_run_in_one_session(lab):
    r2 = lab["R2"]
    assert r2.shell("conf t", "interface Tunnel0", "ip mtu 1400") == ""
    assert "ip mtu 1400" in r2.shell("show running-config")
    net.wait_for(lambda: r2.ns.ip_json("link", "show", "Tunnel0")[0]["mtu"] == 1400,
                 net.PATIENCE_S, "MTU 1400")
    assert r2.shell("conf t", "interface Tunnel0", "no ip mtu", "do show version").strip()
    assert "ip mtu" not in r2.shell("show running-config")


def test_refused_command_exits_1_with_a_caret(lab):
    done = dmvpnsh(lab["R2"], "show ip nonsense")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[-1] == "% Invalid input detected at '^' marker."
    assert [line.strip() for line in lines if "^" in line][0] == "^"


def test_abbreviations(lab):
    assert lab["R1"].shell("sh ip nh br") == lab["R1"].shell("show ip nhrp brief")


def test_every_show_command_has_json_and_filters(lab):
    for command in ("show ip nhrp", "show ip nhrp brief", "show ip nhrp detail",
                    "show ip nhrp summary", "show ip nhrp traffic", "show ip nhrp nhs",
                    "show ip nhrp nhs detail", "show dmvpn", "show dmvpn detail",
                    "show interfaces Tunnel0", "show ip interface brief", "show ip route",
                    "show version"):
        for name in ("R1", "R2"):
            assert json.loads(lab[name].shell(f"{command} | json")), command
            text = lab[name].shell(command)
            assert text.strip(), command
            some = text.split()[-1]
            assert some in lab[name].shell(f"{command} | include {re.escape(some)}")
    brief = lab["R1"].shell("show ip nhrp brief | exclude 2.2.2.2")
    assert "3.3.3.2" in brief and "2.2.2.2" not in brief
    assert lab["R1"].shell("show ip nhrp | begin 10.10.10.3").startswith("10.10.10.3/32")
    assert "2" in lab["R1"].shell("show ip nhrp | count NBMA address")
    section = lab["R1"].shell("show running-config | section interface Tunnel0")
    assert "ip nhrp network-id 1" in section and "FastEthernet0/0\n ip address" not in section


def test_running_config_loads_again(lab, tmp_path):
    for name in ("R1", "R2"):
        file = tmp_path / f"{name}.cfg"
        file.write_text(lab[name].shell("show running-config"))
        done = net.run(net.BUILD / "dmvpnd", "--check", "--config", file)
        assert done.stdout == ""
        before = lab[name].shell("show running-config")
        lab[name].configure(file.read_text())
        lab[name].hang_up()
        assert lab[name].shell("show running-config") == before


def test_write_memory_keeps_the_configuration_over_a_restart(lab):
    r2 = lab["R2"]
    r2.shell("conf t", "interface Tunnel0", "description to the hub")
    assert "to the hub" not in r2.shell("show startup-config")
    r2.shell("write memory")
    assert "to the hub" in r2.shell("show startup-config")
    r2.stop()
    r2.start()
    assert "description to the hub" in r2.shell("show running-config")


def test_clear_at_the_hub_is_made_good_by_the_spokes(lab):
    r1 = lab["R1"]
    downs = r1.log().count("%DMVPN-5-NHRP_NHC_DOWN")
    r1.shell("clear ip nhrp")
    net.wait_for(lambda: r1.log().count("%DMVPN-5-NHRP_NHC_DOWN") == downs + 2, net.PATIENCE_S,
                 "both clients are gone")
    r1.wait_shell("show ip nhrp summary", "2 dynamic")
    assert lab["R2"].ns.ping("10.10.10.3", 1)


def test_clear_counters(lab):
    assert "Sent: Total 0" not in lab["R1"].shell("show ip nhrp traffic")
    lab["R1"].shell("clear ip nhrp counters")
    assert "Sent: Total 0" in lab["R1"].shell("show ip nhrp traffic")


def test_show_dmvpn_of_hub_and_spoke(lab):
    hub, spoke = lab["R1"].shell("show dmvpn"), lab["R2"].shell("show dmvpn")
    assert re.search(r"Type:Hub, NHRP Peers:2", hub)
    assert re.search(r"1 2\.2\.2\.2\s+10\.10\.10\.2\s+UP \d\d:\d\d:\d\d\s+D", hub)
    assert re.search(r"Type:Spoke, NHRP Peers:1", spoke)
    assert re.search(r"1 1\.1\.1\.2\s+10\.10\.10\.1\s+UP \d\d:\d\d:\d\d\s+S", spoke)


def test_ping_options(lab):
    out = lab["R2"].shell("ping 10.10.10.3 repeat 20 size 500")
    assert "Sending 20, 500-byte ICMP Echos" in out and "(20/20)" in out
    out = lab["R2"].shell("ping 10.10.10.3 source Tunnel0 repeat 2")
    assert "10.10.10.2" in out and "(2/2)" in out


def test_group_may_look_but_not_configure(empty):
    r2 = empty["R2"]
    r2.configure("R2.cfg")
    r2.start("--socket-group", "nogroup")
    for folder in (net.RUN, empty.dir, r2.dir):
        folder.chmod(0o755)
    member = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    looks = dmvpnsh(r2, "show ip nhrp nhs", prefix=member)
    assert looks.returncode == 0 and "10.10.10.1" in looks.stdout, looks.stderr
    for commands in (("conf t", "interface Tunnel0", "shutdown"), ("clear ip nhrp",),
                     ("write memory",), ("debug nhrp",)):
        refused = dmvpnsh(r2, *commands, prefix=member)
        assert refused.returncode == 1, commands
    assert "shutdown" not in r2.shell("show running-config")


def test_without_a_group_the_socket_is_roots_alone(lab):
    for folder in (net.RUN, lab.dir, lab["R2"].dir):
        folder.chmod(0o755)
    done = dmvpnsh(lab["R2"], "show version",
                   prefix=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
    assert done.returncode == 1 and done.stdout == ""


def test_interactive_prompts_and_modes(lab):
    with Terminal(lab["R2"]) as terminal:
        terminal.expect(r"\S+#")
        terminal.type("configure terminal\n")
        terminal.expect(r"\(config\)#")
        terminal.type("interface Tunnel0\n")
        terminal.expect(r"\(config-if\)#")
        terminal.type("do show ip nhrp nhs\n")
        terminal.expect("10.10.10.1  RE")
        terminal.type("end\n")
        terminal.expect(r"(?<!\))#")
        terminal.type("exit\n")
        assert terminal.process.wait(net.PATIENCE_S) == 0


def test_hostname_is_the_prompt(lab):
    lab["R2"].shell("conf t", "hostname Branch7")
    with Terminal(lab["R2"]) as terminal:
        terminal.expect(r"Branch7#")


def test_help(lab):
    with Terminal(lab["R2"]) as terminal:
        terminal.expect(r"#")
        terminal.type("show ip ?")
        terminal.expect(r"\n  nhrp\s+\w+")


def test_interrupt_stops_a_ping(lab):
    with Terminal(lab["R2"]) as terminal:
        terminal.expect(r"#")
        terminal.type("ping 10.10.10.99 repeat 1000\n")
        terminal.expect(r"Sending 1000")
        terminal.type("\x03")
        terminal.expect(r"#")


def test_terminal_monitor_shows_log_lines_without_breaking_the_typed_line(lab):
    with Terminal(lab["R1"]) as terminal:
        terminal.expect(r"#")
        terminal.type("terminal monitor\n")
        terminal.expect(r"#")
        terminal.type("show ver")
        terminal.expect("show ver")
        lab["R2"].stop()
        terminal.expect(r"%DMVPN-5-NHRP_\w+")
        terminal.expect(r"#\s*show ver")
        terminal.type("sion\n")
        terminal.expect(r"OpenDMVPN")


@pytest.mark.parametrize("command", ["debug nhrp", "debug nhrp packet"])
def test_debug(lab, command):
    with Terminal(lab["R1"]) as terminal:
        terminal.expect(r"#")
        terminal.type("terminal monitor\n")
        terminal.expect(r"#")
        terminal.type(f"{command}\n")
        terminal.expect(r"#")
        lab["R3"].stop(signal.SIGTERM)
        terminal.expect(r"NHRP: .*Purge Request")
        terminal.type("undebug all\n")
        terminal.expect(r"#")


def line_of(router, tunnel):
    return re.search(rf"^{tunnel} is .*$", router.shell(f"show interfaces {tunnel}"), re.M)[0]


def test_a_new_tunnel_whose_session_is_lost_stays_down(lab):
    """It may lack the line that protects it; entering its block again and leaving it is the end."""
    r2 = lab["R2"]
    lines = ["conf t", "interface Tunnel7", "ip address 10.7.0.2 255.255.255.0",
             "tunnel source FastEthernet0/0", "tunnel mode gre multipoint", "tunnel key 7"]
    with Terminal(r2) as terminal:
        terminal.expect(r"R2#")
        for line in lines:
            terminal.type(line + "\n")
        terminal.expect(r"tunnel key 7\s+R2\(config-if\)#")
        terminal.process.kill()
        r2.wait_log("%SYS-4-UNFINISHED: Tunnel7 stays down: the session of root was lost")
    assert "line protocol is down" in line_of(r2, "Tunnel7")
    assert "not finished" in r2.shell("show interfaces Tunnel7")
    with Terminal(r2) as first, Terminal(r2) as second:
        for terminal in (first, second):
            terminal.expect(r"R2#")
            terminal.type("conf t\ninterface Tunnel7\n")
            terminal.expect(r"R2\(config-if\)#")
        first.type("end\n")
        first.expect(r"R2#")
        assert "line protocol is down" in line_of(r2, "Tunnel7")
        second.type("exit\n")
        second.expect(r"R2\(config\)#")
        net.wait_for(lambda: "line protocol is up" in line_of(r2, "Tunnel7"), net.PATIENCE_S,
                     "Tunnel7 is up")

    # Nobody can tell a text that stops in the middle from one that was cut.
    lines[1:3] = ["interface Tunnel9", "ip address 10.9.0.2 255.255.255.0"]
    lines[-1] = "tunnel key 9"
    for text, state in ((lines, "down"), ([*lines[:2], "end"], "up")):
        done = dmvpnsh(r2, stdin="".join(f"{line}\n" for line in text))
        assert ("may have been cut" in done.stderr) == (state == "down")
        net.wait_for(lambda: f"line protocol is {state}" in line_of(r2, "Tunnel9"),
                     net.PATIENCE_S, f"Tunnel9 is {state}")

    # The end of a list of commands is that of the configuration.
    lines[1:3] = ["interface Tunnel8", "ip address 10.8.0.2 255.255.255.0"]
    lines[-1] = "tunnel key 8"
    r2.shell(*lines)
    assert "line protocol is up" in line_of(r2, "Tunnel8")


def test_clear_counters_of_the_data_plane(lab):
    """Packets, drops and NHRP's traffic start from 0; what comes afterwards counts."""
    r1 = lab["R1"]
    stray = b"\x20\x00\x08\x00" + b"\0\0\0\x09" + bytes(40)
    for name in ("R2", "R3"):  # the second of the first two registrations is over
        lab[name].wait_shell("show ip nhrp nhs detail", r"Current Request ID: 2 \(Ack: 2\)")
    with lab["R3"].ns.socket(socket.AF_INET, socket.SOCK_RAW, 47) as spoke:
        for _ in range(2):
            r1.shell("clear counters")
            assert not re.search(r"^\s+[1-9]", r1.shell("show drops"), re.MULTILINE)
            assert re.search(r"\s0 packets input, 0 bytes", r1.shell("show interfaces Tunnel0"))
            assert "Sent: Total 0" in r1.shell("show ip nhrp traffic")
            spoke.sendto(stray, (r1.nbma, 0))
            r1.wait_shell("show drops", r"\s1  GRE for no tunnel of ours")
