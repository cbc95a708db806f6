// The engine against the naive evaluators, on random rules and events: in the suite a few, by `npm run bench -- differential` millions.
import fc from 'fast-check';
import { evaluate } from '../../src-main/engine/evaluate.ts';
import type { Event, JsonObject } from '../../src-main/engine/event.ts';
import type { Finding } from '../../src-main/engine/finding.ts';
import { createMemoryWindowState } from '../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../src-main/engine/rules/compile.ts';
import { createNaiveCorrelations, type NaiveFinding } from './naive-correlations.ts';
import { conditionText, naiveMatch } from './naive-rules.ts';
import { correlationFiles, correlationSets } from './random-correlations.ts';
import { details, hint, rule, withHints } from './random-rules.ts';

export interface Compared {
  readonly comparisons: number;
  /** Of them those where both said yes. */
  readonly matches: number;
}

export type Runs = { readonly numRuns: number; readonly seed?: number };

function event(record: JsonObject): Event {
  return { id: '', timeMs: 0, source: '', event_type: '', details: record };
}

/** @throws Error what differs, and where. */
function requireSame(found: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: the engine says ${one}, the naive evaluator ${other}`);
}

/** Detections: each rule asked of each event, as an event, from its bytes, with plans made at once and made in steps. */
export function compareRules(runs: Runs): Compared {
  let comparisons = 0;
  let matches = 0;
  const events = fc.array(fc.tuple(details, fc.array(hint, { maxLength: 3 })), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 8 }), events, (rules, drafts) => {
      const sources = rules.map(({ searches, condition: tree }, at) => ({
        name: `r${at}.yml`,
        text: JSON.stringify({
          title: `Rule ${at}`,
          logsource: { product: 'gatehouse' },
          detection: { ...searches, condition: conditionText(tree) },
        }),
      }));
      const { ruleSet, refused } = compileRules(sources, {});
      requireSame(refused, [], 'refused');
      const { matcher } = ruleSet;
      const inSteps = compileRules(sources, {}).ruleSet.matcher;
      for (const [draft, hints] of drafts) {
        const record = withHints(draft, rules, hints);
        const wanted = rules.flatMap((one, at) => (naiveMatch(one, record) ? [at] : []));
        const bytes = Buffer.from(JSON.stringify(record));
        for (const _ of inSteps.prepare([event(record)]) ?? [])
          requireSame(inSteps.match(event(record)), wanted, 'between steps');
        requireSame(inSteps.match(event(record)), wanted, 'after steps');
        // Twice each, because values seen before are not searched again.
        for (let time = 0; time < 2; time++) {
          requireSame(matcher.match(event(record)), wanted, 'as an event');
          requireSame(matcher.matchRecord(bytes), wanted, 'from bytes');
        }
        comparisons += rules.length;
        matches += wanted.length;
      }
    }),
    runs,
  );
  return { comparisons, matches };
}

/** Correlations: what each event of a history raises. */
export function compareCorrelations(runs: Runs): Compared {
  let comparisons = 0;
  let matches = 0;
  fc.assert(
    fc.property(correlationSets, ({ documents, history }) => {
      const { ruleSet, refused } = compileRules(correlationFiles(documents), {});
      requireSame(refused, [], 'refused');
      const windows = createMemoryWindowState();
      const naive = createNaiveCorrelations(documents);
      for (const [at, { timeMs, record }] of history.entries()) {
        const one: Event = { id: `e${at}`, timeMs, source: '', event_type: '', details: record };
        const found = evaluate(ruleSet, [one], windows).map(plainFinding).sort(byName);
        const wanted = naive.observe(record, timeMs).sort(byName);
        requireSame(found, wanted, `event ${at}`);
        comparisons += documents.length;
        matches += wanted.length;
      }
    }),
    runs,
  );
  return { comparisons, matches };
}

function plainFinding({ ruleId, group, state, count, value, firstAtMs, lastAtMs }: Finding): NaiveFinding {
  // A sum of fractions depends on the order of adding.
  return { rule: ruleId, group, state, count, value: Math.round(value * 1e6) / 1e6, firstAtMs, lastAtMs };
}

function byName(one: NaiveFinding, other: NaiveFinding): number {
  const [left, right] = [one, other].map(({ rule: name, group }) => `${name} ${JSON.stringify(group)}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
}
