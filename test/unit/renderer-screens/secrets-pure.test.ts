// What the vault's screen works out without asking: the query and its address, folders and how keys move in them, views, words, drafts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatePassword } from '../../../src-main/core/features/secrets/generate.ts';
import { providerSentence } from '../../../src-renderer/app/provider-words.ts';
import { createLines, importLines, readLines, rotateLines } from '../../../src-renderer/features/secrets/copy-as.ts';
import { generatedBits, generatedStrength } from '../../../src-renderer/features/secrets/generator.ts';
import { formatOf, outcomeSentence } from '../../../src-renderer/features/secrets/import-words.ts';
import { dueAt, grantConsequence, grantWords, splitName } from '../../../src-renderer/features/secrets/secret-words.ts';
import {
  addressOf,
  isInView,
  knownTags,
  matching,
  noSecretsQuery,
  secretsQueryOf,
  type View,
  viewCounts,
} from '../../../src-renderer/features/secrets/secrets-query.ts';
import { foldersOf, treeMove, visibleFolders } from '../../../src-renderer/features/secrets/secrets-tree.ts';
import {
  contentOf,
  draftFault,
  emptyDraft,
  parseDay,
  parseDays,
  tagsOf,
} from '../../../src-renderer/features/secrets/value-draft.ts';
import { secretName } from '../../../src-shared/contract/secrets.ts';
import type { ProviderStatus } from '../../../src-shared/contract/settings.ts';
import { createTestHost } from '../../support/host.ts';
import { at, secretOf, start } from './secret-rows.ts';

const segment = fc.stringMatching(/^[a-z0-9_.-]{1,6}$/).filter((text) => text !== '.' && text !== '..');
const nameArbitrary = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));

describe('query', () => {
  it('comes back from its address as it was', () => {
    const query = {
      ...noSecretsQuery,
      path: 'db/orders',
      view: 'due',
      type: 'api_key',
      state: 'expired',
      tag: 'prod',
    } as const;
    expect(secretsQueryOf(addressOf(query))).toEqual(query);
    expect(addressOf(noSecretsQuery)).toEqual({});
  });

  it('takes no word of an address that it does not know', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('path', 'text', 'view', 'type', 'state', 'tag', 'x'), fc.string()),
        (address) => {
          const query = secretsQueryOf(address);
          expect(secretsQueryOf(addressOf(query))).toEqual({
            ...query,
            text: query.text.trim() === '' ? '' : query.text,
            tag: query.tag.trim() === '' ? '' : query.tag,
            path: query.path.trim() === '' ? '' : query.path,
          });
          expect(query.path).not.toMatch(/^\/|\/$/);
        },
      ),
    );
  });

  it('keeps to whole folders, and words look in all of them', () => {
    const rows = ['db/a', 'db-2/b', 'dbx', 'db/x/c'].map((name) => secretOf(name));
    const names = (part: object) => matching(rows, { ...noSecretsQuery, ...part }, start).map(({ name }) => name);
    expect(names({ path: 'db' })).toEqual(['db/a', 'db/x/c']);
    expect(names({ path: 'db', text: 'anything' })).toHaveLength(4);
  });
});

describe('views', () => {
  const views = (part: object) =>
    (['due', 'overdue', 'expiring', 'unread'] as View[]).filter((view) => isInView(secretOf('a', part), view, start));
  const fresh = { created_at: at(-5), changed_at: at(-5) };
  it.each([
    [{ ...fresh, rotation_due_at: at(29) }, ['due']],
    [{ ...fresh, rotation_due_at: at(31) }, []],
    [{ ...fresh, rotation_due_at: at(-1), state: 'rotation_due' }, ['overdue']],
    [{ ...fresh, expires_at: at(6), state: 'expiring' }, ['expiring']],
    [{ ...fresh, expires_at: at(-6), state: 'expired' }, ['expiring']],
    [{ last_read_at: at(-91) }, ['unread']],
    [{ last_read_at: at(-89) }, []],
    [{ created_at: at(-91) }, ['unread']],
    [fresh, []],
  ])('%j is in %j', (part, expected) => expect(views(part)).toEqual(expected));

  it('count what they show', () => {
    const rows = [
      secretOf('a', { rotation_due_at: at(3), last_read_at: at(-1) }),
      secretOf('b', { rotation_due_at: at(-3) }),
    ];
    const counts = viewCounts(rows, 4, start);
    expect(counts).toEqual({ due: 1, overdue: 1, expiring: 0, unread: 1, deleted: 4 });
    for (const view of ['due', 'overdue', 'expiring', 'unread'] as const)
      expect(matching(rows, { ...noSecretsQuery, view }, start)).toHaveLength(counts[view]);
  });

  it('tags come by how often they are used', () => {
    expect(knownTags([secretOf('a', { tags: ['x', 'prod'] }), secretOf('b', { tags: ['prod', 'a'] })])).toEqual([
      'prod',
      'a',
      'x',
    ]);
  });
});

