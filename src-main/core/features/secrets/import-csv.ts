// CSV as RFC 4180 writes it, with a first line that names the columns: name, value, and any of type, description, owner, tags, expires_at.
import { type ImportFile, type ImportRecord, type LineFault, mostFaults, withoutMark } from './import-file.ts';

const required = ['name', 'value'];
const optional = ['type', 'description', 'owner', 'tags', 'expires_at'];
const columns = new Set([...required, ...optional]);

type Row = { readonly line: number; readonly cells: readonly string[] };

export function readCsv(content: string): ImportFile {
  const rows: Row[] = [];
  const fault = readRows(withoutMark(content), rows);
  const [first, ...rest] = rows;
  const head = first?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  // A file without this line begins with a secret: its words are not repeated.
  if (!required.every((name) => head.includes(name)) || new Set(head).size !== head.length || !head.every(isColumn)) {
    const message = `expected a first line that names the columns: name,value and any of ${optional.join(', ')}`;
    return { records: [], faults: [fault ?? { line: 1, message }] };
  }
  const records: ImportRecord[] = [];
  const faults: LineFault[] = fault === undefined ? [] : [fault];
  for (const { line, cells } of rest) {
    if (faults.length >= mostFaults) break;
    if (cells.length !== head.length) {
      faults.push({ line, message: `expected ${head.length} columns, got ${cells.length}` });
      continue;
    }
    const {
      name = '',
      tags,
      ...fields
    } = Object.fromEntries(
      head.map((column, at) => [column, cells[at] ?? '']).filter(([column, cell]) => column === 'value' || cell !== ''),
    ) as Record<string, string>;
    const list = tags === undefined ? {} : { tags: tags.split(';').map((tag) => tag.trim()) };
    records.push({ line, name: name.trim(), fields: { ...fields, ...list } });
  }
  return { records, faults };
}

function isColumn(name: string): boolean {
  return columns.has(name);
}

/** Appends the rows that are well formed; what comes after a broken one can't be told apart. @returns the fault that ended it */
function readRows(text: string, rows: Row[]): LineFault | undefined {
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const started = line;
    const cells: string[] = [];
    for (;;) {
      const cell = text[at] === '"' ? quotedCell(text, at) : bareCell(text, at);
      if (cell === undefined) return { line: started, message: 'the quote is never closed' };
      cells.push(cell.text);
      line += cell.text.split('\n').length - 1;
      at = cell.end;
      const after = text[at];
      if (after === ',') {
        at += 1;
        continue;
      }
      if (after === '"')
        return { line: started, message: 'a quote within a cell; quote the cell and double the quote' };
      if (after !== undefined && after !== '\n' && !(after === '\r' && text[at + 1] === '\n'))
        return { line: started, message: 'something follows the closing quote' };
      at += after === '\r' ? 2 : 1;
      line += 1;
      break;
    }
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: started, cells });
  }
  return undefined;
}

function bareCell(text: string, from: number): { text: string; end: number } {
  let end = from;
  while (end < text.length && !isEnd(text, end)) end += 1;
  return { text: text.slice(from, end), end };
}

function isEnd(text: string, at: number): boolean {
  const character = text[at];
  return character === ',' || character === '"' || character === '\n' || (character === '\r' && text[at + 1] === '\n');
}

function quotedCell(text: string, from: number): { text: string; end: number } | undefined {
  let end = text.indexOf('"', from + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  return end < 0 ? undefined : { text: text.slice(from + 1, end).replaceAll('""', '"'), end: end + 1 };
}
