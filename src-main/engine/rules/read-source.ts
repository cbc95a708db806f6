// Rule sources as documents, read once however often they are compiled; and which others a source has to be compiled with.
import type { Placeholders } from './modifiers.ts';
import type { RuleDocument } from './rule.ts';
import { RuleError } from './rule-error.ts';
import { parseRuleFile } from './rule-file.ts';
import type { RuleSource } from './rule-info.ts';

export type ReadRules = WeakMap<
  RuleSource,
  { readonly documents: readonly RuleDocument[]; readonly notes: readonly string[] }
>;

/** @throws RuleError */
export function readSource(
  source: RuleSource,
  { placeholders = {}, read }: { readonly placeholders?: Placeholders; readonly read?: ReadRules },
): { readonly documents: readonly RuleDocument[]; readonly notes: readonly string[] } {
  const known = read?.get(source);
  if (known !== undefined) return known;
  const said = new Set<string>();
  const { level } = source;
  const parsed = parseRuleFile(source.name, source.text, { placeholders, note: (text) => void said.add(text) });
  const documents = level === undefined ? parsed : parsed.map((one) => ({ ...one, level, ownLevel: one.level }));
  const result = { documents, notes: [...said] };
  read?.set(source, result);
  return result;
}

/** The documents read again with the file's own parameters put in for `%name%`, where a detection asks for one; else undefined. */
export function readWithParameters(
  source: RuleSource,
  values: Readonly<Record<string, string | number | boolean>>,
  { placeholders = {} }: { readonly placeholders?: Placeholders },
): ReturnType<typeof readSource> | undefined {
  const asked = Object.entries(values).filter(([name]) => source.text.includes(`%${name}%`));
  if (asked.length === 0) return undefined;
  const own = asked.map(([name, value]) => [name, [typeof value === 'boolean' ? String(value) : value]] as const);
  return readSource(source, { placeholders: { ...placeholders, ...Object.fromEntries(own) } });
}

/** A filter for any rule fits thousands: it is looked at with so many of them. */
const mostFiltered = 200;

/**
 * The sources that `source` names in its correlations and filters, those that these name, filters that may name it, and whoever has
 * one of its ids. Of a source that can't be read there are none: what is wrong with it shows when it is compiled.
 */
export function neighboursOf(source: RuleSource, others: readonly RuleSource[], read: ReadRules): RuleSource[] {
  const byKey = new Map<string, RuleSource[]>();
  const found = new Set<RuleSource>();
  const rules: RuleSource[] = [];
  for (const other of others) {
    if (other.name === source.name) continue;
    for (const { id, name, body } of documentsOf(other, read)) {
      if (body.kind === 'filter') found.add(other);
      else rules.push(other);
      for (const key of [id, name]) if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), other]);
    }
  }
  function follow(one: RuleSource): void {
    for (const { body } of documentsOf(one, read)) {
      if (body.kind === 'correlation') {
        for (const key of [...body.correlation.rules, ...body.correlation.absent])
          for (const other of byKey.get(key) ?? []) found.add(other);
      } else if (body.kind === 'filter' && one === source) {
        const named = body.filter.rules === 'any' ? rules : body.filter.rules.flatMap((key) => byKey.get(key) ?? []);
        for (const other of named.slice(0, mostFiltered)) found.add(other);
      }
    }
  }
  // Whoever has an id of it already: two rules can't have the same.
  for (const { id } of documentsOf(source, read)) for (const other of byKey.get(id) ?? []) found.add(other);
  follow(source);
  // A set is walked to its end, also over what is added on the way.
  for (const one of found) follow(one);
  return [...found];
}

function documentsOf(source: RuleSource, read: ReadRules): readonly RuleDocument[] {
  try {
    return readSource(source, { read }).documents;
  } catch (error) {
    if (error instanceof RuleError) return [];
    throw error;
  }
}
