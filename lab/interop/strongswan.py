# SPDX-License-Identifier: Apache-2.0
"""strongSwan: charon and its configuration, in a namespace of the guest or of the host."""

import re
import shlex
from dataclasses import dataclass

import net

# An explicit list: those of the packages would load kernel-libipsec (ESP in user space) and
# bypass-lan (no protection for what is on a link) besides.
PLUGINS = ("random nonce openssl aes sha1 sha2 md5 hmac kdf gmp curve25519 gcm pem pkcs1 pkcs8 "
           "x509 pubkey constraints revocation socket-default vici")

CHARON = """
charon-systemd {{
  load_modular = no
  load = {plugins} {kernel}
  install_routes = {routes}
  install_virtual_ip = no
  retransmit_timeout = 1
  retransmit_tries = 4
  syslog {{ daemon {{ default = -1 }} }}
  journal {{ default = -1 }}
  filelog {{
    charon {{
      path = {dir}/charon.log
      time_format = %H:%M:%S
      ike_name = yes
      flush_line = yes
      default = 1
      ike = 2
    }}
  }}
  plugins {{
    vici {{ socket = unix://{socket} }}
    {plugins_more}
  }}
}}
swanctl {{ load = pem pkcs1 x509 revocation constraints pubkey openssl random }}
"""

CONNECTION = """
  {name} {{
    version = 1
    aggressive = no
    mobike = no
    local_addrs = {local}
    remote_addrs = {remote}
    proposals = {s.ike}
    dpd_delay = {s.dpd}
    dpd_timeout = 6s
    rekey_time = {s.ike_rekey}
    encap = {s.encap}
    {auth}
    children {{
      gre {{
        mode = {s.mode}
        local_ts = {s.local_ts}
        remote_ts = {s.remote_ts}
        esp_proposals = {s.esp}
        rekey_time = {s.esp_rekey}
        life_time = {s.esp_life}
        rand_time = 0s
        start_action = {s.start}
        dpd_action = clear
      }}
    }}
  }}
"""
SECRETS = """
secrets {{
  ike-any {{ secret = "{s.secret}" }}
}}
"""

# ESP in user space: what is to be protected is routed to charon's TUN device; its own packets, to
# the same address, are marked.
LIBIPSEC = "kernel-libipsec kernel-netlink"
LIBIPSEC_MORE = """
    kernel-libipsec { allow_peer_ts = yes }
    kernel-netlink { fwmark = !0x42 }
    socket-default { fwmark = 0x42 }
"""

PRE_SHARED = """
    local {{
      auth = psk
      id = {id}
    }}
    remote {{
      auth = psk
    }}
"""
CERTIFICATES = """
    local {{
      auth = pubkey
      certs = own.pem
      id = {id}
    }}
    remote {{
      auth = pubkey
      cacerts = ca.pem
    }}
"""


@dataclass
class Settings:
    """What the tests vary; as it stands, the counterpart of configs/lab/protect.cfg."""

    remote: str = "%any"
    mode: str = "transport"
    ike: str = "aes128-sha256-modp2048"
    esp: str = "aes128-sha1-modp1024"
    secret: str = "cisco123"
    identity: str = ""          # the address where there is none
    certificates: bool = False  # in x509, x509ca and private of the folder
    dpd: str = "0s"
    ike_rekey: str = "4h"
    esp_rekey: str = "1h"
    esp_life: str = "66m"
    encap: str = "no"
    start: str = "none"
    local_ts: str = "dynamic[gre]"
    remote_ts: str = "dynamic[gre]"
    kernel: str = "kernel-netlink"


class Charon:
    """charon of a place that runs scripts of bash: a Peer, or a namespace of the host.

    The place has name, nbma, dir (of the host), inside (how the place itself sees dir) and vici, a
    path for charon's socket. It has one connection, dmvpn, and one more like it for each further
    remote address.
    """

    def __init__(self, place, settings, further=()):
        self.place, self.further = place, further
        self.socket = place.vici
        self.swanctl = f"STRONGSWAN_CONF={place.inside}/strongswan.conf " \
                       f"SWANCTL_DIR={place.inside} swanctl"
        (place.dir / "strongswan.conf").write_text(CHARON.format(
            plugins=PLUGINS, kernel=settings.kernel, dir=place.inside, socket=self.socket,
            routes="yes" if settings.kernel == LIBIPSEC else "no",
            plugins_more=LIBIPSEC_MORE if settings.kernel == LIBIPSEC else ""))
        self.write(settings)
        self.pid = int(place.run(f"""
            export STRONGSWAN_CONF={place.inside}/strongswan.conf
            rm -f {self.socket}
            setsid charon-systemd >{place.inside}/charon.out.log 2>&1 </dev/null &
            echo $!
            for try in $(seq {net.PATIENCE_S * 10}); do
                [ ! -S {self.socket} ] || exit 0
                sleep 0.1
            done
            exit 1""", timeout_s=2 * net.PATIENCE_S))
        self.load()

    def write(self, s):
        auth = (CERTIFICATES if s.certificates else PRE_SHARED).format(
            id=s.identity or self.place.nbma)
        connections = "".join(
            CONNECTION.format(name=f"dmvpn{i or ''}", remote=remote, local=self.place.nbma, s=s,
                              auth=auth) for i, remote in enumerate((s.remote, *self.further)))
        (self.place.dir / "swanctl.conf").write_text(
            f"connections {{\n{connections}}}\n{SECRETS.format(s=s)}")

    def control(self, verb, *options, check=True):
        """swanctl; its output."""
        words = " ".join(shlex.quote(o) for o in options)
        return self.place.run(f"{self.swanctl} --{verb} --uri unix://{self.socket} {words}",
                              check=check)

    def load(self):
        self.control("load-all")

    def initiate(self):
        self.control("initiate", "--child", "gre", "--timeout", str(net.PATIENCE_S))

    def sas(self):
        return self.control("list-sas")

    def wait_sas(self, pattern, timeout_s=net.PATIENCE_S):
        return net.wait_output(self.sas, pattern, timeout_s, f"{self.place.name}: --list-sas")

    def spis(self):
        """(inbound, outbound) SPIs of what is installed and not being replaced."""
        found = re.findall(r"INSTALLED,.*?\n *in +(\w{8}).*?\n *out +(\w{8})", self.sas(), re.S)
        return found[-1] if found else None

    def stop(self):
        """Its SAs are deleted at the peers, too."""
        self.end("TERM")

    def kill(self):
        """Without a word to the peers."""
        self.end("KILL")

    def end(self, signal):
        self.place.run(f"kill -{signal} {self.pid}; tail --pid={self.pid} -f /dev/null")
