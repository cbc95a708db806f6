// Where the window was, kept between starts in the profile. The file is the user's to edit and displays come and go: what is read is
// checked against both, and the worst file gives a window of the usual size where the system puts it.

import { readFileSync } from 'node:fs';

export const smallestWindow = { width: 640, height: 480 } as const;
const usual = { width: 1280, height: 800 } as const;
/** So much of the title bar must be on a display, or the window can't be reached. */
const reachable = 64;

export type Area = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Without `x` and `y` the system chooses the place. */
export type Placement = {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
  readonly maximized: boolean;
};

export const usualPlacement: Placement = { ...usual, maximized: false };

/** @param displays the work areas of all displays there are now. */
export function parsePlacement(text: string | undefined, displays: readonly Area[]): Placement {
  const kept = parseObject(text);
  const width = whole(kept.width);
  const height = whole(kept.height);
  if (width === undefined || height === undefined) return usualPlacement;
  const largest = displays.reduce(
    (size, area) => ({ width: Math.max(size.width, area.width), height: Math.max(size.height, area.height) }),
    smallestWindow as { width: number; height: number },
  );
  const size = {
    width: clamp(width, smallestWindow.width, largest.width),
    height: clamp(height, smallestWindow.height, largest.height),
    maximized: kept.maximized === true,
  };
  const x = whole(kept.x);
  const y = whole(kept.y);
  if (x === undefined || y === undefined || !displays.some((area) => isReachable({ x, y, ...size }, area))) return size;
  return { x, y, ...size };
}

export function formatPlacement(area: Area, maximized: boolean): string {
  const { x, y, width, height } = area;
  return `${JSON.stringify({ x, y, width, height, maximized })}\n`;
}

/** The file's text; undefined when there is none or it can't be read: the window then opens as usual. */
export function readPlacementFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isReachable(window: Area, display: Area): boolean {
  const across =
    Math.min(window.x + window.width, display.x + display.width) - Math.max(window.x, display.x) >= reachable;
  return across && window.y >= display.y && window.y + reachable <= display.y + display.height;
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined || text.length > 1_000) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 100_000 ? value : undefined;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
