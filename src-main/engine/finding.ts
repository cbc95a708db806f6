// Findings: what a rule says about events, and how its numbers become words. When rules fire is evaluate.ts.
import { sha256Hex } from '../base/hashes.ts';
import type { Event } from './event.ts';
import { userKey } from './indicators/one-party.ts';
import type { Level } from './rules/rule.ts';
import { type EntityKind, type Output, scalarText } from './rules/rule-set.ts';
import { displayText, fillTemplate, formatBytes, formatCount, formatSpan } from './rules/template.ts';
import type { Lane } from './suppression.ts';
import type { WindowRun } from './window-state.ts';

export interface Finding {
  readonly ruleId: string;
  readonly ruleVersion: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly level: Level;
  /** 0 to 100: the sum of the derivation. */
  readonly risk: number;
  readonly riskDerivation: readonly { readonly label: string; readonly points: number }[];
  readonly title: string;
  readonly sentence: string;
  /** The fields that make two findings the same alert, with their values. */
  readonly group: Readonly<Record<string, string>>;
  readonly entities: readonly { readonly kind: EntityKind; readonly value: string }[];
  readonly techniques: readonly string[];
  /** `opened`: a new occurrence. `continued`: the caller raises the count of the open alert with the same key. */
  readonly state: 'opened' | 'continued';
  /** Events of this occurrence so far. */
  readonly count: number;
  /** Events that this finding adds: what the caller adds to an alert's count. */
  readonly newEvents: number;
  /** The correlation's own number: count, distinct values, sum. For single events 1. */
  readonly value: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Ids of the events added. Of very large windows only part of the ids is still known: then fewer than `newEvents`. */
  readonly eventIds: readonly string[];
  readonly dedupKey: string;
  readonly dedupWindowMs: number;
  /** Of rules whose alerts are suppressed, with the times of the first and the last event that fired. */
  readonly lane?: (Lane & { readonly firstAtMs: number; readonly lastAtMs: number }) | undefined;
}

/** The numbers behind a finding, gathered over one call of evaluate. */
export interface Occurrence {
  readonly output: Output;
  readonly group: Readonly<Record<string, string>>;
  /** Of a correlation: where the numbers are read from when all events have been seen. */
  run: WindowRun | undefined;
  state: 'opened' | 'continued';
  count: number;
  newEvents: number;
  value: number;
  firstAtMs: number;
  lastAtMs: number;
  readonly eventIds: string[];
  /** Per entity field of the rule its distinct values. */
  entityValues: readonly (readonly string[])[];
  /** The event that placeholders of a single-event rule are read from. */
  readonly event: Event;
  readonly lane: Lane | undefined;
  /** Of the events that fired, in time: of a correlation not those of its run before. */
  firedFirstMs: number;
  firedLastMs: number;
}

const mostEntities = 20;

export function toFinding(occurrence: Occurrence): Finding {
  const { output, group } = occurrence;
  const { info } = output;
  const riskDerivation = deriveRisk(occurrence);
  return {
    ruleId: info.id,
    ruleVersion: info.version,
    parameters: info.parameters,
    level: info.level,
    risk: riskDerivation.reduce((sum, { points }) => sum + points, 0),
    riskDerivation,
    title: fillTemplate(output.title, (name) => placeholder(occurrence, name)),
    sentence: fillTemplate(output.sentence, (name) => placeholder(occurrence, name)),
    group,
    entities: output.entities
      .flatMap(({ kind }, index) => (occurrence.entityValues[index] ?? []).map((value) => ({ kind, value })))
      .slice(0, mostEntities),
    techniques: info.techniques,
    state: occurrence.state,
    count: occurrence.count,
    newEvents: occurrence.newEvents,
    value: occurrence.value,
    firstAtMs: occurrence.firstAtMs,
    lastAtMs: occurrence.lastAtMs,
    eventIds: occurrence.eventIds,
    dedupKey: dedupKey(info.id, Object.values(group)),
    dedupWindowMs: output.dedupWindowMs,
    ...(occurrence.lane === undefined
      ? {}
      : { lane: { ...occurrence.lane, firstAtMs: occurrence.firedFirstMs, lastAtMs: occurrence.firedLastMs } }),
  };
}

/** Short, of fixed length whatever the values: they come from outside. */
export function dedupKey(ruleId: string, values: readonly string[]): string {
  return `${ruleId}:${sha256Hex(JSON.stringify(values)).slice(0, 32)}`;
}

/** base(severity) × confidence, and what the extent adds: two points per doubling over the limit, at most eight. */
function deriveRisk({ output, value }: Occurrence): { label: string; points: number }[] {
  const { base, confidence, threshold, info } = output;
  const severity = `${info.level[0]?.toUpperCase()}${info.level.slice(1)}`;
  const derivation = [{ label: `Severity ${severity}`, points: base }];
  const doubt = Math.round(base * confidence) - base;
  if (doubt !== 0) derivation.push({ label: `Confidence ${Math.round(confidence * 100)} %`, points: doubt });
  const times = threshold > 0 ? value / threshold : 1;
  const extent = Math.min(8, 2 * Math.floor(Math.log2(Math.max(1, times))));
  if (extent > 0) derivation.push({ label: `${formatCount(Math.floor(times))} times the limit`, points: extent });
  const excess = base + doubt + extent - 100;
  if (excess > 0) derivation.push({ label: 'Risk ends at 100', points: -excess });
  return derivation;
}

const many: Readonly<Record<EntityKind, string>> = {
  user: 'users',
  ip: 'addresses',
  host: 'hosts',
  key: 'keys',
  resource: 'resources',
};
const unknown: Readonly<Record<EntityKind, string>> = {
  user: 'an unknown user',
  ip: 'an unknown address',
  host: 'an unknown host',
  key: 'an unknown key',
  resource: 'an unknown resource',
};

function placeholder(occurrence: Occurrence, name: string): string {
  const { output } = occurrence;
  const number = output.unit === 'bytes' ? formatBytes : formatCount;
  switch (name) {
    case 'count':
      return formatCount(occurrence.count);
    case 'value':
      return number(occurrence.value);
    case 'threshold':
      return number(output.threshold);
    case 'span':
      return formatSpan(occurrence.lastAtMs - occurrence.firstAtMs);
    case 'window':
      return formatSpan(output.windowMs);
    default:
  }
  const entity = output.entities.findIndex(({ field }) => field === name);
  const values = occurrence.entityValues[entity];
  const kind = output.entities[entity]?.kind;
  if (values !== undefined && kind !== undefined) {
    const [only] = values;
    if (only === undefined) return unknown[kind];
    // One user may be spelled several ways; the first is shown.
    const count = kind === 'user' ? new Set(values.map(userKey)).size : values.length;
    return count === 1 ? displayText(only) : `${formatCount(count)} ${many[kind]}`;
  }
  const grouped = Object.hasOwn(occurrence.group, name) ? occurrence.group[name] : undefined;
  return displayText(grouped ?? scalarText(readField(occurrence, name)) ?? 'unknown') || 'unknown';
}

function readField({ output, event }: Occurrence, name: string) {
  return output.fields.get(name)?.(event);
}
