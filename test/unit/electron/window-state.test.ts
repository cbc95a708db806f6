// Where the window opens: a file anybody may have edited, against the displays there are now.
import { expect, test } from 'vitest';
import { formatPlacement, parsePlacement, usualPlacement } from '../../../src-main/shells/electron/window-state.ts';

const display = { x: 0, y: 0, width: 1920, height: 1080 };
const second = { x: 1920, y: 0, width: 1280, height: 1024 };

test('opens where it was', () => {
  const area = { x: 2000, y: 40, width: 900, height: 700 };
  expect(parsePlacement(formatPlacement(area, true), [display, second])).toEqual({ ...area, maximized: true });
});

test('a display that is gone takes the place with it, not the size', () => {
  const kept = formatPlacement({ x: 2000, y: 40, width: 900, height: 700 }, false);
  expect(parsePlacement(kept, [display])).toEqual({ width: 900, height: 700, maximized: false });
});

test.each([
  ['above the display', { x: 100, y: -30 }],
  ['below it', { x: 100, y: 1050 }],
  ['right of it', { x: 1900, y: 100 }],
  ['left of it', { x: -880, y: 100 }],
])('a title bar %s can’t be reached', (_, at) => {
  const kept = formatPlacement({ ...at, width: 900, height: 700 }, false);
  expect(parsePlacement(kept, [display])).toEqual({ width: 900, height: 700, maximized: false });
});

test('is never smaller than the smallest nor larger than the largest display', () => {
  expect(parsePlacement('{"width":10,"height":10}', [display])).toEqual({ width: 640, height: 480, maximized: false });
  expect(parsePlacement('{"width":9000,"height":9000}', [display, second])).toEqual({
    width: 1920,
    height: 1080,
    maximized: false,
  });
});

test.each([
  undefined,
  '',
  'null',
  '[]',
  '{"width":"900","height":700}',
  '{"width":900.5,"height":700}',
  '{"width":1e9,"height":700}',
  '{"width":900',
  `{"width":900,"height":700,"more":"${'x'.repeat(1000)}"}`,
])('a file that says %j gives the usual window', (text) => {
  expect(parsePlacement(text, [display])).toEqual(usualPlacement);
});
