// A place on the page where the painter draws a wave, with a bar of 1 mV beside an ECG.
import { createContext, useContext, useEffect, useMemo, useRef, type ReactNode } from "react";
import { use_store } from "../live/ward_feed";
import { Painter } from "./painter";
import { ecg_scale } from "./sweep";

const Context = createContext<Painter | null>(null);

export function PainterProvider({ children }: { children: ReactNode }) {
  const store = use_store();
  const painter = useMemo(() => new Painter(store), [store]);
  return <Context.Provider value={painter}>{children}</Context.Provider>;
}

export const wave_colour = (code: string) =>
  code.startsWith("ecg") ? "--ecg" : code === "pleth" ? "--spo2" : "--plain-wave";

// ward.css gives an ECG no less; from here on a millivolt is drawn 10 mm high.
const ecg_height_px_min = 92;

export function WaveCanvas({ device, code, label }: { device: string; code: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useContext(Context);
  const is_ecg = code.startsWith("ecg");
  useEffect(() => {
    if (!painter || !canvas.current) return;
    const colour = getComputedStyle(canvas.current).getPropertyValue(wave_colour(code)).trim();
    return painter.add({ canvas: canvas.current, device, code, colour });
  }, [painter, device, code]);
  return (
    <div className={`wave ${is_ecg ? "ecg" : ""}`}>
      {is_ecg && <i className="millivolt" style={{ height: ecg_scale(ecg_height_px_min).px_per_unit }} title="1 mV" />}
      <canvas ref={canvas} data-wave={code} role="img" aria-label={label} />
      <span className="wave-name" style={{ color: `var(${wave_colour(code)})` }}>
        {label}
      </span>
    </div>
  );
}
