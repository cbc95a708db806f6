// Files and events that are made to hang, crash or fill a program, on every way in: `rules check`, `scan`, `import`, the API. Each ends soon, in
// bounded memory, with a word about what is wrong; what stands beside it is read all the same.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  admin,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  runCommand,
  startNode,
} from '../support/node.ts';
import { temporaryFolder } from '../support/stores.ts';
import { zipOf } from '../support/zip-file.ts';

const folder = temporaryFolder();
const rules = join(folder, 'rules');
const logs = join(folder, 'logs');
const profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
/** With less than that the programs would end by themselves. */
const bounded = { ...profile.environment, NODE_OPTIONS: '--max-old-space-size=300' };
/** Seconds here are minutes on a busy machine; what hangs never ends. */
const patient = { timeout: 240_000 };
let node: NodeProcess;
let key: string;

function rule(id: string, detection: string): string {
  return `title: ${id}\nid: ${id}\nlevel: high\nlogsource: {product: windows}\ndetection:\n${detection}\n  condition: s\n`;
}

const letters = [...'bcdefghij'];
type HostileRule = { readonly text: string | Buffer; readonly reason: RegExp | undefined };
const hostileRules: Readonly<Record<string, HostileRule>> = {
  'large.yml': { text: rule('large', `  s: {a: ${'x'.repeat(1_048_576)}}`), reason: /larger than 1 MiB/ },
  'latin.yml': { text: Buffer.from(rule('latin', '  s: {a: caf\u00e9}'), 'latin1'), reason: /not UTF-8 text/ },
  'laughs.yml': {
    text: `a: &a [x,x,x,x,x,x,x,x,x]\n${letters.map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(',')}]`).join('\n')}\n${rule('laughs', '  s: {a: *j}')}`,
    reason: /aliases expand/,
  },
  'merges.yml': {
    text: `a: &a {k: v}\n${Array.from({ length: 400 }, (_, at) => `m${at}: &m${at} {<<: [*a${at > 0 ? `, *m${at - 1}` : ''}], k${at}: v}`).join('\n')}\n${rule('merges', '  s: {a: x}')}`,
    reason: /aliases expand/,
  },
  'keys.yml': {
    text: rule('keys', `  s:\n${Array.from({ length: 10_000 }, (_, at) => `    f${at}: v`).join('\n')}`),
    reason: /more than 4000 keys/,
  },
  'deep.yml': { text: `title: deep\nx: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`, reason: /nested deeper than 32/ },
  'parentheses.yml': {
    text: rule('parentheses', '  s: {a: b}').replace(/s\n$/, `${'('.repeat(20_000)}s${')'.repeat(20_000)}\n`),
    reason: /more than 2000 words/,
  },
  'look-around.yml': {
    text: rule('look', "  s: {CommandLine|re: '(?=a)b\\1'}"),
    reason: /regular expression refused/,
  },
  'repetitions.yml': {
    text: rule('repetitions', "  s: {CommandLine|re: '((a{1,1000}){1,1000}){1,1000}'}"),
    reason: /expression too large/,
  },
  // These load, and must not take their time from the others.
  'catastrophic.yml': {
    text: rule('catastrophic', "  s: {CommandLine|re: '(a+)+$', Image|re: '^(([a-z])+.)+[A-Z]([a-z])+$'}"),
    reason: undefined,
  },
  'stars.yml': { text: rule('stars', `  s: {CommandLine|contains: '${'*a'.repeat(500)}*!'}`), reason: undefined },
  'good.yml': { text: rule('good', '  s: {CommandLine|contains: needle}'), reason: undefined },
};

function line(record: object): string {
  return `${JSON.stringify({ EventID: 1, Channel: 'Security', ...record })}\n`;
}

const found = line({ CommandLine: 'a needle' });
const zeros = Buffer.alloc(32 * 1_048_576);
const packed = gzipSync(zeros, { level: 9 });
const bomb = Buffer.concat(Array<Buffer>(32).fill(packed));
const badChunks = Buffer.alloc(4096 + 65_536 * 4);
badChunks.write('ElfFile\0');
badChunks.writeUInt16LE(4096, 40);
for (let at = 0; at < 4; at++) {
  badChunks.write('ElfChnk\0', 4096 + 65_536 * at);
  badChunks.fill(0x2a, 4096 + 65_536 * at + 512, 4096 + 65_536 * (at + 1));
}
let nested = gzipSync(found);
for (let at = 0; at < 8; at++) nested = gzipSync(nested);

/** What it says of each, and whether the good record in it is found. */
const hostileLogs: Readonly<
  Record<string, { readonly bytes: Buffer; readonly said: RegExp; readonly finds: boolean }>
> = {
  'values.jsonl': {
    bytes: Buffer.from(line({ CommandLine: 'a'.repeat(1_000_000), Image: 'a'.repeat(2_000) }) + found),
    said: /^$/,
    finds: true,
  },
  'long-line.jsonl': {
    bytes: Buffer.from(line({ CommandLine: 'a'.repeat(20_000_000) }) + found),
    said: /line 1: longer than 1024 KiB/,
    finds: true,
  },
  'fields.jsonl': {
    bytes: Buffer.from(
      line(Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`f${at}`, 1]))) +
        line({
          ...Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`f${at}`, 1])),
          CommandLine: 'a needle',
        }) +
        line({
          ...Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`field${at}`, `value ${at}`])),
          CommandLine: 'a needle',
        }),
    ),
    said: /line 1: longer than 1024 KiB[\s\S]*line 2: more than \d+ values/,
    finds: true,
  },
  'deep.jsonl': {
    bytes: Buffer.from(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}\n${'['.repeat(100_000)}\n${found}`),
    said: /line 1: nested deeper than 32 levels[\s\S]*line 2: not a JSON object/,
    finds: true,
  },
  'bomb.gz': { bytes: bomb, said: /more than 200 times its size/, finds: false },
  'bomb-in-bomb.gz': { bytes: gzipSync(bomb, { level: 9 }), said: /more than 200 times its size/, finds: false },
  'nested.gz': { bytes: nested, said: /packed more than 3 times/, finds: false },
  'bomb.zip': {
    bytes: zipOf(Array.from({ length: 8 }, (_, at) => ({ name: `${at}.jsonl`, bytes: zeros }))),
    said: /more than 200 times its size/,
    finds: false,
  },
  'cut.zip': {
    bytes: zipOf([{ name: 'a.jsonl', bytes: Buffer.from(found) }]).subarray(0, 40),
    said: /zip/,
    finds: false,
  },
  'header.evtx': { bytes: Buffer.from('ElfFile\0'), said: /ends inside its header/, finds: false },
  'chunks.evtx': { bytes: badChunks, said: /chunk 1: damaged at byte 512/, finds: false },
  'noise.gz': { bytes: gzipSync(Buffer.from([1, 2, 3])).fill(0xff, 12), said: /damaged|unpack|invalid/, finds: false },
};

