// `gatehouse config …` and `gatehouse cert trust`: what the settings are and where they come from, how the CA is trusted.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readConfigFile } from '../../adapters/files/config-file.ts';
import { readEnvironment } from '../../adapters/files/environment.ts';
import { homeFolder } from '../../adapters/files/profile.ts';
import { resolveSettings, SettingsError, settingNames } from '../../core/settings.ts';
import { trustCommands } from '../certificate-desk.ts';
import { CommandFailure } from './failure.ts';
import { printTable } from './table.ts';

export function showConfig(): void {
  const { settings, origins } = guarded(() =>
    resolveSettings([readEnvironment(process.env), readConfigFile(join(homeFolder(process.env), 'gatehouse.toml'))]),
  );
  const rows = settingNames.map((name) => {
    const [section = '', key = ''] = name.split('.');
    const value = (settings as Record<string, Record<string, unknown>>)[section]?.[key];
    return [name, value === undefined ? '' : JSON.stringify(value), origins.get(name) ?? ''];
  });
  printTable(['SETTING', 'VALUE', 'FROM'], rows);
}

export function checkConfig(file: string): void {
  if (!existsSync(file)) throw new CommandFailure(`there is no file ${file}`, { exitCode: 2 });
  guarded(() => resolveSettings([readConfigFile(file)]));
}

export function showTrust(): void {
  const path = join(homeFolder(process.env), 'ca.pem');
  if (!existsSync(path))
    throw new CommandFailure('this console has no CA yet', { hint: 'start it once with: npm start' });
  for (const { system, command } of trustCommands(path)) process.stdout.write(`# ${system}\n${command}\n\n`);
}

function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SettingsError) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}
