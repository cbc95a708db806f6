// Files of the catalogue as anybody may have written them: what is wrong is said with its place, and nothing else comes out.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CatalogueError, readCatalogue } from '../../../src-main/core/features/frameworks/catalogue-file.ts';

const evidence = `
version: 1
kinds:
  - id: keys
    title: Keys
    entries: [key_create, 'vault_*']
outside:
  - id: people
    reason: people do it
    instead: attach it
`;
const framework = `
id: own
title: Our own
edition: '2026'
sections:
  - ref: S1
    title: First
    controls:
      - { ref: S1.1, title: One, evidence: [keys] }
      - { ref: S1.2, title: Two, outside: people }
`;

const read = (own: string, shared = evidence) =>
  readCatalogue([
    { name: 'own.yml', text: own },
    { name: 'evidence.yml', text: shared },
  ]);

it('reads kinds of evidence and a framework', () => {
  expect(read(framework)).toEqual({
    version: 1,
    kinds: [{ id: 'keys', title: 'Keys', eventTypes: ['key_create', 'vault_lock', 'vault_unlock'] }],
    frameworks: [
      {
        id: 'own',
        title: 'Our own',
        edition: '2026',
        unit: null,
        sections: [
          {
            ref: 'S1',
            title: 'First',
            controls: [
              {
                ref: 'S1.1',
                title: 'One',
                evidence: ['keys'],
                eventTypes: ['key_create', 'vault_lock', 'vault_unlock'],
                noEvidence: null,
              },
              { ref: 'S1.2', title: 'Two', evidence: [], eventTypes: [], noEvidence: 'people do it; attach it' },
            ],
          },
        ],
      },
    ],
  });
});

it.each([
  ['nothing', '', 'own.yml: expected one document'],
  ['a list', '- a', 'own.yml: '],
  ['two documents', `${framework}---${framework}`, 'own.yml: expected one document'],
  ['no YAML', 'a: [', 'own.yml, line 1'],
  ['a member twice', `${framework}id: other\n`, 'own.yml, line'],
  ['a member that is not known', `${framework}owner: me\n`, 'Unrecognized key'],
  [
    'a member of a control that is not known',
    framework.replace('title: One', 'title: One, status: met'),
    'sections.0.controls.0',
  ],
  ['neither evidence nor a reason', framework.replace(', outside: people', ''), 'expected either evidence or outside'],
  [
    'both',
    framework.replace('outside: people', 'outside: people, evidence: [keys]'),
    'expected either evidence or outside',
  ],
  ['no evidence at all', framework.replace('[keys]', '[]'), 'sections.0.controls.0.evidence'],
  [
    'evidence that is not there',
    framework.replace('[keys]', '[keyz]'),
    'own.yml: S1.1: keyz is no kind of evidence of evidence.yml; did you mean keys?',
  ],
  ['evidence twice', framework.replace('[keys]', '[keys, keys]'), 'own.yml: S1.1: keys stands there twice'],
  [
    'a reason that is not there',
    framework.replace('outside: people', 'outside: constructor'),
    'constructor is no reason of evidence.yml',
  ],
  ['a number twice', framework.replace('ref: S1.2', 'ref: s1.1'), 'own.yml: s1.1 stands there twice'],
  ['a control named as its section', framework.replace('ref: S1.2', 'ref: S1'), 'own.yml: s1 stands there twice'],
  ['a number as a number', framework.replace('ref: S1.2', 'ref: 1.20'), 'sections.0.controls.1.ref'],
  ['a line break', framework.replace('title: Our own', 'title: "a\\nb"'), 'title: expected one line of text'],
  [
    'letters that turn the text around',
    framework.replace('title: Our own', 'title: "a\\u202eb"'),
    'expected one line of text',
  ],
  ['an escape sequence', framework.replace('title: Our own', 'title: "\\e[2J"'), 'expected one line of text'],
  ['a lone surrogate', framework.replace('title: Our own', 'title: "\\ud800"'), 'own.yml'],
  ['blanks at the end', framework.replace('title: Our own', 'title: "a "'), 'expected no blanks at its ends'],
  ['a long title', framework.replace('title: Our own', `title: ${'a'.repeat(201)}`), 'title'],
  ['an id that is a path', framework.replace('id: own', 'id: ../own'), 'id: expected small letters'],
  ['no controls', 'id: own\ntitle: O\nedition: E\nsections: []\n', 'sections'],
  ['deep nesting', `${framework}x: ${'['.repeat(60)}${']'.repeat(60)}\n`, 'nested deeper'],
  [
    'aliases that grow',
    `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n`,
    'aliases',
  ],
  ['a file too large', `${framework}# ${'a'.repeat(1_100_000)}\n`, 'larger than 1 MiB'],
])('refuses a framework with %s', (_what, text, said) => {
  expect(() => read(text)).toThrow(CatalogueError);
  expect(() => read(text)).toThrow(said);
});

it.each([
  [
    'a type that is not there',
    evidence.replace('key_create', 'key_creat'),
    'key_creat is no type of audit entry; did you mean key_create?',
  ],
  [
    'a wildcard that stands for nothing',
    evidence.replace('vault_*', 'nothing_*'),
    'nothing_* is no type of audit entry',
  ],
  ['a wildcard for everything', evidence.replace("'vault_*'", "'*'"), 'expected an entry type'],
  ['a wildcard in the middle', evidence.replace('vault_*', '*_lock'), 'expected an entry type'],
  ['a member of every object', evidence.replace('key_create', 'constructor'), 'constructor is no type of audit entry'],
  ['an id twice', evidence.replace('id: people', 'id: keys'), 'evidence.yml: keys stands there twice'],
  ['no version', evidence.replace('version: 1', 'version: one'), 'evidence.yml: version'],
])('refuses evidence with %s', (_what, text, said) => {
  expect(() => read(framework, text)).toThrow(CatalogueError);
  expect(() => read(framework, text)).toThrow(said);
});

it('refuses a framework twice, and frameworks without evidence', () => {
  const source = { name: 'own.yml', text: framework };
  const shared = { name: 'evidence.yml', text: evidence };
  expect(() => readCatalogue([source, { ...source, name: 'again.yml' }, shared])).toThrow('own stands there twice');
  expect(() => readCatalogue([source])).toThrow('evidence.yml is missing');
});

it('reads or refuses whatever is written, and never fails otherwise', () => {
  const pieces = fc.constantFrom(
    ...framework.split(/(?<=\n)/),
    ...evidence.split(/(?<=\n)/),
    '&a',
    '*a',
    '!!binary x',
    '? ',
    '- ',
    '  ',
    '"',
    '\u0000',
    '\ud800',
    '__proto__: {}\n',
    '<<: *a\n',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    // One place of a good file replaced by anything.
    fc
      .tuple(fc.nat(framework.length), fc.nat(20), fc.string({ unit: 'grapheme' }))
      .map(([at, cut, put]) => framework.slice(0, at) + put + framework.slice(at + cut)),
  );
  fc.assert(
    fc.property(text, fc.boolean(), (given, isEvidence) => {
      try {
        const { frameworks } = isEvidence ? read(framework, given) : read(given);
        for (const { sections } of frameworks)
          for (const { controls } of sections)
            for (const { eventTypes, noEvidence } of controls) expect(eventTypes.length > 0).toBe(noEvidence === null);
      } catch (error) {
        expect(error).toBeInstanceOf(CatalogueError);
      }
    }),
    { numRuns: 1_000 },
  );
});
