// One thread's rules: which matches an event makes, and what of it correlations will need.

import type { FormatName } from '../../../src-shared/log-formats.ts';
import { evaluate } from '../../engine/evaluate.ts';
import type { Event } from '../../engine/event.ts';
import { createMemoryWindowState } from '../../engine/memory-window-state.ts';
import { compileRules } from '../../engine/rules/compile.ts';
import { parseLogSourceFile } from '../../engine/rules/log-source-file.ts';
import type { CorrelationLink, RefusedRule, RuleInfo, RuleSet } from '../../engine/rules/rule-set.ts';
import { limitRuleWork } from '../../engine/work-limit.ts';
import { rankOf } from './levels.ts';
import type { Match, RuleFacts, ScanOptions } from './messages.ts';
import { canPassOver, isPlainWindowsRecord } from './pass-over.ts';
import { mergeRuns, type Spill } from './spill.ts';

/** Where an event stands. */
export type Place = {
  readonly task: number;
  readonly inner: string | undefined;
  readonly record: number;
  readonly line: number | undefined;
  readonly timeless: boolean;
  /** The record as it stands in the file, where that is JSON. */
  readonly text: string | undefined;
  readonly format: FormatName | undefined;
};

export type Matching = {
  readonly rules: number;
  readonly refused: readonly RefusedRule[];
  readonly notes: readonly RefusedRule[];
  /** Gives the event's matches. @returns false when a correlation wanted it and it has no time. */
  take(event: Event, place: Place, give: (match: Match) => void): boolean;
  /** True when the record is certain to concern no rule. */
  passOver: ((record: Uint8Array) => boolean) | undefined;
  factsOf(ruleId: string): RuleFacts;
  /** Rules found to take long since it was asked last; they go on, for what they find counts. */
  takeSlow(): string[];
  /** The matches of correlations over everything put aside. @returns how many groups were given up for want of memory. */
  correlate(runs: readonly string[], give: (match: Match) => Promise<void>): Promise<number>;
};

/** What is kept of the rules for the length of a scan. */
type Compiled = {
  readonly facts: ReadonlyMap<string, RuleFacts>;
  readonly refused: readonly RefusedRule[];
  readonly notes: readonly RefusedRule[];
  readonly matcher: RuleSet['matcher'];
  /** By the matcher's index the rule whose match is one; undefined where that isn't asked for. */
  readonly single: readonly (string | undefined)[];
  /** By the matcher's index: a correlation that is asked for needs the event. */
  readonly counted: readonly boolean[];
  /** Of these only the correlations are left. */
  readonly correlating: RuleSet;
  readonly wanted: ReadonlySet<string>;
  /** Windows records may be told by their bytes. */
  readonly quick: boolean;
};

/**
 * The rules with their documents and texts are many times what is needed of them once they are compiled. This is a function of its own
 * so that nothing holds on to them.
 * @throws RuleError when the mapping is wrong.
 */
function compile(
  { sources, mapping, placeholders, leastLevel, tags }: ScanOptions,
  onSlow: (ruleId: string) => void,
): Compiled {
  const {
    ruleSet,
    refused,
    notes,
    asked: asks,
  } = compileRules(
    sources,
    {},
    mapping === undefined
      ? { placeholders }
      : { placeholders, mapping: parseLogSourceFile(mapping.file, mapping.text) },
  );
  limitRuleWork(ruleSet, { now: () => performance.now(), switchesOff: false, onOver: ({ ruleId }) => onSlow(ruleId) });
  const asked = tags.map((tag) => tag.toLowerCase());

  function isWanted(info: RuleInfo): boolean {
    if (rankOf(info.level) < rankOf(leastLevel)) return false;
    return asked.length === 0 || info.tags.some((tag) => asked.some((one) => fits(tag.toLowerCase(), one)));
  }
  const wanted = new Set(ruleSet.rules.filter(isWanted).map(({ id }) => id));
  function leadsTo(link: CorrelationLink): boolean {
    const { output, feeds } = link.plan;
    return (output !== undefined && wanted.has(output.info.id)) || feeds.some(leadsTo);
  }
  const counted = ruleSet.detections.map(({ correlations }) => correlations.some(leadsTo));
  return {
    facts: new Map(ruleSet.rules.map((info) => [info.id, factsOf(info)] as const)),
    refused,
    notes,
    matcher: ruleSet.matcher,
    single: ruleSet.detections.map(({ output }) =>
      output !== undefined && wanted.has(output.info.id) ? output.info.id : undefined,
    ),
    counted,
    wanted,
    quick: canPassOver(asks()),
    correlating: {
      ...ruleSet,
      rules: [],
      // Single events were told when they were read.
      detections: ruleSet.detections.map(({ ruleId, correlations }, index) => ({
        ruleId,
        output: undefined,
        correlations: counted[index] === true ? correlations : [],
      })),
    },
  };
}

