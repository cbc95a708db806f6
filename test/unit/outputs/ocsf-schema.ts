// A validator made from OCSF's own metaschema, for the classes and objects that we write. Strict: an attribute that the schema doesn't
// have is an error, so that a misspelt one can't pass as an extension; so is one of a profile that the event doesn't say it applies.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Attribute = {
  requirement?: string;
  type?: string;
  enum?: Record<string, unknown>;
  is_array?: boolean;
  profile?: string | null;
};
type Definition = {
  name?: string;
  uid?: number;
  category?: string;
  extends?: string;
  attributes?: Record<string, Attribute>;
  constraints?: { at_least_one?: string[]; just_one?: string[] };
};
type ValueType = { type?: string; regex?: string; max_len?: number; range?: [number, number] };

const primitive: Readonly<Record<string, (value: unknown) => boolean>> = {
  string_t: (value) => typeof value === 'string',
  integer_t: Number.isInteger,
  long_t: Number.isInteger,
  float_t: (value) => typeof value === 'number',
  boolean_t: (value) => typeof value === 'boolean',
  json_t: () => true,
};

const required: ReadonlySet<string> = new Set([
  'activity_id',
  'category_uid',
  'class_uid',
  'metadata',
  'severity_id',
  'time',
  'type_uid',
]);
const shared = [
  ...required,
  'activity_name',
  'category_name',
  'class_name',
  'count',
  'duration',
  'end_time',
  'message',
  'severity',
  'start_time',
  'status',
  'status_id',
  'timezone_offset',
  'type_name',
  'unmapped',
];

/** The schema's folder of one version, where it lies beside the checkout. It is no part of the project. */
export function ocsfFolder(version: string): string | undefined {
  const folder = fileURLToPath(new URL(`../../../../shared/data/vectors/ocsf/${version}`, import.meta.url));
  return existsSync(join(folder, 'dictionary.json')) ? folder : undefined;
}

