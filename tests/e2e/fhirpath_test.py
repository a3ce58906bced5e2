"""`salus fhirpath EXPRESSION FILE`: JSON and XML, results as lines, refusals with their place and exit code 2."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from salus import Cases, expect  # noqa: E402

JSON = '{"resourceType":"Patient","name":[{"use":"official","given":["Anna","Li\\nLi"]}],"multipleBirthInteger":2}'
XML = '<Patient xmlns="http://hl7.org/fhir"><name><given value="Anna"/></name></Patient>'
HOSTILE = '<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"><id value="&e;"/></Patient>'


def ask(content, expression, *flags):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        return salus.run("fhirpath", *flags, expression, file.name)


def results_are_lines():
    expect(ask(JSON, "Patient.name.given") == (0, "string Anna\nstring Li\\nLi\n"), "given names")
    expect(ask(JSON, "name") == (0, 'HumanName {"use":"official","given":["Anna","Li\\nLi"]}\n'), "an object is JSON")
    expect(ask(JSON, "multipleBirth + 0.50") == (0, "Decimal 2.50\n"), "digits are kept")
    expect(ask(JSON, "name.family") == (0, ""), "an empty result is no line and no error")
    expect(ask(XML, "name.given") == (0, "string Anna\n"), "XML is told by its content")


def refusals_say_where():
    for content, expression, flags, part in [
        (JSON, "name.", (), "(line 1, column 6)"),
        (JSON, "name.foo", ("--check",), "There is no element 'foo' here"),
        (JSON, "name.single() + name.given", (), "several"),
        ('{"resourceType":"Patient","id":"a","id":"b"}', "id", (), "'id' stands twice (line 1, column 36)"),
        (HOSTILE, "id", (), "A document type is not taken"),
    ]:
        code, said = ask(content, expression, *flags)
        expect(code == 2 and part in said, f"{expression}: exit code {code}, {said}")


def main():
    cases = Cases()
    cases.run("results are lines", results_are_lines)
    cases.run("refusals say where", refusals_say_where)
    cases.end()


if __name__ == "__main__":
    main()
