// Verification step "Time claims": what witnesses and time-stamp authorities said of the log. Whoever names the witness or the authority
// gets a judgement; without that it is only told what is attached. The times inside the entries stay the console's own word.

import type { BundleParts } from './bundle-reader.ts';
import type { BundleSource } from './bundle-source.ts';
import { decodeUtf8Strict, encodeUtf8 } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { openCosignatures } from './cosignature.ts';
import { FormatError } from './format-error.ts';
import type { Primitives } from './primitives.ts';
import { parseNote, type VerifierKey } from './signed-note.ts';
import type { Certificate } from './stamps/certificate.ts';
import type { StampPrimitives } from './stamps/stamp-primitives.ts';
import { TimeStampError, UnknownAuthority, verifyTimeStamp } from './stamps/time-stamp.ts';
import { type Check, count, counted, type Findings, limitWord, printable, readableTime } from './verdict.ts';
import { continuesFrom } from './verify-checkpoint.ts';
import { readAttachment } from './verify-content.ts';

export type TimeTrust = {
  readonly witnesses: readonly VerifierKey[];
  readonly authorities: readonly Certificate[];
  /** Judges time stamps; needed where there are authorities. */
  readonly stamps: StampPrimitives | undefined;
};

/** The log had `size` entries at that time at the latest, says somebody whom the caller named. */
type Claim = { readonly size: number; readonly at: number; readonly words: string };

type Gathered = {
  readonly claims: Claim[];
  /** By keys and authorities that were not given. */
  unjudged: number;
  /** About a checkpoint that this bundle has no proof from. */
  unconnected: number;
};

const notePattern = /^anchored-checkpoint-(\d{1,16})\.note$/;
const stampPattern = /^anchored-checkpoint-(\d{1,16})(?:-\d{1,3})?\.tsr$/;
const claimsNamed = 4;

/** Findings are what claims to be by somebody named and is not, or is about another log or tree than this. */
export function checkTimeClaims(
  primitives: Primitives,
  source: BundleSource,
  parts: BundleParts,
  trust: TimeTrust,
  findings: Findings,
): Check {
  const check = judgeClaims(primitives, source, parts, trust, findings);
  const exportedAt = parts.manifest?.exported_at;
  const { index, text } = parts.entries.latest;
  if (exportedAt === undefined || index < 0 || text <= exportedAt || check.state === 'failed') return check;
  // Clocks are set back in honest consoles too, so this is no forgery; but one of the two times is wrong, and that is to be said.
  const seq = count(parts.entries.seqs[index] ?? 0);
  const clock = `exported on ${readableTime(exportedAt)}, which is before the time of entry #${seq}, ${readableTime(text)}: the clock was wrong`;
  const others = check.state === 'limited' ? `, ${limitWord('time_claims')}` : '';
  findings.limitWords.set('time_claims', `exported before its entries by the console's own clock${others}`);
  return findings.check('time_claims', 'limited', `${clock}; ${check.detail}`);
}

function judgeClaims(
  primitives: Primitives,
  source: BundleSource,
  parts: BundleParts,
  trust: TimeTrust,
  findings: Findings,
): Check {
  const { manifest, checkpoint } = parts;
  if (manifest === undefined || checkpoint === undefined) {
    return findings.check('time_claims', 'not_checkable', "self-asserted by the console's own clock");
  }
  const own = `self-asserted by the console's own clock (exported ${readableTime(manifest.exported_at)})`;
  if (trust.witnesses.length === 0 && trust.authorities.length === 0) {
    return findings.check('time_claims', 'not_checkable', `${own}; ${attachedWords(parts)}`);
  }
  const gathered = gather(primitives, source, parts, trust, findings);
  const left = leftWords(gathered);
  // Under a filter the range may go on behind the last entry that was chosen.
  const last = parts.entries.seqs.at(-1) ?? manifest.range.to;
  const covering = gathered.claims.filter(({ size }) => size >= last).sort((a, b) => a.at - b.at);
  const [earliest] = covering;
  if (earliest !== undefined) {
    const words = covering.slice(0, claimsNamed).map((claim) => claim.words);
    const detail = `every entry existed by ${timeOf(earliest.at)}: ${words.join('; ')}${left}; the times inside are ${own}`;
    return findings.check('time_claims', 'proven', detail);
  }
  const furthest = gathered.claims.reduce<Claim | undefined>(
    (far, claim) => (far && far.size >= claim.size ? far : claim),
    undefined,
  );
  const detail =
    furthest === undefined
      ? `nothing attached is by a witness or authority that you named${left}; ${own}`
      : `only entries up to #${count(furthest.size)} are covered: ${furthest.words}${left}; ${own}`;
  return findings.check('time_claims', 'limited', detail);
}

