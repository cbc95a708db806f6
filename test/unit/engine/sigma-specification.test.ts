// The Sigma 2.1 specification, a sentence at a time: what each must match and what not, decided from its text and not from the engine.
import { describe, expect, it } from 'vitest';
import { refusal, sigmaEvent, sigmaHead, titles } from '../../support/sigma-titles.ts';

/** @param detection the lines below `detection:`. */
function rule(detection: string): string {
  const lines = detection.split('\n').map((line) => `  ${line}`);
  return `title: T\nid: t1\n${sigmaHead}detection:\n${lines.join('\n')}\n`;
}

const b64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');
const raw = String.raw;

/** One field `F`: what its search says, values that match, values that don't. `undefined` is an event without the field. */
const fields: readonly [search: string, matches: readonly unknown[], others: readonly unknown[]][] = [
  ['F: abc', ['abc', 'ABC', ['x', 'abc']], ['abcd', null, undefined, { a: 'abc' }]],
  ['F: [abc, 5]', ['ABC', 5, '5'], ['abc5', 55]],
  ["F: ''", [''], [undefined, null, ' ', []]],
  ['F: null', [undefined, null], ['', 'null', 0, false]],
  ['F: ~', [undefined, null], ['']],
  ['F:', [undefined, null], ['']],
  ['F: 4625', [4625, '4625'], [46250, '04625']],
  ['F: 1.5', [1.5, '1.5'], [15]],
  ['F: true', [true, 'true', 'True'], [false, 1, undefined]],
  ['F: yes', ['yes', 'YES'], [true]],
  ['F: 2026-11-21', ['2026-11-21'], ['2026']],
  // Wildcards and escapes.
  ["F: 'a*c'", ['ac', 'abbc', 'A\n\nC'], ['acd']],
  ["F: 'a?c'", ['abc', 'a\u00e9c', 'a\u{1f600}c'], ['ac', 'abbc', 'a\u{1f600}\u{1f600}c']],
  ["F: 'a*?\u{1f600}'", ['axx\u{1f600}', 'a\u{1f601}\u{1f600}'], ['a\u{1f600}', 'axx\u{1f601}']],
  ["F: '*'", ['', 'x', 0], [undefined, null]],
  ["F: '?'", ['x', 5, '\u{1f600}'], ['', 'xx']],
  [raw`F: 'a\*c'`, ['a*c'], ['abc', raw`a\*c`]],
  [raw`F: 'a\?c'`, ['a?c'], ['abc']],
  [raw`F: 'a\\*'`, [raw`a\bcd`, raw`a\\x`], ['a*', 'ab']],
  [raw`F: 'a\\\*'`, [raw`a\*`], [raw`a\b`, raw`a\\*`]],
  [raw`F: 'a\\b'`, [raw`a\b`], [raw`a\\b`]],
  [raw`F: 'a\\\b'`, [raw`a\\b`], [raw`a\b`]],
  [raw`F: 'a\\\\b'`, [raw`a\\b`], [raw`a\b`, raw`a\\\b`]],
  [raw`F: 'C:\'`, ['C:\\'], ['C:', 'C:\\\\']],
  [raw`F|contains: '\Temp\'`, [raw`C:\temp\x`], [raw`C:\temp`]],
  [raw`F|startswith: '\\\\host'`, [raw`\\host\x`], [raw`\host`]],
  // Comparisons.
  ['F|contains: b', ['abc', 'B'], ['ac', '']],
  ["F|contains: 'a*b'", ['xxaxxbxx'], ['ba']],
  [raw`F|endswith: '\a*.exe'`, [raw`C:\abc.exe`], [raw`C:\abc.exe2`]],
  ["F|startswith: '?b'", ['abz'], ['b']],
  ['F|contains|all: [a, b]', ['xbya'], ['a', 'b']],
  ['F|all|contains: [a, b]', ['ba'], ['b']],
  ['F|startswith|all: [a, ab]', ['abz'], ['az']],
  ['F|endswith|all: [c, bc]', ['abc'], ['ac']],
  ['F|cased: Abc', ['Abc'], ['abc', 'ABC']],
  ["F|cased: 'A*z?'", ['Ahhz1'], ['ahhz1', 'AhhZ1']],
  ['F|contains|all|cased: [A, b]', ['xbAx'], ['ab', 'AB']],
  ['F|exists: true', ['a', '', null, 0, false, [], {}], [undefined]],
  ['F|exists: false', [undefined], ['a', '', null]],
  ['F|neq: a', ['b', ''], ['a', 'A', undefined, null]],
  ['F|neq: [a, b]', ['c', ['c', 'd']], ['a', 'b', ['a', 'c']]],
  ['F|contains|neq: x', ['b'], ['axa']],
  ['F|neq|startswith: x', ['bx'], ['xa']],
  ['F|re|neq: ^x', ['bx'], ['xa', undefined]],
  ['F|gt|neq: 5', [5, 4], [6, undefined]],
  ["F|neq: ''", ['a'], ['', null, undefined]],
  // Dashes: `-`, `/`, en dash, em dash and horizontal bar, in every combination.
  [
    "F|windash|contains: ' -enc '",
    ['p -enc x', 'p /ENC x', 'p –enc x', 'p —enc x', 'p ―enc x'],
    ['p enc x', 'p −enc x'],
  ],
  ["F|contains|windash: ' /c '", ['cmd -c x', 'cmd /c x', 'cmd ―c x'], ['cmd c x']],
  ["F|windash|contains: ' -a /b'", ['x -a /b', 'x /a -b', 'x –a —b'], ['x -a b']],
  ["F|windash|contains|all: [' -a ', ' -b ']", ['x /a  -b '], ['x /a ']],
  ["F|cased|windash|contains: ' -E '", ['x /E y', 'x -E y'], ['x /e y']],
  ["F|windash|neq: '-h'", ['x'], ['/h', '-H']],
  // Encodings.
  ["F|base64: 'http://'", [b64('http://')], ['http://', `x${b64('http://')}`]],
  [
    'F|base64offset|contains: [ftp://evil, http://evil]',
    ['', 'x', 'xx'].flatMap((before) => [b64(`${before}http://evil.example`), b64(`${before}ftp://evil!`)]),
    ['http://evil', b64('http://good')],
  ],
  [
    'F|base64offset|contains|cased: http://evil',
    [b64('http://evil.example')],
    [b64('http://evil.example').toLowerCase()],
  ],
  [
    'F|utf16le|base64offset|contains: Invoke-',
    ['', ' ', '  ', 'ab '].map((before) => b64(`${before}Invoke-X`, 'utf16le')),
    [b64('Invoke-X')],
  ],
  ['F|wide|base64|contains: abc', [b64('abc', 'utf16le')], [b64('abc')]],
  ['F|utf16be|base64: abc', [Buffer.from('abc', 'utf16le').swap16().toString('base64')], [b64('abc', 'utf16le')]],
  ['F|utf16|base64: abc', [b64('\ufeffabc', 'utf16le')], [b64('abc', 'utf16le')]],
  ["F|base64: 'ä€'", [b64('ä€')], []],
  // Expressions.
  ['F|re: a.c', ['xabcx'], ['ABC', 'a\nc']],
  ['F|re|i: a.c', ['xABCx'], ['a\nc']],
  ['F|re|s: a.c', ['xa\ncx'], ['A\nC']],
  ['F|re|m: ^b$', ['a\nb\nc'], ['abc']],
  ['F|re: ^b$', ['b'], ['a\nb\nc']],
  ['F|re|i|m|s: ^b.c$', ['a\nB\nC\nd'], ['ab\nc']],
  ['F|re|all: [^a, z$]', ['abz'], ['ab', 'Abz']],
  [raw`F|re: '\\[a-z]\.exe'`, [raw`c:\a.exe`], [raw`c:\axexe`]],
  ['F|re: ^46..$', [4625, '4625'], [14625]],
  // Networks: an address stands alone and in full.
  [
    'F|cidr: [10.0.0.0/8, "fe80::/10", "2001:db8::/32"]',
    ['10.1.2.3', 'fe80::1', 'FEBF::1', '2001:DB8:ffff::9', '::ffff:10.0.0.1', 'fe80::1%eth0'],
    ['11.0.0.1', 'fec0::1', '2001:db9::1', '10.1.2', '10', 10, '10.1.2.3.4', '0x0a000001', '010.0.0.1', '', 'x'],
  ],
  ['F|cidr: 0.0.0.0/0', ['192.0.2.7'], ['abc', 7, '7', '1.2', '2001:db8::1']],
  ['F|cidr: 192.0.2.7/32', ['192.0.2.7'], ['192.0.2.8']],
  ['F|cidr: "::ffff:10.0.0.0/104"', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.1.2.3']],
  ['F|cidr|neq: 10.0.0.0/8', ['11.2.3.4'], ['10.2.3.4', undefined]],
  // Numbers.
  ['F|gt: 5', [6, '6', '5.5', 1e9], [5, '5', 'x', undefined, null, '', true, '-7']],
  ['F|gte: -1.5', [-1.5, '-1.5', 0, -0], [-2]],
  ["F|lt: '10'", [9, '9'], [10, 'abc', '']],
  ['F|lte: 3', [3, '3.0'], [4]],
  ['F|gt: [5, 10]', [6], [5]],
  ['F|gt|all: [5, 10]', [11], [6]],
  // Dates, whatever zone they name.
  [
    'F|hour: 7',
    ['2026-11-21T07:50:12Z', '2026-11-21 07:50:12', '2026-11-21T07:50:12+05:00'],
    ['2026-11-21T08:50:12Z', 'x', undefined, '2026-11-21'],
  ],
  ['F|hour|gte: 22', ['2026-11-21T23:50:12.123456Z'], ['2026-11-21T08:50:12Z']],
  ['F|minute: [0, 30]', ['2026-11-21T07:30:12Z', '2026-11-21T07:00:12Z'], ['2026-11-21T07:31:00Z']],
  ['F|day: 1', ['2026-11-01T07:30:12Z', '2026-11-01'], ['2026-11-11T07:31:00Z']],
  ['F|week: 53', ['2026-12-31T07:30:12Z', '2027-01-01T00:00:00Z'], ['2025-12-31T07:31:00Z']],
  ['F|month|lt: 12', ['2026-11-01T07:30:12Z'], ['2026-12-11T07:31:00Z']],
  ['F|year|neq: 2025', ['2026-11-01T07:30:12Z'], ['2025-12-11T07:31:00Z', undefined]],
  // Placeholders only where they are asked for.
  ["F: '%Admins%'", ['%admins%'], ['x']],
  [raw`F|expand: '\%plain'`, ['%plain'], ['plain']],
];

describe('a field', () => {
  it.each(fields)('%s', (search, matches, others) => {
    const fires = (value: unknown) =>
      titles(rule(`s:\n  ${search}\ncondition: s`), sigmaEvent(value === undefined ? { G: 1 } : { F: value }))[0]
        ?.length === 1;
    expect(matches.filter((value) => !fires(value))).toEqual([]);
    expect(others.filter((value) => fires(value))).toEqual([]);
  });
});

/** Whole detections over whole events. */
const detections: readonly [
  detection: string,
  matches: readonly Record<string, unknown>[],
  others: readonly Record<string, unknown>[],
][] = [
  [
    's: {F|fieldref: G}\ncondition: s',
    [
      { F: 'a', G: 'A' },
      { F: 5, G: '5' },
      { F: 'a*', G: 'a*' },
    ],
    [{ F: 'abc', G: 'a*' }, { F: 'a' }, {}],
  ],
  ['s: {F|fieldref|startswith: G}\ncondition: s', [{ F: 'ayy', G: 'A' }], [{ F: 'xa', G: 'a' }]],
  ['s: {F|endswith|fieldref: G}\ncondition: s', [{ F: 'xa', G: 'A' }], [{ F: 'ax', G: 'a' }]],
  ['s: {F|fieldref|contains|neq: G}\ncondition: s', [{ F: 'a', G: 'b' }], [{ F: 'ab', G: 'b' }, { F: 'ab' }]],
  ['s: {F|fieldref|cased: G}\ncondition: s', [{ F: 'a', G: 'a' }], [{ F: 'a', G: 'A' }]],
  [
    's: {F|fieldref|all: [G, H.i]}\ncondition: s',
    [{ F: 'a', G: 'a', H: { i: 'a' } }],
    [{ F: 'a', G: 'a', H: { i: 'b' } }],
  ],
  ['s: {F|gt: 5, F|lt: 10}\ncondition: s', [{ F: 6 }], [{ F: 5 }, { F: 10 }]],
  ['s:\n  - {F: a, G: b}\n  - H: c\ncondition: s', [{ F: 'a', G: 'b' }, { H: 'c' }], [{ F: 'a' }, { G: 'b' }]],
  [
    "k: [evil.exe, 'foo bar', 4711]\ncondition: k",
    [{ F: 'x EVIL.exe y' }, { G: { h: 'a foo bar' } }, { H: ['z', 4711] }],
    [{ F: 'foo  bar' }, { 'evil.exe': 1 }],
  ],
  ["k:\n  '|all': [aa1, bb2]\ncondition: k", [{ F: 'aa1', G: 'bb2' }, { F: 'bb2 aa1' }], [{ F: 'aa1' }]],
  ["k:\n  '|all|cased': [Aa1, Bb2]\ncondition: k", [{ F: 'Aa1', G: 'Bb2' }], [{ F: 'aa1 bb2' }]],
  [
    "k: ['ab*yz', 'm\\*n', {F: zz}]\ncondition: k",
    [{ F: '12ab..yz34' }, { G: 'm*n' }, { F: 'zz' }],
    [{ F: 'ab', G: 'yz' }, { G: 'mxn' }, { G: 'zz' }],
  ],
  [
    's: {a.b.c: 1}\ncondition: s',
    [{ a: { b: { c: 1 } } }, { 'a.b.c': 1 }, { a: [{ b: { c: 2 } }, { b: { c: 1 } }] }],
    [{ a: { b: { c: 2 } } }, { c: 1 }],
  ],
  ["s: {'New Value': x}\ncondition: s", [{ 'New Value': 'x' }], [{ New: 'x' }]],
  ['s: {F.length: 1}\ncondition: s', [{ F: { length: 1 } }], [{ F: 'a' }, { F: ['b'] }]],
  ['s: {constructor|exists: true}\ncondition: s', [{ constructor: 1 }], [{ F: 1 }]],
  ['__proto__: {toString|contains: a}\ncondition: __proto__', [{ toString: 'a' }], [{ F: 'a' }]],
  // Conditions: or binds least, then and, not, of, parentheses.
  [
    'a: {F: a}\nb: {G: b}\nc: {H: c}\ncondition: a or b and c',
    [{ F: 'a' }, { G: 'b', H: 'c' }],
    [{ G: 'b' }, { H: 'c' }],
  ],
  ['a: {F: a}\nb: {G: b}\ncondition: not a and b', [{ G: 'b' }], [{ F: 'a', G: 'b' }, { H: 1 }]],
  ['a: {F: a}\nb: {G: b}\ncondition: (a)AND(not(b))', [{ F: 'a' }], [{ F: 'a', G: 'b' }]],
  ['a: {F: a}\nb: {G: b}\ncondition: not all of them', [{ F: 'a' }, { H: 1 }], [{ F: 'a', G: 'b' }]],
  ['a: {F: a}\nb: {G: b}\n_c: {H: c}\ncondition: 1 of them', [{ F: 'a' }, { G: 'b' }], [{ H: 'c' }]],
  ['a: {F: a}\nb: {G: b}\n_c: {H: c}\ncondition: all of them', [{ F: 'a', G: 'b' }], [{ F: 'a', H: 'c' }]],
  [
    'sel_a: {F: a}\nsel_b: {G: b}\nfilter_x: {X: 1}\nfilter_y: {Y: 1}\ncondition: 1 of sel* and not 1 of filter*',
    [{ F: 'a' }, { G: 'b', X: 2 }],
    [
      { F: 'a', X: 1 },
      { G: 'b', Y: 1 },
    ],
  ],
  ['all: {F: a}\nthem: {G: b}\ncondition: all and them', [{ F: 'a', G: 'b' }], [{ F: 'a' }]],
  ['a: {F: a}\nb: {G: b}\ncondition: [a, b]', [{ F: 'a' }, { G: 'b' }], [{ H: 1 }]],
];

describe('a detection', () => {
  it.each(detections)('%s', (detection, matches, others) => {
    const fires = (details: Record<string, unknown>) => titles(rule(detection), sigmaEvent(details))[0]?.length === 1;
    expect(matches.filter((details) => !fires(details))).toEqual([]);
    expect(others.filter((details) => fires(details))).toEqual([]);
  });

  it.each([
    ['a: {F: a}\ncondition: 2 of them', '"2 of" is not supported'],
    ['a: {F: a}\ncondition: a and c', 'condition names "c", which detection does not have'],
    ['a: {F: a}\ncondition: (a', 'expected a closing parenthesis'],
    ["a: {F: a}\ncondition: ''", 'expected a search name'],
    ['a: {F|re|contains: a}\ncondition: a', 'modifiers re and contains exclude each other'],
    ['a: {F|i: a}\ncondition: a', 'modifier i must follow re'],
    ['a: {F|cidr: 10/8}\ncondition: a', '"10/8" is not a network'],
    ['a: {F|cidr: 10.0.0.0/33}\ncondition: a', 'is not a network'],
    ['a: {F|gt: abc}\ncondition: a', 'gt needs a number'],
    ['a: {<<: {F: a}, G: b}\ncondition: a', 'detection.a: merge keys (<<) are not read'],
    ['a: {F: a}\n<<: {b: {G: b}}\ncondition: a', 'detection: merge keys (<<) are not read'],
    ['a: {F|base64: a*}\ncondition: a', 'base64 of a value with wildcards'],
  ])('is refused with the reason: %s', (detection, reason) => {
    expect(refusal(rule(detection))).toContain(reason);
  });
});
