// The keys pinned in the console, while somebody who may see them is signed in; elsewhere there are none. Kept once for the whole window.

import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { PinnedSigner } from '../../../src-shared/contract/bundle-verification.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { onForget } from '../../app/forget.ts';
import { useMayDo } from '../../app/services.ts';
import { verifier } from './verify-state.ts';

interface Pins {
  readonly items: readonly PinnedSigner[];
  readonly failure: string | undefined;
}

const none: Pins = { items: [], failure: undefined };
const pins = createStore<Pins>(() => none);

function keep(items: readonly PinnedSigner[]): void {
  pins.setState({ items, failure: undefined });
  verifier.setPinned(items.map(({ verifier_key }) => verifier_key));
}

onForget(() => pins.setState(none));

export interface PinsInUse extends Pins {
  /** Says what went wrong; absent where no console keeps pins for this person. */
  readonly add: ((key: string) => Promise<string | undefined>) | undefined;
  remove(id: string): void;
}

export function usePins(): PinsInUse {
  const may = useMayDo('audit.verify');
  const state = useStore(pins);
  useEffect(() => {
    if (!may) {
      keep([]);
      return;
    }
    const stop = new AbortController();
    call('bundles.pins', {}, { signal: stop.signal }).then(
      ({ items }) => keep(items),
      (error: unknown) => {
        if (!isAborted(error)) pins.setState({ failure: failureWords(error) });
      },
    );
    return () => stop.abort();
  }, [may]);
  return {
    ...state,
    add: may ? add : undefined,
    remove: (id) => void remove(id),
  };
}

async function add(key: string): Promise<string | undefined> {
  try {
    const pinned = await call('bundles.pin', { verifier_key: key, note: 'compared in the Verifier' });
    keep([...pins.getState().items.filter(({ id }) => id !== pinned.id), pinned]);
    return undefined;
  } catch (error) {
    return isAborted(error) ? undefined : failureWords(error);
  }
}

async function remove(id: string): Promise<void> {
  try {
    await call('bundles.unpin', { id });
    keep(pins.getState().items.filter((pin) => pin.id !== id));
  } catch (error) {
    if (!isAborted(error)) pins.setState({ failure: failureWords(error) });
  }
}
