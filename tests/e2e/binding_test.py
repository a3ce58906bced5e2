"""Bindings on the real server: conflicts, admission, transfer without a gap, correction of an interval, undo, a restart."""

import datetime
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from mqtt_client import Client  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402

LABELS = ("Alpha A.", "Beta B.")


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_ms():
    return int(time.time() * 1000)


def refused(server, method, path, body=None, status=409):
    """The sentence of a refusal, which names no patient."""
    code, answer = server.call(method, path, body)
    expect(code == status, f"{method} {path}: {code} {answer}")
    detail = answer["detail"]
    expect(not any(name in detail for name in (*LABELS, "P-1001", "P-2002")), f"a patient is named: {detail}")
    return detail


def done(server, path, body):
    code, answer = server.call("POST", path, body)
    expect(code == 200, f"POST {path}: {code} {answer}")
    return answer


def bed(server, name):
    return next((one for one in server.get("/api/beds")["items"] if one["bed"] == name), None)


class Monitor:
    """A device that says its heart rate once when asked to."""

    def __init__(self, server, device):
        self.server, self.device = server, device
        self.client = Client(server.address("mqtt"), device, server.create_device(device, name=f"Monitor {device}"))
        self.packets = 0

    def say(self, values):
        time.sleep(0.01)  # bindings begin within a millisecond, values at one
        self.packets += 1
        at_ms = now_ms()
        self.client.send(self.client.publish(f"devices/{self.device}/telemetry", json.dumps({"t": at_ms, "seq": self.packets, **values}), self.packets))
        self.client.read()
        expect(eventually(lambda: any(t == at_ms for t, _ in self.server.series(self.device, next(iter(values))))), "a value is not stored")
        return at_ms


def segments(server, patient, code="hr", start=0):
    answer = server.get(f"/api/patients/{patient}/series/{code}/range?from={iso(start)}&to={iso(now_ms() + 60_000)}")
    return [(part["device"], part["bed"], [v for _, v in part["items"]]) for part in answer["segments"] if part["items"]]


def conflicts(server):
    admitted = {"bed": "B1", "ward": "ICU", "patient": {"id": "P-1001", "label": LABELS[0]}, "devices": [{"device": "m1", "version": 0}, {"device": "m2", "version": 0}]}
    preview = server.get("/api/devices/m1/binding/preview?bed=B1&ward=ICU&patient=P-1001&label=Alpha")
    expect(preview["identifier_end"] == "1001" and preview["version"] == 0 and not preview["conflicts"], f"{preview}")
    done(server, "/api/beds/admit", admitted)
    expect("m1" in refused(server, "POST", "/api/beds/admit", admitted), "the device is not named")
    other = {"id": "P-2002", "label": LABELS[1]}
    expect("'B1'" in refused(server, "PUT", "/api/devices/m3/patient", {"bed": "B1", "ward": "ICU", "patient": other}), "the bed is not named")
    refused(server, "PUT", "/api/devices/m3/patient", {"bed": "B2", "ward": "ICU", "patient": admitted["patient"]})
    refused(server, "PUT", "/api/devices/m1/patient", {"bed": "B1", "ward": "ICU", "patient": admitted["patient"], "version": 0})
    preview = server.get("/api/devices/m3/binding/preview?bed=B1&ward=ICU&patient=P-2002&label=Beta")
    expect([one["kind"] for one in preview["conflicts"]] == ["bed_taken", "bed_taken"], f"{preview['conflicts']}")
    preview = server.get("/api/devices/m3/binding/preview?bed=B2&ward=ICU&patient=P-1001&label=Wrong")
    expect(preview["transfer"] and preview["known_label"] == LABELS[0] and {one["device"] for one in preview["ends"]} == {"m1", "m2"}, f"{preview}")
    expect(bed(server, "B1")["identifier_end"] == "1001" and len(bed(server, "B1")["devices"]) == 2, "the bed is not listed")
    expect(server.get("/api/beds?search=1001")["total"] == 1 and server.get("/api/beds?search=nothing")["total"] == 0, "the search finds the wrong beds")


