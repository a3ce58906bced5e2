import { expect, test } from "vitest";
import { meetings, merged } from "./merge";

const before = { code: "Asthma", status: "active", onset: "2019", note: "" };
const mine = { ...before, status: "resolved", note: "better" };

test("who changed something else loses nothing and is asked nothing", () => {
  const theirs = { ...before, onset: "2018" };
  expect(meetings(before, mine, theirs)).toEqual([{ field: "onset", before: "2019", mine: "2019", theirs: "2018", is_conflict: false }]);
  expect(merged(before, mine, theirs, new Set())).toEqual({ code: "Asthma", status: "resolved", onset: "2018", note: "better" });
});

test("the same field is theirs or mine, as somebody decides", () => {
  const theirs = { ...before, status: "remission", note: "better" };
  expect(meetings(before, mine, theirs).filter((one) => one.is_conflict).map((one) => one.field)).toEqual(["status"]);
  expect(merged(before, mine, theirs, new Set()).status).toBe("remission");
  expect(merged(before, mine, theirs, new Set(["status"])).status).toBe("resolved");
});
