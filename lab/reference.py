# SPDX-License-Identifier: Apache-2.0
"""What the reference lab must show: (router, command, transcript), in this order.

The layouts are those of IOS 15 and later where they differ from 12.4's. See matching.py for {…}.
"""

PING = """
Type escape sequence to abort.
Sending 5, 100-byte ICMP Echos to {to}, timeout is 2 seconds:
!!!!!
Success rate is 100 percent (5/5), round-trip min/avg/max = {{n}}/{{n}}/{{n}} ms
"""


def ping(to):
    return PING.format(to=to)


HUB_AND_SPOKES = [
    ("R2", "ping 10.10.10.1", ping("10.10.10.1")),
    ("R2", "ping 10.10.10.3", ping("10.10.10.3")),
    ("R1", "sh ip nhrp", """
10.10.10.2/32 via 10.10.10.2
   Tunnel0 created {time}, expire {time}
   Type: dynamic, Flags: {flags authoritative unique registered used}
   NBMA address: 2.2.2.2
10.10.10.3/32 via 10.10.10.3
   Tunnel0 created {time}, expire {time}
   Type: dynamic, Flags: {flags authoritative unique registered used}
   NBMA address: 3.3.3.2
"""),
    ("R1", "sh ip nhrp brief", """
   Target             Via            NBMA           Mode   Intfc   Claimed
10.10.10.2/32        10.10.10.2      2.2.2.2        dynamic  Tu0     <   >
10.10.10.3/32        10.10.10.3      3.3.3.2        dynamic  Tu0     <   >
"""),
    ("R1", "sh ip nhrp traffic", """
Tunnel0: Max-send limit:{n}Pkts/10Sec, Usage:{n}%
   Sent: Total {n}
         0 Resolution Request  0 Resolution Reply  0 Registration Request
         {n} Registration Reply  0 Purge Request  0 Purge Reply
         0 Error Indication  0 Traffic Indication  0 Redirect Suppress
   Rcvd: Total {n}
         0 Resolution Request  0 Resolution Reply  {n} Registration Request
         0 Registration Reply  0 Purge Request  0 Purge Reply
         0 Error Indication  0 Traffic Indication  0 Redirect Suppress
"""),
    ("R1", "sh ip nhrp summary", """
IP NHRP cache 2 entries, {n} bytes
    0 static   2 dynamic    0 incomplete
2 Remote
    0 static   2 dynamic    0 incomplete
    2 nhop     0 bfd
    0 default  0 temporary
    0 route
        0 rib (0 H    0 nho)
        0 bgp
    0 lfib
0 Local
    0 static   0 dynamic    0 incomplete
    0 lfib
"""),
    ("R3", "sh ip nhrp", """
10.10.10.1/32 via 10.10.10.1
   Tunnel0 created {time}, never expire
   Type: static, Flags: {flags authoritative}
   NBMA address: 1.1.1.2
"""),
    ("R3", "sh ip nhrp summary", """
IP NHRP cache 1 entry, {n} bytes
    1 static   0 dynamic    0 incomplete
1 Remote
    1 static   0 dynamic    0 incomplete
    1 nhop     0 bfd
    0 default  0 temporary
    0 route
        0 rib (0 H    0 nho)
        0 bgp
    0 lfib
0 Local
    0 static   0 dynamic    0 incomplete
    0 lfib
"""),
    ("R3", "sh ip nhrp nhs", """
Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic
Tunnel0:
10.10.10.1  RE  NBMA Address: 1.1.1.2 priority = 0 cluster = 0
"""),
]

# After direct.cfg on R2 and R3.
DIRECT = [
    ("R2", "ping 10.10.10.3", ping("10.10.10.3")),
    ("R2", "sh ip nhrp 10.10.10.3", """
10.10.10.3/32 via 10.10.10.3
   Tunnel0 created {time}, expire {time}
   Type: dynamic, Flags: {flags router}
   NBMA address: 3.3.3.2
"""),
]

IPSEC_PEER = """
   protected vrf: (none)
   local  ident (addr/mask/prot/port): (1.1.1.2/255.255.255.255/47/0)
   remote ident (addr/mask/prot/port): ({peer}/255.255.255.255/47/0)
   current_peer {peer} port 500
     PERMIT, flags={origin_is_acl,}
    #pkts encaps: {n}, #pkts encrypt: {n}, #pkts digest: {n}
    #pkts decaps: {n}, #pkts decrypt: {n}, #pkts verify: {n}
    #pkts compressed: 0, #pkts decompressed: 0
    #pkts not compressed: 0, #pkts compr. failed: 0
    #pkts not decompressed: 0, #pkts decompress failed: 0
    #send errors 0, #recv errors 0

     local crypto endpt.: 1.1.1.2, remote crypto endpt.: {peer}
     plaintext mtu {n}, path mtu 1500, ip mtu 1500, ip mtu idb FastEthernet0/0
     current outbound spi: {hex}({n})
     PFS (Y/N): Y, DH group: group2

     inbound esp sas:
      spi: {hex}({n})
        transform: esp-aes esp-sha-hmac ,
        in use settings ={Tunnel, }
        conn id: {n}, flow_id: SW:{n}, sibling_flags {n}, crypto map: Tunnel0-head-0
        sa timing: remaining key lifetime (k/sec): ({n}/{n})
        IV size: 16 bytes
        replay detection support: Y
        Status: ACTIVE(ACTIVE)

     inbound ah sas:

     inbound pcp sas:

     outbound esp sas:
      spi: {hex}({n})
        transform: esp-aes esp-sha-hmac ,
        in use settings ={Tunnel, }
        conn id: {n}, flow_id: SW:{n}, sibling_flags {n}, crypto map: Tunnel0-head-0
        sa timing: remaining key lifetime (k/sec): ({n}/{n})
        IV size: 16 bytes
        replay detection support: Y
        Status: ACTIVE(ACTIVE)

     outbound ah sas:

     outbound pcp sas:
"""


def ipsec_peer(peer):
    return IPSEC_PEER.replace("{peer}", peer)


# After protect.cfg on all three.
PROTECTED = [
    ("R1", "sh crypto ipsec sa", """
interface: Tunnel0
    Crypto map tag: Tunnel0-head-0, local addr 1.1.1.2
""" + ipsec_peer("2.2.2.2") + ipsec_peer("3.3.3.2")),
    ("R1", "sh crypto isakmp sa", """
IPv4 Crypto ISAKMP SA
dst             src             state          conn-id status
1.1.1.2         2.2.2.2         QM_IDLE           {n} ACTIVE
1.1.1.2         3.3.3.2         QM_IDLE           {n} ACTIVE
IPv6 Crypto ISAKMP SA
"""),
]
