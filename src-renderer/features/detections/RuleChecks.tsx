// What the console says of a text while it is written: its problems, with the lines they are in, and how its cases come out.

import { useEffect, useState } from 'react';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import css from './editor.module.css';
import { countOf } from './rule-words.ts';
import { useLoad } from './use-load.ts';

type Judged = Output<'rules.validate'>;
const judgeAfterMs = 350;

/** Asked a moment after the last key, and only the last answer counts. */
export function useJudgement(
  text: string,
  rule: string | undefined,
): { judged: Judged | undefined; failure: string | undefined } {
  const [judged, setJudged] = useState<Judged>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const reading = new AbortController();
    const timer = setTimeout(() => {
      call(
        'rules.validate',
        { source: text === '' ? ' ' : text, ...(rule === undefined ? {} : { rule }) },
        { signal: reading.signal },
      ).then(
        (answer) => {
          setJudged(answer);
          setFailure(undefined);
        },
        (error: unknown) => {
          if (!isAborted(error)) setFailure(`not checked: ${failureWords(error)}`);
        },
      );
    }, judgeAfterMs);
    return () => {
      clearTimeout(timer);
      reading.abort();
    };
  }, [text, rule]);
  return { judged, failure };
}

export function Problems({
  judged,
  onGo,
}: {
  readonly judged: Judged | undefined;
  readonly onGo: (line: number) => void;
}) {
  if (judged === undefined) return <p className={css.part}>Being checked …</p>;
  return (
    <div className={css.part}>
      {judged.valid && (
        <p>
          Would be {countOf(judged.detectors.length, 'detector')}:{' '}
          {judged.detectors.map(({ title, cases }) => `${title} (${countOf(cases, 'case')})`).join(', ')}
        </p>
      )}
      <ul className={css.problems}>
        {judged.problems.map(({ kind, message, line }) => (
          <li key={`${line} ${message}`}>
            {line === null ? (
              <span className="mono faint">file</span>
            ) : (
              <Button size="small" tone="quiet" onPress={() => onGo(line)}>
                Line {line}
              </Button>
            )}
            <span className={kind === 'error' ? 'warn' : 'muted'}>
              {kind === 'error' ? '' : 'Note: '}
              {message}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Cases({
  asked,
  isValid,
}: {
  readonly asked: { readonly source: string; readonly rule?: string };
  readonly isValid: boolean;
}) {
  const { value, failure } = useLoad(isValid ? JSON.stringify(asked) : undefined, (signal) =>
    call('rules.test', asked, { signal }),
  );
  if (!isValid) return <p className={css.part}>The cases run when the rule has no errors.</p>;
  if (failure !== undefined) return <p className={css.part}>{failure}</p>;
  if (value === undefined) return <p className={css.part}>Running …</p>;
  return (
    <div className={css.part} role="status">
      <p>
        {value.results.length === 0
          ? 'The rule has no cases. gatehouse.cases holds events that must match, and some that nearly do.'
          : `${value.passed} passed, ${value.failed} failed`}
      </p>
      <ul className={css.problems}>
        {value.results.map(({ detector, name, expected, passed, detail }) => (
          <li key={`${detector} ${name}`}>
            <Tag tone={passed ? 'ok' : 'warn'}>{passed ? 'passed' : 'failed'}</Tag>
            <span>
              {name} <span className="small muted">({expected})</span>
              {detail !== null && <span className="warn"> {detail}</span>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
