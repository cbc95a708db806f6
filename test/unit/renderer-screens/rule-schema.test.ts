// The editor's help: what may stand where, what it means, and copies that don't clash with what they were made of.
import { expect, test } from 'vitest';
import { completionsAt, copyOf, helpAt, newRule } from '../../../src-renderer/features/detections/rule-schema.ts';
import { navigatorLayer } from '../../../src-shared/navigator-layer.ts';

/** The words offered at the bar in `text`. */
function offered(text: string): string[] {
  const at = text.indexOf('|@');
  return completionsAt(text.replace('|@', ''), at).list.map(({ label }) => label);
}

test('offers keys of the section, values of a key, fields of an event, and modifiers behind a bar', () => {
  expect(offered('le|@')).toEqual(['level']);
  expect(offered('title: x\nlevel: h|@')).toEqual(['high']);
  expect(offered('correlation:\n  ti|@')).toEqual(['timespan']);
  expect(offered('detection:\n  co|@')).toEqual(['condition']);
  expect(offered('detection:\n  selection:\n    ip|@')).toEqual(['ip_address']);
  expect(offered('detection:\n  selection:\n    actor|st|@')).toEqual(['startswith']);
  expect(offered('title: anything |@')).toEqual([]);
});

test('what is taken replaces the word that was begun', () => {
  const text = 'title: x\nlev';
  const { list, from } = completionsAt(text, text.length);
  expect(text.slice(0, from) + list[0]?.insert).toBe('title: x\nlevel: ');
});

test('says what the key of a line means', () => {
  const text = 'level: high\ndetection:\n  s:\n    actor|cased: x\n';
  expect(helpAt(text, 3)).toBe('level: informational, low, medium, high, critical');
  expect(helpAt(text, text.indexOf('cased'))).toBe('|cased: with case');
  expect(helpAt('# a remark', 4)).toBeUndefined();
});

test('a copy has ids of its own in every document', () => {
  let n = 0;
  const copy = copyOf(
    `${newRule.replace('id: ', 'id: old').replace('title: ', 'title: "One"')}---\nid: old2\nname: x\n`,
    () => `new${++n}`,
  );
  expect(copy).not.toContain('old');
  expect(copy).toContain('title: "One (copy)"');
  expect(copy.match(/^id: new\d/gm)).toEqual(['id: new1', 'id: new2']);
});

test('coverage becomes a layer of the Navigator', () => {
  const layer = navigatorLayer(
    [
      { technique: 'T1110.001', on: 2, simulated: 0, off: 1, alerts_30d: 4 },
      { technique: 'T1059', on: 0, simulated: 3, off: 0, alerts_30d: 0 },
    ],
    'a test',
  );
  expect(layer).toMatchObject({
    versions: { layer: '4.5' },
    domain: 'enterprise-attack',
    techniques: [
      { techniqueID: 'T1110.001', score: 2, comment: '2 on, 0 simulated, 1 off; 4 alerts in 30 days' },
      { techniqueID: 'T1059', score: 0 },
    ],
    gradient: { maxValue: 2 },
  });
});
