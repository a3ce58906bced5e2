// How many sectors stand on the screen, and how: large ones with two waves, or small ones with one. At 1920 x 1080 sixteen
// large ones fill the screen, or sixty-four small ones; fewer beds get more room each. What does not fit is scrolled to.
export type Density = "auto" | "large" | "small";

export interface Plan {
  kind: "large" | "small";
  columns: number;
  rows: number; // in sight
}

export const gap_px = 6;
// The least that a sector needs, so that four large ones go into 1900 x 950 px both ways, and eight small ones.
const least = { large: { width: 400, height: 216 }, small: { width: 226, height: 106 } };
const phone_px = 700; // narrower: one column of large ones

const fitting = (room: number, each: number) => Math.max(1, Math.floor((room + gap_px) / (each + gap_px)));

export function plan(beds: number, width: number, height: number, density: Density): Plan {
  const room = (kind: "large" | "small") => ({ columns: fitting(width, least[kind].width), rows: fitting(height, least[kind].height) });
  if (width < phone_px) return { kind: density === "small" ? "small" : "large", ...room(density === "small" ? "small" : "large") };
  const large = room("large");
  const kind = density !== "auto" ? density : beds <= large.columns * large.rows ? "large" : "small";
  const { columns, rows } = room(kind);
  if (beds >= columns * rows) return { kind, columns, rows };
  // Fewer than fit: the shape whose sectors come out greatest, measured as twice as wide as high.
  let best: Plan = { kind, columns, rows };
  let best_size = 0;
  for (let across = 1; across <= columns; ++across) {
    const down = Math.ceil(Math.max(1, beds) / across);
    if (down > rows) continue;
    const size = Math.min((width - gap_px * (across - 1)) / across / 2, (height - gap_px * (down - 1)) / down);
    if (size > best_size) {
      best_size = size;
      best = { kind, columns: across, rows: down };
    }
  }
  return best;
}
