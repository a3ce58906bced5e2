// Adds or corrects one resource. What is saved replaces only the version that was on the screen: when somebody else was faster, both
// changes are laid side by side, and nothing is saved before it is decided what holds.
import { App, Form, Input, Select } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { use_words, type Dictionary } from "../../i18n/language";
import { create, read_at, replace, resource_path } from "../../record/client";
import { empty } from "../../record/empty";
import { fields_of, form_of, texts_of, troubles_of, with_texts, type Field, type FormKind, type Trouble } from "../../record/forms";
import { merged } from "../../record/merge";
import type { Resource } from "../../record/types";
import { vital_codes } from "../../record/vitals";
import { Dialog } from "../../shell/dialog";
import { use_session } from "../../shell/session";
import { use_doing } from "../../shell/use_doing";
import { use_chart } from "./chart_context";
import { MeetingView, use_meeting } from "./meeting";

type Props = { on_saved: () => void; on_close: () => void } & ({ kind: FormKind; resource?: undefined } | { resource: Resource; kind?: undefined });

function trouble_text(t: Dictionary, trouble: Trouble, unit: string): string {
  return typeof trouble === "string" ? t.forms[trouble] : t.forms.out_of_bounds(trouble.low, trouble.high, unit);
}
export const label_of = (t: Dictionary, field: Field) => field.label ?? t.forms.fields[field.key] ?? field.key;
export function option_text(t: Dictionary, field: Field, value: string): string {
  if (field.key === "criticality") return t.forms.criticalities[value] ?? value;
  return t.chart.statuses[value] ?? value;
}

function FieldInput({ field, text, on_text }: { field: Field; text: string; on_text: (text: string) => void }) {
  const { t } = use_words();
  const id = `field-${field.key.replace(" ", "-")}`;
  switch (field.input) {
    case "area":
      return <Input.TextArea id={id} rows={field.key === "text" ? 8 : 2} value={text} onChange={(event) => on_text(event.target.value)} />;
    case "select": {
      const options = [...(field.options ?? []), ...(text && !field.options?.includes(text) ? [text] : [])];
      return <Select id={id} value={text} options={options.map((value) => ({ value, label: option_text(t, field, value) }))} onChange={on_text} />;
    }
    case "moment":
      return <Input id={id} type="datetime-local" value={text} onChange={(event) => on_text(event.target.value)} />;
    case "value":
      return <Input id={id} inputMode="decimal" value={text} addonAfter={field.unit} autoComplete="off" onChange={(event) => on_text(event.target.value)} />;
    default:
      return <Input id={id} value={text} autoComplete="off" onChange={(event) => on_text(event.target.value)} />;
  }
}

export function FormDialog({ kind, resource, on_saved, on_close }: Props) {
  const { t } = use_words();
  const f = t.forms;
  const { message } = App.useApp();
  const { session } = use_session();
  const { id: patient } = use_chart();
  const { busy, doing, error } = use_doing();
  const [vital, set_vital] = useState(vital_codes[0] ?? "");
  const [base, set_base] = useState<Resource>(() => resource ?? empty(kind ?? "Condition", patient, session?.display_name || session?.user || "", new Date().toISOString(), vital));
  const fields = useMemo(() => fields_of(base), [base]);
  const [texts, set_texts] = useState(() => texts_of(base, fields));
  const [tried, set_tried] = useState(false);
  const typed = useRef(false);
  const meeting = use_meeting(base, fields, texts);
  const what = kind ?? (resource ? form_of(resource) : null) ?? "Condition";
  const troubles = troubles_of(fields, texts);
  // The list may have been read a while ago: one corrects what stands there now. Fails silently; saving would notice.
  useEffect(() => {
    if (!resource?.id) return;
    let wanted = true;
    read_at<Resource>(resource_path(resource.resourceType, resource.id)).then(
      (now) => {
        if (!wanted || typed.current || now.meta?.versionId === resource.meta?.versionId) return;
        set_base(now);
        set_texts(texts_of(now, fields_of(now)));
      },
      () => undefined,
    );
    return () => void (wanted = false);
  }, [resource]);
  const choose_vital = (code: string) => {
    const next = empty("Observation", patient, session?.display_name || session?.user || "", String(base["effectiveDateTime"]), code);
    set_vital(code);
    set_base(next);
    set_texts((now) => ({ ...texts_of(next, fields_of(next)), ...("measured" in now && { measured: now["measured"] ?? "" }), note: now["note"] ?? "" }));
    set_tried(false);
  };
  const done = () => {
    void message.success(f.saved_kind(f.kinds[what]));
    on_saved();
    on_close();
  };
  const send = async (onto: Resource, wanted: Record<string, string>) => {
    const next = with_texts(onto, fields, wanted);
    if (!onto.id) await create(next);
    else
      try {
        await replace(next, onto.meta?.versionId ?? "");
      } catch (refusal) {
        if (!(refusal instanceof ApiError) || refusal.status !== 412) throw refusal;
        const theirs = await read_at<Resource>(resource_path(onto.resourceType, onto.id)).catch((reason: unknown) => {
          throw reason instanceof ApiError && reason.status === 410 ? new ApiError(409, "changed", f.gone) : reason;
        });
        meeting.meet(theirs);
        return false;
      }
    return true;
  };
  const save = async () => {
    if (meeting.theirs) {
      if (!meeting.is_decided) return meeting.ask();
      const together = merged(texts_of(base, fields), texts, texts_of(meeting.theirs, fields), meeting.keep_mine);
      let sent = false;
      const theirs = meeting.theirs;
      if ((await doing(async () => void (sent = await send(theirs, together)))) && sent) done();
      return;
    }
    set_tried(true);
    if (Object.keys(troubles).length > 0) return;
    if (base.id && Object.entries(texts_of(base, fields)).every(([key, text]) => text.trim() === (texts[key] ?? "").trim())) {
      void message.info(f.nothing_changed);
      return on_close();
    }
    let sent = false;
    if ((await doing(async () => void (sent = await send(base, texts)))) && sent) done();
  };
  return (
    <Dialog
      title={meeting.theirs ? f.met_title : resource ? f.correct_title(f.kinds[what]) : f.add_title(f.kinds[what])}
      ok={meeting.theirs ? f.save_both : t.save}
      busy={busy}
      error={error}
      on_ok={() => void save()}
      on_close={on_close}
    >
      {meeting.theirs ? (
        <MeetingView meeting={meeting} fields={fields} />
      ) : (
        <Form layout="vertical" requiredMark={false} component="div" className="record-form" data-form={what}>
          {what === "Observation" && !resource && (
            <Form.Item label={f.fields["vital"]} htmlFor="field-vital">
              <Select id="field-vital" value={vital} options={vital_codes.map((value) => ({ value, label: f.vitals[value] ?? value }))} onChange={choose_vital} />
            </Form.Item>
          )}
          {fields.map((field) => {
            const trouble = tried ? troubles[field.key] : undefined;
            const hint = field.key === "onset" ? f.onset_hint : undefined;
            return (
              <Form.Item key={field.key} label={label_of(t, field)} htmlFor={`field-${field.key.replace(" ", "-")}`} extra={hint} {...(trouble && { validateStatus: "error" as const, help: trouble_text(t, trouble, field.unit ?? "") })}>
                <FieldInput field={field} text={texts[field.key] ?? ""} on_text={(text) => {
                  typed.current = true;
                  set_texts((now) => ({ ...now, [field.key]: text }));
                }} />
              </Form.Item>
            );
          })}
        </Form>
      )}
    </Dialog>
  );
}
