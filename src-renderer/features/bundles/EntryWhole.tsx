// One entry of a bundle: what it says, line by line, then its bytes as JSON.

import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { ExactTime } from '../../ui/data/Time.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import { type EntryFact, entryFacts, printableJson } from './entry-facts.ts';
import css from './verify.module.css';

interface EntryWholeProps {
  readonly json: string;
  readonly erased: readonly string[];
}

export function EntryWhole({ json, erased }: EntryWholeProps) {
  const facts = entryFacts(json, erased);
  const shown = printableJson(json);
  return (
    <>
      {facts !== undefined && (
        <Block title="What happened">
          <KeyValues
            entries={[
              ...(facts.time === undefined ? [] : [{ name: 'Time', value: <ExactTime at={facts.time} /> }]),
              ...facts.facts.map(({ name, ...fact }) => ({ name, value: <Value {...fact} /> })),
            ]}
          />
        </Block>
      )}
      {facts !== undefined && facts.details.length > 0 && (
        <Block title="Details">
          <KeyValues
            entries={facts.details.map(({ name, ...fact }) => ({ name, value: <Value {...fact} isMono /> }))}
          />
        </Block>
      )}
      <Block title="As it stands in the file" end={<CopyButton value={shown} what="the entry as JSON" />}>
        <p className="small muted">
          What was signed is the leaf; each field that can be read stands under open with its salt.
        </p>
        <pre className={css.json}>{shown}</pre>
      </Block>
    </>
  );
}

function Value({ value, isGone, isMono = false }: Omit<EntryFact, 'name'> & { readonly isMono?: boolean }) {
  if (isGone) return <i className="muted">{value}</i>;
  return <span className={isMono ? 'mono' : undefined}>{value}</span>;
}
