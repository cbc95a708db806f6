// Importing a pack: files in parts, held in memory; then compared with what is there, and written beside it before it takes its place.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { PackOutcome, RulePack } from '../../../../src-shared/contract/rule-packs.ts';
import type { ChosenState } from '../../../../src-shared/contract/rules.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import type { VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import type { Call } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { ruleIdOf, sourceName } from './catalog.ts';
import { outlineOf } from './outline.ts';
import { digestOfFiles, openPack, type PackStatement } from './pack-signature.ts';
import { builtInPack, findPack, ownPack, savePack } from './packs-table.ts';
import {
  deleteOtherGenerations,
  findRulesOf,
  highestGeneration,
  keepText,
  keepVersion,
  type Outline,
  type RuleRow,
  saveRule,
} from './rules-table.ts';

const mostFiles = 20_000;
const mostBytes = 64 * 1_048_576;
const mostAtOnce = 4;
const forgottenAfterMs = 30 * 60_000;
const changesShown = 1_000;
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
  bytes: number;
  touchedAt: number;
};

/** What compiling a pack's files, with all other rules, refuses: reasons by path. */
export type Judge = (
  workspace: string,
  pack: string,
  files: ReadonlyMap<string, string>,
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
  append(
    workspace: string,
    id: string,
    files: readonly { readonly path: string; readonly text: string }[],
  ): { files: number; bytes: number };
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

  async function writeAll(call: Call, item: Incoming, changes: Changes, state: ChosenState | undefined): Promise<void> {
    const { workspace, pack } = item;
    const before = store().read(workspace, (tx) => findPack(tx, pack));
    const generation =
      1 + store().read(workspace, (tx) => Math.max(before?.generation ?? 0, highestGeneration(tx, pack)));
    const rows = [...item.files];
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
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
        bytes: 0,
        touchedAt: now,
      });
      return { id, signature };
    },

    append(workspace, id, files) {
      const item = find(workspace, id);
      for (const { path, text } of files) {
        item.bytes += text.length - (item.files.get(path)?.text.length ?? 0);
        item.files.set(path, { text, digest: sha256Hex(text) });
      }
      if (item.files.size > mostFiles || item.bytes > mostBytes) {
        incoming.delete(id);
        throw new ProblemError('rules/import', `a pack has at most ${mostFiles} files and ${mostBytes} characters`);
      }
      return { files: item.files.size, bytes: item.bytes };
    },

    async finish(call, id, write, state) {
      const item = find(call.workspace, id);
      if (item.files.size === 0) throw new ProblemError('rules/import', 'the pack holds no rule file (.yml)');
      const { statement } = item;
      if (statement !== undefined && (statement.sha256 !== digestOf(item) || statement.files !== item.files.size)) {
        incoming.delete(id);
        throw new ProblemError(
          'rules/signature',
          'the files are not those that were signed: one was changed, added or left out',
        );
      }
      const changes = compare(
        item,
        store().read(call.workspace, (tx) => {
          const pack = findPack(tx, item.pack);
          return pack === undefined ? [] : findRulesOf(tx, item.pack, pack.generation);
        }),
      );
      const texts = new Map(Array.from(item.files, ([path, { text }]) => [path, text]));
      const refused = await parts.judge(call.workspace, item.pack, texts);
      if (write) {
        incoming.delete(id);
        await writeAll(call, item, changes, state);
      }
      const { known: _, ...counted } = changes;
      return { pack: item.pack, written: write, ...counted, refused: [...refused], signature: item.signature };
    },
  };
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

type Changes = Pick<PackOutcome, 'added' | 'changed' | 'removed' | 'unchanged' | 'changes'> & {
  readonly known: ReadonlyMap<string, RuleRow>;
};

function compare(item: Incoming, rows: readonly RuleRow[]): Changes {
  const known = new Map(rows.map((row) => [row.path, row]));
  const list: PackOutcome['changes'] = [];
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  function note(kind: 'added' | 'changed' | 'removed', path: string, title: string | null): void {
    counts[kind] += 1;
    if (list.length < changesShown) list.push({ path, kind, title });
  }
  for (const [path, { digest, text }] of item.files) {
    const before = known.get(path);
    if (before?.digest === digest) counts.unchanged += 1;
    else note(before === undefined ? 'added' : 'changed', path, titleIn(text));
  }
  for (const { path, outline } of rows)
    if (!item.files.has(path)) note('removed', path, outline?.detectors[0]?.title ?? null);
  return { ...counts, changes: list, known };
}

function titleIn(text: string): string | null {
  return /^title:[ \t]*['"]?([^\n]{1,256}?)['"]?[ \t]*\r?$/m.exec(text)?.[1] ?? null;
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
