// Tells the server how this screen is: whether it would be heard, and which alarms it has shown. Every ten seconds, and at once
// when something changes; what the server has not yet noted is said again.
import { useEffect, useRef } from "react";
import { use_sound } from "../sound/sound_provider";
import { use_alarms, use_store } from "./ward_feed";

const every_ms = 10_000;
const gather_ms = 300; // what comes together is said together; the server hears two messages a second
const shown_max = 64;

// What stands on the screen now, and no screen has said so before.
function shown(undelivered: ReadonlySet<string>): string[] {
  if (document.visibilityState !== "visible") return [];
  const ids = new Set<string>();
  for (const one of document.querySelectorAll<HTMLElement>("[data-alarm]")) {
    const id = one.dataset["alarm"] ?? "";
    if (undelivered.has(id) && ids.size < shown_max) ids.add(id);
  }
  return [...ids];
}

export function Presence() {
  const store = use_store();
  const { state } = use_sound();
  const alarms = use_alarms();
  const latest = useRef({ why: state.kind as string, waiting: new Set<string>() });
  const waiting = alarms.filter((one) => !one.delivered && !one.provisional).map((one) => one.id);
  const key = waiting.join("\n");
  latest.current = { why: state.kind, waiting: new Set(waiting) };
  useEffect(() => {
    const say = () => store.say({ type: "screen", audible: latest.current.why === "on", why: latest.current.why, shown: shown(latest.current.waiting) });
    const soon = setTimeout(say, gather_ms);
    const often = setInterval(say, every_ms);
    return () => {
      clearTimeout(soon);
      clearInterval(often);
    };
  }, [store, state.kind, key]);
  return null;
}
