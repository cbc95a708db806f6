// Which rules a workspace has and in what state: those that come with the program, its own, and those of packs, with what people
// chose for each. What is made of them is the detections' part.
import type { ChosenState } from '../../../../src-shared/contract/rules.ts';
import { sha256, sha256Hex } from '../../../base/hashes.ts';
import { uuidFromHash } from '../../../base/ids.ts';
import type { RuleSource } from '../../../engine/rules/compile.ts';
import type { ReadTx } from '../../store/store.ts';
import { outlineOf } from './outline.ts';
import { builtInPack, findPacks, ownPack } from './packs-table.ts';
import {
  type Choice,
  findChoices,
  findRule,
  findRules,
  findRulesOf,
  findTexts,
  noChoice,
  type Outline,
  type RuleRow,
} from './rules-table.ts';

export type CatalogRule = {
  readonly id: string;
  readonly pack: string;
  readonly path: string;
  /** How messages call its file. */
  readonly name: string;
  readonly digest: string;
  readonly number: number;
  readonly outline: Outline | null;
  readonly choice: Choice;
  readonly state: ChosenState | 'switched_off';
};

export type Catalog = {
  readonly builtIns: ReadonlyMap<string, RuleSource>;
  /** Those that are few: built in, and the workspace's own. */
  near(tx: ReadTx): CatalogRule[];
  /** There are no others. */
  isNear(tx: ReadTx): boolean;
  /** All of them, a page at a time; undefined when there are no more. */
  begin(tx: ReadTx): CatalogReading;
  next(tx: ReadTx, reading: CatalogReading): CatalogRule[] | undefined;
  find(tx: ReadTx, id: string): CatalogRule | undefined;
  /** Texts by rule id. */
  texts(tx: ReadTx, rules: readonly CatalogRule[]): Map<string, string>;
};

export type CatalogReading = {
  readonly states: ReadonlyMap<string, ChosenState>;
  readonly choices: ReadonlyMap<string, Choice>;
  after: { pack: string; id: string } | undefined;
};

const pageSize = 400;

export function ruleIdOf(pack: string, path: string): string {
  return uuidFromHash(sha256(`${pack}\n${path}`));
}

/** Built-in rules keep the names they always had; those of packs say which pack. */
export function sourceName(pack: string, path: string): string {
  return pack === builtInPack ? path : `${pack}/${path}`;
}

/**
 * Who may keep rules quiet, by names of files: the workspace's own rules may all, a pack its own ones. What comes from outside must not
 * switch off, by a filter or a correlation, what watches over it.
 */
export function silences(from: string, to: string): boolean {
  const pack = packOf(from);
  return pack === ownPack || pack === packOf(to);
}

function packOf(name: string): string {
  return name.includes('/') ? (name.split('/')[0] ?? '') : builtInPack;
}

export function createCatalog(sources: readonly RuleSource[]): Catalog {
  const builtIns = new Map(sources.map((source) => [ruleIdOf(builtInPack, source.name), source]));
  const rows: RuleRow[] = Array.from(builtIns, ([id, { name, text }]) => ({
    pack: builtInPack,
    generation: 0,
    id,
    path: name,
    digest: sha256Hex(text),
    number: 1,
    outline: null,
  }));

  const outlines = new Map<string, Outline | null>();

  /** Asked for only of the few that are off: the others are known by what was compiled of them. */
  function outlineOfBuiltIn(id: string): Outline | null {
    const source = builtIns.get(id);
    const known = outlines.get(id);
    if (source === undefined || known !== undefined) return known ?? null;
    const outline = outlineOf(source);
    outlines.set(id, outline);
    return outline;
  }

  function ruleOf(row: RuleRow, { states, choices }: CatalogReading): CatalogRule {
    const choice = choices.get(row.id) ?? noChoice;
    const pack = states.get(row.pack) ?? 'on';
    // A pack that is off is off as a whole; otherwise a rule's own state counts.
    const chosen = pack === 'off' ? 'off' : (choice.state ?? pack);
    const state = choice.switchedOff !== null && chosen !== 'off' ? 'switched_off' : chosen;
    const { generation: _, ...shown } = row;
    return {
      ...shown,
      name: sourceName(row.pack, row.path),
      choice,
      state,
      outline: state === 'off' || state === 'switched_off' ? (row.outline ?? outlineOfBuiltIn(row.id)) : row.outline,
    };
  }

  function begin(tx: ReadTx): CatalogReading {
    const states = new Map(findPacks(tx).map(({ id, state }) => [id, state]));
    return { states, choices: findChoices(tx), after: undefined };
  }

  return {
    builtIns,
    near(tx) {
      const reading = begin(tx);
      return [...rows, ...findRulesOf(tx, ownPack, 0)].map((row) => ruleOf(row, reading));
    },
    isNear: (tx) => findPacks(tx).every(({ id }) => id === builtInPack || id === ownPack),
    begin,
    next(tx, reading) {
      const { after } = reading;
      if (after === undefined) {
        reading.after = { pack: '', id: '' };
        return rows.map((row) => ruleOf(row, reading));
      }
      const page = findRules(tx, after, pageSize);
      const last = page.at(-1);
      if (last === undefined) return undefined;
      reading.after = { pack: last.pack, id: last.id };
      return page.map((row) => ruleOf(row, reading));
    },
    find(tx, id) {
      const row = rows.find((one) => one.id === id) ?? findRule(tx, id);
      return row === undefined ? undefined : ruleOf(row, begin(tx));
    },
    texts(tx, rules) {
      const stored = findTexts(
        tx,
        rules.filter(({ id }) => !builtIns.has(id)).map(({ digest }) => digest),
      );
      return new Map(
        rules.flatMap(({ id, digest }) => {
          const text = builtIns.get(id)?.text ?? stored.get(digest);
          return text === undefined ? [] : [[id, text] as const];
        }),
      );
    },
  };
}
