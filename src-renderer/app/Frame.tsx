// The frame every screen shares: title bar, rail, status bar, and the regions F6 walks through. It fetches nothing.

import { useLayoutEffect, useMemo, useRef } from 'react';
import { cx } from '../lib/cx.ts';
import { DisplayContext } from '../ui/display.ts';
import { toasts } from '../ui/feedback/toast-list.ts';
import css from './Frame.module.css';
import type { FrameProps } from './frame-model.ts';
import { useShortcuts } from './KeyboardProvider.tsx';
import type { Shortcut } from './keyboard.ts';
import { navigate } from './navigation.ts';
import { Rail } from './Rail.tsx';
import { cycleRegion } from './regions.ts';
import { StatusBar } from './StatusBar.tsx';
import { TitleBar } from './TitleBar.tsx';
import { useNarrowWindow } from './window-width.ts';

export function Frame(props: FrameProps) {
  const { screens, timeZone, density } = props;
  const isNarrowWindow = useNarrowWindow();
  const rail = isNarrowWindow ? 'narrow' : props.rail;
  const display = useMemo(() => ({ timeZone, density }), [timeZone, density]);
  const scroller = useRef<HTMLDivElement>(null);

  // Another screen begins at its top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change that counts
  useLayoutEffect(() => {
    scroller.current?.scrollTo(0, 0);
  }, [props.currentScreen]);

  useShortcuts('anywhere', 'Anywhere', [
    { id: 'frame.palette', keys: 'Mod+k', label: 'Search or run a command', run: props.onOpenPalette },
    { id: 'frame.help', keys: '?', label: 'Shortcuts and help', run: props.onOpenHelp },
    { id: 'frame.help-also', keys: 'Mod+/', label: 'Shortcuts and help, while typing', run: props.onOpenHelp },
    { id: 'frame.lock', keys: 'Mod+l', label: 'Lock now', always: true, run: props.onLock },
    { id: 'frame.regions', keys: 'F6', label: 'Next region', run: () => cycleRegion(document, 1) },
    { id: 'frame.regions-back', keys: 'Shift+F6', label: 'Previous region', run: () => cycleRegion(document, -1) },
    { id: 'frame.undo', keys: 'z', label: 'Undo the last change', run: () => toasts.undoLast() },
    { id: 'frame.undo-also', keys: 'Mod+z', label: 'Undo the last change', run: () => toasts.undoLast() },
    { id: 'frame.close', keys: 'Escape', label: 'Close the top layer' },
  ]);
  useShortcuts(
    'anywhere',
    'Go to',
    screens.flatMap((screen): Shortcut[] =>
      screen.keys === undefined
        ? []
        : [
            {
              id: `go.${screen.id}`,
              keys: screen.keys,
              label: screen.label,
              run: () => navigate({ screen: screen.id }),
            },
          ],
    ),
  );

  return (
    <DisplayContext value={display}>
      <div className={cx(css.frame, rail === 'narrow' && css.narrow)}>
        {/* A button, since the address's fragment is the screen's: a link to #main would leave it. */}
        <button type="button" className={css.skip} onClick={() => document.getElementById('main')?.focus()}>
          Skip to the screen
        </button>
        <TitleBar
          rail={rail}
          onRailChange={props.onRailChange}
          workspaces={props.workspaces}
          live={props.live}
          onOpenPalette={props.onOpenPalette}
          onOpenHelp={props.onOpenHelp}
          onLock={props.onLock}
        />
        <Rail
          screens={screens}
          currentScreen={props.currentScreen}
          badges={props.badges}
          user={props.user}
          rail={rail}
        />
        <main id="main" className={css.main} data-region="screen" tabIndex={-1}>
          {props.banner}
          <div className={css.screen}>
            <div ref={scroller} className={css.scroller}>
              {props.children}
            </div>
          </div>
        </main>
        <StatusBar
          status={props.status}
          timeZone={timeZone}
          onTimeZoneChange={props.onTimeZoneChange}
          onOpenStatus={props.onOpenStatus}
        />
      </div>
    </DisplayContext>
  );
}
