// What the palette finds, in which order.

import { Ban } from 'lucide-react';
import { describe, expect, it } from 'vitest';
import { type Command, matchScore, paletteGroups } from '../../../src-renderer/app/palette.ts';

function command(id: string, group: Command['group'], label: string, keywords?: string): Command {
  return { id, group, label, icon: Ban, run: () => undefined, ...(keywords === undefined ? {} : { keywords }) };
}

const commands = [
  command('go.queue', 'go', 'Queue', 'alerts triage'),
  command('go.blocklist', 'go', 'Blocklist'),
  command('go.bundles', 'go', 'Bundles & Verify'),
  command('do.drill', 'do', 'Run a drill'),
  command('do.lock', 'do', 'Lock now'),
  command('find.audit', 'find', 'Audit entries'),
];

const found = (query: string, recent: readonly string[] = [], sources: Parameters<typeof paletteGroups>[1] = []) =>
  paletteGroups(commands, sources, query, recent).map((group) => [
    group.group,
    ...group.commands.map((each) => each.id),
  ]);

describe('matching', () => {
  it('needs every typed word', () => {
    expect(matchScore({ label: 'Run a drill' }, 'run drill')).toBeGreaterThan(0);
    expect(matchScore({ label: 'Run a drill' }, 'run queue')).toBe(0);
  });

  it('ranks the beginning of the label over its middle, that over keywords, and those over the inside of a word', () => {
    const scores = [
      matchScore({ label: 'Verify a bundle' }, 'ver'),
      matchScore({ label: 'Bundles & Verify' }, 'ver'),
      matchScore({ label: 'Bundles', keywords: 'verify' }, 'ver'),
      matchScore({ label: 'Discovery' }, 'ver'),
    ];
    expect(scores).toEqual(scores.toSorted((left, right) => right - left));
    expect(new Set(scores).size).toBe(4);
  });

  it('does not match a single letter inside a word', () => {
    expect(matchScore({ label: 'Queue' }, 'u')).toBe(0);
  });
});

describe('groups', () => {
  it('shows everything when nothing is typed, the last used first', () => {
    expect(found('', ['go.bundles', 'do.lock'])).toEqual([
      ['go', 'go.bundles', 'go.queue', 'go.blocklist'],
      ['do', 'do.lock', 'do.drill'],
      ['find', 'find.audit'],
    ]);
  });

  it('puts the group with the best match first', () => {
    expect(found('lock')).toEqual([
      ['do', 'do.lock'],
      ['go', 'go.blocklist'],
    ]);
  });

  it('puts a search for the words themselves after what they may have meant', () => {
    const search = (query: string) => [
      { ...command('find.words', 'find', `Alerts with ${query}`), isLastResort: true },
    ];
    const groups = paletteGroups(commands, [search], 'block', []).map(({ group }) => group);
    expect(groups.at(-1)).toBe('find');
    expect(groups.length).toBeGreaterThan(1);
    expect(found('nothing like it', [], [search])).toEqual([['find', 'find.words']]);
  });

  it('puts what was made from the query before what was found', () => {
    const block = command('do.block', 'do', 'Block 203.0.113.7 for 4 h');
    const source = (query: string) => (query.startsWith('block ') ? [block] : []);
    expect(found('block 203.0.113.7', [], [source])).toEqual([['do', 'do.block']]);
    expect(found('block', [], [source])).toEqual([['go', 'go.blocklist']]);
  });

  it('finds nothing rather than everything', () => {
    expect(found('zzz')).toEqual([]);
  });
});
