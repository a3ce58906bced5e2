// The sound of this screen for everything below, and what stands for it: a bell, crossed while nothing would be heard.
import { App } from "antd";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { Priority } from "../api/types";
import { use_words } from "../i18n/language";
import { rank } from "../live/alarm_order";
import { use_alarms, use_devices, use_link, use_now, use_store } from "../live/ward_feed";
import { in_force } from "../ward/pauses";
import { Sounder, type SoundState } from "./sounder";

const kept_as = "salus.heard";

interface Sound {
  state: SoundState;
  wake: () => void;
  test: () => void;
  toggle_pause: () => void;
}
const silent: Sound = { state: { kind: "unconfirmed" }, wake: () => undefined, test: () => undefined, toggle_pause: () => undefined };
const Context = createContext<Sound>(silent);
export const use_sound = () => useContext(Context);

// A silent server is an alarm of this screen's own: medium, as long as it lasts.
function use_level(): Priority | null {
  const alarms = use_alarms();
  const link_silent = use_link().state === "silent";
  const store = use_store();
  use_devices(); // a sector that changed may be one whose sound is paused
  const now = use_now();
  // One bed's alarms may be paused, for a time or until somebody ends it.
  const paused = (device: string) => in_force(store.sector(device)?.sector.pauses ?? [], now).length > 0;
  const open = alarms.filter((one) => one.acknowledged === null && !paused(one.device)).map((one) => one.priority);
  if (link_silent) open.push("medium");
  return open.sort((a, b) => rank[a] - rank[b])[0] ?? null;
}

export function SoundProvider({ children }: { children: ReactNode }) {
  const { t } = use_words();
  const { modal } = App.useApp();
  const [state, set_state] = useState<SoundState>(silent.state);
  const sounder = useRef<Sounder | null>(null);
  const level = use_level();

  useEffect(() => {
    const one: Sounder = new Sounder(Number(sessionStorage.getItem(kept_as) ?? 0), () => set_state(one.state()));
    sounder.current = one;
    set_state(one.state());
    // After a reload any click or key lets the browser play again.
    const wake = () => void one.wake();
    window.addEventListener("pointerdown", wake);
    window.addEventListener("keydown", wake);
    return () => {
      window.removeEventListener("pointerdown", wake);
      window.removeEventListener("keydown", wake);
      one.end();
    };
  }, []);
  useEffect(() => sounder.current?.set_level(level), [level]);

  const test = useCallback(() => {
    const one = sounder.current;
    if (!one) return;
    void one.test();
    modal.confirm({
      title: t.test_tone,
      content: t.did_you_hear,
      okText: t.heard_it,
      cancelText: t.heard_nothing,
      onOk: () => {
        sessionStorage.setItem(kept_as, String(Date.now()));
        one.heard();
      },
      onCancel: () => {
        sessionStorage.removeItem(kept_as);
        one.not_heard();
      },
    });
  }, [modal, t]);
  const toggle_pause = useCallback(() => sounder.current?.toggle_pause(), []);

  useEffect(() => {
    const on_key = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (event.key.toLowerCase() === "p") toggle_pause();
    };
    window.addEventListener("keydown", on_key);
    return () => window.removeEventListener("keydown", on_key);
  }, [toggle_pause]);

  const value = useMemo(() => ({ state, wake: () => void sounder.current?.wake(), test, toggle_pause }), [state, test, toggle_pause]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}
