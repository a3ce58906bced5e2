#!/usr/bin/env python3
"""The figures of the record: python3 bench/record.py [--seconds 5] [--observations 1000000] [--url http://peer/fhir]

Imports Synthea's bundles into an empty server on this machine's loopback, then reads, searches and writes with 64
connections, and prints a row each with the time of an fdatasync on the same disk. With --url the same reads and
searches are asked of another FHIR server that has the same data, and the ids that come back are compared.
Needs: ninja -C build salus bench_http_load.
"""

import argparse
import bz2
import concurrent.futures
import json
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from salus import BINARY, Server  # noqa: E402
from websocket_client import WebSocket  # noqa: E402

LOAD = ROOT / "build" / "bench_http_load"
SYNTHEA = ROOT.parent / "shared/data/fhir/synthea"


def fdatasync_ms():
    """The median of 200 appends of 4 KiB to a file that is there already."""
    with tempfile.TemporaryFile(dir=ROOT / "build") as file:
        file.write(b"\0" * (4096 * 200))
        os.fsync(file.fileno())
        took = []
        for k in range(200):
            began = time.perf_counter()
            os.pwrite(file.fileno(), os.urandom(4096), k * 4096)
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)[100]


def row(figure, measured, asked):
    print(f"| {figure:44} | {measured:60} | {asked:32} |", flush=True)


class Bench:
    def __init__(self, server, folder, seconds):
        self.server, self.folder, self.seconds = server, pathlib.Path(folder), seconds

    def load(self, targets, method="GET", body=None, connections=64):
        file = self.folder / "targets"
        file.write_text("\n".join(targets) + "\n")
        command = [LOAD, "--port", str(self.server.address("http")[1]), "--token", self.server.ready["admin_token"], "--targets", file,
                   "--method", method, "--connections", str(connections), "--seconds", str(self.seconds), "--header", "Prefer: return=minimal"]
        if body is not None:
            (self.folder / "body").write_text(body)
            command += ["--body", self.folder / "body"]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout.strip() or done.stderr.strip()[-200:]

    def ids(self, search):
        """Of all pages."""
        found, path = [], f"/fhir/{search}"
        while path:
            page = self.server.get(path)
            found += [entry["resource"]["id"] for entry in page.get("entry", [])]
            following = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
            path = following and urllib.parse.urlsplit(following)._replace(scheme="", netloc="").geturl()
        return found


def bytes_in(folder):
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def peer_ids(url, search):
    found, url = [], f"{url}/{search}"
    while url:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "application/fhir+json"})) as answer:
            page = json.load(answer)
        found += [entry["resource"]["id"] for entry in page.get("entry", [])]
        url = next((link["url"] for link in page.get("link", []) if link["relation"] == "next"), None)
    return found


def told_after_commit(server, count=500):
    """How long after a create is answered, and so durable, its event is on a bound socket; one thread waits for both."""
    status, made = server.call("POST", "/fhir/Subscription", {
        "resourceType": "Subscription", "status": "active", "reason": "bench", "criteria": "Device?device-name=bench", "channel": {"type": "websocket"}})
    _, parameters = server.call("GET", f"/fhir/Subscription/{made['id']}/$get-ws-binding-token")
    events = WebSocket(server, "/ws/subscriptions-r4")
    events.send({"type": "bind-with-token", "payload": {"token": parameters["parameter"][0]["valueString"]}})
    events.read()
    body = json.dumps({"resourceType": "Device", "deviceName": [{"name": "bench", "type": "other"}]}).encode()
    writer = socket.create_connection(server.address("http"))
    writer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = f"POST /fhir/Device HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {server.ready['admin_token']}\r\nPrefer: return=minimal\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    after, whole = [], []
    for _ in range(count):
        began = time.perf_counter()
        writer.sendall(head + body)
        arrived = {}
        while len(arrived) < 2:
            ready = select.select([one for one in (writer, events.socket) if one not in arrived], [], [], 10)[0]
            now = time.perf_counter()
            if not ready:
                raise SystemExit("an event did not come")
            for one in ready:
                arrived[one] = now
        writer.recv(65536)
        events.read()
        after.append(1000 * (arrived[events.socket] - arrived[writer]))
        whole.append(1000 * (arrived[events.socket] - began))
    after.sort(), whole.sort()
    return (f"p50 {after[count // 2]:.2f} ms, p99 {after[count * 99 // 100]:.2f} ms after the answer; "
            f"p50 {whole[count // 2]:.2f} ms, p99 {whole[count * 99 // 100]:.2f} ms after the request")


