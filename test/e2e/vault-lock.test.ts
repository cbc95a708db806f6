// Locking and unlocking a real console by the command line: HTTPS goes on answering, the keys are gone and come back.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { admin, clientOf, createProfile, enrolAdmin, runCommand, startNode } from '../support/node.ts';

test('gatehouse lock and unlock; rotate, recovery-key and status of encryption', async () => {
  using profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  const node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using client = clientOf(node, token);
  const { key } = await client.call('keys.create', { name: 'cli', scopes: ['*.read', 'encryption.manage'] });
  const environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
  };
  const run = (...args: string[]) => runCommand(args, environment);

  const rotated = await run('encryption', 'rotate', 'sealing');
  expect(rotated).toMatchObject({ code: 0, stdout: '' });
  const status = await run('encryption', 'status');
  expect(status.stdout).toMatch(/^master key kept by environment \(GATEHOUSE_ENCRYPTION_KEY\)\n/);
  expect(status.stdout).toMatch(/sealing\s+2\s+current/);
  expect(status.stdout).toContain('rotation of the sealing key: finished');
  const issued = await run('encryption', 'recovery-key');
  expect(issued.stdout).toMatch(/^GH(-[0-9A-Z]{4}){14}\n$/);
  expect(await run('encryption', 'rotate', 'page')).toMatchObject({ code: 0 });

  const tokenPath = join(String(profile.environment.GATEHOUSE_HOME), 'unlock.token');
  expect(await run('lock')).toMatchObject({
    code: 0,
    stderr: 'the vault is locked; unlock it with: gatehouse unlock\n',
  });
  expect(statSync(tokenPath).mode & 0o777).toBe(0o600);
  expect(await run('encryption', 'status')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^gatehouse: the vault is locked.*\nhint: unlock it with: gatehouse unlock\n$/,
    ) as string,
  });
  expect(await client.call('console.health', {})).toEqual({ status: 'ok' });
  expect(await run('unlock')).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(tokenPath)).toBe(false);
  expect((await run('encryption', 'status')).code).toBe(0);
  expect((await run('unlock')).stderr).toContain('the vault is not locked');

  expect((await run('lock')).code).toBe(0);
  expect(await runCommand(['unlock', '--recovery-key'], environment, `${issued.stdout}`)).toMatchObject({ code: 0 });
  expect((await run('lock')).code).toBe(0);
  // A console that is stopped while it is locked opens as any other.
  await node.kill('SIGTERM');
  expect(existsSync(tokenPath)).toBe(false);
  const again = await startNode(profile);
  using after = clientOf(again, key);
  const { items } = await after.call('audit.entries', { limit: 100 });
  const types = items.map(({ event_type }) => event_type);
  expect(types.filter((type) => type === 'vault_lock')).toHaveLength(3);
  expect(types.filter((type) => type === 'vault_unlock')).toHaveLength(2);
  expect(readFileSync(again.ca, 'utf8')).toContain('BEGIN CERTIFICATE');
  await again.kill('SIGTERM');
});
