// Rule files to one rule set: parameters put in, correlations joined to the rules they name, everything that fails refused with its
// reason while the rest goes on working.
import { compileField } from '../field.ts';
import type { WindowAggregate, WindowCondition } from '../window-state.ts';
import { type ParameterValue, parseQuantity, parseSpan, substitute } from './gatehouse-section.ts';
import { createMatcher } from './matcher.ts';
import { buildOutput, techniquesOf } from './output.ts';
import { type Aggregate, type CorrelationSource, type Expression, type RuleDocument, RuleError } from './rule.ts';
import { parseRuleFile } from './rule-file.ts';
import type { CorrelationPlan, DetectionPlan, RefusedRule, RuleInfo, RuleSet } from './rule-set.ts';
import { versionOf } from './version.ts';

export interface RuleSource {
  /** File name; messages and `RuleInfo.name` use it. */
  readonly name: string;
  readonly text: string;
}

/**
 * Compiles rule files once for many events. A file with anything wrong is refused as a whole.
 * @param parameters values by setting path (`breach_detection.failed_login_threshold`); a missing one has its default.
 */
export function compileRules(
  sources: readonly RuleSource[],
  parameters: Readonly<Record<string, ParameterValue>>,
): { ruleSet: RuleSet; refused: RefusedRule[] } {
  const refused: RefusedRule[] = [];
  const files: RuleFile[] = [];
  const ids = new Map<string, string>();
  for (const source of sources) {
    attempt(source.name, refused, () => {
      const documents = parseRuleFile(source.name, source.text);
      for (const { id } of documents) {
        const other = ids.get(id);
        if (other !== undefined) throw new RuleError(`${source.name}: rule id ${id} is already used by ${other}`);
      }
      if (new Set(documents.map(({ id }) => id)).size < documents.length)
        throw new RuleError(`${source.name}: two documents have the same id`);
      for (const { id } of documents) ids.set(id, source.name);
      files.push({ source, documents, values: parameterValues(source.name, documents, parameters) });
    });
  }
  const built: BuiltFile[] = [];
  for (const file of files) attempt(file.source.name, refused, () => built.push(buildFile(file, files)));
  return { ruleSet: assemble(built), refused };
}

interface RuleFile {
  readonly source: RuleSource;
  readonly documents: readonly RuleDocument[];
  readonly values: Readonly<Record<string, ParameterValue>>;
}

interface BuiltFile {
  readonly rules: readonly RuleInfo[];
  readonly outputs: ReadonlyMap<RuleDocument, NonNullable<DetectionPlan['output']>>;
  readonly links: readonly {
    readonly from: RuleDocument;
    readonly correlation: DetectionPlan['correlations'][number];
  }[];
}

function attempt(name: string, refused: RefusedRule[], work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    refused.push({ name, reason: error.message });
  }
}

/** The declared parameters of all documents of a file with the values they run with. */
function parameterValues(
  file: string,
  documents: readonly RuleDocument[],
  settings: Readonly<Record<string, ParameterValue>>,
): Record<string, ParameterValue> {
  const values: Record<string, ParameterValue> = {};
  for (const document of documents) {
    for (const [name, declared] of Object.entries(document.gatehouse?.parameters ?? {})) {
      const value = Object.hasOwn(settings, declared.setting) ? settings[declared.setting] : declared.default;
      if (value === undefined || typeof value !== typeof declared.default) {
        throw new RuleError(`${file}: setting ${declared.setting} must be a ${typeof declared.default}`);
      }
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = declared;
      if (typeof value === 'number' && !(value >= minimum && value <= maximum)) {
        throw new RuleError(`${file}: setting ${declared.setting} is ${value}; expected ${minimum} to ${maximum}`);
      }
      values[name] = value;
    }
  }
  return values;
}

function buildFile(file: RuleFile, all: readonly RuleFile[]): BuiltFile {
  const rules: RuleInfo[] = [];
  const outputs = new Map<RuleDocument, NonNullable<DetectionPlan['output']>>();
  const links: { from: RuleDocument; correlation: DetectionPlan['correlations'][number] }[] = [];
  const hidden = new Set<RuleDocument>();
  for (const document of file.documents) {
    if (document.body.kind !== 'correlation') continue;
    const { correlation } = document.body;
    const base = correlation.rules.map((name) => resolve(document, name, file, all));
    if (!correlation.generate) for (const rule of base) hidden.add(rule);
    const plan = buildCorrelation(document, correlation, base, file);
    rules.push(plan.output.info);
    base.forEach((from, index) => {
      const name = correlation.rules[index] ?? '';
      links.push({ from, correlation: link(correlation, plan, name, index) });
    });
  }
  for (const document of file.documents) {
    if (document.body.kind !== 'detection') continue;
    tryPredicates(document.place, document.body.expression);
    if (hidden.has(document)) continue;
    const info = describe(document, file, [document], document.raw);
    outputs.set(document, buildOutput(document, info, undefined));
    rules.push(info);
  }
  return { rules, outputs, links };
}

