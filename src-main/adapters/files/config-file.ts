// `gatehouse.toml` and the environment as sources of settings.
import { existsSync, readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { environmentName, type SettingSource, SettingsError, settingNames } from '../../core/settings.ts';

/** @throws SettingsError when the file isn't TOML, naming the line. */
export function readConfigFile(path: string): SettingSource {
  if (!existsSync(path)) return { origin: 'file', values: new Map() };
  const values = new Map<string, unknown>();
  for (const [section, content] of Object.entries(parseToml(path))) {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      values.set(section, content);
      continue;
    }
    for (const [key, value] of Object.entries(content)) values.set(`${section}.${key}`, value);
  }
  return { origin: 'file', values };
}

function parseToml(path: string): Record<string, unknown> {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof TomlError)
      throw new SettingsError(`${path}, line ${cause.line}: ${cause.message.split('\n', 1)[0]}`, { cause });
    throw cause;
  }
}

/** `GATEHOUSE_<SECTION>_<KEY>`, and `GATEHOUSE_PORT` for short. */
export function readEnvironment(environment: NodeJS.ProcessEnv): SettingSource {
  const values = new Map<string, unknown>();
  for (const name of settingNames) {
    const value = environment[environmentName(name)];
    if (value !== undefined && value !== '') values.set(name, value);
  }
  const port = environment.GATEHOUSE_PORT;
  if (port !== undefined && port !== '') values.set('api.port', port);
  return { origin: 'environment', values };
}
