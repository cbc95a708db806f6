// From a detector's finding to an alert: a new one, or one more on the count of an alert that is still being worked on.
// Runs inside the transaction that stores the events, so that there is never an event taken in without its alert.

import type { AlertOrigin } from '../../../../src-shared/contract/alerts.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import type { Finding } from '../../../engine/finding.ts';
import type { Randomness } from '../../ports.ts';
import type { WriteTx } from '../../store/store.ts';
import { addActivity, extendRepeats } from './activity-table.ts';
import { openState } from './alert.ts';
import type { AlertRecord, Entity } from './alert-record.ts';
import {
  findAlert,
  findRepeated,
  getStory,
  insertAlert,
  keepDetector,
  nextNumber,
  saveRepeat,
  touchAlert,
} from './alerts-table.ts';
import { addEntity, addEvents, type EventReference, newEvents, openAlertsAbout, saveWords } from './evidence-table.ts';
import { addressKey, searchable } from './filter.ts';
import { suppress } from './suppress.ts';
import { openWindow } from './suppression-table.ts';

/** What people are told of a detector, as the rule says it. */
export type DetectorDescription = {
  readonly title: string;
  readonly description: string;
  readonly falsePositives: readonly string[];
  readonly references: readonly string[];
  /** What to do now, step by step. */
  readonly runbook: readonly string[];
};

/** What is kept of a detector with the alerts it raised. */
export type DetectorSnapshot = DetectorDescription & { readonly parameters: Finding['parameters'] };

export type DescribeDetector = (ruleId: string, version: string) => DetectorDescription | undefined;

export type Raised = {
  /** `suppressed`: kept quiet by the alert that is named. */
  readonly kind: 'raised' | 'repeated' | 'suppressed';
  readonly alertId: string;
  readonly number: number;
  readonly title: string;
};

export type Raising = {
  readonly random: Randomness;
  readonly describeDetector: DescribeDetector;
  /** The SHA-256 of each of the finding's events. */
  readonly eventHashes: ReadonlyMap<string, string>;
  readonly now: number;
  readonly origin: AlertOrigin;
};

/** Entities shown with an alert; searches find all of them. */
const entitiesShown = 50;
/** Somebody who sends events may have raised many alerts about a thing; those that matter are among the last. */
const notedAtOnce = 20;

/** @throws Error when an event that is new to the alert has no hash: an alert without its evidence must not come to be. */
export function raiseAlert(tx: WriteTx, finding: Finding, raising: Raising): Raised {
  const detectorKey = keepDetector(tx, snapshotOf(finding, raising.describeDetector));
  const known = findRepeated(tx, finding, detectorKey);
  if (known !== undefined) return repeat(tx, known, finding, raising);
  const events = () => withHashes([...new Set(finding.eventIds)], finding, raising);
  const quietedBy = suppress(tx, finding, events, raising.now);
  if (quietedBy !== undefined) {
    return { kind: 'suppressed', alertId: quietedBy.id, number: quietedBy.number, title: finding.title };
  }
  return raiseNew(tx, finding, detectorKey, raising);
}

function raiseNew(tx: WriteTx, finding: Finding, detectorKey: number, raising: Raising): Raised {
  const { random, now, origin } = raising;
  const id = uuidV7(now, random.bytes(10));
  const number = nextNumber(tx);
  const entities = merge([], finding.entities);
  const alertKey = insertAlert(tx, {
    id,
    number,
    detectorKey,
    detectorId: finding.ruleId,
    origin,
    severity: finding.level,
    risk: finding.risk,
    riskDerivation: finding.riskDerivation,
    title: finding.title,
    sentence: finding.sentence,
    entities,
    techniques: [...new Set(finding.techniques)],
    firstSeenAt: finding.firstAtMs,
    lastSeenAt: finding.lastAtMs,
    dedupKey: finding.dedupKey,
    dedupWindowMs: finding.dedupWindowMs,
    state: openState(now),
    now,
  });
  if (finding.lane !== undefined) openWindow(tx, alertKey, finding.lane, finding.lane.firstAtMs);
  addEvents(tx, alertKey, 0, withHashes([...new Set(finding.eventIds)], finding, raising));
  makeFindable(tx, alertKey, number, finding, entities);
  addActivity(tx, alertKey, { ...bySystem(random, now), kind: 'raised', from: null, to: 'open' });
  tx.announce('alerts.changed', id, 1);
  return { kind: 'raised', alertId: id, number, title: finding.title };
}

