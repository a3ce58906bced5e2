import { expect, test } from "vitest";
import { coarse_age, person_age, when_of } from "./dates";

const at = (text: string) => new Date(text).getTime();
const now = at("2026-11-21T12:00:00");

test.each([
  ["2019", "7 years"],
  ["2026-03", "8 months"],
  ["2026-11-20", "1 days"],
  ["2026-11-21", "0 days"],
  ["2026-11-01", "20 days"],
  ["2026-08-01", "3 months"],
  ["2024-11-21", "2 years"],
  ["2024-11-22", "23 months"],
  ["2026-11-21T11:00:00", "3600000 fine"],
  ["2027", "null"],
])("what is of %s is %s old", (text, wanted) => {
  const age = coarse_age(when_of(text)!, now);
  expect(age ? `${age.count} ${age.unit}` : "null").toBe(wanted);
});

test.each([
  ["1990-11-21", "36 years"],
  ["1990-11-22", "35 years"],
  ["2000-02-29", "26 years"],
  ["2025-11-20", "12 months"],
  ["2026-11-10", "11 days"],
  ["1985", "41 years"],
  ["2030-01-01", "none"],
  ["soon", "none"],
])("who was born %s is %s old", (birth, wanted) => {
  const age = person_age(birth, now);
  expect(age ? `${age.count} ${age.unit}` : "none").toBe(wanted);
});
