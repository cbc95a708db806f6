// Draws the screen one is at: its code is loaded when first opened, and a fault in it stays inside it.

import { Component, type ComponentType, lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { EmptyState } from '../ui/states/EmptyState.tsx';
import { ErrorState } from '../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../ui/states/LoadingSkeleton.tsx';
import type { Place, Screen, ScreenProps } from './navigation.ts';

interface ScreenOutletProps {
  /** Those the person may open. */
  readonly screens: readonly Screen[];
  readonly place: Place;
  /** Told of a screen that fell over, with what a report may hold. */
  readonly onFault?: ((screen: string, error: Error) => void) | undefined;
}

/** The screen's code could not be fetched: nothing is wrong with the screen, the service does not answer. */
class ScreenLoadFailure extends Error {
  override readonly name = 'ScreenLoadFailure';
}

const loaded = new WeakMap<Screen, ComponentType<ScreenProps>>();

function componentOf(screen: Screen): ComponentType<ScreenProps> {
  const known = loaded.get(screen);
  if (known !== undefined) return known;
  const component = lazy(async () => {
    try {
      return { default: await screen.load() };
    } catch (cause) {
      throw new ScreenLoadFailure(`the code of ${screen.id} could not be fetched`, { cause });
    }
  });
  loaded.set(screen, component);
  return component;
}

export function ScreenOutlet({ screens, place, onFault }: ScreenOutletProps) {
  const screen = screens.find((each) => each.id === place.screen);
  const label = screen?.label;
  const shownBefore = useRef<string>(undefined);
  useEffect(() => {
    document.title = label === undefined ? 'Gatehouse' : `${label} · Gatehouse`;
    // A new screen is a new page: reading starts at its top, not at the link that led there. Not so at the very first.
    if (shownBefore.current !== undefined && shownBefore.current !== label) document.getElementById('main')?.focus();
    shownBefore.current = label;
  }, [label]);
  if (screen === undefined) {
    return (
      <EmptyState reason="nothing" title="There is no such screen here">
        The address may be mistyped, or your role does not include it.
      </EmptyState>
    );
  }
  const Shown = componentOf(screen);
  return (
    <FaultBoundary key={screen.id} screen={screen} onFault={onFault}>
      <Suspense fallback={<LoadingSkeleton label={`Loading ${screen.label}`} />}>
        <Shown path={place.path} query={place.query} />
      </Suspense>
    </FaultBoundary>
  );
}

/** Fetches the code of all screens ahead, so that each can still be opened, and say what is off, when the service stops. */
export function warmScreens(screens: readonly Screen[]): void {
  // A failure shows when the screen is opened.
  for (const screen of screens) void screen.load().catch(() => undefined);
}

/** Styles that once failed are not asked for again by the build's loader: only a new page is whole. Not before one would come. */
async function reloadOnceServed(): Promise<void> {
  const answer = await fetch(window.location.pathname, { cache: 'no-store' }).catch(() => undefined);
  if (answer?.ok === true) window.location.reload();
}

interface FaultBoundaryProps {
  readonly screen: Screen;
  readonly onFault: ScreenOutletProps['onFault'];
  readonly children: ReactNode;
}

interface FaultBoundaryState {
  readonly error: Error | undefined;
}

class FaultBoundary extends Component<FaultBoundaryProps, FaultBoundaryState> {
  override state: FaultBoundaryState = { error: undefined };

  static getDerivedStateFromError(error: unknown): FaultBoundaryState {
    return { error: error instanceof Error ? error : new Error('unknown fault') };
  }

  override componentDidCatch(error: Error): void {
    // A module that could not be fetched is asked for again on the next try.
    loaded.delete(this.props.screen);
    this.props.onFault?.(this.props.screen.id, error);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    if (error instanceof ScreenLoadFailure) {
      return (
        <ErrorState
          title={`${this.props.screen.label} could not be opened`}
          detail="The Gatehouse service does not answer. Check that it is running, then try again."
          stillWorks="Screens that were open before still show what was read last."
          onRetry={() => void reloadOnceServed()}
        />
      );
    }
    return (
      <ErrorState
        title={`${this.props.screen.label} could not be shown`}
        detail={error.message}
        stillWorks="The other screens, detection and the API keep working."
        diagnostics={`screen: ${this.props.screen.id}\nerror: ${error.name}: ${error.message}`}
        onRetry={() => this.setState({ error: undefined })}
      />
    );
  }
}
