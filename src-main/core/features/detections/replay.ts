// Replay: an alert computed anew from its stored events with the version of the rule that raised it. Whoever doubts an alert sees that
// it follows from its evidence, or which event is not what it was.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { instant } from '../../../base/instants.ts';
import { evaluate } from '../../../engine/evaluate.ts';
import type { Event } from '../../../engine/event.ts';
import type { Finding } from '../../../engine/finding.ts';
import { createMemoryWindowState } from '../../../engine/memory-window-state.ts';
import { type Compiled, compileRules } from '../../../engine/rules/compile.ts';
import { eventOf } from '../events/index.ts';
import { parseMapping } from '../mappings/index.ts';
import { silences } from '../rules/index.ts';
import { findRecipe } from './detections-table.ts';
import { type AlertEvidence, eventsWithIds, findEvidence, hashesOf } from './history-table.ts';
import type { HistoryParts } from './what-if.ts';

const pageSize = 200;
const mostEvents = 50_000;
const namedAtMost = 100;

type Replayed = Output<'detections.replay'>;

export async function replayAlert(parts: HistoryParts, workspace: string, id: string): Promise<Replayed> {
  const read = parts.store().read;
  const alert = read(workspace, (tx) => findEvidence(tx, id));
  if (alert === undefined) throw new ProblemError('alerts/not-found', `there is no alert ${id} in this workspace`);
  const { events, changed, missing } = await gather(parts, workspace, alert);
  const compiled = read(workspace, (tx) => {
    const kept = findRecipe(tx, alert.detectorId, alert.version);
    return kept === undefined ? compiledNow(parts, workspace, alert) : compileKept(kept);
  });
  const base = {
    detector_version: alert.version,
    events: events.length,
    changed: changed.slice(0, namedAtMost),
  };
  const unmet = [...missing.map((event) => `event ${event}`)];
  if (compiled === undefined) unmet.unshift(`version ${alert.version} of the rule`);
  if (alert.count > mostEvents) unmet.push(`events beyond the first ${mostEvents}`);
  if (compiled === undefined || unmet.length > 0) {
    return {
      ...base,
      outcome: changed.length > 0 ? 'different' : 'incomplete',
      missing: unmet.slice(0, namedAtMost),
      differences: [],
    };
  }
  if (restsOnOthers(compiled, alert.detectorId)) {
    const why = 'the events below the correlations that this one rests on: an alert keeps those of its own rule';
    return { ...base, outcome: changed.length > 0 ? 'different' : 'incomplete', missing: [why], differences: [] };
  }
  const differences = compare(alert, await run(parts, compiled, alert, events));
  const isSame = changed.length === 0 && differences.length === 0;
  return { ...base, outcome: isSame ? 'same' : 'different', missing: [], differences };
}

/** The alert's events in the order they came, with those that are gone and those whose record is not the one that was hashed. */
async function gather({ store, host }: HistoryParts, workspace: string, alert: AlertEvidence) {
  const events: Event[] = [];
  const changed: string[] = [];
  const missing: string[] = [];
  for (let from = 0; from < Math.min(alert.count, mostEvents); from += pageSize) {
    store().read(workspace, (tx) => {
      const references = hashesOf(tx, alert.key, from, pageSize);
      const stored = eventsWithIds(
        tx,
        references.map(({ id }) => id),
      );
      const byId = new Map<string, typeof stored>();
      for (const event of stored) byId.set(event.id, [...(byId.get(event.id) ?? []), event]);
      for (const { id, sha256 } of references) {
        // Two events may bear the same id at different times.
        const found = byId.get(id);
        const exact = found?.find(({ record }) => sha256Hex(record) === sha256) ?? found?.[0];
        if (exact === undefined) missing.push(id);
        else {
          if (sha256Hex(exact.record) !== sha256) changed.push(id);
          events.push(eventOf(exact));
        }
      }
    });
    await host.timers.breathe();
  }
  return { events, changed, missing };
}

function compileKept({ recipe, texts }: NonNullable<ReturnType<typeof findRecipe>>): Compiled {
  const sources = recipe.files.map(({ digest, ...file }) => ({ ...file, text: texts.get(digest) ?? '' }));
  const mapping = recipe.mapping === undefined ? undefined : texts.get(recipe.mapping);
  return compileRules(sources, recipe.settings, {
    silences,
    ...(mapping === undefined ? {} : { mapping: parseMapping(mapping) }),
  });
}

/** Alerts from before versions were kept: the rule of today does, if it is the same. */
function compiledNow({ plans, settings }: HistoryParts, workspace: string, alert: AlertEvidence): Compiled | undefined {
  const plan = plans.find(workspace);
  if (plan?.infoOf.get(alert.detectorId)?.version !== alert.version) return undefined;
  return compileRules(plan.compiled.filesOf(alert.detectorId), settings, { silences, mapping: plan.mapping.mapping });
}

function restsOnOthers({ ruleSet }: Compiled, detectorId: string): boolean {
  return ruleSet.detections.some(({ correlations }) =>
    correlations.some(({ plan }) => plan.feeds.some((link) => link.plan.output?.info.id === detectorId)),
  );
}

async function run(
  { host }: HistoryParts,
  { ruleSet }: Compiled,
  alert: AlertEvidence,
  events: readonly Event[],
): Promise<readonly Finding[]> {
  const windows = createMemoryWindowState();
  const findings: Finding[] = [];
  for (let from = 0; from < events.length; from += pageSize) {
    for (const finding of evaluate(ruleSet, events.slice(from, from + pageSize), windows)) {
      if (finding.ruleId === alert.detectorId) findings.push(finding);
    }
    await host.timers.breathe();
  }
  return findings;
}

function compare(alert: AlertEvidence, findings: readonly Finding[]): Replayed['differences'] {
  const own = findings.filter(({ dedupKey }) => dedupKey === alert.dedupKey);
  const last = own.at(-1);
  if (last === undefined) {
    const instead = findings.length === 0 ? 'it does not fire' : 'it fires for something else';
    return [{ what: 'the rule on these events', stored: 'it fired', replayed: instead }];
  }
  const graver = own.reduce((most, one) => (one.risk > most.risk ? one : most), last);
  const taken = new Set(own.flatMap(({ eventIds }) => eventIds)).size;
  const pairs: [what: string, stored: string, replayed: string][] = [
    ['rule version', alert.version, last.ruleVersion],
    ['events that take part', String(alert.count), String(taken)],
    ['first event', instant(alert.firstSeenAt), instant(Math.min(...own.map(({ firstAtMs }) => firstAtMs)))],
    ['last event', instant(alert.lastSeenAt), instant(Math.max(...own.map(({ lastAtMs }) => lastAtMs)))],
  ];
  // What later findings added was told batch by batch, and how events came together in batches is not kept.
  if (!alert.repeated && own.length === 1) {
    pairs.push(
      ['severity', alert.severity, graver.level],
      ['risk', String(alert.risk), String(graver.risk)],
      ['title', alert.title, last.title],
      ['sentence', alert.sentence, last.sentence],
    );
  }
  return pairs.flatMap(([what, stored, replayed]) => (stored === replayed ? [] : [{ what, stored, replayed }]));
}
