// `gatehouse.toml` as a source of settings.
import { existsSync, readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { type SettingSource, SettingsError } from '../../core/settings.ts';

/** @throws SettingsError when the file isn't TOML, naming the line. */
export function readConfigFile(path: string): SettingSource {
  if (!existsSync(path)) return { origin: 'file', values: new Map(), placeOf: () => path };
  const values = new Map<string, unknown>();
  for (const [section, content] of Object.entries(parseToml(path))) {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      values.set(section, content);
      continue;
    }
    for (const [key, value] of Object.entries(content)) values.set(`${section}.${key}`, value);
  }
  return { origin: 'file', values, placeOf: () => path };
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
