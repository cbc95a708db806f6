// Rules: which a workspace has, in what state, with which exceptions. Start here: the operations. change.ts changes single rules,
// pack-import.ts takes packs, show.ts tells of them. What the rules do to events is the detections' part.

import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { packsOperations } from '../../../../src-shared/contract/rule-packs.ts';
import type { rulesOperations } from '../../../../src-shared/contract/rules.ts';
import { instant } from '../../../base/instants.ts';
import { type Examined, examineText, runCases } from '../../../engine/rules/examine.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import type { Feature } from '../../feature.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { silences, sourceName } from './catalog.ts';
import {
  type Change,
  createException,
  createRule,
  endException,
  extendException,
  getRule,
  removeRule,
  transferException,
  updateRule,
} from './change.ts';
import { draftHandlers } from './drafts.ts';
import { findExceptions } from './exceptions-table.ts';
import { migrations, scopedTables } from './migrations.ts';
import { createPackImports } from './pack-import.ts';
import { digestOfFiles, signPack } from './pack-signature.ts';
import { builtInPack, deletePack, ownPack, savePack } from './packs-table.ts';
import type { RulesParts } from './rules-parts.ts';
import { deleteRule, findRulesOf, findTexts, findVersion } from './rules-table.ts';
import { getPack, listPacks, showRule, wireException, wirePack } from './show.ts';

const deletedAtOnce = 100;
const filesAPage = 200;
/** A page of files stays below what a client wants to read at once. */
const charactersAPage = 2_000_000;

