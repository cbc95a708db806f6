// Detections: the compiled rules, their windows per workspace, and the way from new events to alerts. Start here: the operations.
// plan.ts compiles, running.ts is what intake calls, what-if.ts and replay.ts look back.
import type { Coverage, Detector, detectionsOperations } from '../../../../src-shared/contract/detections.ts';
import { instant } from '../../../base/instants.ts';
import { compileSteps, type RuleSource } from '../../../engine/rules/compile.ts';
import type { RuleInfo } from '../../../engine/rules/rule-set.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { defaultWorkspace, type Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { Alerts } from '../alerts/index.ts';
import type { Detect } from '../events/index.ts';
import type { FindMapping } from '../mappings/index.ts';
import { type Catalog, type CatalogRule, type RunningRules, silences, sourceName } from '../rules/index.ts';
import { countSimulated, findSimulated } from './detections-table.ts';
import { createLooks } from './looks.ts';
import { migrations, scopedTables } from './migrations.ts';
import { createPlans, type Plan, type RuleParameters } from './plan.ts';
import { replayAlert } from './replay.ts';
import { createRunning } from './running.ts';
import { dryRun, whatIf } from './what-if.ts';

const dayMs = 86_400_000;
const coverageMs = 30 * dayMs;
const simulatedShown = 20;
const stepsAtOnce = 25;

export type DetectionsParts = {
  readonly host: Host;
  readonly catalog: Catalog;
  readonly parameters: RuleParameters;
  readonly alerts: () => Alerts;
  readonly findMapping: FindMapping;
  readonly store: () => Store;
  appendEntry(tx: WriteTx, entry: NewEntry): void;
  /** The same, and the detectors hear of it. */
  record(tx: WriteTx, entry: NewEntry): void;
};

export type Detections = {
  readonly feature: Feature;
  readonly detect: Detect;
  /** What the rules' feature is told of what runs. */
  readonly running: RunningRules;
  /** Rules that are on, and how many there are with the refused ones. */
  readonly counts: { readonly on: number; readonly total: number };
  /** Compiles what is near, so that nothing of the console itself goes by unseen. */
  open(tx: ReadTx): void;
  describe(ruleId: string): RuleInfo | undefined;
  /** Brings the windows of a workspace to where the stored events left them. */
  rebuild(workspace: string): Promise<void>;
};