function repeat(tx: WriteTx, known: AlertRecord, finding: Finding, raising: Raising): Raised {
  const { random, now } = raising;
  const result: Raised = { kind: 'repeated', alertId: known.id, number: known.number, title: finding.title };
  const events = newEvents(tx, known.key, finding.eventIds);
  if (events.length === 0) return result;
  // A mild repeat must not make a grave alert look harmless: severity, risk and derivation move together and only upwards.
  const graver = finding.risk > known.risk;
  const entities = merge(known.entities, finding.entities);
  saveRepeat(tx, known.key, {
    severity: graver ? finding.level : known.severity,
    risk: graver ? finding.risk : known.risk,
    riskDerivation: graver ? finding.riskDerivation : getStory(tx, known.key).riskDerivation,
    title: finding.title,
    sentence: finding.sentence,
    entities,
    techniques: [...new Set([...known.techniques, ...finding.techniques])],
    firstSeenAt: Math.min(known.firstSeenAt, finding.firstAtMs),
    lastSeenAt: Math.max(known.lastSeenAt, finding.lastAtMs),
    now,
  });
  addEvents(tx, known.key, known.count, withHashes(events, finding, raising));
  makeFindable(tx, known.key, known.number, finding, entities);
  const to = String(known.count + events.length);
  if (!extendRepeats(tx, known.key, to, now)) {
    addActivity(tx, known.key, { ...bySystem(random, now), kind: 'repeated', from: String(known.count), to });
  }
  tx.announce('alerts.changed', known.id, known.revision + 1);
  return result;
}

/**
 * Says on the alerts about a thing what became of it. They stay open: what it meant is for people to judge.
 * @returns their numbers
 */
export function noteAbout(
  tx: WriteTx,
  entity: Entity,
  note: string,
  { random, now }: Pick<Raising, 'random' | 'now'>,
): number[] {
  return openAlertsAbout(tx, entity, notedAtOnce).flatMap((id) => {
    const alert = findAlert(tx, id);
    if (alert === undefined) return [];
    touchAlert(tx, alert.key, now);
    addActivity(tx, alert.key, { ...bySystem(random, now), kind: 'noted', from: null, to: null, note });
    tx.announce('alerts.changed', alert.id, alert.revision + 1);
    return [alert.number];
  });
}

function withHashes(eventIds: readonly string[], finding: Finding, { eventHashes }: Raising): EventReference[] {
  return eventIds.map((eventId) => {
    const sha256 = eventHashes.get(eventId);
    if (sha256 === undefined) {
      throw new Error(`the finding of ${finding.ruleId} names event ${eventId}, whose hash was not given`);
    }
    return { eventId, sha256 };
  });
}

function makeFindable(tx: WriteTx, alertKey: number, number: number, finding: Finding, shown: readonly Entity[]): void {
  for (const entity of finding.entities) {
    const address = entity.kind === 'ip' ? addressKey(entity.value) : undefined;
    addEntity(tx, alertKey, finding.ruleId, entity, address ?? null);
  }
  const words = [
    `alr-${number}`,
    finding.title,
    finding.sentence,
    finding.ruleId,
    ...finding.techniques,
    ...shown.map((entity) => entity.value),
  ];
  saveWords(tx, alertKey, searchable(words.join('\n')));
}

function snapshotOf(finding: Finding, describe: DescribeDetector) {
  // A rule can go between the finding and its alert (a pack was replaced): the alert still stands, under the rule's id.
  const described = describe(finding.ruleId, finding.ruleVersion) ?? {
    title: finding.ruleId,
    description: '',
    falsePositives: [],
    references: [],
    runbook: [],
  };
  const snapshot: DetectorSnapshot = {
    title: described.title,
    description: described.description,
    falsePositives: described.falsePositives,
    references: described.references,
    runbook: described.runbook,
    parameters: finding.parameters,
  };
  const description = JSON.stringify(snapshot);
  return {
    digest: sha256Hex(JSON.stringify([finding.ruleId, finding.ruleVersion, description])),
    id: finding.ruleId,
    version: finding.ruleVersion,
    description,
  };
}

function merge(known: readonly Entity[], found: readonly Entity[]): Entity[] {
  const byName = new Map([...known, ...found].map(({ kind, value }) => [`${kind} ${value}`, { kind, value }]));
  return [...byName.values()].slice(0, entitiesShown);
}

function bySystem(random: Randomness, now: number) {
  return {
    id: uuidV7(now, random.bytes(10)),
    at: now,
    actorKind: 'system',
    actor: 'system',
    ipAddress: null,
    note: null,
    changeId: null,
  };
}
