// What the person chose about the looks: theme, density, rail, time zone, single keys. Where it is kept is handed in.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TimeZoneChoice } from '../lib/instants.ts';
import type { Density } from '../ui/display.ts';

export const themes = ['light', 'dark', 'contrast-light', 'contrast-dark'] as const;
export type Theme = (typeof themes)[number];
export type ThemeChoice = Theme | 'system';

export interface Appearance {
  readonly theme: ThemeChoice;
  readonly density: Density;
  readonly rail: 'wide' | 'narrow';
  readonly timeZone: TimeZoneChoice;
  /** WCAG 2.1.4: shortcuts of one letter can be switched off. */
  readonly singleKeys: boolean;
}

export const defaultAppearance: Appearance = {
  theme: 'system',
  density: 'compact',
  rail: 'wide',
  timeZone: 'utc',
  singleKeys: true,
};

/** Keeps the choice between starts. `load` may give anything; what is not understood falls back to the default. */
export interface AppearancePersistence {
  load(): unknown;
  save(appearance: Appearance): void;
}

export type AppearanceStore = StoreApi<Appearance>;

function oneOf<T>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((each) => each === value) ?? otherwise;
}

export function parseAppearance(kept: unknown): Appearance {
  const from = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  return {
    theme: oneOf<ThemeChoice>(from.theme, ['system', ...themes], defaultAppearance.theme),
    density: oneOf<Density>(from.density, ['compact', 'comfortable'], defaultAppearance.density),
    rail: oneOf(from.rail, ['wide', 'narrow'], defaultAppearance.rail),
    timeZone: oneOf<TimeZoneChoice>(from.timeZone, ['utc', 'local'], defaultAppearance.timeZone),
    singleKeys: typeof from.singleKeys === 'boolean' ? from.singleKeys : defaultAppearance.singleKeys,
  };
}

export function createAppearance(persistence: AppearancePersistence): AppearanceStore {
  const store = createStore<Appearance>(() => parseAppearance(persistence.load()));
  store.subscribe((appearance) => persistence.save(appearance));
  return store;
}

export function resolveTheme(
  choice: ThemeChoice,
  system: { readonly dark: boolean; readonly contrast: boolean },
): Theme {
  if (choice !== 'system') return choice;
  if (system.contrast) return system.dark ? 'contrast-dark' : 'contrast-light';
  return system.dark ? 'dark' : 'light';
}

/** Writes theme and density on the document and follows the system's own setting. Returns what stops it. */
export function applyAppearance(store: AppearanceStore, page: Document, view: Window): () => void {
  const dark = view.matchMedia('(prefers-color-scheme: dark)');
  const contrast = view.matchMedia('(prefers-contrast: more)');
  const apply = () => {
    const { theme, density } = store.getState();
    page.documentElement.dataset.theme = resolveTheme(theme, { dark: dark.matches, contrast: contrast.matches });
    page.documentElement.dataset.density = density;
  };
  apply();
  dark.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
  const unsubscribe = store.subscribe(apply);
  return () => {
    unsubscribe();
    dark.removeEventListener('change', apply);
    contrast.removeEventListener('change', apply);
  };
}
