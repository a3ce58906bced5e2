import { expect, test } from "vitest";
import { seen_in } from "./units";

const kpa_f = { pressure: "kPa", temperature: "F" } as const;
const mmhg_c = { pressure: "mmHg", temperature: "C" } as const;

test.each([
  ["mm[Hg]", 120, "16.0 kPa"], ["mm[Hg]", 7.500617, "1.0 kPa"], ["mm[Hg]", 0, "0.0 kPa"], ["Cel", 36.8, "98.2 °F"], ["Cel", 37, "98.6 °F"], ["Cel", -40, "-40.0 °F"], ["/min", 72, "72 /min"],
])("%s %s is seen as %s", (ucum, value, wanted) => {
  const seen = seen_in(ucum, kpa_f);
  expect(`${seen.decimals === null ? seen.of(value) : seen.of(value).toFixed(seen.decimals)} ${seen.unit}`).toBe(wanted);
});
test.each([["mm[Hg]", "mmHg"], ["Cel", "°C"], ["%", "%"]])("without a choice %s is %s, unchanged", (ucum, unit) => {
  const seen = seen_in(ucum, mmhg_c);
  expect([seen.of(36.85), seen.unit, seen.decimals]).toEqual([36.85, unit, null]);
});
