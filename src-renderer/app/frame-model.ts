// What the frame is told: every value comes from outside, nothing is fetched here.

import type { ReactNode } from 'react';
import type { Instant, TimeZoneChoice } from '../lib/instants.ts';
import type { Density } from '../ui/display.ts';
import type { MenuGroup } from '../ui/overlays/Menu.tsx';
import type { Screen } from './navigation.ts';

export interface FrameWorkspaces {
  readonly current: string;
  readonly all: readonly { readonly id: string; readonly label: string }[];
  readonly onChange: (id: string) => void;
}

/** The stream of announcements: 'paused' holds new items back, 'lost' is trying again. */
export type LiveState =
  | { readonly kind: 'live' }
  | { readonly kind: 'paused'; readonly waiting: number }
  | { readonly kind: 'lost'; readonly retryAt?: Instant | undefined }
  | { readonly kind: 'connecting' };

export type ChainState =
  | { readonly kind: 'intact'; readonly size: number }
  /** `at`: the first bad entry, where it can be named. */
  | { readonly kind: 'broken'; readonly at: number | null }
  | { readonly kind: 'unknown' };

export interface FrameStatus {
  readonly chain: ChainState;
  readonly checkpointAt?: Instant | undefined;
  /** Of those that are set; troubled where one fails or contradicts the log. */
  readonly anchors?: { readonly seen: number; readonly of: number; readonly isTroubled: boolean } | undefined;
  /** Of those that are set; troubled where one fails or lags behind. */
  readonly mirrors?: { readonly well: number; readonly of: number; readonly isTroubled: boolean } | undefined;
  readonly service: { readonly ok: boolean; readonly words: string };
  readonly api: { readonly address: string; readonly serving: boolean };
  readonly stream?: { readonly open: number; readonly limit: number } | undefined;
}

export interface FrameUser {
  readonly name: string;
  /** 'admin · session 3 h 12 min' */
  readonly detail: string;
  readonly menu: readonly MenuGroup[];
}

export interface FrameProps {
  /** Those the person may open; others are left out by the caller. */
  readonly screens: readonly Screen[];
  readonly currentScreen: string;
  /** Screen id → number; zero and absent show nothing. */
  readonly badges?: Readonly<Record<string, number>> | undefined;
  readonly workspaces?: FrameWorkspaces | undefined;
  readonly user: FrameUser;
  readonly live: LiveState;
  readonly status: FrameStatus;
  readonly rail: 'wide' | 'narrow';
  readonly density: Density;
  readonly timeZone: TimeZoneChoice;
  /** Degraded, demo data, clock moved: one line above the screen that says exactly what is off. */
  readonly banner?: ReactNode;
  readonly children: ReactNode;
  readonly onRailChange: (rail: 'wide' | 'narrow') => void;
  readonly onTimeZoneChange: (zone: TimeZoneChoice) => void;
  readonly onOpenPalette: () => void;
  readonly onOpenHelp: () => void;
  readonly onLock: () => void;
  /** Opens what stands behind an item of the status bar. */
  readonly onOpenStatus?: ((item: 'chain' | 'mirrors' | 'service' | 'api') => void) | undefined;
}
