// What this person likes: looks, keyboard, and the lock of this window. Takes effect at once and is kept in this browser or window.

import { useState } from 'react';
import { useStore } from 'zustand';
import type { ThemeChoice } from '../../app/appearance.ts';
import { ShortcutSheet } from '../../app/ShortcutSheet.tsx';
import { useServices, useSessionFacts } from '../../app/services.ts';
import type { TimeZoneChoice } from '../../lib/instants.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { Section } from './Section.tsx';
import css from './settings.module.css';

const themeOptions: readonly { readonly id: ThemeChoice; readonly label: string }[] = [
  { id: 'system', label: 'As the system' },
  { id: 'light', label: 'Light' },
  { id: 'dark', label: 'Dark' },
  { id: 'contrast-light', label: 'High contrast, light' },
  { id: 'contrast-dark', label: 'High contrast, dark' },
];

const zones: readonly { readonly id: TimeZoneChoice; readonly label: string }[] = [
  { id: 'utc', label: 'UTC' },
  { id: 'local', label: 'This computer’s time' },
];

export function PreferencesSection() {
  return (
    <div className={css.sections}>
      <AppearanceSection />
      <KeyboardSection />
      <LockSection />
    </div>
  );
}

function AppearanceSection() {
  const { appearance } = useServices();
  const { theme, density, timeZone, rail } = useStore(appearance);
  return (
    <Section title="Appearance">
      <Select
        label="Theme"
        className={css.narrow}
        options={themeOptions}
        value={theme}
        onChange={(chosen) => appearance.setState({ theme: chosen })}
      />
      <ChoiceList
        label="Density"
        layout="row"
        value={density}
        onChange={(chosen) => appearance.setState({ density: chosen })}
        choices={[
          { id: 'compact', label: 'Compact' },
          { id: 'comfortable', label: 'Comfortable' },
        ]}
      />
      <ChoiceList
        label="Times"
        layout="row"
        value={timeZone}
        onChange={(chosen) => appearance.setState({ timeZone: chosen })}
        choices={zones}
      />
      <ChoiceList
        label="Rail"
        layout="row"
        value={rail}
        onChange={(chosen) => appearance.setState({ rail: chosen })}
        choices={[
          { id: 'wide', label: 'Icons and names' },
          { id: 'narrow', label: 'Icons' },
        ]}
      />
    </Section>
  );
}

function KeyboardSection() {
  const { appearance } = useServices();
  const singleKeys = useStore(appearance, (state) => state.singleKeys);
  const [isListed, setIsListed] = useState(false);
  const change = (chosen: boolean) => appearance.setState({ singleKeys: chosen });
  return (
    <Section title="Keyboard">
      <Checkbox
        isSwitch
        isChecked={singleKeys}
        onChange={change}
        detail="Off: only shortcuts with Ctrl or Command, function keys and arrows work. For speech input, which may type letters by mistake."
      >
        Shortcuts of one letter
      </Checkbox>
      <div className="line">
        <Button keys="?" onPress={() => setIsListed(true)}>
          List all shortcuts
        </Button>
      </div>
      <ShortcutSheet
        isOpen={isListed}
        onClose={() => setIsListed(false)}
        singleKeys={singleKeys}
        onSingleKeysChange={change}
      />
    </Section>
  );
}

function LockSection() {
  const { idle_lock_minutes: minutes, created_at: since } = useSessionFacts();
  return (
    <Section title="Lock">
      <KeyValues
        nameWidth="168px"
        entries={[
          { name: 'Locks by itself', value: `after ${minutes} min without keyboard or mouse in this console` },
          { name: 'While locked', value: 'detection, recording and the API keep running; this page shows nothing' },
          ...(since === null ? [] : [{ name: 'Signed in since', value: <Time at={since} format="minute" /> }]),
        ]}
      />
      <p className="small muted">The time is set by the administrator: auth.idle_lock_minutes in gatehouse.toml.</p>
    </Section>
  );
}
