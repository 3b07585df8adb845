# SPDX-License-Identifier: Apache-2.0
"""A stream of pings of Linux's own, and what became of each."""

import re
import signal
import subprocess
import threading

import net

INTERVAL_S = 0.01


class Pings:
    """Pings from a router of ours, from `with` to its end; with a source, from that address."""

    def __init__(self, router, to, source=None, interval_s=INTERVAL_S):
        self.router, self.to, self.interval_s = router, to, interval_s
        self.options = ("-I", source) if source else ()
        self.answers = []  # (sequence number from 1, TTL, seconds since the epoch)

    def __enter__(self):
        self.process = self.router.ns.popen("ping", "-n", "-D", "-i", self.interval_s,
                                            *self.options, self.to, stdout=subprocess.PIPE,
                                            text=True, bufsize=1)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def _read(self):
        for line in self.process.stdout:
            found = re.match(r"\[([\d.]+)\] .*icmp_seq=(\d+) ttl=(\d+)", line)
            if found and "DUP!" not in line:
                self.answers.append((int(found[2]), int(found[3]), float(found[1])))

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.reader.join()

    def wait(self, count):
        """Waits until so many more have been answered."""
        enough = len(self.answers) + count
        net.wait_for(lambda: len(self.answers) >= enough, count * self.interval_s + net.PATIENCE_S,
                     f"{self.router.name}: answers from {self.to}")

    @property
    def sent(self):
        """Those up to the last that was answered: what was under way at the end does not count."""
        return max((number for number, *_ in self.answers), default=0)

    @property
    def lost(self):
        return self.sent - len(self.answers)

    def by_ttl(self, ttl):
        """How many answers came with this TTL, which says over how many routers."""
        return sum(t == ttl for _, t, _ in self.answers)

    @property
    def silence_s(self):
        """The longest time between two answers."""
        times = [at for *_, at in self.answers]
        return max((after - before for before, after in zip(times, times[1:])), default=0)
