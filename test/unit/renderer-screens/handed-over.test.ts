// What the Verifier takes from the desktop window: one shape of address, nothing else, and words when the file is not there any more.

import { describe, expect, it } from 'vitest';
import { fetchHandedOver, handedOverBy } from '../../../src-renderer/features/bundles/handed-over.ts';

describe('a bundle handed over by the desktop window', () => {
  it('is taken from the address with the name it has on the disk', () => {
    expect(handedOverBy({ bundle: '/opened/12.ghbundle', name: 'INC-7.ghbundle' })).toEqual({
      path: '/opened/12.ghbundle',
      name: 'INC-7.ghbundle',
    });
    expect(handedOverBy({ bundle: '/opened/1.ghbundle' })?.name).toBe('bundle.ghbundle');
  });

  it.each([
    'https://example.com/opened/1.ghbundle',
    '//example.com/opened/1.ghbundle',
    '/opened/../api/v1/events',
    '/opened/1.ghbundle/../../api/v1/events',
    '/opened/1.ghbundle?x',
    '/opened/1.ghbundle\n',
    '/opened/x.ghbundle',
    'opened/1.ghbundle',
    '',
  ])('is nothing else: %j', (bundle) => {
    expect(handedOverBy({ bundle, name: 'x' })).toBeUndefined();
  });

  it('becomes a file with its bytes', async () => {
    const asked: string[] = [];
    const file = await fetchHandedOver(
      { path: '/opened/3.ghbundle', name: 'a.ghbundle' },
      async (input) => {
        asked.push(String(input));
        return new Response('{"attachments":[]}');
      },
      new AbortController().signal,
    );
    expect(asked).toEqual(['/opened/3.ghbundle']);
    expect([file.name, await file.text()]).toEqual(['a.ghbundle', '{"attachments":[]}']);
  });

  it('is refused when the window serves another one by now', async () => {
    const answer = fetchHandedOver(
      { path: '/opened/1.ghbundle', name: 'a.ghbundle' },
      async () => new Response('', { status: 404 }),
      new AbortController().signal,
    );
    await expect(answer).rejects.toThrow('404');
  });
});
