# SPDX-License-Identifier: Apache-2.0
"""Routers in network namespaces round an "Internet" router.

    R1 eth0 1.1.1.2/24 -- 1.1.1.1 |
    R2 eth0 2.2.2.2/24 -- 2.2.2.1 | Internet
    R3 eth0 3.3.3.2/24 -- 3.3.3.1 |

Everything lives in namespaces of our own; no command here changes the namespace it is started in. A
veth pair is born inside its two namespaces, so a missing namespace is an error and never means the
host's own. Whatever waits, waits for a condition, within a bound. Only Python's standard
library is used, since the demo has nothing else.
"""

import ctypes
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("DMVPN_BUILD", ROOT / "build"))
CONFIGS = ROOT / "configs" / "lab"
RUN = Path("/run/opendmvpn-lab")
CLONE_NEWNET = 0x40000000
# For what is a matter of moments, on the slowest machine: it ends a test that has failed, and the
# others do not wait for it. What a protocol's timer delays has that much time besides.
PATIENCE_S = 60
POLL_S = 0.02
# Gives a program a host name of its own, which is a router's name where its configuration has none,
# and the router's hosts file. "ip netns exec" has made it a mount namespace of its own already.
NAMED = """
echo "$0" >/proc/sys/kernel/hostname
hosts=$1
shift
[ ! -e "$hosts" ] || mount --bind "$hosts" /etc/hosts || exit 1
exec "$@"
"""


class LabError(Exception):
    """A sentence for the user."""


def run(*args, check=True, timeout=PATIENCE_S, stdin=None):
    """Runs a program; its output is text. A failure raises LabError with what it said."""
    words = [str(a) for a in args]
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, input=stdin)
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise LabError(f"{' '.join(words)}: exit {done.returncode}: {said}")
    return done


def wait_for(condition, timeout_s, what):
    """Returns condition()'s first true value; LabError when there is none in time."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f"waited {timeout_s} s in vain: {what}")
        pause.wait(POLL_S)


def wait_output(look, pattern, timeout_s, what):
    """Returns look()'s first output that has the pattern."""
    def matching():
        out = look()
        return out if re.search(pattern, out) else None
    return wait_for(matching, timeout_s, f"{what} shows {pattern!r}")


def requirements(programs=("dmvpnd", "dmvpnsh")):
    """Raises LabError with one sentence and the remedy when the lab cannot run here."""
    if os.geteuid() != 0:
        raise LabError("the lab makes network namespaces and needs root: run it with sudo")
    if not shutil.which("ip"):
        raise LabError("the program 'ip' is missing: run tools/install-deps.sh demo")
    if not os.path.exists("/dev/net/tun"):
        raise LabError("/dev/net/tun is missing: load the module with 'modprobe tun' "
                       "(in a container: start it with --device /dev/net/tun)")
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        raise LabError(f"/dev/net/tun cannot be opened ({error.strerror}): load the module with "
                       "'modprobe tun' or give the container the device") from None
    for program in programs:
        if not (BUILD / program).exists():
            raise LabError(f"{BUILD / program} is not built: run 'make' first")
    probe = f"dmvpn-probe-{os.getpid()}"
    made = run("ip", "netns", "add", probe, check=False)
    run("ip", "netns", "del", probe, check=False)
    if made.returncode != 0:
        raise LabError("network namespaces cannot be made here "
                       f"({made.stderr.strip() or 'no reason given'}): run on a kernel with "
                       "CONFIG_NET_NS, in a container with --privileged")


