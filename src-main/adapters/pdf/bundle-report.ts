// A bundle as a PDF for people: the verdict with its rows, what it does not prove, then who did what and when. The verdict and the
// bundle's digest stand on every page. It claims no integrity of its own: what proves anything is the bundle (spec 04).
import type { Readable } from 'node:stream';
import { encode } from 'uqr';
import { readRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { type BundleSource, readSpan } from '../../../src-shared/evidence/bundle-source.ts';
import type { JsonValue } from '../../../src-shared/evidence/canonical-json.ts';
import { fingerprintWords } from '../../../src-shared/evidence/fingerprint-words.ts';
import type { Manifest } from '../../../src-shared/evidence/manifest.ts';
import { count, printable, printableWhole, readableTime, type Verdict } from '../../../src-shared/evidence/verdict.ts';
import { digestKey, digestText } from '../../../src-shared/evidence/verify-report.ts';
import { toHex } from '../../base/bytes.ts';
import { type Cell, type Colour, columnsOf, createPageSetter, type PageSetter } from './page-setter.ts';
import { tallyOf, tallySummary, tallyTables } from './report-tally.ts';

export type ReportParts = {
  readonly verdict: Verdict;
  readonly source: BundleSource;
  readonly fileName: string;
  readonly madeAt: Date;
  readonly version: string;
  /** Whether the PDF carries the bundle, so that it can be verified wherever the PDF goes. */
  readonly carriesBundle?: boolean;
};

const verdictColours: Readonly<Record<Verdict['verdict'], Colour>> = {
  VERIFIED: 'ok',
  'VERIFIED WITH LIMITS': 'limited',
  'NOT VERIFIED': 'bad',
  'CANNOT CHECK': 'muted',
};
const stateWords = { proven: 'proven', limited: 'limited', failed: 'FAILED', not_checkable: 'not checkable' } as const;
const stateColours = { proven: 'ok', limited: 'limited', failed: 'bad', not_checkable: 'muted' } as const;
/** Inside the PDF; what the bundle was called outside may say more than its reader should know. */
const embeddedName = 'evidence.ghbundle';
const mostFindings = 100;
/** About 3,700 pages; setting them takes a minute and less than a gigabyte. More entries are counted, and not printed. */
const mostPrinted = 100_000;

/**
 * The bytes of the PDF as a stream, set while it is read. @throws Error for a verdict on a file whose manifest could not be read: there
 * is nothing to show.
 */
export function renderBundleReport(parts: ReportParts): Readable {
  const { verdict, fileName, madeAt, version } = parts;
  const { manifest } = verdict;
  if (manifest === undefined) throw new Error('a bundle without a readable manifest has no report');
  const console = printable(manifest.console);
  const { method, value: digest } = manifest.content_digest;
  // What is wrong stands on the first page; a line of the running head has no room for it.
  const word = verdict.verdict === 'NOT VERIFIED' ? verdict.verdict : verdict.headline;
  const pages = createPageSetter(
    {
      title: `Audit bundle of ${console}`,
      author: `Gatehouse ${version}`,
      madeAt,
      // Binds the report to the entries: whoever has both compares the two.
      facts: { [digestKey]: digestText(digest) },
    },
    {
      head: cut(`${printable(fileName)} · ${word}`),
      foot: [
        `${method}: ${digest}`,
        cut(`${word} · checked ${readableTime(madeAt.toISOString())} by Gatehouse ${version}`),
        'This PDF carries no integrity of its own; the bundle proves, and anybody can verify it.',
      ],
      // Capitals take the least room in a QR code.
      code: encode(digest.toUpperCase(), { ecc: 'L', border: 0 }).data,
    },
  );
  setPages(pages, parts, console).catch((error: unknown) => {
    pages.output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return pages.output;
}

async function setPages(pages: PageSetter, parts: ReportParts, console: string): Promise<void> {
  const { verdict } = parts;
  pages.paragraph(`Audit bundle of ${console}`, { size: 18, bold: true });
  pages.paragraph(verdict.verdict, { size: 14, bold: true, colour: verdictColours[verdict.verdict] });
  pages.paragraph(verdict.summary, { size: 10 });
  const tally = tallyOf(rowsOf(parts));
  await tallySummary(pages, tally);
  const left = (verdict.entries?.seqs.length ?? 0) - mostPrinted;
  if (left > 0) pages.paragraph(notPrinted(left), { colour: 'limited' });
  await checks(pages, verdict);
  notProven(pages, verdict);
  howToVerify(pages, parts);
  await facts(pages, parts);
  await tallyTables(pages, tally);
  await entries(pages, parts);
  if (parts.carriesBundle === true) {
    const { source } = parts;
    pages.attach(
      embeddedName,
      readSpan(source, 0, source.size),
      'application/vnd.gatehouse.bundle+json',
      'The signed bundle that these pages were made from',
    );
  }
  pages.finish();
}

async function checks(pages: PageSetter, { checks, findings, findings_left_out }: Verdict): Promise<void> {
  pages.heading('What was checked');
  await pages.table(
    columnsOf(pages.width, [
      ['Result', 14],
      ['Check', 26],
      ['Detail', 60],
    ]),
    checks.map(({ state, title, detail }) => [
      { text: stateWords[state], colour: stateColours[state] },
      { text: title },
      { text: printableWhole(detail) },
    ]),
  );
  if (findings.length === 0) return;
  pages.heading('What is wrong');
  await pages.table(
    columnsOf(pages.width, [
      ['Where', 35],
      ['Finding', 65],
    ]),
    findings.slice(0, mostFindings).map(({ where, detail }) => [
      { text: printable(where), mono: true },
      { text: printable(detail), colour: 'bad' },
    ]),
  );
  const hidden = findings.length - Math.min(findings.length, mostFindings) + findings_left_out;
  if (hidden > 0) pages.paragraph(`and ${count(hidden)} more findings`);
}

function notProven(pages: PageSetter, { not_proven }: Verdict): void {
  if (not_proven.length === 0) return;
  pages.heading('What this does not prove');
  for (const each of not_proven) pages.paragraph(`–  ${each}`);
}

function howToVerify(pages: PageSetter, { verdict: { root }, carriesBundle }: ReportParts): void {
  pages.heading('How to verify this report');
  pages.paragraph(
    carriesBundle === true
      ? 'Do not rely on these pages: this PDF carries the bundle that they were made from. Open the PDF in verify.html, or run gatehouse audit verify FILE.pdf --key KEY, with a key that you have from the console’s owner by another way: the bundle is taken out and verified. Then compare the root hash with the sender.'
      : 'Do not rely on these pages: open the bundle that they were made from in verify.html, or run gatehouse audit verify FILE --key KEY, with a key that you have from the console’s owner by another way. Then compare the root hash with the sender.',
  );
  if (root === undefined) return;
  const hex = toHex(root);
  pages.paragraph(fingerprintWords(root).join('   '), { size: 12, bold: true });
  pages.paragraph(`Root hash: ${hex}`, { mono: true, size: 8 });
  pages.modules(encode(hex, { ecc: 'M', border: 0 }).data, 72, 'QR code of the root hash');
}

async function facts(pages: PageSetter, { verdict: { manifest, signer } }: ReportParts): Promise<void> {
  if (manifest === undefined) return;
  const { range, counts: counted } = manifest;
  pages.heading('What it covers');
  const rows: [string, string][] = [
    ['Exported', `${readableTime(manifest.exported_at)} by ${printable(manifest.exported_by.name)}`],
    ['Reason', printable(manifest.reason) || 'none given'],
    ['Entries', `${count(counted.entries)}, #${count(range.from)} to #${count(range.to)}`],
    ...selectionRows(manifest.filter),
    [
      'Kept back',
      counted.redacted_fields === 0
        ? 'nothing'
        : `${count(counted.redacted_fields)} of ${count(counted.redacted_fields + counted.opened_fields)} fields`,
    ],
    ['Log', `${printable(manifest.origin)}, ${count(manifest.tree_size)} entries at the checkpoint`],
    ['Signing key', printable(signer ?? '')],
    [
      'Attachments',
      manifest.attachments.map(({ name, sha256 }) => `${printable(name)} (${sha256})`).join('; ') || 'none',
    ],
  ];
  await pages.table(
    columnsOf(pages.width, [
      ['What', 20],
      ['Value', 80],
    ]),
    rows.map(([name, value]) => [{ text: name }, { text: value }]),
  );
}

/** All of the choice; what a long list of types stands for is read before the list. */
function selectionRows(filter: Manifest['filter']): [string, string][] {
  if (filter === null) return [['Selection', 'the whole range']];
  const { framework, control, catalogue_version: version, event_types: types, ...others } = filter;
  const rows: [string, string][] = [];
  if (framework !== undefined) {
    const names = [framework, control].filter((name) => name !== undefined).map(wordsOf);
    rows.push([
      'Evidence for',
      printable(`${names.join(' ')}, by version ${wordsOf(version)} of the console’s catalogue`),
    ]);
  }
  if (Object.keys(others).length > 0) rows.push(['Selection', printableWhole(JSON.stringify(others))]);
  if (types !== undefined) {
    const named = Array.isArray(types) ? types.map(wordsOf).join(', ') : wordsOf(types);
    rows.push(['Entry types', printableWhole(named)]);
  }
  return rows;
}

function wordsOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

async function entries(pages: PageSetter, parts: ReportParts): Promise<void> {
  pages.heading('Who did what, and when');
  const columns = columnsOf(pages.width, [
    ['Seq', 8],
    ['Time UTC', 24],
    ['Actor', 16],
    ['What', 20],
    ['Target', 20],
    ['Result', 12],
  ]);
  const left = (parts.verdict.entries?.seqs.length ?? 0) - mostPrinted;
  if (left > 0) pages.paragraph(`${notPrinted(left)} All of them are in the bundle, which is what proves.`);
  function* lines(): Generator<readonly Cell[]> {
    let printed = 0;
    for (const row of rowsOf(parts)) {
      if (++printed > mostPrinted) return;
      yield [
        { text: row.seq === 0 ? '?' : `#${count(row.seq)}`, ...(row.isSuspect && { colour: 'bad' as const }) },
        { text: row.time.replace('T', ' ').replace('Z', ''), mono: true },
        { text: row.actor },
        { text: row.eventType === row.action ? row.action : `${row.eventType} ${row.action}` },
        { text: row.target },
        resultOf(row.success, row.isSuspect),
      ];
    }
  }
  await pages.table(columns, lines());
}

function notPrinted(left: number): string {
  return `The first ${count(mostPrinted)} entries are printed here, ${count(left)} are not.`;
}

function resultOf(success: boolean | undefined, isSuspect: boolean): Cell {
  if (isSuspect) return { text: 'ALTERED', colour: 'bad' };
  if (success === undefined) return { text: 'not said' };
  return { text: success ? 'done' : 'refused' };
}

function* rowsOf({ verdict, source }: ReportParts) {
  const places = verdict.entries;
  if (places === undefined) return;
  const suspects = new Set(verdict.findings.map(({ seq }) => seq));
  for (const [index, seq] of places.seqs.entries()) {
    const bytes = readSpan(source, places.starts[index] ?? 0, places.ends[index] ?? 0);
    yield readRow(bytes, index, seq, suspects.has(seq), verdict.erased);
  }
}

/** A line of the running head or foot; beyond that it would leave the page. */
function cut(line: string): string {
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}
