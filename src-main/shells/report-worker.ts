// The thread that makes a bundle's report for people: it verifies the bundle like anybody else, then sets the pages.
import { parentPort, workerData } from 'node:worker_threads';
import { sourceOf } from '../../src-shared/evidence/bundle-source.ts';
import { verifyBundle } from '../../src-shared/evidence/verify-bundle.ts';
import { renderBundleReport } from '../adapters/pdf/bundle-report.ts';
import { nodePrimitives } from '../base/evidence-primitives.ts';

export type ReportJob = {
  readonly bundle: Uint8Array;
  readonly verifierKey: string;
  readonly fileName: string;
  readonly madeAt: number;
  readonly version: string;
};

const port = parentPort;
if (port === null) throw new Error('this file is the program of a thread');
const { bundle, verifierKey, fileName, madeAt, version } = workerData as ReportJob;
const source = sourceOf(bundle);
const verdict = verifyBundle(nodePrimitives, source, { trustedKeys: [verifierKey] });
const parts: Buffer[] = [];
for await (const part of renderBundleReport({ verdict, source, fileName, madeAt: new Date(madeAt), version })) {
  parts.push(Buffer.from(part));
}
const report = Uint8Array.from(Buffer.concat(parts));
port.postMessage(report, [report.buffer]);
port.close();
