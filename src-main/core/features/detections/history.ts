// Rules over events that are stored, in slices, without raising anything: the alerts that would have come of it.
import type { WouldBeAlert } from '../../../../src-shared/contract/detections.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { instant } from '../../../base/instants.ts';
import { type Allows, evaluate } from '../../../engine/evaluate.ts';
import type { Finding } from '../../../engine/finding.ts';
import { createMemoryWindowState } from '../../../engine/memory-window-state.ts';
import type { RuleSet } from '../../../engine/rules/rule-set.ts';
import { type CompiledSuppression, createLanes, type QuietWindow } from '../../../engine/suppression.ts';
import { limitRuleWork } from '../../../engine/work-limit.ts';
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import { eventOf } from '../events/index.ts';
import { countBefore, eventsAfter, type Place, placeBefore } from './history-table.ts';
import type { Look } from './looks.ts';

export type Period = {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly most_events?: number | undefined;
};

/** One way of looking at the events. Two that are compared go over the same ones. */
export type View = {
  readonly ruleSet: RuleSet;
  readonly allows?: Allows | undefined;
  readonly suppressions?: ReadonlyMap<string, CompiledSuppression> | undefined;
  /** Its rules run at the same time: they have a limit of work already. */
  readonly isLive?: boolean;
  /** Findings of others are left out. */
  readonly counts: (detectorId: string) => boolean;
};

export type Examined = {
  readonly events: number;
  readonly since: number;
  readonly until: number;
  readonly truncated: boolean;
  /** In the order of the views. */
  readonly alerts: readonly (readonly WouldBe[])[];
};

export type WouldBe = {
  finding: Finding;
  count: number;
  firstAt: number;
  lastAt: number;
  readonly events: Set<string>;
};

const defaultPeriodMs = 30 * 86_400_000;
const defaultEvents = 200_000;
const countedAtOnce = 20_000;
const slice = 100;
/** What a slice may hold: large events take longer than many. */
const sliceCharacters = 256 * 1024;
/** An event that takes part in an alert is remembered up to so many. */
const mostIds = 10_000;
const mostAlerts = 20_000;
/** Events come in the order of their times here: older windows of a group cover none that is still to come. */
const windowsKept = 2;

export async function examineHistory(
  parts: { readonly host: Host; readonly store: () => Store; readonly look: Look },
  workspace: string,
  period: Period,
  views: readonly View[],
): Promise<Examined> {
  const { host, store, look } = parts;
  const until = period.until === undefined ? host.clock.now() : Date.parse(period.until);
  const since = period.since === undefined ? until - defaultPeriodMs : Date.parse(period.since);
  if (since > until) throw new ProblemError('request/invalid', 'since: lies after until');
  for (const { ruleSet, isLive = false } of views) {
    if (isLive) continue;
    limitRuleWork(ruleSet, {
      now: host.stopwatch.elapsed,
      onOver: () => {
        throw new ProblemError(
          'rules/invalid',
          'the rule takes too long: its regular expressions and patterns cost more than a rule may; make them simpler',
        );
      },
    });
  }
  const runs = views.map((view) => ({ view, windows: createMemoryWindowState(), found: createWouldBe() }));
  const { newest, total } = await measure(parts, workspace, { since, until }, period.most_events ?? defaultEvents);
  let place = newest ?? { at: since, seq: -1 };
  let count = 0;
  for (;;) {
    const page = store().read(workspace, (tx) => eventsAfter(tx, place, until, slice));
    for (const part of bySize(page)) {
      const events = part.map(eventOf);
      for (const { view, windows, found } of runs) {
        const lanes = createLanes((id) => view.suppressions?.get(id), found.findWindow);
        for (const finding of evaluate(view.ruleSet, events, windows, view.allows, lanes)) {
          if (view.counts(finding.ruleId)) found.take(finding);
        }
      }
      await host.timers.breathe();
    }
    count += page.length;
    // Events that came meanwhile count too.
    look.advance({ phase: 'running', done: count, total: Math.max(count, total) });
    const last = page.at(-1);
    if (last === undefined || page.length < slice) break;
    place = last;
  }
  return {
    events: count,
    since,
    until,
    truncated: newest !== undefined,
    alerts: runs.map(({ found }) => found.alerts),
  };
}