def transfer(server, monitors):
    start = now_ms() - 1
    monitors["m1"].say({"hr": 70})
    monitors["m2"].say({"hr": 71})
    seen = [{"device": one["device"], "version": one["version"]} for one in bed(server, "B1")["devices"]]
    move = {"from": {"bed": "B1", "ward": "ICU"}, "to": {"bed": "B2", "ward": "ICU"}, "devices": [{"device": "m1"}]}
    refused(server, "POST", "/api/beds/transfer", {**move, "seen": seen[:1]})
    done(server, "/api/beds/transfer", {**move, "seen": seen})
    expect(bed(server, "B1")["patient"] is None and bed(server, "B2")["patient"]["id"] == "P-1001", "the patient is not where they went")
    monitors["m1"].say({"hr": 72})
    monitors["m2"].say({"hr": 99})  # stays behind, nobody's
    stays = server.get(f"/api/patients/P-1001/series?from={iso(start)}")["items"]
    borders = [(one["from"], one["to"]) for one in stays if one["device"] == "m1" and one["code"] == "hr"]
    expect(len(borders) == 2 and borders[0][1] == borders[1][0], f"there is a gap: {borders}")
    expect(segments(server, "P-1001", start=start) == [("m1", "B1", [70]), ("m2", "B1", [71]), ("m1", "B2", [72])], f"{segments(server, 'P-1001', start=start)}")
    bindings = [server.get(f"/api/devices/{one}/bindings")["items"][-1]["from"] for one in ("m1", "m2")]
    expect(bindings[0] == bindings[1], "the devices did not change at one instant")


def correction(server, monitors):
    done(server, "/api/beds/admit", {"bed": "B3", "ward": "ICU", "patient": {"id": "P-2002", "label": LABELS[1]}, "devices": [{"device": "m3"}]})
    start = now_ms() - 1
    mixed = monitors["m3"].say({"nibp_sys": 60})
    alarm = eventually(lambda: next((one for one in server.alarms(device="m3") if one["code"] == "nibp_sys" and one["rule"] == "low"), None))
    expect(alarm and alarm["bed"] == "B3" and alarm["patient"]["id"] == "P-2002" and alarm["was"] is None, f"{alarm}")
    time.sleep(0.01)
    end = now_ms()
    time.sleep(0.01)
    right = monitors["m3"].say({"nibp_sys": 120})
    version = server.get("/api/devices/m3/bindings")["version"]
    wrong = {"from": iso(start), "to": iso(end), "bed": "B2", "ward": "ICU", "patient": {"id": "P-1001", "label": LABELS[0]}, "reason": "mixed up", "version": version}
    refused(server, "POST", "/api/devices/m3/bindings/correct", {**wrong, "version": version + 1})
    refused(server, "POST", "/api/devices/m3/bindings/correct", {**wrong, "bed": "B9"})
    refused(server, "POST", "/api/devices/m3/bindings/correct", {**wrong, "reason": ""}, 400)
    done(server, "/api/devices/m3/bindings/correct", wrong)
    expect(("m3", "B2", [60]) in segments(server, "P-1001", "nibp_sys", start), f"{segments(server, 'P-1001', 'nibp_sys', start)}")
    expect(segments(server, "P-2002", "nibp_sys", start) == [("m3", "B3", [120])], f"{segments(server, 'P-2002', 'nibp_sys', start)}")
    picture = server.get(f"/api/patients/P-2002/series/nibp_sys/picture?from={iso(mixed - 60_000)}&to={iso(right + 60_000)}&columns=1")
    expect([part["items"] for part in picture["segments"]] == [[[0, 1, 120, 120]]], f"{picture}")
    steps = server.get(f"/api/patients/P-1001/series/nibp_sys/aggregate?from={iso(mixed - 60_000)}&to={iso(right + 60_000)}&step_ms=600000")
    expect([part["items"][0][1:] for part in steps["segments"]] == [[1, 60, 60, 60]], f"{steps}")
    expect(len(server.series("m3", "nibp_sys")) == 2, "a sample has moved")
    alarm = next(one for one in server.alarms(device="m3") if one["id"] == alarm["id"])
    expect(alarm["bed"] == "B2" and alarm["patient"]["id"] == "P-1001", f"the alarm does not follow: {alarm}")
    expect(alarm["was"]["bed"] == "B3" and alarm["was"]["patient"]["id"] == "P-2002" and alarm["was"]["reason"] == "mixed up", f"{alarm['was']}")
    old = server.get("/api/devices/m3/bindings")["superseded"]
    expect(len(old) == 1 and old[0]["patient"]["id"] == "P-2002" and old[0]["superseded"]["by"] and old[0]["superseded"]["reason"] == "mixed up", f"{old}")


