// Rule files to one rule set: parameters put in, filters added, correlations joined to the rules they name, everything that fails
// refused with its reason while the rest goes on working.
import { compileField } from '../field.ts';
import { createMatcher } from '../plan/matcher.ts';
import { createNodeTable, type Node } from '../plan/node.ts';
import { type Asked, fieldsOf } from './asked.ts';
import {
  buildCorrelations,
  checkChain,
  correlationNumbers,
  impossibleNotes,
  type ResolvedCorrelation,
} from './correlation-plan.ts';
import { all } from './detection.ts';
import { collectFilters } from './filter-plan.ts';
import type { ParameterValue } from './gatehouse-section.ts';
import {
  gateOf,
  type LogSourceMapping,
  mappedAlternatives,
  onLogSource,
  resolveLogSource,
  standardMapping,
} from './log-source.ts';
import type { Placeholders } from './modifiers.ts';
import { buildOutput } from './output.ts';
import { type ReadRules, readSource, readWithParameters } from './read-source.ts';
import type { Expression, LogSource, RuleDocument } from './rule.ts';
import { RuleError } from './rule-error.ts';
import { describeRule, type RuleSource } from './rule-info.ts';
import type { CorrelationPlan, DetectionPlan, RefusedRule, RuleInfo, RuleSet } from './rule-set.ts';
import { versionOf } from './version.ts';

export type { ReadRules } from './read-source.ts';
export type { RuleSource } from './rule-info.ts';

export interface CompileOptions {
  /** Comes before the standard mapping of log sources. */
  readonly mapping?: LogSourceMapping;
  /** Values of `%name%` where a rule says `expand`. */
  readonly placeholders?: Placeholders;
  /** May a file's filters and correlations silence the rules of another file? Unless said, all may. */
  readonly silences?: (from: string, to: string) => boolean;
  /** What was read of sources before; a source that is given again, the same object, is not read again. */
  readonly read?: ReadRules;
}

export interface Compiled {
  readonly ruleSet: RuleSet;
  readonly refused: RefusedRule[];
  /** The sources that a rule rests on, its own first: those of the rules it correlates, and of filters on any of them. */
  filesOf(ruleId: string): RuleSource[];
  /** What works otherwise than its author may expect, by file: a log source nobody mapped, a placeholder without values. */
  readonly notes: RefusedRule[];
  /** What each detection asks of events. */
  asked(): Asked[];
}

/**
 * Compiles rule files once for many events. A file with anything wrong is refused as a whole.
 * @param parameters values by setting path (`breach_detection.failed_login_threshold`); a missing one has its default.
 */
