// Backing up and restoring a store of 1 GiB, against what the work costs at least: AES-256 over the same bytes by openssl and a copy of
// the file, both synced (spec 03: within 2.5 times that, in under 200 MiB).
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, copyFileSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '../../src-main/adapters/sqlite/database.ts';
import { systemRandom } from '../../src-main/adapters/system/host-parts.ts';
import { openKeyRing, parseKeyFile } from '../../src-main/core/features/keys/index.ts';
import { admin, clientOf, createProfile, enrolAdmin, projectRoot, startNode } from '../support/node.ts';
import { median, report } from './measure.ts';

const storeBytes = 2 ** 30;
const rowBytes = 3_800;
const rounds = 3;
const goalMb = 200;
const bin = join(projectRoot, 'src-main/shells/cli/bin.mjs');

export async function benchBackup(): Promise<void> {
  using profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
  });
  const home = join(profile.home, 'profile');
  let node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  await node.kill('SIGTERM');
  fill(home);
  const store = join(home, 'store.db');
  const size = statSync(store).size;
  node = await startNode(profile);
  using client = clientOf(node, token);
  const times = { backup: [] as number[], restore: [] as number[], least: [] as number[] };
  let backupMb = 0;
  let idleMb = 0;
  let restoreMb = 0;
  const quiet = watchAnswers(() => client.call('console.ready', {}));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const quietMs = await quiet.stop();
  let longestMs = 0;
  for (let round = 0; round < rounds; round++) {
    times.least.push(await least(store, profile.home));
    // What the process needed for its start doesn't count.
    writeFileSync(`/proc/${node.process.pid}/clear_refs`, '5');
    const beforeMb = peakMb(node.process);
    const watch = watchAnswers(() => client.call('console.ready', {}));
    const started = performance.now();
    const made = await client.call('backups.create', {});
    times.backup.push(performance.now() - started);
    longestMs = Math.max(longestMs, await watch.stop());
    const nowMb = peakMb(node.process);
    if (nowMb > backupMb) {
      backupMb = nowMb;
      idleMb = beforeMb;
    }
    const { items } = await client.call('backups.list', {});
    const path = items.find(({ backup_id: id }) => id === made.backup_id)?.path ?? '';
    const target = join(profile.home, `restored-${round}`);
    const begun = performance.now();
    const child = spawn(process.execPath, [bin, 'restore', path, '--protect', 'environment'], {
      env: { ...profile.environment, GATEHOUSE_HOME: target },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const gone = once(child, 'exit');
    const timer = setInterval(() => {
      restoreMb = Math.max(restoreMb, peakMb(child));
    }, 50);
    const [code] = (await gone) as [number | null];
    clearInterval(timer);
    if (code !== 0) throw new Error(`the restore ended with ${code}`);
    times.restore.push(performance.now() - begun);
    await client.call('backups.delete', { id: made.backup_id });
    rmSync(target, { recursive: true });
  }
  await node.kill('SIGTERM');
  const gib = (size / 2 ** 30).toFixed(2);
  for (const name of ['backup', 'restore'] as const) {
    const ratios = times[name].map((ms, index) => ms / (times.least[index] ?? 1));
    const figures = `${gib} GiB in ${times[name].map((ms) => (ms / 1_000).toFixed(2)).join(', ')} s of ${times.least.map((ms) => (ms / 1_000).toFixed(2)).join(', ')} s for openssl and copy; best ${Math.min(...ratios).toFixed(2)}`;
    report(
      `Backup: ${name === 'backup' ? 'making it, console in use' : 'restoring it, fully checked'}`,
      median(ratios),
      '≤ 2.50',
      figures,
    );
  }
  report(
    'Memory: what backing up adds',
    (backupMb - idleMb) / goalMb,
    '< 1.00',
    `${(backupMb - idleMb).toFixed(0)} MB of ${goalMb} MB; the console had ${idleMb.toFixed(0)} MB resident before, ${backupMb.toFixed(0)} MB at its peak`,
  );
  report(
    'Memory: peak while restoring',
    restoreMb / goalMb,
    '< 1.00',
    `${restoreMb.toFixed(0)} MB resident of ${goalMb} MB`,
  );
  process.stdout.write(
    `longest answer of the console during a backup: ${longestMs.toFixed(0)} ms (${quietMs.toFixed(0)} ms in 3 s without one)\n`,
  );
}

/** Rows of random bytes, with an index over a part of them: what integrity checks have to walk. */
function fill(home: string): void {
  const file = parseKeyFile(readFileSync(join(home, 'keys.json'), 'utf8'));
  const ring = openKeyRing(file, Buffer.alloc(32, 3), systemRandom);
  const database = openSqlite(join(home, 'store.db'), ring.pageKey());
  ring.destroy();
  database.script('CREATE TABLE filler (id INTEGER PRIMARY KEY, name TEXT NOT NULL, body BLOB NOT NULL) STRICT');
  database.script('CREATE INDEX filler_by_name ON filler (name)');
  const body = randomBytes(rowBytes);
  for (let id = 0; id * 4_096 < storeBytes; ) {
    database.run('BEGIN');
    for (let n = 0; n < 5_000; n++, id++) {
      body.writeUInt32BE(id, 0);
      database.run('INSERT INTO filler (id, name, body) VALUES (:id, :name, :body)', {
        id,
        name: `row-${id % 1_000}`,
        body,
      });
    }
    database.run('COMMIT');
  }
  database.get('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  // The mark beside it is of the store before.
  rmSync(join(home, 'store.mark'), { force: true });
}

/** @returns milliseconds for AES-256-CTR over the file by openssl and a copy of it, both on the disk when it ends. */
async function least(store: string, folder: string): Promise<number> {
  const encrypted = join(folder, 'least.enc');
  const copy = join(folder, 'least.copy');
  const started = performance.now();
  const openssl = spawn('openssl', [
    'enc',
    '-aes-256-ctr',
    '-K',
    '0'.repeat(64),
    '-iv',
    '0'.repeat(32),
    '-in',
    store,
    '-out',
    encrypted,
  ]);
  const [code] = (await once(openssl, 'exit')) as [number | null];
  if (code !== 0) throw new Error('openssl enc failed');
  copyFileSync(store, copy);
  for (const path of [encrypted, copy]) {
    const file = openSync(path, 'r+');
    fsyncSync(file);
    closeSync(file);
  }
  const took = performance.now() - started;
  rmSync(encrypted);
  rmSync(copy);
  return took;
}

/** Asks again and again. `stop` gives the longest time that an answer took. */
function watchAnswers(ask: () => Promise<unknown>): { stop(): Promise<number> } {
  let on = true;
  let longest = 0;
  const asking = (async () => {
    while (on) {
      const started = performance.now();
      await ask();
      longest = Math.max(longest, performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    async stop() {
      on = false;
      await asking;
      return longest;
    },
  };
}

/** 0 for a process that has ended. */
function peakMb({ pid }: ChildProcess): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
