// One rule file as typed documents: the common head of a Sigma rule, then its detection or its correlation.
import { sha256 } from '../../base/hashes.ts';
import { uuidFromHash } from '../../base/ids.ts';
import { parseCondition } from './condition.ts';
import { parseCorrelation } from './correlation.ts';
import { all, any, isMap, parseSearch } from './detection.ts';
import { parseGatehouseSection } from './gatehouse-section.ts';
import { logSourceExpression } from './log-source.ts';
import { type Expression, type Level, type RuleDocument, RuleError } from './rule.ts';
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
export function parseRuleFile(file: string, text: string): RuleDocument[] {
  const documents = readYamlDocuments(file, text);
  if (documents.length === 0) throw new RuleError(`${file}: holds no rule`);
  return documents.map(({ place, value }) => parseDocument(file, place, value));
}

function parseDocument(file: string, place: string, value: unknown): RuleDocument {
  if (!isMap(value)) throw new RuleError(`${place}: a rule is a map with title and detection`);
  if (value.action !== undefined)
    throw new RuleError(`${place}: action (old multi-document form) is not supported yet`);
  if (value.filter !== undefined) throw new RuleError(`${place}: Sigma filters are not supported yet`);
  const title = text(place, value, 'title', 256);
  if (title === undefined) throw new RuleError(`${place}: title is missing`);
  const isCorrelation = value.correlation !== undefined;
  if (isCorrelation === (value.detection !== undefined)) {
    throw new RuleError(`${place}: expected either detection or correlation`);
  }
  return {
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
    body: isCorrelation
      ? { kind: 'correlation', correlation: parseCorrelation(place, value.correlation) }
      : { kind: 'detection', expression: detection(place, value) },
    gatehouse: value.gatehouse === undefined ? undefined : parseGatehouseSection(place, value.gatehouse),
    raw: value,
  };
}

function detection(place: string, rule: Record<string, unknown>): Expression {
  if (!isMap(rule.logsource)) throw new RuleError(`${place}: logsource is missing`);
  if (!isMap(rule.detection)) throw new RuleError(`${place}: detection is not a map`);
  const { condition, timeframe, ...parts } = rule.detection;
  if (timeframe !== undefined)
    throw new RuleError(`${place}: detection.timeframe (old aggregation) is not supported yet`);
  const searches = new Map(Object.entries(parts).map(([name, value]) => [name, parseSearch(place, name, value)]));
  const conditions = Array.isArray(condition) ? condition : [condition];
  if (conditions.length === 0) throw new RuleError(`${place}: detection.condition is empty`);
  const expression = any(
    conditions.map((one) => {
      if (typeof one !== 'string') throw new RuleError(`${place}: detection.condition is missing or not a text`);
      return parseCondition(place, one, searches);
    }),
  );
  const source = logSourceExpression(place, rule.logsource);
  return source === undefined ? expression : all([source, expression]);
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
