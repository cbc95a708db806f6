// What a scan of log files found, as alerts: each finding once, whatever is loaded again; findings of one rule, file and host together.
// The console's own detectors have no part in it: the scan's rule has judged, and it may be none of theirs.
import { longestScanEvent, type ScanFinding } from '../../../../src-shared/contract/alerts.ts';
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { sha256, sha256Hex } from '../../../base/hashes.ts';
import { uuidFromHash } from '../../../base/ids.ts';
import type { Event } from '../../../engine/event.ts';
import { dedupKey, type Finding } from '../../../engine/finding.ts';
import { complete, type RecordParser } from '../../../engine/formats/format.ts';
import { createJsonParser } from '../../../engine/formats/json.ts';
import { baseRisk, defaultConfidence, techniquesOf } from '../../../engine/rules/output.ts';
import type { Call } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import type { KeepEvidence } from '../events/index.ts';
import { keepLoaded, wasLoaded } from './loaded-table.ts';
import { type DescribeDetector, type DetectorDescription, type Raised, raiseAlert } from './raise.ts';

/** Findings in one transaction: with the alerts they raise, well below a turn's time. */
const atOnce = 10;
const dayMs = 24 * 3_600_000;

export type LoadParts = {
  readonly host: Pick<Host, 'random' | 'timers'>;
  readonly store: () => Store;
  readonly describeDetector: DescribeDetector;
  readonly keepEvidence: KeepEvidence;
  appendEntry(tx: WriteTx, entry: NewEntry): void;
};

type Outcome = Raised | { readonly kind: 'known' } | { readonly kind: 'rejected'; readonly reason: string };

export async function loadFindings(
  parts: LoadParts,
  call: Call,
  { findings }: Input<'alerts.load'>,
): Promise<Output<'alerts.load'>> {
  const parse = createJsonParser({ referenceTimeMs: call.now, keepTimeless: true, source: 'scan' });
  const answer = { raised: 0, repeated: 0, known: 0 };
  const rejected: { index: number; reason: string }[] = [];
  const alerts: string[] = [];
  for (let from = 0; from < findings.length; from += atOnce) {
    if (from > 0) await parts.host.timers.breathe();
    await parts.store().writable();
    const outcomes = parts
      .store()
      .write(call.workspace, (tx) =>
        findings.slice(from, from + atOnce).map((finding) => loadOne(parts, call, tx, parse, finding)),
      );
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.kind === 'rejected') rejected.push({ index: from + at, reason: outcome.reason });
      // The rules of a scan have no settings here: nothing of it is kept quiet.
      else if (outcome.kind !== 'suppressed') answer[outcome.kind] += 1;
      if (outcome.kind === 'raised') alerts.push(outcome.alertId);
    }
  }
  call.entry.details = { findings: findings.length, ...answer, rejected: rejected.length, alerts };
  return { ...answer, rejected, alerts };
}

function loadOne(parts: LoadParts, call: Call, tx: WriteTx, parse: RecordParser, loaded: ScanFinding): Outcome {
  const event = eventOf(parse, loaded, call.now);
  if (typeof event === 'string') return { kind: 'rejected', reason: event };
  const identity = sha256Hex(JSON.stringify([loaded.rule_id, event.id]));
  if (wasLoaded(tx, identity)) return { kind: 'known' };
  const kept = parts.keepEvidence(tx, event, call.now);
  if ('reason' in kept) return { kind: 'rejected', reason: kept.reason };
  keepLoaded(tx, identity);
  const finding = findingOf(loaded, event);
  const known = parts.describeDetector(loaded.rule_id, '');
  const outcome = raiseAlert(tx, finding, {
    random: parts.host.random,
    describeDetector: () => known ?? describe(loaded),
    eventHashes: new Map([[event.id, kept.sha256]]),
    now: call.now,
    origin: 'scan',
  });
  if (outcome.kind === 'raised') parts.appendEntry(tx, entryOf(call, finding, outcome));
  return outcome;
}

/** The finding's record as an event, or why it is none. The same record of the same file has the same id wherever it was scanned. */
function eventOf(parse: RecordParser, loaded: ScanFinding, now: number): Event | string {
  // Written and read again: the reader's limits hold, and nobody else has what it changes.
  const text = jsonText(loaded.event);
  if (text === undefined) return 'event: nested too deep';
  if (text.length > longestScanEvent) return `event: longer than ${longestScanEvent} characters`;
  const parsed = parse(text);
  if (parsed === undefined || parsed.kind === 'rejected') return `event: ${parsed?.reason ?? 'holds nothing'}`;
  const { draft } = parsed;
  const name = loaded.file.replaceAll('\\', '/').split('/').at(-1);
  const id = uuidFromHash(sha256(JSON.stringify([name, loaded.record, text])));
  const timeMs = loaded.time === null ? (draft.timeMs ?? now) : Date.parse(loaded.time);
  return complete({ ...draft, timeMs }, id);
}

function jsonText(event: ScanFinding['event']): string | undefined {
  try {
    return JSON.stringify(event);
  } catch {
    return undefined;
  }
}

function findingOf(loaded: ScanFinding, event: Event): Finding {
  const level = loaded.level === 'informational' ? 'info' : loaded.level;
  const base = baseRisk[level];
  const risk = Math.round(base * defaultConfidence);
  const entities = (
    [
      ['user', event.actor],
      ['ip', event.ip_address],
      ['host', event.source],
    ] as const
  ).flatMap(([kind, value]) => (value === undefined || value === '' ? [] : [{ kind, value }]));
  return {
    ruleId: loaded.rule_id,
    ruleVersion: 'scan',
    parameters: { file: loaded.file },
    level,
    risk,
    riskDerivation: [
      { label: `Severity ${level[0]?.toUpperCase()}${level.slice(1)}`, points: base },
      { label: `Confidence ${Math.round(defaultConfidence * 100)} %`, points: risk - base },
    ],
    title: loaded.title,
    sentence: `${loaded.sentence ?? loaded.title}. Found by a scan in ${loaded.file}, record ${loaded.record}.`,
    group: {},
    entities,
    techniques: techniquesOf(loaded.tags),
    state: 'opened',
    count: 1,
    newEvents: 1,
    value: 1,
    firstAtMs: event.timeMs,
    lastAtMs: event.timeMs,
    eventIds: [event.id],
    dedupKey: dedupKey(loaded.rule_id, ['scan', loaded.file, event.source]),
    dedupWindowMs: dayMs,
  };
}

function describe(loaded: ScanFinding): DetectorDescription {
  return {
    title: loaded.title,
    description: loaded.description ?? '',
    falsePositives: loaded.false_positives ?? [],
    references: loaded.references ?? [],
    runbook: [],
  };
}

/** Whoever watches for new alerts in the log must not miss those that came this way. */
function entryOf(call: Call, { ruleId, level }: Finding, { alertId, number, title }: Raised): NewEntry {
  return {
    type: 'alert_raised',
    action: 'alerts.load',
    success: true,
    actor: actorOf(call.principal),
    origin: { ip: call.origin.ip, userAgent: call.origin.userAgent },
    sessionId: null,
    traceId: call.traceId,
    dataAccessed: undefined,
    resource: { type: 'alert', id: alertId },
    details: { number, title: title.toWellFormed(), rule: ruleId.toWellFormed(), severity: level, origin: 'scan' },
    at: call.now,
  };
}
