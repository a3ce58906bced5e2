"""A device that remembers what was acknowledged: the other half of every crash test."""

import json
import random
import sys
import threading
import time

from mqtt_client import PUBACK, Client

WINDOW = 20


class Ledger:
    """One device with one heart rate a message, each at a millisecond of its own."""

    def __init__(self, device, key, seed):
        self.device, self.key = device, key
        self.random = random.Random(seed)
        self.start_ms = int(time.time() * 1000) - 3_600_000
        self.next = 0
        self.values = {}        # number -> value, of all that was ever sent
        self.acknowledged = set()
        self.waiting = {}       # number -> packet id, in the order sent

    def payload(self, number):
        return json.dumps({"t": self.start_ms + number, "seq": number, "hr": self.values[number]})

    def send(self, client, number, packet_id, dup):
        self.waiting[number] = packet_id
        client.send(client.publish(f"devices/{self.device}/telemetry", self.payload(number), packet_id, dup))

    def receive(self, client):
        kind, _, body = client.read()
        if kind != PUBACK:
            return
        packet_id, reason = Client.puback(body)
        for number, waiting_id in self.waiting.items():
            if waiting_id == packet_id:
                if reason == 0:
                    self.acknowledged.add(number)
                del self.waiting[number]
                return

    def load(self, address, stop=None, count=None):
        """Resends what is unacknowledged, then sends until the server is gone, `stop` is set or `count` are sent."""
        try:
            client = Client(address, self.device, self.key)
            for number, packet_id in list(self.waiting.items()):
                self.send(client, number, packet_id, dup=True)
            free = [i for i in range(1, 4 * WINDOW) if i not in self.waiting.values()]
            sent = 0
            while not (stop is not None and stop.is_set()) and (count is None or sent < count):
                while len(self.waiting) >= WINDOW:
                    self.receive(client)
                used = set(self.waiting.values())
                packet_id = next(i for i in free if i not in used)
                free.remove(packet_id)
                free.append(packet_id)
                self.values[self.next] = self.random.randint(40, 180)
                self.next, sent = self.next + 1, sent + 1
                self.send(client, self.next - 1, packet_id, dup=False)
            while self.waiting:
                self.receive(client)
            client.close()
        except (OSError, ConnectionError):
            pass  # killed under us; what is waiting is sent again

    def start(self, address):
        thread = threading.Thread(target=self.load, args=(address,))
        thread.start()
        return thread

    def compare(self, server):
        """What is wrong; empty when every message is stored once, as it was sent."""
        stored = server.series(self.device, "hr")
        times = [t for t, _ in stored]
        present = set(times)
        expected = {self.start_ms + n: v for n, v in self.values.items()}
        wrong = []
        lost = [n for n in self.acknowledged if self.start_ms + n not in present]
        if lost:
            wrong.append(f"{len(lost)} acknowledged messages are lost, the first is number {min(lost)}")
        if len(times) != len(present):
            wrong.append("a message is stored twice")
        if any(expected.get(t) != v for t, v in stored):
            wrong.append("a stored value is not the one that was sent")
        return f"{self.device}: " + "; ".join(wrong) if wrong else ""
