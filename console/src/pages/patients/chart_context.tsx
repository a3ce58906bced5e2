// What every part of a chart knows: whose it is, and how to add and correct in it.
import { createContext, useContext } from "react";
import type { Patient, Resource } from "../../record/types";
import type { FormKind } from "../../record/forms";

export interface Chart {
  patient: Patient;
  id: string;
  may_change: boolean;
  add: (kind: FormKind) => void;
  correct: (resource: Resource) => void;
}
const Context = createContext<Chart | null>(null);
export const ChartProvider = Context.Provider;
export function use_chart(): Chart {
  const chart = useContext(Context);
  if (!chart) throw new Error("use_chart needs a ChartProvider above");
  return chart;
}
