// `gatehouse audit …`: verifying bundles anywhere, without a console. Exporting them is export.ts.
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readBundle } from '../../../src-shared/evidence/bundle-reader.ts';
import { readSpan } from '../../../src-shared/evidence/bundle-source.ts';
import { decodeBase64 } from '../../../src-shared/evidence/bytes.ts';
import { exitCode, Findings, type Verdict } from '../../../src-shared/evidence/verdict.ts';
import { type VerifyOptions, verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { openBundle } from '../../adapters/files/bundle-file.ts';
import { writeDurably } from '../../adapters/files/key-file-store.ts';
import { writeParts } from '../../adapters/files/part-file.ts';
import { utf8 } from '../../base/bytes.ts';
import { nodePrimitives } from '../../base/evidence-primitives.ts';
import { verifierFile } from '../bundle-machine.ts';
import { version } from '../project.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export async function printPublicKey(flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { verifier_key, earlier } = await client.call('audit.public_key', {});
  // The one that signs now alone on standard output, so that it can be kept in a file for --key.
  process.stdout.write(`${verifier_key}\n`);
  for (const { verifier_key: before, last_seq, replaced_at } of earlier) {
    process.stderr.write(`until ${replaced_at} (#${last_seq}): ${printable(before)}\n`);
  }
}

/** Writes the verifier that opens in any browser, without network and without Gatehouse. */
export function saveVerifier(flags: { readonly out: string; readonly force?: boolean }): void {
  if (existsSync(flags.out) && flags.force !== true) {
    throw new CommandFailure(`${flags.out} is already there`, { hint: 'add --force to overwrite it', exitCode: 2 });
  }
  if (!existsSync(verifierFile)) {
    throw new CommandFailure('the one-file verifier is not built yet', { hint: 'build it with: npm run build' });
  }
  writeDurably(flags.out, readFileSync(verifierFile, 'utf8'), 0o644);
}

export type RenderFlags = VerifyFlags & { readonly out: string; readonly force?: boolean; readonly bundle?: boolean };

/** Larger bundles are not carried by their PDF: both would have to be held at once. */
const largestCarried = 64 * 1024 * 1024;

/** A bundle as a PDF for people, with the verdict on every page. @returns the exit code, as verifying does. */
export async function render(path: string, flags: RenderFlags): Promise<number> {
  if (existsSync(flags.out) && flags.force !== true) {
    throw new CommandFailure(`${flags.out} is already there`, { hint: 'add --force to overwrite it', exitCode: 2 });
  }
  const { verdict } = await verifyFile(path, optionsOf(flags));
  if (verdict.manifest === undefined) {
    throw new CommandFailure(`${path} cannot be rendered: ${verdict.summary}`, {
      exitCode: exitCode(verdict.verdict, false),
    });
  }
  const { mostEntries, renderBundleReport } = await import('../../adapters/pdf/bundle-report.ts');
  const entries = verdict.entries?.seqs.length ?? 0;
  if (entries > mostEntries) {
    throw new CommandFailure(`${path} has ${entries} entries, a PDF holds at most ${mostEntries}`, {
      hint: 'export shorter ranges with --from and --to, and render each',
      exitCode: 2,
    });
  }
  using source = await openBundle(path);
  const report = renderBundleReport({
    verdict,
    source,
    fileName: basename(path),
    madeAt: new Date(),
    version,
    carriesBundle: flags.bundle !== false && source.size <= largestCarried,
  });
  await pipeline(report, createWriteStream(flags.out, { mode: 0o600 }));
  process.stderr.write(`${verdict.headline}\n`);
  return exitCode(verdict.verdict, flags.strict === true);
}

export type ExtractFlags = VerifyFlags & { readonly out: string; readonly force?: boolean };

