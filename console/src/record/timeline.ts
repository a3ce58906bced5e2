// Many lists, each newest first and each with more behind it, as one. What is shown is complete down to where it ends: nothing
// older than the oldest loaded item of a list that goes on is shown yet.
export interface Stream<T> {
  items: readonly T[];
  next: string | null;
}

export interface Joined<T> {
  shown: T[];
  withheld: number; // loaded, but older than where another list was cut
  next_of: number | null; // the list that has to go on first
}

// `time`: ms since 1970; null for what has no date, which comes last, once everything is here.
export function joined<T>(streams: readonly Stream<T>[], time: (item: T) => number | null): Joined<T> {
  let horizon = -Infinity;
  let next_of: number | null = null;
  streams.forEach(({ items, next }, i) => {
    if (next === null) return;
    const dated = items.map(time).filter((one) => one !== null);
    const oldest = dated.length ? Math.min(...dated) : Infinity;
    if (next_of === null || oldest > horizon) [horizon, next_of] = [oldest, i];
  });
  const all = streams.flatMap((one) => one.items);
  const shown = all.filter((item) => (next_of === null ? true : (time(item) ?? -Infinity) >= horizon));
  shown.sort((a, b) => (time(b) ?? -Infinity) - (time(a) ?? -Infinity) || 0);
  return { shown, withheld: all.length - shown.length, next_of };
}
