// One rule file as typed documents: the common head of a Sigma rule, then its detection, correlation or filter.
import { sha256 } from '../../base/hashes.ts';
import { uuidFromHash } from '../../base/ids.ts';
import { parseCondition } from './condition.ts';
import { parseCorrelation } from './correlation.ts';
import { any, isMap, parseSearch, refuseMerge } from './detection.ts';
import { parseFilter } from './filter.ts';
import { parseGatehouseSection } from './gatehouse-section.ts';
import { parseLogSource } from './log-source.ts';
import type { Reading } from './modifiers.ts';
import { defaultTimeframe, parseOldAggregation } from './old-aggregation.ts';
import type { CorrelationSource, Expression, Level, LogSource, RuleDocument } from './rule.ts';
import { RuleError } from './rule-error.ts';
import { readYamlDocuments } from './yaml-documents.ts';

const levels: Readonly<Record<string, Level>> = {
  informational: 'info',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

/**
 * The documents of a rule file.
 * @throws RuleError for the first thing that is wrong, with file, document and path.
 */
export function parseRuleFile(file: string, text: string, reading: Reading): RuleDocument[] {
  const documents = withGlobals(readYamlDocuments(file, text));
  if (documents.length === 0) throw new RuleError(`${file}: holds no rule`);
  return documents.flatMap(({ place, value }) => parseDocument(file, place, value, reading));
}

interface YamlDocument {
  readonly place: string;
  readonly value: unknown;
}

/**
 * The old form of several rules in a file. `action: global` holds what all after it have in common, with that of earlier ones, until
 * `action: reset`; `action: repeat` is the rule before it once more, with what it says itself in its place. Maps are joined at every
 * depth, of anything else the rule's own counts.
 */
function withGlobals(documents: readonly YamlDocument[]): YamlDocument[] {
  let common: Record<string, unknown> | undefined;
  let previous: Record<string, unknown> | undefined;
  let count = 0;
  const taken = new Set<unknown>();
  return documents.flatMap(({ place, value }) => {
    if (!isMap(value)) return [{ place, value }];
    const { action, ...rest } = value;
    if (action === 'global') {
      common = join(common ?? {}, rest);
      return [];
    }
    if (action === 'reset') {
      if (Object.keys(rest).length > 0)
        throw new RuleError(`${place}: action reset stands alone; nothing else belongs there`);
      common = undefined;
      return [];
    }
    if (action !== undefined && action !== 'repeat')
      throw new RuleError(`${place}: action ${JSON.stringify(action)} does not exist; it is global, reset or repeat`);
    if (action === 'repeat' && previous === undefined)
      throw new RuleError(`${place}: action repeat comes after the rule that it repeats`);
    const base = action === 'repeat' ? previous : common;
    if (base === undefined) {
      previous = value;
      taken.add(value.id);
      return [{ place, value }];
    }
    const joined = join(base, rest);
    count++;
    // Each rule needs an id of its own; the first keeps the one that they share.
    if (typeof joined.id === 'string' && rest.id === undefined && taken.has(joined.id))
      joined.id = uuidFromHash(sha256(`${joined.id}\n${count}`));
    taken.add(joined.id);
    previous = joined;
    return [{ place, value: joined }];
  });
}

function join(common: Record<string, unknown>, own: Record<string, unknown>): Record<string, unknown> {
  // Not by assignment: a search may be named __proto__.
  const joined = new Map(Object.entries(common));
  for (const [key, value] of Object.entries(own)) {
    const before = joined.get(key);
    joined.set(key, isMap(before) && isMap(value) ? join(before, value) : value);
  }
  return Object.fromEntries(joined);
}

function parseDocument(file: string, place: string, value: unknown, reading: Reading): RuleDocument[] {
  if (!isMap(value)) throw new RuleError(`${place}: a rule is a map with title and detection`);
  refuseMerge(place, value);
  const title = text(place, value, 'title', 256);
  if (title === undefined) throw new RuleError(`${place}: title is missing`);
  const kinds = ['detection', 'correlation', 'filter'].filter((kind) => value[kind] !== undefined);
  if (kinds.length !== 1) throw new RuleError(`${place}: expected either detection or correlation or filter`);
  const taxonomy = text(place, value, 'taxonomy', 256) ?? 'sigma';
  if (taxonomy !== 'sigma')
    throw new RuleError(`${place}: taxonomy ${JSON.stringify(taxonomy)} is not known; only sigma is`);
  const head: Omit<RuleDocument, 'body'> = {
    place,
    file,
    title,
    id: text(place, value, 'id', 100) ?? uuidFromHash(sha256(`${file}\n${title}`)),
    name: text(place, value, 'name', 256),
    description: text(place, value, 'description', 65_535)?.trim() ?? '',
    level: level(place, value.level),
    tags: texts(place, value, 'tags'),
    references: texts(place, value, 'references'),
    falsePositives: texts(place, value, 'falsepositives'),
    gatehouse: value.gatehouse === undefined ? undefined : parseGatehouseSection(place, value.gatehouse),
    raw: value,
  };
  if (value.filter !== undefined)
    return [{ ...head, body: { kind: 'filter', filter: parseFilter(place, value, reading) } }];
  if (value.correlation !== undefined)
    return [{ ...head, body: { kind: 'correlation', correlation: parseCorrelation(place, value) } }];
  return parseDetection(place, value, head, reading);
}

function parseDetection(
  place: string,
  rule: Record<string, unknown>,
  head: Omit<RuleDocument, 'body'>,
  reading: Reading,
): RuleDocument[] {
  const logSource = parseLogSource(place, rule.logsource);
  if (!isMap(rule.detection)) throw new RuleError(`${place}: detection is not a map`);
  refuseMerge(`${place}: detection`, rule.detection);
  const { condition, timeframe, ...parts } = rule.detection;
  const searches = new Map(
    Object.entries(parts).map(([name, value]) => [name, parseSearch(place, name, value, reading)]),
  );
  const conditions: unknown[] = Array.isArray(condition) ? condition : [condition];
  if (conditions.length === 0) throw new RuleError(`${place}: detection.condition is empty`);
  const texts = conditions.map((one) => {
    if (typeof one !== 'string') throw new RuleError(`${place}: detection.condition is missing or not a text`);
    return one;
  });
  if (texts.some((one) => one.includes('|'))) {
    const [only] = texts;
    if (only === undefined || texts.length > 1)
      throw new RuleError(`${place}: a condition with a pipe must be the only one`);
    return parseOldRule(place, only, timeframe, searches, logSource, head);
  }
  if (timeframe !== undefined) reading.note('detection.timeframe has no effect without an aggregation');
  const expression = any(texts.map((one) => parseCondition(place, one, searches)));
  return [{ ...head, body: { kind: 'detection', expression, logSource } }];
}

/** A rule with an aggregation behind a pipe: a correlation, and the rule or rules that it counts. */
function parseOldRule(
  place: string,
  condition: string,
  timeframe: unknown,
  searches: ReadonlyMap<string, Expression>,
  logSource: LogSource,
  head: Omit<RuleDocument, 'body'>,
): RuleDocument[] {
  const pipe = condition.indexOf('|');
  const aggregation = parseOldAggregation(place, condition.slice(pipe + 1));
  if (timeframe !== undefined && timeframe !== null && typeof timeframe !== 'string')
    throw new RuleError(`${place}: detection.timeframe is not a time such as 5m`);
  const common = {
    aliases: new Map(),
    timespan: timeframe ?? defaultTimeframe,
    percentile: undefined,
    generate: false,
  };
  const bases = [{ name: 'condition', expression: parseCondition(place, condition.slice(0, pipe), searches) }];
  let correlation: CorrelationSource;
  if (aggregation.kind === 'count') {
    const { aggregate, field, groupBy, condition: limits } = aggregation;
    const fields = field === undefined ? [] : [field];
    correlation = { ...common, aggregate, rules: [], absent: [], groupBy, condition: limits, fields };
  } else {
    const { present, absent } = aggregation;
    for (const name of [...present, ...absent]) bases.push({ name, expression: parseCondition(place, name, searches) });
    const limits = { gte: String(present.length + 1) };
    correlation = { ...common, aggregate: 'temporal', rules: [], absent, groupBy: [], condition: limits, fields: [] };
  }
  const documents = bases.map(({ name, expression }, index): RuleDocument => {
    const id = uuidFromHash(sha256(`${head.id}\n${index}\n${name}`));
    const body = { kind: 'detection', expression, logSource } as const;
    return { ...head, id, name: undefined, gatehouse: undefined, raw: name, body };
  });
  const ids = documents.map(({ id }) => id);
  const absentFrom = ids.length - correlation.absent.length;
  const source = { ...correlation, rules: ids.slice(0, absentFrom), absent: ids.slice(absentFrom) };
  return [{ ...head, body: { kind: 'correlation', correlation: source } }, ...documents];
}

function level(place: string, value: unknown): Level {
  if (value === undefined || value === null) return 'medium';
  const found = typeof value === 'string' && Object.hasOwn(levels, value) ? levels[value] : undefined;
  if (found === undefined) throw new RuleError(`${place}: level is one of ${Object.keys(levels).join(', ')}`);
  return found;
}

function text(place: string, rule: Record<string, unknown>, key: string, limit: number): string | undefined {
  const value = rule[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '') throw new RuleError(`${place}: ${key} is not a text`);
  if (value.length > limit) throw new RuleError(`${place}: ${key} is longer than ${limit} characters`);
  return value;
}

/** A list of texts; one text counts as a list of one, as many public rules write it. */
function texts(place: string, rule: Record<string, unknown>, key: string): string[] {
  const value = rule[key];
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.length > 200) throw new RuleError(`${place}: ${key} has more than 200 entries`);
  return list.map((item) => {
    if (typeof item !== 'string') throw new RuleError(`${place}: ${key} holds something that is not a text`);
    return item;
  });
}