function gather(
  primitives: Primitives,
  source: BundleSource,
  parts: BundleParts,
  trust: TimeTrust,
  findings: Findings,
): Gathered {
  const gathered: Gathered = { claims: [], unjudged: 0, unconnected: 0 };
  const { manifest, checkpoint } = parts;
  if (manifest === undefined || checkpoint === undefined) return gathered;
  // The bundle's own checkpoint may be cosigned as it stands; its own signature is the row "Tail covered".
  const others = judgeCosignatures(primitives, manifest.checkpoint, checkpoint, 'manifest.checkpoint', trust, findings);
  gathered.claims.push(...others.claims);
  gathered.unjudged += others.unknown.filter(({ name }) => name !== manifest.origin).length;
  const texts = new Map<number, { text: string; size: number } | undefined>();
  parts.attachments.forEach(({ name }, index) => {
    const size = Number(notePattern.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) return;
    const where = `attachments[${index}]`;
    const note = readNote(source, parts, index, size, findings);
    texts.set(size, note && { text: parseNote(note.note).text, size });
    if (note === undefined) return;
    const judged = judgeCosignatures(primitives, note.note, note.checkpoint, where, trust, findings);
    gathered.unjudged += judged.unknown.filter((signature) => signature.name !== manifest.origin).length;
    if (connects(primitives, parts, note.checkpoint, where, findings)) gathered.claims.push(...judged.claims);
    else {
      gathered.unconnected += judged.claims.length;
      texts.set(size, undefined);
    }
  });
  parts.attachments.forEach(({ name }, index) => {
    const match = stampPattern.exec(name);
    if (match === null) return;
    const note = texts.get(Number(match[1]));
    if (note === undefined || trust.stamps === undefined || trust.authorities.length === 0) {
      gathered.unjudged++;
      return;
    }
    const claim = judgeStamp(primitives, trust, source, parts, index, note, findings);
    if (claim === undefined) gathered.unjudged++;
    else if (claim !== 'wrong') gathered.claims.push(claim);
  });
  return gathered;
}

/** The attached note of a checkpoint of this log; undefined, with a finding, for anything else. */
function readNote(
  source: BundleSource,
  parts: BundleParts,
  index: number,
  size: number,
  findings: Findings,
): { note: string; checkpoint: Checkpoint } | undefined {
  const where = `attachments[${index}]`;
  try {
    const note = decodeUtf8Strict(readAttachment(source, parts, index) ?? new Uint8Array(0));
    const checkpoint = parseCheckpoint(parseNote(note).text);
    // Who signed it for the log does not matter: that its tree became this one is proven, and what others said of it is judged.
    if (checkpoint.origin === parts.manifest?.origin && checkpoint.size === size) return { note, checkpoint };
    findings.add('anchored-checkpoint', where, `the checkpoint of ${count(size)} is of another log or size`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    findings.add('anchored-checkpoint', where, `the checkpoint of ${count(size)} is not readable: ${error.reason}`);
  }
  return undefined;
}

function connects(
  primitives: Primitives,
  parts: BundleParts,
  mine: Checkpoint,
  where: string,
  findings: Findings,
): boolean {
  const { checkpoint } = parts;
  if (checkpoint === undefined) return false;
  const continues = mine.size > checkpoint.size ? false : continuesFrom(primitives, parts, checkpoint, mine);
  if (continues === false) {
    const detail = `the checkpoint of ${count(mine.size)} that others vouched for is not one of this tree`;
    findings.add('anchored-checkpoint', where, detail);
  }
  return continues === true;
}

function judgeCosignatures(
  primitives: Primitives,
  note: string,
  { size }: Checkpoint,
  where: string,
  { witnesses }: TimeTrust,
  findings: Findings,
) {
  const { verified, unknown, wrong } = openCosignatures(primitives, note, witnesses);
  for (const { name } of wrong) {
    const detail = `the cosignature under the key of ${printable(name)} is not for this checkpoint of ${count(size)}`;
    findings.add('witness-signature', where, detail);
  }
  const claims = verified.map(({ witness, at }) => ({
    size,
    at,
    words: `witness ${printable(witness.name)} cosigned #${count(size)} on ${timeOf(at)}`,
  }));
  return { claims, unknown };
}

function judgeStamp(
  primitives: Primitives,
  { authorities, stamps }: TimeTrust,
  source: BundleSource,
  parts: BundleParts,
  index: number,
  { text, size }: { text: string; size: number },
  findings: Findings,
): Claim | 'wrong' | undefined {
  if (stamps === undefined) return undefined;
  const data = readAttachment(source, parts, index) ?? new Uint8Array(0);
  try {
    const { at, authority } = verifyTimeStamp(stamps, data, primitives.sha256(encodeUtf8(text)), authorities);
    return { size, at, words: `authority ${printable(authority)} stamped #${count(size)} on ${timeOf(at)}` };
  } catch (error) {
    if (error instanceof UnknownAuthority) return undefined;
    if (!(error instanceof TimeStampError)) throw error;
    const name = printable(parts.attachments[index]?.name ?? '');
    findings.add('time-stamp', `attachments[${index}]`, `the time stamp ${name} does not stand: ${error.message}`);
    return 'wrong';
  }
}

function attachedWords({ attachments }: BundleParts): string {
  const named = (pattern: RegExp): string[] => attachments.map(({ name }) => name).filter((name) => pattern.test(name));
  const stamps = named(stampPattern);
  const notes = named(notePattern);
  if (notes.length === 0) return 'no time-stamp authority or witness';
  const words = [
    `checkpoint as witnesses cosigned or authorities stamped it in ${notes.slice(0, claimsNamed).join(', ')}`,
    ...(stamps.length === 0 ? [] : [`time stamps (RFC 3161) in ${stamps.slice(0, claimsNamed).join(', ')}`]),
  ];
  return `attached and not judged, since no witness's key and no authority's CA was given: ${words.join('; ')}`;
}

function leftWords({ unjudged, unconnected }: Gathered): string {
  const parts = [
    ...(unjudged === 0
      ? []
      : [`${counted(unjudged, 'other is', 'others are')} not judged, by keys that you did not give`]),
    ...(unconnected === 0
      ? []
      : [`${counted(unconnected, 'is', 'are')} about a checkpoint that this bundle has no proof from`]),
  ];
  return parts.length === 0 ? '' : `; ${parts.join('; ')}`;
}

function timeOf(at: number): string {
  return readableTime(new Date(at).toISOString());
}
