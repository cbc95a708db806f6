// YAML as nearly all rules are written, read in a tenth of the time the whole language takes: block maps and lists, scalars on one
// line, literal blocks. Whatever is not surely of this kind, also everything wrong, is left to the whole parser; a test holds the
// two against each other.

type Line = { readonly indent: number; readonly text: string; readonly at: number };

class NotPlain extends Error {}
/** One for all: making an error costs more than reading most files. */
const notPlain = new NotPlain();

const deepest = 32;

/** The one document in `text`, or undefined when it takes the whole parser to know. */
export function readPlainYaml(text: string): { readonly value: unknown } | undefined {
  if (/[\t\r\u0085\u2028\u2029\ufeff]|^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  const raw = text.split('\n');
  const lines: Line[] = [];
  raw.forEach((line, at) => {
    const content = line.trimStart();
    if (content !== '' && !content.startsWith('#'))
      lines.push({ indent: line.length - content.length, text: content.trimEnd(), at });
  });
  if (lines.length === 0) return undefined;
  try {
    return { value: new Reader(raw, lines).document() };
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

const keyPattern = /^(?:([A-Za-z_][A-Za-z0-9_.|/-]*)|'([^'\\]*)'):(?: +(.*))?$/;

class Reader {
  readonly raw: readonly string[];
  readonly lines: readonly Line[];
  next = 0;

  constructor(raw: readonly string[], lines: readonly Line[]) {
    this.raw = raw;
    this.lines = lines;
  }

  document(): unknown {
    const [first] = this.lines;
    if (first === undefined || first.indent !== 0 || first.text.startsWith('- ')) throw notPlain;
    const value = this.map(0, 0);
    if (this.next < this.lines.length) throw notPlain;
    return value;
  }

  /** The entries at `indent`, from the current line on; `head` is the first one's text where it stands after a dash. */
  map(indent: number, depth: number, head?: string): Record<string, unknown> {
    if (depth > deepest) throw notPlain;
    const found: Record<string, unknown> = {};
    let text = head;
    for (;;) {
      const line = this.lines[this.next];
      if (text === undefined) {
        if (line === undefined || line.indent < indent) return found;
        if (line.indent > indent || line.text.startsWith('- ') || line.text === '-') throw notPlain;
        text = line.text;
      }
      const match = keyPattern.exec(text);
      const key = match?.[1] ?? match?.[2];
      if (match === null || key === undefined || key === '__proto__' || key === '' || Object.hasOwn(found, key))
        throw notPlain;
      if (match[1] !== undefined && isSpecial(key)) throw notPlain;
      this.next++;
      found[key] = this.value(match[3] ?? '', indent, depth);
      text = undefined;
    }
  }

  /** What stands after a key: on its line, or indented below it. */
  value(text: string, indent: number, depth: number): unknown {
    const rest = text.startsWith('#') ? '' : text;
    if (rest === '|' || rest === '|-') return this.literal(indent, rest === '|');
    const line = this.lines[this.next];
    if (rest !== '') {
      // Something more indented would go on with the scalar.
      if (line !== undefined && line.indent > indent) throw notPlain;
      return scalar(rest);
    }
    if (line === undefined || line.indent < indent) return null;
    if (line.text.startsWith('- ')) return this.list(line.indent, depth + 1);
    return line.indent > indent ? this.map(line.indent, depth + 1) : null;
  }

  list(indent: number, depth: number): unknown[] {
    if (depth > deepest) throw notPlain;
    const items: unknown[] = [];
    for (;;) {
      const line = this.lines[this.next];
      if (line === undefined || line.indent < indent) return items;
      if (line.indent > indent) throw notPlain;
      if (!line.text.startsWith('- ')) {
        if (line.text.startsWith('-')) throw notPlain;
        return items;
      }
      const rest = line.text.slice(2).trimStart();
      const inner = indent + line.text.length - rest.length;
      if (keyPattern.test(rest)) {
        items.push(this.map(inner, depth + 1, rest));
        continue;
      }
      this.next++;
      const following = this.lines[this.next];
      if (following !== undefined && following.indent > indent) throw notPlain;
      items.push(scalar(rest));
    }
  }

  /** The lines below, as they are, without their common indentation. */
  literal(parent: number, newlineAtEnd: boolean): string {
    const header = this.lines[this.next - 1];
    if (header === undefined) throw notPlain;
    const kept: string[] = [];
    let indent = 0;
    let at = header.at + 1;
    for (; at < this.raw.length; at++) {
      const line = this.raw[at] ?? '';
      const blanks = line.length - line.trimStart().length;
      if (blanks === line.length) {
        if (indent === 0 && blanks > 0) throw notPlain;
        kept.push(line.slice(indent));
        continue;
      }
      if (indent === 0) {
        if (blanks <= parent) break;
        indent = blanks;
      }
      if (blanks < indent) {
        if (blanks > parent) throw notPlain;
        break;
      }
      kept.push(line.slice(indent));
    }
    while (this.next < this.lines.length && (this.lines[this.next]?.at ?? at) < at) this.next++;
    if (indent === 0) throw notPlain;
    while (kept.length > 0 && kept[kept.length - 1] === '') kept.pop();
    // Blanks alone on the last lines count as text or not by rules of their own.
    if (kept[kept.length - 1]?.trim() === '') throw notPlain;
    return kept.join('\n') + (newlineAtEnd ? '\n' : '');
  }
}

function scalar(text: string): unknown {
  const first = text.charAt(0);
  if (first === "'") {
    const match = /^'((?:[^']|'')*)'(?: +#.*)?$/.exec(text);
    if (match === null) throw notPlain;
    return (match[1] ?? '').replaceAll("''", "'");
  }
  if (first === '"') {
    const match = /^"([^"\\]*)"(?: +#.*)?$/.exec(text);
    if (match === null) throw notPlain;
    return match[1] ?? '';
  }
  const comment = text.search(/ #/);
  const plain = (comment < 0 ? text : text.slice(0, comment)).trimEnd();
  if (/^[-?:,[\]{}#&*!|>%@`]/.test(plain) || /:(?: |$)/.test(plain) || plain === '') throw notPlain;
  if (!isSpecial(plain)) return plain;
  if (/^[0-9]{1,15}$/.test(plain)) return Number(plain);
  if (plain === 'true') return true;
  if (plain === 'false') return false;
  if (plain === 'null') return null;
  throw notPlain;
}

const special =
  /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-f]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|[-+]?\.inf|\.nan|~|null|true|false)$/i;

/** A number, a truth value or null, in this spelling or another. */
function isSpecial(text: string): boolean {
  return special.test(text);
}
