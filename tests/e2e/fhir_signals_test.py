"""Signals as Observations on the real server: what monitors publish over MQTT is read, searched, paged and counted over
FHIR, moves with a corrected binding, and is written by nobody."""

import datetime
import json
import pathlib
import struct
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from mqtt_client import Client  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402

MINUTE = 60_000
START = (int(time.time() * 1000) // MINUTE - 120) * MINUTE  # two hours ago, at a minute
HEART_RATES = [[60 + minute + second / 10 for second in range(6)] for minute in range(5)]  # every ten seconds, five minutes
WAVE = [round(100 * (i % 50 - 25)) for i in range(500)]  # two seconds at 250 Hz, in microvolts


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def checksum(data):
    """CRC-32C."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def wave_frame(start_ms, samples):
    """Lead II at 250 Hz, a microvolt a step."""
    body = b"SW" + bytes([1, 1]) + struct.pack("<IqqI", 1, start_ms * 1_000_000, 4_000_000, 1)
    body += struct.pack("<IHiIBBHHB", 131330, 1, 0, 1, 3, 0, len(samples), 0, 2) + b"mV" + struct.pack("<I", 2 * len(samples))
    body += struct.pack(f"<{len(samples)}h", *samples)
    return body + struct.pack("<I", checksum(body))


class Monitor:
    def __init__(self, server, device, **members):
        self.server, self.device = server, device
        self.client = Client(server.address("mqtt"), device, server.create_device(device, **members))
        self.packets = 0

    def publish(self, payload, kind="telemetry"):
        self.packets += 1
        self.client.send(self.client.publish(f"devices/{self.device}/{kind}", payload, self.packets))
        self.client.read()

    def say(self, at_ms, **values):
        self.publish(json.dumps({"t": at_ms, "seq": self.packets, **values}))


def bind(server, device, patient, from_ms):
    code, answer = server.call("PUT", f"/api/devices/{device}/patient", {"patient": patient and {"id": patient, "label": f"Who is {patient}"}, "bed": f"B-{device}", "ward": "ICU", "from": iso(from_ms)})
    expect(code in (200, 201), f"{code} {answer}")


def put(server, resource):
    code, answer = server.call("PUT", f"/fhir/{resource['resourceType']}/{resource['id']}", resource)
    expect(code in (200, 201), f"{code} {answer}")


def found(server, query):
    """All pages' matches, in order."""
    path, items = f"/fhir/{query}", []
    while path:
        page = server.get(path)
        items += [one["resource"] for one in page.get("entry", []) if one["search"]["mode"] == "match"]
        path = next((urllib.parse.urlsplit(one["url"]) for one in page["link"] if one["relation"] == "next"), None)
        path = path and f"{path.path}?{path.query}"
    return items


def effective(one):
    return one.get("effectiveDateTime") or one["effectivePeriod"]["start"]


def prepare(server):
    put(server, {"resourceType": "Patient", "id": "a", "identifier": [{"system": "urn:mrn", "value": "P-1"}], "name": [{"family": "Alpha"}]})
    put(server, {"resourceType": "Patient", "id": "b", "name": [{"family": "Beta"}]})
    put(server, {"resourceType": "Device", "id": "dev", "identifier": [{"value": "m1"}]})
    for minute in (0, 2, 4):  # by hand, half a minute into it
        put(server, {"resourceType": "Observation", "id": f"hand-{minute}", "status": "final", "subject": {"reference": "Patient/a"},
                     "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "effectiveDateTime": iso(START + minute * MINUTE + 30_000),
                     "valueQuantity": {"value": 50 + minute, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}})
    monitors = {"m1": Monitor(server, "m1", name="Bedside one"), "m2": Monitor(server, "m2", simulated=True)}
    bind(server, "m1", "P-1", START - MINUTE)  # by the identifier
    bind(server, "m2", "b", START - MINUTE)    # by the id
    for minute, values in enumerate(HEART_RATES):
        for second, value in enumerate(values):
            monitors["m1"].say(START + minute * MINUTE + second * 10_000, hr=value)
    monitors["m1"].say(START + 72_345, nibp_sys=121, temp=36.65)
    monitors["m1"].publish(wave_frame(START + 60_500, WAVE), "waveforms")
    monitors["m2"].say(START + 1_000, hr=99)
    expect(eventually(lambda: len(server.series("m1", "ecg_ii")) == 500 and len(server.series("m2", "hr")) == 1), "the samples are not stored")
    return monitors


def minutes(server):
    items = found(server, "Observation?patient=a&code=8867-4&_sort=date&_count=3&device:identifier=m1")
    expect(len(items) == 5, f"{len(items)} minutes")
    for minute, one in enumerate(items):
        values = sorted(HEART_RATES[minute])
        expect(one["status"] == "final" and one["subject"]["reference"] == "Patient/a" and one["device"]["reference"] == "Device/dev", f"{one}")
        expect(one["valueQuantity"] == {"value": values[2], "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}, f"{one['valueQuantity']}")
        parts = {part["code"]["coding"][0]["code"]: part.get("valueQuantity", {}).get("value", part.get("valueInteger")) for part in one["component"]}
        expect(parts == {"minimum": values[0], "maximum": values[5], "average": round(sum(values) / 6, 3), "count": 6}, f"{parts}")
        expect(one["effectivePeriod"] == {"start": iso(START + minute * MINUTE), "end": iso(START + (minute + 1) * MINUTE - 1)}, f"{one['effectivePeriod']}")
        expect({(c["system"], c["code"]) for c in one["code"]["coding"]} == {("http://loinc.org", "8867-4"), ("urn:iso:std:iso:11073:10101", "147842"), ("urn:salus:code", "hr")}, f"{one['code']}")
        expect(one["meta"]["tag"][0]["code"] == "signal" and "security" not in one["meta"], f"{one['meta']}")
        status, again = server.call("GET", f"/fhir/Observation/{one['id']}")
        expect(status == 200 and again == one, f"read alone it is another: {again}")
        status, outcome = server.call("POST", "/fhir/Observation/$validate", one)
        expect(status == 200 and not any(issue["severity"] in ("error", "fatal") for issue in outcome["issue"]), f"{outcome}")
    spot = found(server, "Observation?patient=a&code=8480-6")
    expect(len(spot) == 1 and spot[0]["effectiveDateTime"] == iso(START + 72_345) and spot[0]["valueQuantity"]["value"] == 121 and "component" not in spot[0], f"{spot}")
    expect(found(server, "Observation?patient=a&code=temp")[0]["valueQuantity"] == {"value": 36.65, "unit": "Cel", "system": "http://unitsofmeasure.org", "code": "Cel"}, "not as published")
    simulated = found(server, "Observation?patient=b&code=8867-4")
    expect(len(simulated) == 1 and simulated[0]["meta"]["security"][0]["code"] == "HTEST", f"{simulated}")


def merged(server):
    for order, sort in ((1, "date"), (-1, "-date")):
        for count in (1, 2, 3, 100):
            items = found(server, f"Observation?patient=a&code=8867-4&_sort={sort}&_count={count}")
            times = [effective(one) for one in items]
            expect(len(items) == 8 and len({one["id"] for one in items}) == 8, f"{len(items)} of 8 by {count}")
            expect(times == sorted(times, reverse=order < 0), f"{sort} by {count}: {times}")
    expect([one["id"] for one in found(server, "Observation?patient=a&code=8867-4&_count=2")][:3] == ["hand-0", "hand-2", "hand-4"], "what is stored does not come first")
    expect(server.get("/fhir/Observation?patient=a&code=8867-4&_summary=count")["total"] == 8, "the count is wrong")
    page = server.get("/fhir/Observation?patient=a&code=8867-4&_total=accurate&_count=2&_sort=-date&_include=Observation:subject&_include=Observation:device")
    expect(page["total"] == 8 and {one["resource"]["resourceType"] for one in page["entry"]} == {"Observation", "Patient", "Device"}, f"{page}")


def narrowed(server):
    minute = lambda n: iso(START + n * MINUTE)
    for query, count in (
        (f"patient=Patient/a&code=http://loinc.org|8867-4&date=ge{minute(3)}", 2 + 1),
        (f"patient=a&code=8867-4&date=ge{minute(1)}&date=lt{minute(3)}", 2 + 1),
        (f"patient=a&code=8867-4&date=eq{iso(START + 72_345)}", 0),
        (f"patient=a&code=8480-6&date={iso(START + 72_345)}", 1),
        ("patient=a&code=8867-4&value-quantity=gt64", 1),
        ("patient=a&code=8867-4&status=preliminary", 0),
        ("patient=a&code=8867-4&category=laboratory", 0),
        ("patient=a&category=vital-signs&_signals=true", 5 + 1 + 1 + 1),
        ("patient.name=Alpha&code=8867-4", 5 + 3),
        ("subject:Patient.identifier=urn:mrn|P-1&code=8867-4", 5 + 3),
        ("patient:identifier=P-1&code=8867-4", 5),
        ("patient=b&code=8867-4", 1),
        ("device=dev&code=8867-4", 5),
        ("code=8867-4", 5 + 3 + 1),
        ("patient=a&code=8867-4&_signals=false", 3),
        ("patient=a", 3),
        ("patient=nobody&code=8867-4", 0),
        ("patient=a&code=131330", 1),
        ("patient=a&_tag=urn:salus:tag|signal&_signals=true", 8),
        ("patient=a&code=8867-4&encounter=e1", 0),
    ):
        items = found(server, f"Observation?{query}")
        expect(len(items) == count, f"{query}: {len(items)} instead of {count}")
    expect(len(found(server, "Patient/a/Observation?code=8867-4")) == 8, "not in the patient's compartment")
    page = server.get("/fhir/Observation?patient=a")
    expect("_signals=true" in page["entry"][-1]["resource"]["issue"][0]["diagnostics"], f"it does not say that signals are left out: {page['entry'][-1]}")
    first = found(server, "Observation?patient=a&code=8867-4&_signals=true&_count=1")[-1]
    expect([one["id"] for one in found(server, f"Observation?_id={first['id']}")] == [first["id"]], "not found by its id")
    for count in (1, 2, 3, 50):
        values = [one["valueQuantity"]["value"] for one in found(server, f"Observation?patient=a&code=8867-4&_sort=-value-quantity&_count={count}")]
        expect(values == sorted(values, reverse=True) and len(values) == 8, f"by value, {count} a page: {values}")
        both = [(one["status"], effective(one)) for one in found(server, f"Observation?patient=a&code=8867-4,8480-6&_sort=status,-date&_count={count}")]
        expect(len(both) == 9 and [date for _, date in both] == sorted((date for _, date in both), reverse=True), f"by status and date, {count} a page: {both}")
    status, outcome = server.call("GET", "/fhir/Observation?patient=a&code=8867-4&_signals=perhaps")
    expect(status == 400, f"{status} {outcome}")


def refused(server):
    one = found(server, "Observation?patient=a&code=8480-6")[0]
    for method, body in (("PUT", one), ("DELETE", None), ("PATCH", [{"op": "replace", "path": "/status", "value": "amended"}])):
        status, outcome = server.call(method, f"/fhir/Observation/{one['id']}", body)
        expect(status == 405 and outcome["resourceType"] == "OperationOutcome", f"{method}: {status} {outcome}")
    status, outcome = server.call("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": one, "request": {"method": "PUT", "url": f"Observation/{one['id']}"}}]})
    expect(status == 400, f"a transaction wrote it: {status} {outcome}")
    status, created = server.call("POST", "/fhir/Observation", {**one, "id": "ignored"})
    expect(status == 201, f"{status} {created}")
    server.call("DELETE", f"/fhir/Observation/{created['id']}")
    status, created = server.call("POST", "/fhir/Observation", {**one, "id": "ignored"}, headers={"If-None-Exist": "patient=a&code=8480-6"})
    expect(status == 201, f"a condition sees signals: {status} {created}")
    server.call("DELETE", f"/fhir/Observation/{created['id']}")
    for missing in ("signal.m1.150021.0.60", f"signal.m9.{one['id'].split('.', 2)[2]}"):
        expect(server.call("GET", f"/fhir/Observation/{missing}")[0] == 404, f"{missing} is there")
    history = server.get(f"/fhir/Observation/{one['id']}/_history")
    expect(history["total"] == 1 and history["entry"][0]["resource"] == one, f"{history}")
    version = one["meta"]["versionId"]
    expect(server.call("GET", f"/fhir/Observation/{one['id']}/_history/{version}")[0] == 200, "its version is not read")
    expect(server.call("GET", f"/fhir/Observation/{one['id']}/_history/7.7")[0] == 404, "another version is read")


