// Importing a pack: files in parts, held in memory; then compared with what is there, and written beside it before it takes its place.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { PackOutcome, PackProgress, RulePack } from '../../../../src-shared/contract/rule-packs.ts';
import type { ChosenState } from '../../../../src-shared/contract/rules.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import type { VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import type { PackContent } from '../../../../src-shared/rule-pack-file.ts';
import { concatBytes } from '../../../base/bytes.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import type { Call } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import { ruleIdOf, sourceName } from './catalog.ts';
import { outlineOf } from './outline.ts';
import { comparePack, type PackChanges } from './pack-compare.ts';
import { digestOfFiles, openPack, type PackStatement } from './pack-signature.ts';
import { builtInPack, findPack, ownPack, savePack } from './packs-table.ts';
import { RuleArchiveError, readRuleArchive } from './rule-archive.ts';
import {
  deleteOtherGenerations,
  findRulesOf,
  findTexts,
  highestGeneration,
  keepText,
  keepVersion,
  type Outline,
  type RuleRow,
  saveRule,
} from './rules-table.ts';

const mostFiles = 20_000;
const mostBytes = 64 * 1_048_576;
/** Packed; a checkout of all of Sigma has 5 MB. */
const largestArchive = 64 * 1_048_576;
const largestUnpacked = 128 * 1_048_576;
const mostAtOnce = 4;
const forgottenAfterMs = 30 * 60_000;
/** Rows of a slice: each is a text, a version and a rule. */
const rowsAtOnce = 100;

type File = { readonly text: string; readonly digest: string };
type Incoming = {
  readonly id: string;
  readonly workspace: string;
  readonly pack: string;
  readonly name: string;
  readonly version: string;
  readonly statement: PackStatement | undefined;
  readonly signature: RulePack['signature'];
  readonly signer: string | null;
  readonly files: Map<string, File>;
  /** Reasons by path. */
  readonly unreadable: Map<string, string>;
  readonly archive: Uint8Array[];
  archiveBytes: number;
  bytes: number;
  touchedAt: number;
  progress: PackProgress;
  /** It is being unpacked, checked or written: one at a time. */
  isBusy: boolean;
  isDiscarded: boolean;
};

/** What compiling a pack's files, with all other rules, refuses: reasons by path. `onStep` may throw to end it. */
export type Judge = (
  workspace: string,
  pack: string,
  files: ReadonlyMap<string, string>,
  onStep: (done: number, total: number) => void,
) => Promise<readonly { readonly path: string; readonly reason: string }[]>;

export type PackImports = {
  begin(
    call: Call,
    input: {
      readonly pack: string;
      readonly name: string;
      readonly version: string;
      readonly signed?: string | undefined;
      readonly signer?: string | undefined;
    },
  ): { id: string; signature: RulePack['signature'] };
  append(workspace: string, id: string, content: PackContent): { files: number; bytes: number };
  /** Bytes of an archive, in order. */
  archive(workspace: string, id: string, offset: number, data: Uint8Array): { bytes: number };
  unpack(workspace: string, id: string, name: string): Promise<{ files: number; bytes: number }>;
  progress(workspace: string, id: string): PackProgress;
  compare(tx: ReadTx, id: string, path: string): { before: string | null; after: string | null };
  discard(workspace: string, id: string): void;
  finish(call: Call, id: string, write: boolean, state: ChosenState | undefined): Promise<PackOutcome>;
};

