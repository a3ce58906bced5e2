import { expect, it } from "vitest";
import { initials, newest_first } from "./people";

it.each([["day.nurse", "DN"], ["nurse", "NU"], ["a", "A"], ["n-7@icu", "N7"], ["", ""]])("the initials of %s are %s", (name, says) => {
  expect(initials(name)).toBe(says);
});

it("who acted last stands first, once, and six are kept", () => {
  expect(newest_first(["b", "a"], "a")).toEqual(["a", "b"]);
  expect(newest_first(["f", "e", "d", "c", "b", "a"], "g")).toEqual(["g", "f", "e", "d", "c", "b"]);
});
