// The programs in docs/anchors.md do what the page says, on what the anchors really write.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { createAnchorFile } from '../../../src-main/adapters/anchors/anchor-file.ts';
import { createAnchorLine } from '../../../src-main/adapters/anchors/anchor-request.ts';
import { createWebhookAnchor } from '../../../src-main/adapters/anchors/webhook.ts';
import type { AnchoredCheckpoint } from '../../../src-main/core/features/audit/index.ts';
import { havePython } from '../../support/python-verifier.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { witnessSigner } from '../../support/witness-server.ts';
import { SampleLog } from '../evidence/sample-log.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/anchors.md'), 'utf8');
const [checker = '', receiver = ''] = [...page.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code = '']) => code);

const folder = temporaryFolder();
const log = new SampleLog(9);
const { signal } = new AbortController();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function at(size: number): AnchoredCheckpoint {
  return { origin: log.signer.key.name, size, root: log.root(size), note: log.checkpoint(size), proof: () => [] };
}

describe.runIf(havePython)('the documented', () => {
  test('check of notes accepts what the file anchor wrote and what a witness cosigned, and finds what was changed', async () => {
    const script = join(folder, 'notes.py');
    const file = join(folder, 'anchors.log');
    writeFileSync(script, checker);
    mkdirSync(join(folder, 'profile'));
    const anchor = createAnchorFile({ path: file, profileFolder: () => join(folder, 'profile') });
    let memo: string | undefined;
    for (const size of [2, 5, 9]) memo = (await anchor.publish(at(size), memo, signal)).memo;
    const witness = witnessSigner('witness.example/w1', 5);
    const check = (text: string, ...keys: string[]) => {
      writeFileSync(join(folder, 'notes'), text);
      const { status, stdout, stderr } = spawnSync('python3', [script, join(folder, 'notes'), ...keys]);
      return { status, said: `${stdout}${stderr}` };
    };
    const whole = readFileSync(file, 'utf8');
    const own = log.signer.key.text;
    const origin = log.signer.key.name;
    expect(check(whole, own)).toEqual({
      status: 0,
      said: [2, 5, 9].map((size) => `good ${origin} #${size} by ${origin}\n`).join(''),
    });
    const note = log.checkpoint(9);
    const cosigned = note + witness.line(note.slice(0, note.indexOf('\n\n') + 1), 1_795_000_000);
    expect(check(cosigned, own, witness.key.text).said).toBe(`good ${origin} #9 by ${origin}, witness.example/w1\n`);
    expect(check(whole.replace('\n5\n', '\n6\n'), own)).toMatchObject({
      status: 1,
      said: expect.stringContaining('WRONG'),
    });
    expect(check(log.checkpoint(9) + log.checkpoint(5), own).status).toBe(1);
    expect(check(whole, witness.key.text).status).toBe(1);
    expect(check('', own).status).toBe(1);
  });

  test('receiver keeps checkpoints, gives them back, and takes none that is unsigned or goes back', async () => {
    const script = join(folder, 'receiver.py');
    writeFileSync(script, receiver);
    const port = await freePort();
    const kept = join(folder, 'received.log');
    const secret = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;
    const child = spawn('python3', [script, String(port), kept], {
      env: { ...process.env, SECRET: secret },
      stdio: 'ignore',
    });
    try {
      await untilListening(port, child);
      const anchorWith = (key: string) =>
        createWebhookAnchor({
          address: `http://127.0.0.1:${port}/checkpoints`,
          secret: () => key,
          clock: { now: () => Date.now() },
          line: createAnchorLine({ ca: undefined, timeoutMs: 20_000 }),
        });
      const anchor = anchorWith(secret);
      for (const size of [3, 7, 7]) await anchor.publish(at(size), undefined, signal);
      expect(readFileSync(kept, 'utf8')).toBe(log.checkpoint(3) + log.checkpoint(7));
      await expect(anchor.publish(at(5), undefined, signal)).rejects.toThrow('status 409');
      await expect(anchorWith('other').publish(at(9), undefined, signal)).rejects.toThrow('status 401');
      const held: unknown[] = [];
      for await (const one of anchor.held?.('newest', at(9), undefined, signal) ?? []) held.push(one);
      expect(held).toEqual([{ note: log.checkpoint(3) }, { note: log.checkpoint(7) }]);
    } finally {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let n = 0; n < 200 && child.exitCode === null; n++) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answered !== undefined) return;
    await wait(50);
  }
  throw new Error('the receiver did not start');
}
