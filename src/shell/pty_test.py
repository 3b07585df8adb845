# SPDX-License-Identifier: Apache-2.0
"""dmvpnsh on a pseudo-terminal and from scripts, against a daemon that is only a control socket.

usage: pty_test.py DMVPNSH FAKE_DMVPND
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

DMVPNSH, FAKE = sys.argv[1:3]
PATIENCE_S = 60  # for what is a matter of moments


class Terminal:
    """An interactive dmvpnsh of so many rows and columns."""

    def __init__(self, run_dir, rows=24, columns=80, term="xterm"):
        self.text = ""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [DMVPNSH, "--run-dir", run_dir], stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True,
            env=dict(os.environ, TERM=term, HOME="/nonexistent", LC_ALL="C.UTF-8"))
        os.close(slave)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self, timeout_s):
        if not select.select([self.master], [], [], timeout_s)[0]:
            return False
        try:
            text = os.read(self.master, 65536).decode(errors="replace")
        except OSError:
            return False
        self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
        return True

    def expect(self, pattern, timeout_s=PATIENCE_S):
        deadline = time.monotonic() + timeout_s
        while not (match := re.search(pattern, self.text)):
            if not self.read(max(0, deadline - time.monotonic())):
                raise AssertionError(f"no {pattern!r} in {self.text!r}")
        before = self.text[:match.start()]
        self.text = self.text[match.end():]
        return before

    def expect_silence(self, pattern, seconds=0.3):
        while self.read(seconds):
            pass
        assert not re.search(pattern, self.text), self.text


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.daemon = subprocess.Popen([FAKE, self.dir.name], stdout=subprocess.PIPE, text=True)
        self.assertEqual(self.daemon.stdout.readline(), "READY\n")
        self.terminals = []

    def tearDown(self):
        for terminal in self.terminals:
            terminal.close()
        self.daemon.send_signal(signal.SIGTERM)
        self.assertEqual(self.daemon.wait(10), 0)
        self.daemon.stdout.close()
        self.assertEqual(os.listdir(self.dir.name), [])
        self.dir.cleanup()

    def terminal(self, **options):
        terminal = Terminal(self.dir.name, **options)
        self.terminals.append(terminal)
        terminal.expect("R1#")
        return terminal

    def run_shell(self, *commands, stdin=None):
        arguments = [word for command in commands for word in ("-c", command)]
        return subprocess.run([DMVPNSH, "--run-dir", self.dir.name, *arguments], input=stdin,
                              capture_output=True, text=True, timeout=PATIENCE_S,
                              stdin=subprocess.DEVNULL if stdin is None else None)


class Batch(Case):
    def test_commands_share_a_session(self):
        done = self.run_shell("conf t", "interface Tunnel0", "ip mtu 1400", "do show history")
        self.assertEqual(done.stdout, "  conf t\n  interface Tunnel0\n  ip mtu 1400\n"
                                      "  do show history\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = self.run_shell("show running-config interface Tunnel0 | include mtu")
        self.assertEqual(done.stdout, " ip mtu 1400\n")

    def test_the_first_refused_command_ends_it(self):
        done = self.run_shell("show ip nonsense", "show privilege")
        self.assertEqual(done.stdout, "show ip nonsense\n        ^\n"
                                      "% Invalid input detected at '^' marker.\n")
        self.assertEqual(done.returncode, 1)

    def test_a_command_of_several_lines(self):
        done = self.run_shell("conf t\n hostname X\nend\nshow running-config | include hostname")
        self.assertEqual((done.stdout, done.returncode), ("hostname X\n", 0))

    def test_exit_ends_it(self):
        done = self.run_shell("exit", "show privilege")
        self.assertEqual((done.stdout, done.returncode), ("", 0))

    def test_standard_input(self):
        done = self.run_shell(stdin="! a comment\n\nshow privilege\r\nterminal length 0\n"
                                    "show history")
        self.assertEqual(done.stdout, "Current privilege level is 15\n"
                                      "  show privilege\n  terminal length 0\n  show history\n")
        self.assertEqual(done.returncode, 0)
        done = self.run_shell(stdin="frobnicate\nshow privilege\n")
        self.assertTrue(done.stdout.startswith("frobnicate\n^\n% Invalid input"))
        self.assertEqual(done.returncode, 1)

    def test_long_output_is_whole(self):
        done = self.run_shell("show interfaces")
        self.assertEqual(done.stdout.count("\n"), 100)

    def test_wrong_usage(self):
        for arguments in (["--frobnicate"], ["word"], ["-c"]):
            done = subprocess.run([DMVPNSH, *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage:", done.stderr)

    def test_no_daemon(self):
        done = subprocess.run([DMVPNSH, "--run-dir", "/nonexistent", "-c", "show clock"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "dmvpnsh: dmvpnd is not running: nobody answers at "
                                      "/nonexistent/dmvpnd.sock\n")

    def test_monitor_streams_until_interrupted(self):
        process = subprocess.Popen(
            [DMVPNSH, "--run-dir", self.dir.name, "-c", "terminal monitor", "-c",
             "show privilege"], stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "Current privilege level is 15\n")
        self.daemon.send_signal(signal.SIGUSR1)
        self.assertIn(": %TEST-5-LINE: number 1", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 0)
        process.stdout.close()

    def test_interrupt_ends_a_ping_with_its_rate(self):
        process = subprocess.Popen(
            [DMVPNSH, "--run-dir", self.dir.name, "-c", "ping 127.0.0.1 repeat 2000000000",
             "-c", "show privilege"], stdout=subprocess.PIPE, text=True)
        first = process.stdout.readline()
        if first.startswith("% Cannot ping"):
            process.communicate()
            self.skipTest("needs CAP_NET_RAW")
        rest = ""
        while "!" not in rest:
            byte = process.stdout.read(1)
            self.assertTrue(byte, rest)
            rest += byte
        process.send_signal(signal.SIGINT)
        rest += process.stdout.read()
        process.wait(timeout=PATIENCE_S)
        process.stdout.close()
        self.assertRegex(rest, r"!\nSuccess rate is 100 percent \((\d+)/\1\), round-trip")
        self.assertNotIn("privilege", rest)
        self.assertEqual(process.returncode, 130)

    def test_ping(self):
        done = self.run_shell("ping 127.0.0.1")
        if "Cannot ping" in done.stdout:
            self.skipTest("needs CAP_NET_RAW")
        self.assertRegex(done.stdout, "^Type escape sequence to abort.\n"
                         "Sending 5, 100-byte ICMP Echos to 127.0.0.1, timeout is 2 seconds:\n"
                         "!!!!!\n"
                         r"Success rate is 100 percent \(5/5\), round-trip min/avg/max = "
                         r"\d+/\d+/\d+ ms" "\n$")
        done = self.run_shell("ping 127.0.0.1 repeat 75 size 1400 source 127.0.0.1 df-bit")
        self.assertIn("Packet sent with a source address of 127.0.0.1\n"
                      "Packet sent with the DF bit set\n" + 70 * "!" + "\n!!!!!\n", done.stdout)
        done = self.run_shell("ping 127.0.0.1 source 192.0.2.1")
        self.assertIn("Invalid source address", done.stdout)
        self.assertEqual(done.returncode, 1)


class Interactive(Case):
    def test_modes(self):
        t = self.terminal()
        t.type("configure terminal\n")
        t.expect("Enter configuration commands, one per line.  End with CNTL/Z.\n")
        t.expect(r"R1\(config\)#")
        t.type("interface Tunnel0\n")
        t.expect(r"R1\(config-if\)#")
        t.type("hostname Branch\n")
        t.expect(r"Branch\(config\)#")
        t.type("interface Tunnel0\n")
        t.expect(r"Branch\(config-if\)#")
        t.type("\x1a")
        t.expect(r"\^Z\n(.*\n)*Branch#")
        t.type("exit\n")
        t.expect_silence('ERROR')
        self.assertEqual(t.process.wait(10), 0)

    def test_a_caret_stands_below_the_typed_line(self):
        t = self.terminal()
        t.type("show ip nonsense\n")
        t.expect("show ip nonsense\n {11}\\^\n% Invalid input detected at '\\^' marker.\nR1#")

    def test_question_mark_helps_at_once(self):
        t = self.terminal()
        t.type("terminal ?")
        t.expect(r"\?\n  length   Lines of a page, 0 for no paging\n  monitor  .*\n  no .*\n"
                 r"R1#terminal ")
        t.type("length 0\n")
        t.expect("R1#")
        t.type("show hi?")
        t.expect(r"\?\nhistory\nR1#show hi")
        t.type("story\n")
        t.expect("  terminal length 0\n  show history\nR1#")

    def test_tab_completes(self):
        t = self.terminal()
        t.type("sh\thist\t\n")
        t.expect("show history \n  show history\nR1#")
        # Nothing sure: the choices, and then the line again.
        t.type("terminal \t")
        t.expect(r"  length .*\n(.*\n)+R1#terminal ")
        t.type("m\t\n")
        t.expect("^monitor \nR1#")

    def test_history_keys(self):
        t = self.terminal()
        t.type("show privilege\n")
        t.expect("is 15\nR1#")
        t.type("\x1b[A")
        t.expect("show privilege")
        t.type("\n")
        t.expect("is 15\nR1#")

    def test_paging(self):
        t = self.terminal(rows=10)
        t.type("show interfaces\n")
        page = t.expect(" --More-- ")
        self.assertIn("line 9\n", page)
        self.assertNotIn("line 10\n", page)
        t.type(" ")
        page = t.expect(" --More-- ")
        self.assertIn("line 10\n", page)
        self.assertIn("line 18\n", page)
        t.type("\n")
        self.assertIn("line 19\n", t.expect(" --More-- "))
        t.type("q")
        t.expect("R1#")
        t.expect_silence("line")
        t.type("terminal length 0\n")
        t.expect("R1#")
        t.type("show interfaces\n")
        self.assertNotIn("More", t.expect("line 100\nR1#"))
        t.type("terminal length 5\n")
        t.expect("R1#")
        t.type("show interfaces\n")
        self.assertIn("line 4\n", t.expect(" --More-- "))
        t.type("\x03")
        t.expect("R1#")

    def test_interrupt_stops_a_ping(self):
        t = self.terminal()
        t.type("ping 192.0.2.1 repeat 1000\n")
        t.expect("Sending 1000|Cannot ping")
        t.type("\x03")
        t.expect("R1#")

    def test_interrupt_abandons_the_line_and_leaves_the_mode(self):
        t = self.terminal()
        t.type("conf t\n")
        t.expect(r"\(config\)#")
        t.type("hostname nev\x03")
        t.expect(r"\^C\n(.*\n)*R1#")
        t.type("show privilege\n")
        t.expect("is 15")

    def test_interrupt_stops_debugging(self):
        t = self.terminal()
        t.type("debug nhrp packet\n")
        t.expect("NHRP activity debugging is on\nR1#")
        self.daemon.send_signal(signal.SIGUSR2)
        t.expect("NHRP: Send\n.* one line more\nR1#")
        t.type("\x03")
        t.expect("All possible debugging has been turned off\n(.*\n)*R1#")
        self.daemon.send_signal(signal.SIGUSR2)
        t.expect_silence("NHRP")

    def test_log_lines_do_not_break_the_typed_line(self):
        t = self.terminal()
        t.type("terminal monitor\n")
        t.expect("R1#")
        t.type("show priv")
        t.expect("show priv")
        self.daemon.send_signal(signal.SIGUSR1)
        t.expect(r"\w+ +\d+ \d\d:\d\d:\d\d\.\d\d\d: %TEST-5-LINE: number 1\nR1#show priv")
        t.type("ilege\n")
        t.expect("is 15\nR1#")

    def test_end_of_input(self):
        t = self.terminal()
        t.type("\x04")
        self.assertEqual(t.process.wait(10), 0)

    def test_keys_typed_while_a_command_runs_are_kept(self):
        t = self.terminal()
        t.type("ping 192.0.2.1 repeat 1 timeout 1\nshow privilege\n")
        t.expect("is 15\nR1#")

    def test_the_daemon_goes(self):
        t = self.terminal()
        self.daemon.send_signal(signal.SIGTERM)
        t.expect("dmvpnd has gone")
        self.assertEqual(t.process.wait(10), 1)
        self.assertEqual(self.daemon.wait(10), 0)  # or tearDown's signal finds it without handlers

    def test_utf8(self):
        t = self.terminal()
        t.type("show privilege | include \u00e4\n")
        t.expect("include \u00e4\nR1#")

    def test_a_terminal_without_features(self):
        t = self.terminal(term="dumb")
        t.type("show privilege\n")
        t.expect("is 15\nR1#")


class Socket(Case):
    def test_roots_alone(self):
        mode = os.stat(os.path.join(self.dir.name, "dmvpnd.sock")).st_mode
        self.assertEqual(mode & 0o777, 0o600)

    def test_a_second_daemon(self):
        done = subprocess.run([FAKE, self.dir.name], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^Another dmvpnd is running: it answers at .*\n$")
        self.assertEqual(self.run_shell("show privilege").returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