def waves(server):
    one = found(server, "Observation?patient=a&code=131330")[0]
    data = one["valueSampledData"]
    factor = data["factor"]
    values = [float(word) * factor for word in data["data"].split()]
    expect(data["period"] == 4 and data["dimensions"] == 1 and data["origin"]["code"] == "mV", f"{ {**data, 'data': ''} }")
    expect(len(values) == 500 and all(abs(a - b / 1000) < 1e-12 for a, b in zip(values, WAVE)), "not the samples that were sent")


def operations(server):
    last = server.get("/fhir/Observation/$lastn?patient=a&max=2")
    codes = {}
    for entry in last["entry"]:
        codes.setdefault(entry["resource"]["code"]["coding"][0]["code"], []).append(effective(entry["resource"]))
    expect(codes["8867-4"] == [iso(START + 4 * MINUTE + 30_000), iso(START + 4 * MINUTE)], f"{codes}")
    expect(last["total"] == len(last["entry"]) == 5 and set(codes) == {"8867-4", "8480-6", "8310-5", "131330"}, f"{codes}")
    expect(server.get("/fhir/Observation/$lastn?patient=a&_signals=false")["total"] == 1, "signals come though they are not wanted")
    expect(server.call("GET", "/fhir/Observation/$lastn?code=8867-4")[0] == 400, "whose?")

    every = [value for minute in HEART_RATES for value in minute] + [50, 52, 54]
    names = ("average", "maximum", "minimum", "count", "median", "std-dev", "sum")
    asked = "&".join(f"statistic={name}" for name in names)

    def statistics(answer):
        parts = answer["parameter"][0]["resource"]["component"]
        return {part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"] for part in parts}

    said = statistics(server.get(f"/fhir/Observation/$stats?subject=Patient/a&code=8867-4&system=http://loinc.org&{asked}"))
    mean = sum(every) / len(every)
    middle = sorted(every)[len(every) // 2]
    deviation = (sum((value - mean) ** 2 for value in every) / (len(every) - 1)) ** 0.5
    right = dict(zip(names, (mean, max(every), min(every), len(every), middle, deviation, sum(every))))
    expect(all(abs(said[name] - right[name]) < 1e-5 for name in names), f"{said} is not {right}")
    body = {"resourceType": "Parameters", "parameter": [
        {"name": "subject", "valueUri": "Patient/a"}, {"name": "code", "valueString": "8867-4"}, {"name": "statistic", "valueCode": "count"},
        {"name": "statistic", "valueCode": "maximum"}, {"name": "period", "valuePeriod": {"start": iso(START), "end": iso(START + MINUTE - 1)}}]}
    status, answer = server.call("POST", "/fhir/Observation/$stats", body)
    expect(status == 200 and statistics(answer) == {"count": 7, "maximum": HEART_RATES[0][-1]}, f"{status} {answer}")
    expect(server.call("GET", "/fhir/Observation/$stats?subject=Patient/a&code=8867-4&statistic=kurtosis")[0] == 400, "kurtosis?")

    window = f"/fhir/Observation/$signal?patient=a&code=131330&start={iso(START + 61_000)}&end={iso(START + 62_000)}"
    whole = server.get(window)["entry"][0]["resource"]["valueSampledData"]
    first = round((61_000 - 60_500) / 4)
    expect([round(float(word) * whole["factor"] * 1000) for word in whole["data"].split()] == WAVE[first:first + 250], "not the samples of that second")
    thin = server.get(window + "&rate=25")["entry"][0]["resource"]["valueSampledData"]
    pairs = [round(float(word) * thin["factor"] * 1000) for word in thin["data"].split()]
    expect(thin["dimensions"] == 2 and thin["period"] == 40, f"{thin}")
    for i in range(25):
        part = WAVE[first + 10 * i:first + 10 * i + 10]
        expect(pairs[2 * i:2 * i + 2] == [min(part), max(part)], f"column {i}: {pairs[2 * i:2 * i + 2]} of {part}")
    numbers = server.get(f"/fhir/Observation/$signal?patient=a&code=8867-4&start={iso(START)}&end={iso(START + MINUTE)}")["entry"][0]["resource"]["valueSampledData"]
    expect(numbers["period"] == 10_000 and [round(float(word) * numbers["factor"], 1) for word in numbers["data"].split()] == HEART_RATES[0], f"{numbers}")
    expect(server.call("GET", window.replace("&code=131330", ""))[0] == 400, "of what?")

    everything = [f"{one['resourceType']}/{one['id']}" for one in found(server, "Patient/a/$everything?_count=4")]
    with_signals = [f"{one['resourceType']}/{one['id']}" for one in found(server, "Patient/a/$everything?_count=4&_signals=true")]
    expect(len(everything) == 4 and with_signals[:4] == everything and len(set(with_signals)) == len(with_signals) == 4 + 8, f"{everything} {with_signals}")


def corrected(server, monitors):
    before = {one["id"]: one["meta"]["versionId"] for one in found(server, "Observation?patient=a&code=8867-4&device:identifier=m1")}
    version = server.get("/api/devices/m1/bindings")["version"]
    code, answer = server.call("POST", "/api/devices/m1/bindings/correct", {
        "from": iso(START + MINUTE), "to": iso(START + 2 * MINUTE + 25_000), "bed": "B-m9", "ward": "ICU",
        "patient": {"id": "someone", "label": "Who is this"}, "reason": "mixed up", "version": version})
    expect(code == 200, f"{code} {answer}")
    ours = found(server, "Observation?patient=a&code=8867-4&device:identifier=m1&_sort=date")
    expect([effective(one) for one in ours] == [iso(START), iso(START + 2 * MINUTE + 25_000), iso(START + 3 * MINUTE), iso(START + 4 * MINUTE)], f"{[effective(one) for one in ours]}")
    expect(ours[1]["component"][-1]["valueInteger"] == 3, f"{ours[1]}")
    theirs = found(server, "Observation?subject:identifier=someone&code=8867-4&_sort=date")
    expect(len(theirs) == 2 and "reference" not in theirs[0]["subject"] and theirs[1]["component"][-1]["valueInteger"] == 3, f"{theirs}")
    expect(theirs[0]["id"] in before and theirs[0]["meta"]["versionId"] != before[theirs[0]["id"]], "the correction made no version")
    for one in ours + theirs:
        expect(server.get(f"/fhir/Observation/{one['id']}") == one, f"{one['id']} is read as another")
    put(server, {"resourceType": "Patient", "id": "someone"})
    expect(len(found(server, "Observation?patient=someone&code=8867-4")) == 2, "the patient who came to the record has no signals")
    # Where two have the identifier nobody is guessed.
    put(server, {"resourceType": "Patient", "id": "c", "identifier": [{"value": "P-1"}]})
    expect(all(len(found(server, f"Observation?patient={one}&code=8867-4&_signals=true&_tag=signal")) == 0 for one in "ac"), "somebody was guessed")
    expect("reference" not in server.get(f"/fhir/Observation/{ours[0]['id']}")["subject"], "somebody was guessed")
    server.call("DELETE", "/fhir/Patient/c")
    expect(server.get(f"/fhir/Observation/{ours[0]['id']}") == ours[0], "the only one is not found again")
    # Late data of a closed minute.
    one = ours[-1]
    monitors["m1"].say(START + 4 * MINUTE + 55_000, hr=70)
    expect(eventually(lambda: server.get(f"/fhir/Observation/{one['id']}")["component"][-1]["valueInteger"] == 7), "the late sample is not in its minute")
    expect(server.get(f"/fhir/Observation/{one['id']}")["meta"]["versionId"] != one["meta"]["versionId"], "the late sample made no version")


def main():
    cases = Cases()
    with Server() as server:
        monitors = prepare(server)
        cases.run("a minute of samples is an Observation with the values that were published", minutes, server)
        cases.run("stored and signal Observations come merged by date, in pages of any size, and are counted together", merged, server)
        cases.run("parameters narrow signals as they narrow what is stored", narrowed, server)
        cases.run("waves are SampledData with every sample", waves, server)
        cases.run("$lastn, $stats, $signal and $everything know them", operations, server)
        cases.run("nobody writes a signal; it has one version to read", refused, server)
        cases.run("a corrected binding moves minutes, and parts of them, to the right patient; late data makes a version", corrected, server, monitors)
    cases.end()


if __name__ == "__main__":
    main()
