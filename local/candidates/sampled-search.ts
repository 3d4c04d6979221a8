import { environmentOfGroup } from '../log-readers/report/read-report.ts';
import type { CandidateSearch, GroupSearch } from './candidate-search.ts';

/** Messages that are taken as candidates unseen, and then decide what is searched for. */
const sampleTexts = 100;
const sampleBytes = 64 * 1024;

/** Finds the candidates of one log group; its first messages are a sample from which it learns. */
export class SampledSearch {
  readonly #of: CandidateSearch;
  readonly #logGroup: string;
  #chosen: GroupSearch | undefined;
  #sample: Buffer[] = [];
  #bytes = 0;

  constructor(of: CandidateSearch, logGroup: string) {
    this.#of = of;
    this.#logGroup = logGroup;
  }

  /**
   * Whether a detection may match a message.
   *
   * @param from where the message begins, with its edge
   * @param to where it ends, with its edge
   */
  mayMatter(bytes: Uint8Array, from: number, to: number): boolean {
    const chosen = this.#chosen;
    if (chosen === undefined) {
      this.#add(bytes, from, to);
      return true;
    }
    if (chosen.search?.search(bytes, from, to) === true) return true;
    chosen.search?.found.fill(0);
    return chosen.always.length > 0;
  }

  /** The numbers of the detections that may match the last message; undefined for all of them. */
  numbers(): readonly number[] | undefined {
    const chosen = this.#chosen;
    if (chosen === undefined) return undefined;
    const numbers = [...chosen.always];
    chosen.search?.found.forEach((isFound, number) => {
      if (isFound === 1) numbers.push(number);
    });
    return numbers.sort((a, b) => a - b);
  }

  #add(bytes: Uint8Array, from: number, to: number): void {
    this.#sample.push(Buffer.from(bytes.subarray(from, Math.min(to, from + sampleBytes))));
    this.#bytes += to - from;
    if (this.#sample.length < sampleTexts && this.#bytes < sampleBytes) return;
    let end = 0;
    const places = this.#sample.map(({ length }): readonly [number, number] => {
      end += length;
      return [end - length, end];
    });
    this.#chosen = this.#of.inGroup(this.#logGroup, { bytes: Buffer.concat(this.#sample), places });
    this.#sample = [];
  }
}

/** The search of each log group that is judged: MWAA's own groups, and that of lines of unknown type. */
export class GroupSearches {
  readonly #of: CandidateSearch;
  readonly #groups = new Map<string, SampledSearch>();
  #environment: string | undefined;

  constructor(of: CandidateSearch) {
    this.#of = of;
  }

  /**
   * @returns undefined for a group that is not judged. Logs of two environments are refused, so that only
   *   the groups of the first one are
   */
  inGroup(logGroup: string): SampledSearch | undefined {
    const known = this.#groups.get(logGroup);
    if (known !== undefined) return known;
    const environment = environmentOfGroup(logGroup);
    this.#environment ??= environment;
    if (environment === undefined || environment !== this.#environment) return undefined;
    const search = new SampledSearch(this.#of, logGroup);
    this.#groups.set(logGroup, search);
    return search;
  }
}
