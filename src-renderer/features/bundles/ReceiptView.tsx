// A receipt that was opened: whether it is what somebody signed, and what it says was found then.

import { useStore } from 'zustand';
import { printable, printableWhole, readableTime } from '../../../src-shared/evidence/verdict.ts';
import type { ReceiptVerdict } from '../../../src-shared/evidence/verify-receipt.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { Held } from './Held.tsx';
import { CheckRows, VerdictHead } from './VerdictParts.tsx';
import css from './verify.module.css';
import { verifier } from './verify-state.ts';

export function ReceiptView({ verdict }: { readonly verdict: ReceiptVerdict }) {
  const { fileName, phase } = useStore(verifier);
  const { receipt } = verdict;
  return (
    <div className={css.top} aria-busy={phase === 'checking'}>
      <div className={css.main}>
        <VerdictHead word={verdict.verdict} summary={verdict.summary}>
          <span className="mono">{printable(fileName)}</span> · a receipt of a verification
        </VerdictHead>
        <CheckRows caption="What was checked of the receipt" checks={verdict.checks} />
        {receipt !== undefined && (
          <section className={css.findings}>
            <h3 className="strong">What it says was found then</h3>
            <p className={css.summary}>{printableWhole(receipt.summary)}</p>
            <CheckRows caption="What the receipt says was checked" checks={receipt.checks} />
          </section>
        )}
      </div>
      <div className={css.side}>
        <section className={css.limits}>
          <h3 className="strong">What this does not prove</h3>
          <ul>
            {verdict.not_proven.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </section>
        {receipt !== undefined && (
          <KeyValues
            entries={[
              { name: 'File', value: `${printable(receipt.file.name)}, ${formatBytes(receipt.file.size)}` },
              { name: 'SHA-256', value: <span className="mono">{receipt.file.sha256}</span> },
              { name: 'Verdict then', value: receipt.verdict },
              { name: 'Checked', value: readableTime(receipt.checked_at) },
              {
                name: 'By',
                value: [receipt.checked_by.person?.name, receipt.checked_by.console, receipt.checked_by.program]
                  .filter((each) => typeof each === 'string')
                  .map(printable)
                  .join(', '),
              },
            ]}
          />
        )}
        <Held />
      </div>
    </div>
  );
}
