// `gatehouse audit verify`: a verdict on a bundle, on one in a PDF, or on a receipt, anywhere and without a console, a network or a store.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { checkpointIn } from '../../../src-shared/evidence/bundle-reader.ts';
import { type BundleSource, readSpan } from '../../../src-shared/evidence/bundle-source.ts';
import { decodeUtf8Strict, encodeHex } from '../../../src-shared/evidence/bytes.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import {
  beginsLikeReceipt,
  type CheckedFile,
  checkedFile,
  formatReceipt,
  largestReceipt,
} from '../../../src-shared/evidence/receipt.ts';
import { exitCode, type Verdict } from '../../../src-shared/evidence/verdict.ts';
import { type VerifyOptions, verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { type ReceiptVerdict, verifyReceipt } from '../../../src-shared/evidence/verify-receipt.ts';
import type { GivenPdf } from '../../../src-shared/evidence/verify-report.ts';
import { bundleIn, type FoundBundle, openBundleFile } from '../../adapters/files/bundle-file.ts';
import { writeDurably } from '../../adapters/files/key-file-store.ts';
import { utf8 } from '../../base/bytes.ts';
import { nodePrimitives } from '../../base/evidence-primitives.ts';
import { reasonOf } from '../../base/file-words.ts';
import { sha256Hex } from '../../base/hashes.ts';
import { nodeStamps } from '../../base/stamp-primitives.ts';
import { version } from '../project.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { spokenDigest, spokenKey } from './spoken.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

/** Of a file of many notes its end, where the newest are: a week of a note a minute, and more. */
const mostOfNotes = 4 * 1024 * 1024;

/** What a file is held against. */
export type TrustFlags = {
  readonly key: readonly string[];
  readonly checkpoint: readonly string[];
  readonly witness: readonly string[];
  readonly tsaCa: readonly string[];
  readonly strict?: boolean;
};

export type VerifyFlags = TargetFlags &
  TrustFlags & {
    readonly json?: boolean;
    readonly pdf?: string;
    readonly of?: string;
    readonly receipt?: string;
    readonly sign?: boolean;
    readonly force?: boolean;
  };

/** No network (but for `--sign`), no store, no account. @returns the exit code of spec 04. */
export async function verify(path: string, flags: VerifyFlags): Promise<number> {
  if (flags.receipt === undefined && flags.sign === true)
    throw misuse('--sign signs a receipt; say where with --receipt');
  if (flags.receipt !== undefined && existsSync(flags.receipt) && flags.force !== true) {
    throw new CommandFailure(`${flags.receipt} is already there`, { hint: 'add --force to overwrite it', exitCode: 2 });
  }
  try {
    using file = openGiven(path);
    const receipt = receiptIn(file);
    if (receipt !== undefined) return verifyReceiptFile(receipt, flags);
    if (flags.of !== undefined) throw misuse('--of goes with a receipt, and this is none');
    return await verifyGiven(path, file, flags);
  } catch (error) {
    // Whoever reads the verdict by machine gets one whatever happens; people get the same words from the command line itself.
    if (flags.json !== true || !(error instanceof CommandFailure)) throw error;
    process.stdout.write(`${JSON.stringify(cannotCheck(error.message), null, 2)}\n`);
    return exitCode('CANNOT CHECK', false);
  }
}

async function verifyGiven(path: string, file: BundleSource, flags: VerifyFlags): Promise<number> {
  const options = optionsOf(flags);
  const found = await bundleOf(path, file);
  const verdict = judge(path, found, options, flags.pdf);
  const checked = (): CheckedFile =>
    checkedFile({ name: basename(path), ...digestOf(path, file) }, verdict, trustIn(options));
  if (flags.json === true) {
    const machine = { ...machineForm(verdict, checked()), in_pdf: found.pdf !== undefined };
    process.stdout.write(`${JSON.stringify(machine, null, 2)}\n`);
  } else print(verdict);
  if (flags.receipt !== undefined) await saveReceipt(flags.receipt, checked(), flags);
  return exitCode(verdict.verdict, flags.strict === true);
}

export function optionsOf(flags: TrustFlags): VerifyOptions {
  const secret = process.env.AUDIT_SIGNING_SECRET;
  return {
    trustedKeys: flags.key.map(keyOf),
    checkpoints: flags.checkpoint.map(heldCheckpoint),
    witnesses: flags.witness.map(keyOf),
    timeStamps: {
      authorities: flags.tsaCa.map((path) => textOr(path, `cannot read the CA ${path}`)),
      primitives: nodeStamps,
    },
    ...(secret === undefined || secret === '' ? {} : { hmacSecret: utf8(secret) }),
  };
}

/** A note, a file of several as an anchor keeps it, or the note in a bundle of before. */
function heldCheckpoint(path: string): string {
  try {
    using file = openBundleFile(path);
    if (readSpan(file, 0, 1)[0] === '{'.charCodeAt(0)) return checkpointIn(file);
    const from = Math.max(0, file.size - mostOfNotes);
    const end = readSpan(file, from, file.size);
    // Not in the middle of a character; the note that is cut there is passed over.
    return decodeUtf8Strict(from === 0 ? end : end.subarray(end.indexOf('\n'.charCodeAt(0)) + 1));
  } catch (cause) {
    throw new CommandFailure(`cannot read the checkpoint ${path}: ${reasonOf(cause)}`, { cause, exitCode: 2 });
  }
}

/** Opened once for all that is done with it: a pipe can't be read twice, and what is judged must be what is told of. */
export function openGiven(path: string): ReturnType<typeof openBundleFile> {
  try {
    return openBundleFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What is to be judged in it. */
export async function bundleOf(path: string, file: BundleSource): Promise<FoundBundle> {
  try {
    return await bundleIn(file);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** A part of the file at a time: it may be larger than the memory. @param pdf a PDF that came with it. */
export function judge(path: string, file: FoundBundle, options: VerifyOptions, pdf?: string): Verdict {
  const beside = pdf === undefined ? undefined : givenPdf(pdf);
  const given = beside ?? (file.pdf && { name: basename(path), bytes: file.pdf, carriesBundle: true });
  try {
    return verifyBundle(nodePrimitives, file, { ...options, ...(given && { pdf: given }) });
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): CommandFailure {
  const why = cause instanceof FormatError ? cause.reason : reasonOf(cause);
  return new CommandFailure(`cannot read ${path}: ${why}`, { cause, exitCode: 2 });
}

function givenPdf(path: string): GivenPdf {
  return { name: basename(path), bytes: bytesOr(path, `cannot read the PDF ${path}`), carriesBundle: false };
}

/** The whole of a file that is a receipt; undefined for any other. */
function receiptIn(file: BundleSource): Uint8Array | undefined {
  if (file.size > largestReceipt || !beginsLikeReceipt(readSpan(file, 0, 16))) return undefined;
  return readSpan(file, 0, file.size);
}

function verifyReceiptFile(bytes: Uint8Array, flags: VerifyFlags): number {
  if (flags.receipt !== undefined) throw misuse('this is a receipt already');
  const about = flags.of === undefined ? undefined : digestAt(flags.of);
  const verdict = verifyReceipt(nodePrimitives, bytes, flags.key.map(keyOf), about);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
  else printReceipt(verdict);
  return exitCode(verdict.verdict, flags.strict === true);
}

function trustIn(options: VerifyOptions): CheckedFile['trusted'] {
  const hash = (text: string): string => sha256Hex(utf8(text));
  return {
    authorities: (options.timeStamps?.authorities ?? []).map(hash),
    checkpoints: (options.checkpoints ?? []).map(hash),
    keys: [...options.trustedKeys],
    witnesses: [...(options.witnesses ?? [])],
  };
}

async function saveReceipt(target: string, checked: CheckedFile, flags: VerifyFlags): Promise<void> {
  writeDurably(target, await receiptText(checked, flags), 0o644);
  process.stderr.write(
    flags.sign === true ? `signed receipt in ${target}\n` : `receipt in ${target}; nobody signed it, and it says so\n`,
  );
}

async function receiptText(checked: CheckedFile, flags: VerifyFlags): Promise<string> {
  const program = `Gatehouse ${version}, command line`;
  if (flags.sign !== true) {
    const checked_by = { console: null, person: null, program };
    const bytes = formatReceipt({ ...checked, checked_at: new Date().toISOString(), checked_by, format_version: 1 });
    return Buffer.from(bytes).toString('utf8');
  }
  using client = createClient(findTarget(flags, process.env));
  return (await client.call('bundles.receipt', { ...checked, program })).receipt;
}

/** Of the bytes as they are, in parts. */
function digestOf(path: string, file: BundleSource): { readonly sha256: string; readonly size: number } {
  try {
    return { sha256: encodeHex(hashWhole(file)), size: file.size };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function digestAt(path: string): string {
  using file = openGiven(path);
  return digestOf(path, file).sha256;
}

const partBytes = 4 * 1024 * 1024;

function hashWhole(file: BundleSource): Uint8Array {
  const running = nodePrimitives.createSha256();
  for (let at = 0; at < file.size; at += partBytes) running.update(readSpan(file, at, at + partBytes));
  return running.digest();
}

function misuse(message: string): CommandFailure {
  return new CommandFailure(message, { exitCode: 2 });
}

/** A verifier key on the command line, or the file that holds it. */
export function keyOf(text: string): string {
  if (/^[^\s+]+\+[0-9a-f]{8}\+/.test(text)) return text;
  return textOr(text, `${text} is neither a verifier key nor a file that can be read`).trim();
}

function textOr(path: string, message: string): string {
  return Buffer.from(bytesOr(path, message)).toString('utf8');
}

function bytesOr(path: string, message: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CommandFailure(`${message}: ${reasonOf(cause)}`, { cause, exitCode: 2 });
  }
}

function cannotCheck(reason: string): object {
  const summary = `Nothing can be said: ${printable(reason)}.`;
  const findings = [{ code: 'bad-argument', where: '', detail: printable(reason) }];
  return {
    verdict: 'CANNOT CHECK',
    summary,
    checks: [],
    findings,
    findings_left_out: 0,
    not_proven: ['Anything: the check could not be made.'],
    file: null,
    bundle: null,
    in_pdf: false,
  };
}

/** Without the entries, which stand in the bundle itself, and without what the caller gave and knows. */
function machineForm(verdict: Verdict, { file, bundle }: Pick<CheckedFile, 'file' | 'bundle'>): object {
  const { verdict: word, summary, checks, findings, findings_left_out, not_proven } = verdict;
  return { verdict: word, summary, checks, findings, findings_left_out, not_proven, file, bundle };
}

function print(verdict: Verdict): void {
  write(verdict.verdict);
  write(verdict.summary);
  write('');
  printRows(verdict.checks);
  if (verdict.findings.length > 0) heading('What is wrong:');
  for (const finding of verdict.findings) write(`  ${finding.where}: ${finding.detail} [${finding.code}]`);
  printNotProven(verdict.not_proven);
  printWords(verdict);
}

/** What two people read out to each other: it is the sender's file when both say the same, and the sender's key. */
function printWords({ verdict, root, signer }: Verdict): void {
  if (exitCode(verdict, false) !== 0 || root === undefined || signer === undefined) return;
  heading('Compare with the sender by phone:');
  write(`  root  ${spokenDigest(root)}`);
  write(`  key   ${spokenKey(signer)}`);
}

function printReceipt({ verdict, summary, checks, not_proven, receipt }: ReceiptVerdict): void {
  write(verdict);
  write(summary);
  write('');
  printRows(checks);
  if (receipt !== undefined) {
    heading('What the receipt says:');
    write(`  file    ${receipt.file.name}, ${receipt.file.size} bytes, SHA-256 ${receipt.file.sha256}`);
    write(`  verdict ${receipt.verdict}. ${receipt.summary}`);
    for (const { state, title, detail } of receipt.checks) write(`  ${state.padEnd(14)} ${title}: ${detail}`);
    for (const { where, detail } of receipt.findings) write(`  ${where}: ${detail}`);
  }
  printNotProven(not_proven);
}

const states = { proven: 'proven', limited: 'limited', failed: 'FAILED', not_checkable: 'not checkable' } as const;

function printRows(checks: readonly ReceiptVerdict['checks'][number][]): void {
  const width = Math.max(...checks.map(({ title }) => title.length), 0);
  for (const { state, title, detail } of checks)
    write(`  ${states[state].padEnd(14)} ${title.padEnd(width)}  ${detail}`);
}

function printNotProven(lines: readonly string[]): void {
  if (lines.length > 0) heading('What this does not prove:');
  for (const line of lines) write(`  - ${line}`);
}

function heading(line: string): void {
  write('');
  write(line);
}

function write(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}
