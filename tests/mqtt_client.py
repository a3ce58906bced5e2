"""A small MQTT client on a raw socket, for what a library would hide: when exactly a PUBACK came, and hostile bytes."""

import socket
import ssl
import struct

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 13, 14


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def varint(value):
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def packet(kind, flags, body):
    return bytes([kind << 4 | flags]) + varint(len(body)) + body


def connect_packet(client_id, user=None, password=None, version=4, clean=True, keep_alive=60):
    flags = (0x80 if user is not None else 0) | (0x40 if password is not None else 0) | (2 if clean else 0)
    body = text("MQTT") + bytes([version, flags]) + struct.pack(">H", keep_alive)
    body += b"\0" if version == 5 else b""
    body += text(client_id)
    body += text(user) if user is not None else b""
    body += text(password) if password is not None else b""
    return packet(CONNECT, 0, body)


class Refused(Exception):
    def __init__(self, code):
        super().__init__(f"CONNACK with reason {code:#x}")
        self.code = code


class Client:
    """Signed in when built. One thread; every wait is bounded by `timeout`."""

    def __init__(self, address, device, key, version=4, ca=None, timeout=20, certificate=None):
        raw = socket.create_connection(address, timeout=timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ca:
            context = ssl.create_default_context(cafile=ca)
            if certificate:  # (certificate file, key file)
                context.load_cert_chain(*certificate)
            raw = context.wrap_socket(raw, server_hostname="localhost")
        self.socket, self.version, self.buffer = raw, version, b""
        self.send(connect_packet(device, device, key, version))
        kind, _, body = self.read()
        if kind != CONNACK or body[1] != 0:
            raise Refused(body[1] if kind == CONNACK else kind)

    def send(self, data):
        self.socket.sendall(data)

    def publish(self, topic, payload, packet_id, dup=False):
        properties = b"\0" if self.version == 5 else b""
        payload = payload if isinstance(payload, bytes) else payload.encode()
        return packet(PUBLISH, 2 | (8 if dup else 0), text(topic) + struct.pack(">H", packet_id) + properties + payload)

    def subscribe(self, topic, qos=1):
        properties = b"\0" if self.version == 5 else b""
        self.send(packet(SUBSCRIBE, 2, struct.pack(">H", 1) + properties + text(topic) + bytes([qos])))
        kind, _, body = self.read()
        return body[-1] if kind == SUBACK else None

    def read(self, timeout=None):
        """The next packet as (kind, flags, body). TimeoutError when none comes; ConnectionError when the server is gone."""
        if timeout is not None:
            self.socket.settimeout(timeout)
        while True:
            whole = self._take()
            if whole:
                return whole
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("closed by the server")
            self.buffer += data

    def _take(self):
        length, shift = 0, 0
        for at in range(1, 5):
            if len(self.buffer) <= at:
                return None
            length |= (self.buffer[at] & 0x7F) << shift
            shift += 7
            if not self.buffer[at] & 0x80:
                break
        end = at + 1 + length
        if len(self.buffer) < end:
            return None
        first, body = self.buffer[0], self.buffer[at + 1:end]
        self.buffer = self.buffer[end:]
        return first >> 4, first & 15, body

    @staticmethod
    def puback(body):
        """(packet id, reason)."""
        return struct.unpack(">H", body[:2])[0], body[2] if len(body) > 2 else 0

    def close(self):
        self.socket.close()
