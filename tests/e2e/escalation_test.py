"""Who is told when nobody hears or accepts an alarm: delivery, rotas, silent screens, stations that are gone; on a real server."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from people import PIN, Ward, ask, publish, station  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402
from websocket_client import LiveFeed  # noqa: E402


def joined(ward, token):
    feed = LiveFeed(ward.server, token=token)
    feed.wait(lambda m: m["type"] == "ward")
    return feed


def say(feed, audible, *shown):
    feed.send({"type": "screen", "audible": audible, "why": "on" if audible else "unconfirmed", "shown": list(shown)})


def of_ward(ward, rule):
    """The ward's own alarm that is on, or None."""
    return next((one for one in ward.server.alarms(state="active") if one["rule"] == rule and one["ended"] is None), None)


def one_of(ward, alarm):
    return next(one for one in ward.server.alarms(state="all") if one["id"] == alarm["id"])


def delivery(ward):
    alarm = ward.alarm("icu-1")
    expect(alarm["delivered"] is None, f"delivered to {alarm['delivered']} before a screen was there")
    feed = joined(ward, ward.token)
    ed = ward.alarm("ed-1")
    say(feed, False, alarm["id"], ed["id"], "nothing")
    seen = feed.wait(lambda m: m["type"] == "alarm" and m["alarm"]["id"] == alarm["id"] and m["alarm"]["delivered"])
    expect(seen["alarm"]["delivered"]["to"] == ward.id, f"delivered to {seen['alarm']['delivered']}")
    expect(one_of(ward, ed)["delivered"] is None, "a station delivered what it may not see")
    ask(ward.server, "POST", f"/api/alarms/{alarm['id']}/acknowledge", {"version": alarm["version"]})
    ask(ward.server, "POST", f"/api/alarms/{ed['id']}/acknowledge", {})
    calm(ward)
    feed.close()


def calm(ward):
    for device, client in ward.clients.items():
        publish(client, device, hr=70)
    expect(eventually(lambda: not [one for one in ward.server.alarms(state="active") if one["rule"] == "high"]), "the alarms stay")


def rota(ward):
    token, other = station(ward.server, "ED desk", "ED")
    steps = [{"to": "user:nurse", "high_s": 1, "medium_s": 2}, {"to": f"station:{other}", "high_s": 2, "medium_s": 0}]
    ward.as_station("PUT", "/api/escalation", {"ward": "ICU", "steps": steps, "reason": "x"}, 403, f"nurse:{PIN}")
    ask(ward.server, "PUT", "/api/escalation", {"ward": "ICU", "steps": [{**steps[0], "to": "nurse"}], "reason": "x"}, 400)
    ask(ward.server, "PUT", "/api/escalation", {"ward": "ICU", "steps": steps}, 400)
    set_now = ask(ward.server, "PUT", "/api/escalation", {"ward": "ICU", "steps": steps, "reason": "nights"})["items"]
    expect(set_now[0]["steps"] == steps and set_now[0]["by"] == "admin" and set_now[0]["reason"] == "nights", f"set: {set_now}")
    expect(len(ask(ward.server, "GET", "/api/escalation/history?ward=ICU")["items"]) == 1, "the history has not one change")
    desk, nurse = joined(ward, token), joined(ward, ward.clinician)
    alarm = ward.alarm("icu-1")
    told = nurse.wait(lambda m: m["type"] == "alarm" and m["alarm"]["id"] == alarm["id"] and m["alarm"]["escalated"])["alarm"]
    expect([one["to"] for one in told["escalated"]] == ["user:nurse"], f"first told: {told['escalated']}")
    there = desk.wait(lambda m: m["type"] == "alarm" and m["alarm"]["id"] == alarm["id"])["alarm"]
    expect([one["step"] for one in there["escalated"]] == [1, 2] and there["ward"] == "ICU", f"then told: {there}")
    ask(ward.server, "POST", f"/api/alarms/{alarm['id']}/acknowledge", {}, 200, token, f"nurse:{PIN}")
    reviewed = next(one for one in ask(ward.server, "GET", "/api/alarms?bed=B1&rule=high")["items"] if one["id"] == alarm["id"])
    expect([one["to"] for one in reviewed["escalated"]] == [step["to"] for step in steps], f"the review says {reviewed['escalated']}")
    calm(ward)
    for feed in (desk, nurse):
        feed.close()
    ask(ward.server, "DELETE", f"/api/stations/{other}", None, 204)


