// The automatic lock: every signal the system gives, and what stands in for those it does not give.
import { expect, test } from 'vitest';
import { lookMs, startAutoLock } from '../../../src-main/shells/electron/auto-lock.ts';
import { createTestHost } from '../../support/host.ts';
import { createEvents, createRecorder } from './recorded.ts';

function setting(platform: NodeJS.Platform) {
  const host = createTestHost();
  const recorder = createRecorder();
  const events = createEvents(recorder, 'power');
  const locked: string[] = [];
  const asked: number[] = [];
  const system = { state: 'active' as 'active' | 'idle' | 'locked' | 'unknown' };
  const running = startAutoLock({
    power: {
      on: (event, listener) => events.on(event, listener),
      getSystemIdleState(threshold) {
        asked.push(threshold);
        return system.state;
      },
    },
    timers: host.timers,
    clock: host.clock,
    log: host.log,
    platform,
    idleMinutes: 10,
    lock: (reason) => void locked.push(reason),
  });
  return { host, recorder, events, locked, asked, system, running };
}

test.each(['darwin', 'win32'] as const)('on %s it hears of suspend and of the locked screen', (platform) => {
  const { events, locked, recorder } = setting(platform);
  expect(recorder.of('power.on')).toEqual([['suspend'], ['lock-screen']]);
  events.emit('suspend');
  events.emit('lock-screen');
  expect(locked).toEqual(['suspend', 'screen locked']);
});

test('on Linux it says that a locked screen is not signalled, and looks for it', () => {
  const { host, locked, recorder, system } = setting('linux');
  expect(recorder.of('power.on')).toEqual([['suspend']]);
  expect(host.logged).toMatchObject([{ level: 'info', event: expect.stringContaining('does not signal') }]);
  host.advance(lookMs);
  expect(locked).toEqual([]);
  system.state = 'locked';
  host.advance(lookMs);
  expect(locked).toEqual(['screen locked']);
});

test('locks after the idle time that the settings say', () => {
  const { host, locked, asked, system } = setting('linux');
  system.state = 'idle';
  host.advance(lookMs);
  expect(asked).toEqual([600]);
  expect(locked).toEqual(['idle']);
});

test('a clock that jumped says that the computer slept, signal or not', () => {
  const { host, locked } = setting('linux');
  host.advance(lookMs);
  host.advance(61_000);
  expect(locked).toEqual(['asleep']);
});

test('a system that does not know is said once', () => {
  const { host, locked, system } = setting('win32');
  system.state = 'unknown';
  for (let look = 0; look < 3; look += 1) host.advance(lookMs);
  expect(host.logged).toMatchObject([{ level: 'warn', event: expect.stringContaining('does not say how long') }]);
  expect(locked).toEqual([]);
});

test('nothing is looked at any more once it ended', () => {
  const { host, asked, running } = setting('linux');
  running[Symbol.dispose]();
  host.advance(lookMs);
  expect(asked).toEqual([]);
});
