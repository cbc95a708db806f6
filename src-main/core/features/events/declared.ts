// Log records of other tools among the events of a batch (spec 05): each says its format, and is read as a file of that format would be.
// A record without an id of its own gets one from its content, so that sending a batch again adds nothing.
import { lineFormats, recordFormats } from '../../../../src-shared/declared-formats.ts';
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { utf8 } from '../../../base/bytes.ts';
import { isTimeZone } from '../../../base/time-zones.ts';
import { complete, type RecordParser } from '../../../engine/formats/format.ts';
import { createRecordParser } from '../../../engine/formats/record-reader.ts';
import { fileIdentity, recordId } from '../../../engine/record-id.ts';
import type { EventItem } from './event-record.ts';

type Members = Readonly<Record<string, unknown>>;
type Declared = (typeof recordFormats)[number] | (typeof lineFormats)[number];
/** One record may tell of several events: "message repeated 5 times". */
export type DeclaredItems = readonly [EventItem, ...EventItem[]];

export type DeclaredReader = {
  /** The events of what declares a format; undefined for what is an event as it stands. */
  read(value: unknown): DeclaredItems | undefined;
};

/**
 * For the events of one batch: of records that are the same to the last character, each counts.
 * @param zone of lines that name none
 */
export function createDeclaredReader(now: number, zone: string | undefined): DeclaredReader {
  const parsers = new Map<string, RecordParser>();
  const seen = new Map<string, number>();

  function parserOf(format: Declared, ownZone: string | undefined): RecordParser {
    const told = ownZone ?? zone;
    const key = `${format} ${told}`;
    const parser =
      parsers.get(key) ??
      createRecordParser(format, { referenceTimeMs: now, ...(told === undefined ? {} : { zone: told }) });
    parsers.set(key, parser);
    return parser;
  }

  function read(members: Members): DeclaredItems {
    const format = formatOf(members);
    const ownZone = isOneOf(lineFormats, format) ? zoneOf(members) : undefined;
    const text = isOneOf(lineFormats, format) ? lineOf(members, format) : recordOf(members, format);
    const parsed = parserOf(format, ownZone)(text);
    if (parsed === undefined) throw new Refusal('event: holds nothing to read');
    if (parsed.kind === 'rejected') throw new Refusal(`event: ${parsed.reason}`);
    const { draft, repeat = 1 } = parsed;
    const one = (n: number): EventItem => {
      const id = draft.id ?? recordId(fileIdentity(`api ${format}`), numberOf(text), utf8(text), n);
      return { kind: 'event', event: complete(draft, id), format };
    };
    const place = one(0);
    seen.set(text, numberOf(text) + 1);
    return repeat === 1 ? [place] : [place, ...Array.from({ length: repeat - 1 }, (_, n) => one(n + 1))];
  }

  function numberOf(text: string): number {
    return seen.get(text) ?? 0;
  }

  return {
    read(value) {
      if (!isMembers(value) || !Object.hasOwn(value, 'format')) return undefined;
      try {
        return read(value);
      } catch (error) {
        if (error instanceof FormatError) return [{ kind: 'rejected', reason: `event: ${error.message}` }];
        if (error instanceof Refusal) return [{ kind: 'rejected', reason: error.message }];
        throw error;
      }
    },
  };
}

class Refusal extends Error {}

function formatOf({ format }: Members): Declared {
  if (isOneOf(recordFormats, format) || isOneOf(lineFormats, format)) return format;
  throw new Refusal(
    `format: expected ${[...recordFormats, ...lineFormats].join(', ')}; other files are imported, and events of Gatehouse's own form have no format`,
  );
}

/** As its parser takes it. Written anew, because the parser changes what it reads and the caller still needs what was sent. */
function recordOf({ format: _, ...members }: Members, format: string): string {
  const alone = Object.keys(members).length === 1 && isMembers(members.record) ? members.record : members;
  if (Object.keys(alone).length === 0)
    throw new Refusal(`event: expected the members of a ${format} record beside its format`);
  return canonicalize(alone, { integers: 'any' });
}

function lineOf({ format: _, line, zone: _zone, ...others }: Members, format: string): string {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new Refusal(`${unknown}: unknown field; a record in ${format} has format, line and zone`);
  if (typeof line !== 'string' || line.trim() === '') throw new Refusal('line: expected the line of the log as a text');
  if (/[\n\0]/.test(line)) throw new Refusal('line: holds a line end or NUL; send each line as an event');
  return line;
}

function zoneOf({ zone }: Members): string | undefined {
  if (zone === undefined) return undefined;
  if (typeof zone === 'string' && isTimeZone(zone)) return zone;
  throw new Refusal('zone: expected a time zone such as Europe/Berlin or +02:00');
}

function isOneOf<T extends string>(names: readonly T[], name: unknown): name is T {
  return names.some((one) => one === name);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