export function createRules(parts: RulesParts): Feature {
  const { catalog, running, settings, host, store } = parts;
  const imports = createPackImports({
    host,
    store,
    ownKey: () => parts.signer().verifierKey,
    judge: running.judge,
  });

  function changeOf(tx: WriteTx, call: Call): Change {
    return {
      tx,
      call,
      catalog,
      settings,
      random: host.random,
      neighboursOf: (source) => running.neighboursOf(tx, source),
      mapping: parts.findMapping(tx).mapping,
    };
  }

  /** The rules of this workspace changed: after the commit they are compiled, and whoever shows them hears of it. */
  function announce(tx: WriteTx, call: Call): void {
    tx.announce('detections.changed', null, call.now);
    tx.afterCommit(() => running.changed(tx.workspace));
  }

  function exceptionsChanged(tx: WriteTx, call: Call): void {
    tx.announce('detections.changed', null, call.now);
    // Not only after the commit: what is evaluated in between would keep the ones of before.
    running.exceptionsChanged(tx.workspace);
    tx.afterCommit(() => running.exceptionsChanged(tx.workspace));
    tx.onRollback(() => running.exceptionsChanged(tx.workspace));
  }

  function examine(tx: ReadTx, input: { readonly source: string; readonly rule?: string | undefined }): Examined {
    const known = input.rule === undefined ? undefined : getRule({ tx, catalog }, input.rule);
    const name = known?.name ?? sourceName(ownPack, 'rule.yml');
    const values = known?.choice.parameters ?? null;
    const source = { name, text: input.source, ...(values === null ? {} : { parameters: values }) };
    return examineText(source, running.neighboursOf(tx, source), settings, {
      silences,
      mapping: parts.findMapping(tx).mapping,
    });
  }

  async function deleteAll(call: Call, pack: string): Promise<void> {
    const { generation } = store().read(call.workspace, (tx) => getPack(tx, pack));
    for (;;) {
      await store().writable();
      const left = store().write(call.workspace, (tx) => {
        const rows = findRulesOf(tx, pack, generation);
        for (const { id } of rows.slice(0, deletedAtOnce)) deleteRule(tx, id);
        if (rows.length <= deletedAtOnce) deletePack(tx, pack);
        return rows.length - deletedAtOnce;
      });
      if (left <= 0) return;
      await host.timers.breathe();
    }
  }

  const handlers: Handlers<typeof rulesOperations & typeof packsOperations> = {
    'rules.get': (tx, call, { id }) => showRule(parts, tx, id, call.now),
    'rules.version'(tx, _call, { id, number }) {
      const rule = getRule({ tx, catalog }, id);
      const version = findVersion(tx, id, number);
      const source =
        version === undefined
          ? number === rule.number && catalog.texts(tx, [rule]).get(id)
          : findTexts(tx, [version.digest]).get(version.digest);
      if (source === false || source === undefined)
        throw new ProblemError('rules/not-found', `this rule has no version ${number}`);
      return { number, source };
    },
    'rules.validate'(tx, _call, input) {
      const { problems, detectors } = examine(tx, input);
      return {
        valid: problems.every(({ kind }) => kind !== 'error'),
        problems: [...problems],
        detectors: detectors.map(({ id, title, level, techniques, cases }) => ({
          id,
          title,
          severity: level,
          techniques: [...techniques],
          cases: cases.length,
        })),
      };
    },
    'rules.test'(tx, _call, input) {
      const examined = examine(tx, input);
      const error = examined.problems.find(({ kind }) => kind === 'error');
      if (error !== undefined) throw new ProblemError('rules/invalid', error.message);
      const results = runCases(examined);
      const passed = results.filter((one) => one.passed).length;
      return { passed, failed: results.length - passed, results };
    },
    'rules.create'(tx, call, input) {
      const id = createRule(changeOf(tx, call), input);
      announce(tx, call);
      return showRule(parts, tx, id, call.now);
    },
    'rules.update'(tx, call, input) {
      updateRule(changeOf(tx, call), input);
      announce(tx, call);
      return showRule(parts, tx, input.id, call.now);
    },
    'rules.delete'(tx, call, { id }) {
      removeRule(changeOf(tx, call), id);
      announce(tx, call);
      exceptionsChanged(tx, call);
      return { ok: true };
    },
    'exceptions.list': (tx, call) => ({
      items: findExceptions(tx).map((row) => wireException(row, call.now)),
      next_cursor: null,
    }),
    'exceptions.create'(tx, call, input) {
      const row = createException(changeOf(tx, call), input);
      exceptionsChanged(tx, call);
      return wireException(row, call.now);
    },
    'exceptions.extend'(tx, call, input) {
      const row = extendException(changeOf(tx, call), input);
      exceptionsChanged(tx, call);
      return wireException(row, call.now);
    },
    'exceptions.transfer'(tx, call, input) {
      const row = transferException(changeOf(tx, call), input);
      exceptionsChanged(tx, call);
      return wireException(row, call.now);
    },
    'exceptions.delete'(tx, call, { id }) {
      endException(changeOf(tx, call), id);
      exceptionsChanged(tx, call);
      return { ok: true };
    },
    'packs.list': (tx) => ({ items: listPacks(parts, tx), next_cursor: null }),
    'packs.files'(tx, _call, { id, cursor = '' }) {
      const { generation } = getPack(tx, id);
      const all =
        id === builtInPack
          ? Array.from(catalog.builtIns.values(), ({ name, text }) => ({ path: name, text }))
          : findRulesOf(tx, id, generation);
      const rest = all.filter(({ path }) => path > cursor);
      const page = rest.slice(0, filesAPage);
      const texts = findTexts(
        tx,
        page.flatMap((one) => ('digest' in one ? [one.digest] : [])),
      );
      const items: { path: string; text: string }[] = [];
      let characters = 0;
      for (const one of page) {
        const text = 'digest' in one ? (texts.get(one.digest) ?? '') : one.text;
        characters += text.length;
        if (items.length > 0 && characters > charactersAPage) break;
        items.push({ path: one.path, text });
      }
      const last = items.at(-1);
      return { items, next_cursor: items.length < rest.length && last !== undefined ? last.path : null };
    },
    'packs.update'(tx, call, { id, state }) {
      const before = getPack(tx, id);
      savePack(tx, { ...before, state });
      call.entry.resource = { type: 'rule_pack', id };
      call.entry.details = { state: { from: before.state, to: state } };
      announce(tx, call);
      return wirePack({ ...before, state }, running.countByPack(tx).get(id));
    },
    async 'packs.delete'(call, { id }) {
      if (id === builtInPack || id === ownPack)
        throw new ProblemError('rules/fixed', 'this pack is always there; switch it off instead');
      await deleteAll(call, id);
      call.entry.resource = { type: 'rule_pack', id };
      store().write(call.workspace, (tx) => {
        announce(tx, call);
        exceptionsChanged(tx, call);
      });
      return { ok: true };
    },
    'packs.begin': async (call, input) => imports.begin(call, input),
    'packs.append': async (call, { id, files, unreadable }) =>
      imports.append(call.workspace, id, { files, unreadable }),
    'packs.archive': async (call, { id, offset, data }) => imports.archive(call.workspace, id, offset, data),
    'packs.unpack': async (call, { id, name }) => imports.unpack(call.workspace, id, name),
    'packs.progress': (tx, _call, { id }) => imports.progress(tx.workspace, id),
    'packs.compare': (tx, _call, { id, path }) => imports.compare(tx, id, path),
    async 'packs.discard'(call, { id }) {
      imports.discard(call.workspace, id);
      return { ok: true };
    },
    async 'packs.finish'(call, { id, write, state }) {
      const outcome = await imports.finish(call, id, write, state);
      if (!write) {
        call.entry.type = null;
        return outcome;
      }
      const { changes: _, refused, ...counts } = outcome;
      call.entry.resource = { type: 'rule_pack', id: outcome.pack };
      call.entry.details = { ...counts, refused: refused.length };
      store().write(call.workspace, (tx) => announce(tx, call));
      return outcome;
    },
    'packs.export'(tx, call, { id }) {
      const pack = getPack(tx, id);
      const files =
        id === builtInPack
          ? catalog.near(tx).filter((rule) => rule.pack === builtInPack)
          : findRulesOf(tx, id, pack.generation);
      if (files.length === 0) throw new ProblemError('rules/pack-not-found', `the pack ${id} holds no rule`);
      const sha256 = digestOfFiles(files);
      const { verifierKey, sign } = parts.signer();
      call.entry.resource = { type: 'rule_pack', id };
      call.entry.details = { files: files.length, sha256 };
      const { name, version } = pack;
      const signed = signPack(
        { pack: id, name, version, exported_at: instant(call.now), files: files.length, sha256 },
        verifierKey,
        sign,
      );
      return { signed };
    },
  };
  return { name: 'rules', migrations, scopedTables, handlers: { ...handlers, ...draftHandlers } };
}
