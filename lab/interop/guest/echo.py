# SPDX-License-Identifier: Apache-2.0
"""echo.py PORT: sends one TCP connection back what it gets, until its end."""

import socket
import sys

with socket.create_server(("0.0.0.0", int(sys.argv[1]))) as listener:
    print("listening", flush=True)
    connection = listener.accept()[0]
    while data := connection.recv(1 << 16):
        connection.sendall(data)
