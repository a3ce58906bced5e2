// Of FHIR R4 what the chart reads. Everything may be missing: a resource that the server took need not be a good one.
import type { Num } from "./decimal";

export interface Coding {
  system?: string;
  code?: string;
  display?: string;
}
export interface CodeableConcept {
  coding?: Coding[];
  text?: string;
}
export interface Quantity {
  value?: Num;
  comparator?: string;
  unit?: string;
  system?: string;
  code?: string;
}
export interface Period {
  start?: string;
  end?: string;
}
export interface Range {
  low?: Quantity;
  high?: Quantity;
}
export interface Reference {
  reference?: string;
  display?: string;
}
export interface Identifier {
  system?: string;
  value?: string;
  type?: CodeableConcept;
  use?: string;
}
export interface HumanName {
  use?: string;
  text?: string;
  family?: string;
  given?: string[];
  prefix?: string[];
  suffix?: string[];
}
export interface Annotation {
  text?: string;
}

export interface Resource {
  resourceType: string;
  id?: string;
  meta?: { versionId?: string; lastUpdated?: string };
  [member: string]: unknown;
}
export interface Patient extends Resource {
  name?: HumanName[];
  gender?: string;
  birthDate?: string;
  deceasedBoolean?: boolean;
  deceasedDateTime?: string;
  identifier?: Identifier[];
}
export interface Value {
  valueQuantity?: Quantity;
  valueCodeableConcept?: CodeableConcept;
  valueString?: string;
  valueBoolean?: boolean;
  valueInteger?: Num;
  valueRange?: Range;
  valueRatio?: { numerator?: Quantity; denominator?: Quantity };
  valueDateTime?: string;
  valueTime?: string;
  valuePeriod?: Period;
  valueSampledData?: unknown;
  dataAbsentReason?: CodeableConcept;
  referenceRange?: (Range & { text?: string })[];
  interpretation?: CodeableConcept[];
}
export interface Observation extends Resource, Value {
  status?: string;
  code?: CodeableConcept;
  category?: CodeableConcept[];
  effectiveDateTime?: string;
  effectivePeriod?: Period;
  effectiveInstant?: string;
  issued?: string;
  component?: (Value & { code?: CodeableConcept })[];
}
export interface Attachment {
  contentType?: string;
  data?: string;
  url?: string;
  title?: string;
}

export interface BundleEntry<T extends Resource = Resource> {
  fullUrl?: string;
  resource?: T;
  search?: { mode?: string };
  request?: { method?: string; url?: string };
  response?: { status?: string; etag?: string; lastModified?: string };
}
export interface Bundle<T extends Resource = Resource> {
  resourceType: "Bundle";
  total?: number;
  link?: { relation: string; url: string }[];
  entry?: BundleEntry<T>[];
}
