// Cold start of the headless node on an existing store, and its memory when idle (spec 09: under 1 s, under 150 MB).
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { admin, clientOf, createProfile, enrolAdmin, startNode } from '../support/node.ts';
import { median, report } from './measure.ts';

const events = 50_000;
const starts = 5;

export async function benchStart(): Promise<void> {
  using profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
  });
  let node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using client = clientOf(node, token);
  for (let from = 0; from < events; from += 500) {
    await client.call('events.ingest', {
      events: Array.from({ length: 500 }, (_, index) => ({
        id: randomUUID(),
        time: new Date(Date.now() - 60_000 + index).toISOString(),
        source: 'bench',
        event_type: 'api_call',
        actor: `user-${index}`,
        success: true,
        ip_address: `198.51.100.${index % 250}`,
        details: { path: `/orders/${from + index}` },
      })),
    });
  }
  await node.kill('SIGTERM');
  const times: number[] = [];
  let residentMb = 0;
  for (let run = 0; run < starts; run++) {
    const started = performance.now();
    node = await startNode(profile);
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    residentMb = residentMegabytes(node.process.pid ?? 0);
    await node.kill('SIGTERM');
  }
  report(
    'Start: headless to ready',
    median(times) / 1_000,
    '< 1.00',
    `${median(times).toFixed(0)} ms with ${events} recent events in the store`,
  );
  report('Memory: idle headless', residentMb / 150, '< 1.00', `${residentMb.toFixed(0)} MB resident of 150 MB`);
}

function residentMegabytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}
