// The Linux audit log: `type=SYSCALL msg=audit(1732175412.243:24287): key=value …`. Each record is an event, because rules name the
// fields of single records; `audit_id` says which records belong together. Who did it stands in the first of them, the call, and is told
// of the others too. What the fields of a record mean is audit-meaning.ts.
import { clip, type EventDraft, fieldLimits, type JsonValue } from '../event.ts';
import { carriedOver, createAuditGroup, interpret } from './audit-meaning.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';

/** The kernel splits what has more: a record is a few kilobytes. */
const mostFields = 4_000;
const longestValue = 16_384;
const headPattern =
  /^(?:node=(\S{1,255}) )?type=([A-Za-z0-9_[\]]{1,64}) msg=audit\((\d{1,11})\.(\d{3}):(\d{1,20})\): ?/;
/** Fields whose values an attacker chooses: the kernel writes them in hex when they hold blanks, quotes or control characters. */
const encoded = /^(?:a\d+|acct|cmd|comm|cwd|data|dir|exe|file|grp|key|name|new|ocomm|old|path|proctitle|sw|vm|watch)$/;

export function createAuditdParser(options: ReaderOptions): RecordParser {
  let group = createAuditGroup('');
  return (text) => {
    const head = headPattern.exec(text);
    if (head === null) return rejected('not an audit record: expected type=… msg=audit(time:serial): at its start');
    const [whole, node, type = '', seconds, milliseconds, serial] = head;
    const id = `${seconds}.${milliseconds}:${serial}`;
    const details: Record<string, JsonValue> = { type, audit_id: id };
    if (node !== undefined) details.node = node;
    const rest = text.slice(whole.length);
    readFields(rest, details);
    readOperation(rest, details);
    const draft: EventDraft = {
      timeMs: Number(seconds) * 1000 + Number(milliseconds),
      source: clip(node ?? options.source ?? 'auditd', fieldLimits.source),
      event_type: 'other',
      action: clip(type.toLowerCase(), fieldLimits.action),
      details,
    };
    const key = `${node ?? ''} ${id}`;
    if (group.key !== key) group = createAuditGroup(key);
    interpret(type, details, draft, group);
    carriedOver(type, draft, group);
    return { kind: 'draft', draft } satisfies Parsed;
  };
}

/** Is this the start of an audit record? */
export function isAuditRecord(text: string): boolean {
  return headPattern.test(text);
}

/** `key=value`, `key="…"`, and inside `msg='…'` the same again; after a group separator come the names that auditd looked up. */
function readFields(text: string, details: Record<string, JsonValue>): void {
  const field = /([A-Za-z0-9_-]{1,64})(\[\d{1,6}\])?=(?:"([^"]*)"|'([^']*)'|([^\s\p{Cc}]*))/gu;
  const pieces = new Map<string, { hex: string; plain: string }>();
  let count = 0;
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    const [, name = '', piece, quoted, inner, bare] = found;
    if (++count > mostFields) break;
    if (inner !== undefined) readFields(inner, details);
    else if (name === '__proto__') continue;
    else if (piece === undefined) details[name] = clip(quoted ?? decoded(name, bare ?? ''), longestValue);
    else {
      // A long argument stands in pieces: a2[0]=… a2[1]=…
      const argument = pieces.get(name) ?? { hex: '', plain: '' };
      if (quoted === undefined) argument.hex += bare ?? '';
      else argument.plain += quoted;
      pieces.set(name, argument);
    }
  }
  for (const [name, { hex, plain }] of pieces) details[name] = clip(plain + decoded(name, hex), longestValue);
}

/** `op=adding user to group acct="bob"`: the one value that older tools write with blanks in it and without quotes. */
function readOperation(text: string, details: Record<string, JsonValue>): void {
  if (details.op === undefined) return;
  const found = /(?:^|[ '])op=([\w ,:-]{1,200}?)(?= [\w-]{1,64}=|'|$)/.exec(text);
  if (found?.[1] !== undefined) details.op = found[1];
}

function decoded(name: string, value: string): string {
  if (!encoded.test(name) || value.length % 2 !== 0 || !/^[0-9A-F]{2,}$/.test(value)) return value;
  // Of a SYSCALL a0 to a3 are numbers in lower case; here they are texts.
  const plain = Buffer.from(value, 'hex').toString('utf8').replace(/\0+$/, '');
  return name === 'proctitle' ? plain.replaceAll('\0', ' ') : plain;
}
