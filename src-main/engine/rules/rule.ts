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

/** What `field|hour` and its like take out of a date before they compare. */
export const dateParts = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type DatePart = (typeof dateParts)[number];

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
  /** `windash`: `-`, `/` and the long dashes are one character, in the value and in the event. */
  readonly dashes?: true;
  readonly part?: DatePart;
}

export type Expression =
  | { readonly kind: 'predicate'; readonly predicate: Predicate }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression };

export type Aggregate =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'value_min'
  | 'value_max'
  | 'temporal'
  | 'temporal_ordered';

export const comparisons = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
export type Comparison = (typeof comparisons)[number];

/** Numbers as they stand in the file: a number, with a unit, or `${parameter}`. */
export interface CorrelationSource {
  readonly aggregate: Aggregate;
  readonly rules: readonly string[];
  /** Rules of which none may match in the window: `near … and not x` of old conditions. */
  readonly absent: readonly string[];
  readonly groupBy: readonly string[];
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly timespan: string;
  readonly condition: Readonly<Partial<Record<Comparison, string>>>;
  /** What is counted, summed, … ; several count as one combined value. */
  readonly fields: readonly string[];
  /** Of value_percentile: 0 to 100. Without it the share of the event's own value in the window is compared. */
  readonly percentile: number | undefined;
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
  /** What the document says, where somebody else's word counts instead. */
  readonly ownLevel?: Level;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  readonly body:
    | { readonly kind: 'detection'; readonly expression: Expression; readonly logSource: LogSource }
    | { readonly kind: 'correlation'; readonly correlation: CorrelationSource }
    | { readonly kind: 'filter'; readonly filter: FilterSource };
  readonly gatehouse: GatehouseSection | undefined;
  /** The document as plain data: what the version hash covers. */
  readonly raw: unknown;
}

/** A Sigma filter: what it adds to the rules it names. */
export interface FilterSource {
  /** Ids or names; 'any' is every rule of the same log source. */
  readonly rules: readonly string[] | 'any';
  readonly logSource: LogSource;
  /** True of the events that the rules keep. */
  readonly keeps: Expression;
}

export interface LogSource {
  readonly product: string | undefined;
  readonly category: string | undefined;
  readonly service: string | undefined;
}
