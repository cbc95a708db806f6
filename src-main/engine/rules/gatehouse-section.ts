// The `gatehouse:` section of a rule file: what Sigma has no word for. Its schema, its defaults, and the units of its numbers.
import { z } from 'zod';
import { inWords } from '../../../src-shared/contract/issue-words.ts';
import { RuleError } from './rule-error.ts';

const scalar = z.union([z.number(), z.string().max(8_000), z.boolean()]);
const fieldName = z.string().min(1).max(200);

const parameter = z.strictObject({
  /** Path of the setting that carries it, such as `breach_detection.failed_login_threshold`. */
  setting: z.string().regex(/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/),
  label: z.string().min(1).max(120),
  default: scalar,
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

const caseEvents = z.strictObject({
  repeat: z.int().min(1).max(10_000).optional(),
  /** Between two events, and before the first: `20s`. */
  every: z.string().max(20).optional(),
  after: z.string().max(20).optional(),
  /** Wire fields without id and time; `{n}` in a text becomes the number of the repetition, from 1. */
  event: z.record(z.string(), z.unknown()),
});

export const ruleCase = z.strictObject({
  name: z.string().min(1).max(200),
  matches: z.boolean(),
  /** The exact sentence of the last finding. */
  sentence: z.string().optional(),
  title: z.string().optional(),
  events: z.array(caseEvents).min(1).max(200),
});
export type RuleCase = z.output<typeof ruleCase>;

export const gatehouseSection = z.strictObject({
  parameters: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,60}$/), parameter).optional(),
  /** About fifty characters with the subject in it; the row of the queue. */
  title: z.string().min(1).max(120).optional(),
  /** Why it fired, in one sentence with numbers. */
  sentence: z.string().min(1).max(400).optional(),
  /** What value_sum sums; says how numbers are written. */
  unit: z.enum(['events', 'bytes']).optional(),
  risk: z
    .strictObject({ base: z.int().min(0).max(100).optional(), confidence: z.number().min(0.1).max(1).optional() })
    .optional(),
  entities: z
    .array(z.strictObject({ kind: z.enum(['user', 'ip', 'host', 'key', 'resource']), field: fieldName }))
    .max(8)
    .optional(),
  dedup: z
    .strictObject({ fields: z.array(fieldName).max(8).optional(), window: z.string().max(40).optional() })
    .optional(),
  runbook: z.array(z.string().min(1).max(400)).min(1).max(6).optional(),
  cases: z.array(ruleCase).max(50).optional(),
});
export type GatehouseSection = z.output<typeof gatehouseSection>;
export type ParameterValue = string | number | boolean;

/** @throws RuleError listing all bad fields at once. */
export function parseGatehouseSection(place: string, value: unknown): GatehouseSection {
  const result = gatehouseSection.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 10)
    .map((issue) => `gatehouse.${issue.path.join('.')}: ${issue.message}`);
  throw new RuleError(`${place}: ${problems.join('; ')}`);
}

const spanUnits: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Sigma's timespan (`90s`, `5m`, `1h`, `7d`) in milliseconds, or undefined. */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*([smhd])$/.exec(text.trim());
  const unit = match === null ? undefined : spanUnits[match[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  const span = Number(match[1]) * unit;
  return span > 0 && span <= 366 * 86_400_000 ? span : undefined;
}

const sizeUnits: Readonly<Record<string, number>> = { '': 1, B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** A number with an optional decimal byte unit (`100`, `100 MB`), or undefined. */
export function parseQuantity(text: string): number | undefined {
  const match = /^(-?\d{1,15}(?:\.\d{1,6})?)\s*(B|kB|MB|GB|TB)?$/.exec(text.trim());
  const unit = match === null ? undefined : sizeUnits[match[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/**
 * Puts parameter values in for `${name}`.
 * @throws RuleError when a name isn't declared.
 */
export function substitute(place: string, text: string, values: Readonly<Record<string, ParameterValue>>): string {
  return text.replace(/\$\{([^}]{0,100})\}/g, (_, name: string) => {
    if (!Object.hasOwn(values, name)) throw new RuleError(`${place}: \${${name}} is not among gatehouse.parameters`);
    return String(values[name]);
  });
}
