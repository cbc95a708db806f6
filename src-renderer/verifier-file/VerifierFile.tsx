// The page around the Verifier where there is no console: a bar that says what it is, and the shortcuts' sheet.

import { useState } from 'react';
import { KeyboardProvider, useShortcuts } from '../app/KeyboardProvider.tsx';
import type { Keyboard } from '../app/keyboard.ts';
import { ShortcutSheet } from '../app/ShortcutSheet.tsx';
import { VerifyPage } from '../features/bundles/VerifyPage.tsx';
import { PlainBar } from '../ui/layout/PlainBar.tsx';
import css from './verifier-file.module.css';

export function VerifierFile({ keyboard }: { readonly keyboard: Keyboard }) {
  return (
    <KeyboardProvider keyboard={keyboard}>
      <Page keyboard={keyboard} />
    </KeyboardProvider>
  );
}

const nothingAsked = {};
const nowhere: readonly string[] = [];

function Page({ keyboard }: { readonly keyboard: Keyboard }) {
  const [showsKeys, setShowsKeys] = useState(false);
  const [singleKeys, setSingleKeys] = useState(true);
  useShortcuts('anywhere', 'Anywhere', [
    { id: 'file.help', keys: '?', label: 'Shortcuts', run: () => setShowsKeys(true) },
  ]);
  return (
    <div className={css.page}>
      <PlainBar />
      <main className={css.main}>
        <VerifyPage path={nowhere} query={nothingAsked} />
      </main>
      <footer className={css.foot}>no network, no store, no account</footer>
      <ShortcutSheet
        isOpen={showsKeys}
        onClose={() => setShowsKeys(false)}
        singleKeys={singleKeys}
        onSingleKeysChange={(uses) => {
          keyboard.configure({ singleKeys: uses });
          setSingleKeys(uses);
        }}
      />
    </div>
  );
}
