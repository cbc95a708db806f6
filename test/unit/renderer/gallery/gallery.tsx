// One page per address, so that a screenshot or a test opens exactly what it wants: ?theme=dark&density=comfortable#/kit.

import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../../../../src-renderer/app/page.css';

import { type ComponentType, StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useStore } from 'zustand';
import { applyAppearance, createAppearance } from '../../../../src-renderer/app/appearance.ts';
import { CommandPalette } from '../../../../src-renderer/app/CommandPalette.tsx';
import { Frame } from '../../../../src-renderer/app/Frame.tsx';
import { KeyboardProvider } from '../../../../src-renderer/app/KeyboardProvider.tsx';
import { createKeyboard } from '../../../../src-renderer/app/keyboard.ts';
import { usePlace } from '../../../../src-renderer/app/navigation.ts';
import { ShortcutSheet } from '../../../../src-renderer/app/ShortcutSheet.tsx';
import { LiveRegions } from '../../../../src-renderer/ui/feedback/LiveRegions.tsx';
import { Toasts } from '../../../../src-renderer/ui/feedback/Toasts.tsx';
import { KitPage } from './kit-page.tsx';
import { QueuePage } from './queue-page.tsx';
import { blockSource, sampleCommands } from './sample-commands.tsx';
import { sampleBadges, sampleScreens } from './sample-screens.ts';
import { LockPage, SetupPage } from './setup-page.tsx';

const asked = Object.fromEntries(new URLSearchParams(window.location.search));
const appearance = createAppearance({ load: () => asked, save: () => undefined });
applyAppearance(appearance, document, window);
const keyboard = createKeyboard();
const startedAt = Date.now();
const sources = [blockSource];

const inFrame: Readonly<Record<string, ComponentType>> = { kit: KitPage, queue: QueuePage };
const alone: Readonly<Record<string, ComponentType>> = { setup: SetupPage, lock: LockPage };

function Gallery() {
  const place = usePlace();
  const look = useStore(appearance);
  const [workspace, setWorkspace] = useState('prod');
  const [open, setOpen] = useState<'palette' | 'sheet'>();
  useEffect(() => keyboard.configure({ singleKeys: look.singleKeys }), [look.singleKeys]);
  const Alone = alone[place.screen];
  if (Alone !== undefined) return <Alone />;
  const Page = inFrame[place.screen] ?? Nothing;
  return (
    <Frame
      screens={sampleScreens}
      currentScreen={place.screen}
      badges={sampleBadges}
      workspaces={{
        current: workspace,
        all: [
          { id: 'prod', label: 'Nordkai · prod' },
          { id: 'test', label: 'Nordkai · test' },
        ],
        onChange: setWorkspace,
      }}
      user={{
        name: 'mira.solberg',
        detail: 'admin · session 3 h 12 min',
        menu: [{ id: 'me', entries: [{ id: 'out', label: 'Sign out', onAction: () => undefined }] }],
      }}
      live={{ kind: 'live' }}
      status={{
        chain: { kind: 'intact', size: 48212 },
        checkpointAt: startedAt - 184_000,
        anchors: { seen: 2, of: 3, isTroubled: false },
        service: { ok: true, words: 'service ok' },
        api: { address: '127.0.0.1:9443', serving: true },
        stream: { open: 2, limit: 100 },
      }}
      rail={look.rail}
      density={look.density}
      timeZone={look.timeZone}
      onRailChange={(rail) => appearance.setState({ rail })}
      onTimeZoneChange={(timeZone) => appearance.setState({ timeZone })}
      onOpenPalette={() => setOpen('palette')}
      onOpenHelp={() => setOpen('sheet')}
      onLock={() => document.documentElement.setAttribute('data-locked', 'yes')}
    >
      <Page />
      <CommandPalette
        isOpen={open === 'palette'}
        onClose={() => setOpen(undefined)}
        commands={sampleCommands}
        sources={sources}
      />
      <ShortcutSheet
        isOpen={open === 'sheet'}
        onClose={() => setOpen(undefined)}
        singleKeys={look.singleKeys}
        onSingleKeysChange={(singleKeys) => appearance.setState({ singleKeys })}
      />
    </Frame>
  );
}

function Nothing() {
  return <h1 className="title-l">Nothing here</h1>;
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <KeyboardProvider keyboard={keyboard}>
      <Gallery />
      <Toasts />
      <LiveRegions />
    </KeyboardProvider>
  </StrictMode>,
);
