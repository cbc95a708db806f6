// One page per address, so that a screenshot or a test opens exactly what it wants: ?theme=dark&density=comfortable#/kit.

import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../../../../src-renderer/ui/tokens.css';
import '../../../../src-renderer/ui/base.css';

import { type ComponentType, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useStore } from 'zustand';
import { applyAppearance, createAppearance } from '../../../../src-renderer/app/appearance.ts';
import { Frame } from '../../../../src-renderer/app/Frame.tsx';
import { KeyboardProvider } from '../../../../src-renderer/app/KeyboardProvider.tsx';
import { createKeyboard } from '../../../../src-renderer/app/keyboard.ts';
import { usePlace } from '../../../../src-renderer/app/navigation.ts';
import { KitPage } from './kit-page.tsx';
import { sampleBadges, sampleScreens } from './sample-screens.ts';

const asked = Object.fromEntries(new URLSearchParams(window.location.search));
const appearance = createAppearance({ load: () => asked, save: () => undefined });
applyAppearance(appearance, document, window);
const keyboard = createKeyboard();
const startedAt = Date.now();

const pages: Readonly<Record<string, ComponentType>> = { kit: KitPage };

function Gallery() {
  const place = usePlace();
  const look = useStore(appearance);
  const [workspace, setWorkspace] = useState('prod');
  const Page = pages[place.screen] ?? KitPage;
  return (
    <Frame
      screens={sampleScreens}
      currentScreen="queue"
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
        witnesses: { seen: 2, of: 3 },
        service: { ok: true, words: 'service ok' },
        api: { address: '127.0.0.1:9443', serving: true },
        stream: { open: 2, limit: 100 },
      }}
      rail={look.rail}
      density={look.density}
      timeZone={look.timeZone}
      onRailChange={(rail) => appearance.setState({ rail })}
      onTimeZoneChange={(timeZone) => appearance.setState({ timeZone })}
      onOpenPalette={() => undefined}
      onOpenHelp={() => undefined}
      onLock={() => undefined}
    >
      <Page />
    </Frame>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <KeyboardProvider keyboard={keyboard}>
    <Gallery />
  </KeyboardProvider>,
);
