// Damaged bytes for every parser of logs and rules, for as long as wanted: GATEHOUSE_FUZZ_SECONDS for each (5 unless told), from
// GATEHOUSE_FUZZ_SEED on. What is thrown, takes longer than a second or grows out of bounds is kept as a file, and ends it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileRules } from '../../src-main/engine/rules/compile.ts';
import { type FormatName, formatNames } from '../../src-shared/log-formats.ts';
import { evtxChunk, evtxFile, failedLogons, sealChunk } from '../support/evtx-file.ts';
import { read } from '../unit/engine/reading.ts';

const secondsEach = Number(process.env.GATEHOUSE_FUZZ_SECONDS ?? 5);
const firstSeed = Number(process.env.GATEHOUSE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 30));
/** Of processor time. A busy machine disturbs it little, and what hangs is far beyond. */
const longestMs = 1_000;
const longestInput = 64 * 1024;

type Random = (below: number) => number;

/** Mulberry32: the same inputs for the same seed, whatever the version of Node. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below);
  };
}

const words = [
  ...[
    '"',
    "'",
    '\\',
    '\\"',
    '\n',
    '\r\n',
    '\0',
    '=',
    '|',
    ',',
    ';',
    '{',
    '}',
    '[',
    ']',
    '<',
    '>',
    '%',
    '%zz',
    '&a',
    '*a',
    ': ',
  ],
  ...[
    '- ',
    '!!',
    '? ',
    '<<: ',
    '\t',
    '\ufeff',
    'é',
    '\ud7ff',
    '-1',
    '0',
    '1e999',
    '9007199254740993',
    'null',
    '<13>',
    'CEF:0|',
  ],
  ...[
    'type=',
    'msg=audit(1:1): ',
    '2026-11-21T07:50:12Z',
    'Nov 31 25:61:61',
    '(a+)+$',
    '|re',
    '|contains|all',
    '1 of them',
    'not ',
  ],
].map((text) => new TextEncoder().encode(text));

function damage(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = Array.from(seeds[random(seeds.length)] ?? []);
  for (let times = 1 + random(8); times > 0; times--) {
    const at = random(bytes.length + 1);
    const length = random(random(4) === 0 ? 2_000 : 16);
    switch (random(7)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes.splice(at, length);
        break;
      case 2:
        bytes.splice(at, 0, ...bytes.slice(at, at + length));
        break;
      case 3:
        bytes.splice(at, 0, ...(words[random(words.length)] ?? []));
        break;
      case 4: {
        const other = seeds[random(seeds.length)] ?? [];
        const from = random(other.length);
        bytes.splice(at, length, ...other.slice(from, from + length));
        break;
      }
      case 5: {
        const word = words[random(words.length)] ?? [];
        for (let repeat = random(200); repeat > 0; repeat--) bytes.splice(at, 0, ...word);
        break;
      }
      default:
        bytes = bytes.slice(0, at);
    }
  }
  return Uint8Array.from(bytes.slice(0, longestInput), (byte) => byte ?? 0);
}

function fuzz(name: string, seeds: readonly Uint8Array[], take: (bytes: Uint8Array) => number): void {
  const random = createRandom(firstSeed);
  const until = performance.now() + secondsEach * 1000;
  let inputs = 0;
  let longest = 0;
  while (performance.now() < until) {
    const bytes = damage(seeds, random);
    const started = process.threadCpuUsage();
    let problem: string | undefined;
    try {
      const results = take(bytes);
      if (results > bytes.length + 5_000) problem = `gave ${results} results for ${bytes.length} bytes`;
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const { user, system } = process.threadCpuUsage(started);
    const ms = (user + system) / 1000;
    longest = Math.max(longest, ms);
    if (ms > longestMs) problem ??= `took ${ms.toFixed(0)} ms`;
    inputs++;
    if (problem === undefined) continue;
    const file = `fuzz-${name}-${firstSeed}-${inputs}.bin`;
    writeFileSync(file, bytes);
    throw new Error(`${name}, input ${inputs} of seed ${firstSeed}, kept as ${file}: ${problem}`);
  }
  process.stdout.write(
    `Fuzz: ${name.padEnd(12)} ${inputs.toLocaleString('en').padStart(9)} inputs, seed ${firstSeed}, longest ${longest.toFixed(0)} ms\n`,
  );
}

function filesIn(folder: string, ending: RegExp): Uint8Array[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => new Uint8Array(readFileSync(join(folder, name)).subarray(0, 8_000)));
}

export async function benchFuzz(): Promise<void> {
  const root = join(import.meta.dirname, '../..');
  const logs = filesIn(join(root, 'test/fixtures/logs'), /./);
  const evtx = evtxFile([evtxChunk(failedLogons(4))]);
  const formats: readonly (FormatName | 'auto')[] = ['auto', ...formatNames];
  for (const format of formats) {
    if (format === 'evtx') continue;
    fuzz(format, logs, (bytes) => read(bytes, format).length);
  }
  // Only the part of the chunk that is used: the rest is passed over.
  const used = new Uint8Array(evtx.subarray(0, 4096 + evtx.readUInt32LE(4096 + 48)));
  const sealed = createRandom(firstSeed);
  fuzz('evtx', [used], (bytes) => {
    const file = Buffer.from(evtx);
    file.set(bytes.subarray(0, evtx.length));
    // Every other one with checksums that fit, or nothing behind them would ever be looked at.
    if (sealed(2) === 0) sealChunk(file.subarray(4096));
    return read(file, 'evtx').length;
  });
  const rules = filesIn(join(root, 'resources/rules'), /\.ya?ml$/);
  fuzz('rules', rules, (bytes) => {
    const source = { name: 'fuzz.yml', text: Buffer.from(bytes).toString('utf8') };
    const { ruleSet, refused } = compileRules([source], {});
    const event = { id: 'e', timeMs: 0, source: 's', event_type: 'login', details: { command: 'a'.repeat(2_000) } };
    return refused.length + ruleSet.matcher.match(event).length;
  });
}
