"""Whose limits hold, the life of alarms, pauses and scores, through the API and the live feed of a real server."""

import datetime
import itertools
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from mqtt_client import PUBACK, Client  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402
from websocket_client import LiveFeed  # noqa: E402


def ask(server, method, path, body=None, status=200):
    said, answer = server.call(method, path, body)
    expect(said == status, f"{method} {path}: {said} {answer}")
    return answer


PACKETS = itertools.count(1)


def publish(client, **values):
    """Answered once the server has it for good."""
    client.send(client.publish("devices/bed-1/telemetry", json.dumps(values), next(PACKETS)))
    while client.read()[0] != PUBACK:
        pass


def bind(server, **members):
    return ask(server, "PUT", "/api/devices/bed-1/patient", {"ward": "ICU", "bed": "B1", **members})


def holds(server, code="hr", priority="high"):
    rows = server.get("/api/limits/effective?device=bed-1")["rows"]
    return next(row for row in rows if row["code"] == code and row["priority"] == priority)


def whose(server):
    bind(server, patient={"id": "P1", "label": "One"})
    row = holds(server)
    expect(row["scope"] == {"kind": "hospital"} and row["high"] == 130 and row["source"] and row["set"] is None, f"at first: {row}")
    expect(server.get("/api/limits/effective?device=bed-1")["watched_as"] == "adult", "an unknown age class is not said to be watched as an adult")
    bind(server, patient={"id": "P1", "label": "One"}, age_class="child", paced=False)
    expect(holds(server)["scope"] == {"kind": "age_class", "age_class": "child"}, f"of a child: {holds(server)}")
    bound = server.get("/api/devices/bed-1/bindings")["items"][-1]
    expect(bound["age_class"] == "child" and bound["paced"] is False, f"the binding says {bound}")
    put = {"code": "hr", "priority": "high", "low": 50, "high": 170, "delay_ms": 5000, "hysteresis": 2}
    ask(server, "PUT", "/api/limits", {**put, "patient": "P1", "reason": "known"})
    row = holds(server)
    expect(row["scope"] == {"kind": "patient", "patient": "P1"} and row["high"] == 170 and row["by"] == "admin" and row["reason"] == "known" and row["set"], f"of the patient: {row}")
    ask(server, "PUT", "/api/limits", {**put, "ward": "ICU", "bed": "B1", "enabled": False, "reason": "turning"})
    ask(server, "POST", "/api/limits/reset", {"patient": "P1", "code": "hr", "priority": "high", "reason": "over"})
    expect(holds(server)["enabled"] is False and holds(server)["scope"]["kind"] == "bed", f"of the bed: {holds(server)}")
    sector = server.get("/api/ward")["sectors"][0]
    expect([one["reason"] for one in sector["limits_off"]] == ["turning"], f"the sector says {sector['limits_off']}")
    bind(server, patient={"id": "P2", "label": "Two"}, age_class="adult")
    expect(holds(server)["scope"] == {"kind": "hospital"}, f"of the next patient: {holds(server)}")
    ask(server, "POST", "/api/limits/reset", {"patient": "P1", "code": "hr", "priority": "high", "reason": "again"}, 404)
    ask(server, "GET", "/api/limits/effective?device=nobody", status=404)


def history(server):
    page = server.get("/api/limits/history")
    expect([one["action"] for one in page["items"]] == ["vacated", "reset", "put", "put"], f"it says {page['items']}")
    expect(page["next"] is None, "there is a next page of nothing")
    first = server.get("/api/limits/history?limit=3")
    rest = server.get(f"/api/limits/history?limit=3&cursor={first['next']}")
    expect(first["items"] + rest["items"] == page["items"] and rest["next"] is None, "the pages are not the whole")
    of_bed = server.get("/api/limits/history?ward=ICU&bed=B1")["items"]
    expect([one["action"] for one in of_bed] == ["vacated", "put"], f"of the bed: {of_bed}")
    expect(server.get("/api/limits/history?code=spo2")["items"] == [], "changes of another vital are listed")


