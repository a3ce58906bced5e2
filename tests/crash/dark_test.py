"""Alarms in the dark: nothing can be stored and half of the consoles are cut off, while a thousand vitals go wrong.

Every alarm reaches the screens that are there, every one is there when the others rejoin, and every one is recorded once
storage returns.
"""

import argparse
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from crash_test import acknowledgement, shim  # noqa: E402
from mqtt_client import Client  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402
from websocket_client import LiveFeed  # noqa: E402

DEVICES = 50
CODES = 20  # each with a limit of its own; so DEVICES × CODES alarms


def raised(message):
    """(device, code) of what a message of the live feed raises, of the limits that this test has set."""
    alarms = message["alarms"] if message["type"] == "ward" else [message["alarm"]] if message["type"] == "alarm" else []
    return {(a["device"], a["code"]) for a in alarms if a["priority"] == "low" and a["rule"] == "high" and a["ended"] is None}


class Screen(threading.Thread):
    """Reads a live feed until it has seen every alarm that is expected; remembers when each came."""

    def __init__(self, feed, expected):
        super().__init__()
        self.feed, self.expected, self.seen = feed, expected, {}
        self.trouble = None

    def run(self):
        try:
            while self.expected - self.seen.keys():
                for pair in raised(self.feed.wait(raised)):
                    self.seen.setdefault(pair, time.monotonic())
        except (OSError, ConnectionError) as error:
            self.trouble = error

    def finish(self, name):
        self.join(60)
        expect(not self.is_alive() and not self.trouble and self.expected <= self.seen.keys(),
               f"{name}: {len(self.expected & self.seen.keys())} of {len(self.expected)} alarms came: {self.trouble}")


def reading(number, codes, wrong):
    return json.dumps({"t": int(time.time() * 1000), "seq": number, **{alias: wrong_value if wrong else usual for alias, usual, wrong_value in codes}})


def watched_codes(server):
    """(alias, a value below the limit, one above) of CODES vitals, each with a limit of low priority between the two."""
    codes = []
    for code in server.get("/api/codes"):
        if code["kind"] != "numeric" or len(codes) == CODES:
            continue
        low, limit, high = plausible(server, code["alias"])
        if low is None:
            continue
        status, said = server.call("PUT", "/api/limits", {"code": code["alias"], "low": None, "high": limit, "priority": "low", "delay_ms": 0,
                                                          "hysteresis": 0, "enabled": True, "reason": "a test of alarms in the dark"})
        expect(status == 200, f"the limit of {code['alias']} is refused: {status} {said}")
        codes.append((code["alias"], low, high))
    expect(len(codes) == CODES, f"only {len(codes)} vitals can be watched")
    return codes


def plausible(server, alias):
    """Three values that a sensor may report."""
    for step in ((30, 31, 32), (3, 4, 5), (300, 310, 320)):
        probe = f"probe-{alias}"
        key = server.create_device(probe)
        client = Client(server.address("mqtt"), probe, key)
        for number in (0, 2):
            client.send(client.publish(f"devices/{probe}/telemetry", json.dumps({"t": int(time.time() * 1000) + number, "seq": number, alias: step[number]}), number + 1))
            expect(acknowledgement(client, number + 1, 20) == 0, "a message is not acknowledged")
        client.close()
        stored = len(server.series(probe, alias))
        server.call("DELETE", f"/devices/{probe}")
        if stored == 2:
            return step
    return None, None, None


def dark(mode, cut_seconds):
    server = Server(environment={"SALUS_LOG_STALL_SECONDS": "1"})
    library, rule = shim(server.folder)
    server.environment |= {"LD_PRELOAD": str(library), "SALUS_FAULT_FILE": str(rule)}
    with server:
        codes = watched_codes(server)
        keys = {f"dark-{i}": server.create_device(f"dark-{i}") for i in range(DEVICES)}
        expected = {(device, alias) for device in keys for alias, _, _ in codes}
        clients = {device: Client(server.address("mqtt"), device, key, version=5) for device, key in keys.items()}
        for device, client in clients.items():
            client.send(client.publish(f"devices/{device}/telemetry", reading(1, codes, False), 1))
        for client in clients.values():
            expect(acknowledgement(client, 1, 20) == 0, "a whole disk does not acknowledge")
        stays, leaves = LiveFeed(server), LiveFeed(server)
        for feed in (stays, leaves):
            feed.wait(lambda m: m["type"] == "ward")
        leaves.close()

        rule.write_text(mode[0])
        screen = Screen(stays, expected)
        screen.start()
        sent, began = {}, time.monotonic()
        wrong = {device: reading(2, codes, True) for device in keys}
        for device, client in clients.items():
            sent[device] = time.monotonic()
            client.send(client.publish(f"devices/{device}/telemetry", wrong[device], 2))
        screen.finish("the screen that stayed")
        slowest = max(screen.seen[device, alias] - sent[device] for device, alias in expected)

        time.sleep(max(0, cut_seconds - (time.monotonic() - began)))
        rejoined = Screen(LiveFeed(server), expected)
        rejoined.start()
        rejoined.finish("the screen that rejoined")
        for client in clients.values():
            expect(acknowledgement(client, 2, 10) == 0x83, "what is not stored is acknowledged")
            client.close()

        rule.write_text("o")
        expect(eventually(lambda: is_well(server), seconds=60), "it does not record again by itself")
        status = server.get("/api/status")
        expect(all(p["recording"] for p in status["partitions"]), f"not all is recorded: {status['partitions']}")
        for device, key in keys.items():
            client = Client(server.address("mqtt"), device, key, version=5)
            client.send(client.publish(f"devices/{device}/telemetry", wrong[device], 2, dup=True))
            expect(acknowledgement(client, 2, 20) == 0, "what is sent again is not acknowledged")
            client.close()
        recorded = eventually(lambda: expected <= {(a["device"], a["code"]) for a in server.alarms(state="active") if a["rule"] == "high" and a["priority"] == "low"})
        expect(recorded, "not every alarm is recorded once storage returned")
        expect(server.stop() == 0, "SIGTERM does not end it with 0")
        code, said = salus.run("log", "cat", "--data", server.data, "--partition", "records")
        expect(code == 0, f"log cat says {said[-500:]}")
        witnessed = sum('"unrecorded"' in line and "raised" in line for line in said.splitlines())
        expect(witnessed >= len(expected), f"{witnessed} of {len(expected)} alarms of the dark are in the log")
        return f"{len(expected)} of {len(expected)}, the slowest after {slowest * 1000:.0f} ms; link cut for {cut_seconds} s"


def is_well(server):
    try:
        return server.call("GET", "/healthz", token=False)[0] == 200 and server.call("GET", "/api/status")[0] == 200
    except OSError:
        return False


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cut", type=int, default=5, help="seconds for which a console is cut off")
    options = arguments.parse_args()
    cases = Cases()
    for mode in ("fail", "hang"):
        cases.run(f"a thousand alarms while syncs {mode}", dark, mode, options.cut)
    cases.end()


if __name__ == "__main__":
    main()
