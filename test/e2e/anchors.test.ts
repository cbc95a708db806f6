// Anchors of a real console: set by its configuration, told by the command line, and complete after SIGKILL at any moment.
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nodePrimitives } from '../../src-main/base/evidence-primitives.ts';
import type { Client } from '../../src-main/shells/cli/client.ts';
import type { Output } from '../../src-shared/contract/contract.ts';
import { openCosignatures } from '../../src-shared/evidence/cosignature.ts';
import { splitNotes } from '../../src-shared/evidence/note-file.ts';
import { admin, clientOf, createProfile, enrolAdmin, runCommand, startNode } from '../support/node.ts';
import { createWebhookReceiver } from '../support/webhook-receiver.ts';
import { createWitnessServer } from '../support/witness-server.ts';

const kills = Number(process.env.GATEHOUSE_TEST_KILLS ?? 6);
type Status = Output<'audit.status'>;

async function until(client: Client, done: (status: Status) => boolean): Promise<Status> {
  let status = await client.call('audit.status', {});
  for (let n = 0; n < 300 && !done(status); n++) {
    await wait(100);
    status = await client.call('audit.status', {});
  }
  if (!done(status)) throw new Error(JSON.stringify(status.anchors));
  return status;
}

const allAnchored = ({ anchors, checkpoint }: Status): boolean =>
  anchors.every(({ state, anchored_size }) => state === 'anchored' && anchored_size === checkpoint?.size);

const sizeOf = (note: string): number => Number(note.split('\n')[1]);

test(`no checkpoint misses an anchor over ${kills} kills; status and checkpoint on the command line`, {
  timeout: 60_000 + kills * 30_000,
}, async () => {
  await using witness = await createWitnessServer();
  await using receiver = await createWebhookReceiver();
  using profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_AUDIT_CHECKPOINT_INTERVAL_SECONDS: '1',
    GATEHOUSE_AUDIT_ANCHOR_WITNESS: witness.setting,
    GATEHOUSE_AUDIT_ANCHOR_WEBHOOK: `${receiver.address}/checkpoints`,
    GATEHOUSE_ANCHOR_WEBHOOK_SECRET: receiver.secret,
  });
  const volume = join(profile.home, 'volume');
  mkdirSync(volume);
  const file = join(volume, 'anchors.log');
  profile.environment.GATEHOUSE_AUDIT_ANCHOR_FILE = file;
  let node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using first = clientOf(node, token);
  const { key } = await first.call('keys.create', { name: 'load', scopes: ['keys.*', '*.read', 'audit.checkpoint'] });
  const { verifier_key, origin } = await first.call('audit.public_key', {});
  witness.know(verifier_key);

  for (let round = 0; round < kills; round++) {
    using client = clientOf(node, key);
    const killed = wait(randomInt(20, 900)).then(() => node.kill('SIGKILL'));
    try {
      for (;;) {
        await client.call('keys.create', { name: 'k', scopes: ['events.read'] });
        await client.call('audit.checkpoint', {});
      }
    } catch {
      // The kill.
    }
    await killed;
    node = await startNode(profile);
  }
  using client = clientOf(node, key);
  const { note } = await client.call('audit.checkpoint', {});
  const status = await until(client, allAnchored);
  expect(status.check.state).not.toBe('broken');

  // Every one that was signed and kept beside the store is in the file and at the receiver, in its order.
  const kept = splitNotes(readFileSync(join(profile.home, 'profile/checkpoints.log'), 'utf8')).notes;
  expect(kept.length).toBeGreaterThan(kills);
  expect(splitNotes(readFileSync(file, 'utf8')).notes).toEqual(expect.arrayContaining(kept));
  expect(receiver.notes).toEqual(expect.arrayContaining(kept));
  const sizes = receiver.notes.map(sizeOf);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(witness.seen.get(origin)?.size).toBe(sizeOf(note));

  const environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
  };
  const told = await runCommand(['audit', 'status'], environment);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toContain(`log         ${origin}, `);
  for (const name of [file, 'witness.example/w1', `webhook ${new URL(receiver.address).host}`])
    expect(told.stdout).toMatch(new RegExp(`^${name} +(file|witness|webhook) +anchored +#\\d+ +0 `, 'm'));
  const asked = await runCommand(['audit', 'checkpoint'], environment);
  expect(asked.code).toBe(0);
  expect(openCosignatures(nodePrimitives, asked.stdout, []).unknown.map(({ name }) => name)).toEqual([origin]);
  expect(JSON.parse((await runCommand(['audit', 'status', '--json'], environment)).stdout)).toMatchObject({ origin });
  await node.kill('SIGTERM');
});
