// The chain's health in one line, and a checkpoint on demand. Broken, it names the first bad entry and what still works.

import { ChevronDown, ChevronUp, ShieldAlert, ShieldCheck, ShieldQuestion, Stamp } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { type AnchorTally, tallyAnchors } from '../../app/anchor-tally.ts';
import { useMayDo } from '../../app/services.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button, buttonClass } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Icon } from '../../ui/Icon.tsx';
import { AnchorList } from './AnchorList.tsx';
import css from './audit.module.css';
import { audit } from './audit-state.ts';

const movingEveryMs = 3_000;
const restingEveryMs = 15_000;

export function ChainBar() {
  const chain = useStore(audit, (state) => state.chain);
  const failure = useStore(audit, (state) => state.chainFailure);
  const maySign = useMayDo('audit.checkpoint');
  const [isBusy, setIsBusy] = useState(false);
  const [isOpen, setIsOpen] = useState(false);
  const listId = useId();
  const tally = tallyAnchors(chain?.anchors);

  // What anchors do is not announced: they are asked, and more often while somebody looks or one is under way.
  const isMoving = isOpen || chain?.anchors.some(({ state }) => state !== 'anchored') === true;
  useEffect(() => {
    const timer = setInterval(() => void audit.refreshChain(), isMoving ? movingEveryMs : restingEveryMs);
    return () => clearInterval(timer);
  }, [isMoving]);

  async function sign(): Promise<void> {
    setIsBusy(true);
    try {
      const { size } = await call('audit.checkpoint', {});
      toasts.show({
        text: `Checkpoint signed at #${formatCount(size)}${tally === undefined ? '' : ', on its way to the anchors'}`,
      });
      await audit.refreshChain();
    } catch (error) {
      toasts.show({ text: `No checkpoint was signed. ${failureWords(error)}`, tone: 'warn' });
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <>
      <div className={css.chain}>
        {/* Apart from what is seen: ages and counts go on by themselves and are not to be read out each time. */}
        <span className="visually-hidden" role="status">
          {chain === undefined ? '' : spokenHealth(chain.check)}
        </span>
        {chain === undefined ? (
          <span className="muted">
            {failure === undefined ? 'Asking for the chain' : `The chain could not be read. ${failure}`}
          </span>
        ) : (
          <>
            <Health chain={chain} />
            <Checkpoint chain={chain} />
            <AriaButton
              className={buttonClass('quiet', 'small', false)}
              aria-expanded={isOpen}
              {...(isOpen ? { 'aria-controls': listId } : {})}
              onPress={() => setIsOpen(!isOpen)}
            >
              <Icon of={isOpen ? ChevronUp : ChevronDown} size={12} />
              <AnchorWords tally={tally} />
            </AriaButton>
            <span className="line small faint">
              <span className="clip" title={chain.verifier_key}>
                key of {shortOrigin(chain.origin)}
              </span>
              <CopyButton value={chain.verifier_key} what="the key that checks this console’s bundles" />
            </span>
          </>
        )}
        <span className="grow" />
        {maySign && chain !== undefined && (
          <Button size="small" icon={Stamp} isBusy={isBusy} onPress={() => void sign()}>
            {tally === undefined ? 'Sign checkpoint' : 'Sign and anchor now'}
          </Button>
        )}
      </div>
      {isOpen && chain !== undefined && <AnchorList id={listId} anchors={chain.anchors} />}
    </>
  );
}

function spokenHealth({ state, first_bad_seq: bad, detail }: Output<'audit.status'>['check']): string {
  switch (state) {
    case 'intact':
      return 'Chain intact';
    case 'checking':
      return 'Checking the chain';
    case 'broken':
      return `Chain broken${bad === null ? '' : ` at #${bad}`}. ${detail}`;
  }
}

function AnchorWords({ tally }: { readonly tally: AnchorTally | undefined }) {
  if (tally === undefined) return <>no anchors</>;
  const { seen, of, failing, contradicting } = tally;
  const against = contradicting.length;
  return (
    <span>
      anchors {seen} of {of}
      {against > 0 && (
        <b className={css.contradicts}>
          , {formatCount(against)} {against === 1 ? 'contradicts' : 'contradict'}
        </b>
      )}
      {failing.length > 0 && <span className="warn">, {formatCount(failing.length)} failing</span>}
    </span>
  );
}

function Health({ chain }: { readonly chain: Output<'audit.status'> }) {
  const { check, size } = chain;
  switch (check.state) {
    case 'intact':
      return (
        <span className="line">
          <span className="ok">
            <Icon of={ShieldCheck} />
          </span>
          <b>Chain intact to #{formatCount(check.checked_to)}</b>
          {size > check.checked_to && (
            <span className="muted">{formatCount(size - check.checked_to)} newer not checked yet</span>
          )}
          {check.at !== null && (
            <span className="small muted">
              checked <RelativeTime at={check.at} />
            </span>
          )}
        </span>
      );
    case 'checking':
      return (
        <span className="line">
          <Icon of={ShieldQuestion} />
          <b>
            Checking the chain, {formatCount(check.checked_to)} of {formatCount(size)} entries
          </b>
        </span>
      );
    case 'broken':
      return (
        <span className={css.broken}>
          <Icon of={ShieldAlert} />
          <b>Chain broken{check.first_bad_seq !== null && ` at #${formatCount(check.first_bad_seq)}`}</b>
          <span>{check.detail}</span>
        </span>
      );
  }
}

function Checkpoint({ chain }: { readonly chain: Output<'audit.status'> }) {
  const { checkpoint } = chain;
  if (checkpoint === null) return <span className="small muted">no checkpoint yet</span>;
  return (
    <span className="line small muted">
      <span>
        last checkpoint #{formatCount(checkpoint.size)}, <Time at={checkpoint.signed_at} />
      </span>
      <CopyButton value={checkpoint.note} what="the signed checkpoint" />
    </span>
  );
}

/** 'gatehouse/01a1fd4b…33d9a': enough to tell two consoles apart; the copy holds the whole. */
function shortOrigin(origin: string): string {
  return origin.length > 28 ? `${origin.slice(0, 18)}…${origin.slice(-5)}` : origin;
}
