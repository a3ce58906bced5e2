import { expect, test } from "vitest";
import { differences } from "./differences";
import { parse_keeping } from "./decimal";

const of = (before: string, after: string) => differences(parse_keeping(before), parse_keeping(after)).map((one) => `${one.path}: ${one.before} -> ${one.after}`);

test.each([
  ['{"a":1.0}', '{"a":1.00}', ["a: 1.0 -> 1.00"]],
  ['{"meta":{"versionId":"1"},"a":true}', '{"meta":{"versionId":"2"},"a":true}', []],
  ['{"name":[{"given":["A","B"]}]}', '{"name":[{"given":["A","C","D"]}]}', ['name[0].given[1]: "B" -> "C"', 'name[0].given[2]: null -> "D"']],
  ['{"a":{"b":1}}', '{"c":1}', ['a: {\n "b": 1\n} -> null', "c: null -> 1"]],
  ['{"a":[1]}', '{"a":"x"}', ['a: [\n 1\n] -> "x"']],
])("%s to %s", (before, after, wanted) => expect(of(before, after)).toEqual(wanted));
