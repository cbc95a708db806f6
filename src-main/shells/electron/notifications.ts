// Native notices of new alerts. What they say may stand on a locked screen and in the system's own log of notices, so without an
// open session of somebody who may read alerts they say no more than that there is one.

import type { NewAlert } from './alert-watch.ts';
import type { Standing } from './window-session.ts';

export type Notice = {
  readonly title: string;
  readonly body: string;
  /** Where a click leads, behind `#`; undefined: just opens the window. */
  readonly place: string | undefined;
};

/** More at once become one notice. */
const mostNotices = 3;
const longestTitle = 120;

export function noticesFor(alerts: readonly NewAlert[], standing: Standing): Notice[] {
  if (alerts.length === 0) return [];
  if (standing.kind !== 'open' || !standing.permissions.has('alerts.read')) {
    return [{ title: 'Gatehouse', body: `${countWords(alerts)}. Unlock the console to read.`, place: undefined }];
  }
  if (alerts.length > mostNotices) {
    return [{ title: 'Gatehouse', body: `${countWords(alerts)}.`, place: '/queue' }];
  }
  return alerts.map((alert) => ({
    title: alert.severity === 'critical' ? 'Critical alert' : 'High alert',
    body: plainText(alert.title),
    place: `/queue/${alert.id}`,
  }));
}

function countWords(alerts: readonly NewAlert[]): string {
  const critical = alerts.filter(({ severity }) => severity === 'critical').length;
  const total = alerts.length === 1 ? '1 new alert' : `${alerts.length} new alerts`;
  if (critical === 0) return total;
  return alerts.length === 1 ? '1 new critical alert' : `${total}, ${critical} critical`;
}

/** SECURITY: titles carry names that attackers choose, and Linux desktops read markup in the body of a notice. */
function plainText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('&', '+')
    .slice(0, longestTitle);
}
