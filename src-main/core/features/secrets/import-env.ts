// `.env` files as dotenv reads them: NAME=value, `export` before it, comments, quotes, values over several lines. Nothing is expanded:
// `$NAME` stays what it is.
import { type ImportFile, type ImportRecord, type LineFault, mostFaults, withoutMark } from './import-file.ts';

const blank = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const head = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*/y;
const bare = /[^\n]*/y;

/** Within double quotes; any other backslash stands for itself. */
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '"': '"',
  "'": "'",
  $: '$',
  '`': '`',
};

export function readEnv(content: string): ImportFile {
  const text = withoutMark(content).replace(/\r\n?/g, '\n');
  const records: ImportRecord[] = [];
  const faults: LineFault[] = [];
  let line = 1;
  let at = 0;

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) moveTo(pattern.lastIndex);
    return found;
  }

  function moveTo(next: number): void {
    for (
      let newline = text.indexOf('\n', at);
      newline >= 0 && newline < next;
      newline = text.indexOf('\n', newline + 1)
    )
      line += 1;
    at = next;
  }

  while (at < text.length && faults.length < mostFaults) {
    if (take(blank) !== null) continue;
    const started = line;
    const name = take(head)?.[1];
    const value = name === undefined ? { fault: 'expected NAME=value' } : takeValue();
    if (typeof value === 'string') records.push({ line: started, name: name ?? '', fields: { value } });
    else faults.push({ line: started, message: value.fault });
    // What stands on a broken line, or after a value, is not read as another.
    if (take(blank) === null) {
      if (typeof value === 'string') {
        records.pop();
        faults.push({ line: started, message: 'something follows the closing quote' });
      }
      take(bare);
    }
  }
  return { records, faults };

  function takeValue(): string | { fault: string } {
    const quote = text[at];
    if (quote === '`') return { fault: 'a value in backticks is a command to a shell; quote it with \' or "' };
    if (quote === "'" || quote === '"') {
      const end = quote === "'" ? text.indexOf("'", at + 1) : endOfDouble(text, at + 1);
      if (end < 0) {
        moveTo(text.length);
        return { fault: 'the quote is never closed' };
      }
      const inside = text.slice(at + 1, end);
      moveTo(end + 1);
      return quote === "'" ? inside : inside.replace(/\\(.)/g, (both, letter: string) => escapes[letter] ?? both);
    }
    const rest = take(bare)?.[0] ?? '';
    // A comment begins after a space: `#` within a word is part of the value.
    // Looked for, not matched to the end of the line: a comment of many `#` would be tried from each of them.
    const comment = rest.search(/(?:^|[ \t])#/);
    return (comment < 0 ? rest : rest.slice(0, comment)).trim();
  }
}

function endOfDouble(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}
