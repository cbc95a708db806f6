// One thread's rules: which matches an event makes, and what of it correlations will need.

import type { FormatName } from '../../../src-shared/log-formats.ts';
import { evaluate } from '../../engine/evaluate.ts';
import type { Event } from '../../engine/event.ts';
import { createMemoryWindowState } from '../../engine/memory-window-state.ts';
import { compileRules, isWaiting } from '../../engine/rules/compile.ts';
import { parseLogSourceFile } from '../../engine/rules/log-source-file.ts';
import type { Level } from '../../engine/rules/rule.ts';
import type { CorrelationLink, RefusedRule, RuleInfo } from '../../engine/rules/rule-set.ts';
import type { Match, RuleFacts, ScanOptions } from './messages.ts';
import { canPassOver, isPlainWindowsRecord } from './pass-over.ts';
import { mergeRuns, type Spill } from './spill.ts';

const levels: readonly Level[] = ['info', 'low', 'medium', 'high', 'critical'];

export function rankOf(level: Level): number {
  return levels.indexOf(level);
}

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
  /** The matches of correlations over everything put aside. @returns how many groups were given up for want of memory. */
  correlate(runs: readonly string[], give: (match: Match) => Promise<void>): Promise<number>;
};

/** @throws RuleError when the mapping is wrong. */
export function createMatching(options: ScanOptions, spill: Spill): Matching {
  const { sources, mapping, leastLevel, tags, spillFolder } = options;
  const { ruleSet, refused, notes } = compileRules(
    sources,
    {},
    mapping === undefined ? {} : { mapping: parseLogSourceFile(mapping.file, mapping.text) },
  );
  const infos = new Map(ruleSet.rules.map((info) => [info.id, info] as const));
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
  const single = ruleSet.detections.map(({ output }) =>
    output !== undefined && wanted.has(output.info.id) ? output.info.id : undefined,
  );
  const counted = ruleSet.detections.map(({ correlations }) => correlations.some(leadsTo));
  const alone = new Set(ruleSet.detections.flatMap(({ output }) => output?.info.id ?? []));

  const { matcher } = ruleSet;
  const quick = options.sinceMs === undefined && canPassOver(sources, mapping?.text, waitingFiles(notes));
  return {
    passOver: quick ? (record) => isPlainWindowsRecord(record) && matcher.matchRecord(record)?.length === 0 : undefined,
    rules: ruleSet.rules.length,
    refused,
    notes,
    take(event, place, give) {
      let aside = false;
      let json: string | undefined;
      for (const index of ruleSet.matcher.match(event)) {
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
      const info = infos.get(ruleId);
      if (info === undefined) throw new Error(`no rule ${ruleId}`);
      const { id, title, level, description, references, falsePositives, techniques } = info;
      return { id, title, level, tags: info.tags, description, references, falsePositives, techniques };
    },
    async correlate(runs, give) {
      const windows = createMemoryWindowState();
      for (const { timeMs, task, record, text } of mergeRuns(spillFolder, runs)) {
        const [inner, line, json, event] = JSON.parse(text) as [string | null, number | null, string, Event];
        for (const finding of evaluate(ruleSet, [event], windows)) {
          if (finding.state !== 'opened' || alone.has(finding.ruleId) || !wanted.has(finding.ruleId)) continue;
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

function waitingFiles(notes: readonly RefusedRule[]): string[] {
  return notes.filter(isWaiting).map(({ name }) => name);
}
