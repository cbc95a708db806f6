// The way from new events to alerts: the plan over the workspace's windows, exceptions, simulation, and what an alert is raised from.
import { toHex } from '../../../base/bytes.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { type Allows, evaluate } from '../../../engine/evaluate.ts';
import type { Event } from '../../../engine/event.ts';
import type { Finding } from '../../../engine/finding.ts';
import { createMemoryWindowState, type MemoryWindowState } from '../../../engine/memory-window-state.ts';
import { createLanes, type FindLane } from '../../../engine/suppression.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { createPace } from '../../pace.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { Alerts } from '../alerts/index.ts';
import { type Detect, eventOf, eventsFrom, findHashes, firstRecent, type NewEvent } from '../events/index.ts';
import { type ExceptionRow, switchOff } from '../rules/index.ts';
import { hasRecipe, keepRecipe, keepSimulated } from './detections-table.ts';
import { createKeptAway, type KeptAway, type KeptEvents } from './kept-away.ts';
import type { Plan, Plans, RuleParameters } from './plan.ts';

/** Windows are rebuilt from the events of the longest window and the lateness it allows; at most so many. */
const latenessMs = 600_000;
const rebuildLimit = 50_000;
const rebuildPage = 250;

export type RunningParts = {
  readonly host: Host;
  readonly settings: RuleParameters;
  readonly plans: Plans;
  readonly alerts: () => Alerts;
  readonly store: () => Store;
  appendEntry(tx: WriteTx, entry: NewEntry): void;
  /** The same, and the detectors hear of it. */
  record(tx: WriteTx, entry: NewEntry): void;
};

export type Running = {
  readonly detect: Detect;
  /** Brings the windows of a workspace to where the stored events left them. */
  rebuild(workspace: string): Promise<void>;
  installed(workspace: string, plan: Plan, before: Plan | undefined): void;
};

