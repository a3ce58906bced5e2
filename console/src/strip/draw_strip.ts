// Draws a strip on a canvas as on paper: grid of 1 and 5 mm, a bar of 1 mV, the wave, gaps as gaps.
import { surface_of } from "../trends/draw";
import { px_per_mm } from "../ward/sweep";
import { runs, x_mm, y_mm, mm_per_mv, type Paper, type Wave } from "./wave";

export function draw_strip(canvas: HTMLCanvasElement, wave: Wave, from: number, paper: Paper, is_ecg: boolean, wave_colour: string) {
  const surface = surface_of(canvas);
  if (!surface) return;
  const { context, width, height } = surface;
  const style = getComputedStyle(canvas);
  const line = style.getPropertyValue("--line").trim();
  const colour = style.getPropertyValue(wave_colour).trim();
  const mm = px_per_mm;
  context.fillStyle = line;
  for (let i = 0; i * mm <= width; ++i) {
    context.globalAlpha = i % 5 === 0 ? 1 : 0.45;
    context.fillRect(Math.round(i * mm), 0, 1, height);
  }
  for (let i = 0; i * mm <= height; ++i) {
    context.globalAlpha = i % 5 === 0 ? 1 : 0.45;
    context.fillRect(0, Math.round(i * mm), width, 1);
  }
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  for (const [first, end] of runs(wave))
    for (let i = first; i < end; ++i) {
      const x = x_mm(wave.times[i] ?? 0, from, paper) * mm;
      const y = y_mm(wave.values[i] ?? 0, paper) * mm;
      if (i === first) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  context.stroke();
  if (!is_ecg) return;
  const top = height / 2 - (mm_per_mv / 2) * mm;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(mm, top);
  context.lineTo(3 * mm, top);
  context.moveTo(2 * mm, top);
  context.lineTo(2 * mm, top + mm_per_mv * mm);
  context.moveTo(mm, top + mm_per_mv * mm);
  context.lineTo(3 * mm, top + mm_per_mv * mm);
  context.stroke();
}
