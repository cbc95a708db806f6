// The shapes a rule file becomes: expressions over predicates, correlations over rules, and the Gatehouse section.
import type { GatehouseSection } from './gatehouse-section.ts';

export type Level = 'info' | 'low' | 'medium' | 'high' | 'critical';

export type Operator =
  | 'equals'
  | 'contains'
  | 'startswith'
  | 'endswith'
  | 'glob'
  | 'regex'
  | 'cidr'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'exists'
  | 'missing'
  | 'field_equals'
  | 'field_contains'
  | 'field_startswith'
  | 'field_endswith';

/** One question about one field. Equal predicates of all rules are one predicate in the compiled set. */
export interface Predicate {
  /** Field name, or null for the whole event (keywords). */
  readonly field: string | null;
  readonly operator: Operator;
  /** Text, pattern, network, number as text, or the other field's name; '' for exists and missing. */
  readonly value: string;
  readonly cased: boolean;
  /** Regular expression flags (`ims`). */
  readonly flags?: string;
}

export type Expression =
  | { readonly kind: 'predicate'; readonly predicate: Predicate }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression };

export type Aggregate = 'event_count' | 'value_count' | 'value_sum' | 'temporal' | 'temporal_ordered';

/** Numbers as they stand in the file: a number, with a unit, or `${parameter}`. */
export interface CorrelationSource {
  readonly aggregate: Aggregate;
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly timespan: string;
  readonly condition: Readonly<Partial<Record<'gt' | 'gte' | 'lt' | 'lte' | 'eq', string>>>;
  /** What is counted or summed, for value_count and value_sum. */
  readonly field: string | undefined;
  readonly generate: boolean;
}

/** One document of a rule file. */
export interface RuleDocument {
  /** File and document, for messages: `failed-logins.yml, document 2`. */
  readonly place: string;
  readonly file: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly title: string;
  readonly description: string;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  readonly body:
    | { readonly kind: 'detection'; readonly expression: Expression }
    | { readonly kind: 'correlation'; readonly correlation: CorrelationSource };
  readonly gatehouse: GatehouseSection | undefined;
  /** The document as plain data: what the version hash covers. */
  readonly raw: unknown;
}

/** A refusal of one file, with where and why, in words for the author of the rule. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}
