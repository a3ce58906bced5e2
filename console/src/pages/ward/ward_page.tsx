// The ward: one sector a bed, alarms on top, everything by keyboard.
import { App } from "antd";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { use_words } from "../../i18n/language";
import { to_acknowledge } from "../../live/alarm_order";
import { use_devices, use_link, use_store, use_watch } from "../../live/ward_feed";
import { use_acknowledge } from "../../shell/use_acknowledge";
import { AlarmBanner } from "../../ward/banner";
import { SectorView } from "../../ward/sector";

const BedDrawer = lazy(() => import("./bed_drawer"));
const dense_from = 17; // sectors

// How many sectors stand side by side, read from the grid itself.
function columns(grid: HTMLElement | null): number {
  return grid ? getComputedStyle(grid).gridTemplateColumns.split(" ").length : 1;
}

export function WardPage() {
  const devices = use_devices();
  const has_ward = use_watch("sectors", (store) => store.has_ward());
  const link = use_link();
  const store = use_store();
  const { t } = use_words();
  const { message } = App.useApp();
  const { acknowledge, allowed } = use_acknowledge();
  const [chosen, set_chosen] = useState<string | null>(null);
  const [open, set_open] = useState<string | null>(null);
  const grid = useRef<HTMLDivElement>(null);

  const choose = useCallback((device: string) => set_chosen(device), []);
  const open_bed = useCallback((device: string) => {
    set_chosen(device);
    set_open(device);
  }, []);

  useEffect(() => {
    const step = (by: number) => {
      const at = chosen === null ? -1 : devices.indexOf(chosen);
      const next = devices[at < 0 ? 0 : Math.min(devices.length - 1, Math.max(0, at + by))];
      if (!next) return;
      set_chosen(next);
      grid.current?.querySelector(`[data-device="${CSS.escape(next)}"]`)?.scrollIntoView({ block: "nearest" });
    };
    const answer = () => {
      const alarm = chosen === null ? null : to_acknowledge(store.sector(chosen)?.alarms ?? []);
      if (alarm) void acknowledge(alarm);
      else if (chosen !== null) void message.info(t.nothing_to_acknowledge);
    };
    const on_key = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (event.key.toLowerCase() === "a" && !event.repeat) answer();
      else if (open !== null) return; // the drawer has its own keys
      else if (event.key === "ArrowRight") step(1);
      else if (event.key === "ArrowLeft") step(-1);
      else if (event.key === "ArrowDown") step(columns(grid.current));
      else if (event.key === "ArrowUp") step(-columns(grid.current));
      else if (event.key === "Enter" && chosen !== null && !/^(BUTTON|A)$/.test(target.tagName)) set_open(chosen);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", on_key);
    return () => window.removeEventListener("keydown", on_key);
  });

  if (!has_ward && devices.length === 0)
    return link.state === "silent" ? null : <div className="sight" data-sight="loading">{t.waiting_feed}</div>;
  return (
    <div className="ward">
      <AlarmBanner on_open={open_bed} />
      {devices.length === 0 ? (
        <div className="sight" data-sight="empty">
          <h2>{t.no_beds}</h2>
          <p>{t.no_beds_hint}</p>
        </div>
      ) : (
        <div className={`grid ${devices.length >= dense_from ? "dense" : ""}`} ref={grid}>
          {devices.map((device) => (
            <SectorView
              key={device}
              device={device}
              chosen={device === chosen}
              dense={devices.length >= dense_from}
              on_choose={choose}
              on_open={open_bed}
            />
          ))}
        </div>
      )}
      <p className="keys-hint">{t.keys_hint}{allowed && ` · ${t.keys_hint_acknowledge}`} · {t.purpose}</p>
      <Suspense fallback={null}>{open !== null && <BedDrawer device={open} on_close={() => set_open(null)} />}</Suspense>
    </div>
  );
}
