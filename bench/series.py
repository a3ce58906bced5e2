#!/usr/bin/env python3
"""Signals as Salus keeps them, beside InfluxDB in the same run: python3 bench/series.py [--days 365]

Runs build/bench_series, then Debian's InfluxDB (integer fields, one series a channel, a temporary folder, loopback only) with the
same samples: bytes a sample once everything is compacted, a stretch of 1 Hz to 1,920 pixels, an hour by minute. Without InfluxDB the
peer's rows are left out, and the bench says so. Needs: ninja -C build bench_series.
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

BINARY = pathlib.Path(__file__).resolve().parent.parent / "build/bench_series"
START = 1_767_225_600

CONFIG = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
cache-max-memory-size = "2g"
cache-snapshot-write-cold-duration = "1s"
compact-full-write-cold-duration = "1s"
max-values-per-tag = 0
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{http}"
log-enabled = false
max-body-size = 0
[logging]
level = "error"
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Influx:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.http = free_port()
        path = self.folder / "influxdb.conf"
        path.write_text(CONFIG.format(folder=folder, rpc=free_port(), http=self.http))
        self.process = subprocess.Popen(["influxd", "run", "-config", str(path)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env={**os.environ, "HOME": folder})
        deadline = time.monotonic() + 60
        while True:
            try:
                self.ask("/ping")
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit("InfluxDB does not start") from None
                time.sleep(0.2)

    def ask(self, path, body=None):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", data=body, timeout=300) as answer:
            return answer.read()

    def query(self, text, database=""):
        return self.ask("/query", urllib.parse.urlencode({"q": text, "db": database, "epoch": "ns"}).encode())

    def load(self, database, path):
        # One shard group over all, so that everything can be compacted into one file a shard.
        self.query(f'CREATE DATABASE "{database}" WITH SHARD DURATION 520w')
        count = 0
        with open(path, "rb") as lines:
            rest = b""
            while block := lines.read(8 << 20):
                end = block.rfind(b"\n") + 1
                body, rest = rest + block[:end], block[end:]
                self.ask(f"/write?db={database}&precision=ns", body)
                count += body.count(b"\n")
        return count

    def bytes_of(self, database):
        """What its data files take once nothing more is compacted."""
        folder, before, same = self.folder / "data" / database, -1, 0
        deadline = time.monotonic() + 180
        while same < 6 and time.monotonic() < deadline:
            time.sleep(1)
            files = list(folder.rglob("*.tsm"))
            size = sum(path.stat().st_size for path in files if path.exists())
            waiting = sum(path.stat().st_size for path in (self.folder / "wal" / database).rglob("*.wal"))
            same = same + 1 if size == before and files and waiting == 0 else 0
            before = size
        return before

    def best_ms(self, database, text, times=5):
        best = float("inf")
        for _ in range(times):
            begin = time.monotonic()
            answer = self.query(text, database)
            best = min(best, time.monotonic() - begin)
            if b"error" in answer[:200]:
                raise SystemExit(f"InfluxDB refuses: {answer[:200]!r}")
        return best * 1e3

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def peer(days):
    with tempfile.TemporaryDirectory(prefix="salus-bench-") as folder:
        subprocess.run([BINARY, "--days", str(days), "--lines", folder], check=True)
        influx = Influx(folder)
        try:
            for name, what in (("vitals", "BIDMC numerics"), ("ecg", "MIT-BIH ECG (four channels)")):
                path = pathlib.Path(folder) / name
                if path.stat().st_size == 0:
                    continue
                count = influx.load(name, path)
                print(f"InfluxDB, {what}: {influx.bytes_of(name) / count:.4f} bytes/sample", flush=True)
            count = influx.load("year", pathlib.Path(folder) / "year")
            if count == 0:
                return
            end = START + days * 86_400
            step = days * 86_400 // 1_920
            drawn = influx.best_ms("year", f"SELECT min(v), max(v), count(v) FROM m WHERE time >= {START}s AND time < {end}s "
                                           f"GROUP BY time({step}s)", 3)
            print(f"InfluxDB, {days} days at 1 Hz to 1,920 pixels: {drawn:.0f} ms", flush=True)
            hour = START + (days // 2 * 24 + 7) * 3_600
            minutes = influx.best_ms("year", f"SELECT min(v), max(v), count(v), mean(v) FROM m WHERE time >= {hour}s AND "
                                             f"time < {hour + 3_600}s GROUP BY time(1m)", 50)
            print(f"InfluxDB, an hour by minute: {minutes:.2f} ms", flush=True)
        finally:
            influx.stop()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--days", type=int, default=365, help="of 1 Hz samples to draw")
    days = arguments.parse_args().days
    subprocess.run([BINARY, "--days", str(days)], check=True)
    if shutil.which("influxd") is None:
        print("InfluxDB is not installed (apt-get install influxdb): its rows are left out")
        return
    peer(days)


if __name__ == "__main__":
    main()
