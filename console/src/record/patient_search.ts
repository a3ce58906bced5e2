// What somebody typed to find a patient, as searches of which the first with an answer holds. In any script: the server folds case
// and accents and matches the beginning of any part of a name; where nobody writes spaces, the family name is told from the rest.
import { fhir_path } from "./client";

export type FoundBy = "all" | "birth_date" | "identifier" | "name" | "part_of_name" | "id";
export interface Attempt {
  by: FoundBy;
  path: string;
}

const is_date = (word: string) => /^(19|20)\d\d(-\d\d(-\d\d)?)?$/.test(word);
const as_date = (word: string) => word.replace(/^(\d{4})[./年](\d{1,2})[./月](\d{1,2})日?$/, (_all, y: string, m: string, d: string) => `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`);
const two_letter_families = /^(欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|尉遲|公孙|公孫|慕容|司徒|令狐|长孙|宇文|夏侯|端木|南宫|百里|呼延)/u;

// "王小明" -> 王, 小明.
function in_two(word: string): [string, string] | null {
  if (!/^\p{Script=Han}{2,6}$/u.test(word)) return null;
  const letters = [...word];
  const family = two_letter_families.test(word) && letters.length > 2 ? 2 : 1;
  return [letters.slice(0, family).join(""), letters.slice(family).join("")];
}

const escaped = (text: string) => text.replace(/[\\,$|]/g, (letter) => `\\${letter}`);

export function attempts(typed: string, per_page: number): Attempt[] {
  const words = typed.trim().split(/[\s,，、]+/u).filter(Boolean).map(as_date);
  const shown: [string, string | number][] = [["_count", per_page]];
  const attempt = (by: FoundBy, ...wanted: [string, string][]): Attempt => ({ by, path: fhir_path("Patient", [...wanted, ...shown]) });
  if (words.length === 0) return [attempt("all", ["_sort", "-_lastUpdated"])];
  const dates = words.filter(is_date).map((word): [string, string] => ["birthdate", word]);
  const others = words.filter((word) => !is_date(word));
  const names = (modifier: string, list: readonly string[]) => list.map((word): [string, string] => [`name${modifier}`, escaped(word)]);
  const whole = escaped(words.join(" "));
  if (others.length === 0) return [attempt("birth_date", ...dates), attempt("identifier", ["identifier", whole])];
  const parts = others.length === 1 && others[0] ? in_two(others[0]) : null;
  const by_name = [
    attempt("name", ...names("", others), ...dates),
    ...(parts ? [attempt("name", ["family", parts[0]], ["given", parts[1]], ...dates)] : []),
  ];
  const by_identifier = words.length === 1 ? [attempt("identifier", ["identifier", whole])] : [];
  const by_id = words.length === 1 && /^[A-Za-z0-9.-]{1,64}$/.test(words[0] ?? "") ? [attempt("id", ["_id", words[0] ?? ""])] : [];
  const has_digit = /\d/.test(others.join(""));
  const last = [attempt("part_of_name", ...names(":contains", others), ...dates)];
  return has_digit ? [...by_identifier, ...by_name, ...by_id, ...last] : [...by_name, ...by_identifier, ...last];
}