export function createDetections(parts: DetectionsParts): Detections {
  const { host, store, catalog } = parts;
  const settings = parts.parameters;
  const said = new Set<string>();
  const plans = createPlans({
    host,
    catalog,
    settings,
    store,
    findMapping: parts.findMapping,
    installed(workspace, plan, before) {
      for (const [name, reason] of plan.refused) {
        if (!said.has(`${name}\n${reason}`)) host.log.warn('rule refused', { name, reason });
        said.add(`${name}\n${reason}`);
      }
      running.installed(workspace, plan, before);
    },
  });
  const running = createRunning({ ...parts, settings, plans });
  const history = { host, settings, plans, catalog, store };
  const looks = createLooks();

  const handlers: Handlers<typeof detectionsOperations> = {
    'detections.list'(tx, call) {
      const plan = plans.current(tx);
      const alerts = parts.alerts().countsByDetector(tx, call.now - dayMs);
      const simulated = countSimulated(tx, call.now - dayMs);
      return {
        items: detectorsOf(plan).map(({ id, rule, shown }) => {
          const count = alerts.get(id);
          return {
            id,
            rule: rule.id,
            pack: rule.pack,
            name: rule.path.replace(/\.ya?ml$/, ''),
            state: rule.state,
            ...shown,
            alerts_24h: count?.count ?? 0,
            simulated_24h: simulated.get(id) ?? 0,
            last_alert_at: count === undefined ? null : instant(count.lastAt),
          };
        }),
        next_cursor: null,
        refused: plan.rules.flatMap((rule) => {
          const reason = plan.refused.get(rule.name);
          return reason === undefined ? [] : [{ rule: rule.id, name: rule.name, reason }];
        }),
        compiling: plans.compiling(tx.workspace) || !plan.whole,
      };
    },
    'detections.coverage'(tx, call) {
      const alerts = parts.alerts().countsByDetector(tx, call.now - coverageMs);
      return { items: coverageOf(plans.current(tx), alerts), next_cursor: null };
    },
    'detections.dry_run': (call, input) =>
      looks.run(call.workspace, input.task, (look) => dryRun({ ...history, look }, call.workspace, input)),
    'detections.what_if': (call, input) =>
      looks.run(call.workspace, input.task, (look) => whatIf({ ...history, look }, call.workspace, input)),
    'detections.look': (tx, _call, { task }) => looks.progress(tx.workspace, task),
    async 'detections.cancel_look'(call, { task }) {
      looks.cancel(call.workspace, task);
      return { ok: true };
    },
    'detections.replay': (call, { id }) => replayAlert(history, call.workspace, id),
  };

  return {
    feature: { name: 'detections', migrations, scopedTables, handlers },
    detect: running.detect,
    running: {
      look(tx, rule) {
        const plan = plans.current(tx);
        const runs = plan.rules.find(({ id }) => id === rule.id);
        if (runs === undefined || plan.sourceOf(rule.name) === undefined) return undefined;
        const isSame = runs.digest === rule.digest && runs.choice.revision === rule.choice.revision;
        if (!isSame) return undefined;
        return {
          refused: plan.refused.get(rule.name),
          notes: plan.notes.get(rule.name) ?? [],
          detectors: plan.detectorsOf.get(rule.name) ?? [],
        };
      },
      neighboursOf: (tx, source) => plans.current(tx).neighboursOf(source),
      simulated(tx, rule) {
        const { total, since, latest } = findSimulated(tx, rule, simulatedShown);
        return {
          total,
          since: since === null ? null : instant(since),
          latest: latest.map(({ at, lastAt, ...one }) => ({ ...one, at: instant(at), last_at: instant(lastAt) })),
        };
      },
      countByPack(tx) {
        const plan = plans.current(tx);
        const counts = new Map<string, { rules: number; refused: number }>();
        for (const rule of plan.rules) {
          const known = counts.get(rule.pack) ?? { rules: 0, refused: 0 };
          counts.set(rule.pack, {
            rules: known.rules + 1,
            refused: known.refused + (plan.refused.has(rule.name) ? 1 : 0),
          });
        }
        return counts;
      },
      changed: plans.changed,
      exceptionsChanged: plans.exceptionsChanged,
      async judge(workspace, pack, files, onStep) {
        await plans.ready(workspace);
        const plan = store().read(workspace, plans.current);
        const names = new Map(Array.from(files.keys(), (path) => [sourceName(pack, path), path]));
        const others = plan.rules.flatMap((rule) => (rule.pack === pack ? [] : (plan.sourceOf(rule.name) ?? [])));
        const own: RuleSource[] = Array.from(names, ([name, path]) => ({ name, text: files.get(path) ?? '' }));
        const steps = compileSteps([...others, ...own], settings, {
          read: plans.read,
          silences,
          mapping: plan.mapping.mapping,
        });
        let step = steps.next();
        for (let count = 1; step.done !== true; count++) {
          if (count % stepsAtOnce === 0) {
            await host.timers.breathe();
            onStep(Math.min(own.length, Math.max(0, count - others.length)), own.length);
          }
          step = steps.next();
        }
        return step.value.refused.flatMap(({ name, reason }) => {
          const path = names.get(name);
          return path === undefined ? [] : [{ path, reason }];
        });
      },
    },
    get counts() {
      const plan = plans.find(defaultWorkspace);
      const on = plan?.compiled.ruleSet.rules.length ?? 0;
      return { on, total: on + (plan?.refused.size ?? 0) };
    },
    open: (tx) => void plans.current(tx),
    describe(ruleId) {
      return plans
        .all()
        .find((plan) => plan.infoOf.has(ruleId))
        ?.infoOf.get(ruleId);
    },
    rebuild: running.rebuild,
  };
}

type Shown = {
  readonly id: string;
  readonly rule: CatalogRule;
  readonly shown: Pick<Detector, 'title' | 'severity' | 'techniques' | 'parameters'>;
};

/** Those that run as they are compiled; of the others what is known of their text. Refused ones are listed by themselves. */
function detectorsOf(plan: Plan): Shown[] {
  return plan.rules.flatMap((rule): Shown[] => {
    const running = plan.detectorsOf.get(rule.name);
    if (running !== undefined) {
      return running.map((info) => ({
        id: info.id,
        rule,
        shown: {
          title: info.title,
          severity: info.level,
          techniques: [...info.techniques],
          parameters: { ...info.parameters },
        },
      }));
    }
    if (plan.sourceOf(rule.name) !== undefined) return [];
    const known = rule.outline?.detectors ?? [];
    return known.map(({ id, techniques, ...one }) => ({
      id,
      rule,
      shown: { ...one, severity: rule.choice.severity ?? one.severity, techniques: [...techniques], parameters: {} },
    }));
  });
}

function coverageOf(plan: Plan, alerts: ReadonlyMap<string, { count: number }>): Coverage[] {
  const found = new Map<
    string,
    { technique: string; on: number; simulated: number; off: number; alerts_30d: number }
  >();
  for (const { id, rule, shown } of detectorsOf(plan)) {
    for (const technique of new Set(shown.techniques)) {
      const known = found.get(technique) ?? { technique, on: 0, simulated: 0, off: 0, alerts_30d: 0 };
      found.set(technique, known);
      known[rule.state === 'on' ? 'on' : rule.state === 'simulated' ? 'simulated' : 'off'] += 1;
      known.alerts_30d += alerts.get(id)?.count ?? 0;
    }
  }
  return [...found.values()].toSorted((left, right) => (left.technique < right.technique ? -1 : 1));
}
