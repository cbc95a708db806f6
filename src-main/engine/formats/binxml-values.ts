// The typed values of Windows' binary XML as JSON values, written as Windows shows them: numbers as numbers where they are exact,
// GUIDs in braces, security identifiers as S-1-…, times as ISO 8601.
import type { JsonValue } from '../event.ts';

/** Bytes that are not what their place requires. */
export class BinXmlError extends Error {
  override readonly name = 'BinXmlError';
}

/** An embedded fragment: read by whoever knows names and templates. */
export const embedded = 0x21;
const arrayFlag = 0x80;

/** Bytes of each element of an array of such values. */
const widths: Readonly<Record<number, number>> = {
  3: 1,
  4: 1,
  5: 2,
  6: 2,
  7: 4,
  8: 4,
  9: 8,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  15: 16,
  17: 8,
  18: 16,
  20: 4,
  21: 8,
};
const mostElements = 4096;

/** @throws BinXmlError when type and length don't fit. */
export function readValue(view: DataView, offset: number, length: number, type: number): JsonValue {
  if (offset + length > view.byteLength) throw new BinXmlError('a value reaches beyond its chunk');
  if ((type & arrayFlag) !== 0) return readArray(view, offset, length, type & ~arrayFlag);
  if (length === 0) return type === 1 || type === 2 ? '' : null;
  return readScalar(view, offset, length, type);
}

function readArray(view: DataView, offset: number, length: number, type: number): JsonValue {
  if (type === 1) {
    const texts = utf16(view, offset, length).split('\0');
    if (texts[texts.length - 1] === '') texts.pop();
    return texts.slice(0, mostElements);
  }
  const width = widths[type];
  if (width === undefined) return hex(view, offset, length);
  const values: JsonValue[] = [];
  for (let at = offset; at + width <= offset + length && values.length < mostElements; at += width)
    values.push(readScalar(view, at, width, type));
  return values;
}

function readScalar(view: DataView, offset: number, length: number, type: number): JsonValue {
  const width = widths[type];
  if (width !== undefined && length < width) throw new BinXmlError(`a value of type ${type} has ${length} bytes`);
  switch (type) {
    case 0:
      return null;
    case 1:
      return utf16(view, offset, length).replace(/\0+$/, '');
    case 2:
      return latin1(view, offset, length).replace(/\0+$/, '');
    case 3:
      return view.getInt8(offset);
    case 4:
      return view.getUint8(offset);
    case 5:
      return view.getInt16(offset, true);
    case 6:
      return view.getUint16(offset, true);
    case 7:
      return view.getInt32(offset, true);
    case 8:
      return view.getUint32(offset, true);
    case 9:
      return exact(view.getBigInt64(offset, true));
    case 10:
      return exact(view.getBigUint64(offset, true));
    case 11:
      return finite(view.getFloat32(offset, true));
    case 12:
      return finite(view.getFloat64(offset, true));
    case 13:
      return view.getUint32(offset, true) !== 0;
    case 15:
      return guid(view, offset);
    case 16:
      return length >= 8
        ? hexNumber(view.getBigUint64(offset, true))
        : hexNumber(BigInt(unsigned32(view, offset, length)));
    case 17:
      return fileTime(view.getBigUint64(offset, true)) ?? null;
    case 18:
      return systemTime(view, offset);
    case 19:
      return sid(view, offset, length);
    case 20:
      return hexNumber(BigInt(view.getUint32(offset, true)));
    case 21:
      return hexNumber(view.getBigUint64(offset, true));
    default:
      return hex(view, offset, length);
  }
}

export function utf16(view: DataView, offset: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + offset, length - (length % 2)).toString('utf16le');
}

function latin1(view: DataView, offset: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + offset, length).toString('latin1');
}

function hex(view: DataView, offset: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + offset, length)
    .toString('hex')
    .toUpperCase();
}

function unsigned32(view: DataView, offset: number, length: number): number {
  if (length < 4) throw new BinXmlError('a size has fewer than four bytes');
  return view.getUint32(offset, true);
}

function exact(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** JSON has no infinity. */
function finite(value: number): JsonValue {
  return Number.isFinite(value) ? value : String(value);
}

function hexNumber(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function guid(view: DataView, offset: number): string {
  const part = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const tail = hex(view, offset + 8, 8);
  const head = [part(view.getUint32(offset, true), 8), part(view.getUint16(offset + 4, true), 4)];
  const whole = `${head.join('-')}-${part(view.getUint16(offset + 6, true), 4)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  return `{${whole.toUpperCase()}}`;
}

const epochDifferenceMs = 11_644_473_600_000n;

/** 100 nanoseconds since 1601, as ISO 8601 with all seven digits; undefined beyond the year 9999. */
export function fileTime(ticks: bigint): string | undefined {
  const ms = Number(ticks / 10_000n - epochDifferenceMs);
  if (ms > 253_402_300_799_999) return undefined;
  const below = String(ticks % 10_000n).padStart(4, '0');
  return new Date(ms).toISOString().replace('Z', `${below}Z`);
}

function systemTime(view: DataView, offset: number): string {
  const [year = 0, month = 0, , day = 0, hour = 0, minute = 0, second = 0, ms = 0] = Array.from(
    { length: 8 },
    (_, at) => view.getUint16(offset + at * 2, true),
  );
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${String(ms).padStart(3, '0')}Z`;
}

function sid(view: DataView, offset: number, length: number): string {
  if (length < 8) throw new BinXmlError('a security identifier has fewer than eight bytes');
  const count = view.getUint8(offset + 1);
  if (length < 8 + count * 4) throw new BinXmlError('a security identifier is cut off');
  const authority = view.getUint16(offset + 2) * 0x1_0000_0000 + view.getUint32(offset + 4);
  let text = `S-${view.getUint8(offset)}-${authority}`;
  for (let at = 0; at < count; at++) text += `-${view.getUint32(offset + 8 + at * 4, true)}`;
  return text;
}
