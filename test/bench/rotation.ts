// Rotating the sealing and the page key of a large store: how fast, and how long anything else of the process had to wait.
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { openSqlite } from '../../src-main/adapters/sqlite/database.ts';
import { systemRandom } from '../../src-main/adapters/system/host-parts.ts';
import { utf8 } from '../../src-main/base/bytes.ts';
import type { Credential } from '../../src-main/core/dispatch/arrival.ts';
import { parseKeyFile } from '../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../src-main/core/features/keys/key-ring.ts';
import { createTestConsole, type TestConsole } from '../support/console.ts';
import { createTestHost } from '../support/host.ts';
import { temporaryFolder } from '../support/stores.ts';
import { report } from './measure.ts';

const sealedValues = 50_000;
const storeBytes = 200e6;
const allowedDelayMs = 50;
const settings = new Map([['rate_limit.requests_per_minute', 1_000_000]]);

export async function benchRotation(): Promise<void> {
  const folder = temporaryFolder();
  const host = createTestHost();
  let console = await createTestConsole({ folder, host, settings });
  const { session } = await console.signIn();
  await console.core.stop();
  fill(folder);
  console = await createTestConsole({ folder, host, settings, acceptOlderStore: true });
  const sealing = await measure(console, session, 'sealing');
  const rate = (sealing.total / sealing.ms) * 1000;
  const delay = (ms: number): string => `longest wait of anything else ${ms.toFixed(0)} ms`;
  report(
    'Re-sealing: longest delay / 50 ms',
    sealing.delayMs / allowedDelayMs,
    '≤ 1.00',
    `${rate.toFixed(0)} values/s, ${delay(sealing.delayMs)}`,
  );
  const page = await measure(console, session, 'page');
  const size = statSync(join(folder, 'store.db')).size / 1e6;
  report(
    'Page key: longest delay / 50 ms',
    page.delayMs / allowedDelayMs,
    '≤ 1.00',
    `${size.toFixed(0)} MB in ${(page.ms / 1000).toFixed(1)} s, ${delay(page.delayMs)}`,
  );
  await console.core.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(
  console: TestConsole,
  session: Credential,
  key: 'sealing' | 'page',
): Promise<{ ms: number; total: number; delayMs: number }> {
  await wait(500);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const started = performance.now();
  await console.call('encryption.rotate', { key }, session);
  for (;;) {
    await wait(10);
    const { task } = await console.call('encryption.status', {}, session);
    if (task?.state === 'failed') throw new Error(task.error ?? 'failed');
    if (task?.state !== 'finished') continue;
    delays.disable();
    return { ms: performance.now() - started, total: task.total, delayMs: delays.max / 1e6 };
  }
}

/** Past the program: making so much through it would take longer than what is measured. */
function fill(folder: string): void {
  const master = new Uint8Array(32).fill(5);
  const ring = openKeyRing(parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8')), master, systemRandom);
  const database = openSqlite(join(folder, 'store.db'), ring.pageKey());
  const answer = utf8('x'.repeat(200));
  database.run('BEGIN');
  for (let number = 0; number < sealedValues; number++) {
    const key = `key-${number}`;
    database.run(
      `INSERT INTO idempotency (workspace, principal, key, request, answer, at)
       VALUES ('default', 'bench', :key, :request, :answer, :at)`,
      {
        key,
        request: ring.seal(new Uint8Array(32), `idempotency/request/bench/${key}`),
        answer: ring.seal(answer, `idempotency/answer/bench/${key}`),
        at: Date.UTC(2026, 10, 21, 14),
      },
    );
  }
  database.script('CREATE TABLE filler (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT');
  for (let bytes = 0; bytes < storeBytes; bytes += 1_000)
    database.run('INSERT INTO filler (body) VALUES (randomblob(1000))');
  database.run('COMMIT');
  database.close();
  ring.destroy();
}
