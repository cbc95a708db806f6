// The readers of import files: what dotenv and RFC 4180 say, files that are broken, and round trips of whatever a writer can write.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from '../../../src-main/core/features/secrets/import-csv.ts';
import { readEnv } from '../../../src-main/core/features/secrets/import-env.ts';
import type { ImportFile } from '../../../src-main/core/features/secrets/import-file.ts';

const values = ({ records, faults }: ImportFile): unknown => {
  expect(faults).toEqual([]);
  return Object.fromEntries(records.map(({ name, fields }) => [name, fields.value]));
};
const canary = 'canary7f3a';

test('.env: names, quotes, comments, escapes and lines', () => {
  const text = [
    '\uFEFF# the shop',
    '',
    'PLAIN=value',
    '  export SPACED = two words   # said later',
    "SINGLE='it\\n stays # so'  # comment",
    'DOUBLE="line\\nnext\\t\\"q\\" \\\\ \\$HOME \\x"',
    'HASH=a#b',
    'LITERAL=$PLAIN-$(PLAIN)',
    'KEY="-----BEGIN KEY-----',
    'MIIB#x',
    '-----END KEY-----"',
    "POEM='one",
    "two'",
    'dotted.name-1=x==',
    'LAST=end',
  ].join('\r\n');
  expect(values(readEnv(text))).toEqual({
    PLAIN: 'value',
    SPACED: 'two words',
    SINGLE: 'it\\n stays # so',
    DOUBLE: 'line\nnext\t"q" \\ $HOME \\x',
    HASH: 'a#b',
    LITERAL: '$PLAIN-$(PLAIN)',
    KEY: '-----BEGIN KEY-----\nMIIB#x\n-----END KEY-----',
    POEM: 'one\ntwo',
    'dotted.name-1': 'x==',
    LAST: 'end',
  });
  expect(readEnv(text).records.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8, 9, 12, 14, 15]);
});

test('.env: an empty value is read as such, so that it can be refused by name', () => {
  expect(values(readEnv('A=\nB=""\nC= # none\n'))).toEqual({ A: '', B: '', C: '' });
});

test.each([
  ['words', `${canary} ${canary}`, 1],
  ['no name', `=${canary}`, 1],
  ['a name that begins with a digit', `1A=${canary}`, 1],
  ['YAML', `NAME: ${canary}`, 1],
  ['backticks', `A=\`${canary}\``, 1],
  ['text after a quote', `A="${canary}"${canary}`, 1],
  ['a quote that never ends', `A=1\nB="${canary}\nC=2\n`, 2],
  ['a quote whose end is escaped', `A="${canary}\\"`, 1],
  ['a single quote that never ends', `A='${canary}\n`, 1],
])('.env: a broken line is named by its number and not repeated: %s', (_, text, line) => {
  const { faults } = readEnv(text);
  expect(faults.map((fault) => fault.line)).toEqual([line]);
  expect(JSON.stringify(faults)).not.toContain(canary);
});

test('.env: lines around a broken one are read; a file of nothing but broken lines ends after fifty', () => {
  const { records, faults } = readEnv('A=1\nbroken\nB=2\n"C=3\n');
  expect(records.map(({ name }) => name)).toEqual(['A', 'B']);
  expect(faults.map(({ line }) => line)).toEqual([2, 4]);
  expect(readEnv('broken\n'.repeat(1000)).faults).toHaveLength(50);
});

