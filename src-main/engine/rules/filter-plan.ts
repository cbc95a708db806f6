// Which filters apply to which rules.
import type { LogSource, RuleDocument } from './rule.ts';
import type { RefusedRule } from './rule-set.ts';

/** The filters of each rule. A filter that fits no rule at all is refused. */
export function collectFilters(
  documents: readonly RuleDocument[],
  index: ReadonlyMap<string, readonly RuleDocument[]>,
  refused: RefusedRule[],
  notes: RefusedRule[],
  silences: (from: string, to: string) => boolean = () => true,
): Map<RuleDocument, RuleDocument[]> {
  const filters = new Map<RuleDocument, RuleDocument[]>();
  for (const document of documents) {
    if (document.body.kind !== 'filter') continue;
    const { rules, logSource } = document.body.filter;
    const missing = rules === 'any' ? [] : rules.filter((name) => !index.has(name));
    const named = rules === 'any' ? documents : rules.flatMap((name) => index.get(name) ?? []);
    const fitting = named.filter(
      ({ body, file }) =>
        body.kind === 'detection' && within(body.logSource, logSource) && silences(document.file, file),
    );
    if (fitting.length === 0) {
      const reason = `${document.place}: the filter names no loaded rule of its log source`;
      refused.push({ name: document.file, reason });
      continue;
    }
    for (const name of missing)
      notes.push({ name: document.file, reason: `filter names ${JSON.stringify(name)}, which is not loaded` });
    for (const rule of fitting) filters.set(rule, [...(filters.get(rule) ?? []), document]);
  }
  return filters;
}

function within(rule: LogSource, filter: LogSource): boolean {
  return (['product', 'category', 'service'] as const).every(
    (part) => filter[part] === undefined || filter[part] === rule[part],
  );
}
