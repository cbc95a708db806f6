// `gatehouse audit render`, `extract`, `verifier`, `public-key`: what is made of bundles and keys. Verifying is audit-verify.ts, exporting export.ts.
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readBundle } from '../../../src-shared/evidence/bundle-reader.ts';
import { readSpan } from '../../../src-shared/evidence/bundle-source.ts';
import { decodeBase64 } from '../../../src-shared/evidence/bytes.ts';
import { exitCode, Findings } from '../../../src-shared/evidence/verdict.ts';
import { writeDurably } from '../../adapters/files/key-file-store.ts';
import { writeParts } from '../../adapters/files/part-file.ts';
import { nodePrimitives } from '../../base/evidence-primitives.ts';
import { verifierFile } from '../bundle-machine.ts';
import { version } from '../project.ts';
import { bundleOf, judge, openGiven, optionsOf, type TrustFlags } from './audit-verify.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { spokenKey } from './spoken.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export async function printPublicKey(flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { verifier_key, earlier } = await client.call('audit.public_key', {});
  // The one that signs now alone on standard output, so that it can be kept in a file for --key.
  process.stdout.write(`${verifier_key}\n`);
  process.stderr.write(`to be read out: ${spokenKey(verifier_key)}\n`);
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

export type RenderFlags = TrustFlags & { readonly out: string; readonly force?: boolean; readonly bundle?: boolean };

/** Larger bundles are not carried by their PDF: both would have to be held at once. */
const largestCarried = 64 * 1024 * 1024;

/** A bundle as a PDF for people, with the verdict on every page. @returns the exit code, as verifying does. */
export async function render(path: string, flags: RenderFlags): Promise<number> {
  if (existsSync(flags.out) && flags.force !== true) {
    throw new CommandFailure(`${flags.out} is already there`, { hint: 'add --force to overwrite it', exitCode: 2 });
  }
  using file = openGiven(path);
  const source = await bundleOf(path, file);
  const verdict = judge(path, source, optionsOf(flags));
  if (verdict.manifest === undefined) {
    throw new CommandFailure(`${path} cannot be rendered: ${verdict.summary}`, {
      exitCode: exitCode(verdict.verdict, false),
    });
  }
  const { renderBundleReport } = await import('../../adapters/pdf/bundle-report.ts');
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

export type ExtractFlags = TrustFlags & { readonly out: string; readonly force?: boolean };

/** The files attached to a bundle, after it was verified; none of one that is not genuine. @returns the exit code, as verifying does. */
export async function extract(path: string, flags: ExtractFlags): Promise<number> {
  using file = openGiven(path);
  const source = await bundleOf(path, file);
  const verdict = judge(path, source, optionsOf(flags));
  const code = exitCode(verdict.verdict, flags.strict === true);
  if (verdict.manifest === undefined || verdict.verdict === 'NOT VERIFIED') {
    throw new CommandFailure(`nothing was taken out of ${path}: ${verdict.summary}`, { exitCode: code });
  }
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