def import_lines(folder, bundles, connections=4, piece_bytes=4 << 20):
    """All resources of the bundles but for references among them, as lines to an empty server; and the same again."""
    pieces, piece, size, count = [], [], 0, 0
    for bundle in sorted(bundles.iterdir()):
        for entry in json.loads(bundle.read_bytes())["entry"]:
            line = json.dumps(entry["resource"], separators=(",", ":"), ensure_ascii=False).encode()
            piece.append(line)
            size, count = size + len(line), count + 1
            if size >= piece_bytes:
                pieces.append(b"\n".join(piece))
                piece, size = [], 0
    pieces.append(b"\n".join(piece))
    said = []
    with Server() as server:
        def send(body):
            request = urllib.request.Request(f"{server.ready['http']}/fhir/$import", body, {
                "Content-Type": "application/fhir+ndjson", "Authorization": f"Bearer {server.ready['admin_token']}"})
            with urllib.request.urlopen(request, timeout=120) as answer:
                return {one["name"]: one.get("valueInteger") for one in json.load(answer)["parameter"]}
        for _ in range(2):
            began = time.perf_counter()
            with concurrent.futures.ThreadPoolExecutor(connections) as pool:
                answers = list(pool.map(send, pieces))
            took = time.perf_counter() - began
            sums = {name: sum(answer[name] for answer in answers) for name in ("created", "unchanged", "refused")}
            said.append(f"{count / took:.0f} resources/s ({', '.join(f'{v} {k}' for k, v in sums.items() if v)})")
    return said


