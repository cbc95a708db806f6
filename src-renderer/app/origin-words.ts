// What the origins of a setting's value are called: by one word in a column, and within a sentence.

import type { SettingEntry } from '../../src-shared/contract/settings.ts';

type Origin = SettingEntry['origin'];

export const originNames: Readonly<Record<Origin, string>> = {
  flag: 'Command line',
  environment: 'Environment',
  vault: 'Vault',
  file: 'File',
  stored: 'Stored',
  default: 'Default',
};

export const originWords: Readonly<Record<Origin, string>> = {
  flag: 'command line',
  environment: 'environment',
  vault: 'Vault',
  file: 'configuration file',
  stored: 'value kept in the store',
  default: 'default',
};
