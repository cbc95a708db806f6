// From a rule document to the plan of its findings: defaults where the rule says nothing, and checks of what it says.
import { compileField } from '../field.ts';
import { type GatehouseSection, parseSpan } from './gatehouse-section.ts';
import type { Level, RuleDocument } from './rule.ts';
import { RuleError } from './rule-error.ts';
import type { EntityField, Output, RuleInfo } from './rule-set.ts';
import { parseTemplate } from './template.ts';

/** Suggested base risk by severity (console conventions): 90, 70, 45, 20, 5. */
export const baseRisk: Readonly<Record<Level, number>> = { critical: 90, high: 70, medium: 45, low: 20, info: 5 };
export const defaultConfidence = 0.8;
const defaultDedup = '1h';
const numbers = new Set(['count', 'value', 'span', 'threshold', 'window']);
const defaultEntities = [
  { kind: 'user', field: 'actor' },
  { kind: 'ip', field: 'ip_address' },
  { kind: 'host', field: 'source' },
] as const;

/** @param window of a correlation: its group fields, threshold and length. */
export function buildOutput(
  document: RuleDocument,
  info: RuleInfo,
  window: { readonly groupBy: readonly string[]; readonly threshold: number; readonly windowMs: number } | undefined,
): Output {
  const { place } = document;
  const section: GatehouseSection = document.gatehouse ?? {};
  const groupBy = window?.groupBy ?? [];
  const entities = buildEntities(section, groupBy, window !== undefined);
  const known = new Set([...groupBy, ...entities.map(({ field }) => field)]);
  function allowed(name: string): boolean {
    if (numbers.has(name)) return window !== undefined || name === 'count' || name === 'span';
    return window === undefined ? name !== '' : known.has(name);
  }
  const title = section.title ?? escapeBraces(document.title);
  const sentence =
    section.sentence ??
    (window === undefined
      ? `${escapeBraces(document.title)}: matched {count} time(s).`
      : `${escapeBraces(document.title)}: {count} events in {span}. The limit is {threshold} in {window}.`);
  const dedupFields = section.dedup?.fields ?? entities.map(({ field }) => field);
  if (window !== undefined && section.dedup?.fields !== undefined) {
    throw new RuleError(`${place}: gatehouse.dedup.fields is for single events; a correlation repeats by its group-by`);
  }
  const dedupWindowMs = parseSpan(section.dedup?.window ?? defaultDedup);
  if (dedupWindowMs === undefined) throw new RuleError(`${place}: gatehouse.dedup.window is not a time such as 1h`);
  const titleParts = parseTemplate(`${place}: gatehouse.title`, title, allowed);
  const sentenceParts = parseTemplate(`${place}: gatehouse.sentence`, sentence, allowed);
  const named = [...titleParts, ...sentenceParts].flatMap((part) => (typeof part === 'string' ? [] : [part.name]));
  return {
    info,
    title: titleParts,
    sentence: sentenceParts,
    fields: new Map(named.filter((name) => !numbers.has(name)).map((name) => [name, compileField(name)])),
    unit: section.unit ?? 'events',
    base: (document.ownLevel === undefined ? section.risk?.base : undefined) ?? baseRisk[document.level],
    confidence: section.risk?.confidence ?? defaultConfidence,
    entities,
    dedup: window === undefined ? dedupFields.map((field) => ({ field, read: compileField(field) })) : [],
    dedupWindowMs,
    threshold: window?.threshold ?? 0,
    windowMs: window?.windowMs ?? 0,
  };
}

function buildEntities(section: GatehouseSection, groupBy: readonly string[], windowed: boolean): EntityField[] {
  let tracked = 0;
  return (section.entities ?? defaultEntities).map(({ kind, field }) => {
    const group = groupBy.indexOf(field);
    return { kind, field, read: compileField(field), group, tracked: windowed && group < 0 ? tracked++ : -1 };
  });
}

/** A title that stands as a template must not have its braces read as placeholders. */
function escapeBraces(text: string): string {
  return text.replace(/[{}]/g, '');
}

/** `attack.t1110.001` among a rule's tags, as T1110.001. */
export function techniquesOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => {
    const match = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag);
    return match?.[1] === undefined ? [] : [match[1].toUpperCase()];
  });
}
