// `gatehouse config …` and `gatehouse cert trust`: what the settings are and where they come from, how the CA is trusted.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { SettingEntry } from '../../../src-shared/contract/settings.ts';
import { readConfigFile } from '../../adapters/files/config-file.ts';
import { readEnvironment } from '../../adapters/files/environment.ts';
import { createKeyFileStore } from '../../adapters/files/key-file-store.ts';
import { homeFolder, ProfileError } from '../../adapters/files/profile.ts';
import { BadKeyFile } from '../../core/features/keys/key-file.ts';
import { readKeyFile } from '../../core/features/keys/master-key.ts';
import { settingEntries } from '../../core/features/settings/index.ts';
import type { Log } from '../../core/ports.ts';
import { resolveSettings, SettingsError } from '../../core/settings.ts';
import { trustCommands } from '../certificate-desk.ts';
import { openSecrets } from '../console-secrets.ts';
import { CommandFailure } from './failure.ts';
import { printable, printTable } from './table.ts';

/** What is wrong with Vault is in what we print; there is no log to say it to. */
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** As a start with this environment would find them; asks Vault itself, no console has to run. */
export async function showConfig(flags: { readonly json?: boolean }): Promise<void> {
  const list = await guarded(readSettings);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(list)}\n`);
    return;
  }
  printTable(
    ['SETTING', 'VALUE', 'FROM'],
    list.items.map((entry) => [entry.name, shown(entry), originOf(entry)]),
  );
  const { provider } = list;
  if (!provider.configured) return;
  const how = provider.auth === null ? '' : ` by ${provider.auth}`;
  const where = provider.namespace === null ? '' : `, namespace ${provider.namespace}`;
  process.stdout.write(`\nVault at ${printable(provider.address ?? '')}${how}${printable(where)}: ${provider.state}\n`);
  if (provider.detail !== null) process.stderr.write(`warning: ${printable(provider.detail)}\n`);
}

async function readSettings(): Promise<Output<'settings.list'>> {
  const home = homeFolder(process.env);
  const resolved = resolveSettings([readEnvironment(process.env), readConfigFile(join(home, 'gatehouse.toml'))]);
  const secrets = openSecrets({
    settings: resolved.settings,
    environment: process.env,
    log: silent,
    protection: () => readKeyFile(createKeyFileStore(join(home, 'keys.json')))?.protection,
  });
  try {
    await secrets.refresh();
    return { items: [...settingEntries(resolved), ...secrets.entries()], provider: secrets.status() };
  } finally {
    await secrets.close();
  }
}

function shown({ secret, set, value }: SettingEntry): string {
  if (secret) return set ? '********' : '';
  return value === null ? '' : JSON.stringify(value);
}

function originOf({ origin, detail, fallback }: SettingEntry): string {
  const place = detail === null ? origin : `${origin}: ${detail}`;
  return fallback ? `${place} (Vault did not answer)` : place;
}

export async function checkConfig(file: string): Promise<void> {
  if (!existsSync(file)) throw new CommandFailure(`there is no file ${file}`, { exitCode: 2 });
  await guarded(async () => resolveSettings([readConfigFile(file)]));
}

export function showTrust(): void {
  const path = join(homeFolder(process.env), 'ca.pem');
  if (!existsSync(path))
    throw new CommandFailure('this console has no CA yet', { hint: 'start it once with: npm start' });
  for (const { system, command } of trustCommands(path)) process.stdout.write(`# ${system}\n${command}\n\n`);
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SettingsError || error instanceof ProfileError || error instanceof BadKeyFile)
      throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}
