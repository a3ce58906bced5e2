"""A small WebSocket client (RFC 6455)."""

import base64
import json
import os
import socket
import struct
import time


class WebSocket:
    """Open when built; `token` goes into the header of the upgrade."""

    def __init__(self, server, path, token=None, timeout=20):
        host, port = server.address("http")
        self.socket = socket.create_connection((host, port), timeout=timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                             + (f"Authorization: Bearer {token}\r\n" if token else "") + "\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self._receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed by the server")
        self.buffer += data

    def _frame(self, opcode, data):
        mask = os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def send(self, message):
        self.say(json.dumps(message))

    def say(self, text):
        self._frame(1, text.encode())

    def _need(self, count):
        while len(self.buffer) < count:
            self._receive()

    def read(self):
        """The next text message, parsed."""
        return json.loads(self.read_text())

    def read_text(self):
        """The next text message. Binary frames are passed over, pings answered."""
        while True:
            self._need(2)
            opcode, length, at = self.buffer[0] & 15, self.buffer[1] & 127, 2
            if length >= 126:
                at = 4 if length == 126 else 10
                self._need(at)
                length = int.from_bytes(self.buffer[2:at], "big")
            self._need(at + length)
            data, self.buffer = self.buffer[at:at + length], self.buffer[at + length:]
            if opcode == 8:
                raise ConnectionError(f"closed by the server: {data!r}")
            if opcode == 9:
                self._frame(10, data)
            if opcode == 1:
                return data.decode()

    def wait(self, test, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            message = self.read()
            if test(message):
                return message
        raise TimeoutError("the awaited message did not come")

    def close(self):
        self.socket.close()


class LiveFeed(WebSocket):
    """Signed in when built; `wait(test)` returns the first message that `test` takes."""

    def __init__(self, server, timeout=20, **hello):
        super().__init__(server, "/ws/live", timeout=timeout)
        self.send({"type": "hello", "token": server.ready["admin_token"], **hello})
