// A rule's text looked at by itself: what is wrong with it and where, what it would be, and whether its cases come out as they say.
import { evaluate } from '../evaluate.ts';
import { createMemoryWindowState } from '../memory-window-state.ts';
import { caseEvents, caseStartMs } from './cases.ts';
import { type Compiled, type CompileOptions, compileRules, type RuleSource } from './compile.ts';
import type { ParameterValue } from './gatehouse-section.ts';
import { misspeltKeys } from './misspelt.ts';
import { readSource } from './read-source.ts';
import { RuleError } from './rule-error.ts';
import type { RuleInfo } from './rule-set.ts';

export type TextProblem = {
  readonly kind: 'error' | 'note';
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
};

export type Examined = {
  readonly problems: readonly TextProblem[];
  readonly compiled: Compiled;
  /** What the text itself would raise. */
  readonly detectors: readonly RuleInfo[];
};

/** @param others what its correlations and filters may name. */
export function examineText(
  source: RuleSource,
  others: readonly RuleSource[],
  parameters: Readonly<Record<string, ParameterValue>>,
  options: CompileOptions = {},
): Examined {
  const compiled = compileRules([source, ...others], parameters, options);
  const own = ({ name }: { readonly name: string }): boolean => name === source.name;
  const taken = compiled.refused.filter(
    ({ name, reason }) => name !== source.name && reason.endsWith(` is already used by ${source.name}`),
  );
  const problems = [
    ...compiled.refused.filter(own).map(({ reason }) => problemOf('error', reason, source)),
    ...taken.map(({ name }) =>
      problemOf('error', `id is already used by ${name}; give this rule one of its own`, source),
    ),
    ...compiled.notes.filter(own).map(({ reason }) => problemOf('note', reason, source)),
    ...misspeltKeys(source.name, source.text).map((reason) => problemOf('note', reason, source)),
  ];
  const refused = problems.some(({ kind }) => kind === 'error');
  const detectors = refused ? [] : compiled.ruleSet.rules.filter((rule) => rule.source === source.text);
  return { problems, compiled, detectors };
}

/** A refusal or note of the compiler, with the place in the text where that can be told. */
export function problemOf(kind: TextProblem['kind'], reason: string, source: RuleSource): TextProblem {
  const at = /, line (\d+), column (\d+)(?=:)/.exec(reason);
  const message = reason.startsWith(source.name) ? reason.slice(source.name.length).replace(/^[,:] */, '') : reason;
  if (at !== null) {
    return {
      kind,
      message: message.replace(/^(document \d+, )?line \d+, column \d+: /, '$1'),
      line: Number(at[1]),
      column: Number(at[2]),
    };
  }
  return { kind, message, line: lineOf(message, source.text), column: null };
}

/** Where the path that a message begins with stands in the text: `document 2: detection.selection.Image|re: …`. */
function lineOf(message: string, text: string): number | null {
  const [, document, path] = /^(?:document (\d+): )?([a-z-]+(?:\.[^\s:"]+)*)/.exec(message) ?? [];
  if (path === undefined) return null;
  const lines = text.split('\n');
  let at = document === undefined ? 0 : startOfDocument(lines, Number(document));
  let found = document === undefined ? null : at + 1;
  for (const [depth, key] of path.split('.').entries()) {
    // The key of a rule stands at the edge; one of the same name deeper in is another. A condition is named without its detection.
    const isDeep = depth > 0 || key === 'condition';
    const isThere = (line: string) => keyOf(line) === key && (isDeep || !/^\s/.test(line));
    const wanted = lines.findIndex((line, index) => index >= at && isThere(line));
    if (wanted < 0) break;
    found = wanted + 1;
    at = wanted + 1;
  }
  return found;
}

function keyOf(line: string): string | undefined {
  // Cut first: of a line of a hundred thousand blanks the search would take its square.
  return /^[\s-]*['"]?([^'":#]+)['"]?\s*:/.exec(line.slice(0, 300))?.[1]?.trim();
}

function startOfDocument(lines: readonly string[], number: number): number {
  let document = 1;
  for (const [index, line] of lines.entries()) {
    if (document === number) return index;
    if (line.startsWith('---') && index > 0) document += 1;
  }
  return 0;
}

export type CaseResult = {
  readonly detector: string;
  readonly name: string;
  readonly expected: 'match' | 'no match';
  readonly passed: boolean;
  readonly detail: string | null;
};

export function runCases({ compiled, detectors }: Examined): CaseResult[] {
  return detectors.flatMap((rule) =>
    rule.cases.map((one) => {
      const named = { detector: rule.title, name: one.name, expected: one.matches ? 'match' : 'no match' } as const;
      try {
        const findings = evaluate(compiled.ruleSet, caseEvents(one, caseStartMs), createMemoryWindowState());
        const last = findings.filter(({ ruleId }) => ruleId === rule.id).at(-1);
        const detail = difference(one, last);
        return { ...named, passed: detail === null, detail };
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        return { ...named, passed: false, detail: error.message };
      }
    }),
  );
}

function difference(
  expected: RuleInfo['cases'][number],
  found: { readonly title: string; readonly sentence: string } | undefined,
): string | null {
  if (expected.matches && found === undefined) return 'did not match';
  if (!expected.matches && found !== undefined) return `matched: ${found.sentence}`;
  for (const text of ['title', 'sentence'] as const) {
    const wanted = expected[text];
    if (wanted !== undefined && found !== undefined && found[text] !== wanted)
      return `${text}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found[text])}`;
  }
  return null;
}

export type DeclaredParameter = {
  readonly name: string;
  readonly label: string;
  readonly setting: string;
  readonly value: ParameterValue;
  readonly default: ParameterValue;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** The source has a value of its own, whatever the settings say. */
  readonly overridden: boolean;
};

/** None of a source that can't be read. */
export function declaredParameters(
  source: RuleSource,
  settings: Readonly<Record<string, ParameterValue>>,
): DeclaredParameter[] {
  try {
    return readSource(source, {}).documents.flatMap(({ gatehouse }) =>
      Object.entries(gatehouse?.parameters ?? {}).map(([name, { minimum, maximum, ...declared }]) => {
        const own = source.parameters?.[name];
        return {
          ...declared,
          name,
          value: own ?? settings[declared.setting] ?? declared.default,
          minimum: minimum ?? null,
          maximum: maximum ?? null,
          overridden: own !== undefined,
        };
      }),
    );
  } catch (error) {
    if (error instanceof RuleError) return [];
    throw error;
  }
}
