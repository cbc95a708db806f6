// The check of the Verifier as it is made on the command line, quoted for a POSIX shell.

import type { Given } from './trust.ts';

const flags = {
  trustedKeys: '--key',
  witnesses: '--witness',
  authorities: '--tsa-ca',
  checkpoints: '--checkpoint',
} as const;

/** Keys stand in the line itself; the rest are files there, by the name that they had here. */
export function commandLine(fileName: string, given: readonly Given[], pinnedKeys: readonly string[]): string {
  const quoted = (text: string) => `'${text.replace(/'/g, "'\\''")}'`;
  const isKey = ({ kind }: Given) => kind === 'trustedKeys' || kind === 'witnesses';
  return [
    'gatehouse audit verify',
    quoted(fileName),
    ...pinnedKeys.map((key) => `--key ${quoted(key)}`),
    ...given.map((each) => `${flags[each.kind]} ${quoted(isKey(each) ? each.text : each.name)}`),
  ].join(' ');
}
