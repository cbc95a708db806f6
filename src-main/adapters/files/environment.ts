// The environment as a source of settings, and the one list of variables that mean something to Gatehouse.
import { consoleSecrets } from '../../core/features/settings/index.ts';
import { environmentName, type SettingSource, SettingsError, settingNames, suggestion } from '../../core/settings.ts';

/** Beside settings and the console's secrets: what is read where, by name. */
const special = [
  'GATEHOUSE_HOME',
  'GATEHOUSE_KEY_FILE',
  'GATEHOUSE_ADMIN_USERNAME',
  'GATEHOUSE_ADMIN_PASSWORD',
  // The command line's.
  'GATEHOUSE_URL',
  'GATEHOUSE_CA',
  'GATEHOUSE_API_KEY',
  'GATEHOUSE_EVENT_SECRET',
  // The desktop's, for whoever works on it.
  'GATEHOUSE_DEVELOPMENT',
] as const;

/** Other names of settings: a short one, and those that every tool of Vault knows. The setting's own name comes first. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['GATEHOUSE_PORT', 'api.port'],
  ['VAULT_ADDR', 'vault.address'],
  ['VAULT_NAMESPACE', 'vault.namespace'],
  ['VAULT_CACERT', 'vault.ca_file'],
  ['VAULT_KUBERNETES_ROLE', 'vault.kubernetes_role'],
]);

export const knownVariables: readonly string[] = [
  ...special,
  ...settingNames.map(environmentName),
  ...aliases.keys(),
  ...consoleSecrets.map(({ variable }) => variable),
];

/**
 * `GATEHOUSE_<SECTION>_<KEY>`, and a few shorter names.
 * @throws SettingsError naming every variable that begins like one of ours and is none, with the nearest that is
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): SettingSource {
  const inCluster = isSet(environment.KUBERNETES_SERVICE_HOST);
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('GATEHOUSE_') && !isKnown(name) && !(inCluster && isServiceLink(name)),
  );
  if (unknown.length > 0) {
    const faults = unknown.map((name) => `${name} is no variable of Gatehouse${suggestion(name, knownVariables)}`);
    throw new SettingsError(`environment: ${faults.join('; ')}`);
  }
  const values = new Map<string, unknown>();
  const places = new Map<string, string>();
  function take(variable: string, setting: string): void {
    const value = environment[variable];
    if (value === undefined || value === '' || values.has(setting)) return;
    if (inCluster && isServiceLink(variable) && /^(tcp|udp|sctp):\/\//.test(value)) return;
    values.set(setting, value);
    places.set(setting, variable);
  }
  for (const setting of settingNames) take(environmentName(setting), setting);
  for (const [variable, setting] of aliases) take(variable, setting);
  return { origin: 'environment', values, placeOf: (name) => places.get(name) ?? environmentName(name) };
}

function isKnown(name: string): boolean {
  return knownVariables.includes(name) || name.startsWith('GATEHOUSE_TEST_');
}

/** Kubernetes tells every container of each service in the namespace: one called `gatehouse` gives variables that nobody wrote. */
function isServiceLink(name: string): boolean {
  return /_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/.test(name);
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}