class Namespace:
    """One network namespace, by name."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *args, **how):
        return run("ip", "netns", "exec", self.name, *args, **how)

    def popen(self, *args, **how):
        words = ["ip", "netns", "exec", self.name] + [str(a) for a in args]
        return subprocess.Popen(words, **how)

    def ip(self, *args, **how):
        return run("ip", "-n", self.name, *args, **how).stdout

    def ip_json(self, *args, **how):
        out = run("ip", "-n", self.name, "-j", *args, **how).stdout
        return json.loads(out) if out.strip() else []

    def links(self):
        return [link["ifname"] for link in self.ip_json("link", "show")]

    def addresses(self, link):
        found = self.ip_json("-4", "address", "show", "dev", link, check=False)
        return [f"{a['local']}/{a['prefixlen']}" for l in found for a in l.get("addr_info", [])]

    def routes(self, *which):
        return self.ip_json("-4", "route", "show", *which)

    def sysctl(self, key, value=None):
        """Reads or sets a net.* value of the namespace."""
        path = "/proc/sys/" + key.replace(".", "/")
        if value is None:
            return self.call(lambda: Path(path).read_text().strip())
        return self.call(lambda: Path(path).write_text(str(value)))

    def packets(self, link):
        """(received, sent) packets of a link."""
        stats = self.ip_json("-s", "link", "show", "dev", link)[0]["stats64"]
        return stats["rx"]["packets"], stats["tx"]["packets"]

    def call(self, function):
        """Runs function() in a thread inside the namespace. Sockets made there stay there."""
        result = {}

        def inside():
            try:
                with open(f"/run/netns/{self.name}", "rb") as handle:
                    libc = ctypes.CDLL(None, use_errno=True)
                    if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                result["value"] = function()
            except BaseException as error:  # handed to the caller below
                result["error"] = error

        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        if "error" in result:
            raise result["error"]
        return result["value"]

    def socket(self, *args):
        return self.call(lambda: socket.socket(*args))

    def ping(self, to, count=1, size=56, options=()):
        """Linux's own ping. True when every packet came back."""
        done = self.run("ping", "-n", "-q", "-i", "0.2", "-W", "2", "-c", count, "-s", size,
                        *options, to, check=False)
        return f" {count} received" in done.stdout


