import { expect, test } from "vitest";
import { name_shown } from "./mask";

test.each([
  ["Anna Berg", "A•• B••"],
  ["王小明", "王••"],
  ["O Li", "O L•"],
  ["SIM 0007", "S•• ••07"],
  ["", ""],
])("%s is masked as %s", (label, shown) => expect(name_shown(label, "masked")).toBe(shown));

test("hidden shows that there is somebody, full shows all", () => {
  expect(name_shown("Anna Berg", "hidden")).toBe("•••");
  expect(name_shown("", "hidden")).toBe("");
  expect(name_shown("Anna Berg", "full")).toBe("Anna Berg");
});