describe('folders', () => {
  it('count what lies in and below them', () => {
    expect(
      foldersOf(['db/orders/a', 'db/orders/b', 'db/billing/a', 'db-2/a', 'top']).map(
        ({ path, count, level, hasChildren }) => [path, count, level, hasChildren],
      ),
    ).toEqual([
      ['db', 3, 1, true],
      ['db/billing', 1, 2, false],
      ['db/orders', 2, 2, false],
      ['db-2', 1, 1, false],
    ]);
  });

  it('follow the one they lie in, and their counts add up, whatever the names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(nameArbitrary, { maxLength: 40 }), (names) => {
        for (const name of names) expect(secretName.safeParse(name).success).toBe(true);
        const folders = foldersOf(names);
        const order = folders.map(({ path }) => path);
        for (const { path, count } of folders) {
          expect(count).toBe(names.filter((name) => name.startsWith(`${path}/`)).length);
          const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
          if (parent !== '') {
            const between = order.slice(order.indexOf(parent) + 1, order.indexOf(path));
            expect(order.indexOf(parent)).toBeGreaterThanOrEqual(0);
            expect(between.every((each) => each.startsWith(`${parent}/`))).toBe(true);
          }
        }
      }),
    );
  });

  it('open, close and move by the arrow keys', () => {
    const folders = foldersOf(['db/orders/a', 'ci/b']);
    const closed = new Set<string>();
    const open = new Set(['db']);
    const move = (key: string, path: string, isOpen: ReadonlySet<string>) =>
      treeMove(key, path, visibleFolders(folders, isOpen), isOpen);
    expect(visibleFolders(folders, closed).map(({ path }) => path)).toEqual(['ci', 'db']);
    expect(move('ArrowDown', '', closed)).toEqual({ kind: 'focus', path: 'ci' });
    expect(move('ArrowUp', '', closed)).toEqual({ kind: 'focus', path: '' });
    expect(move('ArrowRight', 'db', closed)).toEqual({ kind: 'open', path: 'db' });
    expect(move('ArrowRight', 'db', open)).toEqual({ kind: 'focus', path: 'db/orders' });
    expect(move('ArrowRight', 'ci', closed)).toBeUndefined();
    expect(move('ArrowLeft', 'db/orders', open)).toEqual({ kind: 'focus', path: 'db' });
    expect(move('ArrowLeft', 'db', open)).toEqual({ kind: 'close', path: 'db' });
    expect(move('End', '', open)).toEqual({ kind: 'focus', path: 'db/orders' });
    expect(move('Home', 'ci', open)).toEqual({ kind: 'focus', path: '' });
    expect(move('x', 'ci', open)).toBeUndefined();
  });
});

describe('words', () => {
  it('of due dates turn amber two weeks before and say how late', () => {
    expect([dueAt(at(31), start), dueAt(at(14), start), dueAt(at(-8), start)]).toEqual([
      { state: 'calm', short: 'in 31d' },
      { state: 'soon', short: 'in 14d' },
      { state: 'late', short: '+8d' },
    ]);
  });

  it('of names part folder and leaf', () => {
    expect([splitName('db/orders/password'), splitName('top')]).toEqual([
      { folder: 'db/orders/', leaf: 'password' },
      { folder: '', leaf: 'top' },
    ]);
  });

  it('of grants say who may do what, and what one is about to lose', () => {
    const me = { username: 'mira', role: 'analyst' };
    expect(grantWords({ kind: 'key', subject: 'a1', actions: ['read', 'reveal', 'manage'] }, 'ci-runner')).toBe(
      'API key ci-runner may see it, read its value and change it',
    );
    expect(grantConsequence([], me).warning).toBeUndefined();
    expect(
      grantConsequence([{ kind: 'role', subject: 'analyst', actions: ['reveal', 'manage'] }], me).warning,
    ).toBeUndefined();
    expect(grantConsequence([{ kind: 'user', subject: 'mira', actions: ['reveal'] }], me).warning).toMatch(
      /can not change it\. Somebody/,
    );
    expect(
      grantConsequence([{ kind: 'key', subject: 'a1', actions: ['reveal'] }], { ...me, role: 'admin' }).warning,
    ).toMatch(/can not read its value or change it\. As an admin/);
    expect(grantConsequence([{ kind: 'user', subject: 'mira', actions: ['read'] }], me).words).toContain(
      'none of them',
    );
  });

  it('of the secret provider are never silent, and absent where there is none', () => {
    const provider = (part: Partial<ProviderStatus>) =>
      providerSentence({
        configured: true,
        address: null,
        namespace: null,
        auth: null,
        state: 'connected',
        detail: null,
        since: null,
        checked_at: null,
        token_expires_at: null,
        token_renewable: null,
        fallbacks: [],
        ...part,
      });
    const name = (using: 'environment' | 'default') => ({ name: 'redis.url', using });
    expect(provider({ configured: false, state: 'off' })).toBeUndefined();
    expect(provider({})).toBe('Vault: connected.');
    expect(
      provider({ state: 'sealed', fallbacks: [name('environment'), name('environment'), name('environment')] }),
    ).toBe('Vault: sealed. Falling back to the environment for 3 names.');
    expect(provider({ state: 'unreachable', fallbacks: [name('environment'), name('default')] })).toBe(
      'Vault: out of reach. Falling back to other sources for 2 names.',
    );
  });

  it('of an import leave out what did not happen', () => {
    expect(outcomeSentence({ created: 3, rotated: 0, skipped: 0, items: [] })).toBe('3 new');
    expect(outcomeSentence({ created: 0, rotated: 2, skipped: 1, items: [] })).toBe(
      '0 new, 2 with a new version, 1 skipped',
    );
  });
});

