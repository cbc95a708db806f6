// The verdict on a bundle, in named steps that each fill a row or two. It uses the file and what the caller pins, nothing else: no
// network, no clock, no store. SECURITY: a key that the bundle carries is never trusted, only compared.

import { type BundleParts, claimedVersion, readBundle } from './bundle-reader.ts';
import { type BundleSource, sourceOf } from './bundle-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { FormatError } from './format-error.ts';
import { FORMAT_VERSION, type Manifest } from './manifest.ts';
import type { Primitives } from './primitives.ts';
import { parseVerifierKey } from './signed-note.ts';
import { type Check, Findings, readableTime, type Verdict } from './verdict.ts';
import { wordsOf } from './verdict-words.ts';
import { checkChain } from './verify-chain.ts';
import { checkHeldCheckpoints, checkTail, readHeldCheckpoint } from './verify-checkpoint.ts';
import { checkAttachments, checkEntries, checkHmac } from './verify-content.ts';
import { checkManifestSignature, checkSignerKnown } from './verify-signer.ts';

export type VerifyOptions = {
  /** Verifier keys (vkeys) that the caller knows to be the console's. With any given, another signer is NOT VERIFIED. */
  trustedKeys: readonly string[];
  /** Signed checkpoints of the same log that the caller holds from elsewhere: they reveal rollbacks and forks. */
  checkpoints?: readonly string[];
  /** The console's AUDIT_SIGNING_SECRET, for insiders; without it the HMAC is reported as not checkable. */
  hmacSecret?: Uint8Array;
};

/**
 * Verifies a `.ghbundle` file: its bytes, or a source that gives them a part at a time. Never throws for anything in the file or the
 * options: what is wrong stands in the verdict, as many findings at once as can be had. Options that cannot be used give CANNOT CHECK,
 * unless the file is wrong anyway. What the source throws goes through, SourceCut among it: then nothing can be said.
 *
 * @example
 * const verdict = verifyBundle(nodePrimitives, bytes, { trustedKeys: ['gatehouse/7f3a+1b2c3d4e+AY…'] });
 * process.exitCode = exitCode(verdict.verdict, false);
 */
export function verifyBundle(primitives: Primitives, file: Uint8Array | BundleSource, options: VerifyOptions): Verdict {
  const source = file instanceof Uint8Array ? sourceOf(file) : file;
  const findings = new Findings();
  const trusted = readOptions(findings, 'trustedKeys', options.trustedKeys, (text) =>
    parseVerifierKey(primitives, text),
  );
  let parts: BundleParts;
  try {
    parts = readBundle(primitives, source, findings);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return concludeUnread(source, error);
  }
  const signature = checkManifestSignature(primitives, parts, trusted, findings);
  const signer = checkSignerKnown(primitives, parts, trusted, signature.key, findings);
  const held = readOptions(findings, 'checkpoints', options.checkpoints ?? [], (note) =>
    readHeldCheckpoint(primitives, note, signer.known),
  );
  const entries = checkEntries(primitives, source, parts, findings);
  const chain = checkChain(primitives, source, parts, findings);
  const [fileSet, evidence] = checkAttachments(primitives, source, parts, findings);
  const checks = [
    ...badOptions(findings),
    fileSet,
    signature.check,
    signer.check,
    entries,
    chain,
    checkTail(primitives, parts, signature.key, findings),
    ...heldRow(primitives, parts, held, findings),
    checkHmac(primitives, parts.manifest, options.hmacSecret, findings),
    evidence,
    timeClaims(parts.manifest, findings),
  ];
  return {
    ...wordsOf(checks, findings, parts.manifest, signature.key),
    checks,
    findings: findings.list,
    findings_left_out: findings.leftOut,
    ...(parts.manifest && { manifest: parts.manifest }),
    ...(parts.checkpoint && { root: parts.checkpoint.root }),
    entries: { seqs: parts.entries.seqs, starts: parts.entries.starts, ends: parts.entries.ends },
    signer: parts.signer,
  };
}

function readOptions<T>(
  findings: Findings,
  name: 'trustedKeys' | 'checkpoints',
  texts: readonly string[],
  read: (text: string) => T,
): T[] {
  return texts.flatMap((text, i) => {
    try {
      return [read(text)];
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const what = name === 'trustedKeys' ? 'a key you gave' : 'a checkpoint you gave';
      findings.add('bad-argument', `${name}[${i}]`, `${what} cannot be used: ${error.reason}`);
      return [];
    }
  });
}

// The row for options appears only when something is wrong with them.
function badOptions(findings: Findings): Check[] {
  return findings.list.some(({ code }) => code === 'bad-argument')
    ? [findings.check('file_form', 'not_checkable', '')]
    : [];
}

function heldRow(primitives: Primitives, parts: BundleParts, held: readonly Checkpoint[], findings: Findings): Check[] {
  return held.length === 0 ? [] : [checkHeldCheckpoints(primitives, parts, held, findings)];
}

// Whose claim the times are. What witnesses and time-stamp authorities said lies in attachments, for tools that hold their keys.
function timeClaims(manifest: Manifest | undefined, findings: Findings): Check {
  const when = manifest === undefined ? '' : ` (exported ${readableTime(manifest.exported_at)})`;
  const others = manifest === undefined ? '' : claimsAttached(manifest);
  const detail = `self-asserted by the console's own clock${when}; ${others || 'no time-stamp authority or witness'}`;
  return findings.check('time_claims', 'not_checkable', detail);
}

function claimsAttached({ attachments }: Manifest): string {
  const named = (pattern: RegExp): string[] => attachments.map(({ name }) => name).filter((name) => pattern.test(name));
  const stamps = named(/^anchored-checkpoint-\d{1,16}(-\d{1,3})?\.tsr$/);
  const notes = named(/^anchored-checkpoint-\d{1,16}\.note$/);
  if (notes.length === 0) return '';
  const parts = [
    `checkpoint as witnesses cosigned or authorities stamped it in ${notes.slice(0, 5).join(', ')}`,
    ...(stamps.length === 0 ? [] : [`time stamps (RFC 3161) in ${stamps.slice(0, 5).join(', ')}`]),
  ];
  return `attached and not checked here: ${parts.join('; ')}`;
}

function concludeUnread(source: BundleSource, error: FormatError): Verdict {
  const findings = new Findings();
  const version = claimedVersion(source);
  if (version !== undefined && version !== FORMAT_VERSION) {
    const detail = `the bundle is of format ${version}, this verifier knows format ${FORMAT_VERSION}: use a newer verifier`;
    findings.add('unknown-version', 'version', detail);
  } else {
    findings.add(
      'file-damaged',
      `offset ${error.offset}`,
      `the file is damaged: ${error.reason}, at offset ${error.offset}`,
    );
  }
  const checks = [findings.check('file_form', 'not_checkable', '')];
  return {
    ...wordsOf(checks, findings, undefined, undefined),
    checks,
    findings: findings.list,
    findings_left_out: 0,
  };
}
