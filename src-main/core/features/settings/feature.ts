// Settings as the console shows them: each with where it came from, and the state of the secret provider. Watches the provider.
import type { SettingEntry, settingsOperations } from '../../../../src-shared/contract/settings.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { defaultWorkspace, type Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import { type ResolvedSettings, settingNames, settingValue } from '../../settings.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import type { ProviderChange, SecretValues } from './secret-values.ts';

export type SettingsParts = {
  readonly host: Host;
  readonly resolved: ResolvedSettings;
  readonly secrets: SecretValues;
  /** undefined while there is none: before set-up, and while the vault is locked. */
  store(): Store | undefined;
  record(tx: WriteTx, entry: NewEntry): void;
};

export type SettingsFeature = Feature & {
  /** The store was opened: what happened before is recorded now. */
  opened(): void;
  /** Asks the provider again and again, until disposed. */
  start(): Disposable;
};

export function createSettings(parts: SettingsParts): SettingsFeature {
  const { host, resolved, secrets } = parts;
  /** Kept until there is a store: each outage and each return leaves its entry. */
  const unrecorded: ProviderChange[] = [];
  let unannounced = false;
  let revision = 0;

  function tell(store: Store): void {
    if (!unannounced && unrecorded.length === 0) return;
    store.write(defaultWorkspace, (tx) => {
      for (const change of unrecorded) parts.record(tx, entryOf(change));
      revision += 1;
      tx.announce('settings.changed', null, revision);
    });
    unrecorded.length = 0;
    unannounced = false;
  }

  function entryOf(change: ProviderChange): NewEntry {
    return {
      type: 'provider_change',
      action: change.kind === 'lost' ? 'settings.provider_lost' : 'settings.provider_back',
      success: change.kind === 'back',
      actor: { kind: 'system', id: null, name: 'system' },
      resource: { type: 'secret_provider', id: secrets.provider?.address ?? null },
      origin: { ip: null, userAgent: null },
      sessionId: null,
      traceId: null,
      details: {
        state: change.state,
        before: change.before,
        detail: change.detail,
        fallbacks: Object.fromEntries(change.fallbacks.map(({ name, using }) => [name, using])),
      },
      dataAccessed: undefined,
      at: change.at,
    };
  }

  async function check(): Promise<void> {
    await secrets.refresh();
    await parts.store()?.writable();
    const store = parts.store();
    if (store !== undefined) tell(store);
  }

  secrets.onProviderChange((change) => void unrecorded.push(change));
  secrets.onListed(() => {
    unannounced = true;
  });

  const handlers: Handlers<typeof settingsOperations> = {
    'settings.list': async () => ({
      items: [...settingEntries(resolved), ...secrets.entries()],
      provider: secrets.status(),
    }),
    async 'settings.check_provider'() {
      await check();
      return secrets.status();
    },
  };

  return {
    name: 'settings',
    migrations: [],
    scopedTables: [],
    handlers,
    opened() {
      const store = parts.store();
      if (store !== undefined) tell(store);
    },
    start() {
      if (secrets.provider === undefined) return { [Symbol.dispose]: () => undefined };
      return host.timers.every(resolved.settings.vault.check_seconds * 1000, () => {
        check().catch((error: unknown) => {
          host.log.error('the change of the secret provider could not be recorded', { error: String(error) });
        });
      });
    },
  };
}

/** All settings that are no secrets, as they are in force. */
export function settingEntries({ settings, origins, places }: ResolvedSettings): SettingEntry[] {
  return settingNames.map((name) => {
    const value = settingValue(settings, name);
    return {
      name,
      secret: false,
      value: value ?? null,
      set: value !== undefined,
      origin: origins.get(name) ?? 'default',
      detail: places.get(name) ?? null,
      fallback: false,
    };
  });
}
