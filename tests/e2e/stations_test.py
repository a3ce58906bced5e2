"""Stations: paired once, one ward in sight, every deed by somebody's PIN; through the API and the live feed of a real server."""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from people import PASSWORD, PIN, Ward, ask, publish  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402
from websocket_client import LiveFeed  # noqa: E402


def sight(ward):
    seen = ward.as_station("GET", "/api/ward")
    expect([one["device"] for one in seen["sectors"]] == ["icu-1"], f"the station sees {seen['sectors']}")
    expect(ward.as_station("GET", "/api/sessions/current")["station"]["ward"] == "ICU", "it does not know its ward")
    expect([one["bed"] + one["ward"] for one in ward.as_station("GET", "/api/beds?ward=ED")["items"]] == ["B1ICU"], "beds of another ward")
    expect([one["id"] for one in ward.as_station("GET", "/api/devices")["items"]] == ["icu-1"], "devices of another ward")
    ward.as_station("GET", "/api/series/icu-1/hr/latest")
    for path in ("/api/series/ed-1/hr/latest", "/api/series?device=ed-1", "/api/scores?device=ed-1", "/api/limits/effective?device=ed-1",
                 "/api/users", "/api/audit", "/api/status", "/api/limits/history", "/api/alarms/burden", "/api/patients/P-icu-1/series"):
        ward.as_station("GET", path, status=403)
    ward.as_station("GET", "/api/devices/ed-1/bindings", status=404)
    listed = ask(ward.server, "GET", "/api/stations")["items"]
    expect(listed[0]["paired"] and "code" not in listed[0] and "token" not in json.dumps(listed), f"the list says {listed}")


def by_pin(ward):
    icu, ed = ward.alarm("icu-1"), ward.alarm("ed-1")
    expect([one["id"] for one in ward.as_station("GET", "/api/alarms?state=active")["items"]] == [icu["id"]], "alarms of another ward")
    path = f"/api/alarms/{icu['id']}/acknowledge"
    for pin, code in ((None, "pin_refused"), ("nurse:000000", "pin_refused"), ("nobody:271828", "pin_refused"), (f"vic:{PIN}", "forbidden")):
        expect(ward.as_station("POST", path, {}, 403, pin)["code"] == code, f"with {pin} another refusal")
    expect(ward.as_station("POST", f"/api/alarms/{ed['id']}/acknowledge", {}, 403, f"nurse:{PIN}")["code"] == "forbidden", "another ward's alarm was acknowledged")
    done = ward.as_station("POST", path, {}, pin=f"nurse:{PIN}")
    expect(done["acknowledged"]["by"] == "nurse", f"acknowledged by {done['acknowledged']}")
    pause = {"ward": "ICU", "bed": "B1", "what": "audio", "until": None, "reason": "x"}
    ward.as_station("PUT", "/api/pauses", pause, 403)
    ward.as_station("PUT", "/api/pauses", {**pause, "ward": "ED"}, 403, f"nurse:{PIN}")
    ward.as_station("PUT", "/api/pauses", pause, 200, f"nurse:{PIN}")
    limit = {"code": "hr", "priority": "high", "low": 40, "high": 140, "reason": "x"}
    ward.as_station("PUT", "/api/limits", limit, 403, f"nurse:{PIN}")
    ward.as_station("PUT", "/api/limits", {**limit, "ward": "ED", "bed": "B1"}, 403, f"nurse:{PIN}")
    ward.as_station("PUT", "/api/limits", {**limit, "ward": "ICU", "bed": "B1"}, 200, f"nurse:{PIN}")
    bind = {"ward": "ICU", "bed": "B2", "patient": {"id": "P9", "label": "Nine"}}
    ward.as_station("PUT", "/api/devices/ed-1/patient", bind, 403, f"nurse:{PIN}")
    ward.as_station("PUT", "/api/devices/icu-1/patient", bind, 403)
    ward.as_station("PUT", "/api/devices/icu-1/patient", bind, 200, f"nurse:{PIN}")
    ask(ward.server, "POST", f"/api/alarms/{ed['id']}/acknowledge", {}, token=ward.clinician)
    # The audit is written down after the answer.
    acts = lambda: ask(ward.server, "GET", "/api/audit?limit=100")["items"]  # noqa: E731
    named = lambda: [(one["actor"], one.get("station")) for one in acts() if one["action"] == "alarm_acknowledged" and one["outcome"] == "ok"]  # noqa: E731
    expect(eventually(lambda: named() == [("nurse", None), ("nurse", ward.id)]), f"the audit says {named()}")
    events = acts()
    expect(PIN not in json.dumps(events), "a PIN is in the audit")


