// `gatehouse rules …` of a running console: rules, packs, coverage, replays.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { Detector } from '../../../src-shared/contract/detections.ts';
import type { ChosenState } from '../../../src-shared/contract/rules.ts';
import { navigatorLayer } from '../../../src-shared/navigator-layer.ts';
import {
  type PackFile,
  packNameOf,
  packParts,
  type SignedPack,
  writeSignedPack,
} from '../../../src-shared/rule-pack-file.ts';
import { readRuleFiles } from '../../adapters/files/rule-archive.ts';
import { version } from '../project.ts';
import { type Client, createClient, Refused } from './client.ts';
import { CommandFailure } from './failure.ts';
import { readPath, readSignedPack } from './rule-paths.ts';
import { printable, printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type ListFlags = TargetFlags & {
  readonly pack?: string;
  readonly state?: string;
  readonly packs?: boolean;
  readonly json?: boolean;
};
export type AddFlags = TargetFlags & { readonly state?: ChosenState; readonly note?: string };
export type ImportFlags = TargetFlags & {
  readonly pack?: string;
  readonly title?: string;
  readonly version?: string;
  readonly signer?: string;
  readonly state?: ChosenState;
  readonly json?: boolean;
};
export type ExportFlags = TargetFlags & { readonly out: string; readonly force?: boolean };

export async function listRules(flags: ListFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  if (flags.packs === true) return listPacks(client, flags.json === true);
  const { items, refused } = await client.call('detections.list', {});
  const wanted = items.filter(({ pack, state }) => (flags.pack ?? pack) === pack && (flags.state ?? state) === state);
  const shown = flags.state === undefined || flags.state === 'refused' ? refused.filter(ofPack(flags.pack)) : [];
  if (flags.json === true) {
    for (const one of wanted) process.stdout.write(`${JSON.stringify(one)}\n`);
    for (const one of shown) process.stdout.write(`${JSON.stringify({ ...one, state: 'refused' })}\n`);
    return;
  }
  printTable(
    ['RULE', 'PACK', 'STATE', 'SEVERITY', 'ALERTS 24 H', 'TITLE'],
    wanted.map((one) => [one.rule, one.pack, one.state, one.severity, countOf(one), one.title]),
  );
  for (const { name, reason } of shown) process.stderr.write(`refused: ${printable(name)}: ${printable(reason)}\n`);
}

function ofPack(pack: string | undefined): (rule: { readonly name: string }) => boolean {
  return ({ name }) => pack === undefined || name.startsWith(`${pack}/`);
}

function countOf({ state, alerts_24h, simulated_24h }: Detector): string {
  return state === 'simulated' ? `(${simulated_24h})` : String(alerts_24h);
}

async function listPacks(client: Client, json: boolean): Promise<void> {
  const { items } = await client.call('packs.list', {});
  if (json) for (const pack of items) process.stdout.write(`${JSON.stringify(pack)}\n`);
  else {
    printTable(
      ['PACK', 'STATE', 'RULES', 'REFUSED', 'VERSION', 'SIGNATURE', 'NAME'],
      items.map((one) => [one.id, one.state, `${one.rules}`, `${one.refused}`, one.version, one.signature, one.name]),
    );
  }
}

export async function addFiles(files: readonly string[], flags: AddFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const known = (await client.call('detections.list', {})).items.filter(({ pack }) => pack === 'own');
  const note = flags.note === undefined ? {} : { note: flags.note };
  const state = flags.state === undefined ? {} : { state: flags.state };
  const contents = files.map((file) => readPath(file, readRuleFiles));
  const [unreadable] = contents.flatMap((content) => content.unreadable);
  if (unreadable !== undefined)
    throw new CommandFailure(`${printable(unreadable.path)}: ${unreadable.reason}; nothing was added`, { exitCode: 2 });
  for (const content of contents) {
    for (const { path, text } of content.files) {
      const same = known.find(({ id }) => text.includes(id));
      const rule = await naming(path, () =>
        same === undefined
          ? client.call('rules.create', { source: text, ...state, ...note })
          : client.call('rules.update', { id: same.rule, source: text, ...state, ...note }),
      );
      process.stdout.write(`${rule.id}  version ${rule.number}  ${printable(rule.title)}\n`);
    }
  }
}

async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) throw new CommandFailure(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A pack by its name, a rule by its own id or that of a detector in it. */
async function find(
  client: Client,
  wanted: string,
): Promise<{ readonly kind: 'pack' | 'rule'; readonly id: string; readonly pack: string }> {
  const packs = await client.call('packs.list', {});
  if (packs.items.some(({ id }) => id === wanted)) return { kind: 'pack', id: wanted, pack: wanted };
  const { items, refused } = await client.call('detections.list', {});
  const found = items.find(({ id, rule }) => id === wanted || rule === wanted);
  if (found !== undefined) return { kind: 'rule', id: found.rule, pack: found.pack };
  const wrong = refused.find(({ rule }) => rule === wanted);
  if (wrong !== undefined) return { kind: 'rule', id: wrong.rule, pack: wrong.name.split('/')[0] ?? '' };
  throw new CommandFailure(`there is no rule or pack ${wanted}`, { hint: 'gatehouse rules list shows them' });
}

export async function setState(wanted: string, state: ChosenState, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { kind, id } = await find(client, wanted);
  if (kind === 'pack') await client.call('packs.update', { id, state });
  else await client.call('rules.update', { id, state });
}

export async function removeRule(wanted: string, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { kind, id } = await find(client, wanted);
  if (kind === 'pack') await client.call('packs.delete', { id });
  else await client.call('rules.delete', { id });
}

function readSigned(path: string): SignedPack | undefined {
  const isSigned = existsSync(path) && statSync(path).isFile() && /\.(ghpack|json)$/.test(path);
  return isSigned ? readSignedPack(path) : undefined;
}

/** @param write false only compares. @returns 1 when comparing finds a difference. */
export async function importPack(path: string, flags: ImportFlags, write: boolean): Promise<number> {
  const signed = readSigned(path);
  const content = signed === undefined ? readPath(path, readRuleFiles) : { files: signed.files, unreadable: [] };
  const pack = flags.pack ?? signed?.pack ?? packNameFor(path);
  using client = createClient(findTarget(flags, process.env));
  const { id } = await client.call('packs.begin', {
    pack,
    name: flags.title ?? signed?.name ?? pack,
    version: flags.version ?? signed?.version ?? '',
    ...(signed === undefined ? {} : { signed: signed.signed }),
    ...(flags.signer === undefined ? {} : { signer: flags.signer }),
  });
  for (const part of packParts(content)) await client.call('packs.append', { id, ...part });
  const state = flags.state === undefined ? {} : { state: flags.state };
  const outcome = await client.call('packs.finish', { id, write, ...state });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else report(outcome);
  const differs = outcome.added + outcome.changed + outcome.removed > 0;
  return !write && differs ? 1 : 0;
}

function packNameFor(path: string): string {
  const name = packNameOf(basename(path));
  if (name === '') throw new CommandFailure('the pack needs a name', { hint: 'say it with --pack NAME' });
  return name;
}

function report({
  pack,
  written,
  added,
  changed,
  removed,
  unchanged,
  changes,
  refused,
  signature,
}: Output<'packs.finish'>) {
  const signs = { added: '+', changed: '~', removed: '-' } as const;
  const all = added + changed + removed;
  if (!written) {
    for (const { kind, path, title } of changes)
      process.stdout.write(`${signs[kind]} ${printable(path)}${title === null ? '' : `  ${printable(title)}`}\n`);
    if (all > changes.length) process.stdout.write(`  and ${all - changes.length} more\n`);
  }
  const signed = {
    none: 'not signed',
    own: 'signed by this console',
    known: 'signed by the key given',
    unknown: 'signed by a key that you did not name',
  };
  process.stdout.write(
    `${pack}: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged, ${refused.length} refused; ${signed[signature]}\n`,
  );
  for (const { path, reason } of refused) process.stdout.write(`refused ${printable(path)}: ${printable(reason)}\n`);
}

export async function exportPack(pack: string, flags: ExportFlags): Promise<void> {
  refuseExisting(flags);
  using client = createClient(findTarget(flags, process.env));
  const { items } = await client.call('packs.list', {});
  const found = items.find(({ id }) => id === pack);
  if (found === undefined)
    throw new CommandFailure(`there is no pack ${pack}`, { hint: 'gatehouse rules list --packs' });
  const { signed } = await client.call('packs.export', { id: pack });
  const files: PackFile[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('packs.files', { id: pack, ...(cursor === undefined ? {} : { cursor }) });
    files.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  const { name, version: packVersion } = found;
  writeFileSync(flags.out, writeSignedPack({ pack, name, version: packVersion, signed, files }));
  process.stderr.write(`${printable(flags.out)}: ${files.length} rules of ${pack}, signed\n`);
}

export async function writeCoverage(flags: ExportFlags): Promise<void> {
  refuseExisting(flags);
  using client = createClient(findTarget(flags, process.env));
  const { items } = await client.call('detections.coverage', {});
  const text = `${JSON.stringify(navigatorLayer(items, `Gatehouse ${version}`), null, 2)}\n`;
  if (flags.out === '-') process.stdout.write(text);
  else writeFileSync(flags.out, text);
  process.stderr.write(`${items.length} techniques\n`);
}

function refuseExisting({ out, force }: ExportFlags): void {
  if (out !== '-' && force !== true && existsSync(out))
    throw new CommandFailure(`${out} is there already`, { hint: 'overwrite it with --force' });
}

/** @returns 1 when the alert does not follow from its evidence, 2 when it can't be told. */
export async function replay(alert: string, flags: TargetFlags & { readonly json?: boolean }): Promise<number> {
  using client = createClient(findTarget(flags, process.env));
  const result = await client.call('detections.replay', { id: alert });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    const words = { same: 'the same', different: 'not the same', incomplete: 'could not be computed anew' };
    process.stdout.write(`${words[result.outcome]}: ${result.events} events, version ${result.detector_version}\n`);
    for (const id of result.changed) process.stdout.write(`changed: event ${printable(id)}\n`);
    for (const what of result.missing) process.stdout.write(`missing: ${printable(what)}\n`);
    for (const { what, stored, replayed } of result.differences)
      process.stdout.write(`${what}: stored ${printable(stored)}, computed ${printable(replayed)}\n`);
  }
  return { same: 0, different: 1, incomplete: 2 }[result.outcome];
}
