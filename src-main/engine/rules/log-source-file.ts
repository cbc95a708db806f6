// A user's own log-source mapping as a file: YAML in the form that the rule repository uses for its tests (`logsources:` with
// conditions, sources, rewrite and fieldmappings), or JSON that names channels and event ids per rule id.
import { isMap } from './detection.ts';
import type { LogSourceMapping } from './log-source.ts';
import type { LogSourceAlternative, LogSourceCondition, LogSourceEntry } from './log-source-entry.ts';
import { RuleError } from './rule-error.ts';
import { readYamlDocuments } from './yaml-documents.ts';

const mostEntries = 50_000;
const mostBytes = 8_388_608;
/** Of one log source: `rewrite` multiplies them. */
const mostAlternatives = 1000;
const channelPrefix = 'WinEventLog:';

export type MappingLimits = {
  readonly entries?: number;
  /** Characters of YAML, which takes much longer to read than JSON. */
  readonly yaml?: number;
};

/** @throws RuleError with file, entry and reason. */
export function parseLogSourceFile(file: string, text: string, limits: MappingLimits = {}): LogSourceMapping {
  const most = limits.entries ?? mostEntries;
  if (text.length > mostBytes) throw new RuleError(`${file}: larger than 8 MiB`);
  if (text.trimStart().startsWith('{')) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new RuleError(`${file}: not valid JSON`, { cause });
    }
    if (isMap(value) && value.logsources === undefined) return { entries: [], rules: rulesOf(file, value) };
    return { entries: entriesOf(file, value, most), rules: new Map() };
  }
  if (limits.yaml !== undefined && text.length > limits.yaml)
    throw new RuleError(`${file}: more than ${limits.yaml} characters of YAML; write it as JSON`);
  const [document] = readYamlDocuments(file, text);
  return { entries: entriesOf(file, document?.value, most), rules: new Map() };
}

function rulesOf(file: string, value: Record<string, unknown>): Map<string, readonly LogSourceAlternative[]> {
  const entries = Object.entries(value);
  if (entries.length > mostEntries) throw new RuleError(`${file}: more than ${mostEntries} rules`);
  return new Map(
    entries.map(([id, entry]) => {
      if (!isMap(entry)) throw new RuleError(`${file}: ${id} is not a map with channel and eventid`);
      const conditions = [
        { field: 'Channel', values: texts(`${file}: ${id}.channel`, entry.channel) },
        { field: 'EventID', values: texts(`${file}: ${id}.eventid`, entry.eventid) },
      ].filter(({ values }) => values.length > 0);
      return [id, [{ conditions }]] as const;
    }),
  );
}

interface Raw extends Omit<LogSourceEntry, 'alternatives'> {
  readonly alternative: LogSourceAlternative;
  readonly rewrite: Omit<LogSourceEntry, 'alternatives'> | undefined;
}

/** Entries of the same product, category and service are alternatives; `rewrite` adds what stands for the log source it names. */
function entriesOf(file: string, value: unknown, most: number): LogSourceEntry[] {
  if (!isMap(value) || !isMap(value.logsources)) throw new RuleError(`${file}: expected a map with logsources`);
  const list = Object.entries(value.logsources);
  if (list.length > most) throw new RuleError(`${file}: more than ${most} entries`);
  const raw = list.map(([name, entry]) => readEntry(`${file}: logsources.${name}`, entry));
  const joined = new Map<
    string,
    { head: Omit<LogSourceEntry, 'alternatives'>; alternatives: LogSourceAlternative[] }
  >();
  for (const { alternative, rewrite, ...head } of raw) {
    const base =
      rewrite === undefined ? [] : raw.filter((other) => other.rewrite === undefined && same(other, rewrite));
    const whole =
      base.length === 0
        ? [alternative]
        : base.map((other) => ({
            conditions: [...other.alternative.conditions, ...alternative.conditions],
            fields: { ...other.alternative.fields, ...alternative.fields },
          }));
    const known = joined.get(keyOf(head));
    if ((known?.alternatives.length ?? 0) + whole.length > mostAlternatives)
      throw new RuleError(`${file}: ${sourceWords(head)} has more than ${mostAlternatives} alternatives`);
    if (known === undefined) joined.set(keyOf(head), { head, alternatives: whole });
    else for (const one of whole) known.alternatives.push(one);
  }
  return [...joined.values()].map(({ head, alternatives }) => ({ ...head, alternatives }));
}

function sourceWords({ product, category, service }: Omit<LogSourceEntry, 'alternatives'>): string {
  const parts = Object.entries({ product, category, service });
  const named = parts.flatMap(([part, value]) => (value === undefined ? [] : [`${part} ${value}`]));
  return named.length === 0 ? 'an entry without product, category and service' : named.join(', ');
}

function keyOf({ product, category, service }: Omit<LogSourceEntry, 'alternatives'>): string {
  return JSON.stringify([product, category, service]);
}

function same(left: Omit<LogSourceEntry, 'alternatives'>, right: Omit<LogSourceEntry, 'alternatives'>): boolean {
  return keyOf(left) === keyOf(right);
}

function readEntry(at: string, entry: unknown): Raw {
  if (!isMap(entry)) throw new RuleError(`${at} is not a map`);
  const conditions: LogSourceCondition[] = [];
  if (isMap(entry.conditions)) {
    for (const [field, value] of Object.entries(entry.conditions)) {
      if (value === '*') conditions.push({ field, exists: true });
      else conditions.push({ field, values: texts(`${at}.conditions.${field}`, value) });
    }
  }
  const channels = texts(`${at}.sources`, entry.sources)
    .filter((source) => source.startsWith(channelPrefix))
    .map((source) => source.slice(channelPrefix.length));
  if (channels.length > 0) conditions.push({ field: 'Channel', values: channels });
  const fields: Record<string, string[]> = {};
  if (isMap(entry.fieldmappings)) {
    for (const [field, value] of Object.entries(entry.fieldmappings)) {
      if (field !== '__proto__') fields[field] = texts(`${at}.fieldmappings.${field}`, value);
    }
  }
  return {
    ...head(at, entry),
    alternative: { conditions, fields },
    rewrite: isMap(entry.rewrite) ? head(`${at}.rewrite`, entry.rewrite) : undefined,
  };
}

function head(at: string, entry: Record<string, unknown>): Omit<LogSourceEntry, 'alternatives'> {
  const [product, category, service] = [entry.product, entry.category, entry.service].map((part) => {
    if (part === undefined || part === null) return undefined;
    if (typeof part !== 'string') throw new RuleError(`${at}: product, category and service are texts`);
    return part.toLowerCase();
  });
  return { product, category, service };
}

function texts(at: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 1000) throw new RuleError(`${at} has more than 1000 values`);
  return list.map((item) => {
    if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean')
      throw new RuleError(`${at} holds something that is not a text or number`);
    return String(item);
  });
}
