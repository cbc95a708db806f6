// Random sets of rules, filters and correlations on them and on each other, with a history of events that come late, at the same time
// and in no order.
import fc from 'fast-check';
import type { JsonObject } from '../../src-main/engine/event.ts';
import type { RuleSource } from '../../src-main/engine/rules/compile.ts';
import type { Comparison, CorrelationType, NaiveCorrelation, NaiveDocument } from './naive-correlations.ts';
import { type Condition, conditionText, type NaiveRule } from './naive-rules.ts';

export interface CorrelationSet {
  readonly documents: readonly NaiveDocument[];
  /** In the order of arrival. */
  readonly history: readonly { readonly timeMs: number; readonly record: JsonObject }[];
}

const begin = Date.UTC(2026, 10, 21);
/** All within what may come late, so that every window can still be counted exactly. */
const lengthMs = 590_000;

const kinds = ['a', 'b', 'c', 'd'];
const named: Condition = { kind: 'name', name: 'selection' };
const search = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom(...kinds) }) },
  fc.record({ kind: fc.subarray(kinds, { minLength: 1 }) }),
  fc.record({ kind: fc.subarray(kinds, { minLength: 2 }), 'n|gte': fc.nat(4) }),
  fc.record({ 'user|startswith': fc.constantFrom('u', 'v') }),
);
const narrow = fc.oneof(
  fc.record({ user: fc.constantFrom('u1', 'u2', 'v1') }),
  fc.record({ 'n|lt': fc.nat(3) }),
  fc.record({ host: fc.constant(null) }),
);
const simple = (searches: fc.Arbitrary<object>): fc.Arbitrary<NaiveRule> =>
  searches.map((selection) => ({ searches: { selection }, condition: named }));

const limit = fc.integer({ min: 0, max: 6 });
const comparison = fc.constantFrom<Comparison>('gt', 'gte', 'gte', 'lt', 'lte', 'eq', 'neq');
const condition = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(comparison, limit).map(([name, number]) => ({ [name]: number })) },
  fc.tuple(limit, limit).map(([gte, lt]) => ({ gte, lt: gte + lt })),
);
const types: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
];

interface Draft {
  readonly type: CorrelationType;
  readonly picks: readonly number[];
  readonly groupBy: readonly string[];
  readonly hasAlias: boolean;
  readonly spanMs: number;
  readonly condition: NaiveCorrelation['condition'];
  readonly hasCondition: boolean;
  readonly percentile: number | undefined;
  readonly pair: boolean;
  readonly generate: boolean;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  type: fc.constantFrom(...types),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  groupBy: fc.subarray<string>(['user', 'host'], { minLength: 0 }),
  hasAlias: fc.boolean(),
  spanMs: fc.constantFrom(1_000, 10_000, 60_000, 300_000),
  condition,
  hasCondition: fc.boolean(),
  percentile: fc.option(fc.constantFrom(0, 10, 50, 95, 100), { nil: undefined }),
  pair: fc.boolean(),
  generate: fc.boolean(),
});

/** The field that an alias stands for, by rule: `user` in some, `host` in others. */
const alias = 'who';

function correlationOf(one: Draft, at: number, below: readonly string[]): NaiveCorrelation {
  const rules = [...new Set(one.picks.map((pick) => below[pick % below.length] ?? ''))];
  const isTemporal = one.type === 'temporal' || one.type === 'temporal_ordered';
  const isValue = one.type.startsWith('value_');
  const numeric = one.type !== 'value_count' && isValue;
  const least = { gte: rules.length };
  return {
    kind: 'correlation',
    id: `c${at}`,
    type: one.type,
    rules,
    groupBy: one.hasAlias ? [...one.groupBy, alias] : one.groupBy,
    aliases: one.hasAlias
      ? { [alias]: Object.fromEntries(rules.map((name, index) => [name, index % 2 === 0 ? 'user' : 'host'])) }
      : {},
    spanMs: one.spanMs,
    condition: isTemporal && !one.hasCondition ? least : one.condition,
    fields: !isValue ? [] : numeric ? ['n'] : one.pair ? ['user', 'n'] : ['user'],
    percentile: one.type === 'value_percentile' ? one.percentile : undefined,
    generate: one.generate,
  };
}