test('.env: what is written with quotes comes back', () => {
  const quoted = (text: string): string =>
    `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
  const entries = fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/), fc.string({ unit: 'binary' }), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(entries, fc.constantFrom('\n', '\r\n'), fc.boolean(), (entry, end, exported) => {
      const text = Object.entries(entry).map(([name, value]) => `${exported ? 'export ' : ''}${name}=${quoted(value)}`);
      expect(values(readEnv(text.join(end)))).toEqual({ ...entry });
    }),
  );
});

test('CSV: columns in any order, quotes, line ends within cells, tags', () => {
  const text =
    '\uFEFFValue,name,TYPE,description,owner,tags,expires_at\r\n' +
    'plain,a,,,,,\r\n' +
    '"with ""quotes"", commas\r\nand lines",db/b,note,"a, b",ann,x; y,2027-01-31T00:00:00Z\r\n' +
    '\r\n' +
    "' = not a formula ,c,,,,,";
  expect(readCsv(text)).toEqual({
    faults: [],
    records: [
      { line: 2, name: 'a', fields: { value: 'plain' } },
      {
        line: 3,
        name: 'db/b',
        fields: {
          value: 'with "quotes", commas\r\nand lines',
          type: 'note',
          description: 'a, b',
          owner: 'ann',
          tags: ['x', 'y'],
          expires_at: '2027-01-31T00:00:00Z',
        },
      },
      { line: 6, name: 'c', fields: { value: "' = not a formula " } },
    ],
  });
});

test.each([
  ['no line of columns', `db/a,${canary}\n`, 1],
  ['an empty file', '', 1],
  ['an unknown column', `name,value,${canary}\na,b,c\n`, 1],
  ['a column twice', 'name,value,value\na,b,c\n', 1],
  ['too few cells', `name,value\na,b\n${canary}\n`, 3],
  ['too many cells', `name,value\na,b,${canary}\n`, 2],
  ['a quote within a cell', `name,value\na,${canary}"x\n`, 2],
  ['text after a quote', `name,value\na,"${canary}"x\n`, 2],
  ['a quote that never ends', `name,value\na,b\nc,"${canary}\n\n\n`, 3],
  ['a lone carriage return after a quote', `name,value\na,"${canary}"\rb,c\n`, 2],
])('CSV: a broken line is named by its number and not repeated: %s', (_, text, line) => {
  const { faults } = readCsv(text);
  expect(faults.map((fault) => fault.line)).toEqual([line]);
  expect(JSON.stringify(faults)).not.toContain(canary);
});

test('CSV: what RFC 4180 lets be written comes back', () => {
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = fc.array(fc.tuple(fc.stringMatching(/^[a-z/]{1,20}$/), fc.string({ unit: 'binary', minLength: 1 })));
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), (entries, end) => {
      const text = [['name', 'value'], ...entries].map((row) => row.map(cell).join(',')).join(end);
      const { records, faults } = readCsv(text);
      expect(faults).toEqual([]);
      expect(records.map(({ name, fields }) => [name, fields.value])).toEqual(entries);
    }),
  );
});

test('any text is read or refused, with lines that are there, and nothing of it is repeated', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('a', '=', '"', "'", '\\', '\n', '\r', ',', '#', ' ', '`', '\u0000'),
        maxLength: 60,
      }),
      (noise) => {
        const text = `name,value\n${noise}`;
        const lines = text.split('\n').length;
        for (const { records, faults } of [readEnv(text), readCsv(text)]) {
          for (const { line } of [...records, ...faults]) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(Math.max(lines, text.split(/\r\n?|\n/).length));
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('files of the largest size that look quoted, commented and escaped throughout are read to their end', () => {
  const large = (unit: string): string => unit.repeat(Math.floor(900_000 / unit.length));
  expect(readEnv(large('A="')).faults).toHaveLength(1);
  expect(readEnv(large("A='x'")).faults).toHaveLength(1);
  expect(readEnv(large('A=b #')).records).toHaveLength(1);
  // A separator that ends a line for expressions and not for files.
  expect(readEnv(`A=b${large(' #')}\u2028`).records).toEqual([{ line: 1, name: 'A', fields: { value: 'b' } }]);
  expect(readEnv(large('\\"\n')).faults).toHaveLength(50);
  expect(readEnv(large('A=b\n')).records).toHaveLength(225_000);
  expect(readCsv(`name,value\n${large('"a""",')}`).faults).toHaveLength(1);
  expect(readCsv(`name,value\n${large('\n,')}`).records).toHaveLength(450_000);
  expect(readCsv(`name,value\n"${large('""')}`).faults).toHaveLength(1);
});
