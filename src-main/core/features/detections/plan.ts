// The rules of a workspace as the plan that runs, made anew in slices when they change. Windows outlive it: they are kept by the
// version of their rule.
import type { RuleSuppression } from '../../../../src-shared/contract/rules.ts';
import type { Event } from '../../../engine/event.ts';
import {
  type Compiled,
  compileRules,
  compileSteps,
  type ReadRules,
  type RuleSource,
} from '../../../engine/rules/compile.ts';
import type { ParameterValue } from '../../../engine/rules/gatehouse-section.ts';
import { neighboursOf } from '../../../engine/rules/read-source.ts';
import type { RuleInfo } from '../../../engine/rules/rule-set.ts';
import { type CompiledSuppression, compileSuppression } from '../../../engine/suppression.ts';
import { limitRuleWork, type RuleOverLimit } from '../../../engine/work-limit.ts';
import { createPace } from '../../pace.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import type { FindMapping, OwnMapping } from '../mappings/index.ts';
import type { Catalog, CatalogRule, Exceptions } from '../rules/index.ts';
import { builtInPack, createExceptions, findExceptions, ownPack, silences, suppressionOf } from '../rules/index.ts';

/** The settings that rules take their numbers from, by path. */
export type RuleParameters = Readonly<Record<string, string | number | boolean>>;

export type Plan = {
  readonly rules: readonly CatalogRule[];
  readonly compiled: Compiled;
  /** By name of the file. */
  readonly refused: ReadonlyMap<string, string>;
  readonly notes: ReadonlyMap<string, readonly string[]>;
  readonly detectorsOf: ReadonlyMap<string, readonly RuleInfo[]>;
  readonly infoOf: ReadonlyMap<string, RuleInfo>;
  /** What runs under a file's name; undefined of one that is off. */
  sourceOf(name: string): RuleSource | undefined;
  /** The other sources that a text may name in its correlations, and the filters that may name it. */
  neighboursOf(source: RuleSource): RuleSource[];
  /** By id of a detector. */
  readonly ruleOf: ReadonlyMap<string, CatalogRule>;
  /** By id of a detector; empty where none is suppressed. */
  readonly suppressions: ReadonlyMap<string, CompiledSuppression>;
  /** Rules that went over their share of work since this plan runs, and were not reported yet. */
  readonly over: RuleOverLimit[];
  /** Of log sources, the workspace's own. */
  readonly mapping: OwnMapping;
  /** All rules are in it, not just those that could be compiled while the store was being opened. */
  readonly whole: boolean;
};

export type Plans = {
  /** The plan that runs now; made at once of what is near when there is none. */
  current(tx: ReadTx): Plan;
  find(workspace: string): Plan | undefined;
  exceptions(tx: ReadTx): Exceptions;
  /** Settled when a plan of all rules runs. */
  ready(workspace: string): Promise<void>;
  /** Rules changed: a new plan is made in the background. */
  changed(workspace: string): void;
  exceptionsChanged(workspace: string): void;
  compiling(workspace: string): boolean;
  all(): Plan[];
  /** What was read of sources before. */
  readonly read: ReadRules;
};

export type PlanParts = {
  readonly host: Host;
  readonly catalog: Catalog;
  readonly settings: Readonly<Record<string, ParameterValue>>;
  store(): Store;
  readonly findMapping: FindMapping;
  /** A new plan takes the place of the one before. */
  installed(workspace: string, plan: Plan, before: Plan | undefined): void;
};

type State = {
  plan: Plan | undefined;
  exceptions: Exceptions | undefined;
  /** Grows with each change; a plan is of the rules as they were at one of these. */
  revision: number;
  work: Promise<void> | undefined;
  sources: Map<string, { readonly key: string; readonly source: RuleSource }>;
};

/** What the console tells of itself comes within the transactions of others, where nothing can wait: the rules are ready for it before. */
const ownEvents = ['login', 'api_call', 'config_change', 'credential_access'].map(
  (event_type): Event => ({ id: '', timeMs: 0, source: 'gatehouse', event_type, details: {} }),
);

