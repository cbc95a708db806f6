// The console's own secrets in force: Vault where it answers, then the environment, then what Vault said last, then nothing (spec 03).
// Says once when Vault is lost and once when it is back; who must act on a changed value is told.
import type { ProviderStatus, SettingEntry, SettingOriginName } from '../../../../src-shared/contract/settings.ts';
import { utf8 } from '../../../base/bytes.ts';
import { instant } from '../../../base/instants.ts';
import { Secret } from '../../../base/secret.ts';
import type { Clock, Log } from '../../ports.ts';
import { type ConsoleSecret, type ConsoleSecretName, consoleSecrets } from './console-secrets.ts';
import type { ProviderAnswer, ProviderFault, ProviderState, SecretProvider } from './secret-provider.ts';

/** What stands for a secret where Vault doesn't answer. */
export type OtherSource = {
  readonly origin: Exclude<SettingOriginName, 'vault' | 'default'>;
  /** Variable, file or keeper. */
  readonly detail: string;
  /** undefined where others hold the value: the key ring, a file. */
  readonly text: string | undefined;
  /** Comes before Vault: the console's own keeping of its master key. */
  readonly first?: true;
};

export type ProviderChange = {
  readonly kind: 'lost' | 'back';
  readonly before: ProviderState | null;
  readonly state: ProviderState;
  readonly detail: string | null;
  readonly fallbacks: ProviderStatus['fallbacks'];
  readonly at: number;
};

export type SecretValues = {
  readonly provider: SecretProvider | undefined;
  /** The value in force; undefined when none is set. Not for secrets that are fetched. */
  find(name: ConsoleSecretName): string | undefined;
  /** Does Vault, when last asked, hold it. */
  heldByProvider(name: ConsoleSecretName): boolean;
  /** Asks Vault for one secret now and keeps nothing. */
  fetch(name: ConsoleSecretName): Promise<ProviderAnswer>;
  /** Asks Vault for all. Whoever asks meanwhile gets the same answer. */
  refresh(): Promise<void>;
  entries(): SettingEntry[];
  status(): ProviderStatus;
  /** Vault was lost or came back: told once each time, and to a late listener what it missed. */
  onProviderChange(listener: (change: ProviderChange) => void): void;
  /** Values in force changed. */
  onValues(listener: (names: ReadonlySet<ConsoleSecretName>) => void): void;
  /** What is listed may have changed: values, origins, state. */
  onListed(listener: () => void): void;
  /** Zeroes what is kept and gives the token back. */
  close(): Promise<void>;
};

/** What Vault said of one secret when it last said anything. */
type Said = { readonly at: number; readonly value: Secret | undefined; readonly present: boolean };

type InForce = {
  readonly origin: SettingOriginName;
  readonly detail: string | null;
  readonly fallback: boolean;
  readonly set: boolean;
};

