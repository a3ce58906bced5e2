"""Hostile bytes on real sockets: each is refused in its protocol's words, costs little, and changes nothing."""

import gzip
import json
import pathlib
import resource
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from clients_test import sas_token  # noqa: E402
from mqtt_client import PUBACK, PUBLISH, Client, Refused, connect_packet, packet, text  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402
from websocket_client import LiveFeed  # noqa: E402

SLOW = 5_000


def resident_kib(server):
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def answer(address, data, seconds=20):
    """What the server says until it closes; None when it does not close."""
    with socket.create_connection(address, timeout=seconds) as connection:
        said = b""
        try:
            connection.sendall(data)
            while True:
                more = connection.recv(65536)
                if not more:
                    return said
                said += more
        except TimeoutError:
            return None
        except ConnectionError:
            return said


def mqtt_closes(server, data):
    before = resident_kib(server)
    said = answer(server.address("mqtt"), data)
    expect(said is not None, "the connection stays open")
    expect(resident_kib(server) - before < 4096, f"{resident_kib(server) - before} KiB were taken")
    expect(said[:1] != b"\x20" or said[3] != 0, "it is signed in")


def bad_topics(server, key):
    listener = Client(server.address("mqtt"), "hostile", key)
    expect(listener.subscribe("devices/hostile/#") == 1, "the listener is refused")
    listener.close()
    for topic in (b"", b"devices/hostile/\0", b"devices/hostile/\xff\xfe", b"devices/hostile/#", b"devices/hostile/+/x"):
        client = Client(server.address("mqtt"), "hostile", key)
        client.subscribe("devices/hostile/#")
        client.send(packet(PUBLISH, 2, text(topic) + b"\0\7" + b"{}"))
        try:
            kind, _, body = client.read(timeout=10)
            expect(kind != PUBLISH, f"{topic!r} is relayed")
            expect(kind != PUBACK or len(body) > 2, f"{topic!r} is acknowledged")
        except ConnectionError:
            pass


def bad_client_ids(server):
    for name in ("#", "+", "../", "a/b", "", "x" * 200):
        try:
            Client(server.address("mqtt"), name, "key")
        except (Refused, ConnectionError):
            continue
        raise AssertionError(f"client id {name[:20]!r} is let in")


def http_status(server, data, seconds=20):
    said = answer(server.address("http"), data, seconds)
    expect(said is not None, "the connection stays open")
    return said.split(b" ")[1].decode() if said.startswith(b"HTTP/") else "closed"