def many(count, seconds, patients=1000, codes=("8867-4", "59408-5", "9279-1", "8310-5")):
    """Searches over so many Observations: a quarter of them have each of the codes."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        bench = Bench(server, folder, seconds)

        def piece(first):
            lines = [json.dumps({
                "resourceType": "Observation", "id": f"o{i}", "status": "final", "subject": {"reference": f"Patient/p{i % patients}"},
                "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": codes[i // patients % len(codes)]}]},
                "effectiveDateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + 60 * (i // patients))),
                "valueQuantity": {"value": 60 + i % 40, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}}) for i in range(first, min(first + 5000, count))]
            request = urllib.request.Request(f"{server.ready['http']}/fhir/$import", "\n".join(lines).encode(), {
                "Content-Type": "application/fhir+ndjson", "Authorization": f"Bearer {server.ready['admin_token']}"})
            urllib.request.urlopen(request, timeout=300).read()

        began = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(piece, range(0, count, 5000)))
        row(f"$import of {count:,} Observations", f"{count / (time.perf_counter() - began):.0f} resources/s, making them included", "")
        code = urllib.parse.quote(f"http://loinc.org|{codes[0]}")
        newest = [f"/fhir/Observation?code={code}&patient=Patient/p{i}&_sort=-date&_count=10" for i in range(patients)]
        row("code and patient among them, newest 10", bench.load(newest), "20,000/s")
        row("the same, one connection", bench.load(newest, connections=1), "first page <= 1 ms")
        counted = server.get(f"/fhir/Observation?code={code}&_summary=count")["total"]
        row(f"count of one code ({counted:,} hits)", bench.load([f"/fhir/Observation?code={code}&_summary=count"], connections=1), "<= 5 ms")


def exported(server):
    """All of the record, a file after the other."""
    token = {"Authorization": f"Bearer {server.ready['admin_token']}"}
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(f"{server.ready['http']}/fhir/$export", headers={**token, "Prefer": "respond-async"})) as begun:
        status = begun.headers["Content-Location"]
    with urllib.request.urlopen(urllib.request.Request(status, headers=token)) as answer:
        files = json.load(answer)["output"]
    counted, count, size = time.perf_counter(), 0, 0
    for file in files:
        with urllib.request.urlopen(urllib.request.Request(file["url"], headers=token)) as answer:
            while piece := answer.read(1 << 20):
                count, size = count + piece.count(b"\n"), size + len(piece)
    took = time.perf_counter() - counted
    return f"{count / took:.0f} resources/s, {size / took / 1e6:.0f} MB/s ({count} in {len(files)} files; manifest {counted - began:.2f} s)"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--url", help="base of another FHIR server with the same data")
    parser.add_argument("--observations", type=int, default=0, help="also searches over so many Observations, such as 1000000")
    arguments = parser.parse_args()
    if not any(SYNTHEA.glob("*.json.bz2")):
        raise SystemExit(f"no bundles at {SYNTHEA}")
    print(f"fdatasync p50 {fdatasync_ms():.2f} ms; {os.cpu_count()} cores")
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        bench = Bench(server, folder, arguments.seconds)
        bundles = pathlib.Path(folder) / "bundles"
        bundles.mkdir()
        for packed in SYNTHEA.glob("*.bz2"):  # unpacking is not what is measured
            (bundles / packed.stem).write_bytes(bz2.decompress(packed.read_bytes()))
        done = subprocess.run([BINARY, "import", bundles, "--ready", server.ready_file], capture_output=True, text=True)
        resources = int(re.search(r"(\d+) resources", done.stdout).group(1))
        row("Synthea import by transaction bundles", done.stdout.strip().splitlines()[-1], "15,000 resources/s")
        first, again = import_lines(folder, bundles)
        row("$import of NDJSON, 4 connections", first, "40,000 resources/s")
        row("the same again", again, "")
        observations = [f"/fhir/Observation/{i}" for i in bench.ids("Observation?_count=1000&_elements=id")[:20000]]
        patients = bench.ids("Patient?_count=1000&_elements=id")
        row("the limit: HTTP with an empty answer", bench.load(["/healthz"]), "")
        row("$export, one file after the other", exported(server), "")
        row("read", bench.load(observations), "60,000/s, p99 <= 2 ms")
        code = urllib.parse.quote("http://loinc.org|8867-4")
        newest = [f"/fhir/Observation?code={code}&patient=Patient/{p}&_sort=-date&_count=10" for p in patients]
        row("search by code and patient, newest 10", bench.load(newest), "20,000/s")
        row("the same, one connection", bench.load(newest, connections=1), "first page <= 1 ms")
        row("$everything", bench.load([f"/fhir/Patient/{p}/$everything" for p in patients], connections=16), "1,000/s")
        row("count of one code", bench.load([f"/fhir/Observation?code={code}&_summary=count"], connections=1), "5 ms over 1 million")
        small = {"resourceType": "Bundle", "type": "transaction", "entry": [{
            "resource": {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
                         "subject": {"reference": f"Patient/{patients[0]}"}, "effectiveDateTime": "2026-01-01T00:00:00Z", "note": [{"text": "%N"}],
                         "valueQuantity": {"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}},
            "request": {"method": "POST", "url": "Observation"}}]}
        if arguments.url:
            for search in (f"Observation?code={code}", "Encounter?status=finished", "Condition?clinical-status=active"):
                ours, theirs = sorted(bench.ids(search)), sorted(peer_ids(arguments.url, search))
                print(f"{search}: {'the same' if ours == theirs else 'DIFFERENT'} ({len(ours)} here, {len(theirs)} there)")
        row("commit to subscription, on a socket", told_after_commit(server), "p99 <= 2 ms after commit")
        server.stop()
        kept = bytes_in(server.data / "views" / "records")
        segments = sorted((server.data / "log" / "records").glob("*.segment"))
        bodies = sum(len(segment.read_bytes().rstrip(b"\0")) for segment in segments)
        row("size on disk, indexes included", f"{(kept + bodies) / resources / 1024:.2f} KiB a resource (log {bodies / resources / 1024:.2f}, index {kept / resources / 1024:.2f})", "0.6 KiB")
        server.start()
        row("small transactions, 64 clients", bench.load(["/fhir"], "POST", json.dumps(small)), "12,000/s, p99 <= 15 ms")
    if arguments.observations:
        many(arguments.observations, arguments.seconds)


if __name__ == "__main__":
    main()
