// The settings in force: found by name, value and origin, secrets never by their value; the provider asked again.

import { expect, test } from 'vitest';
import { originNames } from '../../../src-renderer/app/origin-words.ts';
import {
  createConfigurationStore,
  matchingSettings,
  valueText,
} from '../../../src-renderer/features/settings/configuration-store.ts';
import { fallbackWords } from '../../../src-renderer/features/settings/ProviderCard.tsx';
import type { ProviderStatus, SettingEntry } from '../../../src-shared/contract/settings.ts';
import { fakeCall, refuse } from '../renderer-app/fake-call.ts';

function setting(name: string, changes: Partial<SettingEntry> = {}): SettingEntry {
  return { name, secret: false, value: null, set: true, origin: 'default', detail: null, fallback: false, ...changes };
}

const sealed: ProviderStatus = {
  configured: true,
  address: 'https://vault.example:8200',
  namespace: null,
  auth: 'approle',
  state: 'sealed',
  detail: null,
  since: null,
  checked_at: null,
  token_expires_at: null,
  token_renewable: null,
  fallbacks: [{ name: 'hmac', using: 'environment' }],
};

const items = [
  setting('api.port', { value: 9443, origin: 'environment', detail: 'GATEHOUSE_PORT' }),
  setting('api.allowed_hosts', { value: ['localhost', 'gatehouse.example'], origin: 'file' }),
  setting('audit.hmac_secret', { secret: true, origin: 'environment', fallback: true }),
  setting('backup.folder', { set: false }),
];

const names = (text: string, show: 'all' | 'set' | 'fallback' = 'all') =>
  matchingSettings(items, { text, show }, originNames).map(({ name }) => name);

test('settings are found by name, value, origin and where they came from', () => {
  expect(names('')).toHaveLength(4);
  expect(names('PORT')).toEqual(['api.port']);
  expect(names('9443')).toEqual(['api.port']);
  expect(names('gatehouse.example')).toEqual(['api.allowed_hosts']);
  expect(names('environment secret')).toEqual(['audit.hmac_secret']);
  expect(names('', 'set')).toEqual(['api.port', 'api.allowed_hosts', 'audit.hmac_secret']);
  expect(names('', 'fallback')).toEqual(['audit.hmac_secret']);
  expect(names('nothing like it')).toEqual([]);
});

test('a secret is masked when it is set, and nothing when not', () => {
  expect(items.map(valueText)).toEqual(['9443', 'localhost, gatehouse.example', '••••••••', '']);
  expect(valueText(setting('x', { secret: true, set: false }))).toBe('');
  expect(valueText(setting('x', { value: false }))).toBe('false');
});

test('fallbacks are said with their number and their origin', () => {
  expect(fallbackWords(sealed)).toBe('Vault is sealed. Using environment values for 1 secret.');
  const fallbacks: ProviderStatus['fallbacks'] = [
    { name: 'a', using: 'environment' },
    { name: 'b', using: 'stored' },
    { name: 'c', using: 'environment' },
  ];
  expect(fallbackWords({ ...sealed, state: 'unreachable', fallbacks })).toBe(
    'Vault is not reachable. Using environment and stored values for 3 secrets.',
  );
});

test('asking the provider again reads the settings anew, because they may come from it now', async () => {
  let provider = sealed;
  const { call, names: asked } = fakeCall({
    'settings.list': () => ({ items, provider }),
    'settings.check_provider': () => {
      provider = { ...sealed, state: 'connected', fallbacks: [] };
      return provider;
    },
  });
  const store = createConfigurationStore({ call, subscribe: () => () => undefined });
  await store.load();
  expect(store.getState().provider?.state).toBe('sealed');
  await store.check();
  expect(store.getState()).toMatchObject({ provider: { state: 'connected' }, isChecking: false });
  expect(asked()).toEqual(['settings.list', 'settings.check_provider', 'settings.list']);
});

test('a provider that could not be asked is said beside it, and the settings stay', async () => {
  const { call } = fakeCall({
    'settings.list': () => ({ items, provider: sealed }),
    'settings.check_provider': () => refuse('limits/rate', 'wait 3 s'),
  });
  const store = createConfigurationStore({ call, subscribe: () => () => undefined });
  await store.load();
  await store.check();
  expect(store.getState()).toMatchObject({ checkProblem: 'Wait 3 s.', items, isChecking: false });
});
