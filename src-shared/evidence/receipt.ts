// Receipts of a verification: which file was checked, against what, what came of each row, when and by which verifier. One canonical JSON
// object with a DSSE envelope around the statement. A console signs those that it issues; from anywhere else nobody does, and they say so.

import { decodeBase64, decodeUtf8Strict, encodeBase64, encodeHex, encodeUtf8 } from './bytes.ts';
import { canonicalize, type JsonObject, type JsonValue } from './canonical-json.ts';
import { type Envelope, preAuthenticationEncoding } from './dsse.ts';
import { FormatError } from './format-error.ts';
import type { VerifierKey } from './signed-note.ts';
import { parseStrictJsonBytes } from './strict-json.ts';
import {
  CHECK_TITLES,
  type CheckId,
  type CheckState,
  FINDING_CHECKS,
  type FindingCode,
  type Verdict,
  type VerdictWord,
} from './verdict.ts';

export const RECEIPT_TYPE = 'application/vnd.gatehouse.receipt.v1+json';
/** Which verifier this is, for places that can't read it anywhere else; a test holds it to the program's version. */
export const VERIFIER = 'Gatehouse 0.1.0';
const FORMAT = 'gatehouse-receipt';
const VERSION = 1;
/** Beyond that it is none of ours. */
export const largestReceipt = 1024 * 1024;
const mostFindings = 100;

export type ReceiptPerson = { readonly id: string; readonly kind: string; readonly name: string };

/** What the verifier can say by itself, wherever it runs. */
export type CheckedFile = {
  file: { name: string; sha256: string; size: number };
  verdict: VerdictWord;
  summary: string;
  checks: {
    detail: string;
    id: CheckId;
    state: CheckState;
    title: string;
  }[];
  findings: { code: FindingCode; detail: string; where: string }[];
  findings_left_out: number;
  not_proven: string[];
  /** What the file says of itself; null where it could not be read. */
  bundle: {
    console: string;
    content_digest: string;
    entries: number;
    exported_at: string;
    origin: string;
    range: { from: number; to: number };
    root: string;
    signer: string;
    tree_size: number;
  } | null;
  /** What the caller held it against; CAs and checkpoints by their SHA-256. */
  trusted: {
    authorities: string[];
    checkpoints: string[];
    keys: string[];
    witnesses: string[];
  };
};

export type Receipt = CheckedFile & {
  readonly checked_at: string;
  readonly checked_by: {
    /** The console in whose window it was checked and that signed, and the person who asked; null elsewhere. */
    readonly console: string | null;
    readonly person: ReceiptPerson | null;
    readonly program: string;
  };
  readonly format_version: 1;
};

export function checkedFile(
  file: CheckedFile['file'],
  verdict: Verdict | Omit<Verdict, 'entries'>,
  trusted: CheckedFile['trusted'],
): CheckedFile {
  const { manifest, root, signer } = verdict;
  const left = Math.max(0, verdict.findings.length - mostFindings) + verdict.findings_left_out;
  return {
    file: { name: file.name.toWellFormed().slice(0, 200), sha256: file.sha256, size: file.size },
    verdict: verdict.verdict,
    summary: verdict.summary.toWellFormed(),
    checks: verdict.checks.map(({ detail, id, state, title }) => ({ detail: detail.toWellFormed(), id, state, title })),
    findings: verdict.findings
      .slice(0, mostFindings)
      .map(({ code, detail, where }) => ({ code, detail: detail.toWellFormed(), where: where.toWellFormed() })),
    findings_left_out: left,
    not_proven: verdict.not_proven.map((line) => line.toWellFormed()),
    bundle:
      manifest === undefined || root === undefined
        ? null
        : {
            console: manifest.console,
            content_digest: manifest.content_digest.value,
            entries: manifest.counts.entries,
            exported_at: manifest.exported_at,
            origin: manifest.origin,
            range: manifest.range,
            root: encodeHex(root),
            signer: signer ?? '',
            tree_size: manifest.tree_size,
          },
    trusted,
  };
}

