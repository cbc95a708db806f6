// A compiled set of rules: what is shown of each rule, and the plan that evaluate.ts runs.
import type { JsonValue } from '../event.ts';
import type { FieldReader } from '../field.ts';
import type { Matcher } from '../plan/matcher.ts';
import type { WindowSpec } from '../window-state.ts';
import type { ParameterValue, RuleCase } from './gatehouse-section.ts';
import type { Level } from './rule.ts';
import type { Template } from './template.ts';

export type EntityKind = 'user' | 'ip' | 'host' | 'key' | 'resource';

/** One rule that can raise findings, as the console lists it. */
export interface RuleInfo {
  readonly id: string;
  /** The name of its source, without `.yml`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly level: Level;
  /** What the rule says itself. */
  readonly ownLevel: Level;
  /** SHA-256 (hex) of the rule's documents and parameter values. */
  readonly version: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** As they stand in the rule: `attack.t1110.001`, `cve.2025-1234`. */
  readonly tags: readonly string[];
  /** ATT&CK ids such as T1110.001. */
  readonly techniques: readonly string[];
  readonly falsePositives: readonly string[];
  readonly references: readonly string[];
  readonly runbook: readonly string[];
  readonly cases: readonly RuleCase[];
  /** The YAML text of its file. */
  readonly source: string;
}

export interface EntityField {
  readonly kind: EntityKind;
  readonly field: string;
  readonly read: FieldReader;
  /** Place among the group's fields, or -1. */
  readonly group: number;
  /** Place among the tracked values of a correlation, or -1. */
  readonly tracked: number;
}

/** How a rule's findings are written. */
export interface Output {
  readonly info: RuleInfo;
  readonly title: Template;
  readonly sentence: Template;
  readonly unit: 'events' | 'bytes';
  readonly base: number;
  readonly confidence: number;
  readonly entities: readonly EntityField[];
  readonly dedup: readonly { readonly field: string; readonly read: FieldReader }[];
  readonly dedupWindowMs: number;
  /** Readers of the fields that title and sentence of a single-event rule name. */
  readonly fields: ReadonlyMap<string, FieldReader>;
  /** The number that a correlation has to reach or exceed, and its window. */
  readonly threshold: number;
  readonly windowMs: number;
}

export interface CorrelationPlan {
  /** Undefined for a correlation that only feeds others. */
  readonly output: Output | undefined;
  readonly window: WindowSpec;
  readonly groupBy: readonly string[];
  /** Tracked fields, in the order of `EntityField.tracked`. */
  readonly tracked: readonly FieldReader[];
  /** Correlations that this one's occurrences feed. */
  readonly feeds: readonly CorrelationLink[];
}

/** What an event that matched a rule means to a correlation of it. */
export interface CorrelationLink {
  readonly plan: CorrelationPlan;
  readonly group: readonly FieldReader[];
  /** What is counted or summed; several fields count together. For temporal rules and event_count none. */
  readonly values: readonly FieldReader[];
  /** For temporal rules the step; `!` and a step for one that must not occur. */
  readonly step: string | undefined;
  /** Temporal rules take every event on which a correlation below holds; those that count take each of its occurrences once. */
  readonly everyEvent: boolean;
}

/** What a match of one detection leads to. */
export interface DetectionPlan {
  readonly ruleId: string;
  readonly output: Output | undefined;
  readonly correlations: readonly CorrelationLink[];
}

export interface RuleSet {
  readonly rules: readonly RuleInfo[];
  readonly matcher: Matcher;
  /** In the order of the matcher's indexes. */
  readonly detections: readonly DetectionPlan[];
  /** Of all correlations: what their windows are kept under. */
  readonly windowIds: ReadonlySet<string>;
  /** How far back events can still matter: the longest window, with those below it. */
  readonly longestWindowMs: number;
}

export interface RefusedRule {
  readonly name: string;
  readonly reason: string;
}

/** A field's value as one text: scalars only. */
export function scalarText(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  return String(value);
}
