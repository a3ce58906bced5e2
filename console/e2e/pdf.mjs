// What a PDF made by Chromium says: the size of its pages in millimetres, and their text. Enough of PDF 1.4 for that, no more.
import { inflateSync } from "node:zlib";

function objects(bytes) {
  const text = bytes.toString("latin1");
  const found = new Map();
  for (const { 1: id, index, 0: head } of text.matchAll(/(?:^|[\r\n])(\d+) 0 obj\b/g)) {
    const end = text.indexOf("endobj", index);
    const stream = text.indexOf("stream", index);
    const has_stream = stream > 0 && stream < end;
    const dictionary = text.slice(index + head.length, has_stream ? stream : end);
    let data = "";
    if (has_stream) {
      const from = stream + 6 + (text[stream + 6] === "\r" ? 2 : 1);
      const size = Number(/\/Length (\d+)/.exec(dictionary)?.[1]);
      const raw = bytes.subarray(from, from + size);
      data = (dictionary.includes("FlateDecode") ? inflateSync(raw) : raw).toString("latin1");
    }
    found.set(Number(id), { dictionary, data });
  }
  return found;
}

const unicode = (hex) => String.fromCodePoint(...(hex.match(/.{4}/g) ?? []).map((one) => parseInt(one, 16)));

// Glyph number to text, from a font's ToUnicode.
function glyphs(map) {
  const out = new Map();
  for (const [, body] of map.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const [, from, to] of body.matchAll(/<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>/g)) out.set(parseInt(from, 16), unicode(to));
  for (const [, body] of map.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
    for (const [, from, to, first] of body.matchAll(/<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>/g))
      for (let i = parseInt(from, 16); i <= parseInt(to, 16); ++i) out.set(i, unicode((parseInt(first, 16) + i - parseInt(from, 16)).toString(16).padStart(4, "0")));
  return out;
}

export function read_pdf(bytes) {
  const all = objects(bytes);
  const fonts = new Map(); // object of the font, its glyphs
  for (const [id, { dictionary }] of all) {
    const to_unicode = /\/ToUnicode (\d+) 0 R/.exec(dictionary)?.[1];
    if (to_unicode) fonts.set(id, { glyphs: glyphs(all.get(Number(to_unicode)).data), bytes: dictionary.includes("/Type0") ? 2 : 1 });
  }
  const pages = [...all.values()].filter((one) => /\/Type\s*\/Page\b/.test(one.dictionary));
  const mm = (points) => (points / 72) * 25.4;
  return pages.map(({ dictionary }) => {
    const box = /\/MediaBox\s*\[([^\]]+)\]/.exec(dictionary)[1].trim().split(/\s+/).map(Number);
    const resources = /\/Resources (\d+) 0 R/.exec(dictionary);
    const named = new Map();
    const lists = (resources ? all.get(Number(resources[1])).dictionary : dictionary).matchAll(/\/(F\d+) (\d+) 0 R/g);
    for (const [, name, id] of lists) named.set(name, fonts.get(Number(id)));
    const content = all.get(Number(/\/Contents (\d+) 0 R/.exec(dictionary)[1])).data;
    let font;
    let text = "";
    for (const part of content.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|\b(ET)\b/g)) {
      if (part[1]) font = named.get(part[1]);
      else if (part[3]) text += " ";
      else if (font) for (const glyph of part[2].match(font.bytes === 2 ? /.{4}/g : /.{2}/g) ?? []) text += font.glyphs.get(parseInt(glyph, 16)) ?? "";
    }
    return { width_mm: mm(box[2] - box[0]), height_mm: mm(box[3] - box[1]), text: text.replace(/\s+/g, " "), content };
  });
}
