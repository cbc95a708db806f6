// The edge to the secret provider (HashiCorp Vault, OpenBao): what the core asks of it and in which words it learns what is wrong.
import type { ProviderStatus } from '../../../../src-shared/contract/settings.ts';

export type ProviderState = Exclude<ProviderStatus['state'], 'off'>;

/** Why a question stayed without answer; the words hold no secret and say what to do. */
export type ProviderFault = { readonly state: Exclude<ProviderState, 'connected'>; readonly detail: string };

/** To one key: its value, that there is none, or why neither can be said. */
export type ProviderAnswer =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'fault'; readonly fault: ProviderFault };

export type SecretProvider = {
  readonly address: string;
  readonly namespace: string | null;
  readonly auth: NonNullable<ProviderStatus['auth']> | null;
  /** Where `key` lies, for people. */
  pathOf(key: string): string;
  /** Asks for each key once. Never rejects: what goes wrong is the answer. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, ProviderAnswer>>;
  /** Of the token in use; null where it isn't known. */
  token(): { readonly expiresAt: number | null; readonly renewable: boolean | null };
  /** Gives back a token that was got by signing in, and ends all timers. */
  close(): Promise<void>;
};
