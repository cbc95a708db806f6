// Starts the console in its page: styles, fonts, appearance, then the application.

import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../ui/tokens.css';
import '../ui/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isMacPlatform } from '../lib/keys.ts';
import { App } from './App.tsx';
import { applyAppearance, createAppearance } from './appearance.ts';
import { createKeyboard } from './keyboard.ts';
import { pageStorage } from './page-storage.ts';
import { fontsReady } from './start.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');

const appearance = createAppearance(pageStorage(window.localStorage, 'gatehouse.appearance'));
applyAppearance(appearance, document, window);
const keyboard = createKeyboard({ isMac: isMacPlatform() });

await fontsReady(document.fonts);
createRoot(root).render(
  <StrictMode>
    <App appearance={appearance} keyboard={keyboard} />
  </StrictMode>,
);
