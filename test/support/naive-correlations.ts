// Correlations and filters by the specification and docs/rules.md, without the engine's code: every window is counted from scratch at
// every event, over all events that ever came.
import { type NaiveRule, naiveMatch } from './naive-rules.ts';

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'temporal'
  | 'temporal_ordered';

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';

export type NaiveDocument =
  | { readonly kind: 'rule'; readonly id: string; readonly rule: NaiveRule }
  | {
      readonly kind: 'filter';
      readonly id: string;
      readonly rules: readonly string[] | 'any';
      readonly rule: NaiveRule;
      readonly keeps: boolean;
    }
  | NaiveCorrelation;

export interface NaiveCorrelation {
  readonly kind: 'correlation';
  readonly id: string;
  readonly type: CorrelationType;
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  /** By alias, then by rule. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly spanMs: number;
  readonly condition: Partial<Readonly<Record<Comparison, number>>>;
  readonly fields: readonly string[];
  readonly percentile: number | undefined;
  readonly generate: boolean;
}

export interface NaiveFinding {
  readonly rule: string;
  readonly group: Readonly<Record<string, string>>;
  readonly state: 'opened' | 'continued';
  readonly count: number;
  readonly value: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

type Details = Readonly<Record<string, unknown>>;

interface Sample {
  readonly timeMs: number;
  readonly value: string | number;
}

interface Run {
  events: number;
  firstAtMs: number;
  lastAtMs: number;
  peak: number;
}

interface Group {
  /** In order of time; of equal times in order of arrival. */
  readonly samples: Sample[];
  run: Run | undefined;
}

export function createNaiveCorrelations(documents: readonly NaiveDocument[]): {
  observe(record: Details, timeMs: number): NaiveFinding[];
} {
  const correlations = documents.filter((one) => one.kind === 'correlation');
  const groups = new Map<string, Group>();

  /** A rule that a correlation names raises nothing itself, unless one of them says generate. */
  function raises(id: string): boolean {
    const naming = correlations.filter(({ rules }) => rules.includes(id));
    return naming.length === 0 || naming.some(({ generate }) => generate);
  }

  return {
    observe(record, timeMs) {
      const found = new Map<string, NaiveFinding>();

      /** What `id` being true of the event means to the correlations that name it. */
      function feed(id: string, isFirst: boolean): void {
        for (const correlation of correlations) {
          const step = correlation.rules.indexOf(id);
          if (step < 0) continue;
          const isTemporal = correlation.type === 'temporal' || correlation.type === 'temporal_ordered';
          if (isFirst || isTemporal) observe(correlation, step);
        }
      }

      function observe(correlation: NaiveCorrelation, step: number): void {
        const base = correlation.rules[step] ?? '';
        const read = (field: string) => scalar(record, correlation.aliases[field]?.[base] ?? field);
        const group = correlation.groupBy.map(read);
        if (group.some((text) => text === undefined || text === '')) return;
        const value = valueFor(correlation, step, read);
        if (value === undefined) return;
        const key = JSON.stringify([correlation.id, group]);
        const held = groups.get(key) ?? { samples: [], run: undefined };
        groups.set(key, held);
        const sample: Sample = { timeMs, value };
        const later = held.samples.findIndex((one) => one.timeMs > timeMs);
        held.samples.splice(later < 0 ? held.samples.length : later, 0, sample);
        const state = advance(held, correlation, sample);
        const { run } = held;
        if (state === undefined || run === undefined) return;
        if (raises(correlation.id)) {
          const known = found.get(key);
          found.set(key, {
            rule: correlation.id,
            group: Object.fromEntries(correlation.groupBy.map((field, at) => [field, group[at] ?? ''])),
            state: known?.state === 'opened' ? 'opened' : state,
            count: run.events,
            value: Math.round(run.peak * 1e6) / 1e6,
            firstAtMs: run.firstAtMs,
            lastAtMs: run.lastAtMs,
          });
        }
        feed(correlation.id, state === 'opened');
      }

      for (const document of documents) {
        if (document.kind !== 'rule' || !holds(document, documents, record)) continue;
        if (raises(document.id)) {
          const one = { group: {}, state: 'opened', count: 1, value: 1, firstAtMs: timeMs, lastAtMs: timeMs } as const;
          found.set(document.id, { rule: document.id, ...one });
        }
        feed(document.id, true);
      }
      return [...found.values()];
    },
  };
}

