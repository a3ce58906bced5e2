// Trends as a table: a row for each step of the time shown, the newest first, as far as a page holds; and the same as CSV.
import { App, Button, Segmented } from "antd";
import { useEffect, useMemo, useState } from "react";
import { ApiError, get, query } from "../api/client";
import { use_codes } from "../api/codes";
import type { Aggregate } from "../api/types";
import { use_words } from "../i18n/language";
import { error_text } from "../shell/use_doing";
import type { Span } from "../time/span";
import { iso_text, moment_text } from "../time/zone";
import { csv } from "./csv";
import type { Lane, Trace } from "./lanes";

const steps_min = [1, 5, 15, 60] as const;
type Step = (typeof steps_min)[number];
const rows_max = 120;
type Cell = { low: number; high: number; mean: number };

// Rows of whole steps that end with the time shown, at most `rows_max`.
function page_of(span: Span, step_ms: number, back: number): Span {
  const to = Math.ceil(span.to / step_ms) * step_ms - back * rows_max * step_ms;
  return { from: Math.max(Math.floor(span.from / step_ms) * step_ms, to - rows_max * step_ms), to };
}

function use_cells(traces: readonly Trace[], page: Span, step_ms: number) {
  const [cells, set_cells] = useState<ReadonlyMap<string, Cell> | null>(null);
  const [error, set_error] = useState<ApiError | null>(null);
  const { from, to } = page;
  useEffect(() => {
    let wanted = true;
    const search = query({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), step_ms });
    const load = async (trace: Trace) => {
      const path = `/api/series/${encodeURIComponent(trace.device)}/${encodeURIComponent(trace.code)}/aggregate${search}`;
      const { items } = await get<Aggregate>(path);
      return items.map(([t, , low, high, mean]): [string, Cell] => [`${trace.key} ${t}`, { low, high, mean }]);
    };
    Promise.all(traces.map(load)).then(
      (all) => {
        if (!wanted) return;
        set_cells(new Map(all.flat()));
        set_error(null);
      },
      (reason: unknown) => wanted && set_error(reason instanceof ApiError ? reason : new ApiError(0, "", String(reason))),
    );
    return () => void (wanted = false);
  }, [traces, from, to, step_ms]);
  return { cells, error };
}

export function TrendTable({ lanes, span, zone }: { lanes: readonly Lane[]; span: Span; zone: string }) {
  const { t } = use_words();
  const codes = use_codes();
  const { message } = App.useApp();
  const [step, set_step] = useState<Step>(1);
  const [back, set_back] = useState(0);
  const step_ms = step * 60_000;
  const page = page_of(span, step_ms, back);
  const traces = useMemo(() => lanes.flatMap((lane) => lane.traces), [lanes]);
  const { cells, error } = use_cells(traces, page, step_ms);
  useEffect(() => set_back(0), [span, step]);

  const times: number[] = [];
  for (let at = page.to - step_ms; at >= page.from; at -= step_ms) times.push(at);
  const filled = times.filter((at) => traces.some((trace) => cells?.has(`${trace.key} ${at}`)));
  const copy = async () => {
    const name = (trace: Trace) => `${codes.name(trace.code)} (${codes.seen.unit(trace.code)}) ${trace.device}`;
    const head = [t.time, ...traces.flatMap((trace) => [`${name(trace)} ${t.mean}`, `${name(trace)} ${t.least}`, `${name(trace)} ${t.greatest}`])];
    const plain = (trace: Trace, value: number) => String(Math.round(codes.seen.number(trace.code, value) * 100) / 100);
    const rows = [...filled].reverse().map((at) => [
      iso_text(at, zone),
      ...traces.flatMap((trace) => {
        const cell = cells?.get(`${trace.key} ${at}`);
        return cell ? [cell.mean, cell.low, cell.high].map((value) => plain(trace, value)) : ["", "", ""];
      }),
    ]);
    try {
      await navigator.clipboard.writeText(csv([head, ...rows]));
      void message.success(t.csv_copied(rows.length));
    } catch {
      void message.error(t.copy_refused);
    }
  };
  return (
    <section className="trend-table">
      <div className="table-head">
        <label>{t.table_step}</label>
        <Segmented<Step> value={step} options={steps_min.map((n) => ({ value: n, label: t.minutes_n(n) }))} onChange={set_step} />
        <Button onClick={() => void copy()} disabled={filled.length === 0}>{t.copy_csv}</Button>
        <span className="quiet">{t.table_is_mean}</span>
      </div>
      {error && <p role="alert">{t.failed}: {error_text(error, t)}</p>}
      {!error && cells === null && <p className="quiet" data-sight="loading">{t.loading}</p>}
      {cells && filled.length === 0 && <p className="quiet" data-sight="empty">{t.no_trend}</p>}
      {cells && filled.length > 0 && (
        <div className="table-scroll">
          <table>
            <thead>
              <tr>
                <th>{t.time}</th>
                {traces.map((trace) => <th key={trace.key} style={{ color: `var(${trace.colour})` }}>{codes.name(trace.code)}<small>{codes.seen.unit(trace.code)}</small></th>)}
              </tr>
            </thead>
            <tbody>
              {filled.map((at) => (
                <tr key={at}>
                  <th>{moment_text(at, zone)}</th>
                  {traces.map((trace) => {
                    const cell = cells.get(`${trace.key} ${at}`);
                    return <td key={trace.key} title={cell && `${codes.seen.text(trace.code, cell.low)} – ${codes.seen.text(trace.code, cell.high)} ${codes.seen.unit(trace.code)}`}>{cell ? codes.seen.text(trace.code, cell.mean) : "–"}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="page-foot">
        {page.from > span.from && <Button onClick={() => set_back(back + 1)}>{t.rows_older}</Button>}
        {back > 0 && <Button onClick={() => set_back(back - 1)}>{t.rows_newer}</Button>}
      </div>
    </section>
  );
}
