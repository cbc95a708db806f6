// The console's API with lines to copy, and what this program is: version, instance, key, licences.

import { useEffect, useState } from 'react';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { apiUrl, curlLine, sendEventsLine } from '../../app/curl-line.ts';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { licences } from './licences.ts';
import { Section } from './Section.tsx';
import css from './settings.module.css';

export function AboutSection() {
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
      <ErrorState title="The console’s facts could not be read" detail={problem} onRetry={() => setTurn(turn + 1)} />
    );
  }
  const base = apiUrl(status.api_address);
  return (
    <div className={css.sections}>
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
        <CopyLine what="command that says how to trust the CA" line="gatehouse cert trust" />
        <CopyLine what="command that lists alerts" line={curlLine({ url: `${base}/api/v1/admin/security/alerts` })} />
        <CopyLine what="command that sends events" line={sendEventsLine(base)} />
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
    </div>
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
