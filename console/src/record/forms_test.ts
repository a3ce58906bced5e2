import { expect, test } from "vitest";
import { Decimal, parse_keeping, write_keeping } from "./decimal";
import { empty } from "./empty";
import { fields_of, texts_of, troubles_of, with_texts } from "./forms";
import { read_text } from "./document_text";
import type { Attachment, Observation, Resource } from "./types";

const now = "2026-11-21T12:00:00.000Z";
const filled = (resource: Resource, texts: Record<string, string>) => {
  const fields = fields_of(resource);
  return with_texts(resource, fields, { ...texts_of(resource, fields), ...texts });
};

test("what is not in the form, and what was not changed, stays as it was", () => {
  const text = '{"resourceType":"Condition","id":"a","code":{"coding":[{"code":"195967001"}],"text":"Asthma"},"clinicalStatus":{"coding":[{"code":"active","display":"Active"}]},"onsetDateTime":"2019","stage":[{"x":1.00}]}';
  const resource = parse_keeping(text) as Resource;
  expect(write_keeping(filled(resource, {}))).toBe(text);
  expect(write_keeping(filled(resource, { onset: "2018-05" }))).toBe(text.replace('"2019"', '"2018-05"'));
});

test("other words are another concept", () =>
  expect(filled({ resourceType: "Condition", code: { coding: [{ code: "1" }], text: "Asthma" } }, { problem: "哮喘" })["code"]).toEqual({ text: "哮喘" }));

test("a value is kept digit for digit, and a changed one is a corrected one", () => {
  const made = filled(empty("Observation", "p", "nurse", now, "8310-5"), { value: "36,80" }) as Observation;
  expect([write_keeping(made.valueQuantity?.value), made.valueQuantity?.code, made.status]).toEqual(["36.80", "Cel", "final"]);
  const corrected = filled({ ...made, id: "x" }, { value: "37.8" }) as Observation;
  expect([corrected.valueQuantity?.value, corrected.status]).toEqual([37.8, "corrected"]);
  expect(made.valueQuantity?.value).toEqual(new Decimal("36.80"));
});

test("blood pressure has two values", () => {
  const made = filled(empty("Observation", "p", "nurse", now, "85354-9"), { "component 0": "120", "component 1": "80" }) as Observation;
  expect(made.component?.map((one) => one.valueQuantity?.value)).toEqual([120, 80]);
});

test.each<[string, Record<string, string>, string, unknown]>([
  ["8310-5", { value: "" }, "value", "needed"],
  ["8310-5", { value: "370" }, "value", { low: 10, high: 46 }],
  ["8310-5", { value: "warm" }, "value", "no_number"],
  ["8867-4", { value: "72", measured: "2999-01-01T00:00" }, "measured", "in_future"],
])("%s with %j: %s is wrong", (vital, texts, key, wanted) => {
  const resource = empty("Observation", "p", "nurse", now, vital);
  const fields = fields_of(resource);
  expect(troubles_of(fields, { ...texts_of(resource, fields), ...texts })).toEqual({ [key]: wanted });
});

test("a note is text of any script, and what is no text has no field for it", () => {
  const made = filled(empty("DocumentReference", "p", "nurse", now, ""), { title: "查房", text: "患者夜间安静。" });
  expect(read_text((made["content"] as { attachment: Attachment }[])[0]?.attachment)).toBe("患者夜间安静。");
  expect(fields_of({ resourceType: "DocumentReference", content: [{ attachment: { contentType: "application/pdf", data: "AA==" } }] }).some((one) => one.key === "text")).toBe(false);
});

test("a field that is emptied is gone, with what only held it", () => {
  const resource = { resourceType: "AllergyIntolerance", id: "a", code: { text: "Penicillin" }, note: [{ text: "x" }] };
  expect(filled(resource, { note: "" })["note"]).toBe(undefined);
});
