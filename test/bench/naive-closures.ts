// What engines without a plan do: each rule a closure, rules grouped by channel and event id, every one of the group asked for every
// event. The floor that the plan is measured against; its answers are not tested, those of support/naive-rules.ts are.
import type { JsonObject, JsonValue } from '../../src-main/engine/event.ts';
import { compileTest } from '../../src-main/engine/plan/predicate.ts';
import { foldCase } from '../../src-main/engine/rules/fold.ts';
import type { LogSourceMapping } from '../../src-main/engine/rules/log-source.ts';
import type { Expression } from '../../src-main/engine/rules/rule.ts';
import { parseRuleFile } from '../../src-main/engine/rules/rule-file.ts';
import type { DataFile } from '../support/detection-data.ts';

type Test = (record: JsonObject) => boolean;

export function createNaiveRules(
  sources: readonly DataFile[],
  mapping: LogSourceMapping,
): (record: JsonObject) => number {
  const byChannel = new Map<string, { readonly ids: ReadonlySet<string>; readonly test: Test }[]>();
  for (const { name, text } of sources) {
    for (const { id, body } of parseRuleFile(name, text, { placeholders: {}, note: () => {} })) {
      if (body.kind !== 'detection') continue;
      const [alternative] = mapping.rules.get(id) ?? [];
      const values = (field: string) =>
        (alternative?.conditions ?? []).flatMap((one) => (one.field === field && 'values' in one ? one.values : []));
      const rule = { ids: new Set(values('EventID')), test: closure(body.expression) };
      for (const channel of values('Channel')) {
        const key = channel.toLowerCase();
        byChannel.set(key, [...(byChannel.get(key) ?? []), rule]);
      }
    }
  }
  return (record) => {
    let matched = 0;
    const id = String(record.EventID);
    for (const { ids, test } of byChannel.get(String(record.Channel).toLowerCase()) ?? []) {
      if ((ids.size === 0 || ids.has(id)) && test(record)) matched++;
    }
    return matched;
  };
}

function closure(expression: Expression): Test {
  if (expression.kind === 'not') {
    const inner = closure(expression.operand);
    return (record) => !inner(record);
  }
  if (expression.kind !== 'predicate') {
    const operands = expression.operands.map(closure);
    return expression.kind === 'and'
      ? (record) => operands.every((one) => one(record))
      : (record) => operands.some((one) => one(record));
  }
  const { predicate } = expression;
  const { field, operator, value } = predicate;
  if (operator === 'missing') return (record) => (record[field ?? ''] ?? null) === null;
  if (operator === 'exists') return (record) => record[field ?? ''] !== undefined;
  if (operator.startsWith('field_')) return (record) => String(record[field ?? '']) === String(record[value]);
  const test = compileTest(predicate);
  const one = (found: JsonValue | undefined) =>
    found !== undefined && found !== null && typeof found !== 'object' && test(String(found), foldCase(String(found)));
  return field === null ? (record) => Object.values(record).some(one) : (record) => one(record[field]);
}