export function createPackImports(parts: {
  readonly host: Host;
  readonly store: () => Store;
  readonly ownKey: () => VerifierKey;
  readonly judge: Judge;
}): PackImports {
  const { host, store } = parts;
  const incoming = new Map<string, Incoming>();

  function find(workspace: string, id: string): Incoming {
    const found = incoming.get(id);
    if (found === undefined || found.workspace !== workspace)
      throw new ProblemError('rules/import', 'no such import is under way; begin it again');
    found.touchedAt = host.clock.now();
    return found;
  }

  function take(item: Incoming, { files, unreadable }: PackContent) {
    for (const { path, text } of files) {
      item.bytes += text.length - (item.files.get(path)?.text.length ?? 0);
      item.files.set(path, { text, digest: sha256Hex(text) });
    }
    for (const { path, reason } of unreadable) item.unreadable.set(path, reason);
    if (item.files.size + item.unreadable.size > mostFiles || item.bytes > mostBytes) {
      incoming.delete(item.id);
      throw new ProblemError('rules/import', `a pack has at most ${mostFiles} files and ${mostBytes} characters`);
    }
    return { files: item.files.size, bytes: item.bytes };
  }

  /** SECURITY: what was checked, and whose signature was, is what is written: nothing may be added in between. */
  function requireIdle(item: Incoming): void {
    if (item.isBusy)
      throw new ProblemError('rules/import', 'this import is being unpacked, checked or written already; wait for it');
  }

  async function exclusively<T>(item: Incoming, work: () => Promise<T>): Promise<T> {
    requireIdle(item);
    item.isBusy = true;
    try {
      return await work();
    } finally {
      item.isBusy = false;
    }
  }

  /** @throws ProblemError once somebody gave the import up. */
  function advance(item: Incoming, phase: PackProgress['phase'], done: number, total: number): void {
    if (item.isDiscarded) throw new ProblemError('rules/import', 'the import was given up; nothing was changed');
    item.progress = { phase, done, total };
    item.touchedAt = host.clock.now();
  }

  async function writeAll(
    call: Call,
    item: Incoming,
    changes: PackChanges,
    state: ChosenState | undefined,
  ): Promise<void> {
    const { workspace, pack } = item;
    const before = store().read(workspace, (tx) => findPack(tx, pack));
    const generation =
      1 + store().read(workspace, (tx) => Math.max(before?.generation ?? 0, highestGeneration(tx, pack)));
    const rows = [...item.files];
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      item.progress = { phase: 'writing', done: from, total: rows.length };
      const part = rows.slice(from, from + rowsAtOnce).map(([path, file]) => {
        const known = changes.known.get(path);
        // What is unchanged need not be read again to know what stands in it.
        const same = known?.digest === file.digest;
        const outline: Outline | null = same
          ? known.outline
          : outlineOf({ name: sourceName(pack, path), text: file.text });
        return { path, file, known, same, outline };
      });
      await store().writable();
      store().write(workspace, (tx) => {
        for (const { path, file, known, same, outline } of part) {
          const number = same ? (known?.number ?? 1) : (known?.number ?? 0) + 1;
          const row: RuleRow = {
            pack,
            generation,
            id: ruleIdOf(pack, path),
            path,
            digest: file.digest,
            number,
            outline,
          };
          if (!same) writeVersion(tx, row, file.text, call, item);
          saveRule(tx, row);
        }
      });
      await host.timers.breathe();
    }
    await store().writable();
    // From here on the new files are the pack's; what is killed before leaves the pack as it was.
    store().write(workspace, (tx) => {
      savePack(tx, {
        id: pack,
        name: item.name,
        version: item.version,
        state: before?.state ?? state ?? 'on',
        generation,
        digest: digestOf(item),
        signature: item.signature,
        signer: item.signer,
        importedAt: call.now,
        importedBy: actorOf(call.principal).name,
      });
    });
    await sweep(workspace, pack, generation);
  }

  async function sweep(workspace: string, pack: string, generation: number): Promise<void> {
    for (;;) {
      await store().writable();
      const gone = store().write(workspace, (tx) => deleteOtherGenerations(tx, pack, generation, rowsAtOnce));
      if (gone < rowsAtOnce) return;
      await host.timers.breathe();
    }
  }

  return {
    begin(call, input) {
      const now = host.clock.now();
      for (const [id, item] of incoming) if (now - item.touchedAt > forgottenAfterMs) incoming.delete(id);
      // The one that nobody went on with for longest was given up, most likely.
      const oldest = Array.from(incoming.values()).toSorted((left, right) => left.touchedAt - right.touchedAt)[0];
      if (incoming.size >= mostAtOnce && oldest !== undefined) incoming.delete(oldest.id);
      if (input.pack === builtInPack || input.pack === ownPack)
        throw new ProblemError('request/invalid', `pack: ${input.pack} is taken; choose another name`);
      const opened = openSigned(input, parts.ownKey());
      const id = uuidV7(now, host.random.bytes(10));
      const signature = opened?.signature ?? 'none';
      incoming.set(id, {
        id,
        workspace: call.workspace,
        pack: input.pack,
        name: input.name,
        version: input.version,
        statement: opened?.statement,
        signature,
        signer: opened?.signer ?? null,
        files: new Map(),
        unreadable: new Map(),
        archive: [],
        archiveBytes: 0,
        bytes: 0,
        touchedAt: now,
        progress: { phase: 'receiving', done: 0, total: 0 },
        isBusy: false,
        isDiscarded: false,
      });
      return { id, signature };
    },

    append(workspace, id, content) {
      const item = find(workspace, id);
      requireIdle(item);
      const taken = take(item, content);
      advance(item, 'receiving', taken.bytes, 0);
      return taken;
    },

    archive(workspace, id, offset, data) {
      const item = find(workspace, id);
      requireIdle(item);
      // A chunk whose answer got lost is sent again: it is already in.
      if (data.byteLength > 0 && offset + data.byteLength === item.archiveBytes) return { bytes: item.archiveBytes };
      if (offset !== item.archiveBytes)
        throw new ProblemError('rules/import', `expected the bytes from ${item.archiveBytes} on, not from ${offset}`);
      if (offset + data.byteLength > largestArchive) {
        incoming.delete(id);
        throw new ProblemError('rules/import', `an archive of rules has at most ${largestArchive / 1_048_576} MiB`);
      }
      item.archive.push(data.slice());
      item.archiveBytes += data.byteLength;
      advance(item, 'receiving', item.archiveBytes, 0);
      return { bytes: item.archiveBytes };
    },

    unpack(workspace, id, name) {
      const item = find(workspace, id);
      return exclusively(item, async () => {
        const bytes = concatBytes(...item.archive);
        item.archive.length = 0;
        item.archiveBytes = 0;
        advance(item, 'unpacking', 0, 0);
        const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        try {
          const content = await readRuleArchive(name, buffer, largestUnpacked, async () => {
            await host.timers.breathe();
            advance(item, 'unpacking', 0, 0);
          });
          return take(item, content);
        } catch (error) {
          if (!(error instanceof RuleArchiveError)) throw error;
          throw new ProblemError('rules/archive', error.message, { cause: error });
        }
      });
    },

    progress: (workspace, id) => find(workspace, id).progress,

    compare(tx, id, path) {
      const item = find(tx.workspace, id);
      const pack = findPack(tx, item.pack);
      const row =
        pack === undefined ? undefined : findRulesOf(tx, item.pack, pack.generation).find((one) => one.path === path);
      const before = row === undefined ? null : (findTexts(tx, [row.digest]).get(row.digest) ?? null);
      const after = item.files.get(path)?.text ?? null;
      if (before === null && after === null)
        throw new ProblemError('rules/not-found', `neither the import nor the pack holds ${path}`);
      return { before, after };
    },

    discard(workspace, id) {
      const item = find(workspace, id);
      if (item.progress.phase === 'writing')
        throw new ProblemError('rules/import', 'the import is being written already; it is done in a moment');
      item.isDiscarded = true;
      incoming.delete(id);
    },

    finish(call, id, write, state) {
      const item = find(call.workspace, id);
      return exclusively(item, async () => {
        if (item.files.size === 0) throw new ProblemError('rules/import', emptyWords(item));
        const { statement } = item;
        if (statement !== undefined && (statement.sha256 !== digestOf(item) || statement.files !== item.files.size)) {
          incoming.delete(id);
          throw new ProblemError(
            'rules/signature',
            'the files are not those that were signed: one was changed, added or left out',
          );
        }
        const changes = comparePack(
          item.files,
          store().read(call.workspace, (tx) => {
            const pack = findPack(tx, item.pack);
            return pack === undefined ? [] : findRulesOf(tx, item.pack, pack.generation);
          }),
        );
        const texts = new Map(Array.from(item.files, ([path, { text }]) => [path, text]));
        advance(item, 'checking', 0, texts.size);
        const refused = await parts.judge(call.workspace, item.pack, texts, (done, total) =>
          advance(item, 'checking', done, total),
        );
        if (write) {
          advance(item, 'writing', 0, texts.size);
          try {
            await writeAll(call, item, changes, state);
          } finally {
            incoming.delete(id);
          }
        }
        item.progress = { phase: 'finished', done: texts.size, total: texts.size };
        const { known: _, ...counted } = changes;
        const unreadable = Array.from(item.unreadable, ([path, reason]) => ({ path, reason }));
        const { pack, signature } = item;
        return { pack, written: write, ...counted, refused: [...unreadable, ...refused], signature };
      });
    },
  };
}

