// A table as CSV (RFC 4180), as spreadsheets paste it.
const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
// A cell that begins like a formula is text to a spreadsheet that would run it; numbers stay numbers.
const harmless = (cell: string) => (/^[=+@\t]|^-(?!\d)/.test(cell) ? `'${cell}` : cell);

export const csv = (rows: readonly (readonly string[])[]): string => rows.map((row) => row.map((cell) => quoted(harmless(cell))).join(",")).join("\r\n") + "\r\n";
