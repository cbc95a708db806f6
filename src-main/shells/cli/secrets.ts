// `gatehouse secrets …`: the vault of the running console. Values go to standard output alone, and only by `get`.
import type { Input } from '../../../src-shared/contract/contract.ts';
import {
  type SecretGrant,
  type SecretState,
  type SecretSummary,
  type SecretType,
  secretName,
} from '../../../src-shared/contract/secrets.ts';
import { createPrompt } from '../prompt.ts';
import { type Client, createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { expiry } from './keys.ts';
import { readText, refuseValues, takeValue, usage, type ValueFlags } from './secret-value.ts';
import { printable, printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type ListFlags = TargetFlags & { readonly path?: string; readonly state?: SecretState; readonly json?: boolean };

export async function listSecrets(flags: ListFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const rows: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('secrets.list', {
      limit: 500,
      ...(flags.path === undefined ? {} : { path: flags.path }),
      ...(flags.state === undefined ? {} : { state: flags.state }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const secret of page.items) {
      if (flags.json === true) process.stdout.write(`${JSON.stringify(secret)}\n`);
      else rows.push(rowOf(secret));
    }
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  if (flags.json !== true)
    printTable(['NAME', 'TYPE', 'VERSION', 'STATE', 'CHANGED', 'ROTATION DUE', 'LAST READ'], rows);
}

function rowOf(secret: SecretSummary): string[] {
  const read = secret.last_read_at === null ? 'never' : `${day(secret.last_read_at)} ${secret.last_read_by ?? ''}`;
  const due = secret.rotation_due_at === null ? '-' : day(secret.rotation_due_at);
  return [secret.name, secret.type, String(secret.version), secret.state, day(secret.changed_at), due, read];
}

function day(instant: string): string {
  return instant.slice(0, 10);
}

export async function getSecret(
  name: string,
  flags: TargetFlags & { readonly field?: string; readonly version?: number },
): Promise<void> {
  requireName(name);
  using client = createClient(findTarget(flags, process.env));
  const { value, fields } = await client.call('secrets.reveal', {
    name,
    ...(flags.field === undefined ? {} : { field: flags.field }),
    ...(flags.version === undefined ? {} : { version: flags.version }),
  });
  const text = value ?? JSON.stringify(fields);
  if (process.stdout.isTTY !== true) {
    process.stdout.write(text);
    return;
  }
  // The value is somebody's text: on a terminal it must not be able to steer it.
  if (printable(text.replace(/[\n\t]/g, '')) !== text.replace(/[\n\t]/g, '')) {
    throw new CommandFailure('the value holds control characters, which a terminal would obey', {
      hint: 'send it to a file or another program',
    });
  }
  process.stdout.write(`${text}\n`);
  process.stderr.write('this terminal shows the value until it is cleared, scroll-back too\n');
}

export type SetFlags = TargetFlags &
  ValueFlags & {
    readonly type?: SecretType;
    readonly description?: string;
    readonly owner?: string;
    readonly tag?: string[];
    readonly expires?: string;
    readonly rotationDays?: number;
  };

/** Makes the secret, or a new version of it where it is there. */
export async function setSecret(name: string, rest: readonly string[], flags: SetFlags): Promise<void> {
  requireName(name);
  refuseValues(rest, flags);
  using client = createClient(findTarget(flags, process.env));
  const { type } = flags;
  const known = await findSecret(client, name);
  if (known !== undefined && type !== undefined && type !== known.type)
    throw usage(`${name} is of type ${known.type}, which stays`, 'leave --type out, or choose another name');
  const described = {
    ...(flags.description === undefined ? {} : { description: flags.description }),
    ...(flags.owner === undefined ? {} : { owner: flags.owner }),
    ...(flags.tag === undefined ? {} : { tags: flags.tag }),
    ...(flags.rotationDays === undefined ? {} : { rotation_days: flags.rotationDays }),
  };
  const expires = flags.expires === undefined ? {} : { expires_at: expiry(flags.expires, Date.now()) };
  const given = await takeValue(name, known?.type ?? type ?? 'password', flags);
  if (known === undefined) {
    await client.call('secrets.create', {
      name,
      ...(type === undefined ? {} : { type }),
      ...given,
      ...described,
      ...expires,
    });
    process.stderr.write(`${name} is kept\n`);
    return;
  }
  const { version } = await client.call('secrets.rotate', { id: known.id, ...given, ...expires });
  if (Object.keys(described).length > 0) await client.call('secrets.update', { id: known.id, ...described });
  process.stderr.write(`${name} has version ${version}\n`);
}

export async function rotateSecret(
  name: string,
  rest: readonly string[],
  flags: TargetFlags & ValueFlags & { readonly overlap?: number; readonly expires?: string },
): Promise<void> {
  requireName(name);
  refuseValues(rest, flags);
  using client = createClient(findTarget(flags, process.env));
  const { id, type } = await requireSecret(client, name);
  const given = await takeValue(name, type, flags);
  const { version, versions } = await client.call('secrets.rotate', {
    id,
    ...given,
    ...(flags.overlap === undefined ? {} : { overlap_hours: flags.overlap }),
    ...(flags.expires === undefined ? {} : { expires_at: expiry(flags.expires, Date.now()) }),
  });
  const until = versions.find((each) => each.state === 'overlapping')?.usable_until;
  const before = until == null ? 'the one before is over' : `version ${version - 1} can be read until ${until}`;
  process.stderr.write(`${name} has version ${version}; ${before}\n`);
}

type ChosenFlags = TargetFlags & { readonly id?: string };

export async function deleteSecret(name: string, flags: TargetFlags): Promise<void> {
  requireName(name);
  using client = createClient(findTarget(flags, process.env));
  const { id } = await requireSecret(client, name);
  await client.call('secrets.delete', { id });
  process.stderr.write(`${name} is deleted; gatehouse secrets restore ${name} brings it back until it is purged\n`);
}

export async function restoreSecret(name: string, flags: ChosenFlags): Promise<void> {
  requireName(name);
  using client = createClient(findTarget(flags, process.env));
  const id = flags.id ?? (await requireDeleted(client, name)).id;
  await client.call('secrets.restore', { id });
}

export async function purgeSecret(name: string, flags: ChosenFlags & { readonly confirm?: string }): Promise<void> {
  requireName(name);
  using client = createClient(findTarget(flags, process.env));
  const id = flags.id ?? (await findSecret(client, name))?.id ?? (await requireDeleted(client, name)).id;
  const typed = flags.confirm ?? (await askName(name));
  if (typed !== name) throw new CommandFailure('that is not its name; nothing was shredded');
  await client.call('secrets.purge', { id, name: typed });
  process.stderr.write(`${name} is shredded: its key is destroyed, nothing brings its values back\n`);
}

async function askName(name: string): Promise<string> {
  if (process.stdin.isTTY !== true)
    throw usage('shredding is confirmed by typing the name again', `add --confirm ${name}`);
  await using prompt = createPrompt();
  return await prompt.ask('All versions are lost for good. Type the name to shred it: ');
}

export type ImportFlags = TargetFlags & {
  readonly format: 'env' | 'csv' | 'fernet-json';
  readonly fernetKeyFile?: string;
  readonly fernetKey?: string | boolean;
  readonly path?: string;
  readonly existing?: Input<'secrets.import'>['existing'];
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

export async function importSecrets(file: string, flags: ImportFlags): Promise<void> {
  if (flags.fernetKey !== undefined) refuseValues([''], {});
  const format = flags.format === 'fernet-json' ? 'fernet_json' : flags.format;
  const key = format === 'fernet_json' ? await fernetKey(flags) : undefined;
  using client = createClient(findTarget(flags, process.env));
  const done = await client.call('secrets.import', {
    format,
    content: readText(file),
    ...(key === undefined ? {} : { fernet_key: key }),
    ...(flags.path === undefined ? {} : { path: flags.path }),
    ...(flags.existing === undefined ? {} : { existing: flags.existing }),
    dry_run: flags.dryRun === true,
  });
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(done)}\n`);
    return;
  }
  printTable(
    ['LINE', 'NAME', 'OUTCOME'],
    done.items.map(({ line, name, outcome }) => [line === null ? '-' : String(line), name, outcome]),
  );
  const counts = `${done.created} created, ${done.rotated} rotated, ${done.skipped} skipped`;
  process.stderr.write(flags.dryRun === true ? `nothing was changed; it would be: ${counts}\n` : `${counts}\n`);
}

async function fernetKey({ fernetKeyFile: file }: ImportFlags): Promise<string> {
  if (file !== undefined) return readText(file).trim();
  if (process.stdin.isTTY !== true) throw usage('a Fernet file needs its key', 'keep it in a file: --fernet-key-file');
  await using prompt = createPrompt();
  return (await prompt.askSecret('Fernet key: ')).trim();
}

export type GrantFlags = TargetFlags & {
  readonly set?: readonly string[];
  readonly remove?: readonly string[];
  readonly clear?: boolean;
  readonly json?: boolean;
};

export async function changeGrants(name: string, flags: GrantFlags): Promise<void> {
  requireName(name);
  const set = (flags.set ?? []).map(parseGrant);
  const removed = (flags.remove ?? []).map((text) => parseGrantee(text));
  using client = createClient(findTarget(flags, process.env));
  const { id } = await requireSecret(client, name);
  let { grants } = await client.call('secrets.get', { id });
  if (set.length > 0 || removed.length > 0 || flags.clear === true) {
    const replaced = [...set, ...removed];
    const kept = flags.clear === true ? [] : grants.filter((grant) => !replaced.some((each) => isSame(grant, each)));
    ({ grants } = await client.call('secrets.set_grants', { id, grants: [...kept, ...set] }));
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(grants)}\n`);
  else if (grants.length === 0) process.stderr.write(`${name} is not limited: permissions alone decide\n`);
  else
    printTable(
      ['WHO', 'NAME', 'MAY'],
      grants.map(({ kind, subject, actions }) => [kind, subject, actions.join(', ')]),
    );
}

function isSame(grant: SecretGrant, other: Pick<SecretGrant, 'kind' | 'subject'>): boolean {
  return grant.kind === other.kind && grant.subject === other.subject;
}

function parseGrant(text: string): SecretGrant {
  const [, grantee = '', actions = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const may = actions.split(',');
  if (!may.every((action) => action === 'read' || action === 'reveal' || action === 'manage')) {
    throw usage(`--set ${text} is no grant`, 'write user:mira=reveal, role:analyst=read or key:<id>=reveal,manage');
  }
  return { ...parseGrantee(grantee), actions: may };
}

function parseGrantee(text: string): Pick<SecretGrant, 'kind' | 'subject'> {
  const [, kind, subject = ''] = /^(user|role|key):(.+)$/.exec(text) ?? [];
  if (kind !== 'user' && kind !== 'role' && kind !== 'key')
    throw usage(`${text} names nobody`, 'write user:<name>, role:<name> or key:<id>');
  return { kind, subject };
}

async function findSecret(client: Client, name: string, state?: SecretState): Promise<SecretSummary | undefined> {
  const { items } = await client.call('secrets.list', { name, ...(state === undefined ? {} : { state }) });
  if (items.length < 2) return items[0];
  throw new CommandFailure(`there are ${items.length} deleted secrets of that name`, {
    hint: `choose one with --id: ${items.map(({ id, created_at }) => `${id} (of ${day(created_at)})`).join(', ')}`,
  });
}

async function requireSecret(client: Client, name: string): Promise<SecretSummary> {
  const secret = await findSecret(client, name);
  if (secret === undefined) throw new CommandFailure(`there is no secret ${name}, or it is limited to others`);
  return secret;
}

async function requireDeleted(client: Client, name: string): Promise<SecretSummary> {
  const secret = await findSecret(client, name, 'deleted');
  if (secret === undefined) throw new CommandFailure(`there is no deleted secret ${name}`);
  return secret;
}

/** Here and not by the console alone: what is no name may be a value, and goes nowhere. */
function requireName(name: string): void {
  if (!secretName.safeParse(name).success) {
    throw usage(
      'that is no name of a secret',
      'a name looks like db/password: letters, digits, _ . - and single slashes',
    );
  }
}
