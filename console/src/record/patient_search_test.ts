import { expect, test } from "vitest";
import { attempts } from "./patient_search";

const tried = (typed: string) => attempts(typed, 20).map((one) => `${one.by}: ${decodeURIComponent(one.path).replace("/fhir/Patient?", "").replace("&_count=20", "")}`);

test.each([
  ["", ["all: _sort=-_lastUpdated"]],
  ["1990-05-01", ["birth_date: birthdate=1990-05-01", "identifier: identifier=1990-05-01"]],
  ["1990年5月1日", ["birth_date: birthdate=1990-05-01", "identifier: identifier=1990-05-01"]],
  ["Berg anna", ["name: name=Berg&name=anna", "part_of_name: name:contains=Berg&name:contains=anna"]],
  ["berg 1990", ["name: name=berg&birthdate=1990", "part_of_name: name:contains=berg&birthdate=1990"]],
  ["王小明", ["name: name=王小明", "name: family=王&given=小明", "identifier: identifier=王小明", "part_of_name: name:contains=王小明"]],
  ["欧阳修", ["name: name=欧阳修", "name: family=欧阳&given=修", "identifier: identifier=欧阳修", "part_of_name: name:contains=欧阳修"]],
  ["P-1001", ["identifier: identifier=P-1001", "name: name=P-1001", "id: _id=P-1001", "part_of_name: name:contains=P-1001"]],
  ["a|b$c", ["name: name=a\\|b\\$c", "identifier: identifier=a\\|b\\$c", "part_of_name: name:contains=a\\|b\\$c"]],
])("%s", (typed, wanted) => expect(tried(typed)).toEqual(wanted));
