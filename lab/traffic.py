# SPDX-License-Identifier: Apache-2.0
"""Packets: capturing them, reading captures with tshark and scapy, and moving bytes over TCP."""

import hashlib
import random
import select
import socket
import struct
import threading
import time
from pathlib import Path

import net

ETH_P_ALL = 3
FRAME_MAX = 1 << 17


class Capture:
    """All frames of one link, both ways, from `with` to its end."""

    def __init__(self, namespace, link):
        self.namespace, self.link, self.frames = namespace, link, []

    def __enter__(self):
        def bound():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            sock.bind((self.link, ETH_P_ALL))
            return sock

        self.socket = self.namespace.call(bound)
        self.end, self.ended = socket.socketpair()
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()
        return self

    def _collect(self):
        while True:
            ready = select.select([self.socket, self.ended], [], [])[0]
            if self.socket in ready:
                self.frames.append((time.time(), self.socket.recv(FRAME_MAX)))
            elif self.ended in ready:
                return

    def __exit__(self, *error):
        self.end.close()
        self.thread.join()
        self.ended.close()
        self.socket.close()

    def write(self, path):
        """As a pcap file (link type Ethernet)."""
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, FRAME_MAX, 1))
            for when, frame in self.frames:
                seconds = int(when)
                file.write(struct.pack("<IIII", seconds, int((when - seconds) * 1e6), len(frame),
                                       len(frame)) + frame)

    def ipv4(self):
        """(protocol, source, destination, payload) of each IPv4 frame."""
        for _, frame in list(self.frames):
            if frame[12:14] != b"\x08\x00" or len(frame) < 34:
                continue
            header = 4 * (frame[14] & 15)
            yield (frame[23], socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]),
                   frame[14 + header:])

    def in_clear(self, network="10."):
        """Packets of the overlay that are on the link outside of GRE."""
        return [(p, s, d) for p, s, d, _ in self.ipv4()
                if s.startswith(network) or d.startswith(network)]

    def gre(self):
        """(protocol type, what is inside, outer source, outer destination) of each GRE packet."""
        for protocol, source, destination, payload in self.ipv4():
            if protocol != 47 or len(payload) < 4:
                continue
            flags, kind = struct.unpack("!HH", payload[:4])
            options = bool(flags & 0x8000) + bool(flags & 0x2000) + bool(flags & 0x1000)
            yield kind, payload[4 + 4 * options:], source, destination

    def inner(self):
        """(protocol, source, destination, outer source, outer destination) of IPv4 inside GRE."""
        for kind, packet, source, destination in self.gre():
            if kind == 0x0800 and len(packet) >= 20:
                yield (packet[9], socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20]),
                       source, destination)

    def nhrp(self):
        """(packet type, outer source, outer destination) of each NHRP packet inside GRE."""
        for kind, packet, source, destination in self.gre():
            if kind == 0x2001 and len(packet) >= 20:
                yield packet[17], source, destination


def tshark(path, *options):
    return net.run("tshark", "-n", "-r", path, *options).stdout


def malformed(path):
    """All that tshark has to say on packets that it finds malformed or in error."""
    return tshark(path, "-V", "-Y", "_ws.malformed || _ws.expert.severity == error").strip()


def pattern(size, seed=1):
    """Bytes that do not repeat within a segment, from a seed."""
    block = random.Random(seed).randbytes(1 << 20)
    return (block[:-7] * (size // (len(block) - 7) + 1))[:size]


class Connection:
    """A TCP connection between two namespaces, with both ends in our hands."""

    def __init__(self, client, server, address, port=5001):
        listener = server.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(1)
        listener.settimeout(net.PATIENCE_S)
        self.client = client.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.client.settimeout(net.PATIENCE_S)
        self.client.connect((address, port))
        self.server = listener.accept()[0]
        self.server.settimeout(net.PATIENCE_S)
        listener.close()

    def transfer(self, data, back=False):
        """Sends data one way and returns what arrived as (sha256, seconds)."""
        sender, receiver = (self.server, self.client) if back else (self.client, self.server)
        problem = []

        def send():
            try:
                sender.sendall(data)
            except OSError as error:
                problem.append(error)

        thread = threading.Thread(target=send)
        start = time.monotonic()
        thread.start()
        digest, left = hashlib.sha256(), len(data)
        while left:
            part = receiver.recv(min(left, 1 << 20))
            if not part:
                raise net.LabError(f"the connection ended with {left} bytes to come {problem}")
            digest.update(part)
            left -= len(part)
        thread.join()
        return digest.hexdigest(), time.monotonic() - start

    def close(self):
        self.client.close()
        self.server.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def shared():
    """The folder of reference material beside the checkout, or None."""
    folder = Path(net.ROOT).parent / "shared"
    return folder if folder.is_dir() else None