beforeAll(async () => {
  for (const path of [rules, logs]) mkdirSync(path);
  for (const [name, { text }] of Object.entries(hostileRules)) writeFileSync(join(rules, name), text);
  for (const [name, { bytes }] of Object.entries(hostileLogs)) writeFileSync(join(logs, name), bytes);
  node = await startNode({ ...profile, environment: bounded });
  const { token } = await enrolAdmin(node);
  using session = clientOf(node, token);
  ({ key } = await session.call('keys.create', { name: 'all', scopes: ['events.*'] }));
  for (const name of ['catastrophic.yml', 'stars.yml', 'good.yml'])
    await session.call('rules.create', { source: String(hostileRules[name]?.text), state: 'on' });
}, 240_000);

afterAll(async () => {
  await node?.kill();
  profile[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('rules check names each rule that is refused, with the reason', patient, async () => {
  const { code, stdout, stderr } = await runCommand(['rules', 'check', rules], bounded);
  const said = stdout + stderr;
  expect(code).toBe(1);
  for (const [name, { reason }] of Object.entries(hostileRules)) {
    const own = said.split('\n').filter((one) => one.startsWith(name));
    if (reason === undefined) expect(own, name).toEqual([]);
    else expect(own.join('\n'), name).toMatch(reason);
  }
});

test('scan names them too, and uses the others', patient, async () => {
  const { code, stdout, stderr } = await runCommand(
    ['scan', join(logs, 'values.jsonl'), '--rules', rules, '--output', 'ndjson'],
    bounded,
  );
  expect([code, stdout.includes('"good"')], stderr).toEqual([0, true]);
  for (const [name, { reason, text }] of Object.entries(hostileRules)) {
    // What has no detection may be anything: a scan leaves it alone.
    if (!text.includes('detection:')) continue;
    const said = stderr.split('\n').find((one) => one.startsWith(`rule refused: ${name}`));
    if (reason === undefined) expect(said, name).toBe(undefined);
    else expect(said, name).toMatch(reason);
  }
});

test.each(Object.entries(hostileLogs))('scan reads %s', patient, async (name, { said, finds }) => {
  const { code, stdout, stderr } = await runCommand(
    ['scan', join(logs, name), '--rules', rules, '--output', 'ndjson', '--jobs', '1'],
    bounded,
  );
  expect([0, 1, 2], stderr).toContain(code);
  if (said.source !== '^$') expect(stderr).toMatch(said);
  const titles = stdout
    .split('\n')
    .flatMap((one) => (one === '' ? [] : [(JSON.parse(one) as { title: string }).title]));
  expect(titles).toEqual(finds ? expect.arrayContaining(['good']) : []);
});

test('import reads them too, and the console is there for others meanwhile and afterwards', patient, async () => {
  const environment = { ...bounded, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: key };
  using client = clientOf(node, key);
  for (const [name, { finds }] of Object.entries(hostileLogs)) {
    const { code, stdout, stderr } = await runCommand(['import', join(logs, name)], environment);
    expect([0, 1, 2], `${name}: ${stderr}`).toContain(code);
    expect(`${stdout}${stderr}`, name).not.toMatch(/internal|heap|at .*\.ts:/);
    if (finds) expect(`${stdout}${stderr}`, name).toMatch(/accepted/);
    expect((await client.call('events.list', { limit: 1 })).items.length).toBeLessThanOrEqual(1);
  }
});

test('the API takes, or refuses in words, whatever is sent', patient, async () => {
  using client = clientOf(node, key);
  const base = () => ({ id: randomUUID(), time: new Date().toISOString(), source: 'tests', event_type: 'api_call' });
  const text = (length: number, piece: string) => piece.repeat(Math.floor(length / piece.length));
  const details: readonly Record<string, unknown>[] = [
    { CommandLine: text(1_000_000, 'a'), Image: text(30_000, 'aZ') },
    { path: text(1_000_000, "' or 1=1 -- "), parameters: { q: text(30_000, '<img onerror=') } },
    Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`field${at}`, `value ${at}`])),
    Array.from({ length: 25 }).reduce<Record<string, unknown>>((inner) => ({ a: inner }), { CommandLine: 'a needle' }),
    { CommandLine: Array.from({ length: 20_000 }, (_, at) => `aaaa${at}`) },
  ];
  for (const one of details) {
    const { accepted } = await client.call('events.ingest', { events: [{ ...base(), details: one }] });
    expect(accepted).toBe(1);
  }
  const deep = Array.from({ length: 200 }).reduce<Record<string, unknown>>((inner) => ({ a: inner }), {});
  expect(await client.call('events.ingest', { events: [{ ...base(), details: deep }] })).toMatchObject({
    accepted: 0,
    results: [{ status: 'rejected', reason: expect.stringMatching(/^nesting deeper than/) as string }],
  });
  const bytes = await fetchRaw(deflateRawSync(zeros));
  expect(bytes).toBe(415);
  const { accepted } = await client.call('events.ingest', {
    events: [{ ...base(), details: { CommandLine: 'a needle' } }],
  });
  expect(accepted).toBe(1);
  expect(peakMegabytes()).toBeLessThan(700);
});

/** A packed body: refused before a byte of it is unpacked. */
async function fetchRaw(body: Buffer): Promise<number> {
  const { request } = await import('node:https');
  return new Promise((resolve, reject) => {
    const sent = request(
      `${node.url}/api/v1/events`,
      {
        method: 'POST',
        ca: readFileSync(node.ca),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-encoding': 'deflate' },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function peakMegabytes(): number {
  const status = readFileSync(`/proc/${node.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