/** How many events there are to look at, and the place before them where there are more; in steps, for there may be a million. */
async function measure(
  { host, store, look }: Parameters<typeof examineHistory>[0],
  workspace: string,
  { since, until }: { readonly since: number; readonly until: number },
  most: number,
): Promise<{ readonly newest: Place | undefined; readonly total: number }> {
  let place: Place = { at: until, seq: Number.MAX_SAFE_INTEGER };
  let total = 0;
  while (total < most) {
    const step = Math.min(countedAtOnce, most - total);
    const next = store().read(workspace, (tx) => placeBefore(tx, place, since, step));
    if (next === undefined)
      return { newest: undefined, total: total + store().read(workspace, (tx) => countBefore(tx, place, since, step)) };
    place = next;
    total += step;
    look.advance({ phase: 'counting', done: total, total: 0 });
    await host.timers.breathe();
  }
  return { newest: store().read(workspace, (tx) => placeBefore(tx, place, since, 1)), total };
}

function bySize<T extends { readonly record: string }>(page: readonly T[]): T[][] {
  const parts: T[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const one of page) {
    if (size + one.record.length > sliceCharacters) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(one);
    size += one.record.length;
  }
  return parts;
}

type WouldBeAlerts = {
  readonly alerts: WouldBe[];
  take(finding: Finding): void;
  findWindow(key: string, windowMs: number, at: number): QuietWindow | undefined;
};

/** Findings become alerts by the rules that real ones repeat by and are suppressed by, as if nobody closed one. */
function createWouldBe(): WouldBeAlerts {
  const alerts: WouldBe[] = [];
  const newest = new Map<string, WouldBe>();
  const quiet = new Map<string, QuietWindow[]>();

  /** Of several the last to begin. */
  function covering(key: string, firstAt: number, lastAt: number): QuietWindow | undefined {
    return quiet.get(key)?.reduce<QuietWindow | undefined>((found, one) => {
      const covers = one.fromMs <= firstAt && lastAt < one.untilMs;
      return covers && (found === undefined || one.fromMs >= found.fromMs) ? one : found;
    }, undefined);
  }

  return {
    alerts,
    findWindow: (key, _windowMs, at) => covering(key, at, at),
    take(finding) {
      const known = newest.get(finding.dedupKey);
      const { firstAtMs, lastAtMs, dedupWindowMs } = finding;
      if (
        known !== undefined &&
        firstAtMs <= known.lastAt + dedupWindowMs &&
        lastAtMs >= known.firstAt - dedupWindowMs
      ) {
        known.finding = finding;
        known.count += finding.newEvents;
        known.firstAt = Math.min(known.firstAt, firstAtMs);
        known.lastAt = Math.max(known.lastAt, lastAtMs);
        for (const id of finding.eventIds) if (known.events.size < mostIds) known.events.add(id);
        return;
      }
      const { lane } = finding;
      if (lane !== undefined) {
        if (covering(lane.key, lane.firstAtMs, lane.lastAtMs) !== undefined) return;
        const windows = quiet.get(lane.key) ?? [];
        windows.push({ fromMs: lane.firstAtMs, untilMs: lane.firstAtMs + lane.windowMs });
        quiet.set(lane.key, windows.slice(-windowsKept));
      }
      if (alerts.length >= mostAlerts) {
        throw new ProblemError(
          'request/invalid',
          `more than ${mostAlerts} alerts would come of it; take a shorter period, or make the rule match less`,
        );
      }
      const made: WouldBe = {
        finding,
        count: finding.newEvents,
        firstAt: firstAtMs,
        lastAt: lastAtMs,
        events: new Set(finding.eventIds.slice(0, mostIds)),
      };
      alerts.push(made);
      newest.set(finding.dedupKey, made);
    },
  };
}

const idsShown = 10;

export function wireWouldBe({ finding, count, firstAt, lastAt, events }: WouldBe): WouldBeAlert {
  return {
    detector: finding.ruleId,
    title: finding.title,
    sentence: finding.sentence,
    severity: finding.level,
    count,
    first_at: instant(firstAt),
    last_at: instant(lastAt),
    events: [...events].slice(0, idsShown),
  };
}
