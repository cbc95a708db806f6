// The verdict with its rows at the left, and beside it what it does not prove, the words to compare and the key to pin.

import { ShieldAlert, ShieldCheck, ShieldQuestion, ShieldX } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useStore } from 'zustand';
import { encodeHex } from '../../../src-shared/evidence/bytes.ts';
import type { Manifest } from '../../../src-shared/evidence/manifest.ts';
import { type CheckState, printable, printableWhole, type VerdictWord } from '../../../src-shared/evidence/verdict.ts';
import { cx } from '../../lib/cx.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Outcome, type OutcomeKind } from '../../ui/data/Outcome.tsx';
import { Icon, type IconShape } from '../../ui/Icon.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { FingerprintHex, FingerprintWords, fingerprintOf } from './Fingerprint.tsx';
import { filterWords } from './filter-words.ts';
import { PinButton, verdictHeading } from './PinButton.tsx';
import css from './verify.module.css';
import type { ShownVerdict } from './verify-messages.ts';
import { verifier } from './verify-state.ts';

const seals: Readonly<Record<VerdictWord, readonly [IconShape, string]>> = {
  VERIFIED: [ShieldCheck, 'good'],
  'VERIFIED WITH LIMITS': [ShieldAlert, 'limited'],
  'NOT VERIFIED': [ShieldX, 'bad'],
  'CANNOT CHECK': [ShieldQuestion, 'none'],
};

const rowWords: Readonly<Record<CheckState, readonly [OutcomeKind, string]>> = {
  proven: ['good', 'Proven'],
  limited: ['limited', 'Limited'],
  failed: ['bad', 'Failed'],
  not_checkable: ['none', 'Not checkable'],
};

const findingsShown = 20;

export function VerdictTop({ verdict }: { readonly verdict: ShownVerdict }) {
  const { fileName, fileSize, tookMs } = useStore(verifier);
  const [showsAll, setShowsAll] = useState(false);
  const findings = showsAll ? verdict.findings : verdict.findings.slice(0, findingsShown);
  const hidden = verdict.findings.length - findings.length + verdict.findings_left_out;
  return (
    <div className={css.main}>
      <VerdictHead word={verdict.verdict} summary={verdict.summary}>
        <span className="mono">{printable(fileName)}</span> · {formatBytes(fileSize)}
        {verdict.manifest && ` · format ${verdict.manifest.format_version}`} · checked in {(tookMs / 1000).toFixed(1)} s
      </VerdictHead>
      <CheckRows caption="What was checked" checks={verdict.checks} />
      {verdict.findings.length > 0 && (
        <section className={css.findings}>
          <h3 className="strong">
            {formatCount(verdict.findings.length + verdict.findings_left_out)}{' '}
            {verdict.findings.length + verdict.findings_left_out === 1 ? 'finding' : 'findings'}
          </h3>
          <ul>
            {findings.map((finding, position) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: findings may be equal, and their order never changes
              <li key={position}>
                <span className="mono">{printable(finding.where)}</span>
                {finding.seq !== undefined && finding.seq > 0 && <b> #{formatCount(finding.seq)}</b>}{' '}
                {printable(finding.detail)}
              </li>
            ))}
          </ul>
          {hidden > 0 &&
            (showsAll ? (
              <p className="small muted">and {formatCount(hidden)} more</p>
            ) : (
              <Button size="small" onPress={() => setShowsAll(true)}>
                Show {formatCount(hidden)} more
              </Button>
            ))}
        </section>
      )}
    </div>
  );
}

interface VerdictHeadProps {
  readonly word: VerdictWord;
  readonly summary: string;
  /** What file it is about. */
  readonly children: ReactNode;
}

