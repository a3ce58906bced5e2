// Moving through time by wheel, pointer, touch and keys. The wheel zooms around the pointer, with Shift it moves; a drag moves;
// two fingers zoom.
import { length, panned, time_at, zoom_step, zoomed, type Span } from "../time/span";
import type { TrendBoard } from "./board";

const pixels_a_line = 16;

export function listen_to(element: HTMLElement, board: TrendBoard): () => void {
  const pointers = new Map<number, number>(); // id, x
  let start: { span: Span; xs: number[] } | null = null;
  const x_in = (event: MouseEvent) => event.clientX - element.getBoundingClientRect().left;
  const begin = () => (start = pointers.size > 0 ? { span: board.span, xs: [...pointers.values()] } : null);

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const by = (event.deltaY || event.deltaX) * (event.deltaMode === 1 ? pixels_a_line : 1);
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) board.show(panned(board.span, (by / board.width()) * length(board.span)));
    else board.zoom(Math.exp(Math.max(-1, Math.min(1, by / 300))), time_at(x_in(event), board.span, board.width()));
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, x_in(event));
    begin();
  };
  const move = (event: PointerEvent) => {
    const x = x_in(event);
    if (!pointers.has(event.pointerId) || !start) {
      board.point_at_x(x);
      return;
    }
    pointers.set(event.pointerId, x);
    const [a = 0, b = a] = start.xs;
    const [now_a = 0, now_b = now_a] = [...pointers.values()];
    const width = board.width();
    if (start.xs.length > 1) {
      const factor = Math.abs(a - b) / Math.max(8, Math.abs(now_a - now_b));
      const at = time_at((a + b) / 2, start.span, width);
      const closer = zoomed(start.span, factor, at);
      board.show(panned(closer, -(((now_a + now_b) / 2 - (a + b) / 2) / width) * length(closer)));
    } else {
      board.point_at_x(x);
      if (Math.abs(now_a - a) > 2) board.show(panned(start.span, -((now_a - a) / width) * length(start.span)));
    }
  };
  const up = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    begin();
  };
  const leave = (event: PointerEvent) => {
    if (event.pointerType === "mouse" && pointers.size === 0) board.point(null);
  };
  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", leave);
  return () => {
    element.removeEventListener("wheel", wheel);
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("pointerleave", leave);
  };
}

// What a key does, or null. `oldest`: where Home goes.
export function key_action(event: KeyboardEvent, board: TrendBoard, oldest: number | null): (() => void) | null {
  switch (event.key) {
    case "+":
    case "=":
      return () => board.zoom(1 / zoom_step);
    case "-":
    case "_":
      return () => board.zoom(zoom_step);
    case "ArrowLeft":
      return event.shiftKey ? () => step(board, -1) : () => board.pan(-0.25);
    case "ArrowRight":
      return event.shiftKey ? () => step(board, 1) : () => board.pan(0.25);
    case "PageUp":
      return () => board.pan(-1);
    case "PageDown":
      return () => board.pan(1);
    case "Home":
      return () => oldest !== null && board.show({ from: oldest, to: oldest + length(board.span) });
    case "End":
    case "n":
    case "N":
      return () => board.to_now();
    default:
      return null;
  }
}

// The cursor by keyboard, four pixels at a time.
function step(board: TrendBoard, by: number) {
  const { span } = board;
  const from = board.cursor ?? (span.from + span.to) / 2;
  board.point(Math.min(span.to, Math.max(span.from, from + (by * 4 * length(span)) / board.width())));
}
