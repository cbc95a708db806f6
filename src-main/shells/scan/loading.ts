// Findings of a scan on their way into a console: in batches that one request holds, each tried until the console has it or refuses.
import type { ScanFinding } from '../../../src-shared/contract/alerts.ts';
import type { Client } from '../cli/client.ts';

/** Bytes: a request has a MiB. */
const batchBytes = 700_000;
const batchFindings = 500;
const rejectedShown = 20;

export type Loaded = {
  readonly raised: number;
  readonly repeated: number;
  readonly known: number;
  readonly rejected: number;
  /** Where the first of the rejected ones stand, and why. */
  readonly reasons: readonly string[];
};

export type Loading = {
  /** @throws Refused, CommandFailure */
  add(finding: ScanFinding): Promise<void>;
  /** Sends what is left. @throws as `add` */
  end(): Promise<Loaded>;
};

export function createLoading(client: Pick<Client, 'call'>): Loading {
  let batch: ScanFinding[] = [];
  let bytes = 0;
  const total = { raised: 0, repeated: 0, known: 0, rejected: 0 };
  const reasons: string[] = [];

  function reject({ file, record }: ScanFinding, reason: string): void {
    total.rejected += 1;
    if (reasons.length < rejectedShown) reasons.push(`${file}, record ${record}: ${reason}`);
  }
  async function send(): Promise<void> {
    if (batch.length === 0) return;
    const sent = batch;
    batch = [];
    bytes = 0;
    const answer = await client.call('alerts.load', { findings: sent });
    total.raised += answer.raised;
    total.repeated += answer.repeated;
    total.known += answer.known;
    for (const { index, reason } of answer.rejected) {
      const finding = sent[index];
      if (finding !== undefined) reject(finding, reason);
    }
  }
  return {
    async add(found) {
      const finding = wellFormed(found);
      const size = Buffer.byteLength(JSON.stringify(finding));
      if (size > batchBytes) {
        reject(finding, `larger than ${batchBytes} bytes`);
        return;
      }
      if (bytes + size > batchBytes || batch.length === batchFindings) await send();
      batch.push(finding);
      bytes += size;
    },
    async end() {
      await send();
      return { ...total, reasons };
    },
  };
}

/**
 * With U+FFFD in place of half characters. A console takes no text with such, and whoever writes a log must not be able to keep a batch
 * of findings out of it.
 */
function wellFormed(finding: ScanFinding): ScanFinding {
  const text = JSON.stringify(finding);
  // Only halves are written as escapes of surrogates; other escapes are matched so that none is entered at its second character.
  const whole = text.replaceAll(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (written, half) =>
    half === undefined ? written : '\\ufffd',
  );
  return whole === text ? finding : (JSON.parse(whole) as ScanFinding);
}

/** One line for people. */
export function loadedText({ raised, repeated, known, rejected }: Loaded): string {
  const alerts = `${raised.toLocaleString('en')} new ${raised === 1 ? 'alert' : 'alerts'}`;
  const parts = [
    alerts,
    ...(repeated === 0 ? [] : [`${repeated.toLocaleString('en')} added to one`]),
    ...(known === 0 ? [] : [`${known.toLocaleString('en')} loaded before`]),
    ...(rejected === 0 ? [] : [`${rejected.toLocaleString('en')} not loaded`]),
  ];
  return `${(raised + repeated + known + rejected).toLocaleString('en')} findings: ${parts.join(', ')}`;
}
