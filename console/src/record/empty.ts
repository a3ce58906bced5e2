// What a form begins with: a new resource of a kind for a patient, by who is signed in.
import type { FormKind } from "./forms";
import type { Resource } from "./types";
import { empty_vital } from "./vitals";

const hl7 = "http://terminology.hl7.org/CodeSystem/";
const status = (name: string, code: string) => ({ coding: [{ system: hl7 + name, code }] });

export function empty(kind: FormKind, patient: string, by: string, now: string, vital: string): Resource {
  const reference = { reference: `Patient/${patient}` };
  const who = { display: by };
  switch (kind) {
    case "Condition":
      return {
        resourceType: kind, clinicalStatus: status("condition-clinical", "active"), verificationStatus: status("condition-ver-status", "confirmed"),
        category: [status("condition-category", "problem-list-item")], subject: reference, recordedDate: now, recorder: who,
      };
    case "AllergyIntolerance":
      return {
        resourceType: kind, clinicalStatus: status("allergyintolerance-clinical", "active"), verificationStatus: status("allergyintolerance-verification", "confirmed"),
        patient: reference, recordedDate: now, recorder: who,
      };
    case "MedicationRequest":
      return { resourceType: kind, status: "active", intent: "order", subject: reference, authoredOn: now, requester: who };
    case "DocumentReference":
      return {
        resourceType: kind, status: "current", docStatus: "final", type: { coding: [{ system: "http://loinc.org", code: "34109-9", display: "Note" }] },
        subject: reference, date: now, author: [who], content: [{ attachment: { contentType: "text/plain; charset=utf-8", data: "" } }],
      };
    case "Observation":
      return { resourceType: kind, status: "final", ...empty_vital(vital), subject: reference, effectiveDateTime: now, performer: [who] };
  }
}
