// Alarm limits: the default for every device, and the rows that a device has of its own.
import { Button, Form, Input, InputNumber, Modal, Select, Switch, Table } from "antd";
import { useState } from "react";
import { put, query } from "../api/client";
import { use_codes } from "../api/codes";
import type { Device, Limit, Limits, Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { use_doing } from "../shell/use_doing";
import { PriorityMark } from "../ward/alarm_text";

interface Editing {
  device: string | null; // null: the default
  limit: Limit;
  choose_device: boolean;
}

type Fields = Pick<Limit, "low" | "high" | "hysteresis" | "enabled" | "reason"> & { device?: string; delay_s: number };

function LimitDialog({ editing, on_close }: { editing: Editing; on_close: () => void }) {
  const { t } = use_words();
  const codes = use_codes();
  const { busy, doing } = use_doing();
  const [form] = Form.useForm<Fields>();
  const devices = use_call<Page<Device>>(editing.choose_device ? `/api/devices${query({ limit: 1000 })}` : null);
  const { limit } = editing;
  const unit = codes.unit(limit.code);
  const save = async () => {
    const { device, delay_s, ...rest } = await form.validateFields();
    const body = {
      ...rest,
      ...(editing.device ?? device ? { device: editing.device ?? device } : {}),
      low: rest.low ?? null,
      high: rest.high ?? null,
      code: limit.code,
      priority: limit.priority,
      delay_ms: Math.round(delay_s * 1000),
    };
    if (await doing(() => put("/api/limits", body), t.saved)) on_close();
  };
  return (
    <Modal
      open
      title={<>{codes.name(limit.code)} <PriorityMark priority={limit.priority} quiet /> {editing.device}</>}
      onCancel={on_close}
      onOk={() => void save()}
      confirmLoading={busy}
      okText={t.save}
      cancelText={t.cancel}
    >
      <Form form={form} layout="vertical" initialValues={{ ...limit, delay_s: limit.delay_ms / 1000, reason: "" }}>
        {editing.choose_device && (
          <Form.Item name="device" label={t.device} rules={[{ required: true, message: t.device }]}>
            <Select showSearch loading={devices.loading} options={devices.data?.items.map((one) => ({ value: one.id, label: `${one.bed ?? ""} ${one.id}` }))} />
          </Form.Item>
        )}
        <Form.Item name="low" label={t.low}><InputNumber addonAfter={unit} /></Form.Item>
        <Form.Item
          name="high"
          label={t.high}
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
        <Form.Item name="delay_s" label={t.delay} rules={[{ required: true, message: t.delay }]}><InputNumber min={0} max={600} addonAfter={t.seconds} /></Form.Item>
        <Form.Item name="hysteresis" label={t.hysteresis} rules={[{ required: true, message: t.hysteresis }]}><InputNumber min={0} addonAfter={unit} /></Form.Item>
        <Form.Item name="enabled" label={t.enabled} valuePropName="checked"><Switch /></Form.Item>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      </Form>
    </Modal>
  );
}

function LimitTable({ rows, device, on_edit }: { rows: Limit[]; device: string | null; on_edit: ((editing: Editing) => void) | null }) {
  const { t } = use_words();
  const codes = use_codes();
  const bound = (limit: Limit, value: number | null) => (value === null ? "–" : `${codes.text(limit.code, value)} ${codes.unit(limit.code)}`);
  return (
    <Table<Limit>
      size="small"
      pagination={false}
      scroll={{ x: 800 }}
      rowKey={(limit) => `${limit.code} ${limit.priority}`}
      dataSource={rows}
      columns={[
        { title: t.vital, render: (_, one) => codes.name(one.code) },
        { title: t.priority, render: (_, one) => <PriorityMark priority={one.priority} quiet /> },
        { title: t.low, render: (_, one) => bound(one, one.low) },
        { title: t.high, render: (_, one) => bound(one, one.high) },
        { title: t.delay, render: (_, one) => `${one.delay_ms / 1000} ${t.seconds}` },
        { title: t.hysteresis, render: (_, one) => one.hysteresis },
        { title: t.state, render: (_, one) => (one.enabled ? t.enabled : t.off) },
        { title: t.reason, render: (_, one) => one.reason || (one.by ? "" : t.as_delivered) },
        {
          render: (_, one) =>
            on_edit && (
              <>
                <Button onClick={() => on_edit({ device, limit: one, choose_device: false })}>{t.edit}</Button>{" "}
                {device === null && <Button onClick={() => on_edit({ device: null, limit: one, choose_device: true })}>{t.add_override}</Button>}
              </>
            ),
        },
      ]}
    />
  );
}

export default function LimitsPage() {
  const { t } = use_words();
  const { may } = use_session();
  const loaded = use_call<Limits>("/api/limits");
  const [editing, set_editing] = useState<Editing | null>(null);
  const on_edit = may("clinician", "administrator") ? set_editing : null;
  return (
    <div className="page">
      <Sights from={loaded}>
        {(limits) => (
          <>
            <div className="page-head"><h2>{t.default_limits}</h2></div>
            <LimitTable rows={limits.default} device={null} on_edit={on_edit} />
            {Object.entries(limits.devices).map(([device, rows]) => (
              <div key={device}>
                <div className="page-head" style={{ marginTop: 22 }}><h2>{t.override_for}: {device}</h2></div>
                <LimitTable rows={rows} device={device} on_edit={on_edit} />
              </div>
            ))}
          </>
        )}
      </Sights>
      {editing && (
        <LimitDialog
          editing={editing}
          on_close={() => {
            set_editing(null);
            loaded.reload();
          }}
        />
      )}
    </div>
  );
}
