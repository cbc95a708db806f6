// The environment as a source: names of settings, the usual names of Vault, and what is refused because nobody would read it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { knownVariables, readEnvironment } from '../../../src-main/adapters/files/environment.ts';
import { environmentName, resolveSettings, SettingsError, settingNames } from '../../../src-main/core/settings.ts';
import { sourceFiles } from '../../architecture/source.ts';

function vaultOf(environment: Record<string, string>) {
  const { settings, places } = resolveSettings([readEnvironment(environment)]);
  return { vault: settings.vault, places };
}

test("Vault's own names are taken, and ours come first", () => {
  const { vault, places } = vaultOf({
    VAULT_ADDR: 'https://vault.example:8200',
    VAULT_NAMESPACE: '2024',
    VAULT_CACERT: '/etc/ca.pem',
    VAULT_KUBERNETES_ROLE: 'gatehouse',
    GATEHOUSE_VAULT_ADDRESS: 'https://nearer.example',
    GATEHOUSE_VAULT_TIMEOUT_SECONDS: '9',
  });
  expect(vault).toMatchObject({
    address: 'https://nearer.example',
    namespace: '2024',
    ca_file: '/etc/ca.pem',
    kubernetes_role: 'gatehouse',
    timeout_seconds: 9,
  });
  expect(Object.fromEntries(places)).toEqual({
    'vault.address': 'GATEHOUSE_VAULT_ADDRESS',
    'vault.namespace': 'VAULT_NAMESPACE',
    'vault.ca_file': 'VAULT_CACERT',
    'vault.kubernetes_role': 'VAULT_KUBERNETES_ROLE',
    'vault.timeout_seconds': 'GATEHOUSE_VAULT_TIMEOUT_SECONDS',
  });
});

test.each([
  ['GATEHOUSE_PROT', '; did you mean GATEHOUSE_PORT'],
  ['GATEHOUSE_TLS_CERTS', '; did you mean GATEHOUSE_TLS_CERT'],
  ['GATEHOUSE_RATE_LIMIT_REQUEST_PER_MINUTE', '; did you mean GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE'],
  ['GATEHOUSE_SOMETHING_QUITE_DIFFERENT_FROM_ALL', ''],
])('%s is refused, without its value', (name, suggested) => {
  expect(() => readEnvironment({ [name]: 'canary' })).toThrow(
    new SettingsError(`environment: ${name} is no variable of Gatehouse${suggested}`),
  );
});

test('all misspelt ones are named at once', () => {
  expect(() => readEnvironment({ GATEHOUSE_A: '', GATEHOUSE_B: '1', GATEHOUSE_PORT: '0' })).toThrow(
    /GATEHOUSE_A is no variable.*GATEHOUSE_B is no variable/,
  );
});

test('what belongs to others is left alone', () => {
  const { values } = readEnvironment({
    VAULT_TOKN: 'x',
    GATEHOUSE_TEST_ANYTHING: '1',
    GATEHOUSE_URL: 'x',
    PATH: '/bin',
  });
  expect([...values]).toEqual([]);
});

test('in a cluster, a service called gatehouse gives variables that nobody wrote', () => {
  const links = {
    GATEHOUSE_SERVICE_HOST: '10.0.0.1',
    GATEHOUSE_SERVICE_PORT: '9443',
    GATEHOUSE_SERVICE_PORT_API: '9443',
    GATEHOUSE_PORT: 'tcp://10.0.0.1:9443',
    GATEHOUSE_PORT_9443_TCP: 'tcp://10.0.0.1:9443',
    GATEHOUSE_PORT_9443_TCP_ADDR: '10.0.0.1',
  };
  expect([...readEnvironment({ ...links, KUBERNETES_SERVICE_HOST: '10.0.0.1' }).values]).toEqual([]);
  expect([...readEnvironment({ GATEHOUSE_PORT: '9000', KUBERNETES_SERVICE_HOST: '10.0.0.1' }).values]).toEqual([
    ['api.port', '9000'],
  ]);
  expect(() => readEnvironment(links)).toThrow(SettingsError);
});

test('every variable that the program reads is known, and so is every setting', () => {
  const named = sourceFiles('src-main', 'src-shared').flatMap(({ text }) => [
    ...new Set(text.match(/(?<=['"`\s.({])GATEHOUSE_[A-Z0-9_]*[A-Z0-9](?![A-Z0-9_<])/g) ?? []),
  ]);
  expect(named.length).toBeGreaterThan(20);
  const unknown = named.filter((name) => !knownVariables.includes(name) && !name.startsWith('GATEHOUSE_TEST_'));
  expect([...new Set(unknown)]).toEqual([]);
  for (const setting of settingNames) expect(knownVariables).toContain(environmentName(setting));
});

test.each([
  'vault.example',
  'http://vault.example:8200',
  'http://127.0.0.1.example',
  'ftp://127.0.0.1',
  'https://user:password@vault.example',
  'https://vault.example/?x=1',
  'javascript:alert(1)',
  '',
  ' ',
])('%j is no address of Vault', (address) => {
  expect(() => resolveSettings([{ origin: 'file', values: new Map([['vault.address', address]]) }])).toThrow(
    SettingsError,
  );
});

test.each([
  'https://vault.example',
  'https://proxy.example/vault/',
  'http://127.0.0.1:8200',
  'http://[::1]:8200',
  'http://localhost',
])('%j is one', (address) => {
  const { settings } = resolveSettings([{ origin: 'file', values: new Map([['vault.address', address]]) }]);
  expect(settings.vault.address).toBe(address);
});

test.each(['', '/secret', 'secret/', 'a//b', '..', 'a/../b', 'a b', 'a?b', 'a%2fb'])(
  '%j is no path in Vault',
  (path) => {
    for (const name of ['vault.mount', 'vault.path', 'vault.approle_mount'])
      expect(() => resolveSettings([{ origin: 'file', values: new Map([[name, path]]) }])).toThrow(SettingsError);
  },
);

test('whatever stands in the environment: settings, or a refusal of ours', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.oneof(
          fc.constantFrom(...knownVariables, 'VAULT_ADDR'),
          fc.string().map((text) => `GATEHOUSE_${text}`),
        ),
        fc.oneof(fc.string(), fc.constantFrom('1', '-1', 'true', 'https://a.example', '9'.repeat(400))),
      ),
      (environment) => {
        try {
          resolveSettings([readEnvironment(environment)]);
        } catch (error) {
          expect(error).toBeInstanceOf(SettingsError);
        }
      },
    ),
  );
});
