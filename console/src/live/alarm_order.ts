// Which alarm comes first: by priority, then the one that nobody has answered, then the oldest.
import type { Alarm, Priority } from "../api/types";

export const rank: Record<Priority, number> = { high: 0, medium: 1, low: 2 };

export function before(a: Alarm, b: Alarm): number {
  return (
    rank[a.priority] - rank[b.priority] ||
    Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
    Date.parse(a.raised) - Date.parse(b.raised) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

export const in_order = (alarms: Iterable<Alarm>): Alarm[] => [...alarms].sort(before);

// The alarm that A acknowledges: the first that is durable and unanswered.
export function to_acknowledge(alarms: readonly Alarm[]): Alarm | null {
  return in_order(alarms).find((one) => one.state !== "ended" && one.acknowledged === null && !one.provisional) ?? null;
}

// Whether `next` says something newer of the same alarm: the durable form of a provisional one has the same version, and so has
// one whose bed or patient was corrected.
export function is_newer(next: Alarm, known: Alarm | undefined): boolean {
  if (known === undefined || next.version > known.version) return true;
  if (next.version !== known.version || next.provisional) return false;
  return known.provisional || next.bed !== known.bed || next.patient?.id !== known.patient?.id;
}
