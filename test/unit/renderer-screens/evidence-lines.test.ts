// What the screens of evidence hand out as command lines, and how an entry of a stranger's bundle is written out for reading.

import { expect, test } from 'vitest';
import { exportCli, exportCurl, listCurl } from '../../../src-renderer/features/audit/copy-as.ts';
import { entryFacts, printableJson } from '../../../src-renderer/features/bundles/entry-facts.ts';
import { holdLine } from '../../../src-renderer/features/retention/retention-words.ts';

const plain = { filters: {}, reason: '', redact: 'nothing', include: [], fileNames: [] } as const;

test('an export is written as the command that makes the same bundle', () => {
  expect(exportCli(plain)).toBe('gatehouse audit export --out evidence.ghbundle');
  expect(
    exportCli({
      filters: {
        actor: "o'neil & co",
        session_id: '0199-a',
        since: '2026-11-21T00:00:00.000Z',
        resource_type: 'incident',
        resource_id: 'i 1',
        framework: 'soc2',
        control: 'CC6.1',
      },
      reason: '$(reboot)',
      redact: 'people',
      include: ['pdf', 'public_key', 'verifier'],
      fileNames: ['a b.txt'],
    }),
  ).toBe(
    "gatehouse audit export --out evidence.ghbundle --since 2026-11-21T00:00:00.000Z --actor 'o'\\''neil & co' --session 0199-a" +
      " --framework soc2 --control CC6.1 --about 'incident/i 1' --redact people --pdf --with-key --with-verifier" +
      " --attach 'a b.txt' --reason '$(reboot)'",
  );
  // There is no flag for the result: rather no line than one that exports something else.
  expect(exportCli({ ...plain, filters: { success: false } })).toBeUndefined();
});

test('as curl, whatever was typed stands in a quoted address', () => {
  expect(listCurl('https://127.0.0.1:9443', {})).toContain(' https://127.0.0.1:9443/api/v1/audit/entries \\\n');
  const line = exportCurl('https://127.0.0.1:9443', {
    filters: { actor: "x' ; rm -rf ~", success: false },
    reason: 'a&b',
    redact: 'all',
  });
  expect(line).toContain(
    "'https://127.0.0.1:9443/api/v1/audit/export?actor=x%27+%3B+rm+-rf+%7E&success=false&redact=all&reason=a%26b'",
  );
  expect(line).toContain('-o evidence.ghbundle');
});

test('a hold is written as its command, one of a category has none', () => {
  expect(holdLine({ label: " case '7' ", category: 'all', since: '2026-11-01', until: '' })).toBe(
    "gatehouse retention hold 'case '\\''7'\\''' --since '2026-11-01T00:00:00Z'",
  );
  expect(holdLine({ label: 'x', category: 'pii', since: '', until: '' })).toBeUndefined();
});

test('an entry is written out line by line: what can be read, what was kept back, what was erased', () => {
  const entry = {
    leaf: {
      action: 'secret.read',
      event_type: 'credential_access',
      success: false,
      time: '2026-11-21T14:00:03.702Z',
      workspace: 'lab',
      commitments: {
        actor: 'x',
        resource: 'x',
        ip_address: 'x',
        'details.ok': 'x',
        'details.who': 'x',
        'details.n': 'x',
      },
    },
    open: {
      resource: { salt: 's', value: { type: 'secret', id: 'db\u202E' } },
      'details.ok': { salt: 's', value: true },
      'details.n': { salt: 's', value: { a: [1, null] } },
    },
  };
  const facts = entryFacts(JSON.stringify(entry), ['actor']);
  expect(facts?.time).toBe('2026-11-21T14:00:03.702Z');
  expect(facts?.facts.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'Type: credential_access',
    'Actor: erased',
    'Target: secret db\ufffd',
    'Result: refused',
    'Address: kept back',
    'Workspace: lab',
  ]);
  expect(facts?.details).toEqual([
    { name: 'n', value: '{"a":[1,null]}', isGone: false },
    { name: 'ok', value: 'true', isGone: false },
    { name: 'who', value: 'kept back', isGone: true },
  ]);
});

test.each(['', 'null', '[]', '{}', '{"leaf":7}', '{"leaf":{}}', '{"leaf":{"commitments":[]},"open":7', '"leaf"'])(
  '%s is no entry',
  (text) => {
    expect(entryFacts(text, [])).toBeUndefined();
  },
);

test('nothing is taken from the prototype, and odd shapes are told as they are', () => {
  const text = '{"leaf":{"time":{},"success":"yes","actor":null,"commitments":{"constructor":"x"}},"open":{"actor":7}}';
  expect(entryFacts(text, [])).toEqual({
    time: undefined,
    facts: [{ name: 'Result', value: 'yes', isGone: false }],
    details: [],
  });
});

test('what would turn a line around or hide is written as an escape of the same JSON', () => {
  const value = { note: 'a\u202Eb\u200B\u2028\u{E0001}', plain: 'Prüfung 安全 🔐' };
  const shown = printableJson(JSON.stringify(value));
  expect(shown).toBe('{"note":"a\\u202eb\\u200b\\u2028\\udb40\\udc01","plain":"Prüfung 安全 🔐"}');
  expect(JSON.parse(shown)).toEqual(value);
});
