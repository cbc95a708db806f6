// `gatehouse scan` as a program: what it prints, where records are, how it ends, whatever the number of threads.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evtxChunk, evtxFile, failedLogons } from '../../support/evtx-file.ts';
import { zipOf } from '../../support/zip-file.ts';

const program = resolve(import.meta.dirname, '../../../src-main/shells/cli/bin.mjs');
let folder: string;
let rules: string;

const ruleText = `title: Failed logon
id: 11111111-1111-4111-8111-111111111111
level: medium
tags: [attack.credential-access, attack.t1110.001]
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4625}
  condition: selection
---
title: Many failed logons
id: 22222222-2222-4222-8222-222222222222
level: high
tags: [attack.t1110]
correlation: {type: event_count, rules: [11111111-1111-4111-8111-111111111111], group-by: [IpAddress], timespan: 1m, condition: {gte: 5}, generate: true}
`;

const events = (count: number, from = 0, every = 1000) =>
  Array.from({ length: count }, (_, at) => ({
    EventID: (from + at) % 10 === 0 ? 4625 : 4624,
    Channel: 'Security',
    Computer: 'dc01',
    TimeCreated: new Date(Date.UTC(2026, 10, 21) + (from + at) * every).toISOString(),
    IpAddress: '203.0.113.7',
    TargetUserName: `user${from + at}`,
  }));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-scan-test-'));
  rules = join(folder, 'rules');
  mkdirSync(join(folder, 'tmp'));
  mkdirSync(rules);
  writeFileSync(join(rules, 'logons.yml'), ruleText);
});
afterAll(() => rmSync(folder, { recursive: true }));

type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

const run = (...args: readonly string[]): Promise<Ran> => runIn({}, ...args);