export function VerdictHead({ word, summary, children }: VerdictHeadProps) {
  const { phase, progress, fileSize } = useStore(verifier);
  const isChecking = phase === 'checking';
  const share = progress === undefined ? '' : `, ${Math.floor((progress.done / fileSize) * 100)} % read`;
  const [shape, tone] = isChecking ? ([ShieldQuestion, 'none'] as const) : seals[word];
  return (
    <div className={css.verdict} role="status">
      <span className={cx(css.seal, css[tone])}>
        <Icon of={shape} size={24} />
      </span>
      <div>
        <h2 className={css.word} id={verdictHeading} tabIndex={-1}>
          {isChecking ? 'CHECKING AGAIN' : word}
        </h2>
        <p className={css.summary}>
          {isChecking ? `It is held against what is given now${share}. What stands below was found before.` : summary}
        </p>
        <p className="small muted">{children}</p>
      </div>
      {isChecking && (
        <Button size="small" onPress={() => verifier.close()}>
          Cancel
        </Button>
      )}
    </div>
  );
}

interface CheckRowsProps {
  readonly caption: string;
  readonly checks: readonly { readonly title: string; readonly state: CheckState; readonly detail: string }[];
}

export function CheckRows({ caption, checks }: CheckRowsProps) {
  return (
    <table className={css.rows}>
      <caption className="visually-hidden">{caption}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Result</th>
          <th scope="col">Check</th>
          <th scope="col">Detail</th>
        </tr>
      </thead>
      <tbody>
        {checks.map(({ title, state, detail }) => {
          const [kind, word] = rowWords[state];
          return (
            <tr key={title}>
              <td>
                <Outcome kind={kind}>{word}</Outcome>
              </td>
              <td>{printable(title)}</td>
              <td className="muted">{printableWhole(detail)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface VerdictSideProps {
  readonly verdict: ShownVerdict;
  /** At its end. */
  readonly children?: ReactNode;
}

export function VerdictSide({ verdict, children }: VerdictSideProps) {
  const { manifest, root, signer, not_proven } = verdict;
  const isGenuine = verdict.verdict === 'VERIFIED' || verdict.verdict === 'VERIFIED WITH LIMITS';
  return (
    <div className={css.side}>
      <section className={css.limits}>
        <h3 className="strong">What this does not prove</h3>
        <ul>
          {not_proven.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      </section>
      {isGenuine && root !== undefined && (
        <section>
          <WordsTitle digest={root} what="the root in hex">
            Compare with the sender by phone
          </WordsTitle>
          <FingerprintWords digest={root} />
          <FingerprintHex digest={root} />
        </section>
      )}
      {isGenuine && signer !== undefined && <Signer signer={signer} />}
      {isGenuine && manifest !== undefined && (
        <KeyValues
          entries={[
            { name: 'Console', value: printable(manifest.console) },
            { name: 'Exported by', value: printable(manifest.exported_by.name) },
            ...(manifest.reason === '' ? [] : [{ name: 'Reason', value: printable(manifest.reason) }]),
            {
              name: 'Covers',
              value: coverWords(manifest, verdict.erasedFields),
            },
            { name: 'Log', value: <span className="mono">{printable(manifest.origin)}</span> },
          ]}
        />
      )}
      {children}
    </div>
  );
}

function coverWords({ range, filter, counts }: Manifest, erased: number): string {
  const kept = counts.redacted_fields - erased;
  return [
    `#${formatCount(range.from)} to #${formatCount(range.to)}`,
    printable(filterWords(filter)),
    kept === 0 ? 'nothing kept back' : `${formatCount(kept)} fields kept back`,
    ...(erased === 0 ? [] : [`${formatCount(erased)} erased`]),
  ].join(', ');
}

interface WordsTitleProps {
  readonly digest: Uint8Array;
  readonly what: string;
  readonly children: string;
}

function WordsTitle({ digest, what, children }: WordsTitleProps) {
  return (
    <h3 className={css.wordsTitle}>
      {children} <CopyButton value={encodeHex(digest)} what={what} />
    </h3>
  );
}

/** The key inside the file: it says who signed only after somebody compared it with the console's own words. */
function Signer({ signer }: { readonly signer: string }) {
  const fingerprint = fingerprintOf(signer);
  if (fingerprint === undefined) return null;
  return (
    <section>
      <WordsTitle digest={fingerprint} what="the key’s fingerprint in hex">
        Signing key
      </WordsTitle>
      <FingerprintWords digest={fingerprint} />
      <PinButton signer={signer} />
    </section>
  );
}
