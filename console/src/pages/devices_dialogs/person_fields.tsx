// Of whoever lies there: what limits and the search for beats go by. What nobody said is unknown, and is said to be.
import { Form, Select } from "antd";
import type { AgeClass } from "../../api/types";
import { use_words } from "../../i18n/language";

export interface PersonFields {
  age_class?: AgeClass | "unknown";
  pacing?: "paced" | "not_paced" | "unknown";
}
export interface Person {
  age_class: AgeClass | "unknown";
  paced: boolean | null;
}

export const person_of = ({ age_class, pacing }: PersonFields): Person => ({
  age_class: age_class ?? "unknown",
  paced: pacing === "paced" ? true : pacing === "not_paced" ? false : null,
});
export const fields_of = (person?: Partial<Person> | null): PersonFields => ({
  age_class: person?.age_class ?? "unknown",
  pacing: person?.paced === true ? "paced" : person?.paced === false ? "not_paced" : "unknown",
});

export function use_person_text(): (person: Person) => string {
  const { t } = use_words();
  return ({ age_class, paced }) => [t.age_class[age_class], paced === null ? t.pacing.unknown : paced ? t.pacing.paced : t.pacing.not_paced].join(", ");
}

export function PersonItems() {
  const { t } = use_words();
  return (
    <div className="pair">
      <Form.Item name="age_class" label={t.bedside.age_class}>
        <Select options={(["unknown", "adult", "child", "neonate"] as const).map((value) => ({ value, label: t.age_class[value] }))} />
      </Form.Item>
      <Form.Item name="pacing" label={t.bedside.pacing}>
        <Select options={(["unknown", "paced", "not_paced"] as const).map((value) => ({ value, label: t.pacing[value] }))} />
      </Form.Item>
    </div>
  );
}
