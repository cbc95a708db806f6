// What the signature of a bundle covers, for reading: who, when, which range and filter, what was kept back, and the whole of it as it is.

import type { Manifest } from '../../../src-shared/evidence/manifest.ts';
import { printable, printableWhole, type VerdictWord } from '../../../src-shared/evidence/verdict.ts';
import { formatCount } from '../../lib/numbers.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { ExactTime } from '../../ui/data/Time.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { printableJson } from './entry-facts.ts';
import css from './verify.module.css';

interface ManifestViewProps {
  readonly manifest: Manifest;
  readonly verdict: VerdictWord;
}

export function ManifestView({ manifest, verdict }: ManifestViewProps) {
  const { range, counts, filter, exported_by: by } = manifest;
  // Six bytes an entry that prove nothing: of a large bundle they would be most of what is shown.
  const { entry_tags: tags, ...shown } = manifest;
  const written = printableJson(
    JSON.stringify({ ...shown, entry_tags: `${formatCount(tags.length)} characters` }, null, 2),
  );
  return (
    <div className={css.inTab}>
      {verdict === 'NOT VERIFIED' && (
        <p className="warn">The bundle is not genuine: nothing of this can be relied on.</p>
      )}
      <KeyValues
        nameWidth="120px"
        entries={[
          { name: 'Console', value: printable(manifest.console) },
          { name: 'Log', value: <span className="mono">{printable(manifest.origin)}</span> },
          { name: 'Exported', value: <ExactTime at={manifest.exported_at} /> },
          { name: 'By', value: `${printable(by.kind)} ${printable(by.name)}` },
          { name: 'Reason', value: manifest.reason === '' ? 'none given' : printable(manifest.reason) },
          { name: 'Range', value: `#${formatCount(range.from)} to #${formatCount(range.to)}` },
          {
            name: 'Filter',
            value:
              filter === null ? (
                'none: every entry of the range'
              ) : (
                <span className="mono">{printableWhole(JSON.stringify(filter))}</span>
              ),
          },
          {
            name: 'Fields',
            value: `${formatCount(counts.opened_fields)} can be read, ${formatCount(counts.redacted_fields)} kept back or erased`,
          },
          { name: 'Tree size', value: formatCount(manifest.tree_size) },
          { name: 'Content digest', value: <span className="mono">{printable(manifest.content_digest.value)}</span> },
        ]}
      />
      <CopyButton value={written} what="the manifest as JSON">
        Copy JSON
      </CopyButton>
      <pre className={css.json}>{written}</pre>
    </div>
  );
}