class Router:
    """A namespace with one port, eth0, and perhaps a dmvpnd in it."""

    def __init__(self, cloud, name, number):
        self.cloud, self.name, self.number = cloud, name, number
        self.nbma = f"{number}.{number}.{number}.2"
        self.gateway = f"{number}.{number}.{number}.1"
        self.ns = Namespace(f"{cloud.prefix}-{name}")
        self.ns.sysctl("net.ipv4.ip_forward", 0)
        self.dir = cloud.dir / name
        self.run_dir, self.state_dir = self.dir / "run", self.dir / "state"
        for folder in (self.run_dir, self.state_dir):
            folder.mkdir(parents=True)
        self.program = "dmvpnd"
        self.config = self.dir / "dmvpnd.conf"
        self.log_file = self.dir / "log"
        self.hosts = self.dir / "hosts"  # /etc/hosts of its daemon, when it is there
        self.log_file.touch()
        self.daemon = None
        self.uplink = f"to-{name}"
        inet = cloud.internet
        inet.ip("link", "add", self.uplink, "type", "veth", "peer", "name", "eth0",
                "netns", self.ns.name)
        inet.ip("address", "add", f"{self.gateway}/24", "dev", self.uplink)
        inet.ip("link", "set", self.uplink, "up")

    def put_behind_nat(self, *rules):
        """
        A NAT of its own takes the router's place in the Internet, and drops and counts what nobody
        inside has asked for. rules: of nftables, for what leaves. Returns the NAT, and the lines
        that the router needs.
        """
        nat = Namespace(f"{self.cloud.prefix}-N{self.number}")
        nat.sysctl("net.ipv4.ip_forward", 1)
        self.ns.ip("link", "set", "eth0", "netns", nat.name)
        nat.ip("address", "add", f"{self.nbma}/24", "dev", "eth0")
        nat.ip("link", "set", "eth0", "up")
        nat.ip("route", "add", "default", "via", self.gateway)
        nat.run("nft", "-f", "-", stdin="""
            table ip nat {
                chain leaving { type nat hook postrouting priority srcnat; }
            }
            table ip closed {
                counter dropped { }
                chain input {
                    type filter hook input priority filter
                    iifname "eth0" ct state new counter name dropped drop
                }
            }""" + "".join(f'\nadd rule ip nat leaving oifname "eth0" {r}' for r in rules))
        return nat, self._enter_nat(nat)

    def join_nat(self, nat):
        """Another router's NAT is this one's as well. Returns the lines that it needs."""
        self.ns.ip("link", "del", "eth0")
        return self._enter_nat(nat)

    def _enter_nat(self, nat):
        inside = f"10.{self.number}.{self.number}"
        port = f"inside{self.number}"
        nat.ip("link", "add", port, "type", "veth", "peer", "name", "eth0",
               "netns", self.ns.name)
        nat.ip("address", "add", f"{inside}.1/24", "dev", port)
        nat.ip("link", "set", port, "up")
        return f"""
            interface Fa0/0
             ip address {inside}.2 255.255.255.0
            no ip route 0.0.0.0 0.0.0.0 {self.gateway}
            ip route 0.0.0.0 0.0.0.0 {inside}.1
            """

    def configure(self, *texts):
        """Writes the configuration file: files of configs/lab by name, or whole texts."""
        parts = [(CONFIGS / t).read_text() if re.fullmatch(r"[\w-]+\.cfg", t) else t for t in texts]
        self.config.write_text("\n".join(part.rstrip("\n") for part in parts) + "\n")

    def command(self, *options):
        """The words that start this router's dmvpnd."""
        return [BUILD / self.program, "--config", self.config, "--run-dir", self.run_dir,
                "--state-dir", self.state_dir, "--port", "FastEthernet0/0=eth0", *options]

    def start(self, *options):
        """Starts dmvpnd and waits until it says READY."""
        path = self.dir / "notify"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            with open(self.log_file, "ab") as log:
                self.daemon = self.ns.popen(
                    "unshare", "--uts", "/bin/sh", "-c", NAMED, self.name, self.hosts,
                    *self.command(*options), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=dict(os.environ, NOTIFY_SOCKET=str(path)), start_new_session=True)
            self._await_ready(notify)

    def _await_ready(self, notify):
        deadline = time.monotonic() + PATIENCE_S
        ended = os.pidfd_open(self.daemon.pid)
        try:
            while True:
                left = max(0, deadline - time.monotonic())
                ready = select.select([notify, ended], [], [], left)[0]
                if notify in ready:
                    if b"READY=1" in notify.recv(4096).split(b"\n"):
                        return
                elif ended in ready:
                    raise LabError(f"{self.name}: dmvpnd ended with {self.daemon.wait()}:\n"
                                   f"{self.log()}")
                else:
                    raise LabError(f"{self.name}: dmvpnd not ready in {PATIENCE_S} s:\n"
                                   f"{self.log()}")
        finally:
            os.close(ended)

    def send_signal(self, number):
        self.daemon.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Ends dmvpnd by a signal and returns its exit status."""
        if not self.daemon:
            return None
        self.send_signal(number)
        try:
            status = self.daemon.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            raise LabError(f"{self.name}: dmvpnd did not end in {PATIENCE_S} s") from None
        finally:
            self.daemon = None
        return status

    def kill(self):
        return self.stop(signal.SIGKILL)

    def forget(self):
        """Nothing of a daemon that has ended is left: no log, no state."""
        for folder in (self.run_dir, self.state_dir):
            shutil.rmtree(folder)
            folder.mkdir()
        self.log_file.write_text("")
        self.program = "dmvpnd"

    def hang_up(self):
        """SIGHUP: the daemon reads its configuration again."""
        self.send_signal(signal.SIGHUP)

    def shell(self, *commands, check=True):
        """dmvpnsh: the output of all commands, run in one session."""
        words = [w for c in commands for w in ("-c", c)]
        done = run(BUILD / "dmvpnsh", "--run-dir", self.run_dir, *words, check=False)
        if check and done.returncode != 0:
            raise LabError(f"{self.name}#{'; '.join(commands)}: exit {done.returncode}:\n"
                           f"{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, command):
        return json.loads(self.shell(f"{command} | json"))

    def log(self):
        return self.log_file.read_text(errors="replace")

    def wait_log(self, text, timeout_s=PATIENCE_S):
        wait_for(lambda: text in self.log(), timeout_s, f"{self.name} logs {text!r}")

    def wait_shell(self, command, pattern, timeout_s=PATIENCE_S):
        """Waits until a command's output has the pattern, and returns the output."""
        return wait_output(lambda: self.shell(command, check=False), pattern, timeout_s,
                           f"{self.name}#{command}")

    def wait_bypassed(self, traffic):
        """Waits until traffic() moves none of the tunnel's packet counters: both ways go past."""
        def bypassed():
            before = self.ns.packets("Tunnel0")
            traffic()
            return self.ns.packets("Tunnel0") == before
        wait_for(bypassed, PATIENCE_S, f"traffic goes past {self.name}")

    def wait_registered(self):
        """Waits until a next hop server responds."""
        return self.wait_shell("show ip nhrp nhs", r"\bRE\b")


