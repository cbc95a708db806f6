// A program of its own, so that its peak memory is that of scanning alone: the rules compiled, the recorded events read from their
// packed file as a stream, matched line by line. Prints lines, matches, and the largest resident set in kibibytes.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { createLineSplitter } from '../../src-main/engine/formats/lines.ts';
import { compileRules } from '../../src-main/engine/rules/compile.ts';
import { dataFile, windowsRules } from '../support/detection-data.ts';

const { sources, mapping } = windowsRules();
const { matcher } = compileRules(sources, {}, { mapping }).ruleSet;
const splitter = createLineSplitter();
let lines = 0;
let matches = 0;

function take({ bytes }: { readonly bytes: Uint8Array | undefined }): void {
  if (bytes === undefined || bytes.length === 0) return;
  lines++;
  matches += matcher.matchRecord(bytes)?.length ?? 0;
}

for await (const chunk of createReadStream(dataFile('otrf_50k_a.jsonl.gz')).pipe(createGunzip())) {
  if (chunk instanceof Uint8Array) splitter.push(chunk, take);
}
splitter.end(take);
/** Where Linux says it, of this program alone: what `resourceUsage` says begins with the program that started it. */
function peak(): number {
  if (!existsSync('/proc/self/status')) return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
process.stdout.write(`${JSON.stringify({ lines, matches, kibibytes: peak() })}\n`);