def head(server, *lines, method="POST", path="/api/sessions"):
    return ("\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines]) + "\r\n\r\n").encode()


def large_bodies(server):
    before = resident_kib(server)
    status = http_status(server, head(server, "Content-Type: application/json", f"Content-Length: {4 << 30}") + b"{")
    expect(status == "413", f"4 GiB announced: {status}")
    bomb = gzip.compress(b" " * (64 << 20))
    status = http_status(server, head(server, "Content-Type: application/json", "Content-Encoding: gzip", f"Content-Length: {len(bomb)}", "Connection: close") + bomb)
    expect(status == "413", f"64 MiB in {len(bomb)} bytes: {status}")
    expect(resident_kib(server) - before < 64 << 10, f"{resident_kib(server) - before} KiB were taken")


def smuggled_requests(server):
    rows = {
        "Content-Length and chunked": head(server, "Content-Length: 2", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        "two lengths": head(server, "Content-Length: 2", "Content-Length: 3") + b"{}x",
        "bare line feeds": b"POST /api/sessions HTTP/1.1\nHost: localhost\nContent-Length: 2\n\n{}",
        "a bad final chunk": head(server, "Content-Type: application/json", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\nx\r\n\r\n",
        "a bad chunk size": head(server, "Content-Type: application/json", "Transfer-Encoding: chunked") + b"+2\r\n{}\r\n0\r\n\r\n",
        "space before the colon": head(server, "Content-Length : 2") + b"{}",
    }
    for name, data in rows.items():
        status = http_status(server, data)
        expect(status == "400", f"{name}: {status}")


def slow_requests(server, key):
    """Thousands of half requests: an alarm passes them by, and they are closed at their deadline."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(SLOW, (hard if hard > 0 else SLOW * 2) - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))
    slow = []
    try:
        feed = LiveFeed(server)
        feed.wait(lambda m: m["type"] == "ward")
        device = Client(server.address("mqtt"), "hostile", key)
        for _ in range(count):
            connection = socket.create_connection(server.address("http"), timeout=20)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
            slow.append(connection)
        device.send(device.publish("devices/hostile/telemetry", json.dumps({"t": int(time.time() * 1000), "seq": 1, "nibp_sys": 55}), 1))
        feed.wait(lambda m: m["type"] == "alarm" and m["alarm"]["code"] == "nibp_sys", seconds=10)
        for connection in slow:
            connection.settimeout(40)
            try:
                while connection.recv(4096):
                    pass
            except ConnectionError:
                pass
        status, _ = server.call("GET", "/healthz", token=False)
        expect(status == 200, f"afterwards /healthz says {status}")
        return f"{count} connections"
    finally:
        for connection in slow:
            connection.close()


def false_tokens(server, key):
    other = server.create_device("hostile-2")
    later = int(time.time()) + 600
    rows = {
        "expired": sas_token(key, "salus/devices/hostile", int(time.time()) - 10),
        "a resource that only begins so": sas_token(key, "salus/devices/hostile-2", later),
        "a resource above": sas_token(key, "salus/devices", later),
        "another device's key": sas_token(other, "salus/devices/hostile", later),
        "a changed expiry": sas_token(key, "salus/devices/hostile", later).replace(f"se={later}", f"se={later + 1}"),
    }
    for name, token in rows.items():
        try:
            Client(server.address("mqtt"), "hostile", token)
        except (Refused, ConnectionError):
            continue
        raise AssertionError(f"{name} is let in")
    Client(server.address("mqtt"), "hostile", sas_token(key, "salus/devices/hostile", later)).close()


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)


def false_certificates(server):
    """Only what the server's authority signed gets through the handshake, and not once it is revoked."""
    folder, address, ca = server.folder, server.address("mqtts"), server.ready["ca"]
    key, request, good = folder / "key.pem", folder / "request.pem", folder / "good.pem"
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=anyone")
    server.create_device("hostile-3")
    status, said = server.call("POST", "/devices/hostile-3/certificates", {"csr": request.read_text()})
    expect(status == 409, f"a device that signs in by key gets a certificate: {status} {said}")
    server.create_device("hostile-3", authentication={"type": "certificateAuthority"})
    status, issued = server.call("POST", "/devices/hostile-3/certificates", {"csr": request.read_text(), "days": 2})
    expect(status == 201 and "key" not in issued, f"no certificate is issued: {status} {issued}")
    good.write_text(issued["certificate"])
    spelled_key, spelled = folder / "spelled-key.pem", folder / "spelled.pem"
    openssl("ecparam", "-name", "prime256v1", "-param_enc", "explicit", "-genkey", "-noout", "-out", spelled_key)
    openssl("req", "-new", "-x509", "-key", spelled_key, "-out", spelled, "-subj", "/CN=hostile-3", "-days", "1")
    long = folder / "long.pem"
    long.write_text(good.read_text() + spelled.read_text() * 100)

    def connect(certificate, key):
        return Client(address, "hostile-3", None, ca=ca, certificate=(certificate, key))

    def slowest_refusal(*pairs):
        slowest = 0
        for name, certificate, key in pairs:
            began = time.monotonic()
            try:
                connect(certificate, key)
            except (ssl.SSLError, ConnectionError):
                slowest = max(slowest, time.monotonic() - began)
                continue
            raise AssertionError(f"{name} passes the handshake")
        return slowest

    client = connect(good, key)
    client.send(client.publish("devices/hostile-3/telemetry", json.dumps({"t": int(time.time() * 1000), "seq": 1, "hr": 70}), 1))
    expect(client.read()[0] == PUBACK, "a certificate of the server's own is worth nothing")
    slow = slowest_refusal(("an explicit curve", spelled, spelled_key), ("a chain of a hundred", long, key))
    status, _ = server.call("DELETE", f"/devices/hostile-3/certificates/{issued['sha256']}")
    expect(status == 204, f"revoking says {status}")
    try:  # whoever is in is cut off
        client.send(client.publish("devices/hostile-3/telemetry", json.dumps({"t": int(time.time() * 1000), "seq": 2, "hr": 70}), 2))
        expect(client.read()[0] != PUBACK, "a revoked certificate still publishes")
    except ConnectionError:
        pass
    slow = max(slow, slowest_refusal(("a revoked certificate", good, key)))
    return f"the slowest is refused in {slow * 1000:.0f} ms"


def flipped_bit(server, key):
    """A bit of the stored telemetry changes: the server starts, says where, records nothing, and still alarms."""
    client = Client(server.address("mqtt"), "hostile", key)
    for number in range(2, 40):
        client.send(client.publish("devices/hostile/telemetry", json.dumps({"t": int(time.time() * 1000) + number, "seq": number, "hr": 70}), number))
        expect(client.read()[0] == PUBACK, "a message is not acknowledged")
    client.close()
    status, made = server.call("POST", "/api/tokens", {"name": "keeper", "days": 1})
    expect(status == 201, f"no token is made: {status} {made}")
    server.stop()
    segment = sorted((server.data / "log" / "telemetry").glob("*[0-9]*"))[-1]
    data = bytearray(segment.read_bytes())
    data[len(data.rstrip(b"\0")) - 20] ^= 4  # in the last group
    segment.write_bytes(data)
    server.start()
    server.ready["admin_token"] = made["token"]  # a server that records nothing issues none
    status, said = server.call("GET", "/healthz", token=False)
    expect(status == 503 and "offset" in str(said), f"/healthz says {status} {said}")
    feed = LiveFeed(server)
    feed.wait(lambda m: m["type"] == "ward")
    device = Client(server.address("mqtt"), "hostile", key, version=5)
    device.send(device.publish("devices/hostile/telemetry", json.dumps({"t": int(time.time() * 1000), "seq": 99, "nibp_dia": 60, "nibp_sys": 215}), 1))
    kind, _, body = device.read()
    expect(kind == PUBACK and Client.puback(body)[1] == 0x83, "a message is acknowledged")
    device.send(device.publish("devices/hostile/telemetry", json.dumps({"t": int(time.time() * 1000) + 5, "seq": 100, "nibp_sys": 230}), 2))
    feed.wait(lambda m: m["type"] == "alarm" and m["alarm"]["rule"] == "high")
    server.stop()
    code, said = salus.run("verify", "--data", server.data)
    expect(code == 1 and "offset" in said, f"verify says {code} {said}")


def main():
    cases = Cases()
    with Server() as server:
        key = server.create_device("hostile")
        cases.run("1: a remaining length of five bytes", mqtt_closes, server, b"\x10\xff\xff\xff\xff\x01" + b"\0" * 64)
        cases.run("3: a first packet that is no CONNECT and claims 256 MB", mqtt_closes, server, b"\x30\xff\xff\xff\x7f" + b"\0" * 64)
        cases.run("3: a CONNECT that claims 256 MB", mqtt_closes, server, b"\x10\xff\xff\xff\x7f" + connect_packet("a")[2:])
        cases.run("4: topics that are empty or not text", bad_topics, server, key)
        cases.run("5: client ids with wildcards and paths", bad_client_ids, server)
    with Server() as server:
        key = server.create_device("hostile")
        cases.run("11: bodies of 4 GiB, announced and packed", large_bodies, server)
        cases.run("12: requests that mean two things", smuggled_requests, server)
        cases.run("13: slow half requests", slow_requests, server, key)
        cases.run("20: SAS tokens for something else", false_tokens, server, key)
        cases.run("21: certificates with an explicit curve, a long chain, revoked", false_certificates, server)
        cases.run("25: a flipped bit in the stored log", flipped_bit, server, key)
    cases.end()


if __name__ == "__main__":
    main()
