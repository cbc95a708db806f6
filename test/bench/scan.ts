// `gatehouse scan` as its users start it, over recorded Windows events with all public rules: events a second and peak memory with one
// thread and with one a core, beside JSON.parse of the same lines in the same run. Others on the machine take from the wall clock and not
// from the processor's: both are shown, and what more threads cost is the ratio of processor time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { dataFile, hasDetectionData } from '../support/detection-data.ts';
import { report } from './measure.ts';

const program = resolve(import.meta.dirname, '../../src-main/shells/cli/bin.mjs');
/** So many that rules and warming up, which each thread pays for itself, don't stand for the whole: who scans a gigabyte waits for the rest. */
const copies = 8;
const data = (name: string): string => fileURLToPath(dataFile(name));
/**
 * Printed by the scan's own process at its end: what all its threads used, and the most memory it had. On Linux that is asked of /proc,
 * because the figure of resourceUsage begins with the size of the process that started this one.
 */
const tellUsage = `data:text/javascript,${encodeURIComponent(`
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  let peak = maxRSS;
  try { peak = Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]); } catch {}
  process.stderr.write('\\nusage ' + JSON.stringify({ cpu: userCPUTime + systemCPUTime, peak }) + '\\n');
});`)}`;

type Run = { readonly seconds: number; readonly cpuSeconds: number; readonly peakMb: number; readonly output: string };

async function scanWith(jobs: number, log: string, folder: string): Promise<Run> {
  const out = join(folder, `matches-${jobs}.ndjson`);
  const args = ['--import', tellUsage, program, 'scan', log, '--output', 'ndjson', '--out', out, '--force'];
  const rules = ['--rules', data('sigma-rules-8eaafff.tar.gz')];
  const mapping = ['--mapping', data('win_rule_logsource_map_2820.json')];
  const started = performance.now();
  const child = spawn(process.execPath, [...args, ...rules, ...mapping, '--jobs', String(jobs)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - started) / 1000;
  const usage = /^usage (.*)$/m.exec(errors)?.[1];
  if (code !== 0 || usage === undefined) throw new Error(`the scan ended with ${code}:\n${errors}`);
  const used = JSON.parse(usage) as { readonly cpu: number; readonly peak: number };
  return {
    seconds,
    cpuSeconds: used.cpu / 1e6,
    peakMb: used.peak / 1024,
    output: readFileSync(out, 'utf8'),
  };
}

export async function benchScan(): Promise<void> {
  if (!hasDetectionData) {
    process.stdout.write('scan: the recorded events and rules are not on this machine\n');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  try {
    const text = gunzipSync(readFileSync(data('otrf_50k_a.jsonl.gz'))).toString('utf8');
    const log = join(folder, 'events.jsonl');
    // One text of them all would be longer than a text can be.
    for (let copy = 0; copy < copies; copy++) appendFileSync(log, text);
    const lines = text.trimEnd().split('\n');
    const events = lines.length * copies;

    const before = process.threadCpuUsage();
    for (let copy = 0; copy < copies; copy++) for (const line of lines) JSON.parse(line);
    const { user, system } = process.threadCpuUsage(before);
    const parseSeconds = (user + system) / 1e6;

    const alone = await scanWith(1, log, folder);
    const many = Math.max(2, availableParallelism());
    const together = await scanWith(many, log, folder);
    if (alone.output !== together.output) throw new Error('the result depends on the number of threads');
    for (const [jobs, run] of [
      [1, alone],
      [many, together],
    ] as const) {
      const rate = Math.round(events / run.cpuSeconds).toLocaleString('en');
      const wall = Math.round(events / run.seconds).toLocaleString('en');
      const figures = `${rate} events/s of processor time, rules and all, ${wall} by the clock; peak ${Math.round(run.peakMb)} MB`;
      report(
        `scan, ${jobs} ${jobs === 1 ? 'thread' : 'threads'} ÷ JSON.parse`,
        run.cpuSeconds / parseSeconds,
        '',
        figures,
      );
    }
    report('scan, processor time of many ÷ one', together.cpuSeconds / alone.cpuSeconds, '≤ 1.3', `${many} threads`);
    report('scan, clock of one ÷ many', alone.seconds / together.seconds, `${many}`, 'on an idle machine');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
