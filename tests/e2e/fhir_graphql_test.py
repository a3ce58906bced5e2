"""GraphQL over the record as a client asks it: lists, connections, references both ways, what fails, what is refused."""

import json
import pathlib
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import people  # noqa: E402
from salus import Cases, Server, expect  # noqa: E402

CHART = """
query Chart($id: ID!, $count: Int = 2) {
  Patient(id: $id) {
    ...Names
    conditions: ConditionConnection(_reference: patient, _count: $count) { count next edges { resource { id code { text } } } }
    ObservationList(_reference: subject, code: "8867-4", _sort: "-date") { valueQuantity { value unit } subject { resource { birthDate } } }
  }
}
fragment Names on Patient { name(use: official) { family given } }
"""


def graphql(server, query, variables=None, operation=None, path="", status=200):
    body = {"query": query, "variables": variables, "operationName": operation}
    return people.ask(server, "POST", f"/fhir{path}/$graphql", body, status)


def fill(server):
    people.ask(server, "PUT", "/fhir/Patient/p", {"resourceType": "Patient", "id": "p", "birthDate": "1974-12-25", "name": [{"use": "official", "family": "Chalmers", "given": ["Peter"]}, {"use": "usual", "given": ["Jim"]}]}, 201)
    for number in range(5):
        people.ask(server, "PUT", f"/fhir/Condition/c{number}", {"resourceType": "Condition", "id": f"c{number}", "code": {"text": f"condition {number}"}, "subject": {"reference": "Patient/p"}}, 201)
        observation = {"resourceType": "Observation", "id": f"o{number}", "status": "final", "subject": {"reference": "Patient/p"}, "effectiveDateTime": f"2026-01-0{number + 1}", "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "valueQuantity": {"value": 60 + number, "unit": "/min"}}
        people.ask(server, "PUT", f"/fhir/Observation/o{number}", observation, 201)


def a_chart_is_one_request(server):
    patient = graphql(server, CHART, {"id": "p"})["data"]["Patient"]
    expect(patient["name"] == [{"family": "Chalmers", "given": ["Peter"]}], f"names: {patient}")
    expect([one["valueQuantity"]["value"] for one in patient["ObservationList"]] == [64, 63, 62, 61, 60], f"values: {patient}")
    expect(all(one["subject"]["resource"] == {"birthDate": "1974-12-25"} for one in patient["ObservationList"]), "subjects")
    expect(patient["conditions"]["count"] == 5 and len(patient["conditions"]["edges"]) == 2, f"conditions: {patient}")
    pages_go_on(server, patient["conditions"]["next"])


def pages_go_on(server, cursor):
    found = []
    people.ask(server, "DELETE", "/fhir/Condition/c4", status=204)
    while cursor:
        page = graphql(server, "query($c: String) {ConditionConnection(cursor: $c) {next edges {resource {id}}}}", {"c": cursor})
        cursor = page["data"]["ConditionConnection"]["next"]
        found += [edge["resource"]["id"] for edge in page["data"]["ConditionConnection"]["edges"]]
    expect(found == ["c2", "c3", "c4"], f"the pages behind the first, as of its moment: {found}")


def what_fails_is_null(server):
    answer = graphql(server, "{a: Patient(id: p) {id} b: Patient(id: none) {id}}")
    expect(answer["data"] == {"a": {"id": "p"}, "b": None}, f"{answer}")
    expect(answer["errors"][0]["path"] == ["b"] and answer["errors"][0]["locations"] == [{"line": 1, "column": 25}], f"{answer}")


def what_is_wrong_is_refused(server):
    for query, status, part in [
        ("{", 400, "name of a field"),
        ("{Patient(id: p) {nome}}", 400, "no field 'nome'"),
        ("mutation {PatientDelete(id: p)}", 400, "Queries alone"),
        ("{__schema {types {name}}}", 400, "Introspection"),
        ("{a" * 5000, 413, "deeper"),
        ("{" + " " * 70_000, 413, "bytes"),
    ]:
        answer = graphql(server, query, status=status)
        expect("data" not in answer and part in answer["errors"][0]["message"], f"{query[:40]}: {answer}")
    said, _ = server.call("GET", "/fhir/$graphql?query=%7B__typename%7D", token=False)
    expect(said == 401, f"without a token: {said}")


def by_get_and_as_declared(server):
    query = urllib.parse.quote("{birthDate name @flatten {given}}")
    answer = server.get(f"/fhir/Patient/p/$graphql?query={query}")
    expect(answer == {"data": {"birthDate": "1974-12-25", "given": ["Peter", "Jim"]}}, f"{answer}")
    rest = server.get("/fhir/metadata")["rest"][0]
    patient = next(one for one in rest["resource"] if one["type"] == "Patient")
    for operations in (rest["operation"], patient["operation"]):
        expect(any(one["name"] == "graphql" for one in operations), f"not declared: {json.dumps(operations)}")


def main():
    cases = Cases()
    with Server() as server:
        fill(server)
        cases.run("a chart is one request, and its pages go on", a_chart_is_one_request, server)
        cases.run("what fails is null", what_fails_is_null, server)
        cases.run("what is wrong is refused", what_is_wrong_is_refused, server)
        cases.run("by GET, and as declared", by_get_and_as_declared, server)
    cases.end()


if __name__ == "__main__":
    main()
