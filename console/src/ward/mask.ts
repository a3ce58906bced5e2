// A patient's name as far as a screen in a corridor may show it. The bed is what one goes by.
export type Names = "masked" | "full" | "hidden";

// Of a word its first letter, of a number its last two digits; of a Chinese name the family name.
function masked(word: string): string {
  if (/\d/.test(word)) return `••${word.slice(-2)}`;
  const [first = "", ...rest] = [...word];
  return `${first}${"•".repeat(Math.min(2, rest.length))}`;
}

export function name_shown(label: string, names: Names): string {
  if (names === "full") return label;
  if (names === "hidden") return label ? "•••" : "";
  return label.split(/\s+/).filter(Boolean).map(masked).join(" ");
}
