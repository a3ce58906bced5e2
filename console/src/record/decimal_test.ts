import { expect, test } from "vitest";
import { Decimal, parse_keeping, typed_decimal, write_keeping } from "./decimal";

test.each([
  '{"value":1.00,"unit":"g"}',
  '{"value":0.10,"more":[1,2.50,-3.0,1e3,123456789012345678901]}',
  '{"text":"1.00 in \\"a\\" string, 5.0","n":7}',
  '{"text":"王小明 \\\\","value":37.0}',
])("%s comes back as it was", (text) => expect(write_keeping(parse_keeping(text))).toBe(text));

test("a kept decimal is still a number to a chart", () => {
  const { value } = parse_keeping('{"value":98.60}') as { value: Decimal };
  expect([String(value), Number(value)]).toEqual(["98.60", 98.6]);
});

test.each([["36.80", "36.80"], ["36,8", "36.8"], ["120", "120"], ["−2", "-2"]])("%s is typed", (text, said) => expect(String(typed_decimal(text))).toBe(said));
test.each(["", "12a", "1.", ".5", "1,000,000", "007"])("%s is no decimal", (text) => expect(typed_decimal(text)).toBe(null));
