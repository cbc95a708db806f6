// Two texts of a rule, line by line: what is new, what is gone, and a little around it. Signs and words say it, colour only helps.

import { useMemo, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { diffLines, foldUnchanged } from '../../lib/line-diff.ts';
import { Button } from '../../ui/controls/Button.tsx';
import css from './diff.module.css';
import { countOf } from './rule-words.ts';

interface DiffViewProps {
  /** 'Version 2 and version 3' */
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

const context = 3;
const mostShown = 3_000;
const signs = { same: ' ', added: '+', removed: '−' } as const;
const words = { same: '', added: 'new: ', removed: 'gone: ' } as const;

export function DiffView({ label, before, after }: DiffViewProps) {
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const added = lines.filter(({ kind }) => kind === 'added').length;
  const removed = lines.filter(({ kind }) => kind === 'removed').length;
  if (added + removed === 0) return <p className="small muted">No line differs.</p>;
  const shown = isWhole ? lines : foldUnchanged(lines, context);
  return (
    <div className={css.diff}>
      <div className="line">
        <span className="small muted">
          {countOf(added, 'line')} new, {removed} gone
        </span>
        <span className="grow" />
        {lines.length > added + removed && (
          <Button size="small" tone="quiet" isPressed={isWhole} onPress={() => setWhole(!isWhole)}>
            Whole text
          </Button>
        )}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a box that scrolls, not a form's group */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: by keys too */}
      <div className={css.box} role="group" aria-label={label} tabIndex={0}>
        <table className={css.lines}>
          <caption className="visually-hidden">{label}</caption>
          <tbody>
            {shown.slice(0, mostShown).map((line, index) =>
              typeof line === 'number' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: gaps have no other identity
                <tr key={`gap ${index}`} className={css.gap}>
                  <td colSpan={4}>{countOf(line, 'unchanged line')}</td>
                </tr>
              ) : (
                <tr key={`${line.before} ${line.after}`} className={cx(css[line.kind])}>
                  <td className={css.number}>{line.before}</td>
                  <td className={css.number}>{line.after}</td>
                  <td className={css.sign}>
                    <span aria-hidden="true">{signs[line.kind]}</span>
                    <span className="visually-hidden">{words[line.kind]}</span>
                  </td>
                  <td className={css.text}>{line.text}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
      {shown.length > mostShown && (
        <p className="small muted">{countOf(shown.length - mostShown, 'more line')} not shown.</p>
      )}
    </div>
  );
}
