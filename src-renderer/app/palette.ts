// What the command palette finds and in which order. Pure: commands and a query in, groups out.

import type { ReactNode } from 'react';
import type { IconShape } from '../ui/Icon.tsx';

export type CommandGroup = 'go' | 'do' | 'find';

export const groupTitles: Readonly<Record<CommandGroup, string>> = { go: 'Go to', do: 'Do', find: 'Find' };

export interface Command {
  readonly id: string;
  readonly group: CommandGroup;
  /** A verb for Do, a name for the others. */
  readonly label: string;
  readonly icon: IconShape;
  /** Other words one may type. */
  readonly keywords?: string;
  /** At the end of the line: 'preview', '2 open alerts'. */
  readonly hint?: string;
  readonly keys?: string | undefined;
  /** Shown at the right while the line is chosen: what it would hit, the CLI line. */
  readonly preview?: () => ReactNode;
  /** For `Ctrl+C`: the same thing on the command line. */
  readonly cli?: string;
  /** Anything typed fits it, so it comes after what was meant: a search for the words themselves. */
  readonly isLastResort?: boolean;
  /** Dangerous commands open their preview here and act elsewhere. */
  readonly run: () => void;
}

/** Makes commands out of what was typed ('block 203.0.113.7 4h'). Anything that is not its own gives an empty list. */
export type CommandSource = (query: string) => readonly Command[];

export interface PaletteGroup {
  readonly group: CommandGroup;
  readonly commands: readonly Command[];
}

const mostInGroup = 8;
const mostRecent = 5;

function words(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[\s·/&,._-]+/)
    .filter((word) => word !== '');
}

/**
 * Each typed word must begin a word of the command, or (weaker) lie inside one. Higher is better, 0 is no match:
 * the label counts more than the keywords, a match at the start more than one later.
 */
export function matchScore(command: Pick<Command, 'label' | 'keywords'>, query: string): number {
  const typed = words(query);
  if (typed.length === 0) return 1;
  const label = words(command.label);
  const others = words(command.keywords ?? '');
  let score = 0;
  for (const word of typed) {
    const inLabel = label.findIndex((each) => each.startsWith(word));
    if (inLabel >= 0) score += inLabel === 0 ? 8 : 6;
    else if (others.some((each) => each.startsWith(word))) score += 4;
    else if (word.length > 1 && label.some((each) => each.includes(word))) score += 2;
    else return 0;
  }
  return score + (label.join(' ').startsWith(typed.join(' ')) ? 4 : 0);
}

/**
 * Without a query: what was used last, then everything by group. With one: made-up commands first in their group, then by score;
 * the group with the best match comes first.
 */
export function paletteGroups(
  commands: readonly Command[],
  sources: readonly CommandSource[],
  query: string,
  recent: readonly string[],
): readonly PaletteGroup[] {
  const trimmed = query.trim();
  const order: readonly CommandGroup[] = ['go', 'do', 'find'];
  const recency = (command: Command) => {
    const position = recent.slice(0, mostRecent).indexOf(command.id);
    return position < 0 ? mostRecent : position;
  };
  if (trimmed === '') {
    return order
      .map((group) => ({
        group,
        commands: commands
          .filter((command) => command.group === group)
          .toSorted((left, right) => recency(left) - recency(right)),
      }))
      .filter((group) => group.commands.length > 0);
  }
  const made = sources.flatMap((source) => source(trimmed));
  const scored = commands
    .map((command) => ({ command, score: matchScore(command, trimmed) }))
    .filter((each) => each.score > 0)
    .toSorted((left, right) => right.score - left.score || recency(left.command) - recency(right.command));
  const best = (group: CommandGroup) =>
    made.some((command) => command.group === group && command.isLastResort !== true)
      ? Number.POSITIVE_INFINITY
      : (scored.find((each) => each.command.group === group)?.score ?? 0);
  return order
    .map((group) => ({
      group,
      commands: [
        ...made.filter((command) => command.group === group),
        ...scored.filter((each) => each.command.group === group).map((each) => each.command),
      ].slice(0, mostInGroup),
    }))
    .filter((group) => group.commands.length > 0)
    .toSorted((left, right) => best(right.group) - best(left.group));
}
