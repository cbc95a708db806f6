// Bringing a pack to the console: what is sent, what is told meanwhile and never afterwards, and that nothing is left there when it fails.
import { describe, expect, it } from 'vitest';
import type { call } from '../../../src-renderer/api/client.ts';
import { finishPack, sendPack } from '../../../src-renderer/features/detections/pack-import.ts';
import {
  type ChosenFile,
  PackSourceError,
  readPackSource,
} from '../../../src-renderer/features/detections/pack-source.ts';
import { packNameOf, packParts, parseSignedPack, writeSignedPack } from '../../../src-shared/rule-pack-file.ts';

const id = '00000000-0000-7000-8000-000000000001';
const choices = { pack: 'shop', name: '', version: '1', signer: '' };

function fileOf(name: string, text: string | Uint8Array<ArrayBuffer>, folder = ''): ChosenFile {
  const blob = new Blob([text]);
  return {
    name,
    size: blob.size,
    webkitRelativePath: folder === '' ? '' : `${folder}/${name}`,
    slice: (from, to) => blob.slice(from, to),
  };
}

function createService(failing?: string) {
  const names: string[] = [];
  const received: number[] = [];
  const waiting: ((value: unknown) => void)[] = [];
  const answer = async (name: string, input: { data?: Uint8Array; offset?: number }) => {
    names.push(name);
    if (name === failing) throw new Error('refused');
    if (name === 'packs.begin') return { id, signature: 'none' };
    if (name === 'packs.archive') {
      expect(input.offset).toBe(received.length);
      for (const byte of input.data ?? []) received.push(byte);
      return { bytes: received.length };
    }
    if (name === 'packs.progress') return new Promise((resolve) => waiting.push(resolve));
    return { ok: true, bytes: 0, files: 0 };
  };
  return { names, received, waiting, call: answer as unknown as typeof call };
}

const quiet = { onProgress: () => undefined, pause: async () => undefined, signal: new AbortController().signal };

describe('sending', () => {
  it('sends an archive whole and in order, and has it unpacked', async () => {
    const bytes = new Uint8Array(1_300_000).map((_, index) => index % 251);
    const service = createService();
    const source = await readPackSource([fileOf('shop rules.zip', bytes)]);
    expect([source.kind, source.pack]).toEqual(['archive', 'shop-rules']);
    expect(await sendPack(source, choices, { ...quiet, call: service.call })).toBe(id);
    expect(service.received).toEqual([...bytes]);
    expect(service.names.at(-1)).toBe('packs.unpack');
  });

  it('gives up at the console what it could not send', async () => {
    const service = createService('packs.unpack');
    const source = await readPackSource([fileOf('a.zip', 'x')]);
    await expect(sendPack(source, choices, { ...quiet, call: service.call })).rejects.toThrow('refused');
    expect(service.names.at(-1)).toBe('packs.discard');
  });

  it('tells no progress after the end, also not what was asked before it', async () => {
    const service = createService();
    const told: string[] = [];
    let end: (() => void) | undefined;
    const finishing = new Promise<void>((resolve) => {
      end = resolve;
    });
    const ask = ((name: string, input: object) =>
      name === 'packs.finish'
        ? finishing.then(() => ({ pack: 'shop' }))
        : service.call(name as never, input as never)) as unknown as typeof call;
    const done = finishPack(id, { write: false }, { ...quiet, call: ask, onProgress: ({ phase }) => told.push(phase) });
    while (service.waiting.length === 0) await Promise.resolve();
    service.waiting[0]?.({ phase: 'checking', done: 1, total: 2 });
    while (service.waiting.length === 1) await Promise.resolve();
    end?.();
    await done;
    service.waiting[1]?.({ phase: 'finished', done: 2, total: 2 });
    await new Promise((resolve) => setTimeout(resolve));
    expect(told).toEqual(['checking']);
  });
});

