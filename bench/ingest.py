#!/usr/bin/env python3
"""The figures of the ingest path, each beside its peer from the same run: python3 bench/ingest.py [--seconds 10]

Starts Debian's Mosquitto (persistence off) and Salus (fdatasync before PUBACK) one after the other on this machine's
loopback, drives both with the same load generator, and prints a row each. Needs: ninja -C build salus bench_mqtt_load.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
KEY = base64.b64encode(b"bench-key-bench-key-bench-key-32").decode()


def free_base():
    for base in range(24000, 60000, 16):
        try:
            for port in range(base, base + 8):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
    raise SystemExit("no free ports")


def load(port, **options):
    command = [BUILD / "bench_mqtt_load", "--port", str(port)]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the load generator failed: {done.stderr}")
    return json.loads(done.stdout)


def mosquitto(seconds):
    port = free_base()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "mosquitto.conf"
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 0\nlog_type error\n")
        broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", config], stderr=subprocess.DEVNULL)
        time.sleep(1)
        try:
            return load(port, connections=50, window=20, seconds=seconds)
        finally:
            broker.terminate()
            broker.wait()


class Salus:
    def __init__(self, folder, environment=None):
        self.folder = pathlib.Path(folder)
        self.environment = {**os.environ, "SALUS_MQTT_MESSAGES_PER_SECOND": "0", "SALUS_LOG_LEVEL": "error", **(environment or {})}
        self.start()

    def start(self):
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self.base = free_base()
        began = time.monotonic()
        self.process = subprocess.Popen([BUILD / "salus", "serve", "--data", self.folder / "data", "--port-base", str(self.base), "--ready-file", ready],
                                        env=self.environment, stdout=subprocess.DEVNULL)
        while not ready.exists():
            if self.process.poll() is not None:
                raise SystemExit("salus did not start")
            time.sleep(0.005)
        self.started_in = time.monotonic() - began
        self.ready = json.loads(ready.read_text())

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.ready["http"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.ready['admin_token']}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def devices(self, count, prefix="bench-"):
        for i in range(count):
            self.call("PUT", f"/devices/{prefix}{i}", {"authentication": {"type": "sas", "symmetricKey": {"primaryKey": KEY, "secondaryKey": KEY}}})
            self.call("PUT", f"/api/devices/{prefix}{i}/patient", {"bed": f"{prefix}{i}", "ward": "bench"})

    def mqtt(self):
        return int(self.ready["mqtt"].rsplit(":", 1)[1])

    def rss_mib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text()).group(1)) / 1024

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()


def row(name, value, peer=""):
    print(f"{name:58} {value:>22}   {peer}", flush=True)


class Feed:
    """A WebSocket client just good enough to time an alarm."""

    def __init__(self, salus):
        host, port = salus.ready["http"].split("//")[1].split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /ws/live HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(4096)
        self.buffer = self.buffer.split(b"\r\n\r\n", 1)[1]
        self.send(json.dumps({"type": "hello", "token": salus.ready["admin_token"], "beds": ["alarm-0"]}))

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else bytes([0x81, 0xFE]) + struct.pack(">H", len(data))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def need(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more

    def message(self):
        self.need(2)
        length, head = self.buffer[1] & 0x7F, 2
        if length == 126:
            self.need(4)
            length, head = struct.unpack(">H", self.buffer[2:4])[0], 4
        elif length == 127:
            self.need(10)
            length, head = struct.unpack(">Q", self.buffer[2:10])[0], 10
        self.need(head + length)
        opcode, data = self.buffer[0] & 0xF, self.buffer[head:head + length]
        self.buffer = self.buffer[head + length:]
        return opcode, data


def alarm_latency(salus, rate, seconds):
    """From the moment a breaking value is written to the socket to its alarm event on a WebSocket, under `rate` messages/s."""
    salus.devices(1, "alarm-")
    salus.call("PUT", "/api/limits", {"device": "alarm-0", "code": "spo2", "priority": "high", "low": 86, "high": None, "delay_ms": 0, "hysteresis": 0,
                                      "enabled": True, "reason": "bench"})
    feed = Feed(salus)
    sent, latencies = {}, []

    def listen():
        raised = 0
        while True:
            try:
                opcode, data = feed.message()
            except (EOFError, OSError):
                return
            now = time.monotonic()
            if opcode != 1 or b'"type":"alarm"' not in data[:40]:
                continue
            alarm = json.loads(data)["alarm"]
            if alarm["provisional"] and alarm["state"] == "active" and alarm["code"] == "spo2" and alarm["priority"] == "high":
                raised += 1
                if raised in sent:
                    latencies.append(now - sent[raised])

    threading.Thread(target=listen, daemon=True).start()
    background = subprocess.Popen([BUILD / "bench_mqtt_load", "--port", str(salus.mqtt()), "--connections", "50", "--window", "1000", "--seconds", str(seconds),
                                   "--rate", str(rate), "--key", KEY], stdout=subprocess.PIPE, text=True)
    client = socket.create_connection(("127.0.0.1", salus.mqtt()))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def text(value):
        return struct.pack(">H", len(value)) + value.encode()

    def packet(first, rest):
        length, out = len(rest), b""
        while True:
            byte, length = length & 0x7F, length >> 7
            out += bytes([byte | (0x80 if length else 0)])
            if not length:
                return bytes([first]) + out + rest

    client.sendall(packet(0x10, text("MQTT") + bytes([4, 0xC2, 0, 60]) + text("alarm-0") + text("alarm-0") + text(KEY)))
    client.recv(4)
    time.sleep(1)
    end, number = time.monotonic() + seconds - 2, 0
    while time.monotonic() < end:
        for value in (80, 97):
            payload = json.dumps({"t": int(time.time() * 1000), "seq": time.monotonic_ns(), "spo2": value}).encode()
            if value == 80:
                number += 1
                sent[number] = time.monotonic()
            client.sendall(packet(0x30, text("devices/alarm-0/telemetry") + payload))
            time.sleep(0.01)
    time.sleep(0.5)
    achieved = json.loads(background.communicate()[0])
    latencies.sort()
    if not latencies:
        return None, achieved
    return (latencies[len(latencies) // 2] * 1000, latencies[int(len(latencies) * 0.99)] * 1000, len(latencies)), achieved


def ready_or_exit():
    missing = [str(p) for p in (BUILD / "salus", BUILD / "bench_mqtt_load", pathlib.Path("/usr/sbin/mosquitto")) if not p.exists()]
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)}. Build with ninja -C build salus bench_mqtt_load; install Debian's package mosquitto.")


def telemetry(salus):
    return next(p for p in salus.call("GET", "/api/status")["partitions"] if p["name"] == "telemetry")


def replay(salus):
    """Kills the server, deletes its views and starts it: everything is read from the log again."""
    salus.stop(signal.SIGKILL)
    shutil.rmtree(salus.folder / "data" / "views")
    salus.start()
    return telemetry(salus)


def vitals(folder, seconds, peer):
    salus = Salus(folder)
    row("start on empty data", f"{salus.started_in * 1000:.0f} ms", "limit: 1,000 ms")
    time.sleep(2)
    row("memory, idle", f"{salus.rss_mib():.0f} MiB", "limit: 100 MiB")
    salus.devices(50)
    full = load(salus.mqtt(), connections=50, window=20, seconds=seconds, key=KEY)
    row("durable QoS 1 ingest", f"{full['rate']:,.0f} messages/s", f"Mosquitto, persistence off: {peer['rate']:,.0f}/s; ratio {full['rate'] / peer['rate']:.2f}")
    half = load(salus.mqtt(), connections=50, window=1000, seconds=seconds, key=KEY, rate=full["rate"] / 2)
    row("PUBACK at half that rate, p50 / p99", f"{half['p50_ms']:.2f} / {half['p99_ms']:.2f} ms", f"at {half['rate']:,.0f}/s; limit: p99 5 ms")
    found, achieved = alarm_latency(salus, 20000, max(seconds, 8))
    if found:
        row("publish to alarm event, p50 / p99", f"{found[0]:.2f} / {found[1]:.2f} ms", f"{found[2]} alarms at {achieved['rate']:,.0f} messages/s; limit: p99 5 ms")
    status = replay(salus)
    row("replay of the whole log after kill -9, vitals", f"{status['durable_offset'] / salus.started_in:,.0f} messages/s",
        f"{status['durable_offset']:,} messages, {status['bytes'] >> 20} MiB in {salus.started_in:.1f} s; goal: 1,000,000/s")
    salus.stop()


def waves(folder, seconds):
    salus = Salus(folder)
    salus.devices(20)
    sent = load(salus.mqtt(), connections=20, window=20, seconds=seconds, key=KEY, waves=2000)
    row("waveform ingest (packed frames of 2,000)", f"{sent['samples_rate'] / 1e6:.1f} million samples/s", "goal: 20 million/s")
    status = replay(salus)
    row("replay of the whole log after kill -9, waves", f"{status['durable_offset'] * 2000 / salus.started_in / 1e6:,.1f} million samples/s",
        f"{status['durable_offset']:,} frames, {status['bytes'] >> 20} MiB in {salus.started_in:.1f} s")
    salus.stop()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=10)
    seconds = arguments.parse_args().seconds
    ready_or_exit()
    peer = mosquitto(seconds)
    for measure in (lambda folder: vitals(folder, seconds, peer), lambda folder: waves(folder, seconds)):
        folder = tempfile.mkdtemp(prefix="salus-bench-")
        try:
            measure(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
