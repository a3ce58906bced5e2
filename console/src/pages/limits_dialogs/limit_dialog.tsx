// One row of limits: for whom, its bounds, when it sounds, and why it was set so. Switching it off is said in words before
// it is done.
import { Alert, Form, Input, InputNumber, Select, Switch } from "antd";
import { useRef } from "react";
import { get, post, put } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Limit, Limits, Scope } from "../../api/types";
import { use_words } from "../../i18n/language";
import { Dialog } from "../../shell/dialog";
import { unchanged } from "../../shell/unchanged";
import { use_doing } from "../../shell/use_doing";
import { PriorityMark } from "../../ward/alarm_text";
import { rows_of, scope_key, scope_members, use_scope_text } from "./scope";

export interface Editing {
  limit: Limit;
  scope: Scope | null; // null: to be chosen of `choices`
  choices: readonly Scope[] | null;
}

type Fields = Pick<Limit, "low" | "high" | "hysteresis" | "enabled" | "latching" | "reason"> & { scope?: string; delay_s: number; end_delay_s: number };

const row_in = (limits: Limits, scope: Scope, { code, priority }: Limit): Limit | null =>
  rows_of(limits, scope).find((one) => one.code === code && one.priority === priority) ?? null;

// What another person may have changed of it meanwhile, said in words.
function use_said(limit: Limit): (now: Limit | null) => string {
  const { t, moment } = use_words();
  const codes = use_codes();
  const unit = codes.unit(limit.code);
  const bound = (code: string, value: number | null) => (value === null ? "–" : `${codes.text(code, value)} ${unit}`.trim());
  const bounds = (one: Limit) => `${t.low} ${bound(one.code, one.low)}, ${t.high} ${bound(one.code, one.high)}`;
  return (now) => (now ? t.limit_changed(now.by || "–", now.set ? moment(now.set) : "–", bounds(now), now.enabled ? t.enabled : t.off, now.reason) : t.limit_gone);
}

export function LimitDialog({ editing, on_close }: { editing: Editing; on_close: () => void }) {
  const { t } = use_words();
  const codes = use_codes();
  const scope_text = use_scope_text();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<Fields>();
  const enabled = Form.useWatch("enabled", form) as boolean | undefined;
  const { limit, choices } = editing;
  const unit = codes.unit(limit.code);
  const shown = useRef<Limit | null>(editing.scope ? limit : null);
  const chosen_before = useRef<string | undefined>(undefined);
  const say = use_said(limit);

  const save = async () => {
    const { scope: key, delay_s, end_delay_s, ...rest } = await form.validateFields();
    const scope = editing.scope ?? choices?.find((one) => scope_key(one) === key);
    if (!scope) return;
    const body = {
      ...rest,
      ...scope_members(scope),
      low: rest.low ?? null,
      high: rest.high ?? null,
      code: limit.code,
      priority: limit.priority,
      delay_ms: Math.round(delay_s * 1000),
      end_delay_ms: Math.round(end_delay_s * 1000),
    };
    const read = () => get<Limits>("/api/limits").then((all) => row_in(all, scope, limit));
    const work = async () => {
      if (editing.scope) {
        await unchanged(shown, read, say);
      } else if (key !== chosen_before.current) {
        // Chosen only now: a row that is there already is said before it is replaced.
        chosen_before.current = key;
        shown.current = null;
        const there = await read();
        if (there?.by) await unchanged(shown, () => Promise.resolve(there), say);
      }
      await put("/api/limits", body);
    };
    if (await doing(work, t.saved)) on_close();
  };
  return (
    <Dialog
      title={<>{codes.name(limit.code)} <PriorityMark priority={limit.priority} quiet /> {editing.scope && scope_text(editing.scope)}</>}
      ok={t.save}
      busy={busy}
      error={error}
      on_ok={() => void save().catch(() => undefined)}
      on_close={on_close}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ ...limit, scope: undefined, delay_s: limit.delay_ms / 1000, end_delay_s: limit.end_delay_ms / 1000, reason: "" }}
      >
        {choices && (
          <Form.Item name="scope" label={t.for_whom} rules={[{ required: true, message: t.scope_needed }]}>
            <Select showSearch optionFilterProp="label" placeholder={t.scope_needed} options={choices.map((one) => ({ value: scope_key(one), label: scope_text(one) }))} />
          </Form.Item>
        )}
        <div className="pair">
          <Form.Item name="low" label={t.low_limit} extra={t.empty_is_none}><InputNumber addonAfter={unit} /></Form.Item>
          <Form.Item
            name="high"
            label={t.high_limit}
            dependencies={["low"]}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_, high: number | null) => {
                  const low = getFieldValue("low") as number | null;
                  return typeof low === "number" && typeof high === "number" && low >= high ? Promise.reject(new Error(t.low_or_high)) : Promise.resolve();
                },
              }),
            ]}
          >
            <InputNumber addonAfter={unit} />
          </Form.Item>
        </div>
        <div className="pair">
          <Form.Item name="delay_s" label={t.delay} extra={t.delay_hint} rules={[{ required: true, message: t.number_needed }]}><InputNumber min={0} max={600} addonAfter={t.seconds} /></Form.Item>
          <Form.Item name="end_delay_s" label={t.end_delay} extra={t.end_delay_hint} rules={[{ required: true, message: t.number_needed }]}><InputNumber min={0} max={600} addonAfter={t.seconds} /></Form.Item>
        </div>
        <Form.Item name="hysteresis" label={t.hysteresis} extra={t.hysteresis_hint} rules={[{ required: true, message: t.number_needed }]}><InputNumber min={0} addonAfter={unit} /></Form.Item>
        <Form.Item name="latching" label={t.latching} extra={t.latching_hint} valuePropName="checked"><Switch checkedChildren={t.on} unCheckedChildren={t.off} /></Form.Item>
        <Form.Item name="enabled" label={t.this_limit_is} valuePropName="checked"><Switch checkedChildren={t.on} unCheckedChildren={t.off} /></Form.Item>
        {enabled === false && <Alert type="warning" showIcon message={t.limit_off_hint} style={{ marginBottom: 16 }} />}
        <Form.Item name="reason" label={t.reason} extra={t.reason_hint} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      </Form>
    </Dialog>
  );
}

// Takes a row back, so that what is above it holds again.
export function ResetDialog({ editing, on_close }: { editing: Editing; on_close: () => void }) {
  const { t } = use_words();
  const codes = use_codes();
  const scope_text = use_scope_text();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<{ reason: string }>();
  const { limit, scope } = editing;
  const save = async () => {
    const { reason } = await form.validateFields();
    if (!scope) return;
    const body = { ...scope_members(scope), code: limit.code, priority: limit.priority, reason };
    if (await doing(() => post("/api/limits/reset", body), t.saved)) on_close();
  };
  return (
    <Dialog
      title={<>{t.take_back}: {codes.name(limit.code)} <PriorityMark priority={limit.priority} quiet /> {scope && scope_text(scope)}</>}
      ok={t.take_back}
      busy={busy}
      error={error}
      on_ok={() => void save().catch(() => undefined)}
      on_close={on_close}
    >
      <p>{t.take_back_hint}</p>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ reason: "" }}>
        <Form.Item name="reason" label={t.reason} extra={t.reason_hint} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      </Form>
    </Dialog>
  );
}