export function createPlans(parts: PlanParts): Plans {
  const { host, catalog, settings } = parts;
  const read: ReadRules = new WeakMap();
  const states = new Map<string, State>();

  function stateOf(workspace: string): State {
    const known = states.get(workspace);
    if (known !== undefined) return known;
    const created: State = { plan: undefined, exceptions: undefined, revision: 0, work: undefined, sources: new Map() };
    states.set(workspace, created);
    return created;
  }

  function install(workspace: string, state: State, plan: Plan): void {
    const before = state.plan;
    state.plan = plan;
    limitRuleWork(plan.compiled.ruleSet, { now: host.stopwatch.elapsed, onOver: (over) => plan.over.push(over) });
    parts.installed(workspace, plan, before);
  }

  /** The source of a rule, the same object as long as nothing about it changed: then it need not be read again. */
  function keepSource(state: State, rule: CatalogRule, text: string | undefined): void {
    const { choice, name } = rule;
    const key = JSON.stringify([rule.digest, choice.severity, choice.parameters]);
    if (state.sources.get(name)?.key === key || text === undefined) return;
    const source: RuleSource = {
      name,
      text,
      ...(choice.parameters === null ? {} : { parameters: choice.parameters }),
      ...(choice.severity === null ? {} : { level: choice.severity }),
    };
    state.sources.set(name, { key, source });
  }

  function runs({ state }: CatalogRule): boolean {
    return state === 'on' || state === 'simulated';
  }

  /** Of two with the same id the first runs: those of packs come last, so that none takes the place of another's. */
  function sourcesOf(state: State, rules: readonly CatalogRule[]): RuleSource[] {
    const near = (rule: CatalogRule): boolean => rule.pack === ownPack || rule.pack === builtInPack;
    return [...rules.filter(near), ...rules.filter((rule) => !near(rule))]
      .filter(runs)
      .flatMap(({ name }) => state.sources.get(name)?.source ?? []);
  }

  async function readAll(workspace: string, state: State): Promise<CatalogRule[]> {
    const store = parts.store();
    const reading = store.read(workspace, catalog.begin);
    const rules: CatalogRule[] = [];
    for (;;) {
      const page = store.read(workspace, (tx) => {
        const found = catalog.next(tx, reading);
        if (found === undefined) return undefined;
        const texts = catalog.texts(tx, found.filter(runs));
        for (const rule of found) keepSource(state, rule, texts.get(rule.id));
        return found;
      });
      if (page === undefined) return rules;
      rules.push(...page);
      await host.timers.breathe();
    }
  }

  async function compileAll(workspace: string, state: State): Promise<void> {
    for (let made = -1; made !== state.revision; ) {
      made = state.revision;
      const rules = await readAll(workspace, state);
      const sources = sourcesOf(state, rules);
      const pace = createPace(host);
      const mapping = parts.store().read(workspace, parts.findMapping);
      const steps = compileSteps(sources, settings, { read, silences, mapping: mapping.mapping });
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) await pace.step();
      for (const _ of step.value.ruleSet.matcher.prepare(ownEvents) ?? []) await pace.step();
      const names = new Set(rules.map(({ name }) => name));
      for (const name of state.sources.keys()) if (!names.has(name)) state.sources.delete(name);
      install(workspace, state, planOf(rules, sources, step.value, read, mapping, true));
    }
  }

  function compileSoon(workspace: string, state: State): Promise<void> {
    state.work ??= compileAll(workspace, state)
      .catch((error: unknown) => {
        host.log.error('rules could not be compiled; those of before go on', { error: String(error) });
      })
      .finally(() => {
        state.work = undefined;
      });
    return state.work;
  }

  return {
    current(tx) {
      const state = stateOf(tx.workspace);
      if (state.plan === undefined) {
        const rules = catalog.near(tx);
        const texts = catalog.texts(tx, rules.filter(runs));
        for (const rule of rules) keepSource(state, rule, texts.get(rule.id));
        const sources = sourcesOf(state, rules);
        const mapping = parts.findMapping(tx);
        const compiled = compileRules(sources, settings, { read, silences, mapping: mapping.mapping });
        install(tx.workspace, state, planOf(rules, sources, compiled, read, mapping, catalog.isNear(tx)));
      }
      if (state.plan === undefined) throw new Error('a plan was just installed');
      return state.plan;
    },
    find: (workspace) => states.get(workspace)?.plan,
    exceptions(tx) {
      const state = stateOf(tx.workspace);
      state.exceptions ??= createExceptions(findExceptions(tx));
      return state.exceptions;
    },
    async ready(workspace) {
      const state = stateOf(workspace);
      if (state.plan?.whole !== true) await compileSoon(workspace, state);
    },
    changed(workspace) {
      const state = stateOf(workspace);
      state.revision += 1;
      void compileSoon(workspace, state);
    },
    exceptionsChanged: (workspace) => {
      stateOf(workspace).exceptions = undefined;
    },
    compiling: (workspace) => states.get(workspace)?.work !== undefined,
    all: () => Array.from(states.values(), ({ plan }) => plan).filter((plan) => plan !== undefined),
    read,
  };
}

/** A field that could be read once, and no longer can, is no reason to stop: its alerts are raised. @param tell why it does nothing */
export function compiledOf(
  id: string,
  suppression: RuleSuppression | null,
  tell: (why: string) => void = () => undefined,
): (readonly [string, CompiledSuppression])[] {
  if (suppression === null) return [];
  try {
    return [[id, compileSuppression(id, suppressionOf(suppression))]];
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return [];
  }
}

function planOf(
  rules: readonly CatalogRule[],
  sources: readonly RuleSource[],
  compiled: Compiled,
  read: ReadRules,
  mapping: OwnMapping,
  whole: boolean,
): Plan {
  const byFile = new Map(sources.map((source) => [source.name, source]));
  const byName = new Map(rules.map((rule) => [rule.name.replace(/\.ya?ml$/, ''), rule]));
  const detectorsOf = new Map<string, RuleInfo[]>();
  const ruleOf = new Map<string, CatalogRule>();
  for (const info of compiled.ruleSet.rules) {
    const rule = byName.get(info.name);
    if (rule === undefined) continue;
    ruleOf.set(info.id, rule);
    const known = detectorsOf.get(rule.name);
    if (known === undefined) detectorsOf.set(rule.name, [info]);
    else known.push(info);
  }
  const notes = new Map<string, string[]>();
  const note = (name: string, text: string): void => void notes.set(name, [...(notes.get(name) ?? []), text]);
  for (const { name, reason } of compiled.notes) note(name, reason);
  const suppressions = new Map(
    compiled.ruleSet.rules.flatMap(({ id, name }) =>
      compiledOf(id, ruleOf.get(id)?.choice.suppression ?? null, (why) =>
        note(name, `its suppression keeps nothing quiet: ${why}`),
      ),
    ),
  );
  return {
    rules,
    compiled,
    refused: new Map(compiled.refused.map(({ name, reason }) => [name, reason])),
    notes,
    detectorsOf,
    sourceOf: (name) => byFile.get(name),
    neighboursOf: (source) => neighboursOf(source, sources, read),
    infoOf: new Map(compiled.ruleSet.rules.map((info) => [info.id, info])),
    ruleOf,
    suppressions,
    over: [],
    mapping,
    whole,
  };
}