function emptyWords({ unreadable }: Incoming): string {
  const [first] = unreadable;
  if (first === undefined) return 'the pack holds no rule file (.yml)';
  const others = unreadable.size === 1 ? '' : `; nor can ${unreadable.size - 1} more`;
  return `the pack holds no rule file that can be read: ${JSON.stringify(first[0])} is ${first[1]}${others}`;
}

function openSigned(
  input: { readonly signed?: string | undefined; readonly signer?: string | undefined },
  own: VerifierKey,
): ReturnType<typeof openPack> | undefined {
  if (input.signed === undefined) {
    if (input.signer === undefined) return undefined;
    throw new ProblemError('rules/signature', 'a signer is expected, and the pack is not signed');
  }
  try {
    return openPack(input.signed, own, input.signer);
  } catch (error) {
    if (!(error instanceof FormatError) && !(error instanceof TypeError)) throw error;
    throw new ProblemError('rules/signature', error.message, { cause: error });
  }
}

function digestOf(item: Incoming): string {
  return digestOfFiles(Array.from(item.files, ([path, { digest }]) => ({ path, digest })));
}

function writeVersion(tx: WriteTx, row: RuleRow, text: string, call: Call, item: Incoming): void {
  keepText(tx, row.digest, text);
  keepVersion(tx, row.id, {
    number: row.number,
    digest: row.digest,
    at: call.now,
    actor: actorOf(call.principal).name,
    note: item.version === '' ? null : `version ${item.version}`,
  });
}