/** The bytes of a receipt, signed by `sign` with the private half of `key` where there is one. */
export function formatReceipt(
  receipt: Receipt,
  by?: { readonly key: VerifierKey; sign(message: Uint8Array): Uint8Array },
): Uint8Array<ArrayBuffer> {
  const payload = encodeUtf8(canonicalize(receipt));
  const signatures =
    by === undefined
      ? []
      : [{ keyid: by.key.id, sig: encodeBase64(by.sign(preAuthenticationEncoding(RECEIPT_TYPE, payload))) }];
  return encodeUtf8(
    canonicalize({
      dsse: { payload: encodeBase64(payload), payloadType: RECEIPT_TYPE, signatures },
      format: FORMAT,
      signer: by?.key.text ?? null,
      version: VERSION,
    }),
  );
}

/** Whether bytes begin as a receipt does, for telling it from a bundle. */
export function beginsLikeReceipt(head: Uint8Array): boolean {
  const start = encodeUtf8('{"dsse":{');
  return start.every((byte, i) => head[i] === byte);
}

/** `signer` is null, and the envelope without signatures, where nobody signed. */
export type ReadReceipt = { readonly receipt: Receipt; readonly envelope: Envelope; readonly signer: string | null };

/** Takes a receipt apart. Throws FormatError for anything but the canonical form of version 1. */
export function readReceipt(bytes: Uint8Array): ReadReceipt {
  if (bytes.length > largestReceipt) throw new FormatError('it is too long for a receipt', 0);
  const top = members(canonical(bytes), ['dsse', 'format', 'signer', 'version']);
  if (top.format !== FORMAT) throw new FormatError('it is no receipt', 0);
  if (top.version !== VERSION) throw new FormatError('it is of another version than 1: use a newer verifier', 0);
  const dsse = members(top.dsse, ['payload', 'payloadType', 'signatures']);
  if (dsse.payloadType !== RECEIPT_TYPE) throw new FormatError('its signed content is no receipt', 0);
  const payload = base64(dsse.payload);
  const signatures = list(dsse.signatures).map((each) => {
    const { keyid, sig } = members(each, ['keyid', 'sig']);
    return { keyid: text(keyid), sig: base64(sig) };
  });
  const signer = top.signer === null ? null : text(top.signer);
  // One signature or none: a second one that nobody checks could be changed without anybody noticing.
  if (signatures.length !== (signer === null ? 0 : 1)) throw new FormatError('expected the signature of its signer', 0);
  const receipt = readStatement(canonical(payload));
  return { receipt, envelope: { payload, payloadType: RECEIPT_TYPE, signatures }, signer };
}

function readStatement(json: JsonValue): Receipt {
  const top = members(json, [
    'bundle',
    'checked_at',
    'checked_by',
    'checks',
    'file',
    'findings',
    'findings_left_out',
    'format_version',
    'not_proven',
    'summary',
    'trusted',
    'verdict',
  ]);
  if (top.format_version !== VERSION) throw new FormatError('expected version 1', 0, '/format_version');
  const file = members(top.file, ['name', 'sha256', 'size']);
  const by = members(top.checked_by, ['console', 'person', 'program']);
  const trusted = members(top.trusted, ['authorities', 'checkpoints', 'keys', 'witnesses']);
  const verdict = text(top.verdict);
  if (!isVerdictWord(verdict)) throw new FormatError('expected a verdict', 0, '/verdict');
  return {
    bundle: top.bundle === null ? null : readBundlePart(top.bundle),
    checked_at: text(top.checked_at),
    checked_by: {
      console: by.console === null ? null : text(by.console),
      person: by.person === null ? null : readPerson(by.person),
      program: text(by.program),
    },
    checks: list(top.checks).map(readCheck),
    file: { name: text(file.name), sha256: hex(file.sha256), size: whole(file.size) },
    findings: list(top.findings).map(readFinding),
    findings_left_out: whole(top.findings_left_out),
    format_version: VERSION,
    not_proven: list(top.not_proven).map(text),
    summary: text(top.summary),
    trusted: {
      authorities: list(trusted.authorities).map(hex),
      checkpoints: list(trusted.checkpoints).map(hex),
      keys: list(trusted.keys).map(text),
      witnesses: list(trusted.witnesses).map(text),
    },
    verdict,
  };
}

