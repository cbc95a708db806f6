// The command line: names, flags and help. What each command does is in the file beside it.
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { eventSigning } from '../../../src-shared/contract/access.ts';
import { type RotatableKey, rotatableKey } from '../../../src-shared/contract/encryption.ts';
import { logFormat } from '../../../src-shared/contract/events.ts';
import { type KeyProtection, keyProtection } from '../../../src-shared/contract/setup.ts';
import { fileWords, reasonOf } from '../../base/file-words.ts';
import { version } from '../project.ts';
import { addAlerts } from './alert-commands.ts';
import { addAudit, addVerify } from './audit-commands.ts';
import type { BackupFlags } from './backup.ts';
import type { EmitFlags } from './emit.ts';
import { addEvents, addWatch } from './event-commands.ts';
import { CommandFailure } from './failure.ts';
import type { ImportFlags } from './import.ts';
import { addMirrors } from './mirror-commands.ts';
import { addPrivacy } from './privacy-commands.ts';
import type { RestoreFlags } from './restore.ts';
import { addRules } from './rule-commands.ts';
import { addScan } from './scan-command.ts';
import { addSecrets } from './secret-commands.ts';
import { printable } from './table.ts';
import type { TargetFlags } from './target.ts';
import type { VerifyBackupFlags } from './verify-backup.ts';

