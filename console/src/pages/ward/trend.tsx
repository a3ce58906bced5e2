// The last half hour of one vital: mean as a line, minimum to maximum as a band, from what the server has stored.
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { query } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Aggregate } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_now } from "../../live/ward_feed";
import { Sights } from "../../shell/sights";

const span_ms = 30 * 60_000;
const step_ms = 10_000;
const refresh_ms = 10_000;
const height = 110;

function Plot({ aggregate, colour, unit }: { aggregate: Aggregate; colour: string; unit: string }) {
  const place = useRef<HTMLDivElement>(null);
  const data = useMemo<uPlot.AlignedData>(() => {
    const columns: [number[], (number | null)[], (number | null)[], (number | null)[]] = [[], [], [], []];
    let last: number | null = null;
    for (const [t, , low, high, mean] of aggregate.items) {
      if (last !== null && t - last > aggregate.step_ms * 1.5) {
        columns[0].push((last + aggregate.step_ms) / 1000); // a gap stays a gap
        columns[1].push(null);
        columns[2].push(null);
        columns[3].push(null);
      }
      columns[0].push(t / 1000);
      columns[1].push(low);
      columns[2].push(high);
      columns[3].push(mean);
      last = t;
    }
    return columns;
  }, [aggregate]);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const stroke = style.getPropertyValue(colour).trim();
    const text = style.getPropertyValue("--text-2").trim();
    const axis = { stroke: text, grid: { stroke: style.getPropertyValue("--line").trim(), width: 1 }, ticks: { show: false } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: true } },
        axes: [
          { ...axis, values: "{HH}:{mm}" },
          { ...axis, size: 46, label: unit, labelSize: 16 },
        ],
        series: [
          {},
          { stroke: "transparent", points: { show: false } },
          { stroke: "transparent", points: { show: false } },
          { stroke, width: 1.6, points: { show: false } },
        ],
        bands: [{ series: [2, 1], fill: `${stroke}44` }],
      },
      data,
      element,
    );
    const sizes = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      plot.destroy();
    };
  }, [data, colour, unit]);
  return <div ref={place} className="trend" />;
}

export function Trend({ device, code, colour }: { device: string; code: string; colour: string }) {
  const { t } = use_words();
  const codes = use_codes();
  const now = use_now(refresh_ms);
  const to = Math.ceil(now / step_ms) * step_ms;
  const range = query({ from: new Date(to - span_ms).toISOString(), to: new Date(to).toISOString(), step_ms });
  const loaded = use_call<Aggregate>(`/api/series/${encodeURIComponent(device)}/${encodeURIComponent(code)}/aggregate${range}`);
  return (
    <div>
      <b>{codes.name(code)}</b>
      <Sights from={loaded} is_empty={(data) => data.items.length === 0} empty={t.no_trend}>
        {(data) => <Plot aggregate={data} colour={colour} unit={codes.unit(code)} />}
      </Sights>
    </div>
  );
}