function holds(
  document: Extract<NaiveDocument, { kind: 'rule' }>,
  documents: readonly NaiveDocument[],
  record: Details,
): boolean {
  const filters = documents.filter((one) => one.kind === 'filter');
  return (
    naiveMatch(document.rule, record) &&
    filters.every(({ rules, rule, keeps }) => {
      const applies = rules === 'any' || rules.includes(document.id);
      return !applies || naiveMatch(rule, record) === keeps;
    })
  );
}

function scalar(record: Details, field: string): string | undefined {
  const value = record[field];
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

function valueFor(
  { type, fields, percentile }: NaiveCorrelation,
  step: number,
  read: (field: string) => string | undefined,
): string | number | undefined {
  if (type === 'temporal' || type === 'temporal_ordered') return step;
  if (fields.length === 0) return 1;
  const texts = fields.map(read);
  if (texts.some((text) => text === undefined || text === '')) return undefined;
  if (type === 'value_count') return JSON.stringify(texts);
  const [text = ''] = texts;
  // What its own value's share is needs no number.
  if (type === 'value_percentile' && percentile === undefined) return text;
  const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?\s*$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isNaN(number) || (type === 'value_sum' && number < 0) ? undefined : number;
}

/** Counts the windows that contain the sample, and goes on with the run or begins one. @returns undefined while the condition fails. */
function advance(held: Group, correlation: NaiveCorrelation, sample: Sample): 'opened' | 'continued' | undefined {
  const { samples } = held;
  const { spanMs } = correlation;
  const own = samples.indexOf(sample);
  let best: { value: number; inside: readonly Sample[] } | undefined;
  samples.forEach((end, to) => {
    if (to < own || end.timeMs > sample.timeMs + spanMs) return;
    const inside = samples.slice(0, to + 1).filter(({ timeMs }) => timeMs >= end.timeMs - spanMs);
    const value = windowValue(correlation, inside);
    if (meets(correlation.condition, value) && (best === undefined || value > best.value)) best = { value, inside };
  });
  const { run } = held;
  if (best === undefined) {
    // Only an event that is the newest ends the run: a late one tells nothing of now.
    if (own === samples.length - 1) held.run = undefined;
    return undefined;
  }
  if (run !== undefined && sample.timeMs >= run.firstAtMs - spanMs && sample.timeMs <= run.lastAtMs + spanMs) {
    run.events++;
    run.firstAtMs = Math.min(run.firstAtMs, sample.timeMs);
    run.lastAtMs = Math.max(run.lastAtMs, sample.timeMs);
    run.peak = Math.max(run.peak, best.value);
    return 'continued';
  }
  const times = best.inside.map(({ timeMs }) => timeMs);
  held.run = {
    events: times.length,
    firstAtMs: Math.min(...times),
    lastAtMs: Math.max(...times),
    peak: best.value,
  };
  return 'opened';
}

function windowValue({ type, percentile, rules }: NaiveCorrelation, inside: readonly Sample[]): number {
  const values = inside.map(({ value }) => value);
  const numbers = values.map(Number);
  const sum = numbers.reduce((total, one) => total + one, 0);
  switch (type) {
    case 'event_count':
      return values.length;
    case 'value_count':
    case 'temporal':
      return new Set(values).size;
    case 'value_sum':
      return sum;
    case 'value_avg':
      return sum / numbers.length;
    case 'value_median':
      return rank(numbers, 50);
    case 'value_percentile':
      if (percentile !== undefined) return rank(numbers, percentile);
      return (100 * values.filter((one) => one === values.at(-1)).length) / values.length;
    case 'temporal_ordered': {
      let reached = 0;
      for (const value of values) if (value === reached && reached < rules.length) reached++;
      return reached;
    }
  }
}

/** The nearest rank. */
function rank(numbers: readonly number[], percent: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

function meets(condition: NaiveCorrelation['condition'], value: number): boolean {
  return Object.entries(condition).every(([comparison, limit]) => {
    if (comparison === 'gt') return value > limit;
    if (comparison === 'gte') return value >= limit;
    if (comparison === 'lt') return value < limit;
    if (comparison === 'lte') return value <= limit;
    return comparison === 'eq' ? value === limit : value !== limit;
  });
}
