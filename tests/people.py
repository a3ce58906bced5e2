"""Two wards with a bed each, a station in one of them, and people with PINs: for tests of who is told what."""

import itertools
import json

from mqtt_client import PUBACK, Client
from salus import eventually, expect

PACKETS = itertools.count(1)
PIN = "271828"
PASSWORD = "correct horse battery"


def publish(client, device, **values):
    client.send(client.publish(f"devices/{device}/telemetry", json.dumps(values), next(PACKETS)))
    while client.read()[0] != PUBACK:
        pass


def ask(server, method, path, body=None, status=200, token=True, pin=None):
    said, answer = server.call(method, path, body, token=token, headers={"Salus-Pin": pin} if pin else {})
    expect(said == status, f"{method} {path}: {said} {answer}")
    return answer


def user(server, name, role):
    """A person with a PIN: their own token."""
    ask(server, "PUT", f"/api/users/{name}", {"display_name": name, "roles": [role], "password": PASSWORD}, 201)
    token = ask(server, "POST", "/api/sessions", {"user": name, "password": PASSWORD}, 201)["token"]
    ask(server, "PUT", "/api/me/pin", {"password": PASSWORD, "pin": PIN}, 204, token=token)
    return token


def station(server, name, ward):
    """(its token, its id)."""
    made = ask(server, "POST", "/api/stations", {"name": name, "ward": ward}, 201)
    paired = ask(server, "POST", "/api/stations/pair", {"code": made["code"].lower().replace("-", " ")}, 201, token=False)
    expect(paired["expires"] is None and paired["station"] == {"id": made["id"], "name": name, "ward": ward}, f"paired: {paired}")
    ask(server, "POST", "/api/stations/pair", {"code": made["code"]}, 401, token=False)
    return paired["token"], made["id"]


class Ward:
    """Two wards with a bed each; a station in one of them."""

    def __init__(self, server):
        self.server, self.clients, self.keys = server, {}, {}
        for device, ward in (("icu-1", "ICU"), ("ed-1", "ED")):
            key = server.create_device(device)
            ask(server, "PUT", f"/api/devices/{device}/patient", {"ward": ward, "bed": "B1", "patient": {"id": f"P-{device}", "label": device}})
            self.keys[device] = key
        self.connect()
        self.clinician = user(server, "nurse", "clinician")
        user(server, "vic", "viewer")
        self.token, self.id = station(server, "ICU desk", "ICU")

    def connect(self):
        for device, key in self.keys.items():
            self.clients[device] = Client(self.server.address("mqtt"), device, key)
            publish(self.clients[device], device, hr=70)

    def as_station(self, method, path, body=None, status=200, pin=None):
        return ask(self.server, method, path, body, status, self.token, pin)

    def alarm(self, device):
        """An active one of the device."""
        ask(self.server, "PUT", "/api/limits", {"code": "hr", "priority": "high", "low": 40, "high": 130, "delay_ms": 0, "reason": "for this test"})
        publish(self.clients[device], device, hr=180)
        look = lambda: [one for one in self.server.alarms(state="active") if one["device"] == device and one["state"] == "active"]  # noqa: E731
        return eventually(look)[0]
