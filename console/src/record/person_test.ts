import { expect, test } from "vitest";
import { end_of, identifiers_of, known_as, name_of, other_names } from "./person";
import type { HumanName } from "./types";

const patient = (...name: HumanName[]) => ({ resourceType: "Patient", name });

test.each<[HumanName[], string]>([
  [[{ family: "Berg", given: ["Anna", "Maria"], prefix: ["Dr."] }], "Dr. Anna Maria Berg"],
  [[{ family: "王", given: ["小", "明"] }], "王小明"],
  [[{ use: "old", family: "Old" }, { use: "official", text: "欧阳 修" }], "欧阳 修"],
  [[{ use: "old", family: "Old" }], "Old"],
  [[{}], ""],
  [[], ""],
])("%j is said %s", (names, wanted) => expect(name_of(patient(...names))).toBe(wanted));

test("other names are said once", () =>
  expect(other_names(patient({ use: "official", text: "Li Na" }, { text: "李娜" }, { text: "Li Na" }))).toEqual(["李娜"]));

test("a record number comes first, and the ward may know any of them", () => {
  const one = { resourceType: "Patient", id: "a", identifier: [{ value: "S-1" }, { value: "900017", type: { coding: [{ code: "MR" }] } }, { system: "x" }] };
  expect(identifiers_of(one).map((each) => each.value)).toEqual(["900017", "S-1"]);
  expect(known_as(one)).toEqual(["a", "900017", "S-1"]);
  expect([end_of("900017"), end_of("17")]).toEqual(["0017", "17"]);
});
