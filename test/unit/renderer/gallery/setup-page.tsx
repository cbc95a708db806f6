// The fourth step of first run and the lock screen, which stand outside the frame.

import { useState } from 'react';
import { LockScreen } from '../../../../src-renderer/app/LockScreen.tsx';
import { SetupFrame } from '../../../../src-renderer/app/SetupFrame.tsx';
import { Button } from '../../../../src-renderer/ui/controls/Button.tsx';
import { CodeField } from '../../../../src-renderer/ui/controls/CodeField.tsx';
import { CopyButton } from '../../../../src-renderer/ui/controls/CopyButton.tsx';
import { PasswordField } from '../../../../src-renderer/ui/controls/PasswordField.tsx';
import { QrCode } from '../../../../src-renderer/ui/data/QrCode.tsx';
import { SecretText } from '../../../../src-renderer/ui/data/SecretText.tsx';

const steps = [
  'Start',
  'Data and keys',
  'Owner account',
  'Second factor',
  'Recovery kit',
  'Certificate',
  'First source',
  'Readiness',
].map((label) => ({ id: label, label }));

export function SetupPage() {
  const [code, setCode] = useState('417');
  const secret = 'JBSWY3DPEHPK3PXPKRSXG5CTMVRXEZLU';
  return (
    <SetupFrame
      subject="Setup of Nordkai Console"
      steps={steps}
      current={3}
      reached={3}
      secondsLeft={90}
      title="Add a second factor"
      lead="Scan the code with an authenticator app, then type the 6 digits that it shows."
      facts={['~/Gatehouse, 214 GB free', 'key in the system keyring', 'no network used']}
      onStep={() => undefined}
      onHelp={() => undefined}
      onLeave={() => undefined}
      back={{ onPress: () => undefined }}
      next={{ label: 'Continue', onPress: () => undefined, isDisabled: true }}
    >
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 40 }}>
        <QrCode
          text={`otpauth://totp/Gatehouse%20Nordkai:mira.solberg?secret=${secret}&issuer=Gatehouse%20Nordkai`}
          label="QR code for the authenticator app"
        />
        <div className="stack">
          <div>
            <p className="strong">Can’t scan? Type this key</p>
            <div className="line" style={{ alignItems: 'flex-start', marginTop: 4 }}>
              <SecretText value={secret} />
              <CopyButton value={secret} what="key" size="medium">
                Copy
              </CopyButton>
            </div>
          </div>
          <CodeField
            label="6-digit code"
            value={code}
            onChange={setCode}
            onComplete={() => undefined}
            autoFocus
            description="Checked after the sixth digit. You can paste it."
          />
        </div>
      </div>
    </SetupFrame>
  );
}

export function LockPage() {
  const [password, setPassword] = useState('');
  return (
    <LockScreen
      consoleName="Nordkai Console"
      user="mira.solberg"
      lastUnlock={{ at: '2026-11-21T13:02:00Z', device: 'this computer' }}
      onOtherAccount={() => undefined}
      onVerify={() => undefined}
    >
      <PasswordField
        label="Password"
        purpose="current"
        size="large"
        value={password}
        onChange={setPassword}
        autoFocus
      />
      <Button tone="primary" size="large">
        Unlock
      </Button>
    </LockScreen>
  );
}