def silent(ward):
    feed = joined(ward, ward.token)
    say(feed, False)
    expect(eventually(lambda: of_ward(ward, "stations_gone") is None), "its link is not seen")
    expect(of_ward(ward, "no_audible_screen") is None, "raised without an alarm")
    alarm = ward.alarm("icu-1")
    raised = feed.wait(lambda m: m["type"] == "alarm" and m["alarm"]["rule"] == "no_audible_screen")["alarm"]
    expect(raised["ward"] == "ICU" and raised["priority"] == "medium" and raised["device"] == "", f"raised: {raised}")
    shown = ask(ward.server, "GET", "/api/screens")["items"]
    expect([(one["who"], one["audible"]) for one in shown] == [(ward.id, False)], f"the screens are {shown}")
    status, text = ward.server.call("GET", "/metrics")
    expect(status == 200 and 'salus_screens{audible="no"} 1' in text, "the metrics do not count it")
    say(feed, True)
    feed.wait(lambda m: m["type"] == "alarm" and m["alarm"]["id"] == raised["id"] and m["alarm"]["state"] == "ended")
    ask(ward.server, "POST", f"/api/alarms/{alarm['id']}/acknowledge", {})
    calm(ward)
    return feed


def gone(ward):
    feed = silent(ward)
    alarm = ward.alarm("icu-1")
    feed.close()
    expect(eventually(lambda: of_ward(ward, "stations_gone")), "nobody says that the station is gone")
    again = LiveFeed(ward.server, token=ward.token)
    back = again.wait(lambda m: m["type"] == "ward")
    waiting = {one["id"]: one["state"] for one in back["alarms"]}
    expect(waiting.get(alarm["id"]) == "active", f"after the rejoin it shows {waiting}")
    expect(any(one["rule"] == "stations_gone" for one in back["alarms"]), "the loss itself is not shown")
    expect(eventually(lambda: of_ward(ward, "stations_gone") is None), "the alarm stays after the rejoin")
    again.close()


def restarted(ward):
    ask(ward.server, "PUT", "/api/escalation", {"ward": "ICU", "steps": [{"to": "role:clinician", "high_s": 3, "medium_s": 60}], "reason": "days"})
    alarm = next(one for one in ward.server.alarms(state="active") if one["rule"] == "high")
    before = one_of(ward, alarm)["escalated"]
    ward.server.kill()
    ward.server.start()
    after = eventually(lambda: one_of(ward, alarm)["escalated"])
    expect(after and after[:len(before)] == before, f"before the crash {before}, after it {after}")
    changes = [one["reason"] for one in ask(ward.server, "GET", "/api/escalation/history")["items"]]
    expect(changes == ["days", "nights"], f"the history says {changes}")


def flood(ward):
    feed = joined(ward, ward.token)
    try:
        for _ in range(200):
            say(feed, True)
        feed.wait(lambda m: False, seconds=10)
        raise AssertionError("it may say what it likes as often as it likes")
    except (ConnectionError, BrokenPipeError):
        pass
    garbled = joined(ward, ward.token)
    for text in ({}, [], {"type": "screen", "shown": 7, "audible": "x"}, {"type": "screen", "shown": [1, None, "x" * 5000]}):
        garbled.send(text)
    say(garbled, True)
    expect(eventually(lambda: [one["audible"] for one in ask(ward.server, "GET", "/api/screens")["items"]] == [True]), "it is not heard any more")


def main():
    cases = Cases()
    with Server(environment={"SALUS_SILENT_SCREEN_SECONDS": "2", "SALUS_STATIONS_GONE_SECONDS": "2"}) as server:
        ward = Ward(server)
        cases.run("an alarm is delivered when a screen says that it shows it, and that hinders nobody", delivery, ward)
        cases.run("silence goes along the ward's rota, to a person and to a station elsewhere", rota, ward)
        cases.run("a ward with alarms and no audible screen has an alarm of its own; losing its stations is one; all comes again", gone, ward)
        cases.run("after a crash the rota goes on", restarted, ward)
        cases.run("a screen that floods is cut, one that garbles is not", flood, ward)
    cases.end()


if __name__ == "__main__":
    main()
