// Correlations joined to the rules they name, which may be correlations themselves: the windows they need and who feeds whom.
import { compileField } from '../field.ts';
import type { WindowAggregate, WindowCondition } from '../window-state.ts';
import { type ParameterValue, parseQuantity, parseSpan, substitute } from './gatehouse-section.ts';
import { buildOutput } from './output.ts';
import type { Comparison, CorrelationSource, RuleDocument } from './rule.ts';
import { RuleError } from './rule-error.ts';
import type { CorrelationLink, CorrelationPlan, Output, RefusedRule, RuleInfo } from './rule-set.ts';

/** A correlation whose names are resolved, before anything is built of it. */
export interface ResolvedCorrelation {
  readonly document: RuleDocument;
  readonly source: CorrelationSource;
  /** In the order of `source.rules`, then of `source.absent`. */
  readonly bases: readonly RuleDocument[];
  readonly values: Readonly<Record<string, ParameterValue>>;
}

const deepestChain = 8;
const windowAggregates: Readonly<Record<CorrelationSource['aggregate'], WindowAggregate>> = {
  event_count: 'count',
  value_count: 'distinct',
  value_sum: 'sum',
  value_avg: 'average',
  value_percentile: 'percentile',
  value_median: 'percentile',
  value_min: 'minimum',
  value_max: 'maximum',
  temporal: 'distinct',
  temporal_ordered: 'ordered',
};

/** @throws RuleError when a correlation rests, through others, on itself or on too many others. */
export function checkChain(
  start: ResolvedCorrelation,
  correlations: ReadonlyMap<RuleDocument, ResolvedCorrelation>,
): void {
  const { place } = start.document;
  function descend(current: ResolvedCorrelation, above: readonly RuleDocument[]): void {
    for (const base of current.bases) {
      if (base === start.document || above.includes(base)) throw new RuleError(`${place}: correlation rests on itself`);
      const next = correlations.get(base);
      if (next === undefined) continue;
      if (above.length >= deepestChain)
        throw new RuleError(`${place}: more than ${deepestChain} correlations rest on each other`);
      descend(next, [...above, base]);
    }
  }
  descend(start, [start.document]);
}

/** The numbers of a correlation, with parameters put in. @throws RuleError for one that isn't a number or time. */
export function correlationNumbers({ document, source, values }: ResolvedCorrelation): {
  windowMs: number;
  condition: WindowCondition;
  threshold: number;
} {
  const { place } = document;
  const spanText = substitute(place, source.timespan, values);
  const windowMs = parseSpan(spanText);
  if (windowMs === undefined)
    throw new RuleError(`${place}: correlation.timespan ${JSON.stringify(spanText)} is not a time such as 5m`);
  const condition: Partial<Record<Comparison, number>> = {};
  for (const [key, text] of Object.entries(source.condition)) {
    const quantity = parseQuantity(substitute(place, text, values));
    if (quantity === undefined)
      throw new RuleError(`${place}: correlation.condition.${key} ${JSON.stringify(text)} is not a number`);
    condition[key as Comparison] = quantity;
  }
  const { gt, gte, eq, lt, lte, neq } = condition;
  return { windowMs, condition, threshold: gt ?? gte ?? eq ?? lt ?? lte ?? neq ?? 0 };
}

/** What is to be said of correlations that can never raise anything, which is their author's mistake. */
export function impossibleNotes(name: string, correlations: readonly ResolvedCorrelation[]): RefusedRule[] {
  return correlations.flatMap((one) => {
    const reason = impossibleWords(one);
    return reason === undefined ? [] : [{ name, reason }];
  });
}

function impossibleWords(resolved: ResolvedCorrelation): string | undefined {
  const { aggregate, rules, absent } = resolved.source;
  const { gt, gte, eq, lt, lte, neq } = correlationNumbers(resolved).condition;
  const [least, most] = [Math.max(...given(gt, gte, eq)), -Math.max(...given(lt, lte, eq).map((limit) => -limit))];
  if (least > most || (least === most && (gt === least || lt === most || neq === least)))
    return 'correlation.condition can never hold: nothing is within all of its limits';
  const isTemporal = aggregate === 'temporal' || aggregate === 'temporal_ordered';
  if (isTemporal && absent.length === 0 && (least > rules.length || gt === rules.length))
    return `correlation.condition can never hold: of ${rules.length} rules it asks for more`;
  return undefined;
}

