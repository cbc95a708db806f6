// Dry runs and what-ifs: a rule as it would be, over the events of the past, held against the alerts that were raised and how they
// were judged.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { RuleSuppression } from '../../../../src-shared/contract/rules.ts';
import { instant } from '../../../base/instants.ts';
import type { Allows } from '../../../engine/evaluate.ts';
import type { RuleSource } from '../../../engine/rules/compile.ts';
import { examineText } from '../../../engine/rules/examine.ts';
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import { type Catalog, checkSuppression, compileConditions, silences } from '../rules/index.ts';
import { examineHistory, type View, type WouldBe, wireWouldBe } from './history.ts';
import { alertsBetween, eventIdsOf, type JudgedAlert } from './history-table.ts';
import type { Look } from './looks.ts';
import { compiledOf, type Plan, type Plans, type RuleParameters } from './plan.ts';

export type HistoryParts = {
  readonly host: Host;
  readonly settings: RuleParameters;
  readonly plans: Plans;
  readonly catalog: Catalog;
  readonly store: () => Store;
};

/** A look back tells how far it is, and may be ended. */
type LookParts = HistoryParts & { readonly look: Look };

const alertsShown = 100;
const alertsCompared = 2_000;

export async function dryRun(
  parts: LookParts,
  workspace: string,
  input: Input<'detections.dry_run'>,
): Promise<Output<'detections.dry_run'>> {
  const plan = await wholePlan(parts, workspace);
  const { view } = viewOf(parts, plan, changedSource(parts, workspace, plan, input), present(plan, input.rule));
  const examined = await examineHistory(parts, workspace, input, [view]);
  const [alerts = []] = examined.alerts;
  return {
    ...wirePeriod(examined),
    matched: alerts.reduce((sum, { count }) => sum + count, 0),
    alerts: alerts.length,
    shown: alerts.slice(0, alertsShown).map(wireWouldBe),
  };
}

export async function whatIf(
  parts: LookParts,
  workspace: string,
  input: Input<'detections.what_if'>,
): Promise<Output<'detections.what_if'>> {
  const plan = await wholePlan(parts, workspace);
  const { before, after, detectors } = compared(parts, plan, workspace, input);
  const examined = await examineHistory(parts, workspace, input, [before, after]);
  const [old = [], next = []] = examined.alerts;
  const stored = parts
    .store()
    .read(workspace, (tx) => alertsBetween(tx, detectors, examined.since, examined.until, alertsCompared));
  const hidden: JudgedAlert[] = [];
  const oldEvents = eventsIn(old);
  const nextEvents = eventsIn(next);
  for (const [index, alert] of stored.entries()) {
    const ids = parts.store().read(workspace, (tx) => eventIdsOf(tx, alert.key));
    // What the rule of today would not raise either is not lost by the change.
    if (ids.some((id) => oldEvents.has(id)) && !ids.some((id) => nextEvents.has(id))) hidden.push(alert);
    if (index % 50 === 49) {
      parts.look.advance({ phase: 'comparing', done: index + 1, total: stored.length });
      await parts.host.timers.breathe();
    }
  }
  const truthFirst = hidden.toSorted((left, right) => rank(left) - rank(right) || right.number - left.number);
  return {
    ...wirePeriod(examined),
    before: old.length,
    after: next.length,
    hidden: truthFirst.slice(0, alertsShown).map(({ key: _, ...alert }) => alert),
    hidden_true_positives: hidden.filter(({ verdict }) => verdict === 'true_positive').length,
    added: next
      .filter(({ events }) => !overlaps(events, oldEvents))
      .slice(0, alertsShown)
      .map(wireWouldBe),
  };
}

async function wholePlan({ plans, store }: HistoryParts, workspace: string): Promise<Plan> {
  await plans.ready(workspace);
  return store().read(workspace, plans.current);
}

function wirePeriod({ events, since, until, truncated }: Awaited<ReturnType<typeof examineHistory>>) {
  return { events, since: instant(since), until: instant(until), truncated };
}

