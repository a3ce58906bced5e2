// Whether a key belongs to what has the focus, and not to the page: text that is written, a dialog, the arrows of a choice.
export function is_typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("[role=dialog]")) return true;
  if (target.closest("[role=radiogroup]")) return event.key.startsWith("Arrow");
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
