"""Kills a loaded server again and again; makes its disk fail, hang and fill. Nothing acknowledged may be lost or doubled."""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from ledger import Ledger  # noqa: E402
from mqtt_client import PUBACK, Client  # noqa: E402
from salus import Cases, Server, Skip, eventually, expect  # noqa: E402
from websocket_client import LiveFeed  # noqa: E402

DEVICES = 3
BLOCK = 20  # kills between two comparisons


def kills(cycles, seed):
    """One data directory through `cycles` kills, compared with the ledgers every BLOCK and at the end."""
    chance = random.Random(seed)
    with Server() as server:
        ledgers = [Ledger(f"crash-{i}", server.create_device(f"crash-{i}"), seed * 100 + i) for i in range(DEVICES)]
        for cycle in range(cycles):
            threads = [ledger.start(server.address("mqtt")) for ledger in ledgers]
            time.sleep(chance.uniform(0.02, 0.4))  # any moment is the right one to die
            server.kill()
            for thread in threads:
                thread.join()
            server.start()
            if (cycle + 1) % BLOCK == 0 or cycle + 1 == cycles:
                for ledger in ledgers:
                    ledger.load(server.address("mqtt"), count=50)
                    expect(not ledger.waiting, f"{ledger.device}: {len(ledger.waiting)} messages are never acknowledged")
                wrong = [w for w in (ledger.compare(server) for ledger in ledgers) if w]
                expect(not wrong, f"after {cycle + 1} kills (seed {seed}): {wrong}")
        expect(server.stop() == 0, f"SIGTERM does not end it with 0: {server.said()}")
        code, said = salus.run("verify", "--data", server.data)
        expect(code == 0, f"verify says {said}")
        return f"{cycles} kills, {sum(len(ledger.values) for ledger in ledgers)} messages"


