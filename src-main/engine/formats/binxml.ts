// Windows' binary XML: one event record of an EVTX chunk as nested JSON (`Event.System`, `Event.EventData`). Names and templates are
// shared within a chunk and read once. Every length and offset comes from the file: each read is checked, and the work per chunk has
// a budget, because a few bytes of template can be used by every record again.
import type { JsonValue } from '../event.ts';
import { BinXmlError, embedded, readValue, utf16 } from './binxml-values.ts';

type Item =
  | { readonly kind: 'element'; readonly element: Element }
  | { readonly kind: 'text'; readonly value: JsonValue }
  | { readonly kind: 'value'; readonly index: number }
  | { readonly kind: 'instance'; readonly items: readonly Item[]; readonly values: readonly Value[] };

interface Element {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly items: readonly Item[] }[];
  readonly items: readonly Item[];
}

/** A value of a template's instance: plain, or a fragment of its own. */
type Value = { readonly plain: JsonValue } | { readonly items: readonly Item[] };

const deepest = 48;
/** Elements, attributes and values that a chunk may turn into; real ones stay below a tenth. */
const workPerChunk = 600_000;
const charactersPerChunk = 16_777_216;
const mostValues = 8192;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export interface BinXmlChunk {
  /** The record's XML between two places of the chunk. @throws BinXmlError, RangeError for bytes that are none. */
  read(from: number, to: number): Record<string, JsonValue>;
}