def pages(server):
    path = f"/api/patients/P-1001/series/hr/range?from={iso(now_ms() - 600_000)}&limit=1"
    values, cursor = [], ""
    while cursor is not None:
        page = server.get(path + (f"&cursor={cursor}" if cursor else ""))
        values += [v for part in page["segments"] for _, v in part["items"]]
        cursor = page["next"]
    expect(values == [70, 71, 72], f"{values}")


def undo(server):
    before = {one: server.get(f"/api/devices/{one}/bindings")["items"] for one in ("m1",)}
    change = done(server, "/api/beds/discharge", {"bed": "B2", "ward": "ICU"})["change"]
    expect(bed(server, "B2") is None, "the bed is still there")
    done(server, "/api/bindings/undo", {"change": change, "reason": "not yet"})
    expect(bed(server, "B2")["patient"]["id"] == "P-1001" and bed(server, "B2")["since"] == before["m1"][-1]["from"], f"{bed(server, 'B2')}")
    refused(server, "POST", "/api/bindings/undo", {"change": change, "reason": "again"})
    refused(server, "POST", "/api/beds/hand_over", {"device": "m1", "to": {"bed": "B3", "ward": "ICU"}})  # the patient's only one
    done(server, "/api/beds/hand_over", {"device": "m2", "to": {"bed": "B3", "ward": "ICU"}})
    expect({one["device"] for one in bed(server, "B3")["devices"] if one["has_patient"]} == {"m2", "m3"}, f"{bed(server, 'B3')}")


def mismatch(server, monitors):
    ours = lambda: next((one for one in server.alarms(device="m1") if one["rule"] == "patient_mismatch"), None)
    monitors["m1"].say({"hr": 73, "patient": "P-1001"})
    expect(ours() is None, "it alarms though both say the same")
    monitors["m1"].say({"hr": 73, "patient": "P-2002"})
    alarm = eventually(ours)
    expect(alarm and alarm["priority"] == "medium" and "P-" not in alarm["text"], f"{alarm}")
    monitors["m1"].say({"hr": 73, "patient": "P-1001"})
    expect(eventually(lambda: ours()["state"] == "ended"), "it goes on though both say the same")


def restart(server):
    look = lambda: [server.get("/api/beds"), segments(server, "P-1001"), *(server.get(f"/api/devices/{one}/bindings") for one in ("m1", "m2", "m3"))]
    before = look()
    server.kill()
    server.start()
    expect(look() == before, "after a crash it is not the same")
    expect(server.stop() == 0, "it did not stop cleanly")
    code, said = salus.run("verify", "--data", str(server.data))
    expect(code == 0, said[-500:])


def main():
    cases = Cases()
    with Server() as server:
        monitors = {one: Monitor(server, one) for one in ("m1", "m2", "m3")}
        cases.run("conflicts are refused, and say which bed and device", conflicts, server)
        cases.run("a patient is transferred without a gap", transfer, server, monitors)
        cases.run("a wrong binding is corrected for an interval: series and alarm follow, the old state stays", correction, server, monitors)
        cases.run("a patient's samples come in pages", pages, server)
        cases.run("a discharge is undone; a device is handed over", undo, server)
        cases.run("a device that names another patient than its binding alarms until both agree", mismatch, server, monitors)
        cases.run("all of it survives a crash", restart, server)
    cases.end()


if __name__ == "__main__":
    main()
