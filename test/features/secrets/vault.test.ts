// Keeping, reading, rotating and shredding secrets, through dispatch.
import { expect, test } from 'vitest';
import { createSecretsConsole } from './secrets-console.ts';

const admin = 'admin:mira';
const canary = 'canary-7f3a-Correct-horse';
const dayMs = 86_400_000;

test('keeps a secret and hands its value out to who may read it', async () => {
  using console = createSecretsConsole();
  const made = await console.call(admin, 'secrets.create', {
    name: 'db/password',
    value: canary,
    description: 'the shop',
    owner: 'ann',
    tags: ['shop', 'shop', 'db'],
    rotation_days: 90,
  });
  expect(made).toMatchObject({
    name: 'db/password',
    type: 'password',
    description: 'the shop',
    owner: 'ann',
    tags: ['shop', 'db'],
    version: 1,
    state: 'current',
    limited: false,
    reads: 0,
    last_read_at: null,
    parsed: null,
    field_names: ['value'],
    rotation_due_at: new Date(console.host.clock.now() + 90 * dayMs).toISOString(),
    versions: [{ version: 1, created_by: 'mira', state: 'current', fields: [{ name: 'value', change: 'added' }] }],
  });
  expect(await console.call(admin, 'secrets.reveal', { name: 'db/password' })).toEqual({
    id: made.id,
    name: 'db/password',
    type: 'password',
    version: 1,
    value: canary,
    fields: null,
    expires_at: null,
  });
});