export function createRunning(parts: RunningParts): Running {
  const { plans, host } = parts;
  const windows = new Map<string, MemoryWindowState>();
  const rebuilding = new Map<string, Promise<void>>();
  const keptAway = new Map<string, KeptAway>();

  /** @param kept takes what exceptions keep away, where that is counted */
  function gate(tx: ReadTx, plan: Plan, now: number, kept?: KeptEvents<ExceptionRow>): Allows {
    const exceptions = plans.exceptions(tx);
    return (detectorId, event) => {
      const rule = plan.ruleOf.get(detectorId);
      const exception = exceptions.find(rule?.id ?? '', event, now);
      if (exception === undefined) return true;
      if (kept === undefined) return false;
      exceptions.hit(exception);
      // A simulated rule raises nothing that one could be saved from.
      if (rule?.state !== 'on') return false;
      const of = kept.get(detectorId) ?? new Map<string, ExceptionRow>();
      kept.set(detectorId, of.set(event.id, exception));
      return false;
    };
  }

  function countSaved(tx: WriteTx, plan: Plan, events: readonly Event[], kept: KeptEvents<ExceptionRow>): void {
    if (kept.size === 0) return;
    const away = keptAway.get(tx.workspace) ?? createKeptAway();
    keptAway.set(tx.workspace, away);
    // What is rolled back comes again: it must not be there already.
    tx.onRollback(() => void keptAway.delete(tx.workspace));
    for (const exception of away.count(plan.compiled.ruleSet, events, kept)) plans.exceptions(tx).saved(exception);
  }

  function lanesOf(tx: ReadTx, { suppressions }: Plan): FindLane | undefined {
    if (suppressions.size === 0) return undefined;
    return createLanes(
      (ruleId) => suppressions.get(ruleId),
      (key, windowMs, at) => parts.alerts().findWindow(tx, key, windowMs, at),
    );
  }

  /** Counts the next page of stored events into `rebuilt`. @returns where to go on, or undefined when all are in. */
  function replay(tx: ReadTx, rebuilt: MemoryWindowState, seq: number): number | undefined {
    const plan = plans.current(tx);
    const page = eventsFrom(tx, seq, rebuildPage);
    evaluate(plan.compiled.ruleSet, page.map(eventOf), rebuilt, gate(tx, plan, host.clock.now()));
    const last = page.at(-1);
    return last === undefined || page.length < rebuildPage ? undefined : last.seq + 1;
  }

  function beginRebuild(tx: ReadTx): { rebuilt: MemoryWindowState; seq: number | undefined } {
    const { longestWindowMs } = plans.current(tx).compiled.ruleSet;
    const since = host.clock.now() - longestWindowMs - latenessMs;
    return { rebuilt: createMemoryWindowState(), seq: firstRecent(tx, since, rebuildLimit) };
  }

  /** The path after a rolled-back slice is the path after a start: replay what is stored, drop the findings. */
  function windowsOf(tx: ReadTx): MemoryWindowState {
    const known = windows.get(tx.workspace);
    if (known !== undefined) return known;
    let { rebuilt, seq } = beginRebuild(tx);
    while (seq !== undefined) seq = replay(tx, rebuilt, seq);
    windows.set(tx.workspace, rebuilt);
    return rebuilt;
  }

  /** The same in slices, so that a start with a full store does not hold everything up. */
  async function rebuild(workspace: string): Promise<void> {
    await plans.ready(workspace);
    let { rebuilt, seq } = parts.store().read(workspace, beginRebuild);
    while (!windows.has(workspace)) {
      const from = seq;
      if (from === undefined) {
        // Between the last page and here nothing ran, so nothing was stored that is not counted.
        windows.set(workspace, rebuilt);
        return;
      }
      await prepare(
        workspace,
        parts.store().read(workspace, (tx) => eventsFrom(tx, from, rebuildPage).map(eventOf)),
      );
      seq = parts.store().read(workspace, (tx) => replay(tx, rebuilt, from));
      if (seq !== undefined) await host.timers.breathe();
    }
  }

  /** All that takes long about events that the rules see for the first time, before a transaction in which nothing can wait. */
  async function prepare(workspace: string, events: readonly Event[]): Promise<void> {
    const pace = createPace(host);
    for (;;) {
      const plan = plans.find(workspace);
      const steps = plan?.compiled.ruleSet.matcher.prepare(events);
      if (steps === undefined) return;
      for (const _ of steps) {
        await pace.step();
        // Another plan took its place meanwhile.
        if (plans.find(workspace) !== plan) break;
      }
    }
  }

  function whole(workspace: string): Promise<void> {
    if (windows.has(workspace) && plans.find(workspace)?.whole === true) return Promise.resolve();
    const under = rebuilding.get(workspace) ?? rebuild(workspace).finally(() => rebuilding.delete(workspace));
    rebuilding.set(workspace, under);
    return under;
  }

  /** Kept with the first alert of each version of a rule. */
  function keepOrigin(tx: WriteTx, plan: Plan, { ruleId, ruleVersion }: Finding): void {
    if (hasRecipe(tx, ruleId, ruleVersion)) return;
    const files = plan.compiled.filesOf(ruleId).map((file) => ({ ...file, digest: sha256Hex(file.text) }));
    const { text } = plan.mapping;
    const mapping = text === null ? undefined : { digest: sha256Hex(text), text };
    keepRecipe(
      tx,
      ruleId,
      ruleVersion,
      {
        files: files.map(({ text: _, ...file }) => file),
        settings: parts.settings,
        ...(mapping === undefined ? {} : { mapping: mapping.digest }),
      },
      new Map([...files, ...(mapping === undefined ? [] : [mapping])].map(({ digest, text }) => [digest, text])),
    );
  }

  function run(tx: WriteTx, events: readonly NewEvent[], now: number): number {
    const plan = plans.current(tx);
    plans.exceptions(tx).forgetHits();
    const plain = events.map(({ event }) => event);
    const kept: KeptEvents<ExceptionRow> = new Map();
    const found = evaluate(plan.compiled.ruleSet, plain, windowsOf(tx), gate(tx, plan, now, kept), lanesOf(tx, plan));
    countSaved(tx, plan, plain, kept);
    plans.exceptions(tx).save(tx, now);
    const raised = raiseAll(tx, plan, found, events, now);
    reportOver(tx, plan, now);
    return raised;
  }

  function raiseAll(tx: WriteTx, plan: Plan, found: readonly Finding[], events: readonly NewEvent[], now: number) {
    if (found.length === 0) return 0;
    const fresh = new Map(events.map(({ event, sha256 }) => [event.id, toHex(sha256)]));
    let raised = 0;
    for (const finding of found) {
      const rule = plan.ruleOf.get(finding.ruleId);
      if (rule?.state === 'simulated') {
        keepSimulated(tx, rule.id, finding, now);
        continue;
      }
      const outcome = parts.alerts().raise(tx, finding, hashesFor(tx, finding, fresh), now);
      if (outcome.kind !== 'raised') continue;
      raised += 1;
      keepOrigin(tx, plan, finding);
      parts.appendEntry(tx, entryOf(finding, plan.infoOf.get(finding.ruleId)?.title ?? finding.ruleId, outcome, now));
    }
    return raised;
  }

  /** A rule that took more than its share stays off until somebody switches it on again, and an alert says so. */
  function reportOver(tx: WriteTx, plan: Plan, now: number): void {
    if (plan.over.length === 0) return;
    const over = plan.over.splice(0);
    tx.onRollback(() => void plan.over.push(...over));
    for (const { ruleId, spentMs } of over) {
      // It may be a rule that only feeds others: those are no detectors, but they have a file.
      const name = plan.compiled.filesOf(ruleId)[0]?.name;
      const rule = plan.rules.find((one) => one.name === name);
      if (rule === undefined) continue;
      const reason = `took ${Math.round(spentMs)} ms for its patterns, more than a rule may`;
      switchOff(tx, rule.id, reason);
      const title = plan.infoOf.get(ruleId)?.title ?? rule.path;
      const details = { rule: title, pack: rule.pack, path: rule.path, reason };
      // After the events that it took so long for are dealt with: the entry makes an event of its own.
      tx.afterCommit(() => {
        parts.store().write(tx.workspace, (next) => parts.record(next, overEntry(rule.id, details, now)));
        plans.changed(tx.workspace);
      });
    }
    tx.announce('detections.changed', null, now);
  }

  return {
    detect: {
      async ready(workspace, events) {
        await whole(workspace);
        await prepare(workspace, events);
      },
      prepare: (tx) => void windowsOf(tx),
      run,
      invalidate: (workspace) => void windows.delete(workspace),
    },
    rebuild: whole,
    installed(workspace, plan, before) {
      // The first plan of all rules begins with windows that these have counted in.
      if (before?.whole === false) windows.delete(workspace);
      else windows.get(workspace)?.retain(plan.compiled.ruleSet.windowIds);
      keptAway.get(workspace)?.retain(plan.compiled.ruleSet);
    },
  };
}

