// `gatehouse mirrors …`: names, flags and help.
import type { Command } from 'commander';
import type { MirrorFlags } from './mirrors.ts';

export function addMirrors(
  program: Command,
  withTarget: (command: Command) => Command,
  exit: (code: number) => void,
): void {
  const mirrors = program
    .command('mirrors')
    .description('where the audit log, alerts and events are copied to while they happen');
  withTarget(mirrors.command('list', { isDefault: true }))
    .description('each mirror, how far it is and why it fails; exits 1 where one fails or lags')
    .option('--json', 'print it as JSON')
    .action(async (flags: MirrorFlags) => exit(await (await import('./mirrors.ts')).listMirrors(flags)));
  withTarget(mirrors.command('retry'))
    .description('try those that fail again at once')
    .action(async (flags: MirrorFlags) => (await import('./mirrors.ts')).retryMirrors(flags));
}