export function createSecretValues(parts: {
  readonly clock: Clock;
  readonly log: Log;
  readonly provider: SecretProvider | undefined;
  /** From environment and files; of a running console also who else keeps it. */
  other(name: ConsoleSecretName): OtherSource | undefined;
}): SecretValues {
  const { clock, log, provider } = parts;
  const said = new Map<ConsoleSecretName, Said>();
  const faults = new Map<ConsoleSecretName, ProviderFault>();
  let state: ProviderState | null = null;
  let detail: string | null = null;
  let since: number | null = null;
  let checkedAt: number | null = null;
  /** Names whose fallback was told of in this outage; undefined while there is none. */
  let outage: Set<string> | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  let missed: ProviderChange | undefined;
  const changeListeners: ((change: ProviderChange) => void)[] = [];
  const valueListeners: ((names: ReadonlySet<ConsoleSecretName>) => void)[] = [];
  const listListeners: (() => void)[] = [];

  function inForce(row: ConsoleSecret): InForce {
    const last = said.get(row.name);
    const fault = faults.get(row.name);
    const path = provider?.pathOf(row.key) ?? null;
    const other = parts.other(row.name);
    if (other?.first === true) return { origin: other.origin, detail: other.detail, fallback: false, set: true };
    if (provider !== undefined && fault === undefined && last?.present === true)
      return { origin: 'vault', detail: path, fallback: false, set: true };
    // Where Vault held nothing when it last answered, its silence changes nothing.
    const fallback = fault !== undefined && last?.present !== false;
    if (other !== undefined) return { origin: other.origin, detail: other.detail, fallback, set: true };
    if (fallback && last?.present === true)
      return { origin: 'stored', detail: `as ${path} was at ${instant(last.at)}`, fallback, set: true };
    return { origin: 'default', detail: null, fallback, set: false };
  }

  function find(name: ConsoleSecretName): string | undefined {
    const row = rowOf(name);
    const { origin } = inForce(row);
    if (row.hold === 'fetched') throw new Error(`${name} is fetched, not kept`);
    if (origin === 'default') return undefined;
    const kept = said.get(name)?.value;
    const other = parts.other(name);
    if (origin === 'vault' || other === undefined)
      return kept === undefined ? undefined : Buffer.from(kept.reveal()).toString('utf8');
    return other.text;
  }

  function take(row: ConsoleSecret, answer: ProviderAnswer): void {
    if (answer.kind === 'fault') {
      faults.set(row.name, answer.fault);
      return;
    }
    faults.delete(row.name);
    said.get(row.name)?.value?.destroy();
    const value = answer.kind === 'value' && row.hold === 'kept' ? new Secret(utf8(answer.value)) : undefined;
    said.set(row.name, { at: clock.now(), value, present: answer.kind === 'value' });
  }

  async function ask(from: SecretProvider): Promise<void> {
    const before = snapshot();
    // One that isn't kept is asked for again only when that tells something: it must not travel once a minute.
    const rows = consoleSecrets.filter(
      ({ name, hold }) => hold === 'kept' || faults.has(name) || said.get(name)?.present !== true,
    );
    const answers = await from.read(rows.map(({ key }) => key));
    if (closed) return;
    for (const row of rows) {
      const answer = answers.get(row.key);
      if (answer !== undefined) take(row, answer);
    }
    const worst = worstOf(rows.flatMap(({ name }) => faults.get(name) ?? []));
    // Away is away for all: also for those that were answered a moment ago, or not asked for.
    if (worst?.state === 'unreachable' || worst?.state === 'sealed')
      for (const { name } of consoleSecrets) faults.set(name, worst);
    conclude(worst);
    report(before);
  }

  function conclude(worst: ProviderFault | undefined): void {
    const was = state;
    state = worst?.state ?? 'connected';
    detail = worst?.detail ?? null;
    checkedAt = clock.now();
    if (was !== state) since = checkedAt;
    const fallbacks = fallenBack();
    const kind = worst === undefined ? 'back' : 'lost';
    // An outage is told of once; that it grew to further settings is news again.
    if (
      kind === 'back' ? outage === undefined : outage !== undefined && fallbacks.every(({ name }) => outage?.has(name))
    )
      return;
    outage = kind === 'back' ? undefined : new Set(fallbacks.map(({ name }) => name));
    const change: ProviderChange = { kind, before: was, state, detail, fallbacks, at: checkedAt };
    const words = fallbacks
      .map(({ name, using }) => (using === 'default' ? `${name} not set` : `${name} from ${using}`))
      .join(', ');
    if (kind === 'back') log.info('secret provider is back', { state });
    else log.warn('secret provider unavailable', { state, detail, in_force: words === '' ? 'nothing else' : words });
    // Nobody listens before the store is open; then the latest counts.
    if (changeListeners.length === 0) missed = change;
    for (const listener of changeListeners) listener(change);
  }

  function fallenBack(): ProviderStatus['fallbacks'] {
    return consoleSecrets.flatMap((row) => {
      const { fallback, origin } = inForce(row);
      return fallback ? [{ name: row.name, using: origin }] : [];
    });
  }

  type Snapshot = { readonly values: Map<ConsoleSecretName, string | undefined>; readonly listed: string };

  function snapshot(): Snapshot {
    const kept = consoleSecrets.filter(({ hold }) => hold === 'kept');
    return { values: new Map(kept.map(({ name }) => [name, find(name)])), listed: listed() };
  }

  function listed(): string {
    return JSON.stringify([state, detail, consoleSecrets.map((row) => inForce(row))]);
  }

  function report(before: Snapshot): void {
    const changed = new Set([...before.values].filter(([name, value]) => find(name) !== value).map(([name]) => name));
    if (changed.size > 0) for (const listener of valueListeners) listener(changed);
    if (changed.size > 0 || before.listed !== listed()) for (const listener of listListeners) listener();
  }

  return {
    provider,
    find,
    heldByProvider: (name) => inForce(rowOf(name)).origin === 'vault',
    async fetch(name) {
      if (provider === undefined) return { kind: 'absent' };
      const { key } = rowOf(name);
      return (await provider.read([key])).get(key) ?? { kind: 'absent' };
    },
    async refresh() {
      if (provider === undefined || closed) return;
      running ??= ask(provider).finally(() => {
        running = undefined;
      });
      await running;
    },
    entries: () =>
      consoleSecrets.map((row) => {
        const { set, ...where } = inForce(row);
        const value = row.secret || row.hold === 'fetched' ? null : (find(row.name) ?? null);
        return { name: row.name, secret: row.secret, value, set, ...where };
      }),
    status() {
      const token = provider?.token();
      return {
        configured: provider !== undefined,
        address: provider?.address ?? null,
        namespace: provider?.namespace ?? null,
        auth: provider?.auth ?? null,
        state: state ?? 'off',
        detail,
        since: since === null ? null : instant(since),
        checked_at: checkedAt === null ? null : instant(checkedAt),
        token_expires_at: token?.expiresAt == null ? null : instant(token.expiresAt),
        token_renewable: token?.renewable ?? null,
        fallbacks: fallenBack(),
      };
    },
    onProviderChange(listener) {
      changeListeners.push(listener);
      if (missed !== undefined) listener(missed);
      missed = undefined;
    },
    onValues: (listener) => void valueListeners.push(listener),
    onListed: (listener) => void listListeners.push(listener),
    async close() {
      closed = true;
      for (const { value } of said.values()) value?.destroy();
      said.clear();
      await provider?.close();
    },
  };
}

function rowOf(name: ConsoleSecretName): ConsoleSecret {
  const row = consoleSecrets.find((known) => known.name === name);
  if (row === undefined) throw new Error(`there is no secret ${name}`);
  return row;
}

const gravity: readonly ProviderFault['state'][] = ['failing', 'forbidden', 'sealed', 'unreachable'];

/** One that concerns Vault as a whole counts more than one about a single path. */
function worstOf(faults: readonly ProviderFault[]): ProviderFault | undefined {
  return [...faults].sort((left, right) => gravity.indexOf(right.state) - gravity.indexOf(left.state))[0];
}