class Cloud:
    """The Internet and its routers. Use it as a context: leaving removes everything."""

    def __init__(self, prefix=None, routers=("R1", "R2", "R3")):
        self.prefix = prefix or f"dmvpn{os.getpid()}"
        self.dir = RUN / self.prefix
        if f"{self.prefix}-Internet" in namespaces():
            raise LabError(f"the lab '{self.prefix}' is already there: 'make lab-down' ends it")
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        self.routers = {}
        self.internet = None
        try:
            self.internet = Namespace(f"{self.prefix}-Internet")
            self.internet.sysctl("net.ipv4.ip_forward", 1)
            for name in routers:
                self.routers[name] = Router(self, name, int(re.sub(r"\D", "", name)))
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()

    def __getitem__(self, name):
        return self.routers[name]

    def nft(self, text):
        """Rules of the Internet's router."""
        self.internet.run("nft", "-f", "-", stdin=text)

    def masquerade(self):
        """R1 sees 1.1.1.1 in the place of the others, and reaches them by what they opened only."""
        self.nft("""
            table ip nat {
                chain postrouting {
                    type nat hook postrouting priority srcnat
                    oifname "to-R1" masquerade
                }
            }
            table ip closed {
                chain forward {
                    type filter hook forward priority filter
                    iifname "to-R1" ct state new drop
                }
            }""")

    def logs(self):
        return {name: r.log() for name, r in self.routers.items()}

    def remove(self):
        for router in self.routers.values():
            if router.daemon:
                router.daemon.kill()
                router.daemon.wait()
        remove(self.prefix)


def namespaces():
    listing = run("ip", "netns", "list").stdout
    return [line.split()[0] for line in listing.splitlines() if line]


def _signal_all(namespace, number):
    for pid in run("ip", "netns", "pids", namespace, check=False).stdout.split():
        try:
            os.kill(int(pid), number)
        except ProcessLookupError:
            pass


def _of(prefix):
    return [name for name in namespaces() if name.startswith(prefix + "-")]


def stop_daemons(prefix):
    """Asks everything that runs in a lab to end, and waits for it."""
    for name in _of(prefix):
        _signal_all(name, signal.SIGTERM)
    for name in _of(prefix):
        wait_for(lambda n=name: not run("ip", "netns", "pids", n, check=False).stdout.strip(),
                 PATIENCE_S, f"the programs of {name} end")


def remove(prefix):
    """Removes all that a lab of this name left: processes in its namespaces, namespaces, files."""
    for name in _of(prefix):
        _signal_all(name, signal.SIGKILL)
        run("ip", "netns", "del", name, check=False)
    shutil.rmtree(RUN / prefix, ignore_errors=True)


def sweep():
    """Removes labs whose process is gone, as after kill -9 of a test run."""
    for name in namespaces():
        owner = re.fullmatch(r"(dmvpn[a-z]*(\d+))-\w+", name)
        if owner and not os.path.exists(f"/proc/{owner[2]}"):
            remove(owner[1])
