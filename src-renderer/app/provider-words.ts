// What the state of the secret provider is called, and from where its settings are answered meanwhile. Pure.

import type { ProviderStatus } from '../../src-shared/contract/settings.ts';
import { formatCount } from '../lib/numbers.ts';
import { originWords } from './origin-words.ts';

const stateWords: Readonly<Record<Exclude<ProviderStatus['state'], 'off'>, string>> = {
  connected: 'connected',
  sealed: 'sealed',
  forbidden: 'refuses this console',
  unreachable: 'out of reach',
  failing: 'answers with errors',
};

export type Fallback = ProviderStatus['fallbacks'][number];

/** 'Vault: sealed. Falling back to the environment for 3 names.' Undefined: nothing to say. */
export function providerSentence({ configured, state, fallbacks }: ProviderStatus): string | undefined {
  if (!configured || state === 'off') return undefined;
  const words = `Vault: ${stateWords[state]}.`;
  if (fallbacks.length === 0) return words;
  const origins = [...new Set(fallbacks.map(({ using }) => originWords[using]))];
  const from = origins.length === 1 ? `the ${origins[0]}` : 'other sources';
  return `${words} Falling back to ${from} for ${formatCount(fallbacks.length)} ${fallbacks.length === 1 ? 'name' : 'names'}.`;
}

/** Problems are told in lower case and without a stop. */
export function sentenceOf(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}