function given(...limits: readonly (number | undefined)[]): number[] {
  return limits.filter((limit) => limit !== undefined);
}

type Building = { -readonly [Key in keyof CorrelationPlan]: CorrelationPlan[Key] } & { feeds: CorrelationLink[] };

/**
 * The plans of all correlations, and the links from detections to them.
 * @param infoOf what is shown of a correlation that raises findings; undefined for one that only feeds others.
 */
export function buildCorrelations(
  correlations: ReadonlyMap<RuleDocument, ResolvedCorrelation>,
  versionOf: (document: RuleDocument) => string,
  infoOf: (document: RuleDocument) => RuleInfo | undefined,
): { links: Map<RuleDocument, CorrelationLink[]>; plans: CorrelationPlan[] } {
  const plans = new Map<RuleDocument, Building>();
  for (const resolved of correlations.values()) {
    plans.set(resolved.document, buildPlan(resolved, versionOf(resolved.document), infoOf(resolved.document)));
  }
  const links = new Map<RuleDocument, CorrelationLink[]>();
  for (const resolved of correlations.values()) {
    const plan = plans.get(resolved.document);
    if (plan === undefined) continue;
    resolved.bases.forEach((base, index) => {
      const link = linkTo(plan, resolved, index);
      const inner = plans.get(base);
      if (inner !== undefined) inner.feeds.push(link);
      else links.set(base, [...(links.get(base) ?? []), link]);
    });
  }
  return { links, plans: [...plans.values()] };
}

function buildPlan(resolved: ResolvedCorrelation, version: string, info: RuleInfo | undefined): Building {
  const { document, source } = resolved;
  const { groupBy } = source;
  checkAliases(resolved);
  const { windowMs, condition, threshold } = correlationNumbers(resolved);
  const output: Output | undefined =
    info === undefined ? undefined : buildOutput(document, info, { groupBy, threshold, windowMs });
  return {
    output,
    window: { id: version, aggregate: aggregateOf(source), spanMs: windowMs, condition, ...percentileOf(source) },
    groupBy,
    tracked: (output?.entities ?? []).filter(({ tracked }) => tracked >= 0).map(({ read }) => read),
    feeds: [],
  };
}

/** A name that isn't among the rules would leave a rule's events without their group, and unseen. @throws RuleError */
function checkAliases({ document, source, bases }: ResolvedCorrelation): void {
  const known = new Set([...source.rules, ...source.absent, ...bases.flatMap(({ id, name }) => [id, name ?? id])]);
  for (const [alias, fields] of source.aliases) {
    for (const rule of fields.keys()) {
      if (!known.has(rule))
        throw new RuleError(
          `${document.place}: correlation.aliases.${alias} names ${JSON.stringify(rule)}, which correlation.rules does not`,
        );
    }
  }
}

function aggregateOf({ aggregate, absent, percentile }: CorrelationSource): WindowAggregate {
  if (absent.length > 0) return 'near';
  // Without a percentile the specification's example asks how rare the event's own value is.
  if (aggregate === 'value_percentile' && percentile === undefined) return 'share';
  return windowAggregates[aggregate];
}

function percentileOf({ aggregate, percentile }: CorrelationSource): { percentile?: number } {
  if (aggregate === 'value_median') return { percentile: 50 };
  return percentile === undefined ? {} : { percentile };
}

function linkTo(
  plan: CorrelationPlan,
  { document, source, bases }: ResolvedCorrelation,
  index: number,
): CorrelationLink {
  const base = bases[index];
  const names = [source.rules[index] ?? source.absent[index - source.rules.length], base?.name, base?.id];
  function reader(field: string) {
    const alias = source.aliases.get(field);
    if (alias === undefined) return fieldOf(document, field);
    const name = names.find((one) => one !== undefined && alias.has(one));
    return fieldOf(document, (name === undefined ? undefined : alias.get(name)) ?? field);
  }
  const temporal = source.aggregate === 'temporal' || source.aggregate === 'temporal_ordered';
  const step = index < source.rules.length ? String(index) : `!${index}`;
  return {
    plan,
    group: source.groupBy.map(reader),
    values: source.fields.map(reader),
    step: temporal ? step : undefined,
    everyEvent: temporal,
  };
}

function fieldOf(document: RuleDocument, name: string) {
  try {
    return compileField(name);
  } catch (cause) {
    throw new RuleError(`${document.place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
