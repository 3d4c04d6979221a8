import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { environmentOfGroup } from '../log-readers/report/read-report.ts';
import { CandidateSearch, sharedPatterns } from './candidate-search.ts';
import type { StrideSearch } from './stride-search.ts';

/** Messages that are taken as candidates unseen, and then decide what is searched for. */
const sampleTexts = 64;
const sampleBytes = 32 * 1024;

/** What is searched for in one log group. */
interface Searches {
  readonly always: readonly number[];
  readonly plain: StrideSearch | undefined;
  readonly json: StrideSearch | undefined;
}

/** Finds the candidates of one log group; its first messages are a sample from which it learns. */
export class SampledSearch {
  readonly #learn: (messages: readonly Uint8Array[]) => CandidateSearch;
  #searches: Searches | undefined;
  /** Whether the last plain message became a part of the sample, and was searched for nothing. */
  #isOfSample = false;
  #sample: Buffer[] = [];
  #bytes = 0;

  constructor(learn: (messages: readonly Uint8Array[]) => CandidateSearch) {
    this.#learn = learn;
  }

  /**
   * Whether a detection may match a message.
   *
   * @param from where its plain text begins in `bytes`, with its edge
   * @param to where it ends, with its edge
   */
  mayMatter(bytes: Uint8Array, from: number, to: number): boolean {
    const searches = this.#searches;
    this.#isOfSample = searches === undefined;
    if (searches === undefined) {
      this.#add(bytes, from, to);
      return true;
    }
    const { plain, always } = searches;
    if (plain?.search(bytes, from, to) === true) return true;
    plain?.found.fill(0);
    return always.length > 0;
  }

  /** The same of a message as JSON, whose edges are its quotes. */
  mayMatterAsJson(bytes: Uint8Array, from: number, to: number): boolean {
    const searches = this.#searches;
    if (searches === undefined || searches.always.length > 0) return true;
    return searches.json?.search(bytes, from, to) ?? false;
  }

  /** The numbers of the detections that may match the last plain message; undefined for all of them. */
  numbers(): readonly number[] | undefined {
    const searches = this.#searches;
    if (searches === undefined || this.#isOfSample) return undefined;
    const numbers = [...searches.always];
    searches.plain?.found.forEach((isFound, number) => {
      if (isFound === 1) numbers.push(number);
    });
    return numbers.sort((a, b) => a - b);
  }

  #add(bytes: Uint8Array, from: number, to: number): void {
    this.#sample.push(Buffer.from(bytes.subarray(from, Math.min(to, from + sampleBytes))));
    this.#bytes += to - from;
    if (this.#sample.length < sampleTexts && this.#bytes < sampleBytes) return;
    const search = this.#learn(this.#sample);
    const { always } = search;
    this.#searches = { always, plain: search.in('plain'), json: search.in('json') };
    this.#sample = [];
  }
}

/** The search of each log group that is judged: MWAA's own groups, and that of lines of unknown type. */
export class GroupSearches {
  readonly #candidates: readonly Candidate[];
  readonly #patterns = sharedPatterns();
  readonly #groups = new Map<string, SampledSearch>();
  #environment: string | undefined;

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
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
    const search = new SampledSearch((messages) => {
      return new CandidateSearch(this.#candidates, logGroup, messages, this.#patterns);
    });
    this.#groups.set(logGroup, search);
    return search;
  }
}
