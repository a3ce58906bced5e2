// The ward: one sector a bed, alarms on top, everything by keyboard.
import { App } from "antd";
import { useCallback, useEffect, useMemo, useState, type CSSProperties } from "react";
import { useNavigate } from "react-router-dom";
import { use_words } from "../../i18n/language";
import { to_acknowledge } from "../../live/alarm_order";
import { use_devices, use_link, use_store, use_watch } from "../../live/ward_feed";
import { use_acknowledge } from "../../shell/use_acknowledge";
import { AlarmBanner } from "../../ward/banner";
import { gap_px, plan, type Plan } from "../../ward/plan";
import { SectorView } from "../../ward/sector";
import { use_view } from "../../ward/view_settings";

const kept_as = "salus.chosen"; // who comes back from a bed finds it chosen
const third_wave_px = 300; // a sector at least as high has room for one more

// The plan for the room that the grid has now.
function use_plan(beds: number, grid: HTMLElement | null): Plan & { height: number } {
  const { view } = use_view();
  const [room, set_room] = useState({ width: window.innerWidth, height: window.innerHeight - 150 });
  useEffect(() => {
    if (!grid) return;
    const sizes = new ResizeObserver(() => set_room({ width: grid.clientWidth, height: grid.clientHeight }));
    sizes.observe(grid);
    return () => sizes.disconnect();
  }, [grid]);
  const { width, height } = room;
  return useMemo(() => {
    const made = plan(beds, width, height, view.density);
    return { ...made, height: (height - gap_px * (made.rows - 1)) / made.rows };
  }, [beds, width, height, view.density]);
}

export function WardPage() {
  const devices = use_devices();
  const has_ward = use_watch("sectors", (store) => store.has_ward());
  const link = use_link();
  const store = use_store();
  const { t } = use_words();
  const { message } = App.useApp();
  const { acknowledge, allowed } = use_acknowledge();
  const navigate = useNavigate();
  const [chosen, set_chosen] = useState<string | null>(() => sessionStorage.getItem(kept_as));
  const [grid, set_grid] = useState<HTMLDivElement | null>(null);
  const shape = use_plan(devices.length, grid);
  const waves_max = shape.kind === "small" ? 1 : shape.height >= third_wave_px ? 3 : 2;

  useEffect(() => {
    if (chosen !== null) sessionStorage.setItem(kept_as, chosen);
  }, [chosen]);
  const open_bed = useCallback(
    (device: string) => {
      sessionStorage.setItem(kept_as, device);
      navigate(`/bed/${encodeURIComponent(device)}`);
    },
    [navigate],
  );
  // Back at the sector that was left, wherever it stands.
  useEffect(() => {
    const kept = sessionStorage.getItem(kept_as);
    if (grid && kept) grid.querySelector(`[data-device="${CSS.escape(kept)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [grid]);

  useEffect(() => {
    const step = (by: number) => {
      const at = chosen === null ? -1 : devices.indexOf(chosen);
      const next = devices[at < 0 ? 0 : Math.min(devices.length - 1, Math.max(0, at + by))];
      if (!next) return;
      set_chosen(next);
      grid?.querySelector(`[data-device="${CSS.escape(next)}"]`)?.scrollIntoView({ block: "nearest" });
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
      else if (event.key === "ArrowRight") step(1);
      else if (event.key === "ArrowLeft") step(-1);
      else if (event.key === "ArrowDown") step(shape.columns);
      else if (event.key === "ArrowUp") step(-shape.columns);
      else if (event.key === "Enter" && chosen !== null && !/^(BUTTON|A)$/.test(target.tagName)) open_bed(chosen);
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
        <div className="grid" ref={set_grid} style={{ "--columns": shape.columns, "--rows": shape.rows } as CSSProperties} data-kind={shape.kind}>
          {devices.map((device) => (
            <SectorView
              key={device}
              device={device}
              chosen={device === chosen}
              kind={shape.kind}
              waves_max={waves_max}
              on_open={open_bed}
            />
          ))}
        </div>
      )}
      <p className="keys-hint">{t.keys_hint}{allowed && ` · ${t.keys_hint_acknowledge}`} · {t.keys_hint_pause} · {t.purpose}</p>
    </div>
  );
}