export function createBinXmlChunk(view: DataView): BinXmlChunk {
  const names = new Map<number, string>();
  const templates = new Map<number, readonly Item[]>();
  let work = workPerChunk;
  let characters = charactersPerChunk;

  function spend(units: number): void {
    work -= units;
    if (work < 0) throw new BinXmlError('the records of this chunk stand for more than a chunk can hold');
  }
  function keep(value: JsonValue): JsonValue {
    if (typeof value === 'string') characters -= value.length;
    if (characters < 0) throw new BinXmlError('the records of this chunk stand for more than a chunk can hold');
    return value;
  }

  /** A fragment's items, and where it ended. */
  function readItems(from: number, to: number, depth: number, dependency: boolean): { items: Item[]; end: number } {
    if (depth > deepest) throw new BinXmlError(`nested deeper than ${deepest} levels`);
    const items: Item[] = [];
    let at = from;
    while (at < to) {
      spend(1);
      const token = view.getUint8(at);
      switch (token & 0x3f) {
        case 0x00: // end of fragment
        case 0x04: // end of element
          return { items, end: at + 1 };
        case 0x01: {
          const { element, end } = readElement(at, to, depth, dependency);
          items.push({ kind: 'element', element });
          at = end;
          break;
        }
        case 0x0c: {
          const { item, end } = readInstance(at, to, depth);
          items.push(item);
          at = end;
          break;
        }
        case 0x0f: // fragment header: versions and flags
          at += 4;
          break;
        default: {
          const { item, end } = readText(at, token & 0x3f);
          if (item !== undefined) items.push(item);
          at = end;
        }
      }
    }
    return { items, end: at };
  }

  function readElement(
    start: number,
    to: number,
    depth: number,
    dependency: boolean,
  ): { element: Element; end: number } {
    const token = view.getUint8(start);
    let at = start + (dependency ? 3 : 1) + 4;
    const name = nameAt(at);
    at = name.end;
    const attributes: { name: string; items: Item[] }[] = [];
    if ((token & 0x40) !== 0) {
      at += 4;
      while ((view.getUint8(at) & 0x3f) === 0x06) {
        spend(1);
        const attribute = nameAt(at + 1);
        at = attribute.end;
        const items: Item[] = [];
        for (;;) {
          const next = view.getUint8(at) & 0x3f;
          // The next attribute, or the end of the start tag.
          if (next <= 0x04 || next === 0x06) break;
          spend(1);
          const { item, end } = readText(at, next);
          if (item !== undefined) items.push(item);
          at = end;
        }
        attributes.push({ name: attribute.name, items });
      }
    }
    const close = view.getUint8(at);
    if (close === 0x03) return { element: { name: name.name, attributes, items: [] }, end: at + 1 };
    if (close !== 0x02) throw new BinXmlError(`unexpected token ${close} in a start tag`);
    const { items, end } = readItems(at + 1, to, depth + 1, dependency);
    return { element: { name: name.name, attributes, items }, end };
  }

  function readText(at: number, token: number): { item: Item | undefined; end: number } {
    switch (token) {
      case 0x05: {
        const type = view.getUint8(at + 1);
        if (type !== 1) throw new BinXmlError(`a text of type ${type}`);
        const length = view.getUint16(at + 2, true) * 2;
        return { item: { kind: 'text', value: readValue(view, at + 4, length, 1) }, end: at + 4 + length };
      }
      case 0x07: {
        const length = view.getUint16(at + 1, true) * 2;
        return { item: { kind: 'text', value: readValue(view, at + 3, length, 1) }, end: at + 3 + length };
      }
      case 0x08:
        return { item: { kind: 'text', value: String.fromCharCode(view.getUint16(at + 1, true)) }, end: at + 3 };
      case 0x09: {
        const { name, end } = nameAt(at + 1);
        return { item: { kind: 'text', value: entities[name] ?? `&${name};` }, end };
      }
      case 0x0a:
        return { item: undefined, end: nameAt(at + 1).end };
      case 0x0b:
        return { item: undefined, end: at + 3 + view.getUint16(at + 1, true) * 2 };
      case 0x0d:
      case 0x0e:
        return { item: { kind: 'value', index: view.getUint16(at + 1, true) }, end: at + 4 };
      default:
        throw new BinXmlError(`unknown token ${token}`);
    }
  }

  /** A name by its offset in the chunk; where it is used first it stands inline, right after the offset. */
  function nameAt(at: number): { name: string; end: number } {
    const offset = view.getUint32(at, true);
    let name = names.get(offset);
    if (name === undefined || offset === at + 4) {
      const length = view.getUint16(offset + 6, true) * 2;
      if (offset + 8 + length > view.byteLength) throw new BinXmlError('a name reaches beyond its chunk');
      name = utf16(view, offset + 8, length);
      names.set(offset, name);
      if (offset === at + 4) return { name, end: offset + 8 + length + 2 };
    }
    return { name, end: at + 4 };
  }

  function readInstance(start: number, to: number, depth: number): { item: Item; end: number } {
    const offset = view.getUint32(start + 6, true);
    let at = start + 10;
    const known = templates.get(offset);
    let items: readonly Item[];
    // A definition: next offset, GUID, length, fragment.
    const length = view.getUint32(offset + 20, true);
    if (offset + 24 + length > view.byteLength) throw new BinXmlError('a template reaches beyond its chunk');
    if (known === undefined) {
      items = readItems(offset + 24, offset + 24 + length, depth + 1, true).items;
      templates.set(offset, items);
    } else items = known;
    if (offset === at) at += 24 + length;
    const count = view.getUint32(at, true);
    if (count > mostValues) throw new BinXmlError(`${count} values for one template`);
    at += 4;
    let place = at + count * 4;
    const values: Value[] = [];
    for (let index = 0; index < count; index++) {
      spend(1);
      const size = view.getUint16(at + index * 4, true);
      const type = view.getUint8(at + index * 4 + 2);
      if (place + size > to) throw new BinXmlError('a value reaches beyond its record');
      if (type === embedded) values.push({ items: readItems(place, place + size, depth + 1, false).items });
      else values.push({ plain: readValue(view, place, size, type) });
      place += size;
    }
    return { item: { kind: 'instance', items, values }, end: place };
  }

  function renderInto(
    target: Record<string, JsonValue>,
    items: readonly Item[],
    values: readonly Value[],
    depth: number,
  ): JsonValue[] {
    if (depth > deepest) throw new BinXmlError(`nested deeper than ${deepest} levels`);
    const texts: JsonValue[] = [];
    for (const item of items) {
      spend(1);
      if (item.kind === 'text') texts.push(keep(item.value));
      else if (item.kind === 'element') add(target, item.element, values, depth);
      else if (item.kind === 'instance') texts.push(...renderInto(target, item.items, item.values, depth + 1));
      else {
        const value = values[item.index];
        if (value === undefined) continue;
        if ('items' in value) texts.push(...renderInto(target, value.items, [], depth + 1));
        else if (value.plain !== null) texts.push(keep(value.plain));
      }
    }
    return texts;
  }

  function add(target: Record<string, JsonValue>, element: Element, values: readonly Value[], depth: number): void {
    const attributes: Record<string, JsonValue> = {};
    for (const { name, items } of element.attributes) {
      const value = joined(renderInto({}, items, values, depth + 1));
      // An optional value that is null takes its attribute with it.
      if (value !== null && name !== '__proto__') attributes[name] = value;
    }
    const inner: Record<string, JsonValue> = {};
    const text = joined(renderInto(inner, element.items, values, depth + 1));
    // `<Data Name="TargetUserName">` is what rules call TargetUserName.
    const named = element.name === 'Data' && typeof attributes.Name === 'string';
    const key = named ? String(attributes.Name) : element.name;
    if (key === '__proto__') return;
    const plain = Object.keys(inner).length === 0;
    let value: JsonValue = text;
    if (!named && Object.keys(attributes).length > 0) {
      value = { '#attributes': attributes, ...(text === null ? {} : { '#text': text }), ...inner };
    } else if (!plain) value = text === null ? inner : { '#text': text, ...inner };
    const before = Object.hasOwn(target, key) ? target[key] : undefined;
    if (before === undefined) target[key] = value;
    else if (Array.isArray(before)) before.push(value);
    else target[key] = [before, value];
  }

  return {
    read(from, to) {
      const { items } = readItems(from, to, 0, true);
      const record: Record<string, JsonValue> = {};
      renderInto(record, items, [], 0);
      return record;
    },
  };
}

function joined(texts: readonly JsonValue[]): JsonValue {
  if (texts.length === 0) return null;
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return only;
  return texts.map((text) => (typeof text === 'object' ? JSON.stringify(text) : String(text))).join('');
}
