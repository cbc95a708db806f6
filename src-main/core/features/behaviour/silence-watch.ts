// Sources that fall silent: who was heard is noted with the events, and a timer looks for those that were not heard. What was heard last
// is stored each minute; a console that is killed forgets at most that much, and counts silence only from its start on.
import {
  activityText,
  createActivity,
  hear,
  parseActivity,
  type Silence,
  type SilenceSettings,
  type SourceActivity,
  silenceOf,
} from '../../../engine/behaviour/silence.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { allSources, dropSource, saveSource } from './behaviour-table.ts';

/** Sources told apart; more than that are made-up names, and the ones silent longest are given up. */
const mostSources = 2_000;
const forgetMs = 30 * 86_400_000;

export type SilentSource = Silence & { readonly source: string; readonly heardAtMs: number };

export type SilenceWatch = {
  heard(tx: ReadTx, sources: Iterable<string>, now: number): void;
  /** Looks for silence and stores what was heard. @returns what is to be told. */
  look(tx: WriteTx, now: number): SilentSource[];
  /** Stores what was heard. */
  save(tx: WriteTx): void;
};

/** @param listeningSince when the console started, or woke last: silence before that is its own. */
export function createSilenceWatch(settings: SilenceSettings, listeningSince: () => number): SilenceWatch {
  let sources: Map<string, SourceActivity> | undefined;
  const changed = new Set<string>();

  function load(tx: ReadTx): Map<string, SourceActivity> {
    sources ??= new Map(
      allSources(tx).map(({ source, heard_at, activity }) => [source, parseActivity(activity, heard_at)] as const),
    );
    return sources;
  }

  function save(tx: WriteTx): void {
    const known = load(tx);
    for (const source of changed) {
      const activity = known.get(source);
      if (activity === undefined) continue;
      saveSource(tx, { source, heardAt: activity.heardAtMs, activity: activityText(activity) });
    }
    changed.clear();
  }

  return {
    heard(tx, names, now) {
      const known = load(tx);
      for (const name of names) {
        const activity = known.get(name);
        if (activity !== undefined) hear(activity, now, listeningSince());
        else if (known.size < mostSources * 2) known.set(name, createActivity(now));
        changed.add(name);
      }
    },
    look(tx, now) {
      const known = load(tx);
      const silent: SilentSource[] = [];
      for (const [source, activity] of known) {
        const found = silenceOf(activity, now, listeningSince(), settings);
        if (found !== undefined) {
          activity.told = true;
          changed.add(source);
          silent.push({ ...found, source, heardAtMs: activity.heardAtMs });
        }
      }
      const byAge = [...known].toSorted(([, one], [, other]) => one.heardAtMs - other.heardAtMs);
      for (const [index, [source, { heardAtMs }]] of byAge.entries()) {
        if (known.size - index <= mostSources && heardAtMs > now - forgetMs) break;
        known.delete(source);
        changed.delete(source);
        dropSource(tx, source);
      }
      save(tx);
      return silent;
    },
    save,
  };
}
