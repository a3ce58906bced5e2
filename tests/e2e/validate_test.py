"""`salus validate FILE…`: findings as lines with their place, exit codes 0, 1 and 2."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from salus import Cases, expect  # noqa: E402

RIGHT = '{"resourceType":"Patient","birthDate":"2024-02-29"}'
WRONG = '<Patient xmlns="http://hl7.org/fhir"><birthDate value="2023-02-29"/><contact><gender value="male"/></contact></Patient>'


PROFILE = (
    '{"resourceType":"StructureDefinition","url":"http://p/named","name":"N","status":"draft","kind":"resource","abstract":false,'
    '"type":"Patient","differential":{"element":[{"path":"Patient.name","min":1}]}}'
)


def check(content, *flags):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        code, said = salus.run("validate", *flags, file.name)
        return code, said.replace(file.name, "FILE")


def findings_are_lines():
    expect(check(RIGHT) == (0, ""), "a right resource has no findings")
    code, said = check(WRONG)
    expect(code == 1, f"exit code {code} with errors")
    expect("FILE: error value Patient.birthDate: There is no such day\n" in said, said)
    expect("FILE: error invariant Patient.contact[0]: " in said and "[pat-1]\n" in said, said)
    code, said = check(RIGHT, "--best-practices")
    expect(code == 0 and said.startswith("FILE: warning invariant Patient: ") and "[dom-6]" in said, said)


def profiles_are_asked_for():
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as profile:
        profile.write(PROFILE)
        profile.flush()
        code, said = check(RIGHT, "--profile", profile.name)
        expect(code == 1 and said.startswith("FILE: error required Patient: ") and "[http://p/named]" in said, said)
        expect(check('{"resourceType":"Basic","code":{"text":"x"}}', "--profile", profile.name) == (0, ""), "another type")


def what_is_no_document_is_refused():
    code, said = check('{"resourceType":"Patient","id":"a","id":"b"}')
    expect(code == 2 and "'id' stands twice (line 1, column 36)" in said, said)


def main():
    cases = Cases()
    cases.run("findings are lines", findings_are_lines)
    cases.run("profiles are asked for", profiles_are_asked_for)
    cases.run("what is no document is refused", what_is_no_document_is_refused)
    cases.end()


if __name__ == "__main__":
    main()