export function createOcsfValidator(folder: string): (event: Record<string, unknown>) => string[] {
  const load = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));
  const dictionary = load('dictionary.json') as {
    attributes: Record<string, Attribute>;
    types: { attributes: Record<string, ValueType> };
  };
  const categories = load('categories.json') as { attributes: Record<string, { uid: number }> };
  const definitions = { events: readAll(folder, 'events'), objects: readAll(folder, 'objects') };
  const resolved = new Map<string, Definition>();
  const observables = observableTypes(dictionary, definitions.objects);
  let applied: ReadonlySet<unknown> = new Set();

  /** It is of a profile that the event under test doesn't apply. */
  const isForeign = ({ profile }: Attribute): boolean => typeof profile === 'string' && !applied.has(profile);

  function resolve(kind: 'events' | 'objects', name: string): Definition {
    const known = resolved.get(`${kind}/${name}`);
    if (known !== undefined) return known;
    const own = definitions[kind].get(name);
    if (own === undefined) throw new Error(`no ${kind} ${name}`);
    const parent = own.extends === undefined ? {} : resolve(kind, own.extends);
    const attributes: Record<string, Attribute> = { ...parent.attributes };
    const { $include, ...given } = own.attributes ?? {};
    const includes = [$include ?? []].flat() as unknown as string[];
    for (const path of includes) {
      // The attributes that all classes share stand in files of their own in 1.1.0; those that aren't there are in the dictionary.
      if (!existsSync(join(folder, path))) {
        for (const name of shared) attributes[name] ??= { requirement: required.has(name) ? 'required' : 'optional' };
        continue;
      }
      const included = load(path) as Definition;
      // Attributes of profiles are there only for events that say they apply them. The `includes` of 1.1.0 are of all events.
      const profile = path.startsWith('profiles/') ? (included.name ?? path) : null;
      for (const [key, value] of Object.entries(included.attributes ?? {})) {
        if (!Object.hasOwn(attributes, key)) attributes[key] = { ...value, profile };
      }
    }
    for (const [key, value] of Object.entries(given)) {
      const before = attributes[key];
      attributes[key] = {
        ...before,
        ...value,
        ...(value.enum === undefined ? {} : { enum: { ...before?.enum, ...value.enum } }),
      };
    }
    if (name === 'observable')
      attributes.type_id = { ...attributes.type_id, enum: { ...attributes.type_id?.enum, ...observables } };
    const whole = { ...parent, ...own, attributes } as Definition;
    resolved.set(`${kind}/${name}`, whole);
    return whole;
  }

  function checkObject(place: string, definition: Definition, value: unknown, errors: string[]): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      errors.push(`${place}: not an object`);
      return;
    }
    const given = value as Record<string, unknown>;
    const attributes = definition.attributes ?? {};
    for (const [name, each] of Object.entries(given)) {
      const attribute = attributes[name];
      if (attribute === undefined && definition.name !== 'object') errors.push(`${place}.${name}: unknown attribute`);
      else if (attribute !== undefined) {
        if (isForeign(attribute)) errors.push(`${place}.${name}: belongs to the profile ${attribute.profile}`);
        checkValue(`${place}.${name}`, name, attribute, each, errors);
      }
    }
    for (const [name, attribute] of Object.entries(attributes)) {
      if (attribute.requirement === 'required' && !isForeign(attribute) && given[name] === undefined) {
        errors.push(`${place}.${name}: required`);
      }
    }
    const oneOf = definition.constraints?.at_least_one;
    if (oneOf !== undefined && !oneOf.some((name) => given[name] !== undefined)) {
      errors.push(`${place}: needs one of ${oneOf.join(', ')}`);
    }
  }

  function checkValue(place: string, name: string, attribute: Attribute, value: unknown, errors: string[]): void {
    const entry = { ...dictionary.attributes[name], ...attribute };
    const values = entry.is_array === true ? value : [value];
    if (!Array.isArray(values)) {
      errors.push(`${place}: not an array`);
      return;
    }
    const listed = { ...dictionary.attributes[name]?.enum, ...attribute.enum };
    for (const each of values) {
      if (Object.keys(listed).length > 0 && !Object.hasOwn(listed, String(each))) {
        errors.push(`${place}: ${String(each)} is not in its enumeration`);
      }
      checkType(place, entry.type ?? '', each, errors);
    }
  }

  function checkType(place: string, type: string, value: unknown, errors: string[]): void {
    if (type === 'object') {
      if (typeof value !== 'object' || value === null) errors.push(`${place}: not an object`);
      return;
    }
    const valueType = dictionary.types.attributes[type];
    if (valueType === undefined) {
      checkObject(place, resolve('objects', type), value, errors);
      return;
    }
    const base = valueType.type ?? type;
    if (primitive[base]?.(value) === false) errors.push(`${place}: not a ${base}`);
    if (typeof value !== 'string') return;
    if (valueType.regex !== undefined && !new RegExp(valueType.regex).test(value))
      errors.push(`${place}: not a ${type}`);
    const longest = valueType.max_len ?? dictionary.types.attributes[base]?.max_len;
    if (longest !== undefined && value.length > longest) errors.push(`${place}: longer than ${longest}`);
  }

  return (event) => {
    const errors: string[] = [];
    applied = new Set((event.metadata as { profiles?: string[] } | undefined)?.profiles);
    for (const [name, definition] of definitions.events) {
      const whole = resolve('events', name);
      const category = whole.category === undefined ? 0 : (categories.attributes[whole.category]?.uid ?? 0);
      if (definition.uid === undefined ? name !== 'base_event' : false) continue;
      const uid = name === 'base_event' ? 0 : category * 1000 + (definition.uid ?? 0);
      if (uid !== event.class_uid) continue;
      // These three are computed by the schema's compiler: class, category and type of the event.
      const computed = { class_uid: {}, category_uid: {}, type_uid: {} };
      checkObject(
        name,
        { ...whole, attributes: { ...whole.attributes, ...withoutEnum(whole, computed) } },
        event,
        errors,
      );
      if (event.category_uid !== category) errors.push('category_uid: of another class');
      if (event.type_uid !== uid * 100 + Number(event.activity_id)) errors.push('type_uid: not class and activity');
      return errors;
    }
    return [`no class ${String(event.class_uid)}`];
  };
}

/** The schema's compiler gathers them from everything that can be observed. */
function observableTypes(
  dictionary: { attributes: object; types: { attributes: object } },
  objects: ReadonlyMap<string, object>,
): Record<string, unknown> {
  const all = [
    ...Object.values(dictionary.attributes),
    ...Object.values(dictionary.types.attributes),
    ...objects.values(),
  ];
  return Object.fromEntries(
    all.flatMap((one: { observable?: number }) => (one.observable === undefined ? [] : [[one.observable, {}]])),
  );
}

function withoutEnum(definition: Definition, names: Record<string, unknown>): Record<string, Attribute> {
  return Object.fromEntries(
    Object.keys(names).map((name) => [
      name,
      { requirement: definition.attributes?.[name]?.requirement ?? 'required', type: 'long_t' },
    ]),
  );
}

function readAll(folder: string, part: string): Map<string, Definition> {
  const found = new Map<string, Definition>();
  const walk = (path: string): void => {
    for (const entry of readdirSync(path)) {
      const full = join(path, entry);
      if (statSync(full).isDirectory()) walk(full);
      else if (entry.endsWith('.json')) {
        const definition = JSON.parse(readFileSync(full, 'utf8')) as Definition;
        if (definition.name !== undefined) found.set(definition.name, definition);
      }
    }
  };
  walk(join(folder, part));
  return found;
}
