// The token file, measured: every pair of text and ground that the kit draws, in each theme, by the formula of WCAG 2.2.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const source = readFileSync(new URL('../../../src-renderer/ui/tokens.css', import.meta.url), 'utf8');

type Tokens = ReadonlyMap<string, string>;

function themeTokens(theme: string): Tokens {
  const start = source.indexOf(`[data-theme="${theme}"] {`);
  if (start < 0) throw new Error(`no theme ${theme}`);
  const block = source.slice(start, source.indexOf('\n}', start));
  return new Map(
    Array.from(block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6}|transparent)\b/gi), (match) => [match[1]!, match[2]!]),
  );
}

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(tokens: Tokens, ink: string, ground: string): number {
  const [above, below] = [ink, ground].map((name) => {
    const value = tokens.get(name);
    if (value === undefined || value === 'transparent') throw new Error(`no colour --${name}`);
    return luminance(value);
  });
  return (Math.max(above!, below!) + 0.05) / (Math.min(above!, below!) + 0.05);
}

const grounds = ['canvas', 'subtle', 'raised', 'inset', 'hover'];
const levels = ['critical', 'high', 'medium', 'low', 'info'];

/** [ink, ground], as drawn somewhere in ui/ or app/. */
const textPairs: readonly (readonly [string, string])[] = [
  ...['text', 'muted', 'faint', 'accent', 'danger-text'].flatMap((ink) =>
    grounds.map((ground) => [ink, ground] as const),
  ),
  ...[...levels, 'ok'].flatMap((level) =>
    ['canvas', 'subtle', 'raised', 'inset', 'hover', `${level}-tint`].map((ground) => [level, ground] as const),
  ),
  ...levels.map((level) => [`on-${level}`, `${level}-mark`] as const),
  // The selection: --faint becomes --muted there.
  ...['text', 'muted', 'accent', 'critical', 'high', 'medium', 'low', 'info'].map((ink) => [ink, 'accent-bg'] as const),
  ['on-accent', 'accent-fill'],
  ['on-accent', 'accent-fill-hover'],
  ['text', 'medium-tint'],
  ['muted', 'info-tint'],
];

/** What must be told apart without being read: control borders, marks, focus. On the selection tint, what base.css puts there. */
const shapePairs: readonly (readonly [string, string])[] = [
  ...['border-strong', 'accent', ...levels.map((level) => `${level}-mark`), 'ok-mark'].flatMap((shape) =>
    ['canvas', 'subtle', 'raised'].map((ground) => [shape, ground] as const),
  ),
  ...['critical-mark', 'high-mark', 'low-mark', 'info-mark', 'medium', 'muted', 'accent'].map(
    (shape) => [shape, 'accent-bg'] as const,
  ),
];

function failures(theme: string, pairs: readonly (readonly [string, string])[], least: number): readonly string[] {
  const tokens = themeTokens(theme);
  return pairs
    .map(([ink, ground]) => ({ pair: `${ink} on ${ground}`, value: contrast(tokens, ink, ground) }))
    .filter(({ value }) => value < least)
    .map(({ pair, value }) => `${pair}: ${value.toFixed(2)}`);
}

describe.each(['light', 'dark'])('theme %s', (theme) => {
  it('reads at 4.5:1 or more', () => expect(failures(theme, textPairs, 4.5)).toEqual([]));
  it('tells shapes apart at 3:1 or more', () => expect(failures(theme, shapePairs, 3)).toEqual([]));
});

describe.each(['contrast-light', 'contrast-dark'])('theme %s', (theme) => {
  it('reads at 7:1 or more, but for filled marks', () => {
    const onMarks = textPairs.filter(([, ground]) => ground.endsWith('-mark'));
    expect(
      failures(
        theme,
        textPairs.filter((pair) => !onMarks.includes(pair)),
        7,
      ),
    ).toEqual([]);
    expect(failures(theme, onMarks, 4.5)).toEqual([]);
  });
  it('tells shapes apart at 3:1 or more', () => expect(failures(theme, shapePairs, 3)).toEqual([]));
  it('draws borders as dark as its text and outlines marks', () => {
    const tokens = themeTokens(theme);
    expect([tokens.get('border'), tokens.get('border-strong'), tokens.get('mark-line')]).toEqual(
      Array(3).fill(tokens.get('text')),
    );
  });
});

describe('destructive buttons', () => {
  it.each(['light', 'contrast-light'])('read on their fill in %s', (theme) => {
    const tokens = themeTokens(theme);
    expect(contrast(tokens, 'on-danger', 'danger-fill')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens, 'on-danger', 'danger-fill-hover')).toBeGreaterThanOrEqual(4.5);
  });
  it.each(['dark', 'contrast-dark'])('are outlined and read on the ground in %s', (theme) => {
    const tokens = themeTokens(theme);
    expect(tokens.get('danger-fill')).toBe('transparent');
    for (const ground of ['raised', 'subtle', 'danger-fill-hover']) {
      expect(contrast(tokens, 'on-danger', ground)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

it('gives every theme the same tokens', () => {
  const names = (theme: string) =>
    Array.from(themeTokens(theme).keys())
      .filter((name) => !name.startsWith('mark-line'))
      .toSorted();
  for (const theme of ['dark', 'contrast-light', 'contrast-dark']) expect(names(theme)).toEqual(names('light'));
});

it('the formula gives the values of the standard', () => {
  const tokens: Tokens = new Map([
    ['ink', '#777777'],
    ['ground', '#ffffff'],
    ['black', '#000000'],
  ]);
  expect(contrast(tokens, 'black', 'ground')).toBeCloseTo(21, 5);
  expect(contrast(tokens, 'ink', 'ground')).toBeCloseTo(4.48, 2);
});
