// The last who acted at this station, newest first: names only, kept in its browser.
const kept_as = "salus.station.people";
const people_max = 6;

export function remembered(): string[] {
  try {
    const kept = JSON.parse(localStorage.getItem(kept_as) ?? "[]") as unknown;
    return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === "string").slice(0, people_max) : [];
  } catch {
    return [];
  }
}

export const newest_first = (people: readonly string[], person: string) => [person, ...people.filter((one) => one !== person)].slice(0, people_max);

export function remember(person: string) {
  localStorage.setItem(kept_as, JSON.stringify(newest_first(remembered(), person)));
}

// "day.nurse" -> "DN", "nurse" -> "NU".
export function initials(name: string): string {
  const parts = name.split(/[._@-]+/).filter(Boolean);
  const letters = parts.length > 1 ? parts.slice(0, 2).map((part) => part[0] ?? "") : [...(parts[0] ?? "")].slice(0, 2);
  return letters.join("").toUpperCase();
}
