// The verdict with its rows at the left, and beside it what it does not prove, the words to compare and the key to pin.

import { Pin, ShieldAlert, ShieldCheck, ShieldQuestion, ShieldX } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { encodeHex } from '../../../src-shared/evidence/bytes.ts';
import { fingerprintWords, keyFingerprint } from '../../../src-shared/evidence/fingerprint-words.ts';
import { parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { type CheckState, printable, type VerdictWord } from '../../../src-shared/evidence/verdict.ts';
import { cx } from '../../lib/cx.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Outcome, type OutcomeKind } from '../../ui/data/Outcome.tsx';
import { Icon, type IconShape } from '../../ui/Icon.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { PinnedKeys } from './PinnedKeys.tsx';
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
  const [shape, tone] = seals[verdict.verdict];
  const findings = showsAll ? verdict.findings : verdict.findings.slice(0, findingsShown);
  const hidden = verdict.findings.length - findings.length + verdict.findings_left_out;
  return (
    <div className={css.main}>
      <div className={css.verdict} role="status">
        <span className={cx(css.seal, css[tone])}>
          <Icon of={shape} size={24} />
        </span>
        <div>
          <h2 className={css.word}>{verdict.verdict}</h2>
          <p className={css.summary}>{verdict.summary}</p>
          <p className="small muted">
            <span className="mono">{printable(fileName)}</span> · {formatBytes(fileSize)}
            {verdict.manifest && ` · format ${verdict.manifest.format_version}`} · checked in{' '}
            {(tookMs / 1000).toFixed(1)} s
          </p>
        </div>
      </div>
      <table className={css.rows}>
        <caption className="visually-hidden">What was checked</caption>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Result</th>
            <th scope="col">Check</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          {verdict.checks.map((check) => {
            const [kind, word] = rowWords[check.state];
            return (
              <tr key={check.id}>
                <td>
                  <Outcome kind={kind}>{word}</Outcome>
                </td>
                <td>{check.title}</td>
                <td className="muted">{printable(check.detail)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
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

export function VerdictSide({ verdict }: { readonly verdict: ShownVerdict }) {
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
          <h3 className="strong">Compare with the sender by phone</h3>
          <Words digest={root} what="the root" showsHex />
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
              value: `#${formatCount(manifest.range.from)} to #${formatCount(manifest.range.to)}${manifest.filter === null ? ', whole' : ', filtered'}${manifest.counts.redacted_fields === 0 ? ', nothing kept back' : `, ${formatCount(manifest.counts.redacted_fields)} fields kept back`}`,
            },
            { name: 'Log', value: <span className="mono">{printable(manifest.origin)}</span> },
          ]}
        />
      )}
      <PinnedKeys />
    </div>
  );
}

interface WordsProps {
  readonly digest: Uint8Array;
  readonly what: string;
  /** The whole number too, for comparing in writing. */
  readonly showsHex?: boolean;
}

function Words({ digest, what, showsHex = false }: WordsProps) {
  const hex = encodeHex(digest);
  return (
    <>
      <p className={css.words}>
        {fingerprintWords(digest).map((pair, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a pair may come twice, and their order is the point
          <span key={position}>{pair}</span>
        ))}
      </p>
      {showsHex && (
        <p className={css.hex}>
          {(hex.match(/.{4}/g) ?? []).map((group, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <span key={position}>{group}</span>
          ))}
        </p>
      )}
      <CopyButton value={hex} what={`${what} in hex`}>
        Copy hex
      </CopyButton>
    </>
  );
}

/** The key inside the file: it says who signed only after somebody compared it with the console's own words. */
function Signer({ signer }: { readonly signer: string }) {
  const trusted = useStore(verifier, (state) => state.trustedKeys);
  const fingerprint = fingerprintOf(signer);
  const isPinned = trusted.includes(signer);
  if (fingerprint === undefined) return null;
  return (
    <section>
      <h3 className="strong">Signing key</h3>
      <Words digest={fingerprint} what="the key's fingerprint" />
      {!isPinned && (
        <div className={css.pin}>
          <Button icon={Pin} onPress={() => verifier.pin(signer)}>
            Words match, pin this key
          </Button>
          <p className="small muted">
            Pin only after the sender read the same words to you. Pins last until this window closes.
          </p>
        </div>
      )}
    </section>
  );
}

function fingerprintOf(signer: string): Uint8Array | undefined {
  try {
    return keyFingerprint(noblePrimitives, parseVerifierKey(noblePrimitives, signer));
  } catch {
    // The verdict already says that the key is malformed.
    return undefined;
  }
}