def nothing_kept(ward):
    """Neither PIN nor token nor code stands in what the server has written."""
    written = b"".join(path.read_bytes() for path in ward.server.data.rglob("*") if path.is_file())
    for secret in (PIN.encode() + b'"', f"nurse:{PIN}".encode(), ward.token.encode()):
        expect(secret not in written, "a secret was written down")
    expect(b'"station":"' + ward.id.encode() in written, "the entries do not name the station")


def restarted(ward):
    ward.server.stop()
    ward.server.start()
    expect(ward.as_station("GET", "/api/ward")["type"] == "ward", "it is not known any more")
    ward.connect()


def locked(ward):
    victim = f"/api/alarms/{ward.alarm('icu-1')['id']}/acknowledge"
    for _ in range(5):
        ward.as_station("POST", victim, {}, 403, "nurse:9999")
    expect("locked" in ward.as_station("POST", victim, {}, 403, f"nurse:{PIN}")["detail"], "the lock is not said")
    expect(ask(ward.server, "GET", "/api/sessions/current", token=ward.clinician)["pin"] == "locked", "its owner is not told")
    ask(ward.server, "POST", "/api/sessions", {"user": "nurse", "password": PASSWORD}, 201)
    ward.as_station("POST", victim, {}, 200, f"nurse:{PIN}")


def live(ward):
    feed = LiveFeed(ward.server, token=ward.token, waves=["*"])
    welcome = feed.wait(lambda m: m["type"] == "welcome")
    expect(welcome["ward"] == "ICU", f"welcome: {welcome}")
    seen = feed.wait(lambda m: m["type"] == "ward")
    expect([one["device"] for one in seen["sectors"]] == ["icu-1"], "the feed shows another ward")
    for n in range(5):
        publish(ward.clients["ed-1"], "ed-1", hr=70 + n)
    publish(ward.clients["icu-1"], "icu-1", hr=61)
    heard = []
    feed.wait(lambda m: heard.append(m) or (m["type"] == "numerics" and m["device"] == "icu-1"))
    expect("ed-1" not in json.dumps(heard), "another ward's numbers were sent")
    # The device goes to the other ward: gone from here, there for everybody else.
    ask(ward.server, "PUT", "/api/devices/icu-1/patient", {"ward": "ED", "bed": "B7"})
    feed.wait(lambda m: m["type"] == "sector_removed" and m["device"] == "icu-1")
    ask(ward.server, "PUT", "/api/devices/icu-1/patient", {"ward": "ICU", "bed": "B1", "patient": {"id": "P1", "label": "One"}})
    feed.wait(lambda m: m["type"] == "sector" and m["sector"]["device"] == "icu-1")
    return feed


def revoked(ward):
    feed = live(ward)
    began = time.monotonic()
    ask(ward.server, "DELETE", f"/api/stations/{ward.id}", None, 204)
    ward.as_station("GET", "/api/ward", status=401)
    try:
        feed.wait(lambda m: False, seconds=10)
        raise AssertionError("the socket stayed open")
    except ConnectionError:
        pass
    return f"its socket closed after {time.monotonic() - began:.1f} s"


def main():
    cases = Cases()
    with Server() as server:
        ward = Ward(server)
        cases.run("a station sees its ward alone", sight, ward)
        cases.run("what is done at a station is done by a person with a PIN, in its ward, and names both", by_pin, ward)
        cases.run("after a restart it is the station that it was", restarted, ward)
        cases.run("five wrong PINs lock it until its owner signs in by password", locked, ward)
        cases.run("revoking ends a station at once, on its live feed too", revoked, ward)
        cases.run("no secret is written down", nothing_kept, ward)
    cases.end()


if __name__ == "__main__":
    main()
