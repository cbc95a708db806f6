// The page around the Verifier where there is no console: a bar that says what it is, and the shortcuts' sheet.

import { ArrowLeftRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { VERIFIER } from '../../src-shared/evidence/receipt.ts';
import { KeyboardProvider, useShortcuts } from '../app/KeyboardProvider.tsx';
import type { Keyboard } from '../app/keyboard.ts';
import { ShortcutSheet } from '../app/ShortcutSheet.tsx';
import { VerifyPage } from '../features/bundles/VerifyPage.tsx';
import type { TimeZoneChoice } from '../lib/instants.ts';
import { Button } from '../ui/controls/Button.tsx';
import { type Display, DisplayContext } from '../ui/display.ts';
import { PlainBar } from '../ui/layout/PlainBar.tsx';
import css from './verifier-file.module.css';

export function VerifierFile({ keyboard }: { readonly keyboard: Keyboard }) {
  const [timeZone, setTimeZone] = useState<TimeZoneChoice>('utc');
  const display = useMemo((): Display => ({ timeZone, density: 'compact' }), [timeZone]);
  return (
    <KeyboardProvider keyboard={keyboard}>
      <DisplayContext value={display}>
        <Page keyboard={keyboard} timeZone={timeZone} onTimeZoneChange={setTimeZone} />
      </DisplayContext>
    </KeyboardProvider>
  );
}

const nothingAsked = {};
const nowhere: readonly string[] = [];

interface PageProps {
  readonly keyboard: Keyboard;
  readonly timeZone: TimeZoneChoice;
  readonly onTimeZoneChange: (timeZone: TimeZoneChoice) => void;
}

function Page({ keyboard, timeZone, onTimeZoneChange }: PageProps) {
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
      <footer className={css.foot}>
        <span className="grow">{VERIFIER} · no network, no store, no account</span>
        <Button
          tone="quiet"
          size="small"
          icon={ArrowLeftRight}
          onPress={() => onTimeZoneChange(timeZone === 'utc' ? 'local' : 'utc')}
        >
          {timeZone === 'utc' ? 'Show times in local time' : 'Show times in UTC'}
        </Button>
      </footer>
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
