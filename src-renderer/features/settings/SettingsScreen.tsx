// Settings of this person and this console: looks, keyboard, lock, API, about. What takes effect does so at once; nothing is to be saved.

import { type ReactNode, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import type { ThemeChoice } from '../../app/appearance.ts';
import { apiUrl, curlLine, sendEventsLine } from '../../app/curl-line.ts';
import { ShortcutSheet } from '../../app/ShortcutSheet.tsx';
import { useServices, useSessionFacts } from '../../app/services.ts';
import type { TimeZoneChoice } from '../../lib/instants.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { KeyValues, Page } from '../../ui/layout/Page.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { licences } from './licences.ts';
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

export function SettingsScreen() {
  return (
    <Page title="Settings" summary="Changes take effect at once.">
      <div className={css.sections}>
        <AppearanceSection />
        <KeyboardSection />
        <LockSection />
        <ConsoleSections />
      </div>
    </Page>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={css.section}>
      <h2 className={css.title}>{title}</h2>
      {children}
    </section>
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

function ConsoleSections() {
  const [status, setStatus] = useState<Output<'console.status'>>();
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks again
  useEffect(() => {
    setProblem(undefined);
    call('console.status', {}).then(setStatus, (error: unknown) => setProblem(failureWords(error)));
  }, [turn]);
  if (status === undefined) {
    if (problem === undefined) return <LoadingSkeleton label="Loading the console’s facts" rows={4} />;
    return (
      <ErrorState
        title="The console’s facts could not be read"
        detail={problem}
        stillWorks="Everything above takes effect all the same."
        onRetry={() => setTurn(turn + 1)}
      />
    );
  }
  const base = apiUrl(status.api_address);
  return (
    <>
      <Section title="API">
        <KeyValues
          nameWidth="168px"
          entries={[
            { name: 'Address', value: <span className="mono">{base}</span> },
            {
              name: 'Documentation',
              value: (
                <a href="/api/docs" target="_blank" rel="noreferrer">
                  {base}/api/docs
                </a>
              ),
            },
            { name: 'Live streams', value: `${status.streams} of ${status.streams_max}` },
            {
              name: 'CA certificate',
              value: (
                <>
                  <span className="mono">ca.pem</span> in the data folder: <span className="mono">$GATEHOUSE_HOME</span>
                  , or else <span className="mono">{defaultFolder(navigator.userAgent)}</span>. Copies of it carry no
                  secret.
                </>
              ),
            },
            {
              name: 'Trusting it',
              value: 'the first command below prints how each system does; checks are never switched off',
            },
          ]}
        />
        <CommandLine what="command that says how to trust the CA" line="gatehouse cert trust" />
        <CommandLine
          what="command that lists alerts"
          line={curlLine({ url: `${base}/api/v1/admin/security/alerts` })}
        />
        <CommandLine what="command that sends events" line={sendEventsLine(base)} />
      </Section>
      <Section title="About">
        <KeyValues
          nameWidth="168px"
          entries={[
            { name: 'Version', value: `Gatehouse ${status.version}, Apache-2.0` },
            { name: 'Console', value: status.console_name },
            { name: 'Instance', value: <span className="mono">{status.instance_id}</span> },
            { name: 'Key', value: keyWords[status.key_protection] ?? status.key_protection },
            { name: 'Running since', value: <RelativeTime at={status.started_at} /> },
            { name: 'Telemetry', value: 'none; nothing leaves this computer unasked' },
          ]}
        />
        <details>
          <summary>Licences of what this page is made of</summary>
          <ul className={css.licences}>
            {licences.map((each) => (
              <li key={each.name} className={css.licence}>
                <span className="mono">{each.name}</span>
                <span className="muted">{each.licence}</span>
              </li>
            ))}
          </ul>
        </details>
      </Section>
    </>
  );
}

/** As each system keeps application data; the console may run elsewhere than this browser, and then its own system counts. */
function defaultFolder(userAgent: string): string {
  if (/windows/i.test(userAgent)) return '%LOCALAPPDATA%\\Gatehouse';
  if (/mac os/i.test(userAgent)) return '~/Library/Application Support/Gatehouse';
  return '~/.local/share/gatehouse';
}

const keyWords: Readonly<Record<string, string>> = {
  keychain: 'in the system’s keychain',
  passphrase: 'under a passphrase',
  environment: 'given by the environment',
  key_file: 'in a key file',
};

function CommandLine({ what, line }: { readonly what: string; readonly line: string }) {
  return (
    <div className={css.line}>
      <code className={css.code}>{line}</code>
      <CopyButton value={line} what={what} />
    </div>
  );
}