/** A rule by id or name, in its own file first. */
function resolve(document: RuleDocument, name: string, file: RuleFile, all: readonly RuleFile[]): RuleDocument {
  for (const documents of [file.documents, all.flatMap((other) => other.documents)]) {
    const found = documents.filter((one) => one.id === name || one.name === name);
    if (found.length > 1) throw new RuleError(`${document.place}: ${JSON.stringify(name)} names ${found.length} rules`);
    const [only] = found;
    if (only === undefined) continue;
    if (only.body.kind === 'correlation')
      throw new RuleError(`${document.place}: a correlation of a correlation is not supported yet`);
    return only;
  }
  throw new RuleError(`${document.place}: correlation names ${JSON.stringify(name)}, and no rule has that id or name`);
}

const windowAggregates: Readonly<Record<Aggregate, WindowAggregate>> = {
  event_count: 'count',
  value_count: 'distinct',
  value_sum: 'sum',
  temporal: 'distinct',
  temporal_ordered: 'ordered',
};

function buildCorrelation(
  document: RuleDocument,
  correlation: CorrelationSource,
  base: readonly RuleDocument[],
  file: RuleFile,
): CorrelationPlan {
  const { place } = document;
  const spanText = substitute(place, correlation.timespan, file.values);
  const windowMs = parseSpan(spanText);
  if (windowMs === undefined)
    throw new RuleError(`${place}: correlation.timespan ${JSON.stringify(spanText)} is not a time such as 5m`);
  const condition: Partial<Record<keyof WindowCondition, number>> = {};
  for (const [key, text] of Object.entries(correlation.condition)) {
    const quantity = parseQuantity(substitute(place, text, file.values));
    if (quantity === undefined)
      throw new RuleError(`${place}: correlation.condition.${key} ${JSON.stringify(text)} is not a number`);
    condition[key as keyof WindowCondition] = quantity;
  }
  const threshold = condition.gt ?? condition.gte ?? condition.eq ?? 0;
  const info = describe(document, file, [document, ...base], [document.raw, ...base.map(({ raw }) => raw)]);
  const output = buildOutput(document, info, { groupBy: correlation.groupBy, threshold, windowMs });
  return {
    output,
    window: { id: info.version, aggregate: windowAggregates[correlation.aggregate], spanMs: windowMs, condition },
    groupBy: correlation.groupBy,
    tracked: output.entities.filter(({ tracked }) => tracked >= 0).map(({ read }) => read),
  };
}

function link(
  correlation: CorrelationSource,
  plan: CorrelationPlan,
  ruleName: string,
  index: number,
): DetectionPlan['correlations'][number] {
  function reader(field: string) {
    return compileField(correlation.aliases.get(field)?.get(ruleName) ?? field);
  }
  const temporal = correlation.aggregate === 'temporal' || correlation.aggregate === 'temporal_ordered';
  return {
    plan,
    group: correlation.groupBy.map(reader),
    value: correlation.field === undefined ? undefined : reader(correlation.field),
    step: temporal ? String(index) : undefined,
  };
}

function describe(document: RuleDocument, file: RuleFile, involved: readonly RuleDocument[], raw: unknown): RuleInfo {
  const used: Record<string, ParameterValue> = {};
  const text = JSON.stringify(involved.map((one) => one.raw));
  for (const [name, value] of Object.entries(file.values)) if (text.includes(`\${${name}}`)) used[name] = value;
  return {
    id: document.id,
    name: file.source.name.replace(/\.ya?ml$/, ''),
    title: document.title,
    description: document.description,
    level: document.level,
    version: versionOf({ rule: raw, parameters: used }),
    parameters: used,
    techniques: techniquesOf(document.tags),
    falsePositives: document.falsePositives,
    references: document.references,
    runbook: document.gatehouse?.runbook ?? [],
    cases: document.gatehouse?.cases ?? [],
    source: file.source.text,
  };
}

/** Builds a plan for the one rule, so that what can't be compiled is refused with its own name. */
function tryPredicates(place: string, expression: Expression): void {
  try {
    createMatcher([expression]);
  } catch (cause) {
    throw new RuleError(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function assemble(files: readonly BuiltFile[]): RuleSet {
  const expressions: Expression[] = [];
  const detections: DetectionPlan[] = [];
  const documents = new Set<RuleDocument>();
  for (const file of files) {
    for (const document of file.outputs.keys()) documents.add(document);
    for (const { from } of file.links) documents.add(from);
  }
  for (const document of documents) {
    if (document.body.kind !== 'detection') continue;
    expressions.push(document.body.expression);
    detections.push({
      output: files.map((file) => file.outputs.get(document)).find((output) => output !== undefined),
      correlations: files
        .flatMap((file) => file.links.filter(({ from }) => from === document))
        .map(({ correlation }) => correlation),
    });
  }
  return { rules: files.flatMap(({ rules }) => rules), matcher: createMatcher(expressions), detections };
}
