// Where the first events come from: a log file right after set-up, a tool over the API, or nothing yet.

import { Clock3, FileInput, Webhook } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import type { SetUp } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

export function SourceStep({ setUp }: { readonly setUp: SetUp }) {
  const { firstSource, certificate } = useStore(setUp.store);
  useEffect(() => void setUp.loadCertificate(), [setUp]);
  const curl = [
    `curl --cacert ${certificate?.ca_path ?? 'gatehouse-ca.pem'} ${certificate?.url ?? 'https://localhost:9443'}/api/v1/events`,
    '  -H "Authorization: Bearer $GATEHOUSE_API_KEY"',
    '  -H "Content-Type: application/x-ndjson"',
    '  --data-binary @events.ndjson',
  ].join(' \\\n');
  return (
    <WizardFrame
      setUp={setUp}
      title="First source"
      lead="Detection needs events. A log of the last days is the quickest way to see what the detectors find."
      next={{ label: 'Continue', onPress: () => void setUp.passStep('source') }}
    >
      <div className={css.column}>
        <ChoiceList
          label="Where do the first events come from?"
          hideLabel
          value={firstSource}
          onChange={(choice) => setUp.change({ firstSource: choice })}
          choices={[
            {
              id: 'import',
              label: 'Import a log file',
              detail: 'Opens after set-up: auth.log, web access logs, JSON lines, Windows events. The file stays here.',
              icon: FileInput,
            },
            {
              id: 'api',
              label: 'A tool sends them over the API',
              detail: 'With an API key, which you make under Access after set-up.',
              icon: Webhook,
            },
            { id: 'later', label: 'Later', detail: 'The queue stays empty until events come.', icon: Clock3 },
          ]}
        />
        {firstSource === 'api' && (
          <section className={css.section}>
            <h2 className={css.label}>Send events</h2>
            <CopyLine line={curl} />
          </section>
        )}
      </div>
    </WizardFrame>
  );
}
