// Packs that come as the bytes of an archive, as the window sends them: unpacked here, compared file by file, given up on the way.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Refusal } from '../../support/console.ts';
import { zipOf } from '../../support/zip-file.ts';
import { bigOrder, createRulesConsole, manyOrders, type RulesConsole } from './rules-console.ts';

function zipped(files: readonly { readonly path: string; readonly text: string }[]): Uint8Array {
  return new Uint8Array(zipOf(files.map(({ path, text }) => ({ name: path, bytes: Buffer.from(text) }))));
}

const files = [
  { path: 'shop/orders/big.yml', text: bigOrder() },
  { path: 'shop/orders/many.yml', text: manyOrders },
  { path: 'shop/README.md', text: 'no rule' },
];

async function send({ console, admin }: RulesConsole, bytes: Uint8Array, name = 'shop.zip'): Promise<string> {
  const { id } = await console.call('packs.begin', { pack: 'shop', name: 'Shop rules' }, admin);
  const half = Math.ceil(bytes.length / 2);
  for (const offset of [0, half])
    await console.call('packs.archive', { id, offset, data: bytes.slice(offset, offset + half) }, admin);
  await console.call('packs.unpack', { id, name }, admin);
  return id;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'was not refused',
    (error: unknown) => (error instanceof Refusal ? `${error.problem.code}: ${error.problem.detail}` : String(error)),
  );
}

it('takes the rules out of a zip, shows each beside what it would replace, and writes them', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const id = await send(rules, zipped(files));
  const look = await console.call('packs.finish', { id, write: false }, admin);
  expect(look).toMatchObject({ written: false, added: 2, refused: [], signature: 'none' });
  expect(await console.call('packs.progress', { id }, admin)).toEqual({ phase: 'finished', done: 2, total: 2 });
  const path = 'shop/orders/big.yml';
  expect(await console.call('packs.compare', { id, path }, admin)).toEqual({ before: null, after: bigOrder() });
  await console.call('packs.finish', { id, write: true, state: 'simulated' }, admin);
  expect(await refusal(console.call('packs.progress', { id }, admin))).toContain('rules/import');
  await rules.settled();
  const changed = bigOrder().replace('title: Big order', 'title: Large order');
  const next = await send(rules, zipped([{ path, text: changed }]));
  expect(await console.call('packs.finish', { id: next, write: false }, admin)).toMatchObject({
    added: 0,
    changed: 1,
    removed: 1,
  });
  expect(await console.call('packs.compare', { id: next, path }, admin)).toEqual({
    before: bigOrder(),
    after: changed,
  });
  const gone = { id: next, path: 'shop/orders/many.yml' };
  expect(await console.call('packs.compare', gone, admin)).toEqual({ before: manyOrders, after: null });
  expect(await refusal(console.call('packs.compare', { id: next, path: 'none.yml' }, admin))).toContain(
    'rules/not-found',
  );
});

it('takes a single rule, and refuses in words what holds none', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const single = await send(rules, new Uint8Array(Buffer.from(bigOrder())), 'big.yml');
  expect(await console.call('packs.finish', { id: single, write: false }, admin)).toMatchObject({ added: 1 });
  expect(await refusal(send(rules, new Uint8Array(Buffer.from('x')), 'notes.txt'))).toContain('is no rule file (.yml)');
  expect(await refusal(send(rules, zipped(files).slice(0, 300)))).toContain(
    'rules/archive: the zip archive is damaged',
  );
  expect(
    await refusal(send(rules, new Uint8Array(gzipSync(Buffer.alloc(200_000_000), { level: 1 })), 'x.tar.gz')),
  ).toContain('unpacks to more than 128 MiB');
  const empty = await send(rules, zipped([{ path: 'README.md', text: 'no rule' }]));
  expect(await refusal(console.call('packs.finish', { id: empty, write: false }, admin))).toContain(
    'holds no rule file',
  );
});

