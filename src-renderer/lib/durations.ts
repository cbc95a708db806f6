// Durations in the two forms the console uses: short in tables and chips (2h 38m), spaced in sentences (4 min 12 s).

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** '12s', '4m', '1h 03m', '3d': two units at most, never rounded up, so that a limit is not shown as further than it is. */
export function shortDuration(ms: number): string {
  const length = Math.max(0, Math.abs(ms));
  if (length < minuteMs) return `${Math.floor(length / secondMs)}s`;
  if (length < hourMs) return `${Math.floor(length / minuteMs)}m`;
  if (length < dayMs) {
    const minutes = Math.floor((length % hourMs) / minuteMs);
    return `${Math.floor(length / hourMs)}h ${String(minutes).padStart(2, '0')}m`;
  }
  return `${Math.floor(length / dayMs)}d`;
}

/** '12 s', '4 min 12 s', '1 h 3 min', '3 d 4 h'. */
export function spacedDuration(ms: number): string {
  const length = Math.max(0, Math.abs(ms));
  const units: readonly (readonly [number, string])[] = [
    [dayMs, 'd'],
    [hourMs, 'h'],
    [minuteMs, 'min'],
    [secondMs, 's'],
  ];
  const first = units.findIndex(([size]) => length >= size);
  if (first === -1) return '0 s';
  const shown: string[] = [];
  let rest = length;
  for (const [size, name] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) shown.push(`${count} ${name}`);
  }
  return shown.join(' ');
}

/** 'now', '12 s ago', '3 min ago', 'in 2 h': one unit, for ages beside a number. */
export function relativeTime(at: number, now: number): string {
  const distance = at - now;
  const length = Math.abs(distance);
  if (length < secondMs) return 'now';
  const words =
    length < minuteMs
      ? `${Math.floor(length / secondMs)} s`
      : length < hourMs
        ? `${Math.floor(length / minuteMs)} min`
        : length < 2 * dayMs
          ? `${Math.floor(length / hourMs)} h`
          : `${Math.floor(length / dayMs)} d`;
  return distance < 0 ? `${words} ago` : `in ${words}`;
}