/** Hashes of all events that a finding names: those of this slice, and earlier ones from the store. */
function hashesFor(tx: ReadTx, finding: Finding, fresh: ReadonlyMap<string, string>): Map<string, string> {
  const hashes = new Map<string, string>();
  const missing: string[] = [];
  for (const id of finding.eventIds) {
    const known = fresh.get(id);
    if (known === undefined) missing.push(id);
    else hashes.set(id, known);
  }
  for (const [id, sha256] of findHashes(tx, missing)) hashes.set(id, sha256);
  return hashes;
}

const nowhere = { origin: { ip: null, userAgent: null }, sessionId: null, traceId: null, dataAccessed: undefined };

function overEntry(rule: string, details: Record<string, unknown>, now: number): NewEntry {
  return {
    ...nowhere,
    type: 'rule_disable',
    action: 'rules.switch_off',
    success: true,
    actor: { kind: 'system', id: null, name: 'work limit' },
    resource: { type: 'rule', id: rule },
    details,
    at: now,
  };
}

function entryOf(
  finding: Finding,
  detector: string,
  raised: { alertId: string; number: number; title: string },
  now: number,
): NewEntry {
  return {
    ...nowhere,
    type: 'alert_raised',
    action: 'alerts.raise',
    success: true,
    actor: { kind: 'detector', id: finding.ruleId, name: detector },
    resource: { type: 'alert', id: raised.alertId },
    details: {
      number: raised.number,
      title: raised.title.toWellFormed(),
      severity: finding.level,
      risk: finding.risk,
      detector_version: finding.ruleVersion,
      parameters: finding.parameters,
      events: finding.count,
    },
    at: now,
  };
}
