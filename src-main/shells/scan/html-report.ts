// The report for people: one HTML file with a timeline, ATT&CK techniques and the matches by rule. It loads and runs nothing, and every
// text in it may be an attacker's.
import { sha256 } from '../../base/hashes.ts';
import type { Level } from '../../engine/rules/rule.ts';
import { style } from './html-style.ts';
import { rankOf } from './levels.ts';
import type { RuleFacts } from './messages.ts';
import { levelWord, type Report, type ShownMatch, type Summary, timeText } from './reports.ts';

/** Shown in full; the others are counted, and NDJSON has them all. */
const shownPerRule = 25;
const shownInAll = 2000;
const longestEvent = 4000;
const mostHours = 20_000;
const bars = 96;
const hourMs = 3_600_000;

type Group = {
  readonly rule: RuleFacts;
  count: number;
  first: number | undefined;
  last: number | undefined;
  readonly shown: ShownMatch[];
};

export function htmlReport(version: string): Report {
  const groups = new Map<string, Group>();
  const timeline = createTimeline();
  let shown = 0;
  return {
    begin: () => '',
    match(match) {
      const { rule, timeMs } = match;
      const group = groups.get(rule.id) ?? { rule, count: 0, first: undefined, last: undefined, shown: [] };
      groups.set(rule.id, group);
      group.count++;
      if (timeMs !== undefined) {
        group.first = Math.min(group.first ?? timeMs, timeMs);
        group.last = Math.max(group.last ?? timeMs, timeMs);
        timeline.add(timeMs, rule.level);
      }
      if (group.shown.length < shownPerRule && shown < shownInAll) {
        group.shown.push({ ...match, event: match.event.slice(0, longestEvent + 1) });
        shown++;
      }
      return '';
    },
    end(summary) {
      const sorted = [...groups.values()].sort(
        (a, b) => rankOf(b.rule.level) - rankOf(a.rule.level) || b.count - a.count || (a.rule.id < b.rule.id ? -1 : 1),
      );
      return page(summary, sorted, timeline.bins(), version);
    },
  };
}