describe('what is chosen', () => {
  it('takes the rules of a folder by their paths in it', async () => {
    const source = await readPackSource([
      fileOf('a.yml', 'title: a', 'Shop Rules/in'),
      fileOf('b.yaml', 'title: b', 'Shop Rules'),
      fileOf('c.yml', 'title: c', 'Shop Rules/.git'),
      fileOf('README.md', 'no rule', 'Shop Rules'),
    ]);
    expect(source).toMatchObject({
      kind: 'files',
      pack: 'shop-rules',
      content: {
        files: [
          { path: 'in/a.yml', text: 'title: a' },
          { path: 'b.yaml', text: 'title: b' },
        ],
        unreadable: [],
      },
    });
  });

  it('names the files of a folder that can be no rules, and takes the others', async () => {
    const source = await readPackSource([
      fileOf('a.yml', 'title: a', 'rules'),
      fileOf('latin.yml', new Uint8Array([0x74, 0xe9]), 'rules'),
      fileOf('large.yml', 'x'.repeat(1_048_577), 'rules'),
    ]);
    const content = {
      files: [{ path: 'a.yml', text: 'title: a' }],
      unreadable: [
        { path: 'latin.yml', reason: 'not UTF-8 text' },
        { path: 'large.yml', reason: 'larger than 1 MiB' },
      ],
    };
    expect(source).toMatchObject({ kind: 'files', size: 8, content });
    const sent: unknown[] = [];
    const service = createService();
    const listening = ((name: string, input: object) => {
      if (name === 'packs.append') sent.push(input);
      return service.call(name as never, input as never);
    }) as unknown as typeof call;
    await sendPack(source, choices, { ...quiet, call: listening });
    expect(sent).toEqual([{ id, ...content }]);
  });

  it('says what is wrong with what is no pack', async () => {
    const refused = (...files: ChosenFile[]) => expect(readPackSource(files)).rejects;
    await refused(fileOf('x.ghpack', '{')).toThrow('it is not JSON');
    await refused(fileOf('x.ghpack', '{"format":"other"}')).toThrow('gatehouse-rule-pack-file/1');
    await refused(fileOf('a.txt', 'x'), fileOf('b.txt', 'x')).toThrow('rule files end in .yml');
    await refused(fileOf('a.yml', new Uint8Array([0x74, 0xe9]), 'f')).toThrow('a.yml is not UTF-8');
    await refused(fileOf('a.ghpack', new Uint8Array([0x74, 0xe9]))).toThrow('a.ghpack is not UTF-8');
    await refused().toThrow(PackSourceError);
  });
});

describe('the file of a signed pack', () => {
  it('is read as it was written, and names packs from files', () => {
    const pack = {
      pack: 'shop',
      name: 'Shop',
      version: '2',
      signed: '{}',
      files: [{ path: 'a.yml', text: 'title: a' }],
    };
    expect(parseSignedPack(writeSignedPack(pack))).toEqual(pack);
    for (const hostile of [
      'null',
      '[]',
      '{"format":"gatehouse-rule-pack-file/1"}',
      writeSignedPack(pack).replace('"title: a"', '7'),
    ])
      expect(() => parseSignedPack(hostile)).toThrow(RangeError);
    expect(['Sigma Core.zip', 'x.tar.gz', '---.yml', `${'a'.repeat(80)}.zip`].map(packNameOf)).toEqual([
      'sigma-core',
      'x',
      '',
      'a'.repeat(60),
    ]);
  });

  it('is sent in parts that fit a request, none lost', () => {
    const files = Array.from({ length: 5_000 }, (_, number) => ({
      path: `${number}.yml`,
      text: '☃'.repeat(number % 900),
    }));
    const unreadable = files.map(({ path }) => ({ path: `un/${path}`, reason: 'not UTF-8 text' }));
    const parts = packParts({ files, unreadable });
    expect(parts.flatMap((part) => part.files)).toEqual(files);
    expect(parts.flatMap((part) => part.unreadable)).toEqual(unreadable);
    for (const part of parts)
      expect([Buffer.byteLength(JSON.stringify(part)) < 900_000, part.files.length <= 2_000]).toEqual([true, true]);
  });

  it('sends what is too large for a request, or has no path that a pack may have, as one that cannot be read', () => {
    const good = { path: 'a.yml', text: 'x'.repeat(900_000) };
    const { files, unreadable } = packParts({
      files: [
        good,
        { path: 'long.yml', text: 'x'.repeat(900_001) },
        { path: 'quotes.yml', text: '"'.repeat(800_000) },
        { path: 'a\nb.yml', text: 'x' },
        { path: `${'y'.repeat(500)}.yml`, text: 'x' },
      ],
      unreadable: [],
    }).reduce((sum, part) => ({
      files: [...sum.files, ...part.files],
      unreadable: [...sum.unreadable, ...part.unreadable],
    }));
    expect(files).toEqual([good]);
    expect(unreadable.map(({ path, reason }) => [path.slice(0, 10), reason.slice(0, 15)])).toEqual([
      ['long.yml', 'larger than a r'],
      ['quotes.yml', 'larger than a r'],
      ['a\nb.yml', 'expected a rela'],
      ['yyyyyyyyyy', 'expected at mos'],
    ]);
  });
});
