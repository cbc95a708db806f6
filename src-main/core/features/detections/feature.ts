// Detections: the compiled rules, their windows per workspace, and the way from new events to alerts.
import type { detectionsOperations } from '../../../../src-shared/contract/detections.ts';
import { toHex } from '../../../base/bytes.ts';
import { instant } from '../../../base/instants.ts';
import { evaluate } from '../../../engine/evaluate.ts';
import type { Finding } from '../../../engine/finding.ts';
import { createMemoryWindowState } from '../../../engine/memory-window-state.ts';
import { compileRules, type RuleSource } from '../../../engine/rules/compile.ts';
import type { RuleInfo } from '../../../engine/rules/rule-set.ts';
import type { WindowState } from '../../../engine/window-state.ts';
import type { NewEntry } from '../../dispatch/dispatch.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { Alerts } from '../alerts/index.ts';
import { type Detect, eventOf, eventsFrom, findHashes, firstRecent, type NewEvent } from '../events/index.ts';

/** Windows are rebuilt from the events of the longest window and the lateness it allows; at most so many. */
const latenessMs = 600_000;
const rebuildLimit = 50_000;
const rebuildPage = 500;
const dayMs = 86_400_000;

export type RuleParameters = Readonly<Record<string, string | number | boolean>>;

export type DetectionsParts = {
  readonly host: Host;
  readonly sources: readonly RuleSource[];
  readonly parameters: RuleParameters;
  readonly alerts: () => Alerts;
  readonly store: () => Store;
  appendEntry(tx: WriteTx, entry: NewEntry): void;
};

export type Detections = {
  readonly feature: Feature;
  readonly detect: Detect;
  /** Rules that are on, and how many there are with the refused ones. */
  readonly counts: { readonly on: number; readonly total: number };
  describe(ruleId: string): RuleInfo | undefined;
  /** Brings the windows of a workspace to where the stored events left them. */
  rebuild(workspace: string): Promise<void>;
};

export function createDetections(parts: DetectionsParts): Detections {
  const { ruleSet, refused } = compile(parts);
  const byId = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  const { longestWindowMs } = ruleSet;
  const windows = new Map<string, WindowState>();
  const rebuilding = new Map<string, Promise<void>>();

  /** Counts the next page of stored events into `rebuilt`. @returns where to go on, or undefined when all are in. */
  function replay(tx: ReadTx, rebuilt: WindowState, seq: number): number | undefined {
    const page = eventsFrom(tx, seq, rebuildPage);
    evaluate(ruleSet, page.map(eventOf), rebuilt);
    const last = page.at(-1);
    return last === undefined || page.length < rebuildPage ? undefined : last.seq + 1;
  }

  function beginRebuild(tx: ReadTx): { rebuilt: WindowState; seq: number | undefined } {
    return {
      rebuilt: createMemoryWindowState(),
      seq: firstRecent(tx, parts.host.clock.now() - longestWindowMs - latenessMs, rebuildLimit),
    };
  }

  /** The path after a rolled-back slice is the path after a start: replay what is stored, drop the findings. */
  function windowsOf(tx: ReadTx): WindowState {
    const known = windows.get(tx.workspace);
    if (known !== undefined) return known;
    let { rebuilt, seq } = beginRebuild(tx);
    while (seq !== undefined) seq = replay(tx, rebuilt, seq);
    windows.set(tx.workspace, rebuilt);
    return rebuilt;
  }

  /** The same in slices, so that a start with a full store does not hold everything up. */
  async function rebuild(workspace: string): Promise<void> {
    let { rebuilt, seq } = parts.store().read(workspace, beginRebuild);
    while (!windows.has(workspace)) {
      const from = seq;
      if (from === undefined) {
        // Between the last page and here nothing ran, so nothing was stored that is not counted.
        windows.set(workspace, rebuilt);
        return;
      }
      seq = parts.store().read(workspace, (tx) => replay(tx, rebuilt, from));
      if (seq !== undefined) await parts.host.timers.breathe();
    }
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

  function ready(workspace: string): Promise<void> {
    if (windows.has(workspace)) return Promise.resolve();
    const under = rebuilding.get(workspace) ?? rebuild(workspace).finally(() => rebuilding.delete(workspace));
    rebuilding.set(workspace, under);
    return under;
  }

  function run(tx: WriteTx, events: readonly NewEvent[], now: number): number {
    const findings = evaluate(
      ruleSet,
      events.map(({ event }) => event),
      windowsOf(tx),
    );
    if (findings.length === 0) return 0;
    const fresh = new Map(events.map(({ event, sha256 }) => [event.id, toHex(sha256)]));
    let raised = 0;
    for (const finding of findings) {
      const outcome = parts.alerts().raise(tx, finding, hashesFor(tx, finding, fresh), now);
      if (outcome.kind !== 'raised') continue;
      raised += 1;
      parts.appendEntry(tx, entryOf(finding, byId.get(finding.ruleId)?.title ?? finding.ruleId, outcome, now));
    }
    return raised;
  }

  const handlers: Handlers<typeof detectionsOperations> = {
    'detections.list'(tx, call) {
      const counts = parts.alerts().countsByDetector(tx, call.now - dayMs);
      return {
        items: ruleSet.rules.map((rule) => {
          const count = counts.get(rule.id);
          return {
            id: rule.id,
            name: rule.name,
            title: rule.title,
            description: rule.description,
            severity: rule.level,
            version: rule.version,
            techniques: [...rule.techniques],
            parameters: { ...rule.parameters },
            false_positives: [...rule.falsePositives],
            references: [...rule.references],
            runbook: [...rule.runbook],
            source: rule.source,
            alerts_24h: count?.count ?? 0,
            last_alert_at: count === undefined ? null : instant(count.lastAt),
          };
        }),
        next_cursor: null,
        refused: refused.map(({ name, reason }) => ({ name, reason })),
      };
    },
  };

  return {
    feature: { name: 'detections', migrations: [], scopedTables: [], handlers },
    detect: {
      ready,
      prepare: (tx) => void windowsOf(tx),
      run,
      invalidate: (workspace) => void windows.delete(workspace),
    },
    counts: { on: ruleSet.rules.length, total: ruleSet.rules.length + refused.length },
    describe: (ruleId) => byId.get(ruleId),
    rebuild: ready,
  };
}

function compile({ sources, parameters, host }: DetectionsParts) {
  const { ruleSet, refused } = compileRules(sources, parameters);
  for (const { name, reason } of refused) host.log.warn('rule refused', { name, reason });
  return { ruleSet, refused };
}

function entryOf(
  finding: Finding,
  detector: string,
  raised: { alertId: string; number: number; title: string },
  now: number,
): NewEntry {
  return {
    type: 'alert_raised',
    action: 'alerts.raise',
    success: true,
    actor: { kind: 'detector', id: finding.ruleId, name: detector },
    resource: { type: 'alert', id: raised.alertId },
    origin: { ip: null, userAgent: null },
    sessionId: null,
    traceId: null,
    details: {
      number: raised.number,
      title: raised.title.toWellFormed(),
      severity: finding.level,
      risk: finding.risk,
      detector_version: finding.ruleVersion,
      parameters: finding.parameters,
      events: finding.count,
    },
    dataAccessed: undefined,
    at: now,
  };
}
