// A bell, and the crossed bell: something here would not be heard, or not raised at all.
const outline = "M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6zM10 19a2 2 0 0 0 4 0";
const strokes = { fill: "none", stroke: "currentColor", strokeWidth: 2, strokeLinecap: "round", strokeLinejoin: "round" } as const;

export function Bell() {
  return <svg className="bell" viewBox="0 0 24 24" aria-hidden {...strokes}><path d={outline} /></svg>;
}
export function CrossedBell() {
  return <svg className="bell crossed" viewBox="0 0 24 24" aria-hidden {...strokes}><path d={outline} /><path d="M3 3l18 18" /></svg>;
}
