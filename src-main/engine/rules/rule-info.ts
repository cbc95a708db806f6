// What is shown of a rule, and the version that names exactly what ran: its text, the values put into it and what filters add.

import type { ResolvedCorrelation } from './correlation-plan.ts';
import type { ParameterValue } from './gatehouse-section.ts';
import type { Placeholders } from './modifiers.ts';
import { techniquesOf } from './output.ts';
import type { Level, RuleDocument } from './rule.ts';
import type { RuleInfo } from './rule-set.ts';
import { versionOf } from './version.ts';

export interface RuleSource {
  /** File name; messages and `RuleInfo.name` use it. */
  readonly name: string;
  readonly text: string;
  /** Values of its parameters, before those of the settings. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Instead of the level that it says itself. */
  readonly level?: Level;
}

export function describeRule(
  document: RuleDocument,
  file: { readonly source: RuleSource; readonly values: Readonly<Record<string, ParameterValue>> },
  correlation: ResolvedCorrelation | undefined,
  filters: ReadonlyMap<RuleDocument, readonly RuleDocument[]>,
  placeholders: Placeholders,
  /** By a mapping of one's own, for the rule and those it correlates. */
  logSources?: unknown,
): RuleInfo {
  const involved = [document, ...(correlation?.bases ?? [])];
  const added = involved.flatMap((one) => filters.get(one) ?? []);
  const used = usedValues([...involved, ...added], file.values, placeholders);
  const raw = correlation === undefined ? document.raw : involved.map((one) => one.raw);
  const versioned = {
    rule: raw,
    parameters: used.parameters,
    filters: added.length === 0 ? undefined : added.map((filter) => filter.raw),
    placeholders: used.placeholders,
    level: file.source.level,
    logSources,
  };
  let version: string | undefined;
  return {
    id: document.id,
    name: file.source.name.replace(/\.ya?ml$/, ''),
    title: document.title,
    description: document.description,
    level: document.level,
    ownLevel: document.ownLevel ?? document.level,
    // Hashing thousands of rules takes longer than reading them; few of them ever fire.
    get version() {
      version ??= versionOf(versioned);
      return version;
    },
    parameters: used.parameters,
    tags: document.tags,
    techniques: techniquesOf(document.tags),
    falsePositives: document.falsePositives,
    references: document.references,
    runbook: document.gatehouse?.runbook ?? [],
    cases: document.gatehouse?.cases ?? [],
    source: file.source.text,
  };
}

function usedValues(
  documents: readonly RuleDocument[],
  values: Readonly<Record<string, ParameterValue>>,
  placeholders: Placeholders,
): { parameters: Record<string, ParameterValue>; placeholders: Placeholders | undefined } {
  const parameters: Record<string, ParameterValue> = {};
  const names = Object.keys(placeholders);
  if (Object.keys(values).length === 0 && names.length === 0) return { parameters, placeholders: undefined };
  const text = JSON.stringify(documents.map(({ raw }) => raw));
  for (const [name, value] of Object.entries(values)) {
    if (text.includes(`\${${name}}`) || text.includes(`%${name}%`)) parameters[name] = value;
  }
  const expanded = Object.entries(placeholders).filter(([name]) => text.includes(`%${name}%`));
  return { parameters, placeholders: expanded.length === 0 ? undefined : Object.fromEntries(expanded) };
}
