// Names, flags and help of `gatehouse secrets …` and `gatehouse run`. What they do is in secrets.ts and run.ts.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { secretType } from '../../../src-shared/contract/secrets.ts';
import type { RunFlags } from './run.ts';
import type { ValueFlags } from './secret-value.ts';
import type { GrantFlags, ImportFlags, ListFlags, SetFlags } from './secrets.ts';
import type { TargetFlags } from './target.ts';

type Dress = (command: Command) => Command;

const states = ['current', 'rotation_due', 'expiring', 'expired', 'deleted', 'purged'];
const alphabets = ['letters_digits', 'letters_digits_symbols', 'hex', 'base64url'];

export function addSecrets(program: Command, withTarget: Dress, exit: (code: number) => void): void {
  const secrets = program.command('secrets').description('the secrets vault of the running console');
  withTarget(secrets.command('list'))
    .description('names and metadata; never values')
    .option('--path <path>', 'names under this path, such as db/')
    .addOption(new Option('--state <state>', 'in this state only').choices(states))
    .option('--json', 'one JSON object a line')
    .action(async (flags: ListFlags) => (await import('./secrets.ts')).listSecrets(flags));
  withTarget(secrets.command('get'))
    .description('write a value to standard output; each reading is tracked')
    .argument('<name>')
    .option('--field <field>', 'one field of a key_value secret')
    .option('--version <number>', 'an earlier version, while its overlap lasts', whole)
    .action(async (name: string, flags: TargetFlags & { field?: string; version?: number }) =>
      (await import('./secrets.ts')).getSecret(name, flags),
    );
  withValue(withTarget(secrets.command('set')))
    .description('keep a secret, or a new version of it; the value is asked for, never an argument')
    .addOption(new Option('--type <type>', 'what it is (default password)').choices(secretType.options))
    .option('--description <text>')
    .option('--owner <name>', 'who answers for it')
    .option('--tag <tag...>')
    .option('--expires <when>', '30d, 12h, 2w, or a time as RFC 3339')
    .option('--rotation-days <number>', 'how often it is due for rotation', whole)
    .action(async (name: string, rest: string[], flags: SetFlags) =>
      (await import('./secrets.ts')).setSecret(name, rest, flags),
    );
  withValue(withTarget(secrets.command('rotate')))
    .description('give a secret a new value')
    .option('--overlap <span>', 'how long the version before stays readable: 24h, 7d', hours)
    .option('--expires <when>', 'end of the new value: 30d, 12h, 2w, or a time as RFC 3339')
    .action(
      async (name: string, rest: string[], flags: TargetFlags & ValueFlags & { overlap?: number; expires?: string }) =>
        (await import('./secrets.ts')).rotateSecret(name, rest, flags),
    );
  addEnds(secrets, withTarget);
  withTarget(secrets.command('import'))
    .description('import secrets from a file, - for standard input; all of them or none')
    .argument('<file>')
    .addOption(new Option('--format <format>').choices(['env', 'csv', 'fernet-json']).makeOptionMandatory())
    .option('--fernet-key-file <file>', 'file that holds the Fernet key; asked for otherwise')
    .addOption(new Option('--fernet-key [key]').hideHelp())
    .option('--path <path>', 'put before each name, such as imported/')
    .addOption(new Option('--existing <what>', 'names that are taken').choices(['refuse', 'skip', 'rotate']))
    .option('--dry-run', 'check the file and say what would become of it')
    .option('--json', 'print the outcome as JSON')
    .action(async (file: string, flags: ImportFlags) => (await import('./secrets.ts')).importSecrets(file, flags));
  withTarget(secrets.command('grants'))
    .description('show or change whom a secret is limited to; without grants permissions alone decide')
    .argument('<name>')
    .option('--set <grant...>', 'user:mira=reveal, role:analyst=read, key:<id>=reveal,manage')
    .option('--remove <who...>', 'user:mira, role:analyst, key:<id>')
    .option('--clear', 'take all grants away')
    .option('--json', 'print the grants as JSON')
    .action(async (name: string, flags: GrantFlags) => (await import('./secrets.ts')).changeGrants(name, flags));
  withTarget(program.command('run'))
    .description('run a program with secrets in its environment; nothing runs unless all of them were had')
    .requiredOption('--env <NAME=secret:path[#field]>', 'a variable and its secret; may be given again', gather)
    .argument('<command...>', 'after --')
    .passThroughOptions()
    .action(async (command: string[], flags: RunFlags) =>
      exit(await (await import('./run.ts')).runWithSecrets(command, flags)),
    );
}

function addEnds(secrets: Command, withTarget: Dress): void {
  withTarget(secrets.command('delete'))
    .description('delete a secret; it can be restored until it is purged')
    .argument('<name>')
    .action(async (name: string, flags: TargetFlags) => (await import('./secrets.ts')).deleteSecret(name, flags));
  withTarget(secrets.command('restore'))
    .description('bring a deleted secret back')
    .argument('<name>')
    .option('--id <id>', 'which, where several of that name were deleted')
    .action(async (name: string, flags: TargetFlags & { id?: string }) =>
      (await import('./secrets.ts')).restoreSecret(name, flags),
    );
  withTarget(secrets.command('purge'))
    .description('shred a secret: its key is destroyed and nothing brings its values back')
    .argument('<name>')
    .option('--id <id>', 'which, where several of that name were deleted')
    .option('--confirm <name>', 'its name again, where there is no terminal to ask at')
    .action(async (name: string, flags: TargetFlags & { id?: string; confirm?: string }) =>
      (await import('./secrets.ts')).purgeSecret(name, flags),
    );
}

/** The name, where its value comes from, and a place for values that must not be there. */
function withValue(command: Command): Command {
  return command
    .argument('<name>')
    .argument('[rest...]', '')
    .usage('[options] <name>')
    .option('--from-stdin', 'read the value from standard input')
    .option('--from-file <file>', 'read the value from a file')
    .option('--generate', 'have the console make a password')
    .option('--length <number>', 'of the password made (default 32)', whole)
    .addOption(new Option('--alphabet <name>', 'of the password made').choices(alphabets))
    .option('--field <field>', 'a field of a key_value secret, asked for; may be given again', gather)
    .addOption(new Option('--value [value]').hideHelp());
}

function gather(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}

function hours(text: string): number {
  const [, number, unit] = /^(\d{1,3})([hd])$/.exec(text) ?? [];
  const span = Number(number) * (unit === 'd' ? 24 : 1);
  if (!(span <= 720)) throw new InvalidArgumentError('expected a span of at most 30 days, such as 24h or 7d');
  return span;
}
