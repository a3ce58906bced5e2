"""Offline tools on a real data directory: backup, restore, verify, log cat."""

import json
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from mqtt_client import PUBACK, Client  # noqa: E402
from salus import Cases, Server, expect  # noqa: E402

MESSAGES = 200


def fill(server):
    key = server.create_device("archive")
    client = Client(server.address("mqtt"), "archive", key)
    start = int(time.time() * 1000) - MESSAGES
    for number in range(MESSAGES):
        client.send(client.publish("devices/archive/telemetry", json.dumps({"t": start + number, "seq": number, "hr": 50 + number % 90}), number + 1))
        expect(client.read()[0] == PUBACK, "a message is not acknowledged")
    expect(server.stop() == 0, "SIGTERM does not end it with 0")


def verify_finds_a_changed_byte(server):
    code, said = salus.run("verify", "--data", server.data)
    expect(code == 0, f"a whole log is called damaged: {said}")
    harmed = server.folder / "harmed"
    shutil.copytree(server.data, harmed)
    for segment in sorted((harmed / "log").glob("*/*")):
        whole = segment.read_bytes()
        used = len(whole.rstrip(b"\0"))
        for at in {0, used // 2, used - 1} if used else {0}:
            changed = bytearray(whole)
            changed[at] ^= 1
            segment.write_bytes(changed)
            code, said = salus.run("verify", "--data", harmed)
            expect(code == 1 and "DAMAGE" in said and "offset" in said, f"byte {at} of {segment.name} changed: exit code {code}, {said}")
        segment.write_bytes(whole)
    code, said = salus.run("verify", "--data", harmed)
    expect(code == 0, f"put right it is still called damaged: {said}")


def log_cat_prints_entries(server):
    code, said = salus.run("log", "cat", "--data", server.data, "--partition", "records")
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    expect(code == 0 and any("device_put" in json.dumps(line) for line in lines), f"exit code {code}, {said[:500]}")
    code, said = salus.run("log", "cat", "--data", server.data, "--partition", "telemetry", "--count", "3")
    expect(code == 0 and len([line for line in said.splitlines() if line.startswith("{")]) == 3, f"--count 3 printed {said[:500]}")


def a_backup_restores(server):
    backup, fresh = server.folder / "backup", server.folder / "fresh"
    code, said = salus.run("backup", "--data", server.data, backup)
    expect(code == 0, f"backup: {said}")
    code, said = salus.run("backup", "--data", server.data, backup)
    expect(code == 0, f"a second backup onto the first: {said}")
    code, said = salus.run("restore", "--data", fresh, backup)
    expect(code == 0, f"restore: {said}")
    code, said = salus.run("restore", "--data", fresh, backup)
    expect(code != 0, "restore writes over a data directory that is not empty")
    code, said = salus.run("verify", "--data", fresh)
    expect(code == 0, f"the restored log: {said}")
    server.start()
    original = server.series("archive", "hr")
    server.stop()
    with Server(data=fresh) as restored:
        expect(len(original) == MESSAGES and restored.series("archive", "hr") == original, "the restored server shows other samples")
        expect(restored.stop() == 0, "SIGTERM does not end it with 0")


def main():
    cases = Cases()
    with Server() as server:
        cases.run("a server fills and stops", fill, server)
        cases.run("verify finds a changed byte of each file", verify_finds_a_changed_byte, server)
        cases.run("log cat prints entries as JSON lines", log_cat_prints_entries, server)
        cases.run("a backup restores to the same answers", a_backup_restores, server)
    cases.end()


if __name__ == "__main__":
    main()