export function compileRules(
  sources: readonly RuleSource[],
  parameters: Readonly<Record<string, ParameterValue>>,
  options: CompileOptions = {},
): Compiled {
  const steps = compileSteps(sources, parameters, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of a rule each: whoever must not be held up runs a few at a time. */
export function* compileSteps(
  sources: readonly RuleSource[],
  parameters: Readonly<Record<string, ParameterValue>>,
  options: CompileOptions = {},
): Generator<void, Compiled> {
  const refused: RefusedRule[] = [];
  const notes: RefusedRule[] = [];
  const files = yield* parseFiles(sources, parameters, options, refused, notes);
  const known = createIndex(files);
  const correlations = new Map<RuleDocument, ResolvedCorrelation>();
  for (const file of files) {
    attempt(file.source.name, refused, () => {
      const found = resolveFile(file, known);
      for (const one of found) correlations.set(one.document, one);
      notes.push(...impossibleNotes(file.source.name, found));
      file.accepted = true;
    });
  }
  dropBrokenChains(files, correlations, refused);
  const accepted = files.filter((file) => file.accepted);
  const documents = accepted.flatMap((file) => file.documents);
  const filters = collectFilters(documents, known, refused, notes, options.silences);
  yield;
  const { ruleSet, asked } = yield* assemble(accepted, correlations, filters, options, refused, notes);
  return { ruleSet, refused, notes, asked, filesOf: (ruleId) => filesOf(ruleId, accepted, correlations, filters) };
}

function filesOf(
  ruleId: string,
  files: readonly RuleFile[],
  correlations: ReadonlyMap<RuleDocument, ResolvedCorrelation>,
  filters: ReadonlyMap<RuleDocument, readonly RuleDocument[]>,
): RuleSource[] {
  const byName = new Map(files.map((file) => [file.source.name, file] as const));
  const found = new Set(files.filter(({ documents }) => documents.some(({ id }) => id === ruleId)));
  // A set is walked to its end, also over what is added on the way.
  for (const { documents } of found) {
    for (const document of documents) {
      for (const other of [...(correlations.get(document)?.bases ?? []), ...(filters.get(document) ?? [])]) {
        const file = byName.get(other.file);
        if (file !== undefined) found.add(file);
      }
    }
  }
  return Array.from(found, ({ source }) => source);
}

interface RuleFile {
  readonly source: RuleSource;
  readonly documents: readonly RuleDocument[];
  readonly values: Readonly<Record<string, ParameterValue>>;
  accepted: boolean;
}

function attempt(name: string, refused: RefusedRule[], work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    refused.push({ name, reason: error.message });
    return false;
  }
}

function* parseFiles(
  sources: readonly RuleSource[],
  parameters: Readonly<Record<string, ParameterValue>>,
  options: CompileOptions,
  refused: RefusedRule[],
  notes: RefusedRule[],
): Generator<void, RuleFile[]> {
  const files: RuleFile[] = [];
  const ids = new Map<string, string>();
  for (const source of sources) {
    yield;
    attempt(source.name, refused, () => {
      const first = readSource(source, options);
      const values = parameterValues(source, first.documents, parameters);
      const { documents, notes: said } = readWithParameters(source, values, options) ?? first;
      for (const { id } of documents) {
        const other = ids.get(id);
        if (other !== undefined) throw new RuleError(`${source.name}: rule id ${id} is already used by ${other}`);
      }
      if (new Set(documents.map(({ id }) => id)).size < documents.length)
        throw new RuleError(`${source.name}: two documents have the same id`);
      for (const document of documents) checkFields(document);
      for (const { id } of documents) ids.set(id, source.name);
      for (const text of said) notes.push({ name: source.name, reason: text });
      files.push({ source, documents, values, accepted: false });
    });
  }
  return files;
}

/** The declared parameters of all documents of a file with the values they run with. */
function parameterValues(
  { name: file, parameters: own = {} }: RuleSource,
  documents: readonly RuleDocument[],
  settings: Readonly<Record<string, ParameterValue>>,
): Record<string, ParameterValue> {
  const values: Record<string, ParameterValue> = {};
  for (const document of documents) {
    for (const [name, declared] of Object.entries(document.gatehouse?.parameters ?? {})) {
      const isOwn = Object.hasOwn(own, name);
      const what = isOwn ? `parameter ${name}` : `setting ${declared.setting}`;
      const set = Object.hasOwn(settings, declared.setting) ? settings[declared.setting] : declared.default;
      const value = isOwn ? own[name] : set;
      if (value === undefined || typeof value !== typeof declared.default) {
        throw new RuleError(`${file}: ${what} must be a ${typeof declared.default}`);
      }
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = declared;
      if (typeof value === 'number' && !(value >= minimum && value <= maximum)) {
        throw new RuleError(`${file}: ${what} is ${value}; expected ${minimum} to ${maximum}`);
      }
      values[name] = value;
    }
  }
  return values;
}

/** A derived field that doesn't exist is an author's mistake, not an absent field. */
function checkFields({ place, body }: RuleDocument): void {
  function check(expression: Expression): void {
    if (expression.kind === 'not') check(expression.operand);
    else if (expression.kind !== 'predicate') for (const operand of expression.operands) check(operand);
    else if (expression.predicate.field?.startsWith('signals.')) {
      try {
        compileField(expression.predicate.field);
      } catch (cause) {
        throw new RuleError(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    }
  }
  if (body.kind === 'detection') check(body.expression);
  if (body.kind === 'filter') check(body.filter.keeps);
}

type Index = ReadonlyMap<string, readonly RuleDocument[]>;

/** Rules by id and by name. Filters are not rules. */
function createIndex(files: readonly RuleFile[]): Index {
  const index = new Map<string, RuleDocument[]>();
  for (const document of files.flatMap(({ documents }) => documents)) {
    if (document.body.kind === 'filter') continue;
    for (const key of new Set([document.id, document.name])) {
      if (key === undefined) continue;
      const known = index.get(key);
      if (known === undefined) index.set(key, [document]);
      else known.push(document);
    }
  }
  return index;
}

function resolveFile(file: RuleFile, index: Index): ResolvedCorrelation[] {
  return file.documents.flatMap((document) => {
    if (document.body.kind !== 'correlation') return [];
    const source = document.body.correlation;
    const bases = [...source.rules, ...source.absent].map((name) => resolve(document, name, index));
    const resolved = { document, source, bases, values: file.values };
    correlationNumbers(resolved);
    return [resolved];
  });
}

/** A rule by id or name, in its own file first. */
function resolve(document: RuleDocument, name: string, index: Index): RuleDocument {
  const all = index.get(name) ?? [];
  const own = all.filter(({ file }) => file === document.file);
  const found = own.length > 0 ? own : all;
  const [only] = found;
  const said = `${document.place}: correlation names ${JSON.stringify(name)}`;
  if (only === undefined) throw new RuleError(`${said}, and no rule has that id or name`);
  if (found.length > 1) throw new RuleError(`${said}, which ${found.length} rules have as id or name`);
  return only;
}

function dropBrokenChains(
  files: readonly RuleFile[],
  correlations: Map<RuleDocument, ResolvedCorrelation>,
  refused: RefusedRule[],
): void {
  const whole = new Map(correlations);
  for (const file of files) {
    const own = file.documents.flatMap((document) => whole.get(document) ?? []);
    const fine = attempt(file.source.name, refused, () => {
      for (const one of own) checkChain(one, whole);
    });
    if (fine) continue;
    file.accepted = false;
    for (const { document } of own) correlations.delete(document);
  }
}

function* assemble(
  files: readonly RuleFile[],
  correlations: ReadonlyMap<RuleDocument, ResolvedCorrelation>,
  filters: ReadonlyMap<RuleDocument, readonly RuleDocument[]>,
  options: CompileOptions,
  refused: RefusedRule[],
  notes: RefusedRule[],
): Generator<void, Pick<Compiled, 'ruleSet' | 'asked'>> {
  const fileOf = new Map(files.flatMap((file) => file.documents.map((document) => [document, file] as const)));
  const hidden = hiddenRules([...correlations.values()], options.silences);
  const infos = new Map<RuleDocument, RuleInfo>();
  const outputs = new Map<RuleDocument, DetectionPlan['output']>();
  for (const file of files) {
    yield;
    attempt(file.source.name, refused, () => {
      for (const document of file.documents) {
        if (document.body.kind === 'filter' || hidden.has(document)) continue;
        const correlation = correlations.get(document);
        const own = mapped([document, ...(correlation?.bases ?? [])], options.mapping);
        const info = describeRule(document, file, correlation, filters, options.placeholders ?? {}, own);
        // Built here once, so that what is wrong with its texts is refused in the name of its file.
        const output = document.body.kind === 'detection' ? buildOutput(document, info, undefined) : undefined;
        infos.set(document, info);
        outputs.set(document, output);
      }
    });
  }
  const plans = joinCorrelations(files, correlations, infos, refused);
  yield;
  const table = createNodeTable();
  const nodes: Node[] = [];
  const gates: (readonly string[])[] = [];
  const detections: DetectionPlan[] = [];
  const asked: (Omit<Asked, 'fields'> & { readonly expression: Expression })[] = [];
  for (const document of fileOf.keys()) {
    yield;
    const { body } = document;
    const links = plans.links.get(document) ?? [];
    if (body.kind !== 'detection' || (outputs.get(document) === undefined && links.length === 0)) continue;
    const { alternatives, declared } = resolveLogSource(
      body.logSource,
      document.id,
      options.mapping ?? standardMapping,
    );
    if (declared)
      notes.push({ name: fileOf.get(document)?.source.name ?? document.file, reason: declaredNote(body.logSource) });
    const keeps = (filters.get(document) ?? []).map((filter) =>
      filter.body.kind === 'filter' ? filter.body.filter.keeps : body.expression,
    );
    const expression = keeps.length === 0 ? body.expression : all([body.expression, ...keeps]);
    const placed = onLogSource(expression, alternatives);
    nodes.push(table.intern(placed));
    gates.push(gateOf(alternatives));
    detections.push({ ruleId: document.id, output: outputs.get(document), correlations: links });
    const named = mapped([document], options.mapping) === undefined ? expression : placed;
    asked.push({ logSource: body.logSource, declared, expression: named });
  }
  const ruleSet: RuleSet = {
    rules: [...infos.values()],
    matcher: createMatcher(table, nodes, gates),
    detections,
    windowIds: new Set(plans.plans.map(({ window }) => window.id)),
    longestWindowMs: Math.max(0, ...plans.plans.map(reach)),
  };
  return { ruleSet, asked: () => asked.map(({ expression, ...one }) => ({ ...one, fields: fieldsOf(expression) })) };
}

/** What a mapping of one's own says of these; undefined where it has no part in any. */
function mapped(documents: readonly RuleDocument[], mapping: LogSourceMapping | undefined): unknown {
  if (mapping === undefined || mapping === standardMapping) return undefined;
  const own = documents.map(({ body, id }) =>
    body.kind === 'detection' ? (mappedAlternatives(body.logSource, id, mapping) ?? null) : null,
  );
  return own.every((one) => one === null) ? undefined : own;
}

function declaredNote(source: LogSource): string {
  const said = Object.entries(source).flatMap(([part, value]) =>
    value === undefined ? [] : [`logsource.${part}: ${value}`],
  );
  return `log source is not mapped: the rule sees events that declare ${said.join(', ')}`;
}

/** Rules that a correlation uses raise nothing themselves, unless it says generate. */
function hiddenRules(
  correlations: readonly ResolvedCorrelation[],
  silences: NonNullable<CompileOptions['silences']> = () => true,
): Set<RuleDocument> {
  const hidden = new Set<RuleDocument>();
  for (const { document, source, bases } of correlations) {
    if (source.generate) continue;
    for (const base of bases) if (silences(document.file, base.file)) hidden.add(base);
  }
  for (const { source, bases } of correlations) if (source.generate) for (const base of bases) hidden.delete(base);
  return hidden;
}

/** Built file by file first: one with a wrong alias or text is refused alone. */
function joinCorrelations(
  files: readonly RuleFile[],
  correlations: ReadonlyMap<RuleDocument, ResolvedCorrelation>,
  infos: Map<RuleDocument, RuleInfo>,
  refused: RefusedRule[],
): ReturnType<typeof buildCorrelations> {
  const versions = new Map([...correlations.values()].map((one) => [one.document, correlationVersion(one)] as const));
  const version = (document: RuleDocument) => infos.get(document)?.version ?? versions.get(document) ?? '';
  const usable = new Map<RuleDocument, ResolvedCorrelation>();
  for (const file of files) {
    const own = file.documents.flatMap((document) => correlations.get(document) ?? []);
    const fine = attempt(file.source.name, refused, () => {
      const alone = new Map(own.map((one) => [one.document, one] as const));
      buildCorrelations(alone, version, (document) => infos.get(document));
    });
    for (const one of own) {
      if (fine) usable.set(one.document, one);
      else infos.delete(one.document);
    }
  }
  return buildCorrelations(usable, version, (document) => infos.get(document));
}

function correlationVersion({ document, bases }: ResolvedCorrelation): string {
  return versionOf({ rule: [document.raw, ...bases.map(({ raw }) => raw)], parameters: {} });
}

/** How far before an event others may lie that decide with it. */
function reach(plan: CorrelationPlan): number {
  return plan.window.spanMs + Math.max(0, ...plan.feeds.map((link) => reach(link.plan)));
}
