// What a binding would do, in the server's own look: bed, device, name, the end of the identifier, what ends, what is in the way.
import { Alert } from "antd";
import type { ReactNode } from "react";
import type { BindingPreview } from "../../api/types";
import { use_words } from "../../i18n/language";
import { place_text } from "./bindings";

export const is_blocked = (preview: BindingPreview) => preview.conflicts.some((one) => one.kind === "bed_taken");

// Bed, device(s) and patient as a person checks them against the wristband.
export function Facts({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

// Sentences of a preview beside the facts; `self` is the device that is bound.
export function Consequences({ preview }: { preview: BindingPreview }) {
  const { t } = use_words();
  const b = t.bedside;
  const { patient, known_label, conflicts, ends, beside } = preview;
  const taken = conflicts.filter((one) => one.kind === "bed_taken");
  const left = conflicts.filter((one) => one.kind === "patient_elsewhere");
  const lines = [
    ...left.map((one) => b.elsewhere(one.bed, one.device)),
    ...ends.map((one) => (one.device === preview.device.id ? b.ends(one.device, place_text(one)) : b.stays_behind(one.device, one.bed))),
    ...ends.filter((one) => one.last_device).map((one) => b.last_device(one.patient?.label || one.patient?.id || "")),
  ];
  return (
    <>
      {taken.map((one) => (
        <Alert key={one.device} className="refusal" type="error" showIcon message={b.bed_taken(one.bed, one.patient?.label || one.patient?.id || "", one.device)} />
      ))}
      {patient && known_label !== null && known_label !== patient.label && <Alert className="refusal" type="warning" showIcon message={b.same_name(known_label)} />}
      {lines.length > 0 && <Alert className="refusal" type="warning" showIcon message={lines.map((line) => <div key={line}>{line}</div>)} />}
      {beside.length > 0 && <p className="quiet">{b.beside(beside.map((one) => one.device).join(", "))}</p>}
    </>
  );
}
