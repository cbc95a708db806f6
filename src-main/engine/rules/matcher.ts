// All rules of a set as one plan: fields are read once per event, predicates are shared and evaluated at most once per event, and a
// rule's condition is looked at only when a predicate that it needs has fired. Equality is one hash look-up per field, however
// many rules ask for it.
import type { Event, JsonValue } from '../event.ts';
import { compileField, eventText, type FieldReader } from '../field.ts';
import { compileTest, pairTest } from './predicate.ts';
import type { Expression, Predicate } from './rule.ts';
import { cheapestTrigger } from './trigger.ts';

export interface Matcher {
  /** Indexes (in `expressions`) of those that are true of the event, ascending. The array is reused by the next call. */
  match(event: Event): readonly number[];
  /** Sizes of the plan, for tests and reports. */
  readonly size: { readonly predicates: number; readonly fields: number; readonly always: number };
}

interface Field {
  readonly read: FieldReader;
  /** Lower-case value → predicates that ask whether the field equals it. */
  readonly equals: Map<string, number[]>;
  value: JsonValue | undefined;
  texts: string[];
  lowers: string[];
  epoch: number;
}

const noTexts: string[] = [];

/** @throws RuleError or Error for predicates that can't be compiled; the caller compiles rule by rule first to name the culprit. */
export function createMatcher(expressions: readonly Expression[]): Matcher {
  const fields: Field[] = [];
  const fieldIndex = new Map<string | null, number>();
  const predicates: (() => boolean)[] = [];
  const predicateIndex = new Map<string, number>();
  const triggered: number[][] = [];
  let event: Event | undefined;
  let epoch = 0;
  const results: number[] = [];

  function fieldFor(name: string | null): number {
    const known = fieldIndex.get(name);
    if (known !== undefined) return known;
    const read = name === null ? eventText : compileField(name);
    fields.push({ read, equals: new Map(), value: undefined, texts: noTexts, lowers: noTexts, epoch: 0 });
    fieldIndex.set(name, fields.length - 1);
    return fields.length - 1;
  }

  /** The field's texts for this event; the first call per event also settles all equalities on it. */
  function load(index: number): Field {
    const field = fields[index];
    if (field === undefined || event === undefined) throw new Error('no such field in the plan');
    if (field.epoch === epoch) return field;
    field.epoch = epoch;
    field.value = field.read(event);
    setTexts(field);
    for (const lower of field.lowers) {
      const hits = field.equals.get(lower);
      if (hits !== undefined) for (const hit of hits) results[hit] = epoch * 2 + 1;
    }
    return field;
  }

  // A result is epoch × 2 plus one when true, so nothing has to be cleared between events.
  function ask(index: number): boolean {
    const known = results[index] ?? 0;
    if (known >= epoch * 2) return known === epoch * 2 + 1;
    const answer = predicates[index]?.() ?? false;
    // An equality is settled by loading its field.
    if ((results[index] ?? 0) >= epoch * 2) return results[index] === epoch * 2 + 1;
    results[index] = epoch * 2 + (answer ? 1 : 0);
    return answer;
  }

  function intern(predicate: Predicate): number {
    const { field, operator, value, cased, flags } = predicate;
    const key = JSON.stringify([field, operator, value, cased, flags ?? '']);
    const known = predicateIndex.get(key);
    if (known !== undefined) return known;
    const own = fieldFor(field);
    const index = predicates.length;
    predicateIndex.set(key, index);
    results.push(0);
    triggered.push([]);
    predicates.push(evaluator(own, index, predicate));
    return index;
  }

  function evaluator(own: number, index: number, predicate: Predicate): () => boolean {
    const { operator, value, cased } = predicate;
    if (operator === 'equals' && !cased && predicate.field !== null) {
      const hits = fields[own]?.equals;
      hits?.set(value, [...(hits.get(value) ?? []), index]);
      return () => {
        load(own);
        return false;
      };
    }
    if (operator === 'exists') return () => present(load(own).value);
    if (operator === 'missing') return () => !present(load(own).value);
    if (operator.startsWith('field_')) {
      const other = fieldFor(value);
      const test = pairTest(operator, cased);
      return () => load(own).texts.some((text) => load(other).texts.some((second) => test(text, second)));
    }
    const test = compileTest(predicate);
    return () => {
      const { texts, lowers } = load(own);
      for (let at = 0; at < texts.length; at++) if (test(texts[at] ?? '', lowers[at] ?? '')) return true;
      return false;
    };
  }

  function compile(expression: Expression): () => boolean {
    if (expression.kind === 'predicate') {
      const index = intern(expression.predicate);
      return () => ask(index);
    }
    if (expression.kind === 'not') {
      const inner = compile(expression.operand);
      return () => !inner();
    }
    const operands = expression.operands.map(compile);
    const stopAt = expression.kind === 'or';
    return () => {
      for (const operand of operands) if (operand() === stopAt) return stopAt;
      return !stopAt;
    };
  }

  const conditions = expressions.map(compile);
  const always: number[] = [];
  const eager = new Set<number>();
  const eagerFields = new Set<number>();
  expressions.forEach((expression, rule) => {
    const trigger = cheapestTrigger(expression);
    if (trigger === undefined) {
      always.push(rule);
      return;
    }
    for (const predicate of trigger) {
      const index = intern(predicate);
      triggered[index]?.push(rule);
      if (predicate.operator === 'equals' && !predicate.cased && predicate.field !== null)
        eagerFields.add(fieldFor(predicate.field));
      else eager.add(index);
    }
  });
  const eagerList = [...eager];
  const eagerFieldList = [...eagerFields];
  const visited: number[] = expressions.map(() => 0);
  const candidates: number[] = [];
  const matched: number[] = [];

  function visit(rules: readonly number[]): void {
    for (const rule of rules) {
      if (visited[rule] === epoch) continue;
      visited[rule] = epoch;
      candidates.push(rule);
    }
  }

  return {
    match(next) {
      event = next;
      epoch++;
      candidates.length = 0;
      matched.length = 0;
      for (const index of eagerFieldList) {
        const field = load(index);
        for (const lower of field.lowers) {
          for (const hit of field.equals.get(lower) ?? noHits) visit(triggered[hit] ?? noHits);
        }
      }
      for (const index of eagerList) if (ask(index)) visit(triggered[index] ?? noHits);
      visit(always);
      if (candidates.length > 1) candidates.sort(ascending);
      for (const rule of candidates) if (conditions[rule]?.()) matched.push(rule);
      event = undefined;
      return matched;
    },
    size: { predicates: predicates.length, fields: fields.length, always: always.length },
  };
}

const noHits: readonly number[] = [];

function ascending(a: number, b: number): number {
  return a - b;
}

function present(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

/** Texts of a value: one for a scalar, one per scalar of a list, none for an absent value or a map. */
function setTexts(field: Field): void {
  const { value } = field;
  if (value === undefined || value === null) field.texts = noTexts;
  else if (typeof value !== 'object') field.texts = [typeof value === 'string' ? value : String(value)];
  else if (Array.isArray(value)) {
    field.texts = (value as readonly JsonValue[])
      .filter((item) => item !== null && typeof item !== 'object')
      .map(String);
  } else field.texts = noTexts;
  field.lowers = field.texts === noTexts ? noTexts : field.texts.map(toLower);
}

function toLower(text: string): string {
  return text.toLowerCase();
}
