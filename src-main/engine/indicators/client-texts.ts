// Which texts of an event a client wrote, and the injections in them: each text is looked at once for all detectors, however many rules
// ask. Bounded in texts and depth; a long text is looked at piece by piece, so that padding hides nothing and time stays linear.
import type { Event, JsonValue } from '../event.ts';
import { type CommandInjection, detectCommandInjection } from './command-injection.ts';
import { detectPathTraversal, type PathTraversal } from './path-traversal.ts';
import { detectScriptInjection, type ScriptInjection } from './script-injection.ts';
import type { SqlInjection } from './sql-conditions.ts';
import { detectSqlInjection } from './sql-injection.ts';

export interface Injections {
  readonly sql?: SqlInjection;
  readonly script?: ScriptInjection;
  readonly command?: CommandInjection;
  readonly path?: PathTraversal;
}

/** Parts of details that hold what a client sent. Messages and statements are left out: they quote others. */
const inputFields = [
  'parameters',
  'params',
  'query',
  'query_string',
  'body',
  'input',
  'form',
  'path',
  'uri',
  'url',
  'payload',
  'value',
  'search',
  'filter',
  'arguments',
  'headers',
  'cookie',
  'cookies',
  'referer',
] as const;
const mostTexts = 200;
const deepest = 6;
const pieceLength = 16_384;
/** An attack that a piece's end cuts in two stands whole in the next. */
const overlap = 2_048;

const none: Injections = {};
/** Nothing in this can be any of the four. */
const suspicious =
  /[^\w\s,:@!?*-]|--|\b(?:or|and|union|having|order|group|xor|waitfor|benchmark|sleep)\b|\bon[a-z]{3,}/i;

const rememberedTexts = 2_048;
const longestRemembered = 1_024;
const remembered = new Map<string, Injections>();
let last: { readonly event: Event; readonly found: Injections } | undefined;

/** The first injection of each kind in the event's client-controlled texts. */
export function injectionsIn(event: Event): Injections {
  if (last?.event === event) return last.found;
  const found = search(event);
  last = { event, found };
  return found;
}

function search({ details, actor, user_agent, resource_id }: Event): Injections {
  let found = none;
  let left = mostTexts;

  function look(value: JsonValue | undefined, depth: number): void {
    if (typeof value === 'string') {
      if (left-- > 0) found = merged(found, injectionsOf(value));
      return;
    }
    if (value === null || typeof value !== 'object' || depth > deepest || left <= 0) return;
    if (Array.isArray(value)) {
      for (const inner of value) look(inner, depth + 1);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      // Names of parameters are the client's too.
      look(key, depth);
      look(inner, depth + 1);
    }
  }

  for (const field of inputFields) {
    const value = Object.hasOwn(details, field) ? details[field] : undefined;
    if (value === undefined) continue;
    // A query that was taken apart into parameters is looked at there, value by value.
    if (field === 'query' && Object.hasOwn(details, 'parameters')) continue;
    look(value, 0);
  }
  look(user_agent, 0);
  look(actor, 0);
  if (resource_id !== details.path) look(resource_id, 0);
  return found;
}

/** User agents, paths and names come again and again. */
function injectionsOf(text: string): Injections {
  if (text.length < 3 || !suspicious.test(text)) return none;
  if (text.length > longestRemembered) return inPieces(text);
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const found = detect(text);
  if (remembered.size >= rememberedTexts) remembered.clear();
  remembered.set(text, found);
  return found;
}

function inPieces(text: string): Injections {
  let found = none;
  for (let from = 0; from < text.length; from += pieceLength - overlap) {
    found = merged(found, detect(text.slice(from, from + pieceLength)));
    if (from + pieceLength >= text.length) break;
  }
  return found;
}

function detect(text: string): Injections {
  const sql = detectSqlInjection(text);
  const script = detectScriptInjection(text);
  const command = detectCommandInjection(text);
  const path = detectPathTraversal(text);
  if (sql === undefined && script === undefined && command === undefined && path === undefined) return none;
  return {
    ...(sql === undefined ? {} : { sql }),
    ...(script === undefined ? {} : { script }),
    ...(command === undefined ? {} : { command }),
    ...(path === undefined ? {} : { path }),
  };
}

function merged(one: Injections, other: Injections): Injections {
  if (other === none) return one;
  return one === none ? other : { ...other, ...one };
}
