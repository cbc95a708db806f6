// What witnesses and time-stamp authorities gave goes into bundles: for the entries in them, with the proof to the bundle's own
// checkpoint, and in a form that other people's tools check.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { createTimestampAnchor } from '../../../src-main/adapters/anchors/timestamp.ts';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { nodeStamps } from '../../../src-main/base/stamp-primitives.ts';
import { openCosignatures } from '../../../src-shared/evidence/cosignature.ts';
import { readAuthorities } from '../../../src-shared/evidence/stamps/time-stamp.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTimeStampAuthority } from '../../support/time-stamp-authority.ts';
import { createWitnessServer } from '../../support/witness-server.ts';
import { allAnchored, folders, line, openWith, until, witnessAnchor } from './anchored-console.ts';

test('a bundle carries the cosigned checkpoint and the time stamp that cover its entries, and verifies', async () => {
  const where = folders();
  const home = join(dirname(where.profile), 'authority');
  mkdirSync(home);
  await using authority = await createTimeStampAuthority(home);
  await using witness = await createWitnessServer();
  const stamps = createTimestampAnchor({
    address: authority.address,
    authorities: readAuthorities(authority.ca),
    everyMs: 3_600_000,
    random: { bytes: (length) => new Uint8Array(length).fill(3) },
    line,
  });
  await using console = await openWith(where.profile, [witnessAnchor(witness), stamps]);
  const { session } = await console.signIn();
  const { verifier_key, origin } = await console.call('audit.public_key', {}, session);
  witness.know(verifier_key);
  const { size } = await console.call('audit.checkpoint', {}, session);
  await until(console, session, allAnchored);
  // Grown beyond it: the export signs a checkpoint that the witness has not seen.
  witness.fault({ kind: 'status', status: 503 }, 9);
  await console.createKey(['events.read'], session);

  const bundle = await console.call('audit.export', { to_seq: size }, session);
  const verdict = verifyBundle(nodePrimitives, Buffer.from(bundle), { trustedKeys: [verifier_key] });
  expect(verdict.verdict).toBe('VERIFIED');
  const { manifest } = verdict;
  expect(manifest?.tree_size).toBeGreaterThan(size);
  expect(manifest?.consistency.map((record) => record.size)).toEqual([size]);
  const names = [`anchored-checkpoint-${size}.note`, `anchored-checkpoint-${size}.tsr`];
  expect(manifest?.attachments.map(({ name, media_type }) => [name, media_type])).toEqual([
    [names[0], 'text/plain; charset=utf-8'],
    [names[1], 'application/timestamp-reply'],
  ]);
  expect(verdict.checks.find(({ id }) => id === 'time_claims')).toMatchObject({
    state: 'not_checkable',
    detail: expect.stringContaining(`time stamps (RFC 3161) in ${names[1]}`),
  });

  const [note, stamp] = JSON.parse(bundle).attachments.map(({ data }: { data: string }) => Buffer.from(data, 'base64'));
  const opened = openCosignatures(nodePrimitives, note.toString('utf8'), [witness.key]);
  expect(opened.verified.map(({ witness: by }) => by.name)).toEqual(['witness.example/w1']);
  expect(opened.unknown.map(({ name }) => name)).toEqual([origin]);
  // Whoever names the witness and the authority has them judged.
  const judged = verifyBundle(nodePrimitives, Buffer.from(bundle), {
    trustedKeys: [verifier_key],
    witnesses: [witness.key.text],
    timeStamps: { authorities: [authority.ca], primitives: nodeStamps },
  });
  expect(judged.checks.find(({ id }) => id === 'time_claims')).toMatchObject({
    state: 'proven',
    detail: expect.stringMatching(
      /^every entry existed by .*witness\.example\/w1.*clock TSA|clock TSA.*witness\.example/,
    ),
  });
  expect(judged.verdict).toBe('VERIFIED');
  // Whoever holds that checkpoint finds that the bundle continues it.
  const held = verifyBundle(nodePrimitives, Buffer.from(bundle), {
    trustedKeys: [verifier_key],
    checkpoints: [note.toString('utf8')],
  });
  expect(held.checks.find(({ id }) => id === 'held_checkpoint')?.state).toBe('proven');

  // The third verifier: the program that stands in the format's description.
  const description = readFileSync(resolve(import.meta.dirname, '../../../docs/bundle-format.md'), 'utf8');
  writeFileSync(join(home, 'verify.py'), /```python\n([\s\S]*?)```/.exec(description)?.[1] ?? '');
  writeFileSync(join(home, 'b.ghbundle'), bundle);
  const python = execFileSync(
    'python3',
    ['verify.py', 'b.ghbundle', verifier_key, '--witness', witness.key.text, '--tsa-ca', authority.caFile],
    { cwd: home },
  ).toString();
  expect(python).toMatch(/^VERIFIED\n/);
  expect(python).toMatch(/proven +Time claims +every entry existed by /);

  const text = note.toString('utf8').slice(0, note.toString('utf8').indexOf('\n\n') + 1);
  writeFileSync(join(home, 'text'), text);
  writeFileSync(join(home, 'r.tsr'), stamp);
  const said = execFileSync(
    'openssl',
    ['ts', '-verify', '-data', 'text', '-in', 'r.tsr', '-CAfile', authority.caFile],
    { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  expect(said.toString()).toContain('Verification: OK');
});

test('without such anchors a bundle carries nothing of the kind', async () => {
  const where = folders();
  await using console = await openWith(where.profile, []);
  const { session } = await console.signIn();
  const bundle = await console.call('audit.export', {}, session);
  expect(JSON.parse(bundle).attachments).toEqual([]);
});
