// The parts of a shell line, as shell-reader.ts hands them on while it reads.

export interface ShellWord {
  readonly text: string;
  /** No quotes and no expansions: only then can it be a keyword or make an assignment. */
  readonly bare: boolean;
  /** Where the text comes from that a substitution in it puts here, when it is not from the line. */
  readonly origin: Origin | undefined;
}

/** Code that the line does not show: from the network, or from an encoding of it. */
export type Origin = 'downloaded' | 'decoded';

export interface Stage {
  readonly words: ShellWord[];
  /** Of numbers of files and closings (`2>&1`) nothing is left. */
  readonly redirects: { readonly operator: string; readonly target: ShellWord }[];
  /** A here-document or here-string. */
  input: Flow | undefined;
}

/** What a stage sends on: to the next one, or to who asked for it by a substitution. */
export interface Flow {
  readonly origin: Origin | undefined;
  /** What is known to be in it. */
  readonly literal: string | undefined;
}

export interface StagePlace {
  readonly input: Flow;
  /** The function that it stands in the body of. */
  readonly within: string | undefined;
  /** It runs beside others: in a pipeline, or in the background. */
  readonly beside: boolean;
}

export interface Reading {
  readonly variables: Map<string, string>;
  /** Of variables whose values are not from the line. */
  readonly origins: Map<string, Origin>;
  readonly functions: Set<string>;
  /** Characters that may still be read. */
  left: number;
  /** One stage was read. @returns what it sends on. */
  run(stage: Stage, place: StagePlace): Flow;
  /** The stages of a pipeline of several, in order, are complete. */
  piped(stages: readonly Stage[]): void;
}

export const nothing: Flow = { origin: undefined, literal: undefined };

const longestVariable = 512;
const mostVariables = 200;

export function setVariable(reading: Reading, name: string, value: string, origin: Origin | undefined): void {
  if (reading.variables.size >= mostVariables) return;
  reading.variables.set(name, value.slice(0, longestVariable));
  if (origin === undefined) reading.origins.delete(name);
  else reading.origins.set(name, origin);
}
