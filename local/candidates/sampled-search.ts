import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import type { FieldTest } from '../../lambda/regexp/regexp-program.ts';
import { environmentOfGroup } from '../log-readers/report/read-report.ts';
import type { TextForm } from './byte-patterns.ts';
import { CandidateSearch, sharedPatterns } from './candidate-search.ts';
import type { NeedSearch } from './need-search.ts';
import type { StrideSearch } from './stride-search.ts';

/** Messages that are taken as candidates unseen, and then decide what is searched for. */
const sampleTexts = 64;
const sampleBytes = 32 * 1024;

/** What is searched for in one log group. */
interface Searches {
  readonly always: readonly number[];
  readonly plain: FormSearch;
  readonly json: FormSearch;
}

/** The search of messages in one form: for one need of each condition, and then for the others. */
class FormSearch {
  readonly #first: StrideSearch | undefined;
  readonly #makeNeeds: () => NeedSearch;
  #needs: NeedSearch | undefined;

  constructor(first: StrideSearch | undefined, makeNeeds: () => NeedSearch) {
    this.#first = first;
    this.#makeNeeds = makeNeeds;
  }

  /** The needs that the last search found, or all of them where it had to look for none. */
  get needs(): NeedSearch {
    this.#needs ??= this.#makeNeeds();
    return this.#needs;
  }

  /** Whether a message has a need of a condition, so that it is worth looking for the others. */
  hasAny(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#first?.search(bytes, from, to) === true;
  }

  /** The numbers of the conditions all of whose needs are in the message that {@link hasAny} saw. */
  met(bytes: Uint8Array, from: number, to: number): number[] {
    const found = this.#first?.found;
    if (found === undefined) return [];
    const { needs } = this;
    needs.look(bytes, from, to);
    const numbers: number[] = [];
    for (let number = 0; number < found.length; number += 1) {
      if (found[number] === 1 && needs.mayMeet(number)) numbers.push(number);
    }
    return numbers;
  }
}

/** Finds the candidates of one log group; its first messages are a sample from which it learns. */
export class SampledSearch {
  readonly #learn: (messages: readonly Uint8Array[]) => CandidateSearch;
  #searches: Searches | undefined;
  #numbers: readonly number[] | undefined;
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
    if (searches === undefined) {
      this.#add(bytes, from, to);
      return true;
    }
    const { plain, always } = searches;
    const met = plain.hasAny(bytes, from, to) ? plain.met(bytes, from, to) : [];
    if (met.length === 0 && always.length === 0) return false;
    // Those that are always asked need their tests to be told apart, too.
    if (met.length === 0) plain.needs.look(bytes, from, to);
    this.#numbers = [...always, ...met].sort((a, b) => a - b);
    return true;
  }

  /** The same of a message as JSON, whose edges are its quotes. */
  mayMatterAsJson(bytes: Uint8Array, from: number, to: number): boolean {
    const searches = this.#searches;
    if (searches === undefined || searches.always.length > 0) return true;
    const { json } = searches;
    return json.hasAny(bytes, from, to) && json.met(bytes, from, to).length > 0;
  }

  /** The numbers of the detections that may match the last plain message; undefined for all of them. */
  numbers(): readonly number[] | undefined {
    return this.#numbers;
  }

  /** Whether the last plain message lacks what a test of it needs. */
  rulesOut(test: FieldTest): boolean {
    if (this.#numbers === undefined || this.#searches === undefined) return false;
    return this.#searches.plain.needs.rulesOut(test);
  }

  #add(bytes: Uint8Array, from: number, to: number): void {
    this.#sample.push(Buffer.from(bytes.subarray(from, Math.min(to, from + sampleBytes))));
    this.#bytes += to - from;
    if (this.#sample.length < sampleTexts && this.#bytes < sampleBytes) return;
    const search = this.#learn(this.#sample);
    const { always } = search;
    const inForm = (form: TextForm) => new FormSearch(search.in(form), () => search.needsIn(form));
    this.#searches = { always, plain: inForm('plain'), json: inForm('json') };
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
