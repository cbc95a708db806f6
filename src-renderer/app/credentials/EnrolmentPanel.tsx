// Adding an authenticator app: the code to scan, the key to type instead, and the six digits that prove it worked. Drawn here, sent nowhere.

import { useEffect, useRef } from 'react';
import { formatInstant } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { CodeField } from '../../ui/controls/CodeField.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { QrCode } from '../../ui/data/QrCode.tsx';
import { SecretText } from '../../ui/data/SecretText.tsx';
import css from './credentials.module.css';

interface EnrolmentPanelProps {
  readonly enrolment: {
    readonly secret: string;
    readonly uri: string;
    readonly issuer: string;
    readonly account: string;
  };
  readonly code: string;
  readonly onCodeChange: (code: string) => void;
  readonly onComplete: (code: string) => void;
  readonly problem: string | undefined;
}

export function EnrolmentPanel({ enrolment, code, onCodeChange, onComplete, problem }: EnrolmentPanelProps) {
  const { secret, uri, issuer, account } = enrolment;
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a small screen what is wrong stands below the fold.
    if (problem !== undefined) field.current?.scrollIntoView({ block: 'nearest' });
  }, [problem]);
  return (
    <div className={css.enrol}>
      <QrCode text={uri} label="QR code for the authenticator app" />
      <div className={css.side}>
        <div>
          <p className={css.label}>Can’t scan? Type this key</p>
          <div className={css.key}>
            <SecretText value={secret} />
            <CopyButton value={secret} what="key" size="medium">
              Copy
            </CopyButton>
          </div>
          <p className={css.note}>
            In your app it is called <span className={css.name}>{issuer}</span>, {account}. Time-based, 30 s.
          </p>
        </div>
        <div ref={field}>
          <CodeField
            label="6-digit code"
            value={code}
            onChange={onCodeChange}
            onComplete={onComplete}
            error={problem}
            autoFocus
            description="Checked after the sixth digit. You can paste it."
          />
          {problem !== undefined && <ClockHint />}
        </div>
      </div>
    </div>
  );
}

/** Most codes that are right and refused come from a phone whose clock is off. */
export function ClockHint() {
  const now = useNow();
  return (
    <p className={css.note}>
      This computer shows <time dateTime={new Date(now).toISOString()}>{formatInstant(now, 'local', 'time')}</time>. If
      your phone shows another time, let it set its clock by itself.
    </p>
  );
}
