// A place on the page where the painter draws a wave, with a bar of 1 mV beside an ECG.
import { createContext, useContext, useEffect, useMemo, useRef, type ReactNode } from "react";
import { use_store } from "../live/ward_feed";
import { use_theme } from "../shell/theme";
import { Painter } from "./painter";
import { ecg_scale } from "./sweep";
import { use_view } from "./view_settings";

const Context = createContext<Painter | null>(null);

export function PainterProvider({ children }: { children: ReactNode }) {
  const store = use_store();
  const painter = useMemo(() => new Painter(store), [store]);
  return <Context.Provider value={painter}>{children}</Context.Provider>;
}

export const wave_colour = (code: string) =>
  code.startsWith("ecg") ? "--ecg" : code === "pleth" ? "--spo2" : "--plain-wave";

export function WaveCanvas({ device, code, label }: { device: string; code: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useContext(Context);
  const { theme } = use_theme();
  const { view } = use_view();
  const is_ecg = code.startsWith("ecg");
  const bar = useRef<HTMLElement>(null);
  // The bar is as high as a millivolt is drawn.
  useEffect(() => {
    const element = canvas.current;
    if (!element || !is_ecg) return;
    const sizes = new ResizeObserver(() => {
      if (bar.current) bar.current.style.height = `${ecg_scale(element.clientHeight).px_per_unit}px`;
    });
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [is_ecg]);
  useEffect(() => {
    if (!painter || !canvas.current) return;
    const colour = getComputedStyle(canvas.current).getPropertyValue(wave_colour(code)).trim();
    return painter.add({ canvas: canvas.current, device, code, colour });
  }, [painter, device, code, theme, view.night]);
  return (
    <div className={`wave ${is_ecg ? "ecg" : ""}`}>
      {is_ecg && <i className="millivolt" ref={bar} title="1 mV" />}
      <canvas ref={canvas} data-wave={code} role="img" aria-label={label} />
      <span className="wave-name" style={{ color: `var(${wave_colour(code)})` }}>
        {label}
      </span>
    </div>
  );
}
