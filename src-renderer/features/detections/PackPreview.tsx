// What an import would change before it is applied: whose it is, which files come, change and go, with their texts side by side, and what
// is refused and why.

import { useState } from 'react';
import type { RulePack } from '../../../src-shared/contract/rule-packs.ts';
import { call } from '../../api/client.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { DiffView } from './DiffView.tsx';
import css from './detections.module.css';
import type { PackOutcome } from './pack-import.ts';
import { signatureWords } from './rule-words.ts';
import { useLoad } from './use-load.ts';

interface PackPreviewProps {
  readonly importId: string;
  readonly outcome: PackOutcome;
  readonly installed: RulePack | undefined;
}

const signs = { added: '+', changed: '~', removed: '−' } as const;
const kindWords = { added: 'new', changed: 'changed', removed: 'removed' } as const;
const mostShown = 500;

export function PackPreview({ importId, outcome, installed }: PackPreviewProps) {
  const [open, setOpen] = useState<string>();
  const { added, changed, removed, unchanged, changes, refused, signature } = outcome;
  const all = added + changed + removed;
  return (
    <section className={css.preview} aria-label="What it would change">
      <div className="line wrap">
        <Outcome kind={signature === 'none' ? 'none' : signature === 'unknown' ? 'limited' : 'good'}>
          {signatureWords[signature]}
        </Outcome>
        {installed !== undefined && installed.kind === 'imported' && (
          <span className="small muted">the installed one is {signatureWords[installed.signature]}</span>
        )}
      </div>
      <p role="status">
        <b>
          {all === 0
            ? 'Nothing would change'
            : `${formatCount(added)} new, ${formatCount(changed)} changed, ${formatCount(removed)} removed`}
        </b>
        , {formatCount(unchanged)} unchanged, {formatCount(refused.length)} refused.{' '}
        <span className="muted">Nothing was written yet.</span>
      </p>
      {refused.length > 0 && (
        <>
          <h3 className="small strong">Refused: these will not run, the others will</h3>
          {/* biome-ignore lint/a11y/useSemanticElements: a box that scrolls, not a form's group */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: by keys too */}
          <div className={css.listBox} role="group" aria-label="Refused rules" tabIndex={0}>
            <ul className={css.changes}>
              {refused.map(({ path, reason }) => (
                <li key={path}>
                  <span className="mono">{path}</span>
                  <span className="warn">{reason.replace(`${outcome.pack}/${path}: `, '')}</span>
                </li>
              ))}
            </ul>
          </div>
        </>
      )}
      {changes.length > 0 && (
        <>
          <h3 className="small strong">Files</h3>
          <ul className={css.changes}>
            {changes.slice(0, mostShown).map(({ kind, path, title }) => (
              <li key={path}>
                <Tag tone={kind === 'changed' ? 'neutral' : 'line'}>
                  {signs[kind]} {kindWords[kind]}
                </Tag>
                <span className={css.changeWords}>
                  <span className="mono">{path}</span> <span className="small muted">{title}</span>
                </span>
                <Button
                  size="small"
                  tone="quiet"
                  label={`${open === path ? 'Hide' : 'Show'} ${path}`}
                  isPressed={open === path}
                  onPress={() => setOpen(open === path ? undefined : path)}
                >
                  {open === path ? 'Hide' : 'Show'}
                </Button>
                {open === path && <FileDiff importId={importId} path={path} />}
              </li>
            ))}
          </ul>
          {all > Math.min(mostShown, changes.length) && (
            <p className="small muted">
              The first {formatCount(Math.min(mostShown, changes.length))} of {formatCount(all)}.
            </p>
          )}
        </>
      )}
    </section>
  );
}

function FileDiff({ importId, path }: { readonly importId: string; readonly path: string }) {
  const { value, failure } = useLoad(`${importId} ${path}`, (signal) =>
    call('packs.compare', { id: importId, path }, { signal }),
  );
  return (
    <div className={css.fileDiff}>
      {failure !== undefined && <p className="warn">{failure}</p>}
      {value !== undefined && (
        <DiffView label={`Changes of ${path}`} before={value.before ?? ''} after={value.after ?? ''} />
      )}
    </div>
  );
}
