// Settings as they are in force, each with the provider that answered, and the state of the secret provider.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { instant, nothing } from './values.ts';

export const settingOrigin = z.enum(['flag', 'environment', 'vault', 'file', 'stored', 'default']);
export type SettingOriginName = z.infer<typeof settingOrigin>;

const setting = z.strictObject({
  name: z.string().describe('section.key, or the name of a secret of the console itself'),
  secret: z.boolean(),
  value: z
    .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
    .nullable()
    .describe('null for secrets and for what is not set'),
  set: z.boolean(),
  origin: settingOrigin,
  detail: z.string().nullable().describe('variable, file or Vault path that it came from'),
  fallback: z.boolean().describe('Vault should have answered and did not'),
});
export type SettingEntry = z.output<typeof setting>;

const provider = z.strictObject({
  configured: z.boolean(),
  address: z.string().nullable(),
  namespace: z.string().nullable(),
  auth: z.enum(['token', 'approle', 'kubernetes']).nullable(),
  state: z.enum(['off', 'connected', 'sealed', 'forbidden', 'unreachable', 'failing']),
  detail: z.string().nullable().describe('what is wrong, and what to do'),
  since: instant.nullable(),
  checked_at: instant.nullable(),
  token_expires_at: instant.nullable(),
  token_renewable: z.boolean().nullable(),
  fallbacks: z.array(z.strictObject({ name: z.string(), using: settingOrigin })),
});
export type ProviderStatus = z.output<typeof provider>;

export const settingsOperations = {
  'settings.list': operation({
    summary: 'Each setting with its value and where it came from; secrets masked',
    method: 'GET',
    path: '/api/v1/admin/settings',
    access: permission('settings.read'),
    input: nothing,
    output: z.strictObject({ items: z.array(setting), provider }),
    audit: none('an ordinary read; secret values are not in it'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'settings.check_provider': operation({
    summary: 'Ask the secret provider again now',
    method: 'POST',
    path: '/api/v1/admin/settings/provider/check',
    access: permission('settings.manage'),
    input: nothing,
    output: provider,
    audit: none('asks a question; a change of its state leaves an entry of its own'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
};