/** The files attached to a bundle, after it was verified; none of one that is not genuine. @returns the exit code, as verifying does. */
export async function extract(path: string, flags: ExtractFlags): Promise<number> {
  const { verdict } = await verifyFile(path, optionsOf(flags));
  const code = exitCode(verdict.verdict, flags.strict === true);
  if (verdict.manifest === undefined || verdict.verdict === 'NOT VERIFIED') {
    throw new CommandFailure(`nothing was taken out of ${path}: ${verdict.summary}`, { exitCode: code });
  }
  using source = await openBundle(path);
  // Names were checked with the manifest: plain file names, each once.
  const files = readBundle(nodePrimitives, source, new Findings()).attachments.map((place) => ({
    ...place,
    target: join(flags.out, place.name),
  }));
  const there = files.find(({ target }) => existsSync(target));
  if (there !== undefined && flags.force !== true) {
    throw new CommandFailure(`${there.target} is already there`, { hint: 'add --force to overwrite it', exitCode: 2 });
  }
  mkdirSync(flags.out, { recursive: true });
  for (const { target, dataStart, dataEnd } of files) {
    const data = decodeBase64(Buffer.from(readSpan(source, dataStart, dataEnd)).toString('latin1')) ?? new Uint8Array();
    await writeParts(target, oneOf(data));
    process.stdout.write(`${printable(target)}\n`);
  }
  process.stderr.write(`${verdict.headline}\n`);
  return code;
}

async function* oneOf(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data;
}

export type VerifyFlags = {
  readonly key: readonly string[];
  readonly checkpoint: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
};

/** No network, no store, no account. @returns the exit code of spec 04. */
export async function verify(path: string, flags: VerifyFlags): Promise<number> {
  const { verdict, inPdf } = await verifyFile(path, optionsOf(flags));
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify({ ...machineForm(verdict), in_pdf: inPdf }, null, 2)}\n`);
  else print(verdict);
  if (inPdf && flags.json !== true) {
    process.stdout.write(
      '\nVerified is the bundle inside this PDF. Its printed pages were not compared and claim nothing.\n',
    );
  }
  return exitCode(verdict.verdict, flags.strict === true);
}

function optionsOf(flags: VerifyFlags): VerifyOptions {
  const secret = process.env.AUDIT_SIGNING_SECRET;
  return {
    trustedKeys: flags.key.map(keyOf),
    checkpoints: flags.checkpoint.map((note) =>
      Buffer.from(readOr(note, `cannot read the checkpoint ${note}`)).toString('utf8'),
    ),
    ...(secret === undefined || secret === '' ? {} : { hmacSecret: utf8(secret) }),
  };
}

/** A part of the file at a time: it may be larger than the memory. */
async function verifyFile(path: string, options: VerifyOptions): Promise<{ verdict: Verdict; inPdf: boolean }> {
  try {
    using file = await openBundle(path);
    return { verdict: verifyBundle(nodePrimitives, file, options), inPdf: file.inPdf };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`cannot read ${path}: ${why}`, { cause, exitCode: 2 });
  }
}

/** A verifier key on the command line, or the file that holds it. */
export function keyOf(text: string): string {
  if (/^[^\s+]+\+[0-9a-f]{8}\+/.test(text)) return text;
  const content = Buffer.from(readOr(text, `${text} is neither a verifier key nor a file that can be read`)).toString(
    'utf8',
  );
  return content.trim();
}

function readOr(path: string, message: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CommandFailure(message, { cause, exitCode: 2 });
  }
}

/** Without the entries: they stand in the bundle itself. */
function machineForm(verdict: Verdict): object {
  const { verdict: word, summary, checks, findings, not_proven } = verdict;
  return { verdict: word, summary, checks, findings, not_proven };
}

function print(verdict: Verdict): void {
  const write = (line: string): void => void process.stdout.write(`${printable(line)}\n`);
  const heading = (line: string): void => {
    write('');
    write(line);
  };
  write(verdict.verdict);
  write(verdict.summary);
  write('');
  const width = Math.max(...verdict.checks.map((check) => check.title.length), 0);
  const states = { proven: 'proven', limited: 'limited', failed: 'FAILED', not_checkable: 'not checkable' } as const;
  for (const check of verdict.checks)
    write(`  ${states[check.state].padEnd(14)} ${check.title.padEnd(width)}  ${check.detail}`);
  if (verdict.findings.length > 0) heading('What is wrong:');
  for (const finding of verdict.findings) write(`  ${finding.where}: ${finding.detail} [${finding.code}]`);
  if (verdict.not_proven.length > 0) heading('What this does not prove:');
  for (const line of verdict.not_proven) write(`  - ${line}`);
}
