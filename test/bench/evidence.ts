// The audit log and its bundles at scale: appending against bare inserts, how append and proof cost grow with the tree, exporting a million
// entries while the console answers, and verifying them against hashing the same entries one by one (spec 04).
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openBundleFile } from '../../src-main/adapters/files/bundle-file.ts';
import { writeParts } from '../../src-main/adapters/files/part-file.ts';
import { systemRandom, systemTimers } from '../../src-main/adapters/system/host-parts.ts';
import { nodePrimitives } from '../../src-main/base/evidence-primitives.ts';
import type { NewEntry } from '../../src-main/core/dispatch/performing.ts';
import { appendEntry, readNode, type Signer, type SubjectVault } from '../../src-main/core/features/audit/index.ts';
import { auditMigrations } from '../../src-main/core/features/audit/migrations.ts';
import { gatherBundle } from '../../src-main/core/features/bundles/sealing.ts';
import type { SqlParameters } from '../../src-main/core/ports.ts';
import type { WriteTx } from '../../src-main/core/store/store.ts';
import { readSpan } from '../../src-shared/evidence/bundle-source.ts';
import { inclusionProof } from '../../src-shared/evidence/merkle.ts';
import { verifyBundle } from '../../src-shared/evidence/verify-bundle.ts';
import { projectRoot } from '../support/node.ts';
import { createTestStore, type TestStore } from '../support/stores.ts';
import { testSigner } from '../unit/evidence/sample-log.ts';
import { median, report } from './measure.ts';

const firstEntryMs = 1_790_000_000_000;
const entries = 1_000_000;
const perCommit = 500;
const appendRounds = 5;
const curve = [10_000, 100_000, 1_000_000, 10_000_000];
const probes = 2_000;
const { key, sign } = testSigner('gatehouse/bench', 3);
const signer: Signer = {
  origin: key.name,
  verifierKey: key,
  sign,
  keep: () => undefined,
  anchors: [],
  wakeAnchors: () => undefined,
};
const auditFeature = { name: 'audit', migrations: auditMigrations, scopedTables: ['audit_body'], handlers: {} };

export async function benchEvidence(): Promise<void> {
  benchAppend();
  benchCurve();
  await benchBundle();
}

function entryAt(index: number): NewEntry {
  return {
    type: 'api_call',
    action: 'alerts.list',
    success: index % 9 !== 0,
    actor: { kind: 'user', id: `0199a300-0000-7000-8000-${String(index % 50).padStart(12, '0')}`, name: 'jonas.weber' },
    resource: { type: 'alert', id: String(index) },
    origin: { ip: `192.0.2.${index % 250}`, userAgent: null },
    sessionId: null,
    traceId: null,
    details: { status: 200 },
    dataAccessed: undefined,
    at: firstEntryMs + index,
  };
}

function benchAppend(): void {
  using store = createTestStore([auditFeature]);
  const copies = bareTables(store);
  const commits = 400;
  const ratios: number[] = [];
  const figures: string[] = [];
  let next = 0;
  for (let round = 0; round < appendRounds; round++) {
    const ours = cpuAndWall(() => {
      for (let commit = 0; commit < commits; commit++) {
        store.write('default', (tx) => appendEntry(tx, entryAt(next++), systemRandom));
      }
    });
    const rows = Array.from({ length: commits }, () => copies.take(1));
    const bare = cpuAndWall(() => {
      for (const each of rows) store.write('default', (tx) => copies.insert(tx, each));
    });
    ratios.push(bare.wall / ours.wall);
    figures.push(`${((commits / ours.wall) * 1_000).toFixed(0)}/s (processor ${(bare.cpu / ours.cpu).toFixed(2)} ×)`);
  }
  report(
    'Append, each in its own commit',
    median(ratios),
    '≥ 0.50',
    `of bare inserts of the same rows; ${figures.join(', ')}`,
  );
}