/** The two views, and the detectors whose alerts they are about. */
function compared(
  parts: HistoryParts,
  plan: Plan,
  workspace: string,
  input: Input<'detections.what_if'>,
): { before: View; after: View; detectors: readonly string[] | undefined } {
  const extra = input.exception === undefined ? undefined : conditionsOf(input.exception);
  const exceptions = parts.store().read(workspace, parts.plans.exceptions);
  const now = parts.host.clock.now();
  function allowing(rule: string | undefined, changed: boolean): Allows {
    const without = changed ? input.without_exception : undefined;
    return (detector, event) => {
      const id = rule ?? plan.ruleOf.get(detector)?.id ?? '';
      return exceptions.find(id, event, now, without) === undefined && !(changed && extra?.(event) === true);
    };
  }
  if (input.rule === null) {
    if (extra === undefined && input.without_exception === undefined)
      throw new ProblemError('request/invalid', 'rule: is needed where there is no exception for all rules');
    const { suppressions } = plan;
    const shared = { ruleSet: plan.compiled.ruleSet, suppressions, isLive: true, counts: () => true };
    return {
      before: { ...shared, allows: allowing(undefined, false) },
      after: { ...shared, allows: allowing(undefined, true) },
      detectors: undefined,
    };
  }
  const { rule } = input;
  const suppression = present(plan, rule);
  const old = viewOf(parts, plan, changedSource(parts, workspace, plan, { rule }), suppression);
  const changed = input.suppression === undefined ? suppression : input.suppression;
  const next = viewOf(parts, plan, changedSource(parts, workspace, plan, { ...input, rule }), changed);
  if (input.suppression != null) checkSuppression(input.suppression, next.view.ruleSet, new Set(next.detectors));
  return {
    before: { ...old.view, allows: allowing(rule, false) },
    after: { ...next.view, allows: allowing(rule, true) },
    detectors: old.detectors,
  };
}

/** The suppression that a rule has now. */
function present(plan: Plan, rule: string | undefined): RuleSuppression | null {
  return plan.rules.find(({ id }) => id === rule)?.choice.suppression ?? null;
}

function conditionsOf(conditions: Parameters<typeof compileConditions>[0]) {
  try {
    return compileConditions(conditions);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProblemError('rules/exception', error.message, { cause: error });
  }
}

/** A rule's source with what is given of the change; `null` parameters are those of the settings. */
function changedSource(
  { catalog, store }: HistoryParts,
  workspace: string,
  plan: Plan,
  change: {
    readonly rule?: string | undefined;
    readonly source?: string | undefined;
    readonly parameters?: RuleParameters | null | undefined;
  },
): RuleSource {
  const { rule, source, parameters } = change;
  const known = plan.rules.find(({ id }) => id === rule);
  if (rule !== undefined && known === undefined) throw new ProblemError('rules/not-found', `there is no rule ${rule}`);
  const text = source ?? (known && store().read(workspace, (tx) => catalog.texts(tx, [known]).get(known.id)));
  if (text === undefined)
    throw new ProblemError('request/invalid', 'source: is needed for a rule that is not there yet');
  const values = parameters === undefined ? known?.choice.parameters : parameters;
  const level = known?.choice.severity ?? undefined;
  return {
    name: known?.name ?? 'rule.yml',
    text,
    ...(values == null ? {} : { parameters: values }),
    ...(level === undefined ? {} : { level }),
  };
}

/** @throws ProblemError rules/invalid with what is wrong with the text. */
function viewOf(
  { settings }: HistoryParts,
  plan: Plan,
  source: RuleSource,
  suppression: RuleSuppression | null,
): { readonly view: View; readonly detectors: string[] } {
  const { compiled, detectors, problems } = examineText(source, plan.neighboursOf(source), settings, {
    silences,
    mapping: plan.mapping.mapping,
  });
  const error = problems.find(({ kind }) => kind === 'error');
  if (error !== undefined) {
    const line = error.line === null ? '' : `line ${error.line}: `;
    throw new ProblemError('rules/invalid', `${line}${error.message}`);
  }
  const ids = detectors.map(({ id }) => id);
  const own = new Set(ids);
  const suppressions = new Map(ids.flatMap((id) => compiledOf(id, suppression)));
  return { view: { ruleSet: compiled.ruleSet, suppressions, counts: (id) => own.has(id) }, detectors: ids };
}

function eventsIn(alerts: readonly WouldBe[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { events } of alerts) for (const id of events) ids.add(id);
  return ids;
}

function overlaps(ids: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const id of ids) if (others.has(id)) return true;
  return false;
}

/** What was judged to be real comes first, what nobody judged next. */
function rank({ verdict }: JudgedAlert): number {
  return verdict === 'true_positive' ? 0 : verdict === 'benign_positive' ? 1 : verdict === null ? 2 : 3;
}