async function runIn(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [program, 'scan', ...args], {
    cwd: folder,
    env: { ...process.env, TMPDIR: join(folder, 'tmp'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

type Line = {
  rule_id: string;
  level: string;
  file: string;
  record: number;
  time: string | null;
  event: Record<string, unknown>;
};

function lines({ out }: Ran): Line[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function put(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const ndjson = (list: readonly unknown[]) => `${list.map((one) => JSON.stringify(one)).join('\n')}\n`;

describe('what it finds', { timeout: 60_000 }, () => {
  it('answers one line a match with exactly the fields of the documentation', async () => {
    put('a.ndjson', ndjson(events(30)));
    const ran = await run('a.ndjson', '--rules', rules, '--output', 'ndjson');
    expect(ran.code).toBe(0);
    const [first] = lines(ran);
    expect(Object.keys(first ?? {})).toEqual(['rule_id', 'title', 'level', 'tags', 'file', 'record', 'time', 'event']);
    expect(first).toEqual({
      rule_id: '11111111-1111-4111-8111-111111111111',
      title: 'Failed logon',
      level: 'medium',
      tags: ['attack.credential-access', 'attack.t1110.001'],
      file: 'a.ndjson',
      record: 0,
      time: '2026-11-21T00:00:00.000Z',
      event: events(1)[0],
    });
    expect(lines(ran).map(({ record }) => record)).toEqual([0, 10, 20]);
    expect(ran.err).toContain('1 file, 30 records, 2 rules: 3 matches');
  });

  it('keeps the place of each record, with large files in stretches and any number of threads', async () => {
    // Lines of very different length, blank and broken ones among them; more than two stretches.
    const list = events(60_000, 0, 10);
    const text = list
      .map((one, at) => JSON.stringify({ ...one, filler: 'x'.repeat(at % 1000 === 7 ? 40_000 : (at * 7919) % 900) }))
      .map((line, at) => (at % 5000 === 3 ? '' : at % 5000 === 4 ? `${line.slice(0, 40)}` : line))
      .join('\n');
    expect(text.length).toBeGreaterThan(3 * 16_777_216 - 20_000_000);
    put('large.ndjson', text);
    const expected = text
      .split('\n')
      .flatMap((line, at) => (line.includes('"EventID":4625') && line.endsWith('}') ? [at] : []));
    const one = await run('large.ndjson', '--rules', rules, '--output', 'ndjson', '--jobs', '1');
    const two = await run('large.ndjson', '--rules', rules, '--output', 'ndjson', '--jobs', '3');
    expect(one.code).toBe(0);
    expect(two.out).toBe(one.out);
    const single = lines(one).filter(({ level }) => level === 'medium');
    expect(single.map(({ record }) => record)).toEqual(expected);
    expect(single.every(({ record, event }) => event.TargetUserName === `user${record}`)).toBe(true);
    expect(one.err).toContain('large.ndjson, line 5: not valid JSON');
    expect(two.err).toContain('large.ndjson, line 55005: not valid JSON');
  });

  it('counts correlations over all files in order of time, wherever the events stand', async () => {
    mkdirSync(join(folder, 'many'), { recursive: true });
    // Ten failed logons in a minute, dealt out to four files backwards, beside an archive with the same host a day later.
    const logons = failedLogons(10);
    const record = (at: number) => ({
      EventID: 4625,
      Channel: 'Security',
      TimeCreated: new Date(logons[at]?.timeMs ?? 0).toISOString(),
      IpAddress: '203.0.113.7',
    });
    for (let file = 0; file < 4; file++)
      put(
        `many/${9 - file}.ndjson`,
        ndjson([0, 1, 2].flatMap((at) => (at * 4 + file < 10 ? [record(at * 4 + file)] : []))),
      );
    put('many/late.zip', zipOf([{ name: 'x/dc.evtx', bytes: evtxFile([evtxChunk(failedLogons(4, 90_000))]) }]));
    const ran = await run('many', '--rules', rules, '--output', 'ndjson', '--jobs', '3');
    const all = lines(ran);
    expect(all.filter(({ level }) => level === 'medium')).toHaveLength(14);
    expect(all.filter(({ level }) => level === 'high').map(({ file, record: at, time }) => [file, at, time])).toEqual([
      // The fifth in time: of the first file dealt to, its second.
      ['many/9.ndjson', 1, '2026-11-21T08:00:05.000Z'],
    ]);
    expect(all.some(({ file }) => file === 'many/late.zip/x/dc.evtx')).toBe(true);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('filters by level, tag and time', async () => {
    put('b.ndjson.gz', gzipSync(ndjson(events(30))));
    const of = async (...flags: string[]) =>
      lines(await run('b.ndjson.gz', '--rules', rules, '--output', 'ndjson', ...flags));
    expect(await of('--min-level', 'high')).toEqual([]);
    expect((await of('--tag', 't1110')).length).toBe(3);
    expect(await of('--tag', 'attack.t1111')).toEqual([]);
    expect((await of('--since', '2026-11-21T00:00:15Z')).map(({ record }) => record)).toEqual([20]);
  });

  it("reads lines without a zone in this computer's, unless told", async () => {
    put('zone.log', 'Jan  2 07:50:10 h sshd[1]: Failed password for root from 203.0.113.7 port 1 ssh2\n'.repeat(12));
    const hourIn = async (zone: string, ...flags: string[]) =>
      lines(await runIn({ TZ: zone }, 'zone.log', '--output', 'ndjson', ...flags))[0]?.time?.slice(5, 16);
    expect(await hourIn('UTC')).toBe('01-02T07:50');
    expect(await hourIn('Asia/Tokyo')).toBe('01-01T22:50');
    expect(await hourIn('Asia/Tokyo', '--zone', '+02:00')).toBe('01-02T05:50');
  });

  it('uses the built-in rules, zip and tar archives of rules, and a mapping', async () => {
    const auth = Array.from(
      { length: 30 },
      (_, at) => `Nov 21 07:50:${10 + at} h sshd[1]: Failed password for root from 203.0.113.7 port ${at} ssh2`,
    );
    put('auth.log', `${auth.join('\n')}\nnot a line\n`);
    const built = await run('auth.log', '--output', 'ndjson');
    expect(lines(built).map(({ rule_id }) => rule_id).length).toBeGreaterThan(0);
    expect(built.err).toContain('auth.log, line 31: no time at the start of the line');
    put(
      'rules.zip',
      zipOf([
        { name: 'r/rules/logons.yml', bytes: Buffer.from(ruleText) },
        { name: 'r/deprecated/old.yml', bytes: Buffer.from(ruleText) },
      ]),
    );
    const zipped = await run('a.ndjson', '--rules', 'rules.zip', '--output', 'ndjson');
    expect(lines(zipped)).toHaveLength(3);
    expect(zipped.err).toContain('not used: deprecated');
    put(
      'map.json',
      JSON.stringify({ '11111111-1111-4111-8111-111111111111': { channel: ['Other'], eventid: ['4625'] } }),
    );
    expect(lines(await run('a.ndjson', '--rules', rules, '--mapping', 'map.json', '--output', 'ndjson'))).toEqual([]);
  });
});

describe('how it ends', { timeout: 60_000 }, () => {
  it('with 1 when something at the level was found', async () => {
    expect((await run('a.ndjson', '--rules', rules, '--fail-level', 'medium')).code).toBe(1);
    expect((await run('a.ndjson', '--rules', rules, '--fail-level', 'critical')).code).toBe(0);
  });

  it.each([
    ['a path that is not there', ['gone.log'], /gone\.log: it does not exist; check the path/],
    ['rules that are not there', ['a.ndjson', '--rules', 'gone'], /cannot read the rules of gone/],
    ['a folder without rules', ['a.ndjson', '--rules', 'many'], /there are no rules in many/],
    ['a mapping that is none', ['a.ndjson', '--mapping', 'a.ndjson'], /a\.ndjson/],
    ['a level that is none', ['a.ndjson', '--min-level', 'loud'], /expected informational, low/],
    ['a time that is none', ['a.ndjson', '--since', 'Nov 21 2026'], /--since Nov 21 2026 is not a time/],
    ['a zone that is none', ['a.ndjson', '--zone', 'Mars/Base'], /time zone "Mars\/Base" is not known/],
    ['a file that is no log', ['letter.txt'], /its format was not recognised/],
    ['damaged gzip', ['cut.gz'], /gzip data is damaged or cut off; what came before was read/],
  ])('with 2 and a reason for %s', async (_what, args, reason) => {
    put('letter.txt', 'Dear all,\nthis is no log.\n');
    put('cut.gz', gzipSync(ndjson(events(3000))).subarray(0, 900));
    const ran = await run(...(args.includes('--rules') ? args : [...args, '--rules', rules]));
    expect(ran.err).toMatch(reason);
    expect(ran.code).toBe(2);
  });

  it('names refused rules, and goes on with the others', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed, { recursive: true });
    writeFileSync(join(mixed, 'a.yml'), ruleText);
    writeFileSync(
      join(mixed, 'b.yml'),
      'title: B\nlogsource: {product: x}\ndetection: {s: {a|no_such: 1}, condition: s}\n',
    );
    writeFileSync(join(mixed, 'readme.yml'), 'hello: world\n');
    const ran = await run('a.ndjson', '--rules', mixed);
    expect(ran.err).toMatch(/rule refused: b\.yml.*no_such/);
    expect(ran.out.split('\n').filter((line) => line.startsWith('medium'))).toHaveLength(3);
    expect(ran.code).toBe(0);
  });

  it('does not overwrite a file unasked, and not let a name steer the terminal', async () => {
    put('out.txt', 'mine');
    const refusedRun = await run('a.ndjson', '--rules', rules, '--out', 'out.txt');
    expect([refusedRun.code, readFileSync(join(folder, 'out.txt'), 'utf8')]).toEqual([2, 'mine']);
    expect((await run('a.ndjson', '--rules', rules, '--out', 'out.txt', '--force')).code).toBe(0);
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toContain('a.ndjson:10');
    put('\u001b[31mred.ndjson', ndjson(events(1)));
    expect((await run('\u001b[31mred.ndjson', '--rules', rules)).out).not.toContain('\u001b');
  });

  it('stops at ^C with what it has, and says that it is not all', async () => {
    put('slow.ndjson', ndjson(events(20)).repeat(20_000));
    const child = spawn(
      process.execPath,
      [program, 'scan', 'slow.ndjson', '--rules', rules, '--output', 'ndjson', '--jobs', '1'],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let err = '';
    let out = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (out === '') child.kill('SIGINT');
      out += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(130);
    expect(err).toMatch(/Stopped after \d+ % of the data: these results are partial/);
    expect(out.endsWith('}\n')).toBe(true);
  });
});

describe('what it reads', { timeout: 60_000 }, () => {
  const found = (out: string) =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; record: number });

  it('standard input, packed or not, as the file -', async () => {
    const text = ndjson(events(30));
    for (const bytes of [
      Buffer.from(text),
      gzipSync(text),
      zstdCompressSync(text),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
    ]) {
      const child = spawn(process.execPath, [program, 'scan', '-', '--rules', rules, '--output', 'ndjson'], {
        cwd: folder,
        env: { ...process.env, TMPDIR: join(folder, 'tmp') },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        out += part;
      });
      child.stdin.end(bytes);
      const [code] = (await once(child, 'close')) as [number | null];
      expect(code).toBe(0);
      expect(found(out).map(({ file, record }) => [file, record])).toEqual([
        ['-', 0],
        ['-', 10],
        ['-', 20],
      ]);
    }
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('zstd and UTF-16 like any other file, and says of xz what to do', async () => {
    mkdirSync(join(folder, 'packed'));
    put('packed/a.ndjson.zst', zstdCompressSync(ndjson(events(30))));
    put('packed/b.json', Buffer.from(`\ufeff${JSON.stringify(events(30), null, 2)}`, 'utf16le').swap16());
    put('packed/c.ndjson.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]));
    const ran = await run('packed', '--rules', rules, '--output', 'ndjson');
    // Behind them comes what a correlation found over both.
    expect(
      found(ran.out)
        .map(({ file }) => file)
        .slice(0, 6),
    ).toEqual([...Array(3).fill('packed/a.ndjson.zst'), ...Array(3).fill('packed/b.json')]);
    expect(ran.err).toContain('packed/c.ndjson.xz: packed as xz, which is not unpacked here');
    put(
      'bomb.zst',
      zstdCompressSync(Buffer.concat([Buffer.from(ndjson(events(30))), Buffer.alloc(200 * 1_048_576, 'x')])),
    );
    const bomb = await run('bomb.zst', '--rules', rules);
    expect(bomb.err).toContain('bomb.zst: the file unpacks to more than 200 times its size; what came before was read');
    expect(bomb.code).toBe(2);
  });

  it('a packed file as the format that was named', async () => {
    put('rows.csv.gz', gzipSync('when,who\n2026-11-21T10:00:00Z,alice\n'));
    const ran = await run('rows.csv.gz', '--rules', rules, '--format', 'csv', '--columns', 'time=when,actor=who');
    expect(ran.err).toContain('1 file, 1 record, ');
    const wrong = await run('rows.csv.gz', '--rules', rules, '--format', 'windows');
    expect(wrong.err).toContain('not readable');
  });
});
