// The bundles that this console gave out, from its audit log: what was in each, for whom, and the words that were read out with it.

import { Fragment, useEffect, useState } from 'react';
import type { AuditEntry } from '../../../src-shared/contract/audit.ts';
import { decodeHex } from '../../../src-shared/evidence/bytes.ts';
import { fingerprintWords } from '../../../src-shared/evidence/fingerprint-words.ts';
import { printable } from '../../../src-shared/evidence/verdict.ts';
import { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { fingerprintOf } from './Fingerprint.tsx';
import { filterWords } from './filter-words.ts';
import css from './verify.module.css';

const pageLength = 20;

export function ExportedBundles() {
  const mayRead = useMayDo('audit.read');
  return mayRead ? <List /> : null;
}

function List() {
  const [entries, setEntries] = useState<readonly AuditEntry[]>();
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<string>();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn counts what made it worth reading again
  useEffect(() => {
    const stop = new AbortController();
    call('audit.entries', { event_type: 'audit_export', limit: pageLength }, { signal: stop.signal }).then(
      (page) => {
        setEntries(page.items);
        setNext(page.next_cursor);
        setFailure(undefined);
      },
      (error: unknown) => {
        if (!isAborted(error)) setFailure(failureWords(error));
      },
    );
    return () => stop.abort();
  }, [turn]);
  useEffect(() => subscribe(['audit.grew'], () => setTurn((before) => before + 1)), []);

  async function showMore(cursor: string): Promise<void> {
    try {
      const page = await call('audit.entries', { event_type: 'audit_export', limit: pageLength, cursor });
      setEntries((before = []) => [...before, ...page.items]);
      setNext(page.next_cursor);
    } catch (error) {
      if (!isAborted(error)) setFailure(failureWords(error));
    }
  }

  return (
    <section className={css.exported}>
      <h2 className="strong">Exported from this console</h2>
      <OwnKey />
      {failure !== undefined && (
        <p className="warn" role="alert">
          {failure}
        </p>
      )}
      {entries?.length === 0 && (
        <p className="small muted">None yet. In the audit log, press e to export the entries that you see.</p>
      )}
      {entries !== undefined && entries.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key
        <section className={css.exportedScroll} tabIndex={0} aria-label="Table of the exported bundles">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">By</th>
                <th scope="col">Entries</th>
                <th scope="col">Reason</th>
                <th scope="col">Root in words</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Row key={entry.id} entry={entry} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {next !== null && (
        <Button size="small" onPress={() => void showMore(next)}>
          Show older
        </Button>
      )}
    </section>
  );
}

/** What somebody is read by phone who wants to pin this console's key. */
function OwnKey() {
  const [key, setKey] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    call('audit.public_key', {}, { signal: stop.signal }).then(
      ({ verifier_key }) => setKey(verifier_key),
      // The list below says what does not answer.
      () => undefined,
    );
    return () => stop.abort();
  }, []);
  const digest = key === undefined ? undefined : fingerprintOf(key);
  if (key === undefined || digest === undefined) return null;
  return (
    <p className={css.ownKey}>
      <span className="small muted">This console’s key in words</span>
      <span className="mono">
        <Pairs digest={digest} />
      </span>
      <CopyButton value={key} what="the key that checks this console’s bundles" />
    </p>
  );
}

/** No pair is parted at the end of a line. */
function Pairs({ digest }: { readonly digest: Uint8Array }) {
  return fingerprintWords(digest).map((pair, position) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a pair may come twice, and their order is the point
    <Fragment key={position}>
      {position > 0 && ' '}
      <span className={css.pair}>{pair}</span>
    </Fragment>
  ));
}

function Row({ entry }: { readonly entry: AuditEntry }) {
  const { details } = entry;
  const number = (name: string): string => {
    const value = details[name];
    return typeof value === 'number' ? formatCount(value) : '?';
  };
  const { reason, root_hash: hex } = details;
  const root = typeof hex === 'string' ? decodeHex(hex) : undefined;
  return (
    <tr>
      <td>
        <Time at={entry.time} />
      </td>
      <td>{entry.actor.name}</td>
      <td>
        {number('entries')}, #{number('from_seq')} to #{number('to_seq')}
        {details.whole_range === true ? '' : `, ${printable(filterWords(details.filter))}`}
        {details.redacted === 'nothing' ? '' : `, kept back: ${String(details.redacted)}`}
      </td>
      <td>{typeof reason === 'string' && reason !== '' ? reason : 'none given'}</td>
      <td className="mono">{root === undefined ? 'not recorded' : <Pairs digest={root} />}</td>
    </tr>
  );
}
