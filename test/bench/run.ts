// `npm run bench [-- name …]`: measurements side by side or against what they may cost, each a ratio with its figures. Never part of the tests.
import { cpus } from 'node:os';
import { benchApiRead } from './api-read.ts';
import { benchBackup } from './backup.ts';
import { benchDetection } from './detection.ts';
import { benchDifferential } from './differential.ts';
import { benchEvidence } from './evidence.ts';
import { benchFuzz } from './fuzz.ts';
import { benchIngest } from './ingest.ts';
import { benchQueue } from './queue.ts';
import { benchRotation } from './rotation.ts';
import { benchScan } from './scan.ts';
import { benchSearch } from './search.ts';
import { benchStart } from './start.ts';
import { benchStore } from './store.ts';

const benches: Readonly<Record<string, () => Promise<void>>> = {
  'api-read': benchApiRead,
  backup: benchBackup,
  detection: benchDetection,
  differential: benchDifferential,
  evidence: benchEvidence,
  fuzz: benchFuzz,
  ingest: benchIngest,
  queue: benchQueue,
  rotation: benchRotation,
  scan: benchScan,
  search: benchSearch,
  store: benchStore,
  start: benchStart,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark named ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}\n`);
for (const [name, run] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await run();
