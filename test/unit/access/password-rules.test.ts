import { expect, test } from 'vitest';
import {
  brokenRules,
  loadCommonPasswords,
  loadStrengthMeter,
  normalisePassword,
} from '../../../src-shared/password-rules.ts';

const common = await loadCommonPasswords();

test.each<[string, string, string[]]>([
  ['Otter-Canal-7391', 'alice', []],
  ['', 'alice', ['length', 'lower', 'upper', 'digit', 'symbol']],
  ['short', 'alice', ['length', 'upper', 'digit', 'symbol', 'common']],
  ['all lower case', 'alice', ['upper', 'digit']],
  ['ALL-UPPER-CASE-1', 'alice', ['lower']],
  ['No-Digit-In-Here', 'alice', ['digit']],
  ['NoSymbolInHere123', 'alice', ['symbol']],
  ['My-Name-Is-Alice-7', 'alice', ['username']],
  ['Otter-ALICE-7391', 'Alice', ['username']],
  ['Al-Otter-Canal-7', 'al', []],
  ['Straße-nach-Süd-7', 'bob', []],
])('%j of %j breaks %j', (password, username, rules) => {
  expect(brokenRules(password, username, common)).toEqual(rules);
});

test.each(['Password1234!', 'P@ssw0rd-2024', 'Welcome@2024!!', '!!Football1966', 'Qwertyuiop-12345', '1Q2w3e4r5t6y!@'])(
  'a well-known password under make-up is common: %j',
  (password) => {
    expect(brokenRules(password, 'alice', common)).toContain('common');
  },
);

test.each(['Dragon-7491-Pelican', 'Horse!8273619284', 'correct horse Battery 9!'])(
  'a known word that is the lesser part of it does not make %j common',
  (password) => {
    expect(brokenRules(password, 'alice', common)).toEqual([]);
  },
);

test('there are more than 10,000 common passwords', () => {
  expect(common.size).toBeGreaterThan(10_000);
});

test('256 characters are taken and 257 are not, counted as code points', () => {
  const clef = '\u{1D11E}';
  expect(brokenRules(`Aa1!${clef.repeat(252)}`, 'alice', common)).toEqual([]);
  expect(brokenRules(`Aa1!${clef.repeat(253)}`, 'alice', common)).toEqual(['too_long']);
  expect(brokenRules(`Aa1!${clef.repeat(7)}`, 'alice', common)).toEqual(['length']);
});

test('a combining mark is not a symbol, and length is counted after composition', () => {
  expect(brokenRules('Cafe\u0301OtterCanal7', 'alice', common)).toEqual(['symbol']);
  expect(normalisePassword('e\u0301')).toBe('\u00e9');
});

test('the longest and ugliest input is judged without hanging', () => {
  expect(brokenRules('p@ssw0rd1l!|$5'.repeat(80), 'alice', common)).toEqual(['too_long', 'upper']);
});

test('the meter tells weak from strong and knows the user name', async () => {
  const strength = await loadStrengthMeter();
  expect(strength('Password123!', 'alice')).toBeLessThanOrEqual(1);
  expect(strength('correct horse Battery 9!', 'alice')).toBe(4);
  expect(strength('wilhelmina1', 'wilhelmina')).toBeLessThan(strength('wilhelmina1', ''));
});