/** In new memory: parts of a text keep the whole of it. */
function factsOf(info: RuleInfo): RuleFacts {
  const { id, title, level, tags, description, references, falsePositives, techniques } = info;
  return structuredClone({ id, title, level, tags, description, references, falsePositives, techniques });
}

/** @throws RuleError when the mapping is wrong. */
export function createMatching(options: ScanOptions, spill: Spill): Matching {
  const { spillFolder } = options;
  const slow: string[] = [];
  const compiled = compile(options, (ruleId) => slow.push(ruleId));
  const { facts, refused, notes, matcher, single, counted, wanted, correlating } = compiled;
  const quick = options.sinceMs === undefined && compiled.quick;
  return {
    passOver: quick ? (record) => isPlainWindowsRecord(record) && matcher.matchRecord(record)?.length === 0 : undefined,
    rules: facts.size,
    refused,
    notes,
    take(event, place, give) {
      let aside = false;
      let json: string | undefined;
      for (const index of matcher.match(event)) {
        aside ||= counted[index] === true;
        const ruleId = single[index];
        if (ruleId === undefined) continue;
        json ??= shownEvent(event, place);
        give(matchOf(ruleId, place, place.timeless ? undefined : event.timeMs, json, undefined));
      }
      if (!aside) return true;
      if (place.timeless) return false;
      const { task, record, inner, line } = place;
      json ??= shownEvent(event, place);
      spill.add({
        timeMs: event.timeMs,
        task,
        record,
        text: JSON.stringify([inner ?? null, line ?? null, json, event]),
      });
      return true;
    },
    factsOf(ruleId) {
      const found = facts.get(ruleId);
      if (found === undefined) throw new Error(`no rule ${ruleId}`);
      return found;
    },
    takeSlow: () =>
      slow.splice(0).map((ruleId) => `${facts.get(ruleId)?.title ?? 'a rule that a correlation names'} (${ruleId})`),
    async correlate(runs, give) {
      const windows = createMemoryWindowState();
      for (const { timeMs, task, record, text } of mergeRuns(spillFolder, runs)) {
        const [inner, line, json, event] = JSON.parse(text) as [string | null, number | null, string, Event];
        for (const finding of evaluate(correlating, [event], windows)) {
          if (finding.state !== 'opened' || !wanted.has(finding.ruleId)) continue;
          const place = { task, record, inner: inner ?? undefined, line: line ?? undefined };
          await give(matchOf(finding.ruleId, place, timeMs, json, finding.sentence));
        }
      }
      return windows.usage().evicted;
    },
  };
}

/** `attack.t1110` asks for its sub-techniques too, `t1110` for `attack.t1110`. */
function fits(tag: string, asked: string): boolean {
  return (
    tag === asked || tag === `attack.${asked}` || tag.startsWith(`${asked}.`) || tag.startsWith(`attack.${asked}.`)
  );
}

function matchOf(
  ruleId: string,
  { task, inner, record, line }: Pick<Place, 'task' | 'inner' | 'record' | 'line'>,
  timeMs: number | undefined,
  event: string,
  sentence: string | undefined,
): Match {
  return { ruleId, task, inner, record, line, timeMs, event, sentence };
}

/** JSON records as they stand in the file, those of EVTX with their own fields, anything else as the API would show it. */
function shownEvent(event: Event, { text, format, timeless }: Place): string {
  if (text !== undefined) return text.includes('\n') ? JSON.stringify(JSON.parse(text)) : text.trim();
  if (format === 'evtx') return JSON.stringify(event.details);
  const { id: _id, timeMs, ...fields } = event;
  return JSON.stringify({ time: timeless ? null : new Date(timeMs).toISOString(), ...fields });
}
