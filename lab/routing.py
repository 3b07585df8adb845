# SPDX-License-Identifier: Apache-2.0
"""Routing daemons of Debian on a lab's routers: FRR and BIRD, each in its router's namespace.

Nothing of the system's own FRR or BIRD is touched: sockets, pid files and configurations lie in the
lab's directory, and what runs ends with the namespace.
"""

import json
import re
import shutil
import subprocess
import textwrap

import net

FRR = "/usr/lib/frr"
BIRD = "/usr/sbin/bird"
CONVERGE_S = 60


def documented(heading):
    """The configurations below a heading of docs/routing.md, in order."""
    text = (net.ROOT / "docs" / "routing.md").read_text()
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^ {4}.*\n)+", section, re.M)
    return [textwrap.dedent(block) for block in blocks]


def add_lan(router, number, name="lan0"):
    """A network behind a router, 192.168.N.0/24 with the router as its first host."""
    far = f"{name}-far"  # nobody lives there; a link needs two ends to be up
    router.ns.ip("link", "add", name, "type", "veth", "peer", "name", far)
    router.ns.ip("address", "add", f"192.168.{number}.1/24", "dev", name)
    router.ns.ip("link", "set", far, "up")
    router.ns.ip("link", "set", name, "up")


def route(router, prefix):
    """The next hops of the kernel's routes to a prefix, best first."""
    found = sorted(router.ns.ip_json("-4", "route", "show", prefix),
                   key=lambda r: r.get("metric", 0))
    return [r.get("gateway") or r.get("dev") for r in found]


def wait_route(router, prefix, via, timeout_s=CONVERGE_S):
    net.wait_for(lambda: route(router, prefix)[:1] == [via], timeout_s,
                 f"{router.name} has {prefix} via {via}, it has {route(router, prefix)}")


class Frr:
    """FRR on one router: zebra and the daemons named, with one configuration for all."""

    def __init__(self, router, daemons, text):
        self.router = router
        self.dir = router.dir / "frr"
        self.dir.mkdir()
        shutil.chown(self.dir, "frr", "frr")  # what the daemons become
        self.socket = self.dir / "zserv"
        self.config = self.dir / "frr.conf"
        self.config.write_text(f"hostname {router.name}\n{text}\n")
        self.processes = []
        for daemon in ("zebra", *daemons):
            self.start(daemon)
        done = self.vtysh_run("-f", self.config)
        if done.returncode != 0:
            raise net.LabError(f"{router.name}: FRR refuses the configuration:\n{done.stdout}")

    def start(self, daemon):
        empty = self.dir / f"{daemon}.conf"
        empty.touch()
        log = open(self.dir / f"{daemon}.log", "wb")
        self.processes.append(self.router.ns.popen(
            f"{FRR}/{daemon}", "-P", 0, "-f", empty, "-z", self.socket,
            "-i", self.dir / f"{daemon}.pid", "--vty_socket", self.dir, "--log", "stdout",
            stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        log.close()
        net.wait_for(lambda: (self.dir / f"{daemon}.vty").exists(), net.PATIENCE_S,
                     f"{self.router.name}: {daemon} listens")

    def vtysh_run(self, *options):
        return self.router.ns.run("vtysh", "--vty_socket", self.dir, "--config_dir", self.dir,
                                  *options, check=False)

    def vtysh(self, *commands):
        return self.vtysh_run(*[w for c in commands for w in ("-c", c)]).stdout

    def json(self, command):
        return json.loads(self.vtysh(f"{command} json"))

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(net.PATIENCE_S)


class Bird:
    """BIRD 2 on one router."""

    def __init__(self, router, text):
        self.router = router
        self.dir = router.dir / "bird"
        self.dir.mkdir()
        self.control = self.dir / "control"
        config = self.dir / "bird.conf"
        config.write_text(text)
        with open(self.dir / "log", "wb") as log:
            self.process = router.ns.popen(BIRD, "-f", "-c", config, "-s", self.control,
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        net.wait_for(self.control.exists, net.PATIENCE_S, f"{router.name}: BIRD listens: "
                     + (self.dir / "log").read_text(errors="replace"))

    def birdc(self, command):
        return self.router.ns.run("birdc", "-s", self.control, command, check=False).stdout

    def wait(self, command, pattern, timeout_s=CONVERGE_S):
        """Waits until a command's output has the pattern, and returns the output."""
        return net.wait_output(lambda: self.birdc(command), pattern, timeout_s,
                               f"{self.router.name}: birdc {command}")