/** The same rows once more, in tables of the same form that nobody computes anything for. */
function bareTables(store: TestStore) {
  store.write('default', (tx) => {
    tx.run(
      'CREATE TABLE bare_node (level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, position)) STRICT, WITHOUT ROWID',
    );
    tx.run(
      'CREATE TABLE bare_body (seq INTEGER PRIMARY KEY, workspace TEXT NOT NULL, workspace_seq INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, event_type TEXT NOT NULL, success INTEGER NOT NULL, actor_name TEXT, session_id TEXT, leaf TEXT NOT NULL, body TEXT NOT NULL, seed BLOB NOT NULL, UNIQUE (workspace, workspace_seq)) STRICT',
    );
    tx.run('CREATE INDEX bare_body_by_type ON bare_body (workspace, event_type, seq)');
    tx.run('CREATE INDEX bare_body_by_actor ON bare_body (workspace, actor_name, seq)');
  });
  let bodies = 0;
  return {
    /** The rows of the next `count` entries. */
    take(count: number): [string, SqlParameters][] {
      const rows = store.readAll((tx) => [
        ...tx
          .all<SqlParameters>('SELECT * FROM audit_body WHERE seq > :from AND seq <= :to ORDER BY seq', {
            from: bodies,
            to: bodies + count,
          })
          .map((row): [string, SqlParameters] => [
            'INSERT INTO bare_body (seq, workspace, workspace_seq, id, at, event_type, success, actor_name, session_id, leaf, body, seed) VALUES (:seq, :workspace, :workspace_seq, :id, :at, :event_type, :success, :actor_name, :session_id, :leaf, :body, :seed)',
            row,
          ]),
        ...nodesBetween(bodies, bodies + count).map(([level, position]): [string, SqlParameters] => [
          'INSERT INTO bare_node (level, position, hash) VALUES (:level, :position, :hash)',
          { level, position, hash: readNode(tx, level, position) },
        ]),
      ]);
      bodies += count;
      return rows;
    },
    insert(tx: WriteTx, rows: readonly [string, SqlParameters][]): void {
      for (const [sql, row] of rows) tx.run(sql, row);
    },
  };
}

/** The nodes that became complete while the tree grew. */
function nodesBetween(from: number, to: number): [level: number, position: number][] {
  const nodes: [number, number][] = [];
  for (let level = 0; 2 ** level <= to; level++) {
    const width = 2 ** level;
    for (let position = Math.floor(from / width); position < Math.floor(to / width); position++)
      nodes.push([level, position]);
  }
  return nodes;
}

/** Nodes with made-up hashes: what an append and a proof cost does not depend on what the hashes say. */
function benchCurve(): void {
  using store = createTestStore([auditFeature]);
  const lines: string[] = [];
  const appends: number[] = [];
  const proofs: number[] = [];
  let filled = 0;
  for (const size of curve) {
    for (let level = 0; 2 ** level <= size; level++) {
      const first = store.readAll(
        (tx) =>
          tx.get<{ next: number }>(
            'SELECT coalesce(max(position) + 1, 0) AS next FROM audit_node WHERE level = :level',
            { level },
          )?.next ?? 0,
      );
      const end = Math.floor(size / 2 ** level);
      store.write('default', (tx) =>
        tx.run(
          `WITH RECURSIVE each(position) AS (SELECT :first UNION ALL SELECT position + 1 FROM each WHERE position + 1 < :end)
           INSERT INTO audit_node (level, position, hash) SELECT :level, position, randomblob(32) FROM each WHERE position < :end`,
          { level, first, end },
        ),
      );
    }
    store.checkpoint();
    const append = perOne(probes, (index) => {
      store.write('default', (tx) => appendEntry(tx, entryAt(index), systemRandom));
    });
    const proof = perOne(probes, (index) => {
      const leaf = (index * 7_919_993) % size;
      store.readAll((tx) => inclusionProof(nodePrimitives, leaf, size, (level, at) => readNode(tx, level, at)));
    });
    filled = size;
    appends.push(append);
    proofs.push(proof);
    lines.push(
      `${filled.toLocaleString('en').padStart(12)} entries: append ${append.toFixed(0)} µs, proof ${proof.toFixed(0)} µs`,
    );
  }
  const [firstAppend = 1] = appends;
  const [firstProof = 1] = proofs;
  const levels = Math.log2(curve.at(-1) ?? 1) / Math.log2(curve[0] ?? 2);
  report('Append at 10 M against 10 k', (appends.at(-1) ?? 0) / firstAppend, 'flat', '');
  report(
    'Proof at 10 M against 10 k',
    (proofs.at(-1) ?? 0) / firstProof,
    'flat',
    `the tree is ${levels.toFixed(2)} × as high`,
  );
  for (const line of lines) process.stdout.write(`${line}\n`);
}

/** Its entries are about nobody. */
const noSubjects: SubjectVault = {
  seal: () => new Uint8Array(0),
  open: () => new Uint8Array(0),
};

