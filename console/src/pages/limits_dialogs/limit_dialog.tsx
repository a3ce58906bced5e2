// One row of limits: its bounds, when it sounds, and why it was set so. Switching it off is said in words before it is done.
import { Alert, Form, Input, InputNumber, Select, Switch } from "antd";
import { useRef } from "react";
import { get, put, query } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Device, Limit, Limits, Page } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Dialog } from "../../shell/dialog";
import { unchanged } from "../../shell/unchanged";
import { use_doing } from "../../shell/use_doing";
import { PriorityMark } from "../../ward/alarm_text";

export interface Editing {
  device: string | null; // null: the default
  limit: Limit;
  choose_device: boolean;
}

type Fields = Pick<Limit, "low" | "high" | "hysteresis" | "enabled" | "reason"> & { device?: string; delay_s: number };

const row_of = (limits: Limits, device: string | null, { code, priority }: Limit): Limit | null =>
  (device === null ? limits.default : (limits.devices[device] ?? [])).find((one) => one.code === code && one.priority === priority) ?? null;

export function LimitDialog({ editing, limits, on_close }: { editing: Editing; limits: Limits; on_close: () => void }) {
  const { t, moment } = use_words();
  const codes = use_codes();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<Fields>();
  const enabled = Form.useWatch("enabled", form) as boolean | undefined;
  const devices = use_call<Page<Device>>(editing.choose_device ? `/api/devices${query({ limit: 1000 })}` : null);
  const { limit } = editing;
  const unit = codes.unit(limit.code);
  const shown = useRef<Limit | null>(editing.choose_device ? null : limit);
  const chosen_before = useRef<string | undefined>(undefined);

  const bound = (code: string, value: number | null) => (value === null ? "–" : `${codes.text(code, value)} ${unit}`.trim());
  const bounds = (one: Limit) => `${t.low} ${bound(one.code, one.low)}, ${t.high} ${bound(one.code, one.high)}`;
  const say = (now: Limit | null) =>
    now ? t.limit_changed(now.by || "–", now.set ? moment(now.set) : "–", bounds(now), now.enabled ? t.enabled : t.off, now.reason) : t.limit_gone;
  const save = async () => {
    const { device: chosen, delay_s, ...rest } = await form.validateFields();
    const device = editing.device ?? chosen ?? null;
    if (editing.choose_device && chosen !== chosen_before.current) {
      chosen_before.current = chosen;
      shown.current = row_of(limits, device, limit);
    }
    const body = {
      ...rest,
      ...(device ? { device } : {}),
      low: rest.low ?? null,
      high: rest.high ?? null,
      code: limit.code,
      priority: limit.priority,
      delay_ms: Math.round(delay_s * 1000),
    };
    const work = async () => {
      await unchanged(shown, () => get<Limits>("/api/limits").then((all) => row_of(all, device, limit)), say);
      await put("/api/limits", body);
    };
    if (await doing(work, t.saved)) on_close();
  };
  return (
    <Dialog
      title={<>{codes.name(limit.code)} <PriorityMark priority={limit.priority} quiet /> {editing.device ?? (editing.choose_device ? "" : t.for_all_devices)}</>}
      ok={t.save}
      busy={busy}
      error={error}
      on_ok={() => void save().catch(() => undefined)}
      on_close={on_close}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ ...limit, delay_s: limit.delay_ms / 1000, reason: "" }}>
        {editing.choose_device && (
          <Form.Item name="device" label={t.device} rules={[{ required: true, message: t.device_needed }]}>
            <Select
              showSearch
             
              loading={devices.loading}
              optionFilterProp="label"
              placeholder={t.device_needed}
              options={devices.data?.items.map((one) => ({ value: one.id, label: one.bed ? `${one.bed} · ${one.id}` : one.id }))}
            />
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
          <Form.Item name="hysteresis" label={t.hysteresis} extra={t.hysteresis_hint} rules={[{ required: true, message: t.number_needed }]}><InputNumber min={0} addonAfter={unit} /></Form.Item>
        </div>
        <Form.Item name="enabled" label={t.this_limit_is} valuePropName="checked"><Switch checkedChildren={t.on} unCheckedChildren={t.off} /></Form.Item>
        {enabled === false && <Alert type="warning" showIcon message={t.limit_off_hint} style={{ marginBottom: 16 }} />}
        <Form.Item name="reason" label={t.reason} extra={t.reason_hint} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      </Form>
    </Dialog>
  );
}
