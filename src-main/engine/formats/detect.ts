// Recognises the format of a file by its first kilobytes: never by its name, which may say anything.

import type { FormatName } from '../../../src-shared/log-formats.ts';
import { createAccessParser } from './access.ts';
import { isAuditRecord } from './auditd.ts';
import { isAuthProgram } from './auth-messages.ts';
import { cefStart } from './cef.ts';
import { looksLikeCsv } from './csv-detect.ts';
import { isEvtx } from './evtx-reader.ts';
import { chooseJson } from './json-detect.ts';
import { createSyslogHeaderParser } from './syslog-header.ts';
import { createLocalClock } from './time.ts';

export type Detected = FormatName | 'binary' | 'unknown';

/** Bytes that are enough to decide. */
export const sampleLength = 65_536;
const mostLines = 50;

/**
 * The format of a file from its start. `binary`: compressed, a database or other bytes that are no text log.
 * @param sample unpacked; the first 64 KiB are looked at.
 */
export function detectFormat(sample: Uint8Array): Detected {
  const bytes = sample.subarray(0, sampleLength);
  if (isEvtx(bytes)) return 'evtx';
  if (isBinary(bytes)) return 'binary';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const trimmed = text.trimStart();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
    const json = chooseJson(trimmed);
    if (json !== undefined) return json;
  }
  return byLines(text, sample.length < sampleLength);
}

const packings: readonly (readonly [name: string, start: readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['7-Zip', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
];

/** Why a file that holds binary data can't be read, in words for whoever gave it. */
export function binaryWords(start: Uint8Array): string {
  const packing = packings.find(([, bytes]) => bytes.every((byte, at) => start[at] === byte));
  if (packing !== undefined) return `packed as ${packing[0]}, which is not unpacked here; unpack it and give it again`;
  return 'not a text log: it holds binary data';
}

/** A machine that lost its power leaves blocks of zeros in its text logs: few of them, and what is around them decides. */
function isBinary(bytes: Uint8Array): boolean {
  const text = bytes.includes(0) ? bytes.filter((byte) => byte !== 0) : bytes;
  let control = 0;
  for (const byte of text) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 27) control++;
  if (text === bytes) return control * 10 > bytes.length;
  const blocks = bytes.reduce((sum, byte, at) => sum + Number(byte === 0 && bytes[at - 1] !== 0), 0);
  if (control > 0 || blocks * 64 > bytes.length || isTar(bytes)) return true;
  // The last character may be cut.
  return !text.includes(10) || !isUtf8(text.subarray(0, text.lastIndexOf(10)));
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Texts in a row, with zeros between them (POSIX.1, ustar). */
function isTar(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';
}

/** The format that most of the first lines fit, if at least half of them do. */
function byLines(text: string, whole: boolean): Detected {
  const lines = text.split(/\r?\n/, mostLines);
  if (lines.length <= mostLines && !whole && lines.length > 1) lines.pop();
  const access = createAccessParser({ referenceTimeMs: 0 });
  const header = createSyslogHeaderParser({ clock: createLocalClock(), referenceTimeMs: Date.UTC(2100, 0, 1) });
  const votes = { access: 0, auth: 0, syslog: 0, auditd: 0, cef: 0 };
  let counted = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    counted++;
    if (isAuditRecord(line)) {
      votes.auditd++;
      continue;
    }
    if (cefStart(line) >= 0) {
      votes.cef++;
      continue;
    }
    if (access(line)?.kind === 'draft') {
      votes.access++;
      continue;
    }
    const parts = header(line);
    if (typeof parts === 'string') continue;
    votes.syslog++;
    if (isAuthProgram(parts.app) || parts.message.startsWith('pam_')) votes.auth++;
  }
  if (counted === 0) return 'unknown';
  if (votes.access * 2 >= counted) return 'access';
  if (votes.auditd * 2 >= counted) return 'auditd';
  if (votes.cef * 2 >= counted) return 'cef';
  if (votes.syslog * 2 >= counted) return votes.auth * 2 >= votes.syslog ? 'auth' : 'syslog';
  return looksLikeCsv(lines) ? 'csv' : 'unknown';
}
