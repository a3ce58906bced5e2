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

export function WaveCanvas({ device, code, label, height }: { device: string; code: string; label: string; height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useContext(Context);
  useEffect(() => {
    if (!painter || !canvas.current) return;
    const colour = getComputedStyle(canvas.current).getPropertyValue(wave_colour(code)).trim();
    return painter.add({ canvas: canvas.current, device, code, colour });
  }, [painter, device, code]);
  return (
    <div className="wave" style={{ height }}>
      {code.startsWith("ecg") && <i className="millivolt" style={{ height: ecg_scale(height).px_per_unit }} title="1 mV" />}
      <canvas ref={canvas} data-wave={code} role="img" aria-label={label} />
      <span className="wave-name" style={{ color: `var(${wave_colour(code)})` }}>
        {label}
      </span>
    </div>
  );
}
