// Two versions of a resource, member by member.
import { Decimal, write_keeping } from "./decimal";

export interface Difference {
  path: string; // name[0].given[1]
  before: string | null; // null: was not there
  after: string | null; // null: is not there any more
}

const is_object = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Decimal);

// Paths at which the two differ, each as high as one of them is absent, else as deep as it goes; `meta` is the server's own.
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (is_object(before) && is_object(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => path !== "" || name !== "meta");
    return names.flatMap((name) => differences(before[name], after[name], path ? `${path}.${name}` : name));
  }
  if (Array.isArray(before) && Array.isArray(after))
    return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => differences(before[i] as unknown, after[i] as unknown, `${path}[${i}]`)).flat();
  const text = (value: unknown) => (value === undefined ? null : write_keeping(value, 1));
  const [old, now] = [text(before), text(after)];
  return old === now ? [] : [{ path, before: old, after: now }];
}
