// Settings in sections, each under its own address: what this person likes, the keys, backups, how long the log is kept, the settings in force, the API and the
// program itself. A section the person may not see is left out.

import { type ReactNode, useCallback } from 'react';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { BackupsSection } from '../backups/index.ts';
import { EncryptionSection } from '../encryption/index.ts';
import { MirrorsSection } from '../mirrors/index.ts';
import { RetentionSection } from '../retention/index.ts';
import { AboutSection } from './AboutSection.tsx';
import { ConfigurationSection } from './ConfigurationSection.tsx';
import { PreferencesSection } from './PreferencesSection.tsx';
import css from './settings.module.css';

const sectionIds = ['preferences', 'encryption', 'backups', 'mirrors', 'retention', 'configuration', 'about'] as const;
type SectionId = (typeof sectionIds)[number];

const labels: Readonly<Record<SectionId, string>> = {
  preferences: 'Preferences',
  encryption: 'Encryption',
  backups: 'Backups',
  mirrors: 'Mirrors',
  retention: 'Retention',
  configuration: 'Configuration',
  about: 'API and about',
};

export function SettingsScreen({ path, query }: ScreenProps) {
  const maySee: Readonly<Record<SectionId, boolean>> = {
    preferences: true,
    encryption: useMayDo('encryption.read'),
    backups: useMayDo('backups.read'),
    mirrors: useMayDo('console.read'),
    retention: useMayDo('privacy.read'),
    configuration: useMayDo('settings.read'),
    about: true,
  };
  const [first, second] = path;
  const shown = sectionIds.find((id) => id === first && maySee[id]) ?? 'preferences';
  const asked = query.do;
  // What was asked for is answered once: going back or reloading does not ask again.
  const onAsked = useCallback(() => navigate({ screen: 'settings', path: [shown] }, { replace: true }), [shown]);
  const content: Readonly<Record<SectionId, () => ReactNode>> = {
    preferences: () => (
      <Scrolled>
        <PreferencesSection />
      </Scrolled>
    ),
    encryption: () => (
      <Scrolled>
        <EncryptionSection asked={asked} onAsked={onAsked} />
      </Scrolled>
    ),
    backups: () => <BackupsSection chosen={second} asked={asked} onAsked={onAsked} />,
    mirrors: () => (
      <Scrolled>
        <MirrorsSection />
      </Scrolled>
    ),
    retention: () => (
      <Scrolled>
        <RetentionSection />
      </Scrolled>
    ),
    configuration: () => (
      <Scrolled>
        <ConfigurationSection asked={asked} onAsked={onAsked} />
      </Scrolled>
    ),
    about: () => (
      <Scrolled>
        <AboutSection />
      </Scrolled>
    ),
  };
  return (
    <div className={css.screen}>
      <h1 className={css.screenTitle}>Settings</h1>
      <Tabs<SectionId>
        label="Settings"
        value={shown}
        onChange={(id) => navigate({ screen: 'settings', path: [id] }, { replace: true })}
        tabs={sectionIds.filter((id) => maySee[id]).map((id) => ({ id, label: labels[id], content: content[id] }))}
      />
    </div>
  );
}

function Scrolled({ children }: { readonly children: ReactNode }) {
  return <div className={css.scrolled}>{children}</div>;
}