describe('generated values', () => {
  it.each(['letters_digits', 'letters_digits_symbols', 'hex', 'base64url'] as const)(
    'of %s have as many bits as the console’s own generator gives',
    (alphabet) => {
      const host = createTestHost(start, alphabet);
      const seen = new Set(
        Array.from({ length: 40 }, () => [...generatePassword({ alphabet, length: 256 }, host.random)]).flat(),
      );
      expect(generatedBits({ alphabet, length: 100 })).toBe(Math.floor(100 * Math.log2(seen.size)));
    },
  );

  it('are judged by their bits', () => {
    expect([12, 16, 32].map((length) => generatedStrength({ alphabet: 'hex', length }).score)).toEqual([2, 2, 4]);
    expect(generatedStrength({ alphabet: 'letters_digits', length: 14 }).score).toBe(3);
  });
});

describe('drafts', () => {
  const draft = emptyDraft();
  it('are sent as the type wants them', () => {
    expect(contentOf('password', { ...draft, isGenerated: true })).toEqual({ generate: draft.generator });
    expect(contentOf('note', { ...draft, isGenerated: true, value: 'x' })).toEqual({ value: 'x' });
    const fields = [
      { key: 0, name: ' A ', value: ' 1 ' },
      { key: 1, name: '', value: '' },
    ];
    expect(contentOf('key_value', { ...draft, fields })).toEqual({ fields: { A: ' 1 ' } });
  });

  it.each([
    ['password', draft, /value/],
    ['password', { ...draft, isGenerated: true }, undefined],
    ['password', { ...draft, isGenerated: true, generator: { ...draft.generator, length: 4 } }, /12 to 256/],
    ['note', { ...draft, isGenerated: true }, /value/],
    ['key_value', draft, /at least one/],
    ['key_value', { ...draft, fields: [{ key: 0, name: '', value: 'x' }] }, /name/],
    ['key_value', { ...draft, fields: [{ key: 0, name: 'A', value: '' }] }, /A a value/],
    [
      'key_value',
      {
        ...draft,
        fields: [
          { key: 0, name: 'A', value: '1' },
          { key: 1, name: 'A ', value: '2' },
        ],
      },
      /twice/,
    ],
    ['key_value', { ...draft, fields: [{ key: 0, name: 'A', value: '1' }] }, undefined],
  ] as const)('%s %j', (type, given, fault) => {
    if (fault === undefined) expect(draftFault(type, given)).toBeUndefined();
    else expect(draftFault(type, given)).toMatch(fault);
  });

  it('take days as people write them and refuse what is none', () => {
    expect([parseDay(''), parseDay('2027-01-31'), parseDay('2027-02-30'), parseDay('31.1.2027')]).toEqual([
      null,
      '2027-01-31T23:59:59.000Z',
      undefined,
      undefined,
    ]);
    expect([parseDays(''), parseDays('90'), parseDays('0'), parseDays('3651'), parseDays('9 0')]).toEqual([
      null,
      90,
      undefined,
      undefined,
      undefined,
    ]);
    expect(tagsOf(' a, b,a ,,')).toEqual(['a', 'b']);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const day = parseDay(text);
        if (typeof day === 'string') expect(day.slice(0, 10)).toBe(text.trim());
        const days = parseDays(text);
        if (typeof days === 'number') expect(days >= 1 && days <= 3650).toBe(true);
      }),
    );
  });
});

describe('command lines', () => {
  it('name the secret and never hold a value', () => {
    expect(readLines('https://localhost:9443', 'db/password')).toEqual({
      cli: 'gatehouse secrets get db/password',
      curl: 'curl --cacert gatehouse-ca.pem https://localhost:9443/api/v1/secrets/db/password \\\n  -H "Authorization: Bearer $GATEHOUSE_API_KEY"',
    });
    expect(rotateLines('https://localhost:9443', 'db/password', 'id').cli).toContain('--from-file');
    expect(importLines('https://localhost:9443', 'fernet_json').cli).toContain('--format fernet-json');
  });

  it('take no name that a shell would read as more', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const { cli, curl } = createLines('https://localhost:9443', name);
        expect(`${cli}${curl}`).toMatch(/^[\w./@:$<>"'\\ \n-]+$/);
        expect(cli).toMatch(/^gatehouse secrets set [\w./-]+ --from-file value\.txt$/);
      }),
    );
  });

  it('files are known by their names or how they begin', () => {
    expect([
      formatOf('.env', 'A=1'),
      formatOf('x.CSV', 'name,value'),
      formatOf('dump', 'gAAAAABl'),
      formatOf('dump.json', '{'),
    ]).toEqual(['env', 'csv', 'fernet_json', 'fernet_json']);
  });
});
