"""$meta, $document, contained resources and $status of several subscriptions, asked of a real server over HTTP."""

import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import people  # noqa: E402
from salus import Cases, Server, expect  # noqa: E402

TAG = {"system": "urn:test", "code": "reviewed"}


def ask(server, method, path, body=None, status=200, token=True):
    return people.ask(server, method, "/fhir" + path, body, status, token)


def parameters(**values):
    return {"resourceType": "Parameters", "parameter": [{"name": name, "valueMeta": value} for name, value in values.items()]}


def labels(answer):
    meta = dict(answer["parameter"][0]["valueMeta"])
    meta.pop("versionId", None)
    meta.pop("lastUpdated", None)
    return meta


def meta(server):
    ask(server, "PUT", "/Patient/labelled", {"resourceType": "Patient", "id": "labelled"}, 201)
    expect(labels(ask(server, "GET", "/Patient/labelled/$meta")) == {}, "labels from nowhere")
    expect(labels(ask(server, "POST", "/Patient/labelled/$meta-add", parameters(meta={"tag": [TAG]}))) == {"tag": [TAG]}, "not added")
    found = ask(server, "GET", "/Patient?_tag=" + urllib.parse.quote("urn:test|reviewed"))
    expect([entry["resource"]["id"] for entry in found["entry"]] == ["labelled"], f"{found}")
    expect(labels(ask(server, "GET", "/Patient/$meta")) == {"tag": [TAG]}, "the type does not know it")
    history = ask(server, "GET", "/Patient/labelled/_history")
    expect(len(history["entry"]) == 2, f"{history}")
    viewer = people.user(server, "reader", "viewer")
    ask(server, "GET", "/Patient/labelled/$meta", token=viewer)
    ask(server, "POST", "/Patient/labelled/$meta-delete", parameters(meta={"tag": [TAG]}), 403, token=viewer)
    expect(labels(ask(server, "POST", "/Patient/labelled/$meta-delete", parameters(meta={"tag": [TAG]}))) == {}, "not taken away")
    expect(labels(ask(server, "GET", "/$meta")) == {}, "it is still known")


def prescriptions(server):
    for name, code in (("one", "aspirin"), ("two", "ibuprofen"), ("three", "aspirin")):
        ask(server, "PUT", f"/MedicationRequest/{name}", {
            "resourceType": "MedicationRequest", "id": name, "status": "active", "intent": "order", "subject": {"display": "somebody"},
            "medicationReference": {"reference": "#drug"},
            "contained": [{"resourceType": "Medication", "id": "drug", "code": {"coding": [{"system": "urn:rx", "code": code}]}}]}, 201)
    ask(server, "PUT", "/Medication/shelf", {"resourceType": "Medication", "id": "shelf", "code": {"coding": [{"system": "urn:rx", "code": "aspirin"}]}}, 201)


def pages(server, path):
    """fullUrls of all pages, behind the base."""
    base, urls = f"{server.ready['http']}/fhir/", []
    while path:
        page = ask(server, "GET", path)
        urls += [entry["fullUrl"].removeprefix(base) for entry in page.get("entry", [])]
        path = next((link["url"].removeprefix(base[:-1]) for link in page["link"] if link["relation"] == "next"), None)
    return urls


def contained(server):
    prescriptions(server)
    for query, wanted in (
        ("code=aspirin", ["Medication/shelf"]),
        ("code=aspirin&_contained=true", ["MedicationRequest/one", "MedicationRequest/three"]),
        ("code=aspirin&_contained=true&_containedType=contained", ["MedicationRequest/one#drug", "MedicationRequest/three#drug"]),
        ("code=aspirin&_contained=both", ["Medication/shelf", "MedicationRequest/one", "MedicationRequest/three"]),
        ("_contained=both&_containedType=contained&_sort=-code", ["MedicationRequest/two#drug", "Medication/shelf", "MedicationRequest/one#drug", "MedicationRequest/three#drug"]),
    ):
        for count in (1, 2, 100):
            found = pages(server, f"/Medication?{query}&_count={count}")
            expect(found == wanted, f"{query} by {count}: {found}")
    inner = ask(server, "GET", "/Medication?code=ibuprofen&_contained=true&_containedType=contained&_total=accurate")
    expect(inner["total"] == 1 and inner["entry"][0]["resource"]["resourceType"] == "Medication", f"{inner}")
    expect(inner["entry"][0]["resource"]["id"] == "drug" and inner["entry"][0]["search"]["mode"] == "match", f"{inner}")
    expect(pages(server, "/MedicationRequest?medication.code=ibuprofen") == ["MedicationRequest/two"], "a chain does not look inside")
    ask(server, "GET", "/Medication?_contained=perhaps", status=400)


def document(server):
    ask(server, "PUT", "/Practitioner/author", {"resourceType": "Practitioner", "id": "author"}, 201)
    ask(server, "PUT", "/Composition/note", {
        "resourceType": "Composition", "id": "note", "status": "final", "type": {"text": "note"}, "date": "2026-03-01", "title": "Note",
        "author": [{"reference": "Practitioner/author"}]}, 201)
    bundle = ask(server, "GET", "/Composition/note/$document")
    expect(bundle["type"] == "document" and [entry["resource"]["id"] for entry in bundle["entry"]] == ["note", "author"], f"{bundle}")
    stored = ask(server, "POST", "/Composition/note/$document?persist=true", status=201)
    expect(ask(server, "GET", f"/Bundle/{stored['id']}") == stored, "it is not what was stored")
    ask(server, "DELETE", "/Practitioner/author", status=204)
    ask(server, "GET", "/Composition/note/$document", status=422)


def statuses(server):
    for name in ("first", "second"):
        ask(server, "PUT", f"/Subscription/{name}", {"resourceType": "Subscription", "id": name, "status": "active", "reason": "test",
                                                    "criteria": "Location", "channel": {"type": "websocket"}}, 201)
    ask(server, "PUT", "/Location/bed", {"resourceType": "Location", "id": "bed"}, 201)
    told = ask(server, "GET", "/Subscription/$status?id=second,first,none")
    expect([entry["resource"]["id"] for entry in told["entry"]] == ["second", "first"], f"{told}")
    expect([entry["resource"]["eventsSinceSubscriptionStart"] for entry in told["entry"]] == ["1", "1"], f"{told}")


def promised(server):
    statement = ask(server, "GET", "/metadata")["rest"][0]
    of = {resource["type"]: {operation["name"] for operation in resource["operation"]} for resource in statement["resource"]}
    expect({"meta", "meta-add", "meta-delete"} <= of["Patient"] and "document" in of["Composition"] and "status" in of["Subscription"], f"{of['Composition']}")
    expect("meta" in {operation["name"] for operation in statement["operation"]}, "the system's $meta is not told")


def main():
    cases = Cases()
    with Server() as server:
        cases.run("labels are added, found, listed and taken away", meta, server)
        cases.run("contained resources are found, in pages", contained, server)
        cases.run("a Composition becomes a document", document, server)
        cases.run("several subscriptions say how they stand", statuses, server)
        cases.run("the CapabilityStatement tells of them", promised, server)
    cases.end()


if __name__ == "__main__":
    main()
