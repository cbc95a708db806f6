// Behaviour: what the events of principals and sources tell when held against those before. It stands between intake and the detectors:
// after the detectors have seen a slice, it is held against the profiles, and what is unusual becomes events of the console, in the same
// transaction, which the rules then see like any other. So an alert about it names stored events, and can be looked at years later.
import { sha256 } from '../../../base/hashes.ts';
import { uuidFromHash, uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { Locate } from '../../../engine/behaviour/travel.ts';
import type { Event } from '../../../engine/event.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { KeyUse } from '../access/index.ts';
import { type Detect, eventOf, eventsFrom, lastNumber } from '../events/index.ts';
import { findMark } from './behaviour-table.ts';
import { migrations, scopedTables } from './migrations.ts';
import { createProfiles, type Found, type Profiles } from './profiles.ts';
import { createSilenceWatch, type SilenceWatch, type SilentSource } from './silence-watch.ts';

const own = 'gatehouse';
const replayPage = 500;
const lookEveryMs = 60_000;
/** A timer that comes this late has slept. */
const asleepMs = 3 * lookEveryMs;
const regularHours = 12;

export type BehaviourParts = {
  readonly host: Host;
  readonly store: () => Store;
  /** The detectors behind it. */
  readonly detect: Detect;
  readonly workspace: string;
  readonly silentMinutes: number;
  readonly locate?: Locate;
  /** Stores events of the console inside the transaction. @returns the alerts they raised. */
  takeIn(tx: WriteTx, events: readonly Event[], now: number): number;
};

export type Behaviour = {
  readonly feature: Feature;
  /** The detectors with this before them, for intake. */
  readonly detect: Detect;
  /** Looks for silence and writes profiles from time to time. */
  start(): Disposable;
  /** The console's own API keys, where they were used from: calls are no events, but a new network is. */
  keysUsed(tx: WriteTx, uses: readonly KeyUse[]): void;
  /** Writes all profiles that wait. */
  finish(): void;
};

type State = {
  readonly profiles: Profiles;
  readonly silence: SilenceWatch;
  /** Where counting again goes on; undefined when the profiles are where the events are. */
  again: number | undefined;
  /** The number of the last event that was taken in. */
  last: number;
};

export function createBehaviour(parts: BehaviourParts): Behaviour {
  const { host, detect } = parts;
  const states = new Map<string, State>();
  let lookedAt = host.clock.now();
  let listeningSince = lookedAt;

  function begin(tx: ReadTx): State {
    const known = states.get(tx.workspace);
    if (known !== undefined) return known;
    const last = lastNumber(tx);
    const mark = findMark(tx);
    const settings = { silentMs: parts.silentMinutes * 60_000, regularHours };
    const state: State = {
      profiles: createProfiles(parts.locate),
      silence: createSilenceWatch(settings, () => listeningSince),
      // A console that has events from before it had profiles begins with the next one.
      again: mark === undefined || mark >= last ? undefined : mark + 1,
      last,
    };
    states.set(tx.workspace, state);
    return state;
  }

  function replay(tx: ReadTx, state: State): void {
    if (state.again === undefined) return;
    const page = eventsFrom(tx, state.again, replayPage);
    for (const stored of page) state.profiles.again(tx, eventOf(stored), stored.seq);
    const last = page.at(-1);
    state.again = last === undefined || page.length < replayPage ? undefined : last.seq + 1;
    if (state.again === undefined) state.last = lastNumber(tx);
  }

  function stateOf(tx: ReadTx): State {
    const state = begin(tx);
    while (state.again !== undefined) replay(tx, state);
    return state;
  }

  function watch(tx: WriteTx, events: readonly Event[], now: number): number {
    const state = stateOf(tx);
    const first = state.last + 1;
    state.last = lastNumber(tx);
    const others = events.filter(
      ({ source, event_type }) => source !== own || event_type === 'login' || event_type === 'credential_access',
    );
    state.silence.heard(tx, new Set(events.filter(({ source }) => source !== own).map(({ source }) => source)), now);
    const found = state.profiles.take(tx, others, first, state.last);
    state.profiles.write(tx, state.last);
    return found.length === 0 ? 0 : parts.takeIn(tx, found.map(toEvent), now);
  }

  /** Called by a timer: a full disk must not end the process. */
  function look(): void {
    const now = host.clock.now();
    const sinceLast = now - lookedAt;
    lookedAt = now;
    if (sinceLast > asleepMs || sinceLast < 0) listeningSince = now;
    if (parts.store().writesPaused()) return;
    try {
      parts.store().write(parts.workspace, (tx) => {
        tx.onRollback(() => void states.delete(tx.workspace));
        const state = stateOf(tx);
        state.profiles.write(tx, state.last, 0);
        const silent = state.silence.look(tx, now);
        if (silent.length === 0) return;
        const events = silent.map((one) => silenceEvent(one, now, uuidV7(now, host.random.bytes(10))));
        parts.takeIn(tx, events, now);
      });
    } catch (error) {
      host.log.error('habits could not be written', { error: String(error) });
    }
  }

  return {
    feature: { name: 'behaviour', migrations, scopedTables, handlers: {} },
    detect: {
      async ready(workspace, events) {
        await detect.ready(workspace, events);
        while (parts.store().read(workspace, begin).again !== undefined) {
          parts.store().read(workspace, (tx) => replay(tx, begin(tx)));
          await host.timers.breathe();
        }
      },
      prepare(tx) {
        detect.prepare(tx);
        stateOf(tx);
      },
      run(tx, events, now) {
        const raised = detect.run(tx, events, now);
        return (
          raised +
          watch(
            tx,
            events.map(({ event }) => event),
            now,
          )
        );
      },
      invalidate(workspace) {
        detect.invalidate(workspace);
        states.delete(workspace);
      },
    },
    keysUsed(tx, uses) {
      const events = uses.flatMap((use) => use.addresses.map((address) => useEvent(use, address)));
      if (events.length === 0) return;
      tx.onRollback(() => void states.delete(tx.workspace));
      const state = stateOf(tx);
      const found = state.profiles.take(tx, events, state.last, state.last);
      const names = new Map(uses.map(({ keyId, name }) => [keyId, name]));
      const told = found
        .map(toEvent)
        .map((event) => ({ ...event, actor: names.get(String(event.details.key_id)) ?? '' }));
      if (told.length > 0) parts.takeIn(tx, told, host.clock.now());
    },
    start: () => host.timers.every(lookEveryMs, look),
    finish() {
      try {
        parts.store().write(parts.workspace, writeAll);
      } catch (error) {
        // They are counted again from the stored events.
        host.log.error('habits could not be written', { error: String(error) });
      }
    },
  };

  function writeAll(tx: WriteTx): void {
    const state = states.get(tx.workspace);
    if (state === undefined || state.again !== undefined) return;
    while (state.profiles.waiting() > 0) {
      const before = state.profiles.waiting();
      state.profiles.write(tx, state.last, 0);
      if (state.profiles.waiting() === before) break;
    }
    state.silence.save(tx);
  }
}

/** Its id says what it is of: the same event gives the same, so that nothing is told twice. */
function toEvent({ event, principal, observed }: Found): Event {
  const { kind, details } = observed;
  return {
    id: uuidFromHash(sha256(`${kind}\n${principal}\n${event.id}\n${event.timeMs}`)),
    timeMs: event.timeMs,
    source: own,
    event_type: kind,
    action: 'behaviour.observe',
    ...(event.actor === undefined ? {} : { actor: event.actor }),
    ...(event.ip_address === undefined ? {} : { ip_address: event.ip_address }),
    ...(event.user_agent === undefined ? {} : { user_agent: event.user_agent }),
    ...(event.resource_type === undefined ? {} : { resource_type: event.resource_type }),
    ...(event.resource_id === undefined ? {} : { resource_id: event.resource_id }),
    details: {
      ...details,
      ...(event.action === keyUse ? {} : { event: event.id, event_source: event.source }),
      ...(principal.startsWith('key ') ? { key_id: principal.slice(4) } : {}),
    },
  };
}

const keyUse = 'keys.use';

function useEvent({ keyId, at }: KeyUse, address: string): Event {
  return {
    id: `${keyId}@${at}`,
    timeMs: at,
    source: own,
    event_type: 'api_call',
    action: keyUse,
    ip_address: address,
    details: { key_id: keyId },
  };
}

function silenceEvent({ source, heardAtMs, silentMs, usualPauseMs }: SilentSource, now: number, id: string): Event {
  return {
    id,
    timeMs: now,
    source: own,
    event_type: 'log_silence',
    action: 'behaviour.listen',
    resource_type: 'source',
    resource_id: source,
    details: {
      last_at: instant(heardAtMs),
      silent_minutes: Math.floor(silentMs / 60_000),
      usual_pause_minutes: Math.ceil(usualPauseMs / 60_000),
    },
  };
}
