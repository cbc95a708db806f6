// Where one can go and where one is. Addresses live in the fragment (#/queue/ALR-20928?tab=events), so the same page works
// from the window's own protocol and from the server. What a screen shows is the feature's matter.

import { type ComponentType, useSyncExternalStore } from 'react';
import type { IconShape } from '../ui/Icon.tsx';

export type ScreenGroup = 'operate' | 'prove' | 'control';

export interface ScreenProps {
  /** Segments after the screen's own: `['ALR-20928']`. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export interface Screen {
  /** First segment of the address, and the key of its badge. */
  readonly id: string;
  readonly label: string;
  readonly icon: IconShape;
  /** Absent: reachable from the palette and by address, but not in the rail. */
  readonly group?: ScreenGroup;
  /** 'g q' */
  readonly keys?: string;
  /** Hidden, not disabled, when the person has not got it. */
  readonly permission?: string;
  /** Other words one may type in the palette. */
  readonly keywords?: string;
  /** Loads the screen's code when it is first shown. */
  readonly load: () => Promise<ComponentType<ScreenProps>>;
}

export interface Place {
  readonly screen: string;
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** A target as features write it: only the screen is needed. */
export interface Target {
  readonly screen: string;
  readonly path?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
}

function decode(segment: string): string {
  // A fragment is typed and pasted by people: a broken escape is shown as it was written, never thrown.
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function parsePlace(fragment: string): Place {
  const [pathText = '', queryText = ''] = fragment.replace(/^#\/?/, '').split('?', 2);
  const [screen = '', ...path] = pathText
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  return { screen, path, query: Object.fromEntries(new URLSearchParams(queryText)) };
}

export function formatPlace(target: Target): string {
  const path = [target.screen, ...(target.path ?? [])].map(encodeURIComponent).join('/');
  const query = new URLSearchParams(target.query ?? {}).toString();
  return `#/${path}${query === '' ? '' : `?${query}`}`;
}

/** `replace` leaves no step behind, for filters and selections that Back should not replay. */
export function navigate(target: Target, options: { readonly replace?: boolean } = {}): void {
  const fragment = formatPlace(target);
  if (fragment === window.location.hash) return;
  if (options.replace === true) window.history.replaceState(window.history.state, '', fragment);
  else window.history.pushState(null, '', fragment);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener('hashchange', listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener('hashchange', listener);
  };
}

const seen: { fragment: string; place: Place } = { fragment: '', place: parsePlace('') };

/** The same object as long as the address is the same. */
export function currentPlace(): Place {
  const fragment = window.location.hash;
  if (fragment !== seen.fragment) {
    seen.fragment = fragment;
    seen.place = parsePlace(fragment);
  }
  return seen.place;
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, currentPlace);
}