/** SECURITY: for texts and quoted attributes alike; nothing reaches the page but through here. Directions can't be turned round. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => (character === '\n' ? '\n' : '\ufffd'));
}

type Bin = { readonly from: number; readonly to: number; readonly counts: Readonly<Record<Level, number>> };
const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'info'];
const none: Readonly<Record<Level, number>> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };

function createTimeline() {
  let span = hourMs;
  let counts = new Map<number, Record<Level, number>>();

  function count(at: number, level: Level, by: number): void {
    const key = Math.floor(at / span);
    const known = counts.get(key) ?? { ...none };
    counts.set(key, known);
    known[level] += by;
  }
  return {
    add(at: number, level: Level): void {
      count(at, level, 1);
      if (counts.size <= mostHours) return;
      const before = counts;
      const old = span;
      counts = new Map();
      span *= 24;
      for (const [key, one] of before) for (const each of levels) count(key * old, each, one[each]);
    },
    bins(): Bin[] {
      const keys = [...counts.keys()];
      if (keys.length === 0) return [];
      const first = keys.reduce((least, key) => Math.min(least, key));
      const last = keys.reduce((most, key) => Math.max(most, key));
      const width = Math.max(1, Math.ceil((last - first + 1) / bars));
      const bins = Array.from({ length: Math.ceil((last - first + 1) / width) }, (_, at) => ({
        from: (first + at * width) * span,
        to: (first + (at + 1) * width) * span,
        counts: { ...none },
      }));
      for (const [key, one] of counts) {
        const bin = bins[Math.floor((key - first) / width)];
        if (bin !== undefined) for (const level of levels) bin.counts[level] += one[level];
      }
      return bins;
    },
  };
}

function page(summary: Summary, groups: readonly Group[], bins: readonly Bin[], version: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${Buffer.from(sha256(style)).toString('base64')}'; base-uri 'none'; form-action 'none'`;
  const byLevel = levels.map((level) => ({
    level,
    count: groups.filter(({ rule }) => rule.level === level).reduce((sum, { count }) => sum + count, 0),
  }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Gatehouse scan</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Scan report</h1>
<p>${count(summary.matches, 'match', 'es')} of ${count(groups.length, 'rule')} in ${count(summary.records, 'record')} of ${count(summary.files, 'file')}.
${count(summary.rules, 'rule')} asked, ${count(summary.rejected, 'record')} and ${count(summary.unreadFiles, 'file')} not readable, ${count(summary.refusedRules, 'rule')} not usable. Made ${timeText(summary.endedAtMs) ?? ''}.</p>
${summary.partial === undefined ? '' : `<p class="partial" role="alert">${escapeHtml(summary.partial)}</p>`}
</header>
<main>
<ul class="levels">
${byLevel.map(({ level, count }) => `<li class="${level}"><b>${number(count)}</b> ${levelWord(level)}</li>`).join('\n')}
</ul>
${timelineSection(bins)}
${attackSection(groups)}
<section>
<h2>Matches by rule</h2>
${groups.length === 0 ? '<p>Nothing matched.</p>' : groups.map(groupSection).join('\n')}
</section>
${listSection('Not read', 'What stands in these files was not looked at, or not to the end.', summary.unread, summary.unreadFiles)}
${listSection('Rules that could not be used', 'What they look for was not looked for.', summary.refused, summary.refusedRules)}
</main>
<footer>
<p>Gatehouse ${escapeHtml(version)}. At most ${shownPerRule} matches of a rule and ${number(shownInAll)} in all are shown; <code>--output ndjson</code> has every one.
This page loads nothing and runs nothing; its policy is <code>${escapeHtml(policy)}</code>.</p>
</footer>
</body>
</html>
`;
}

function listSection(title: string, meaning: string, listed: readonly string[], count: number): string {
  if (count === 0) return '';
  const rest = count > listed.length ? `\n<p>and ${number(count - listed.length)} more</p>` : '';
  return `<section>
<h2>${title}</h2>
<p class="about">${meaning}</p>
<ul class="listed">
${listed.map((text) => `<li>${escapeHtml(text)}</li>`).join('\n')}
</ul>${rest}
</section>`;
}

function timelineSection(bins: readonly Bin[]): string {
  const [first] = bins;
  const last = bins[bins.length - 1];
  if (first === undefined || last === undefined) return '';
  const totals = bins.map(({ counts }) => levels.reduce((sum, level) => sum + counts[level], 0));
  const highest = Math.max(...totals);
  const width = 960 / bins.length;
  const rects = bins.flatMap(({ from, counts }, at) => {
    let y = 120;
    return [...levels].reverse().flatMap((level) => {
      if (counts[level] === 0) return [];
      const height = Math.max(1, (counts[level] / highest) * 118);
      y -= height;
      const label = `${timeText(from)}: ${counts[level]} ${levelWord(level)}`;
      return [
        `<rect class="${level}" x="${(at * width).toFixed(2)}" y="${y.toFixed(2)}" width="${Math.max(1, width - 1).toFixed(2)}" height="${height.toFixed(2)}"><title>${label}</title></rect>`,
      ];
    });
  });
  return `<section>
<h2>Timeline</h2>
<svg viewBox="0 0 960 120" role="img" aria-label="Matches over time, most in one interval: ${highest}">${rects.join('')}</svg>
<p class="range"><span>${timeText(first.from) ?? ''}</span><span>${timeText(last.to) ?? ''}</span></p>
</section>`;
}

function attackSection(groups: readonly Group[]): string {
  const techniques = new Map<string, { count: number; rules: Set<string>; level: Level }>();
  for (const { rule, count } of groups) {
    for (const id of rule.techniques) {
      const known = techniques.get(id) ?? { count: 0, rules: new Set<string>(), level: 'info' as Level };
      techniques.set(id, known);
      known.count += count;
      known.rules.add(rule.id);
      if (rankOf(rule.level) > rankOf(known.level)) known.level = rule.level;
    }
  }
  if (techniques.size === 0) return '';
  const rows = [...techniques]
    .sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1))
    .map(
      ([id, { count, rules, level }]) =>
        `<tr><td class="${level}">${escapeHtml(id)}</td><td>${number(rules.size)}</td><td>${number(count)}</td></tr>`,
    );
  return `<section>
<h2>ATT&amp;CK techniques</h2>
<table><thead><tr><th>Technique</th><th>Rules</th><th>Matches</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
</section>`;
}

function groupSection({ rule, count, first, last, shown }: Group): string {
  const span = first === undefined ? '' : `, ${timeText(first)} to ${timeText(last)}`;
  const rest = count - shown.length;
  return `<details>
<summary><span class="badge ${rule.level}">${levelWord(rule.level)}</span> ${escapeHtml(rule.title)} <b>${number(count)}</b></summary>
<p class="about">${escapeHtml(rule.description)}</p>
<p class="facts">${escapeHtml(rule.id)}${span}${rule.tags.length === 0 ? '' : ` · ${escapeHtml(rule.tags.join(', '))}`}</p>
${rule.falsePositives.length === 0 ? '' : `<p class="facts">May be: ${escapeHtml(rule.falsePositives.join('; '))}</p>`}
${shown.map(matchBlock).join('\n')}
${rest > 0 ? `<p>and ${number(rest)} more</p>` : ''}
</details>`;
}

function matchBlock({ file, record, timeMs, event, sentence }: ShownMatch): string {
  const cut = event.length > longestEvent ? `${event.slice(0, longestEvent)}…` : event;
  const said = sentence === undefined ? '' : `<p>${escapeHtml(sentence)}</p>`;
  return `<article><h3>${timeText(timeMs) ?? 'no time'} · ${escapeHtml(file)}, record ${record}</h3>${said}<pre>${escapeHtml(cut)}</pre></article>`;
}

function count(value: number, what: string, plural = 's'): string {
  return `${number(value)} ${what}${value === 1 ? '' : plural}`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