it('names each file that can be no rule beside the refused ones, and imports the others', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const latin = { name: 'latin.yml', bytes: Buffer.from([0x74, 0xe9]) };
  const large = { name: 'large.yml', bytes: Buffer.alloc(1_048_577, 'x') };
  const odd = { name: 'a\nb.yml', bytes: Buffer.from('x') };
  const good = { name: 'big.yml', bytes: Buffer.from(bigOrder()) };
  const wrong = { name: 'wrong.yml', bytes: Buffer.from('title: 1\n') };
  const named = [
    ['large.yml', 'larger than 1 MiB'],
    ['latin.yml', 'not UTF-8 text'],
    ['a\nb.yml', expect.stringContaining('expected a relative path')],
    ['wrong.yml', expect.stringContaining('shop/wrong.yml')],
  ];
  const id = await send(rules, new Uint8Array(zipOf([latin, large, odd, good, wrong])));
  const look = await console.call('packs.finish', { id, write: false }, admin);
  expect(look.refused.map(({ path, reason }) => [path, reason])).toEqual(named);
  const outcome = await console.call('packs.finish', { id, write: true }, admin);
  expect([outcome.added, outcome.refused]).toEqual([2, look.refused]);
  await rules.settled();
  expect((await rules.entries('rule_pack_import'))[0]).toMatchObject({ details: { added: 2, refused: 4 } });
  const none = await send(rules, new Uint8Array(zipOf([latin, large])));
  expect(await refusal(console.call('packs.finish', { id: none, write: false }, admin))).toContain(
    'rules/import: the pack holds no rule file that can be read: "large.yml" is larger than 1 MiB; nor can 1 more',
  );
});

it('takes the names of files that never came, and counts them as files', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call('packs.begin', { pack: 'shop', name: 'Shop rules' }, admin);
  const unreadable = [{ path: 'latin.yml', reason: 'not UTF-8 text' }];
  await console.call('packs.append', { id, files: [{ path: 'big.yml', text: bigOrder() }], unreadable }, admin);
  expect(await console.call('packs.finish', { id, write: false }, admin)).toMatchObject({
    added: 1,
    refused: unreadable,
  });
  for (let part = 0; part < 10; part++) {
    const names = Array.from({ length: 2000 }, (_, at) => ({ path: `${part}-${at}.yml`, reason: 'x' }));
    const sent = refusal(console.call('packs.append', { id, files: [], unreadable: names }, admin));
    expect(await sent).toContain(part < 9 ? 'was not refused' : 'a pack has at most 20000 files');
  }
});

it('wants the bytes in order, and takes a chunk that is sent twice once', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const bytes = zipped(files);
  const { id } = await console.call('packs.begin', { pack: 'shop', name: 'Shop rules' }, admin);
  const first = { id, offset: 0, data: bytes.slice(0, 100) };
  await console.call('packs.archive', first, admin);
  expect(await console.call('packs.archive', first, admin)).toEqual({ bytes: 100 });
  expect(await refusal(console.call('packs.archive', { id, offset: 99, data: new Uint8Array(9) }, admin))).toContain(
    'expected the bytes from 100 on, not from 99',
  );
  await console.call('packs.archive', { id, offset: 100, data: bytes.slice(100) }, admin);
  expect(await console.call('packs.unpack', { id, name: 'shop.zip' }, admin)).toMatchObject({ files: 2 });
});

it('is given up while its rules are being checked, and changes nothing', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const many = Array.from({ length: 400 }, (_, number) => ({
    path: `r${number}.yml`,
    text: bigOrder()
      .replace('5b001', String(10_000 + number))
      .replace('Big order', `Big order ${number}`),
  }));
  const id = await send(rules, zipped(many));
  const seen: number[] = [];
  const finishing = refusal(console.call('packs.finish', { id, write: true }, admin));
  for (;;) {
    const { phase, done, total } = await console.call('packs.progress', { id }, admin);
    if (phase === 'checking' && done > 0) {
      expect(total).toBe(400);
      seen.push(done);
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  // What was checked is what is written: neither a second time nor with more files.
  const extra = { id, files: [{ path: 'extra.yml', text: manyOrders }] };
  expect(await refusal(console.call('packs.finish', { id, write: true }, admin))).toContain('already; wait for it');
  expect(await refusal(console.call('packs.append', extra, admin))).toContain('already; wait for it');
  await console.call('packs.discard', { id }, admin);
  expect(await finishing).toContain('the import was given up; nothing was changed');
  expect(seen[0]).toBeLessThan(400);
  expect((await console.call('packs.list', {}, admin)).items.map((pack) => pack.id)).toEqual(['built-in', 'own']);
  expect(await rules.entries('rule_pack_import')).toEqual([]);
});

it('answers any bytes with files or with a refusal', async () => {
  await using rules = await createRulesConsole({ settings: new Map([['rate_limit.requests_per_minute', 1_000_000]]) });
  const good = zipped(files);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      fc.constantFrom('x.zip', 'x.yml', 'x'),
      async (changes, name) => {
        const bytes = good.slice();
        for (const [place, value] of changes) bytes[place] = value;
        expect(await refusal(send(rules, bytes, name))).toMatch(/^(?:was not refused|rules\/(?:archive|import): )/);
      },
    ),
    { numRuns: 100 },
  );
});
