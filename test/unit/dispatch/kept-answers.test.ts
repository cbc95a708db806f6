// Kept answers: never older than the last commit, never more than the bound.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeptAnswers } from '../../../src-main/core/dispatch/kept-answers.ts';

test('an answer is made once a commit and question', () => {
  const kept = createKeptAnswers();
  let made = 0;
  const ask = (version: number, question: string) => kept.answer(version, question, () => ({ question, nth: ++made }));
  expect(ask(1, 'a').output).toEqual({ question: 'a', nth: 1 });
  expect(ask(1, 'a').json).toBe('{"question":"a","nth":1}');
  expect(ask(1, 'b').output).toEqual({ question: 'b', nth: 2 });
  expect(ask(2, 'a').output).toEqual({ question: 'a', nth: 3 });
  expect(ask(2, 'b').output).toEqual({ question: 'b', nth: 4 });
});

test('a refusal is not kept', () => {
  const kept = createKeptAnswers();
  expect(() =>
    kept.answer(1, 'a', () => {
      throw new Error('no such alert');
    }),
  ).toThrow('no such alert');
  expect(kept.answer(1, 'a', () => 'there now').output).toBe('there now');
});

test('answers what a fresh look would answer, whatever is asked in which order and however small the bound', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ question: fc.nat(6), commits: fc.boolean() }), { maxLength: 60 }),
      fc.nat(80),
      (steps, limit) => {
        const kept = createKeptAnswers(limit);
        let version = 0;
        for (const { question, commits } of steps) {
          if (commits) version += 1;
          const truth = { version, text: 'x'.repeat(question * 3) };
          expect(kept.answer(version, String(question), () => truth)).toEqual({
            output: truth,
            json: JSON.stringify(truth),
          });
        }
      },
    ),
  );
});
