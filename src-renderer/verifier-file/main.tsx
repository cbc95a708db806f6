// The Verifier as one file for auditors: the console's own page, verdict code and words, without a console behind it. It is built
// into a single HTML file that asks for nothing from anywhere; its policy lets no request leave.

import '../app/page.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { applyAppearance, createAppearance } from '../app/appearance.ts';
import { createKeyboard } from '../app/keyboard.ts';
import { isMacPlatform } from '../lib/keys.ts';
import { VerifierFile } from './VerifierFile.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');

// Nothing is kept: whoever opens the file next sees it as it was delivered.
applyAppearance(createAppearance({ load: () => undefined, save: () => undefined }), document, window);
createRoot(root).render(
  <StrictMode>
    <VerifierFile keyboard={createKeyboard({ isMac: isMacPlatform() })} />
  </StrictMode>,
);
