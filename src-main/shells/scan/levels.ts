// The order of levels. In a file of its own: the program that starts the threads needs it, and nothing else of what they load.
import type { Level } from '../../engine/rules/rule.ts';

const levels: readonly Level[] = ['info', 'low', 'medium', 'high', 'critical'];

export function rankOf(level: Level): number {
  return levels.indexOf(level);
}
