// The console's own certificate: its fingerprints, its CA to take along, and how each system is told to trust it. Checks are never
// switched off.

import { Download } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { saveText } from '../../app/save-file.ts';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import type { SetUp } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

export function CertificateStep({ setUp }: { readonly setUp: SetUp }) {
  const { certificate, problem } = useStore(setUp.store);
  useEffect(() => void setUp.loadCertificate(), [setUp]);
  return (
    <WizardFrame
      setUp={setUp}
      title="Trust the certificate"
      lead="This console made a certificate authority of its own for this computer. Trust it once, and browsers and tools connect without a warning."
      next={{
        label: 'Continue',
        onPress: () => void setUp.passStep('certificate'),
        isDisabled: certificate === undefined,
      }}
    >
      {certificate === undefined ? (
        problem === undefined && <LoadingSkeleton label="Reading the certificate" rows={4} />
      ) : (
        <Certificate certificate={certificate} />
      )}
    </WizardFrame>
  );
}

function Certificate({ certificate }: { readonly certificate: Output<'setup.certificate'> }) {
  const { ca_sha256: caPrint, server_sha256: serverPrint, names, not_after: notAfter, url, trust } = certificate;
  const curl = `curl --cacert ${certificate.ca_path} ${url}/health`;
  const { here, elsewhere, tools } = trustFor(trust, navigator.userAgent);
  return (
    <div className={css.column}>
      <KeyValues
        nameWidth="fit-content(168px)"
        entries={[
          {
            name: 'CA, SHA-256',
            value: <Fingerprint value={caPrint} what="fingerprint of the CA" />,
          },
          {
            name: 'Server, SHA-256',
            value: <Fingerprint value={serverPrint} what="fingerprint of the server certificate" />,
          },
          { name: 'Names', value: <span className="mono">{names.join(', ')}</span> },
          { name: 'Valid until', value: <Time at={notAfter} format="minute" /> },
        ]}
      />
      <section className={css.section}>
        <h2 className={css.label}>Trust it on this computer</h2>
        <div className={css.trust}>
          {here.map(({ system, command }) => (
            <TrustCommand key={system} label={system} command={command} />
          ))}
        </div>
        {elsewhere.length > 0 && (
          <details className={css.details}>
            <summary>Other systems</summary>
            <div className={css.trust}>
              {elsewhere.map(({ system, command }) => (
                <TrustCommand key={system} label={system} command={command} />
              ))}
            </div>
          </details>
        )}
        <p className={css.note}>
          Compare the fingerprint before you trust it. Never tell a browser or a tool to ignore certificate errors: then
          anybody can stand between it and the console.
        </p>
      </section>
      <section className={css.section}>
        <h2 className={css.label}>For your team’s tools</h2>
        <div className={css.trust}>
          <TrustCommand label="curl" command={curl} />
          {tools.map(({ system, command }) => (
            <TrustCommand key={system} label={system} command={command} />
          ))}
        </div>
        <div className={cx(css.buttons, css.after)}>
          <Button
            icon={Download}
            onPress={() => saveText('gatehouse-ca.pem', certificate.ca_pem, 'application/x-pem-file')}
          >
            Save the CA certificate
          </Button>
        </div>
      </section>
    </div>
  );
}

function Fingerprint({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <span className={css.line}>
      <span className={cx('mono grow', css.print)}>{inTwoLines(value)}</span>
      <CopyButton value={value} what={what} />
    </span>
  );
}

/** 32 octets in two lines of 16: how people compare them. */
function inTwoLines(fingerprint: string): string {
  const octets = fingerprint.split(':');
  const half = Math.ceil(octets.length / 2);
  return `${octets.slice(0, half).join(':')}\n${octets.slice(half).join(':')}`;
}

type Trust = Output<'setup.certificate'>['trust'];

interface SortedTrust {
  readonly here: Trust;
  readonly elsewhere: Trust;
  readonly tools: Trust;
}

/** The commands of the system that this browser runs on first; the others stay one press away. */
export function trustFor(trust: Trust, userAgent: string): SortedTrust {
  const isTool = (system: string) => /tools?$/i.test(system);
  const isHere = (system: string) => {
    if (/windows/i.test(userAgent)) return /windows/i.test(system);
    if (/mac os/i.test(userAgent)) return /macos/i.test(system);
    return !/windows|macos/i.test(system);
  };
  const systems = trust.filter(({ system }) => !isTool(system));
  return {
    here: systems.filter(({ system }) => isHere(system)),
    elsewhere: systems.filter(({ system }) => !isHere(system)),
    tools: trust.filter(({ system }) => isTool(system)),
  };
}

function TrustCommand({ label, command }: { readonly label: string; readonly command: string }) {
  return (
    <div>
      <p className="small muted">{label}</p>
      <CopyLine line={command} what={`command for ${label}`} />
    </div>
  );
}
