// Two people at one resource. A form is a set of texts; what it was made from, what I wrote and what stands there now are three
// such sets. Only where the other changed a field that I changed too, and to something else, is there anything to decide.
export type Texts = Readonly<Record<string, string>>;
export interface Meeting {
  field: string;
  before: string;
  mine: string;
  theirs: string;
  is_conflict: boolean; // else only they changed it, or both to the same
}

export function meetings(before: Texts, mine: Texts, theirs: Texts): Meeting[] {
  return Object.keys(before).flatMap((field) => {
    const [was, own, other] = [before[field] ?? "", mine[field] ?? "", theirs[field] ?? ""];
    if (other === was) return [];
    return [{ field, before: was, mine: own, theirs: other, is_conflict: own !== was && own !== other }];
  });
}

// What to save after `keep_mine` was decided for the conflicts: my changes on top of theirs.
export function merged(before: Texts, mine: Texts, theirs: Texts, keep_mine: ReadonlySet<string>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const field of Object.keys(before)) {
    const [was, own, other] = [before[field] ?? "", mine[field] ?? "", theirs[field] ?? ""];
    const is_conflict = other !== was && own !== was && own !== other;
    result[field] = is_conflict ? (keep_mine.has(field) ? own : other) : own !== was ? own : other;
  }
  return result;
}