function readBundlePart(json: JsonValue | undefined): NonNullable<Receipt['bundle']> {
  const names = [
    'console',
    'content_digest',
    'entries',
    'exported_at',
    'origin',
    'range',
    'root',
    'signer',
    'tree_size',
  ];
  const part = members(json, names);
  const range = members(part.range, ['from', 'to']);
  return {
    console: text(part.console),
    content_digest: text(part.content_digest),
    entries: whole(part.entries),
    exported_at: text(part.exported_at),
    origin: text(part.origin),
    range: { from: whole(range.from), to: whole(range.to) },
    root: hex(part.root),
    signer: text(part.signer),
    tree_size: whole(part.tree_size),
  };
}

function readPerson(json: JsonValue | undefined): ReceiptPerson {
  const { id, kind, name } = members(json, ['id', 'kind', 'name']);
  return { id: text(id), kind: text(kind), name: text(name) };
}

const states: readonly CheckState[] = ['proven', 'limited', 'failed', 'not_checkable'];

function readCheck(json: JsonValue): { id: CheckId; title: string; state: CheckState; detail: string } {
  const { detail, id, state, title } = members(json, ['detail', 'id', 'state', 'title']);
  const known = states.find((each) => each === state);
  const name = text(id);
  if (known === undefined || !isCheckId(name)) throw new FormatError('expected a row of the verifier', 0, '/checks');
  return { id: name, title: text(title), state: known, detail: text(detail) };
}

function readFinding(json: JsonValue): { code: FindingCode; detail: string; where: string } {
  const { code, detail, where } = members(json, ['code', 'detail', 'where']);
  const name = text(code);
  if (!isFindingCode(name)) throw new FormatError('expected a finding', 0, '/findings');
  return { code: name, detail: text(detail), where: text(where) };
}

function isFindingCode(name: string): name is FindingCode {
  return Object.hasOwn(FINDING_CHECKS, name);
}

function isCheckId(name: string): name is CheckId {
  return Object.hasOwn(CHECK_TITLES, name);
}

function isVerdictWord(word: string): word is VerdictWord {
  return ['VERIFIED', 'VERIFIED WITH LIMITS', 'NOT VERIFIED', 'CANNOT CHECK'].includes(word);
}

function canonical(bytes: Uint8Array): JsonValue {
  const json = parseStrictJsonBytes(bytes, { integers: 'safe' });
  if (canonicalize(json) !== decodeUtf8Strict(bytes)) throw new FormatError('it is not canonical JSON', 0);
  return json;
}

function members(json: JsonValue | undefined, names: readonly string[]): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new FormatError('expected an object', 0);
  const found = Object.keys(json);
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(json, name)))
    throw new FormatError(`expected the members ${names.join(', ')}`, 0);
  return json;
}

function list(json: JsonValue | undefined): JsonValue[] {
  if (!Array.isArray(json)) throw new FormatError('expected an array', 0);
  return json;
}

function text(json: JsonValue | undefined): string {
  if (typeof json !== 'string') throw new FormatError('expected a text', 0);
  return json;
}

function hex(json: JsonValue | undefined): string {
  const value = text(json);
  if (!/^[0-9a-f]{64}$/.test(value)) throw new FormatError('expected 64 hex digits', 0);
  return value;
}

function whole(json: JsonValue | undefined): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0)
    throw new FormatError('expected a whole number', 0);
  return json;
}

function base64(json: JsonValue | undefined): Uint8Array {
  const bytes = decodeBase64(text(json));
  if (bytes === undefined) throw new FormatError('expected base64', 0);
  return bytes;
}
