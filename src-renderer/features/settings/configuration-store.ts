// The settings in force as the screen shows them, each with who answered, and the state of the secret provider.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ProviderStatus, SettingEntry } from '../../../src-shared/contract/settings.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';

export interface ConfigurationState {
  readonly items: readonly SettingEntry[] | undefined;
  readonly provider: ProviderStatus | undefined;
  readonly problem: string | undefined;
  readonly isChecking: boolean;
  /** Why the provider could not be asked. */
  readonly checkProblem: string | undefined;
}

export interface ConfigurationStore extends StoreApi<ConfigurationState> {
  load(): Promise<void>;
  follow(): () => void;
  check(): Promise<void>;
  forget(): void;
}

interface ConfigurationDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
}

const empty: ConfigurationState = {
  items: undefined,
  provider: undefined,
  problem: undefined,
  isChecking: false,
  checkProblem: undefined,
};

export function createConfigurationStore({ call, subscribe }: ConfigurationDependencies): ConfigurationStore {
  const store = createStore<ConfigurationState>(() => empty);
  let turn = 0;

  async function load(): Promise<void> {
    turn += 1;
    const asked = turn;
    try {
      const { items, provider } = await call('settings.list', {});
      if (asked === turn) store.setState({ items, provider, problem: undefined });
    } catch (error) {
      if (asked === turn) store.setState({ problem: failureWords(error) });
    }
  }

  return {
    ...store,
    load,
    follow() {
      void load();
      return subscribe(['settings.changed'], () => void load());
    },
    async check() {
      if (store.getState().isChecking) return;
      store.setState({ isChecking: true, checkProblem: undefined });
      try {
        store.setState({ provider: await call('settings.check_provider', {}) });
        // Settings that Vault did not answer before may come from it now.
        await load();
      } catch (error) {
        store.setState({ checkProblem: failureWords(error) });
      } finally {
        store.setState({ isChecking: false });
      }
    },
    forget() {
      turn += 1;
      store.setState(empty, true);
    },
  };
}

export type Origin = SettingEntry['origin'];

export interface SettingFilter {
  readonly text: string;
  /** Only what somebody set, only what Vault should have answered. */
  readonly show: 'all' | 'set' | 'fallback';
}

/** Each word must occur in the name, the value, the origin's word or where it came from. */
export function matchingSettings(
  items: readonly SettingEntry[],
  { text, show }: SettingFilter,
  originWords: Readonly<Record<Origin, string>>,
): readonly SettingEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter((item) => {
    if (show === 'set' && item.origin === 'default') return false;
    if (show === 'fallback' && !item.fallback) return false;
    const haystack = [item.name, valueText(item), originWords[item.origin], item.detail ?? ''].join(' ').toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** What stands in the value's column; a secret's is masked and was never sent. */
export function valueText({ secret, set, value }: SettingEntry): string {
  if (secret) return set ? '••••••••' : '';
  if (value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  return String(value);
}
