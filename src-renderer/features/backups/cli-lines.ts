// The same things on the command line, quoted for a POSIX shell. A passphrase never stands on a line: the command asks for it.

function quoted(text: string): string {
  return /^[\w./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

interface BackUpChoices {
  readonly isEncrypted: boolean;
  readonly isHipaa: boolean;
  readonly hasPassphrase: boolean;
}

export function backUpLine({ isEncrypted, isHipaa, hasPassphrase }: BackUpChoices): string {
  return [
    'gatehouse backup',
    ...(isEncrypted ? [] : ['--unencrypted']),
    ...(hasPassphrase ? ['--passphrase'] : []),
    ...(isHipaa ? ['--compliance hipaa'] : []),
  ].join(' ');
}

/** For a console that is stopped, or an empty folder. */
export function restoreLine(path: string): string {
  return `gatehouse restore ${quoted(path)}`;
}

export function verifyLine(path: string): string {
  return `gatehouse verify-backup ${quoted(path)}`;
}
