// The verdict on a bundle, in named steps that each fill a row or two. It uses the file and what the caller pins, nothing else: no
// network, no clock, no store. SECURITY: a key that the bundle carries is never trusted, only compared.

import { type BundleParts, claimedVersion, readBundle } from './bundle-reader.ts';
import { type BundleSource, sourceOf } from './bundle-source.ts';
import { parseWitnessKey } from './cosignature.ts';
import { checkErased } from './erased-fields.ts';
import { FormatError } from './format-error.ts';
import { FORMAT_VERSION } from './manifest.ts';
import type { Primitives } from './primitives.ts';
import { parseVerifierKey, type VerifierKey } from './signed-note.ts';
import type { StampPrimitives } from './stamps/stamp-primitives.ts';
import { readAuthorities, TimeStampError } from './stamps/time-stamp.ts';
import { type Check, type FindingCode, Findings, type Verdict } from './verdict.ts';
import { wordsOf } from './verdict-words.ts';
import { checkChain } from './verify-chain.ts';
import { checkHeldCheckpoints, checkTail, type Held, readHeld } from './verify-checkpoint.ts';
import { checkAttachments, checkEntries, checkHmac } from './verify-content.ts';
import { checkReport, type GivenPdf } from './verify-report.ts';
import { checkManifestSignature, checkSignerKnown } from './verify-signer.ts';
import { checkTimeClaims } from './verify-time.ts';

export type VerifyOptions = {
  /** Verifier keys (vkeys) that the caller knows to be the console's. With any given, another signer is NOT VERIFIED. */
  trustedKeys: readonly string[];
  /** Keys that are known for their own logs: a bundle of one of these logs must be by its key, one of another log is by a new signer. */
  pinnedKeys?: readonly string[];
  /** Signed checkpoints of the same log that the caller holds from elsewhere, each a note or a file of several: they reveal rollbacks and forks. */
  checkpoints?: readonly string[];
  /** The console's AUDIT_SIGNING_SECRET, for insiders; without it the HMAC is reported as not checkable. */
  hmacSecret?: Uint8Array;
  /** Verifier keys (vkeys of type 4) of witnesses whose word on the time counts. */
  witnesses?: readonly string[];
  /** PEM of the CAs of time-stamp authorities whose word on the time counts, and what can judge it. */
  timeStamps?: { readonly authorities: readonly string[]; readonly primitives: StampPrimitives };
  /** A PDF that came with the bundle, or around it. */
  pdf?: GivenPdf;
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
  const readKey = (text: string): VerifierKey => parseVerifierKey(primitives, text);
  const named = readOptions(findings, 'trustedKeys', options.trustedKeys, readKey);
  const pinned = readOptions(findings, 'trustedKeys', options.pinnedKeys ?? [], readKey);
  let parts: BundleParts;
  try {
    parts = readBundle(primitives, source, findings);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return concludeUnread(source, error);
  }
  const [log] = parts.signer.split('+', 1);
  const trusted = [...named, ...pinned.filter(({ name }) => name === log)];
  const signature = checkManifestSignature(primitives, parts, trusted, findings);
  // Of a later format nothing more can be read. An envelope that is wrong in itself is wrong in every format.
  if (parts.manifestVersion !== undefined && signature.check.state !== 'failed') {
    return concludeUnknown('manifest.format_version', parts.manifestVersion);
  }
  const signer = checkSignerKnown(primitives, parts, trusted, signature.key, findings);
  const held = readOptions(findings, 'checkpoints', options.checkpoints ?? [], (note) =>
    readHeld(primitives, note, signer.known, log),
  );
  const witnesses = readOptions(findings, 'witnesses', options.witnesses ?? [], (text) =>
    parseWitnessKey(primitives, text),
  );
  const authorities = readOptions(findings, 'authorities', options.timeStamps?.authorities ?? [], readAuthorities);
  const trust = { witnesses, authorities: authorities.flat(), stamps: options.timeStamps?.primitives };
  const erased = checkErased(source, parts, findings);
  const entries = checkEntries(primitives, source, parts, erased, findings);
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
    checkReport(primitives, source, parts, options.pdf, findings),
    checkTimeClaims(primitives, source, parts, trust, findings),
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
    ...(erased.size > 0 && { erased }),
  };
}

const optionWords = {
  trustedKeys: 'a key you gave',
  checkpoints: 'a checkpoint you gave',
  witnesses: "a witness's key you gave",
  authorities: "an authority's CA you gave",
} as const;

function readOptions<T>(
  findings: Findings,
  name: keyof typeof optionWords,
  texts: readonly string[],
  read: (text: string) => T,
): T[] {
  return texts.flatMap((text, i) => {
    try {
      return [read(text)];
    } catch (error) {
      const reason =
        error instanceof FormatError ? error.reason : error instanceof TimeStampError ? error.message : undefined;
      if (reason === undefined) throw error;
      findings.add('bad-argument', `${name}[${i}]`, `${optionWords[name]} cannot be used: ${reason}`);
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

function heldRow(primitives: Primitives, parts: BundleParts, held: readonly Held[], findings: Findings): Check[] {
  return held.length === 0 ? [] : [checkHeldCheckpoints(primitives, parts, held, findings)];
}

function concludeUnread(source: BundleSource, error: FormatError): Verdict {
  const version = claimedVersion(source);
  if (version !== undefined && version !== FORMAT_VERSION) return concludeUnknown('version', version);
  const detail =
    source.size === 0 ? 'the file is empty' : `the file is damaged: ${error.reason}, at offset ${error.offset}`;
  return concludeUnjudged('file-damaged', `offset ${error.offset}`, detail);
}

function concludeUnknown(where: string, version: number): Verdict {
  const detail = `the bundle is of format ${version}, this verifier knows format ${FORMAT_VERSION}: use a newer verifier`;
  return concludeUnjudged('unknown-version', where, detail);
}

function concludeUnjudged(code: FindingCode, where: string, detail: string): Verdict {
  const findings = new Findings();
  findings.add(code, where, detail);
  const checks = [findings.check('file_form', 'not_checkable', '')];
  return {
    ...wordsOf(checks, findings, undefined, undefined),
    checks,
    findings: findings.list,
    findings_left_out: 0,
  };
}