def shim(folder):
    """The preloaded library and the file that rules it."""
    library = folder / "fault.so"
    source = pathlib.Path(__file__).with_name("fault_fdatasync.c")
    subprocess.run(["clang-19", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True, capture_output=True)
    rule = folder / "fault"
    rule.write_text("o")
    return library, rule


def reading(number, **values):
    return json.dumps({"t": int(time.time() * 1000) + number, "seq": number, **values})


def acknowledgement(client, packet_id, seconds):
    """The reason in the PUBACK of `packet_id`; None when none comes or the server hangs up."""
    try:
        while True:
            kind, _, body = client.read(timeout=seconds)
            if kind == PUBACK and Client.puback(body)[0] == packet_id:
                return Client.puback(body)[1]
    except (TimeoutError, ConnectionError):
        return None


def bad_disk(mode):
    """From the moment that syncs fail or hang nothing is acknowledged, alarms go on, and a restart recovers all."""
    server = Server(environment={"SALUS_LOG_STALL_SECONDS": "1"})
    library, rule = shim(server.folder)
    server.environment |= {"LD_PRELOAD": str(library), "SALUS_FAULT_FILE": str(rule)}
    with server:
        key = server.create_device("bad-disk")
        address = server.address("mqtt")
        five, old = Client(address, "bad-disk", key, version=5), server.create_device("bad-disk-old")
        old = Client(address, "bad-disk-old", old, version=4)
        topic = "devices/bad-disk/telemetry"
        first, second = reading(1, nibp_sys=120), reading(2, nibp_sys=60)
        five.send(five.publish(topic, first, 1))
        expect(acknowledgement(five, 1, 10) == 0, "a whole disk does not acknowledge")
        feed = LiveFeed(server)
        feed.wait(lambda m: m["type"] == "ward")
        rule.write_text(mode[0])
        five.send(five.publish(topic, second, 2))
        alarm = feed.wait(lambda m: m["type"] == "alarm" and m["alarm"]["code"] == "nibp_sys")["alarm"]
        expect(alarm["provisional"] and alarm["priority"] == "high", f"the alarm is shown as {alarm}")
        expect(acknowledgement(five, 2, 10) == 0x83, "MQTT 5 is not told with reason 0x83")
        old.send(old.publish("devices/bad-disk-old/telemetry", reading(1, hr=70), 1))
        expect(acknowledgement(old, 1, 2) is None, "MQTT 3.1.1 is acknowledged")
        status, said = server.call("GET", "/healthz", token=False)
        expect(status == 503 and "recorded" in str(said), f"/healthz says {status} {said}")
        feed.wait(lambda m: m["type"] == "status" and m["recording"] is False and m["reason"])
        third = reading(3, nibp_sys=50)
        five.send(five.publish(topic, third, 3))
        expect(acknowledgement(five, 3, 10) == 0x83, "a later message is acknowledged")
        rule.write_text("o")
        expect(server.stop() == 0, f"SIGTERM does not end it with 0: {server.said()}")
        server.start()
        expect(server.call("GET", "/healthz", token=False)[0] == 200, "the restarted server is not well")
        again = Client(server.address("mqtt"), "bad-disk", key, version=5)
        for number, payload in ((2, second), (3, third)):
            again.send(again.publish(topic, payload, number, dup=True))
            expect(acknowledgement(again, number, 10) == 0, "what is sent again is not acknowledged")
        expected = [[json.loads(p)["t"], json.loads(p)["nibp_sys"]] for p in (first, second, third)]
        stored = server.series("bad-disk", "nibp_sys")
        expect(stored == expected, f"stored is {stored}, sent was {expected}")
        expect(eventually(lambda: [a for a in server.alarms(device="bad-disk") if a["code"] == "nibp_sys"]), "the alarm is not recorded")
        expect(server.stop() == 0, "SIGTERM does not end it with 0")
        code, said = salus.run("verify", "--data", server.data)
        expect(code == 0, f"verify says {said}")


def full_disk():
    """Telemetry is refused first; what was acknowledged is there once there is room again."""
    if os.geteuid() != 0:
        raise Skip("mounting a small disk needs root")
    server = Server(environment={"SALUS_LOG_TELEMETRY_SEGMENT_MIB": "1", "SALUS_LOG_RESERVE_MIB": "4"})
    server.data.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", server.data], capture_output=True, text=True)
    if mounted.returncode:
        raise Skip(f"mounting is not allowed here: {mounted.stderr.strip()}")
    try:
        with server:
            fill(server)
    finally:
        subprocess.run(["umount", "-l", server.data], check=False)


def fill(server):
    key = server.create_device("full")
    client = Client(server.address("mqtt"), "full", key, version=5)
    acknowledged, reason = [], 0
    for number in range(1, 2000):
        payload = json.dumps({"t": int(time.time() * 1000), "seq": number, "hr": 60 + number % 60, "note": os.urandom(30_000).hex()})
        client.send(client.publish("devices/full/telemetry", payload, number))
        reason = acknowledgement(client, number, 20)
        if reason != 0:
            break
        acknowledged.append(number)
        time.sleep(0.002)  # a millisecond of its own for each
    expect(reason == 0x83 and acknowledged, f"a full disk answers {reason} after {len(acknowledged)} messages")
    status, _ = server.call("GET", "/healthz", token=False)
    expect(status == 503, f"/healthz says {status}")
    status, said = server.call("PUT", "/devices/while-full", {})
    expect(status == 201, f"records are refused too: {status} {said}")
    expect(server.stop() == 0, "SIGTERM does not end it with 0")
    subprocess.run(["mount", "-o", "remount,size=256m", server.data], check=True)
    server.start()
    stored = server.series("full", "hr")
    expect(len(stored) in (len(acknowledged), len(acknowledged) + 1) and [v for _, v in stored][:len(acknowledged)] == [60 + n % 60 for n in acknowledged],
           f"{len(acknowledged)} messages were acknowledged, {len(stored)} are stored")
    client = Client(server.address("mqtt"), "full", key, version=5)
    client.send(client.publish("devices/full/telemetry", reading(9_000, hr=70), 1))
    expect(acknowledgement(client, 1, 10) == 0, "with room again nothing is acknowledged")
    expect(server.stop() == 0, "SIGTERM does not end it with 0")
    code, said = salus.run("verify", "--data", server.data)
    expect(code == 0, f"verify says {said}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cycles", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    cases = Cases()
    for first in range(0, options.cycles, 100):
        seed = options.seed + first // 100
        cases.run(f"kill -9 under load, seed {seed}", kills, min(100, options.cycles - first), seed)
    cases.run("a disk whose syncs fail", bad_disk, "fail")
    cases.run("a disk whose syncs hang", bad_disk, "hang")
    cases.run("a full disk", full_disk)
    cases.end()


if __name__ == "__main__":
    main()