const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<JsonObject[string]>('u1', 'u2', 'v1') },
  fc.constantFrom<JsonObject[string]>('', null, ['u1'], 7),
);
const record: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      kind: fc.constantFrom(...kinds),
      user: value,
      host: value,
      n: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 6 }) }, fc.constantFrom('3', 'x', -2, '1e1', 2.5)),
    },
    { requiredKeys: ['kind'] },
  )
  .map((one) => ({ ...one }) as JsonObject);
const occurrence = fc.record({
  at: fc.oneof(
    fc.nat(lengthMs / 1000).map((second) => second * 1000),
    fc.nat({ max: 40 }).map((step) => step * 500),
  ),
  delay: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 5_000 }), fc.nat({ max: lengthMs })),
  record,
});

export const correlationSets: fc.Arbitrary<CorrelationSet> = fc
  .record({
    bases: fc.array(simple(search), { minLength: 1, maxLength: 4 }),
    filters: fc.array(fc.tuple(simple(narrow), fc.option(fc.nat(), { nil: undefined }), fc.boolean()), {
      maxLength: 2,
    }),
    drafts: fc.array(draft, { minLength: 1, maxLength: 4 }),
    chained: fc.boolean(),
    occurrences: fc.array(occurrence, { minLength: 3, maxLength: 40 }),
  })
  .map(({ bases, filters, drafts, chained, occurrences }) => {
    const documents: NaiveDocument[] = bases.map((rule, at) => ({ kind: 'rule', id: `r${at}`, rule }));
    const ids = documents.map(({ id }) => id);
    for (const [at, one] of drafts.entries()) {
      const correlation = correlationOf(one, at, ids);
      documents.push(correlation);
      if (chained) ids.push(correlation.id);
    }
    for (const [at, [rule, pick, keeps]] of filters.entries()) {
      const rules = pick === undefined ? 'any' : [`r${pick % bases.length}`];
      documents.push({ kind: 'filter', id: `f${at}`, rules, rule, keeps });
    }
    const history = occurrences
      .map(({ at, delay, record: one }) => ({ timeMs: begin + at, arrival: at + delay, record: one }))
      .sort((one, other) => one.arrival - other.arrival);
    return { documents, history };
  });

/** The documents as files of the language: all in one, or each in its own. */
export function correlationFiles(documents: readonly NaiveDocument[]): RuleSource[] {
  return documents.map((document) => ({ name: `${document.id}.yml`, text: JSON.stringify(fileOf(document)) }));
}

function fileOf(document: NaiveDocument): object {
  const { id } = document;
  const head = { title: id, id };
  if (document.kind === 'rule') {
    const { searches, condition: tree } = document.rule;
    return { ...head, logsource: { product: 'gatehouse' }, detection: { ...searches, condition: conditionText(tree) } };
  }
  if (document.kind === 'filter') {
    const { searches, condition: tree } = document.rule;
    const text = conditionText(tree);
    return {
      ...head,
      logsource: { product: 'gatehouse' },
      filter: { rules: document.rules, ...searches, condition: document.keeps ? `not (not (${text}))` : text },
    };
  }
  const { type, rules, groupBy, aliases, spanMs, condition: limits, fields: counted, percentile, generate } = document;
  const [field] = counted;
  return {
    ...head,
    correlation: {
      type,
      rules,
      ...(groupBy.length === 0 ? {} : { 'group-by': groupBy }),
      ...(Object.keys(aliases).length === 0 ? {} : { aliases }),
      timespan: `${spanMs / 1000}s`,
      condition: {
        ...limits,
        ...(field === undefined ? {} : { field: counted.length === 1 ? field : counted }),
        ...(percentile === undefined ? {} : { percentile }),
      },
      generate,
    },
  };
}
