"""`salus import` of Synthea's bundles, of NDJSON and of what cannot go in; then searches beside a count by hand."""

import bz2
import collections
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from salus import ROOT, Cases, Server, Skip, expect  # noqa: E402

SYNTHEA = ROOT.parent / "shared/data/fhir/synthea"


def synthea_goes_in():
    files = sorted(SYNTHEA.glob("*.json.bz2"))
    if not files:
        raise Skip(f"no bundles at {SYNTHEA}")
    if "SALUS_LONG" not in os.environ:
        files = files[:12]
    types, codes = collections.Counter(), collections.Counter()
    for file in files:
        for entry in json.loads(bz2.decompress(file.read_bytes()))["entry"]:
            resource = entry["resource"]
            types[resource["resourceType"]] += 1
            if resource["resourceType"] == "Observation":
                codes.update({(c["system"], c["code"]) for c in resource["code"]["coding"]})
    with Server() as server:
        code, said = salus.run("import", *files, "--ready", server.ready_file, timeout=600)
        expect(code == 0, said[-1500:])
        for name, wanted in types.items():
            total = server.get(f"/fhir/{name}?_summary=count")["total"]
            expect(total == wanted, f"{name}: {total} found, {wanted} in the files")
        for (system, value), wanted in codes.most_common(20):
            total = server.get(f"/fhir/Observation?code={system}%7C{value}&_summary=count")["total"]
            expect(total == wanted, f"Observation {value}: {total} found, {wanted} in the files")
    return f"{len(files)} bundles, {sum(types.values())} resources of {len(types)} types"


def lines_and_resources_go_in():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "patients.ndjson").write_text("".join(json.dumps({"resourceType": "Patient", "id": f"n{k}"}) + "\n" for k in range(1201)))
        (folder / "one.xml").write_text('<Patient xmlns="http://hl7.org/fhir"><id value="x"/><gender value="other"/></Patient>')
        (folder / "set.json").write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Device", "id": "d"}}]}))
        code, said = salus.run("import", folder, "--ready", server.ready_file)
        expect(code == 0 and "3 of 3 files, 1203 resources" in said, said)
        expect(server.get("/fhir/Patient?_summary=count")["total"] == 1202, "patients are missing")
        expect(server.get("/fhir/Patient/x")["gender"] == "other", "the XML is not there")
        (folder / "wrong.json").write_text('{"resourceType":"Patient","id":"w","gender":"colour"}')
        code, said = salus.run("import", folder, "--ready", server.ready_file)
        expect(code == 1 and "wrong.json" in said and "3 of 4 files" in said, said)
        code, said = salus.run("import", folder / "none", "--ready", server.ready_file)
        expect(code == 2 and "does not exist" in said, said)


def main():
    cases = Cases()
    cases.run("Synthea's bundles are imported and found", synthea_goes_in)
    cases.run("NDJSON, XML, collections, and what is refused", lines_and_resources_go_in)
    cases.end()


if __name__ == "__main__":
    main()