async function benchBundle(): Promise<void> {
  using store = createTestStore([auditFeature]);
  for (let next = 0; next < entries; ) {
    store.write('default', (tx) => {
      for (let index = 0; index < perCommit; index++) appendEntry(tx, entryAt(next++), systemRandom);
    });
  }
  store.checkpoint();
  const path = join(store.folder, 'million.ghbundle');
  const turns = watchTurns();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 100);
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const gathered = await gatherBundle({
    store,
    signer: () => signer,
    subjectVault: noSubjects,
    workspace: 'default',
    asked: { selection: {}, filter: {}, redaction: 'nothing', reason: 'benchmark' },
    console: 'bench',
    exportedBy: { id: '', kind: 'user', name: 'bench' },
    hmac: undefined,
    now: () => firstEntryMs + 2 * entries,
    pause: turns.pause,
    progress: () => undefined,
  });
  const sealedMs = performance.now() - started;
  const file = await gathered.sign(() => []);
  await writeParts(path, file.parts());
  const exportMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  clearInterval(watch);
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(0);
  report(
    `Export of ${entries.toLocaleString('en')} entries: longest turn`,
    turns.longestMs() / 50,
    '≤ 1.00',
    `of 50 ms: ${turns.longestMs().toFixed(0)} ms of the processor, ${turns.usualMs().toFixed(1)} ms as a rule; ${mb(statSync(path).size)} MB in ${(exportMs / 1000).toFixed(1)} s, ${((user + system) / 1_000_000).toFixed(1)} s of the processor (signed after ${(sealedMs / 1000).toFixed(1)} s), ${mb(peak - before)} MB of memory`,
  );
  await verifyFile(path);
  compareWithHashing(path);
}

/** What of the processor's time each turn of this thread takes: a loaded machine holds up whoever sleeps as well. */
function watchTurns() {
  const took: number[] = [];
  let since: number | undefined;
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  return {
    async pause(): Promise<void> {
      if (since !== undefined) took.push(spent() - since);
      await systemTimers.breathe();
      since = spent();
    },
    longestMs: () => took.reduce((longest, each) => Math.max(longest, each), 0),
    usualMs: () => median(took),
  };
}

async function verifyFile(path: string): Promise<void> {
  const bin = join(projectRoot, 'src-main/shells/cli/bin.mjs');
  const started = performance.now();
  const child = spawn(process.execPath, [bin, 'audit', 'verify', path, '--key', key.text], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakMb = 0;
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    try {
      const [, kb = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      peakMb = Math.max(peakMb, Number(kb) / 1024);
      // utime and stime (proc_pid_stat(5)), in hundredths of a second.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It has ended.
    }
  }, 20);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`verifying ended with ${code}`);
  const seconds = (performance.now() - started) / 1000;
  report(
    `Verifying ${entries.toLocaleString('en')} entries`,
    cpuSeconds / 15,
    '≤ 1.00',
    `of 15 s: ${cpuSeconds.toFixed(1)} s of the processor, ${seconds.toFixed(1)} s by the clock, ${peakMb.toFixed(0)} MB of memory`,
  );
}

/** Of a tenth of the file: what is compared is the rate. */
function compareWithHashing(path: string): void {
  using source = openBundleFile(path);
  const options = { trustedKeys: [key.text] };
  const ratios: number[] = [];
  const figures: string[] = [];
  for (let round = 0; round < 3; round++) {
    let count = 0;
    const ours = cpuAndWall(() => {
      const verdict = verifyBundle(nodePrimitives, source, options);
      if (verdict.verdict !== 'VERIFIED') throw new Error(verdict.summary);
      count = verdict.entries?.seqs.length ?? 0;
      if (spans === undefined) spans = verdict.entries;
    });
    const all = spanBytes(source);
    const theirs = cpuAndWall(() => {
      for (const bytes of all) hash('sha256', bytes, 'buffer');
    });
    const [mine, bare] = [count / ours.wall, all.length / theirs.wall];
    ratios.push(((theirs.cpu / all.length) * count) / ours.cpu);
    figures.push(
      `${(mine * 1000).toFixed(0)}/s of ${(bare * 1000).toFixed(0)}/s (${(mine / bare).toFixed(2)} × by the clock)`,
    );
  }
  report('Verifying against hashing', median(ratios), '≥ 0.15', `of the processor's time; ${figures.join(', ')}`);
}

/** Where the entries stand, from the first verification. */
let spans: { starts: ArrayLike<number>; ends: ArrayLike<number>; seqs: ArrayLike<number> } | undefined;

function spanBytes(source: Parameters<typeof readSpan>[0]): Uint8Array[] {
  const { starts, ends, seqs } = spans ?? { starts: [], ends: [], seqs: [] };
  return Array.from({ length: seqs.length / 10 }, (_, index) =>
    Uint8Array.from(readSpan(source, starts[index] ?? 0, ends[index] ?? 0)),
  );
}

/** Microseconds for one, the median: what else the machine does is not the tree's. */
function perOne(times: number, run: (index: number) => void): number {
  const took: number[] = [];
  for (let index = 0; index < times; index++) {
    const started = performance.now();
    run(index);
    took.push((performance.now() - started) * 1000);
  }
  return median(took);
}

function cpuAndWall(run: () => void): { wall: number; cpu: number } {
  const before = process.cpuUsage();
  const started = performance.now();
  run();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}
