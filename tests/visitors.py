"""A page's connection to a run without a browser: it may come and go, read or not, and say what it likes."""

import contextlib
import json
import socket
import struct
import threading
from urllib.parse import urlsplit

from screens import address

FIN_TEXT, MASKED = 0x81, 0x80  # of a websocket's messages
SMALL = 1 << 16  # bytes that the system keeps for a visitor who reads nothing, about
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # any 16 bytes would do


class Visitor:
    def __init__(self, run, host=None, origin=None):
        port = urlsplit(address(run)).port
        self.connection = socket.socket()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self.connection.connect(("127.0.0.1", port))
        host = host or f"127.0.0.1:{port}"
        self.connection.sendall(
            f"GET /1/ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin or f'http://{host}'}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\n\r\n".encode()
        )
        self.status = int(self.connection.recv(12).split()[1])
        self.received = 0  # bytes

    def say(self, message):
        """Words as they are, or anything else as JSON."""
        words = (message if isinstance(message, str) else json.dumps(message)).encode()
        length = [len(words)] if len(words) < 126 else [126, *struct.pack("!H", len(words))]
        no_mask = bytes(4)
        self.connection.sendall(bytes([FIN_TEXT, MASKED | length[0], *length[1:]]) + no_mask + words)

    def key(self, name):
        self.say({"type": "key_press", "key": f"k{name}"})

    def read_all(self):
        """In a thread of its own, for as long as there is something."""
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with contextlib.suppress(OSError):
            while words := self.connection.recv(1 << 20):
                self.received += len(words)

    def leave(self, abruptly=False):
        if abruptly:  # with what was not read yet: the other side meets an error
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
