# SPDX-License-Identifier: Apache-2.0
"""A guest: a Linux kernel that runs as a process (User-mode Linux), with GRE and ESP of its own.

It sees the host's file system, with everything written kept in memory, so that routers of others
run on it straight from their Debian packages. Its one network card is a tap device in a namespace
of the lab. Commands go through guest/agent.sh.
"""

import lzma
import os
import select
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import net

HERE = Path(__file__).resolve().parent
PACKED = net.ROOT.parent / "shared" / "interop" / "linux-uml.xz"
DEBIAN, DEBIAN_MODULES = Path("/usr/bin/linux.uml"), Path("/usr/lib/uml/modules")
BOOT_S = 120   # Debian's kernel takes eleven on an idle machine
JOB_S = 60
STOP_S = 10
MEMORY = "mem=384M"


# What Debian's kernel says on a processor whose state (AMX) is larger than its ptrace knows.
UNSUITED = "ptrace set fp regs failed"


class Unsuited(net.LabError):
    """The kernel cannot run on this processor."""


@dataclass
class Kernel:
    path: Path
    modules: Path
    options: tuple
    fast: bool  # everything built in; Debian's takes ten times as long for the same tests


def unpacked():
    """The kernel of ../shared, unpacked beside what was built."""
    program = net.BUILD / "linux-uml"
    if not program.exists() or program.stat().st_mtime < PACKED.stat().st_mtime:
        fresh = program.with_suffix(f".{os.getpid()}")
        with lzma.open(PACKED) as packed, open(fresh, "wb") as file:
            shutil.copyfileobj(packed, file)
        fresh.chmod(0o755)
        fresh.replace(program)
    return program


def kernel():
    """The best kernel that is here, or None."""
    if PACKED.exists():
        return Kernel(unpacked(), Path("/nonexistent"), ("seccomp=on",), True)
    return Kernel(DEBIAN, DEBIAN_MODULES, (), False) if DEBIAN.exists() else None


class Job:
    """A command that runs in a guest."""

    def __init__(self, guest, number, command):
        self.guest, self.number, self.command = guest, number, command

    def output(self):
        """What it has printed so far."""
        file = self.guest.jobs / f"{self.number}.out"
        return file.read_text(errors="replace") if file.exists() else ""

    def wait(self, timeout_s=JOB_S):
        """Its exit status."""
        return self.guest.wait_job(self, timeout_s)


class Guest:
    """One guest, from its start to stop(). window is a folder that the guest sees as /mnt."""

    def __init__(self, namespace, tap, window, what):
        self.window, self.jobs = Path(window), Path(window) / "jobs"
        self.jobs.mkdir(parents=True)
        for script in (HERE / "guest").iterdir():
            shutil.copy(script, self.window)
        self.console = self.window / "console"
        self.number, self.ended, self.unread = 0, {}, b""
        ours, theirs = os.pipe(), os.pipe()
        self.reads, self.writes = theirs[0], ours[1]
        channel = (ours[0], theirs[1])
        with open(self.console, "wb") as console:
            self.process = namespace.popen(
                what.path, MEMORY, "umid=guest", f"uml_dir={self.window}/", "rootfstype=hostfs",
                "rootflags=/", "ro", f"init={self.window}/init.sh", f"window={self.window}",
                f"modules={what.modules}", "con=null", "con0=null,fd:1",
                f"con1=fd:{channel[0]},fd:{channel[1]}", "quiet", "noreboot", *what.options,
                f"vec0:transport=tap,ifname={tap},depth=128,gro=1,mac=02:00:00:00:00:01",
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, pass_fds=channel,
                start_new_session=True)
        for end in channel:
            os.close(end)
        self.alive = os.pidfd_open(self.process.pid)
        try:
            self._read_until(lambda: "ready" in self.ended, BOOT_S, "the guest starts")
        except BaseException:
            self.stop()
            raise

    def _read_until(self, condition, timeout_s, what):
        """Takes note of what has ended until the condition holds."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            left = max(0, deadline - time.monotonic())
            ready = select.select([self.reads, self.alive], [], [], left)[0]
            if self.reads in ready:
                *lines, self.unread = (self.unread + os.read(self.reads, 4096)).split(b"\n")
                for line in lines:
                    word, _, status = line.decode().strip().partition(" ")
                    self.ended[word] = status
            elif self.alive in ready and UNSUITED in self.log():
                raise Unsuited(f"this kernel does not run on this processor:\n{self.log()}")
            elif self.alive in ready:
                raise net.LabError(f"the guest has ended: {what}:\n{self.log()}")
            else:
                raise net.LabError(f"waited {timeout_s} s in vain: {what}:\n{self.log()}")

    def log(self):
        return self.console.read_text(errors="replace")

    def start(self, command):
        """Starts a command of bash; whoever starts it waits for it."""
        self.number += 1
        (self.jobs / f"{self.number}.sh").write_text(command + "\n")
        os.write(self.writes, b"%d\n" % self.number)
        return Job(self, self.number, command)

    def wait_job(self, job, timeout_s):
        key = str(job.number)
        self._read_until(lambda: key in self.ended, timeout_s, f"end of {job.command!r}")
        return int(self.ended[key])

    def run(self, command, check=True, timeout_s=JOB_S):
        """Runs a command of bash and returns what it printed."""
        job = self.start(command)
        status = job.wait(timeout_s)
        if check and status != 0:
            raise net.LabError(f"guest: {command}: exit {status}: {job.output()}")
        return job.output()

    def stop(self):
        """Ends the guest and everything in it."""
        if self.process.poll() is None:
            os.write(self.writes, b"poweroff\n")
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for end in (self.reads, self.writes, self.alive):
            os.close(end)
