// The text of a document, as FHIR carries it: UTF-8 in base64.
import type { Attachment } from "./types";

export const is_text = (type: string | undefined) => type === undefined || /^text\/(plain|markdown|csv)\b/.test(type);

// null: there is none, or it is no text.
export function read_text(attachment: Attachment | undefined): string | null {
  if (attachment?.data === undefined || !is_text(attachment.contentType)) return null;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(attachment.data.replace(/\s/g, "")), (letter) => letter.charCodeAt(0)));
  } catch {
    return null;
  }
}

const slice = 0x2000;
export function write_text(text: string): Attachment {
  const bytes = new TextEncoder().encode(text);
  let letters = "";
  for (let i = 0; i < bytes.length; i += slice) letters += String.fromCharCode(...bytes.subarray(i, i + slice));
  return { contentType: "text/plain; charset=utf-8", data: btoa(letters) };
}
