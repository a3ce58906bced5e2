// Alarms and bindings on the time axis. Marks are buttons, placed by the board in each frame without React; a click jumps there.
import { useEffect, useRef } from "react";
import type { Alarm } from "../api/types";
import { use_words } from "../i18n/language";
import { x_of, type Span } from "../time/span";
import { moment_text } from "../time/zone";
import { symbol, use_alarm_text } from "../ward/alarm_text";
import type { TrendBoard } from "./board";

export interface Mark {
  at: number;
  to: number; // where it ended, or now
  text: string;
  symbol: string;
  kind: "high" | "medium" | "low" | "binding";
  id: string;
}
export const marks_max = 400; // the newest; the others are in the list of alarms

const least_px = 16;

export function use_marks(alarms: readonly Alarm[], bindings: readonly { at: number; text: string }[], now: number, zone: string): Mark[] {
  const text = use_alarm_text();
  return [
    ...bindings.map(({ at, text }, i): Mark => ({ at, to: at, text: `${moment_text(at, zone)} · ${text}`, symbol: "⇄", kind: "binding", id: `binding ${i}` })),
    ...alarms.slice(0, marks_max).map((alarm): Mark => {
      const at = Date.parse(alarm.raised);
      return { at, to: alarm.ended ? Date.parse(alarm.ended) : now, text: `${moment_text(at, zone)} · ${text(alarm)}`, symbol: symbol[alarm.priority], kind: alarm.priority, id: alarm.id };
    }),
  ];
}

export function Rail({ board, marks, on_jump }: { board: TrendBoard; marks: readonly Mark[]; on_jump: (mark: Mark) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const { t } = use_words();
  const jump = useRef(on_jump);
  jump.current = on_jump;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const buttons = marks.map((mark) => {
      const button = document.createElement("button");
      button.className = `rail-mark ${mark.kind}`;
      button.dataset["mark"] = mark.id;
      button.textContent = mark.symbol;
      button.title = mark.text;
      button.setAttribute("aria-label", mark.text);
      button.addEventListener("click", () => jump.current(mark));
      return { mark, button };
    });
    element.replaceChildren(...buttons.map((one) => one.button));
    return board.watch((span: Span) => {
      const width = board.width();
      for (const { mark, button } of buttons) {
        const from = x_of(mark.at, span, width);
        const to = Math.max(from + least_px, x_of(mark.to, span, width));
        const seen = to > 0 && from < width;
        button.hidden = !seen;
        if (!seen) continue;
        button.style.left = `${Math.max(0, Math.min(from, width - least_px))}px`;
        button.style.width = `${Math.min(to, width) - Math.max(0, Math.min(from, width - least_px))}px`;
      }
    });
  }, [board, marks]);
  return <div className="rail" ref={place} role="group" aria-label={t.events} />;
}