def life(server, client):
    ask(server, "PUT", "/api/alarm-settings", {"remind_high_s": 1, "remind_medium_s": 1, "reason": "for this test"})
    ask(server, "PUT", "/api/limits", {"code": "nibp_sys", "priority": "high", "low": 70, "latching": True, "reason": "for this test"})
    feed = LiveFeed(server)
    feed.wait(lambda said: said.get("type") == "ward")

    def heard(state, version=0):
        return feed.wait(lambda said: said.get("type") == "alarm" and said["alarm"]["state"] == state and not said["alarm"]["provisional"] and said["alarm"]["version"] > version)["alarm"]

    publish(client, nibp_sys=60)
    alarm = heard("active")
    path = f"/api/alarms/{alarm['id']}/acknowledge"
    expect(ask(server, "POST", path, {"version": alarm["version"]})["state"] == "acknowledged", "it is not acknowledged")
    again = heard("active", alarm["version"])
    expect(again["reminders"] == 1 and again["acknowledged"] is None and again["acknowledged_before"]["by"] == "admin", f"heard again: {again}")
    publish(client, nibp_sys=120)
    latched = heard("latched")
    expect(latched["id"] == alarm["id"] and latched["ended"], f"it is {latched}")
    expect([one["id"] for one in server.get("/api/ward")["alarms"]] == [alarm["id"]], "the ward does not show it")
    expect([one["id"] for one in server.alarms(state="active")] == [alarm["id"]], "it is not among those that are not over")
    ask(server, "POST", path)
    heard("ended")
    expect(eventually(lambda: server.get("/api/ward")["alarms"] == []), "the ward still shows it")
    feed.close()


def pauses(server):
    feed = LiveFeed(server)
    feed.wait(lambda said: said.get("type") == "ward")
    there = lambda count: feed.wait(lambda said: said.get("type") == "sector" and len(said["sector"]["pauses"]) == count)["sector"]["pauses"]  # noqa: E731
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)).isoformat().replace("+00:00", "Z")
    bed = {"ward": "ICU", "bed": "B1"}
    ask(server, "PUT", "/api/pauses", {**bed, "what": "audio", "until": until})
    expect(there(1)[0]["state"] == "audio paused", "the sector does not say it")
    ask(server, "PUT", "/api/pauses", {**bed, "what": "alarm"}, 400)
    ask(server, "PUT", "/api/pauses", {**bed, "what": "alarm", "reason": "care"})
    expect([one["state"] for one in there(2)] == ["audio paused", "alarm off"], "alarms are not off")
    there(1)  # the sound's time is over
    ask(server, "POST", "/api/pauses/end", {**bed, "what": "alarm"})
    there(0)
    expect(server.get("/api/pauses")["items"] == [], "something is still paused")
    feed.close()


def scores(server, client):
    bind(server, patient={"id": "P3", "label": "Three"}, age_class="adult")
    publish(client, rr=25, spo2=97, nibp_sys=95, hr=95, temp=38.6, gcs=14)
    named = lambda: {one["name"]: one for one in server.get("/api/scores?device=bed-1")["scores"]}  # noqa: E731
    expect(eventually(lambda: named() and named()["MEWS"]["score"] > 0), f"there are {named()}")
    said = {name: (one["score"], one["at_least"], one["triggered"]) for name, one in named().items()}
    expect(said == {"NEWS2": (7, True, True), "MEWS": (5, True, True), "qSOFA": (3, False, True), "SIRS": (3, True, True)}, f"they say {said}")
    inputs = {one["parameter"]: one for one in named()["MEWS"]["inputs"]}
    expect(inputs["temp"]["v"] == 38.6 and inputs["temp"]["unit"] == "Cel" and inputs["temp"]["points"] == 2 and inputs["temp"]["age_ms"] >= 0, f"temperature: {inputs['temp']}")
    expect(inputs["avpu"]["state"] == "missing" and inputs["avpu"]["points"] is None, f"consciousness: {inputs['avpu']}")
    bind(server, patient={"id": "P4", "label": "Four"}, age_class="neonate")
    publish(client, hr=140)
    expect(eventually(lambda: server.get("/api/scores?device=bed-1")["applies"] is False), "a newborn has scores for adults")


def after_a_restart(server):
    before = [server.get(path) for path in ("/api/limits", "/api/limits/history", "/api/alarm-settings")]
    expect(server.stop() == 0, "it does not end well")
    server.start()
    expect([server.get(path) for path in ("/api/limits", "/api/limits/history", "/api/alarm-settings")] == before, "they differ")


def main():
    cases = Cases()
    with Server() as server:
        key = server.create_device("bed-1")
        client = Client(server.address("mqtt"), "bed-1", key)
        cases.run("limits hold for whom they are set, and go with the patient", whose, server)
        cases.run("who changed which limit is told in pages", history, server)
        cases.run("an acknowledged alarm comes again, a latching one stays", life, server, client)
        cases.run("a bed's sound and alarms are paused and come back", pauses, server)
        cases.run("scores say what they are made of", scores, server, client)
        client.close()
        cases.run("all of it is there after a restart", after_a_restart, server)
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
