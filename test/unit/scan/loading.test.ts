// Findings on their way into a console: in requests that it takes, none lost, whatever stands in them; and lines read back as findings.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFindingLine } from '../../../src-main/shells/scan/finding-lines.ts';
import { createLoading, loadedText } from '../../../src-main/shells/scan/loading.ts';
import type { ScanFinding } from '../../../src-shared/contract/alerts.ts';
import { type CallInput, contract } from '../../../src-shared/contract/contract.ts';

type Asked = CallInput<'alerts.load'>['findings'];

/** Answers like a console that rejects what says `refuse`. */
function createReceiver() {
  const batches: Asked[] = [];
  const call = async (_name: string, { findings }: { findings: Asked }) => {
    contract['alerts.load'].input.parse({ findings });
    expect(Buffer.byteLength(JSON.stringify({ findings }))).toBeLessThan(1_048_576);
    batches.push(findings);
    const rejected = findings.flatMap(({ title }, index) => (title === 'refuse' ? [{ index, reason: 'no' }] : []));
    return { raised: findings.length - rejected.length, repeated: 0, known: 0, rejected, alerts: [] };
  };
  return { batches, client: { call: call as never } };
}

const finding = (part: Partial<ScanFinding> = {}): ScanFinding => ({
  rule_id: 'r',
  title: 't',
  level: 'low',
  tags: [],
  file: 'a.log',
  record: 0,
  time: null,
  event: { a: 1 },
  ...part,
});

describe('loading', () => {
  it('sends all, in order, in batches that one request holds', async () => {
    const { batches, client } = createReceiver();
    const loading = createLoading(client);
    for (let record = 0; record < 1_234; record++)
      await loading.add(
        finding({ record, title: record === 700 ? 'refuse' : 't', event: { a: '"\\é'.repeat(record) } }),
      );
    await loading.add(finding({ event: { a: 'x'.repeat(900_000) } }));
    const loaded = await loading.end();
    expect(batches.flat().map(({ record }) => record)).toEqual(Array.from({ length: 1_234 }, (_, at) => at));
    expect(batches.length).toBeGreaterThan(3);
    expect(loaded).toMatchObject({ raised: 1_233, rejected: 2 });
    expect(loaded.reasons.toSorted()).toEqual(['a.log, record 0: larger than 700000 bytes', 'a.log, record 700: no']);
    expect(loadedText(loaded)).toBe('1,235 findings: 1,233 new alerts, 2 not loaded');
  });

  it('sends nothing when nothing was found', async () => {
    const { batches, client } = createReceiver();
    expect(loadedText(await createLoading(client).end())).toBe('0 findings: 0 new alerts');
    expect(batches).toEqual([]);
  });

  it('sends no half characters, and leaves all others alone', async () => {
    const unit = fc.constantFrom('\ud800', '\udfff', '\\', 'ud800', '"', 'é', '😀', '\n', '\u0007');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, minLength: 1, maxLength: 12 }), async (text) => {
        const { batches, client } = createReceiver();
        const loading = createLoading(client);
        await loading.add(finding({ title: text, event: { [text]: text } }));
        await loading.end();
        const whole = text.toWellFormed();
        expect(batches.flat()[0]).toEqual(finding({ title: whole, event: { [whole]: whole } }));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a line of findings', () => {
  const line = {
    rule_id: 'r',
    title: 't',
    level: 'informational',
    tags: ['a'],
    file: 'a.log',
    record: 3,
    time: null,
    event: {},
  };

  it('is read as the scan wrote it', () => {
    expect(parseFindingLine(JSON.stringify(line))).toEqual(line);
    const timed = { ...line, time: '2026-11-21T10:00:00+02:00', more: 1 };
    expect(parseFindingLine(JSON.stringify(timed))).toEqual({ ...line, time: timed.time });
  });

  it.each([
    ['', 'not JSON'],
    ['{"rule_id":', 'not JSON'],
    ['[]', 'finding: '],
    ['null', 'finding: '],
    [JSON.stringify({ ...line, record: -1 }), 'record: '],
    [JSON.stringify({ ...line, record: 1e300 }), 'record: '],
    [JSON.stringify({ ...line, level: 'grave' }), 'level: '],
    [JSON.stringify({ ...line, event: 'x' }), 'event: '],
    [JSON.stringify({ ...line, time: 'soon' }), 'time: '],
    [JSON.stringify({ ...line, rule_id: 'x'.repeat(201) }), 'rule_id: '],
  ])('%s is refused with the reason', (text, said) => {
    expect(parseFindingLine(text)).toContain(said);
  });

  it('is what a console takes, or refused, whatever it is', () => {
    const some = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.jsonValue());
    const lines = fc.record({
      rule_id: some(fc.string({ maxLength: 210 })),
      title: some(fc.string({ maxLength: 600 })),
      level: some(fc.constantFrom('low', 'high')),
      tags: some(fc.array(fc.string({ maxLength: 210 }))),
      file: some(fc.string()),
      record: some(fc.nat()),
      time: some(fc.constantFrom(null, '2026-11-21T10:00:00Z', '+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z')),
      event: some(fc.dictionary(fc.string(), fc.jsonValue())),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          lines.map((each) => JSON.stringify(each)),
          fc.string(),
        ),
        (text) => {
          const found = parseFindingLine(text);
          if (typeof found !== 'string') contract['alerts.load'].input.parse({ findings: [found] });
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
