// Who answered for a setting, in one word each.

import type { SettingEntry } from '../../../src-shared/contract/settings.ts';

export const originNames: Readonly<Record<SettingEntry['origin'], string>> = {
  flag: 'Command line',
  environment: 'Environment',
  vault: 'Vault',
  file: 'File',
  stored: 'Stored',
  default: 'Default',
};
