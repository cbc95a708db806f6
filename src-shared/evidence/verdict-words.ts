// Puts the outcome of all checks into words: headline, summary, and what even the best verdict does not prove.

import type { Manifest } from './manifest.ts';
import type { VerifierKey } from './signed-note.ts';
import {
  type Check,
  type CheckId,
  count,
  counted,
  type Findings,
  limitWord,
  printable,
  readableTime,
  type Verdict,
} from './verdict.ts';

type Words = Pick<Verdict, 'verdict' | 'headline' | 'summary' | 'not_proven'>;

// The shortest that may be said with a good verdict; the whole list stands beside it.
const UNPROVEN = 'Not proven: that the clock was right, and that nothing was left out before recording.';

/** Words for a file whose checks have all run. */
export function wordsOf(
  checks: readonly Check[],
  findings: Findings,
  manifest: Manifest | undefined,
  key: VerifierKey | undefined,
): Words {
  const badArgument = findings.list.find(({ code }) => code === 'bad-argument' || code === 'unknown-version');
  const failure = findings.list.find(({ code }) => code !== 'bad-argument' && code !== 'unknown-version');
  if (failure !== undefined || manifest === undefined || key === undefined) {
    if (failure === undefined && badArgument !== undefined) return cannotCheck(badArgument.detail);
    return notVerified(failure?.detail ?? 'there is no good signature', findings.list.length + findings.leftOut);
  }
  if (badArgument !== undefined) return cannotCheck(badArgument.detail);
  const limits = checks
    .filter(({ state }) => state === 'limited')
    .map(({ id }) => findings.limitWords.get(id) ?? limitWord(id));
  const known = !limits.includes('signer not known');
  const who = known ? `what ${printable(manifest.console)} signed` : `unaltered since key ${key.id} signed it`;
  const as = known ? '' : `, as ${printable(manifest.console)},`;
  const first = `This bundle is ${who}${as} on ${readableTime(manifest.exported_at)}.`;
  const not_proven = notProven(manifest, known, checks);
  if (limits.length === 0) {
    return {
      verdict: 'VERIFIED',
      headline: 'VERIFIED',
      summary: `${first} ${extent(manifest)} ${UNPROVEN}`,
      not_proven,
    };
  }
  return {
    verdict: 'VERIFIED WITH LIMITS',
    headline: `VERIFIED WITH LIMITS: ${limits.join(', ')}`,
    summary: `${first} ${extent(manifest)} Could not be confirmed: ${limits.join(', ')}.`,
    not_proven,
  };
}

function extent(manifest: Manifest): string {
  const { from, to } = manifest.range;
  const number = counted(manifest.counts.entries, 'entry', 'entries');
  return manifest.filter === null
    ? `${number}, none missing between #${count(from)} and #${count(to)}.`
    : `${number} out of #${count(from)} to #${count(to)}, chosen by a filter; each is in the log.`;
}

function notProven(manifest: Manifest, known: boolean, checks: readonly Check[]): string[] {
  const name = printable(manifest.console);
  const stateOf = (id: CheckId) => checks.find((check) => check.id === id)?.state;
  const clock = "That the console's clock was right";
  return [
    ...(known ? [] : [`That the key belongs to ${name}. You have not pinned it.`]),
    ...(manifest.filter === null ? [] : ['That the filter chose every entry that matches it.']),
    ...(stateOf('pdf_matches') === 'limited' ? ['What the printed pages say. Read the entries themselves.'] : []),
    stateOf('time_claims') === 'proven' ? `${clock}: others only say by when the entries existed.` : `${clock}.`,
    'That nothing was left out before it was recorded.',
    'That what a person wrote in a note is true.',
  ];
}

function notVerified(detail: string, problems: number): Words {
  const others = problems > 1 ? ` ${count(problems)} findings in all.` : '';
  return {
    verdict: 'NOT VERIFIED',
    headline: `NOT VERIFIED: ${detail}`,
    summary: `This bundle is not genuine: ${detail}.${others} Do not rely on any part of it; ask the sender for a new export.`,
    not_proven: ['Anything: what the file says has been changed, or was not signed by whom it should be.'],
  };
}

function cannotCheck(detail: string): Words {
  return {
    verdict: 'CANNOT CHECK',
    headline: `CANNOT CHECK: ${detail}`,
    summary: `Nothing can be said about this bundle: ${detail}.`,
    not_proven: ['Anything: the check could not be made.'],
  };
}
