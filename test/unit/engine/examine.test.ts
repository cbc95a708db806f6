// One rule text looked at: places of problems, parameters, cases; whatever the text is.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { declaredParameters, examineText, problemOf, runCases } from '../../../src-main/engine/rules/examine.ts';
import { neighboursOf } from '../../../src-main/engine/rules/read-source.ts';
import { bigOrder, manyOrders } from '../../features/rules/rules-console.ts';

const big = { name: 'big.yml', text: bigOrder() };
const many = { name: 'many.yml', text: manyOrders };

it('finds the line of a problem by the path that its message names', () => {
  function lineOf(text: string): number | null | undefined {
    return examineText({ name: 'own/x.yml', text }, [], {}).problems[0]?.line;
  }
  expect(lineOf(bigOrder().replace('medium', 'grave'))).toBe(4);
  expect(lineOf(bigOrder().replace('amount|gte: 100', 'amount|gte: much'))).toBe(8);
  expect(lineOf(manyOrders.replace('timespan: 10m', 'timespan: soon'))).toBe(8);
  expect(lineOf(`title: first\nid: a\n---\n${bigOrder().replace('medium', 'grave')}`)).toBe(1);
  const yaml = problemOf('error', 'own/x.yml, document 2, line 7, column 3: Unexpected', {
    name: 'own/x.yml',
    text: '',
  });
  expect(yaml).toEqual({ kind: 'error', message: 'document 2, Unexpected', line: 7, column: 3 });
});

it('says which keys are most likely misspelt, and leaves fields of a rule’s own alone', () => {
  const said = (text: string) =>
    examineText({ name: 'own/x.yml', text }, [], {}).problems.map(({ kind, message, line }) => [kind, message, line]);
  const note = (key: string, meant: string) =>
    `${key}: not a field of Sigma, so it has no effect; did you mean ${meant}?`;
  expect(said(bigOrder().replace('level: medium', 'levle: medium\nmy-team: shop\nx_owner: x'))).toEqual([
    ['note', note('levle', 'level'), 4],
  ]);
  expect(said(bigOrder().replace(/^title:/m, 'titel:'))).toEqual([
    ['error', 'title is missing', null],
    ['note', note('titel', 'title'), 1],
  ]);
  const two = `${manyOrders.replace('group-by', 'groupby')}\n---\n${bigOrder().replace('product:', 'prodct:')}`;
  expect(
    said(two)
      .filter(([kind]) => kind === 'note')
      .map(([, message]) => message),
  ).toEqual(
    expect.arrayContaining([
      note('document 1: correlation.groupby', 'group-by'),
      note('document 3: logsource.prodct', 'product'),
    ]),
  );
  // Whatever the keys are, and however many: it stays quick, and says a few.
  const many = Array.from({ length: 3_900 }, (_, at) => `titl${at}: x`).join('\n');
  expect(said(many).filter(([kind]) => kind === 'note').length).toBeLessThanOrEqual(20);
});

it('knows the parameters with where their values come from', () => {
  expect(declaredParameters(many, {})).toMatchObject([{ name: 'limit', value: 3, default: 3, overridden: false }]);
  expect(declaredParameters(many, { 'shop.limit': 7 })).toMatchObject([{ value: 7, overridden: false }]);
  expect(declaredParameters({ ...many, parameters: { limit: 9 } }, { 'shop.limit': 7 })).toMatchObject([
    { value: 9, overridden: true },
  ]);
});

it('compiles a text with the rules that it names, and with what they name', () => {
  const chain = {
    name: 'chain.yml',
    text: 'title: chain\nid: chain\ncorrelation: {type: event_count, rules: [Many], timespan: 1h, condition: {gt: 1}}\n',
  };
  const named = { name: 'many.yml', text: manyOrders.replace('level: high', 'name: Many\nlevel: high') };
  const filter = {
    name: 'filter.yml',
    text: 'title: f\nlogsource: {product: gatehouse}\nfilter: {rules: [any_order], s: {actor: x}, condition: not s}\n',
  };
  const found = neighboursOf(chain, [big, named, filter, chain], new WeakMap());
  expect(found.map(({ name }) => name).sort()).toEqual(['filter.yml', 'many.yml']);
  expect(examineText(chain, found, {}).problems).toEqual([]);
});

it('has an answer for any text, and for any change of a good one', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.nat(manyOrders.length),
      fc.nat(40),
      (noise, at, cut) => {
        for (const text of [
          noise,
          manyOrders.slice(0, at) + noise + manyOrders.slice(at + cut),
          bigOrder().slice(0, at),
        ]) {
          const source = { name: 'own/x.yml', text };
          const examined = examineText(source, neighboursOf(source, [big, many], new WeakMap()), {});
          const isRefused = examined.problems.some(({ kind }) => kind === 'error');
          expect(isRefused || examined.detectors.length >= 0).toBe(true);
          if (isRefused) expect(examined.detectors).toEqual([]);
          for (const { line } of examined.problems) expect(line === null || line >= 1).toBe(true);
          expect(runCases(examined).length).toBe(examined.detectors.reduce((sum, { cases }) => sum + cases.length, 0));
          declaredParameters(source, {});
        }
      },
    ),
    { numRuns: 60 },
  );
});
