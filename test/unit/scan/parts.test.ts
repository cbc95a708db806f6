// The parts of a scan: spilled events in order, rule archives, and folders.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planScan } from '../../../src-main/shells/scan/plan.ts';
import { readTask, ShortenedError } from '../../../src-main/shells/scan/read-task.ts';
import { readRuleFiles } from '../../../src-main/shells/scan/rule-files.ts';
import { createSpill, mergeRuns } from '../../../src-main/shells/scan/spill.ts';
import { createUntar } from '../../../src-main/shells/scan/untar.ts';
import { zipOf } from '../../support/zip-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('events put aside', () => {
  it('come back in order of time from however many runs, and leave nothing behind', () => {
    const spills = [0, 1, 2].map((thread) => createSpill(folder, `thread-${thread}`));
    const text = JSON.stringify(['ä\u2028\n', 'x'.repeat(40_000)]);
    const count = 1500;
    for (let at = 0; at < count; at++)
      spills[at % 3]?.add({ timeMs: (at * 7919) % 1000, task: at % 5, record: at, text });
    const runs = spills.flatMap((spill) => spill.finish());
    expect(runs.length).toBeGreaterThan(6);
    const merged = [...mergeRuns(folder, runs)];
    expect(merged).toHaveLength(count);
    expect(merged.every((one) => one.text === text)).toBe(true);
    const keys = merged.map(({ timeMs, task, record }) => [timeMs, task, record] as const);
    expect(keys).toEqual([...keys].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]));
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** A tar archive with the headers that matter. */
function tarOf(files: readonly { name: string; text: string | Buffer; type?: string }[]): Buffer {
  const blocks = files.flatMap(({ name, text, type = '0' }) => {
    const head = Buffer.alloc(512);
    const data = Buffer.from(text);
    head.write(name, 0);
    head.write(data.length.toString(8).padStart(11, '0'), 124);
    head.write(type, 156);
    head.write('ustar', 257);
    return [head, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const rule = (title: string) =>
  `title: ${title}\nlogsource: {product: windows}\ndetection: {s: {a: 1}, condition: s}\n`;

describe('rules', () => {
  it('are read from a folder, whatever else lies in it', async () => {
    mkdirSync(join(folder, 'inner/.git'), { recursive: true });
    writeFileSync(join(folder, 'b.yml'), rule('B'));
    writeFileSync(join(folder, 'inner/a.yaml'), rule('A'));
    writeFileSync(join(folder, 'inner/.git/c.yml'), rule('C'));
    writeFileSync(join(folder, 'notes.txt'), rule('D'));
    writeFileSync(join(folder, 'workflow.yml'), 'on: push\n');
    symlinkSync('/', join(folder, 'root'));
    const { sources, unreadable } = await readRuleFiles(folder);
    expect(sources.map(({ name }) => name)).toEqual(['b.yml', 'inner/a.yaml']);
    expect(unreadable).toEqual([]);
  });

  it('that cannot be read are named, and the others used, in a folder, a zip and a tar archive', async () => {
    const files = [
      { name: 'rules/a.yml', text: rule('A') },
      { name: 'rules/large.yml', text: 'x'.repeat(1_048_577) },
      { name: 'rules/latin.yml', text: Buffer.from(rule('caf\u00e9'), 'latin1') },
      { name: 'deprecated/latin.yml', text: Buffer.from(rule('caf\u00e9'), 'latin1') },
    ];
    for (const { name, text } of files) {
      mkdirSync(join(folder, 'all', name, '..'), { recursive: true });
      writeFileSync(join(folder, 'all', name), text);
    }
    writeFileSync(join(folder, 'all.zip'), zipOf(files.map(({ name, text }) => ({ name, bytes: Buffer.from(text) }))));
    writeFileSync(join(folder, 'all.tar'), tarOf(files));
    for (const name of ['all', 'all.zip', 'all.tar']) {
      const { sources, unreadable } = await readRuleFiles(join(folder, name));
      expect(sources).toEqual([{ name: 'rules/a.yml', text: rule('A') }]);
      expect(unreadable).toEqual([
        { name: 'rules/large.yml', reason: 'larger than 1 MiB' },
        { name: 'rules/latin.yml', reason: 'not UTF-8 text' },
      ]);
    }
  });

  it('that were meant to be rules are taken, to be refused with the reason; whatever else is YAML is named', async () => {
    writeFileSync(join(folder, 'misspelt.yml'), 'title: T\nlogsource: {product: x}\ndetecton: {}\n');
    writeFileSync(join(folder, 'json.yml'), JSON.stringify({ title: 'J', logsource: {}, detection: {} }));
    writeFileSync(join(folder, 'quoted.yml'), '"detection": {}\n');
    writeFileSync(join(folder, 'workflow.yml'), 'on: push\njobs:\n  filter: {}\n');
    const { sources, others } = await readRuleFiles(folder);
    expect(sources.map(({ name }) => name)).toEqual(['json.yml', 'misspelt.yml', 'quoted.yml']);
    expect(others).toEqual(['workflow.yml']);
  });

  it('of an archive whose names lead out of it are refused, and nothing is written', async () => {
    const files = [
      { name: 'rules/a.yml', text: rule('A') },
      { name: '../../out.yml', text: rule('B') },
      { name: 'rules/..\\out.yml', text: rule('C') },
    ];
    writeFileSync(join(folder, 'all.zip'), zipOf(files.map(({ name, text }) => ({ name, bytes: Buffer.from(text) }))));
    writeFileSync(join(folder, 'all.tar'), tarOf(files));
    for (const name of ['all.zip', 'all.tar']) {
      const { sources, unreadable } = await readRuleFiles(join(folder, name));
      expect(sources.map((one) => one.name)).toEqual(['rules/a.yml']);
      expect(unreadable.map(({ reason }) => reason)).toEqual(Array(2).fill('its path leads out of the archive'));
    }
    expect(readdirSync(folder).toSorted()).toEqual(['all.tar', 'all.zip']);
  });

  it('are read from an archive of a repository, without those that it has retired', async () => {
    const long = `${'folder/'.repeat(20)}deep.yml`;
    const archive = tarOf([
      { name: 'sigma/rules/a.yml', text: rule('A') },
      { name: 'sigma/deprecated/b.yml', text: rule('B') },
      { name: 'sigma/tests/thor.yml', text: 'logsources: {}\n' },
      { name: '././@LongLink', text: `sigma/rules/${long}\0`, type: 'L' },
      { name: 'cut', text: rule('Deep') },
      { name: 'pax', text: `30 path=sigma/rules/päx.yml\n`, type: 'x' },
      { name: 'cut', text: rule('Pax') },
      { name: 'sigma/rules/link.yml', text: '', type: '2' },
    ]);
    for (const [name, bytes] of [
      ['rules.tar', archive],
      ['rules.tar.gz', gzipSync(archive)],
    ] as const) {
      writeFileSync(join(folder, name), bytes);
      const { sources, leftOut } = await readRuleFiles(join(folder, name));
      expect(sources.map((one) => one.name)).toEqual([
        'sigma/rules/a.yml',
        `sigma/rules/${long}`,
        'sigma/rules/päx.yml',
      ]);
      expect(leftOut).toEqual(['deprecated']);
    }
  });

  it('take any tar archive without hanging, and however it is cut', () => {
    const archive = tarOf([
      { name: 'a.yml', text: rule('A') },
      { name: 'b.yml', text: 'x'.repeat(2000) },
    ]);
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(255), fc.integer({ min: 1, max: 1500 }), (at, byte, step) => {
        const changed = Buffer.from(archive);
        changed[at] = byte;
        const read = (size: number): string | undefined => {
          const out: string[] = [];
          const untar = createUntar((name, part) => out.push(name, Buffer.from(part).toString('latin1')));
          try {
            for (let from = 0; from < changed.length; from += size) untar(changed.subarray(from, from + size));
          } catch (error) {
            return error instanceof Error ? error.message : undefined;
          }
          return out.filter((_, place) => place % 2 === 1).join('');
        };
        expect(read(step)).toEqual(read(archive.length));
      }),
    );
  });
});

describe('a file that changes during the scan', () => {
  const line = '{"time":"2026-11-21T00:00:00Z"}\n';
  async function read(before: string, after: string): Promise<{ records: number; failure: string | undefined }> {
    const path = join(folder, 'growing.ndjson');
    writeFileSync(path, before);
    const [task] = planScan([path], 'json').tasks;
    if (task === undefined) throw new Error('nothing planned');
    writeFileSync(path, after);
    let records = 0;
    try {
      for await (const { results } of readTask(task, { referenceTimeMs: 0 })) records += results.length;
    } catch (error) {
      return { records, failure: error instanceof ShortenedError ? error.message : String(error) };
    }
    return { records, failure: undefined };
  }

  it('is told when it has become shorter, after what it has', async () => {
    const failure = 'the file became shorter while it was scanned';
    expect(await read(line.repeat(30), line.repeat(10))).toEqual({ records: 10, failure });
    expect(await read(line.repeat(30), '')).toEqual({ records: 0, failure });
    expect((await read(line.repeat(30), line.repeat(40))).failure).toBe(undefined);
  });
});

describe('a plan', () => {
  it('goes through folders in order, follows no link, and says what it leaves out', () => {
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'b.ndjson'), '{"time":"2026-11-21T00:00:00Z"}\n');
    writeFileSync(join(folder, 'sub/a.ndjson'), '{"time":"2026-11-21T00:00:00Z"}\n');
    writeFileSync(join(folder, 'picture.png'), Buffer.from([0x89, 0x50, 0, 1]));
    writeFileSync(join(folder, 'empty.log'), '');
    symlinkSync(folder, join(folder, 'sub/round'));
    const { tasks, files, passedOver } = planScan([folder, join(folder, 'b.ndjson'), join(folder, 'gone')], 'auto');
    expect(tasks.map(({ path }) => path)).toEqual([join(folder, 'b.ndjson'), join(folder, 'sub/a.ndjson')]);
    expect(files).toBe(2);
    expect(passedOver.map(({ reason, given }) => [reason.slice(0, 9), given])).toEqual([
      ['not a tex', false],
      ['a link, w', false],
      ['it does n', true],
    ]);
  });

  it.runIf(process.platform === 'linux')('names what is no file, and files whose names are no text', () => {
    expect(spawnSync('mkfifo', [join(folder, 'pipe')]).status).toBe(0);
    const name = Buffer.concat([Buffer.from(join(folder, 'caf')), Buffer.from([0xe9])]);
    writeFileSync(name, '{"time":"2026-11-21T00:00:00Z"}\n');
    const { tasks, passedOver } = planScan([folder], 'auto');
    expect(tasks).toEqual([]);
    expect(passedOver).toEqual([
      { path: join(folder, 'caf\ufffd'), reason: expect.stringMatching(/^its name is not UTF-8/), given: true },
      { path: join(folder, 'pipe'), reason: 'neither a file nor a folder', given: false },
    ]);
  });

  it('divides only large files whose lines stand alone', () => {
    const line = '{"time":"2026-11-21T00:00:00Z"}\n';
    const large = line.repeat(Math.ceil(40_000_000 / line.length));
    writeFileSync(join(folder, 'large.ndjson'), large);
    writeFileSync(join(folder, 'large.json'), `[${large.trim().replaceAll('\n', ',\n')}]`);
    const { tasks } = planScan([folder], 'auto');
    expect(tasks.map(({ path, from, to, continues }) => [path.split('/').pop(), from > 0, to, continues])).toEqual([
      ['large.json', false, tasks[0]?.size, false],
      ['large.ndjson', false, tasks[1]?.to, false],
      ['large.ndjson', true, tasks[2]?.size, true],
    ]);
    expect(tasks[2]?.from).toBe(tasks[1]?.to);
  });
});