/** @returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  process.stdout.on('error', endWithReader);
  // Where nobody can be told anything, the work and its exit code remain.
  process.stderr.on('error', () => undefined);
  let exitCode = 0;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

function buildProgram(exit: (code: number) => void): Command {
  const program = new Command('gatehouse')
    .description('Security console with a local HTTPS API and evidence that anybody can verify offline')
    .version(version)
    // Each command's options are its own: `secrets get --version 2` is not ours, nor is what follows `run`.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(add --help for what can be said)');

  program
    .command('serve')
    .description('run the console headless: API, detection, and the console for a browser')
    .option('--port <number>', 'port of the API (default 9443)', port)
    .option('--json', 'print one JSON line on stdout when ready')
    .action(async (flags: { port?: number; json?: boolean }) => {
      const { serve } = await import('../server/serve.ts');
      exit(await serve({ port: flags.port, json: flags.json === true }));
    });

  withTarget(program.command('import'))
    .description('import log files into the running console')
    .argument('<file...>')
    .addOption(new Option('--format <name>', 'format of the lines').choices(logFormat.options).default('auto'))
    .option('--zone <zone>', 'time zone of lines without one, such as Europe/Berlin')
    .option('--columns <list>', 'of CSV files: field=column pairs, such as time=Date,actor=User', columnList)
    .option('--json', 'print the result as JSON')
    .action(async (files: string[], flags: ImportFlags) => (await import('./import.ts')).importFiles(files, flags));

  addWatch(program, withTarget);
  addEvents(program, withTarget);
  addAlerts(program, withTarget, exit);
  addScan(program, exit, columnList, withTarget);
  withTarget(program.command('emit'))
    .description('send an event to the running console; signed where GATEHOUSE_EVENT_SECRET is set')
    .argument('[event]', 'a JSON object, or - for standard input: one object, or one a line')
    .option('--source <name>', 'what reports it')
    .option('--type <type>', 'what happened, for example login')
    .option('--actor <name>', 'who did it')
    .option('--ip <address>', 'from where')
    .option('--action <text>', 'what exactly')
    .option('--failed', 'it did not succeed')
    .option('--detail <name=value>', 'anything else; may be given again', gather, [])
    .option('--unsigned', 'do not sign, also where there is a secret')
    .option('--print', 'print what would be sent, signature and all, and send nothing')
    .option('--json', 'print what became of each event')
    .action(async (event: string | undefined, flags: EmitFlags) => (await import('./emit.ts')).emit(event, flags));

  addAudit(program, withTarget, exit);
  addVerify(program, withTarget, exit);
  addBackups(program, exit);

  withTarget(program.command('login'))
    .description('sign in for the commands that follow; asks for user name, password and code')
    .option('--username <name>')
    .action(async (flags: TargetFlags & { username?: string }) => (await import('./sign-in.ts')).login(flags));
  withTarget(program.command('logout'))
    .description('end the session of gatehouse login')
    .action(async (flags: TargetFlags) => (await import('./sign-in.ts')).logout(flags));

  addKeys(program);
  addEncryption(program);
  addRules(program, withTarget, exit);
  addSecrets(program, withTarget, exit);
  addMirrors(program, withTarget, exit);
  addPrivacy(program, withTarget);
  addConfig(program);
  addStore(program);
  return program;
}

function addBackups(program: Command, exit: (code: number) => void): void {
  withTarget(program.command('backup'))
    .description('make a backup of the running console')
    .option('--unencrypted', "without a layer of its own; the store's pages inside stay encrypted")
    .option('--passphrase', 'asks for a passphrase that opens it too')
    .addOption(new Option('--compliance <name>', 'refuse what that forbids').choices(['hipaa']))
    .option('--json', 'print the answer as JSON')
    .action(async (flags: BackupFlags) => (await import('./backup.ts')).backup(flags));
  withOpeners(program.command('verify-backup'))
    .description('restore a backup as a trial, offline; exit 0 genuine, 1 not genuine, 2 could not be checked')
    .argument('<file>')
    .option(
      '--key <key>',
      'verifier key of the console, or a file that holds it: checks the signature without opening the backup',
    )
    .option('--json', 'print the result as JSON')
    .action(async (file: string, flags: VerifyBackupFlags) =>
      exit(await (await import('./verify-backup.ts')).verifyBackup(file, flags)),
    );
  withOpeners(program.command('restore'))
    .description('put a backup in the place of a stopped console, or make one of it in an empty folder')
    .argument('<file>')
    .addOption(
      new Option('--protect <how>', 'how the master key is kept from now on').choices([
        'keychain',
        'passphrase',
        'key-file',
        'environment',
      ]),
    )
    .option('--json', 'print the result as JSON')
    .action(async (file: string, flags: RestoreFlags) => (await import('./restore.ts')).restore(file, flags));
}

function withOpeners(command: Command): Command {
  return command
    .option('--recovery-key-stdin', 'the recovery key is the first line of standard input')
    .option('--passphrase-stdin', 'its passphrase is the first line of standard input');
}

function addKeys(program: Command): void {
  const keys = program.command('keys').description('API keys of the running console');
  withTarget(keys.command('create'))
    .description('make an API key; it is printed once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scope <scope...>', 'what it may do, for example events.write or *.read')
    .option('--expires <when>', '30d, 12h, 2w, or a time as RFC 3339')
    .addOption(
      new Option(
        '--event-signing <mode>',
        'whether its events may or must be signed; the secret for it is printed below the key',
      ).choices(eventSigning.options),
    )
    .option('--json', 'print all of it as JSON')
    .action(async (flags: Parameters<typeof import('./keys.ts').createKey>[0]) =>
      (await import('./keys.ts')).createKey(flags),
    );
  withTarget(keys.command('list'))
    .description('list API keys')
    .option('--json', 'one JSON object a line')
    .action(async (flags: TargetFlags & { json?: boolean }) => (await import('./keys.ts')).listKeys(flags));
  withTarget(keys.command('revoke'))
    .description('revoke an API key')
    .argument('<id>')
    .action(async (id: string, flags: TargetFlags) => (await import('./keys.ts')).revokeKey(id, flags));
}

function addEncryption(program: Command): void {
  const encryption = program.command('encryption').description("the console's own keys");
  withTarget(encryption.command('status'))
    .description('versions, age and due dates of the keys, and the rotation under way')
    .option('--json', 'print it as JSON')
    .action(async (flags: TargetFlags & { json?: boolean }) => (await import('./encryption.ts')).showStatus(flags));
  withTarget(encryption.command('rotate'))
    .description('rotate a key; waits until its old version is destroyed')
    .addArgument(new Argument('<key>').choices(rotatableKey.options))
    .option('--no-wait', 'do not wait for what goes on in the background')
    .action(async (key: RotatableKey, flags: TargetFlags & { wait?: boolean }) =>
      (await import('./encryption.ts')).rotate(key, flags),
    );
  for (const action of ['pause', 'resume'] as const) {
    withTarget(encryption.command(action))
      .description(`${action} the rotation of the sealing key`)
      .action(async (flags: TargetFlags) => (await import('./encryption.ts')).pauseOrResume(action, flags));
  }
  withTarget(encryption.command('protection'))
    .description('change how the master key is kept, or its passphrase')
    .addArgument(new Argument('<way>').choices(keyProtection.options))
    .action(async (way: KeyProtection, flags: TargetFlags) =>
      (await import('./encryption.ts')).changeProtection(way, flags),
    );
  withTarget(encryption.command('recovery-key'))
    .description('issue a new recovery key; it is printed once')
    .action(async (flags: TargetFlags) => (await import('./encryption.ts')).newRecoveryKey(flags));
  withTarget(program.command('lock'))
    .description('lock the vault: every key is zeroed and the store closed until somebody unlocks it')
    .action(async (flags: TargetFlags) => (await import('./encryption.ts')).lock(flags));
  withTarget(program.command('unlock'))
    .description('unlock the vault, as the user it runs as or with its passphrase')
    .option('--recovery-key', 'ask for the recovery key')
    .action(async (flags: TargetFlags & { recoveryKey?: boolean }) => (await import('./encryption.ts')).unlock(flags));
}

function addConfig(program: Command): void {
  const config = program.command('config').description('settings');
  config
    .command('show')
    .description('each setting, its value and where it came from; asks Vault where one is configured')
    .option('--json', 'print it as JSON, as the API gives it')
    .action(async (flags: { json?: boolean }) => (await import('./config.ts')).showConfig(flags));
  config
    .command('check')
    .description('check a configuration file without using it')
    .argument('<file>')
    .action(async (file: string) => (await import('./config.ts')).checkConfig(file));
  program
    .command('recover')
    .description('open a stopped console with its recovery key, and keep its key anew')
    .option('--passphrase', 'protect the key with a passphrase even where there is a keychain')
    .action(async (flags: { passphrase?: boolean }) => (await import('./recover.ts')).recover(flags));
  program
    .command('cert')
    .description('certificates')
    .command('trust')
    .description("how to make this computer trust the console's CA; changes nothing by itself")
    .action(async () => (await import('./config.ts')).showTrust());
}

function addStore(program: Command): void {
  program
    .command('store')
    .description('the store of a stopped console')
    .command('accept-older')
    .description('go on with a store that is older than what was noted beside it; leaves an audit entry')
    .option('--yes', 'the decision is taken')
    .action(async (flags: { yes?: boolean }) => (await import('./store.ts')).acceptOlder(flags));
}

function withTarget(command: Command): Command {
  return command
    .option('--url <url>', 'the console (GATEHOUSE_URL)')
    .option('--ca <file>', "the console's CA certificate (GATEHOUSE_CA)")
    .option('--api-key <key>', 'API key (GATEHOUSE_API_KEY is better: flags can be seen by other programs)');
}

function columnList(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => /^([^=]{1,200})=(.{1,200})$/.exec(pair.trim()));
  if (pairs.some((pair) => pair === null))
    throw new InvalidArgumentError('expected field=column pairs, such as time=Date,actor=User');
  return Object.fromEntries(pairs.map((pair) => [pair?.[1], pair?.[2]]));
}

function gather(value: string, before: string[]): string[] {
  return [...before, value];
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('expected a port from 0 to 65535');
  return number;
}

/**
 * What reads our output (`| head`) has seen enough: the end that SIGPIPE gives other programs, and never the look of a success. Nor is a
 * full disk one, or the look of a finding.
 */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(141);
  process.stderr.write(`gatehouse: the output could not be written: ${printable(reasonOf(error))}\n`);
  process.exit(2);
}

function explain(error: unknown): number {
  // Commander has printed its message already; --help and --version end here too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  // ^C or ^D at a question.
  if (error instanceof Error && error.name === 'AbortError') return 130;
  if (error instanceof CommandFailure) {
    // Names of files and words of whatever answered stand in it.
    process.stderr.write(`gatehouse: ${printable(error.message)}\n`);
    if (error.hint !== undefined) process.stderr.write(`hint: ${error.hint}\n`);
    return error.exitCode;
  }
  const words = fileWords(error);
  if (words === undefined || !(error instanceof Error)) throw error;
  // Of a file that the command itself says nothing about: where to write, what was taken away meanwhile.
  const path = 'path' in error && typeof error.path === 'string' ? `${printable(error.path)}: ` : '';
  process.stderr.write(`gatehouse: ${path}${words}\n`);
  return 2;
}
