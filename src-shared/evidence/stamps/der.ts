// DER (X.690), as much as certificates and time stamps need: a strict reader of definite lengths, and the few forms that we write.
import { concatBytes } from '../bytes.ts';

/** The bytes are no DER, or not the structure that was asked for. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

export type DerValue = {
  /** The identifier octet: class, constructed bit, number below 31. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly bytes: Uint8Array;
};

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** The one value that `bytes` are. @throws DerError when there is anything behind it */
export function readDer(bytes: Uint8Array): DerValue {
  const { value, end } = readAt(bytes, 0);
  if (end !== bytes.length) throw new DerError(`${bytes.length - end} bytes behind the end`);
  return value;
}

/** The values inside a constructed one, in order. */
export function children({ tag, content }: DerValue): DerValue[] {
  if ((tag & 0x20) === 0) throw new DerError(`a value of tag ${hexTag(tag)} holds no others`);
  const found: DerValue[] = [];
  for (let at = 0; at < content.length; ) {
    const { value, end } = readAt(content, at);
    found.push(value);
    at = end;
  }
  return found;
}

/** Walks the members of a sequence or set in order; what is optional is looked for by its tag. */
export class DerMembers {
  readonly #members: DerValue[];
  readonly #what: string;
  #at = 0;

  constructor(value: DerValue | undefined, tag: number, what: string) {
    if (value?.tag !== tag) throw new DerError(`${what}: expected tag ${hexTag(tag)}`);
    this.#members = children(value);
    this.#what = what;
  }

  next(tag: number): DerValue {
    const found = this.optional(tag);
    if (found === undefined) throw new DerError(`${this.#what}: expected a member of tag ${hexTag(tag)}`);
    return found;
  }

  optional(tag: number): DerValue | undefined {
    const found = this.#members[this.#at];
    if (found?.tag !== tag) return undefined;
    this.#at += 1;
    return found;
  }

  any(): DerValue | undefined {
    const found = this.#members[this.#at];
    this.#at += 1;
    return found;
  }

  end(): void {
    if (this.#at < this.#members.length) throw new DerError(`${this.#what}: an unexpected member`);
  }
}

/** Dotted decimal. */
export function readOid({ tag, content }: DerValue): string {
  if (tag !== derTag.oid || content.length === 0 || content.length > 64)
    throw new DerError('expected an object identifier');
  const arcs: bigint[] = [];
  let arc = 0n;
  content.forEach((byte, i) => {
    if (arc === 0n && byte === 0x80) throw new DerError('an object identifier with padding');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) {
      if (i === content.length - 1) throw new DerError('an object identifier that is cut off');
      return;
    }
    arcs.push(arc);
    arc = 0n;
  });
  const [first = 0n, ...rest] = arcs;
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

/** At most 64 bytes: a longer one would take time that grows with its square. */
export function readInteger({ tag, content }: DerValue): bigint {
  const [first, second = 0] = content;
  if (tag !== derTag.integer || first === undefined) throw new DerError('expected an integer');
  if (content.length > 64) throw new DerError('an integer that is too long');
  if (content.length > 1 && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80))
    throw new DerError('an integer with padding');
  let value = first >= 0x80 ? -1n : 0n;
  for (const byte of content) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Milliseconds UTC of a GeneralizedTime as RFC 3161 section 2.4.2 writes it: UTC, seconds, a fraction without zeroes at its end. */
export function readGeneralizedTime({ tag, content }: DerValue): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{0,8}[1-9])?Z$/.exec(asciiOf(content));
  if (tag !== derTag.generalizedTime || match === null) throw new DerError('expected a time in UTC');
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  return (
    instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`) + Math.floor(Number(`0${fraction}`) * 1000)
  );
}

/** Milliseconds UTC of a certificate's time (RFC 5280 section 4.1.2.5): years of two digits are 1950 to 2049. */
export function readTime(value: DerValue | undefined): number {
  if (value === undefined) throw new DerError('expected a time');
  if (value.tag !== derTag.utcTime) return readGeneralizedTime(value);
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(asciiOf(value.content));
  if (match === null) throw new DerError('expected a time in UTC');
  const [, year, month, day, hour, minute, second] = match;
  return instantOf(`${Number(year) < 50 ? 20 : 19}${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
}

function asciiOf(content: Uint8Array): string {
  return content.length > 40 ? '' : String.fromCharCode(...content);
}

function instantOf(iso: string): number {
  const at = Date.parse(iso);
  if (Number.isNaN(at) || new Date(at).toISOString() !== iso) throw new DerError('a time that does not exist');
  return at;
}

export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  const { length } = content;
  if (length < 0x80) return concatBytes(Uint8Array.of(tag, length), content);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return concatBytes(Uint8Array.of(tag, 0x80 | bytes.length, ...bytes), content);
}

/** A positive integer from its big-endian bytes. */
export function writeInteger(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const short = bytes.subarray(from);
  return writeDer(derTag.integer, (short[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), short);
}

export function writeOid(dotted: string): Uint8Array {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [root * 40 + second, ...rest].flatMap((arc) => {
    const sevens = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) sevens.unshift((left % 128) | 0x80);
    return sevens;
  });
  return writeDer(derTag.oid, Uint8Array.from(bytes));
}

function readAt(bytes: Uint8Array, at: number): { value: DerValue; end: number } {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('cut off');
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag number above 30');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    // 0x80 is the indefinite length of BER; four bytes are more than anything that is read here.
    if (count === 0 || count > 4) throw new DerError('a length that is not DER');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] ?? 0);
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('a length with padding');
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError('cut off');
  return { value: { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(at, end) }, end };
}

function hexTag(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}
