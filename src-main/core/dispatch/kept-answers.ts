// Answers of reads that depend on the store and the input alone, kept until the next commit, with their JSON text. Bounded in bytes.

export type KeptAnswer = { readonly output: unknown; readonly json: string };

export type KeptAnswers = {
  /** What was answered to the same question since the commit `version`, or makes and keeps it. */
  answer(version: number, question: string, make: () => unknown): KeptAnswer;
};

const characters = 8 * 1_048_576;

export function createKeptAnswers(limit = characters): KeptAnswers {
  // A Map remembers the order of insertion; what was kept longest goes first.
  const kept = new Map<string, KeptAnswer>();
  let keptAt = -1;
  let size = 0;

  return {
    answer(version, question, make) {
      if (version !== keptAt) {
        kept.clear();
        size = 0;
        keptAt = version;
      }
      const known = kept.get(question);
      if (known !== undefined) return known;
      const output = make();
      const answer = { output, json: JSON.stringify(output) };
      kept.set(question, answer);
      size += question.length + answer.json.length;
      for (const [oldest, { json }] of kept) {
        if (size <= limit) break;
        kept.delete(oldest);
        size -= oldest.length + json.length;
      }
      return answer;
    },
  };
}
