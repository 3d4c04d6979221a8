import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { ByteRegexps } from '../line-kernel/byte-regexps.ts';
import { atAnyTime, type GroupTreatment } from '../line-kernel/group-table.ts';
import { LineKernel, MemoryRoom } from '../line-kernel/line-kernel.ts';
import { environmentOfGroup } from '../log-readers/report/read-report.ts';
import { ByteVerdicts, MessageText } from './byte-verdicts.ts';
import {
  type ChosenLiterals,
  type ChosenPatterns,
  choosePatterns,
  PatternsOfPieces,
  placeChosen,
} from './choose-literals.ts';
import { LiteralSearch } from './literal-search.ts';
import { type PreparedLiterals, preparedFor } from './prepared-literals.ts';
import { SampleIndex } from './sample-index.ts';

/** Messages from which is chosen what to search for. */
const sampleTexts = 64;
const sampleBytes = 32 * 1024;
/** With more messages in which something was found for nothing, what to search for is chosen again, once. */
const vainMax = 50_000;
/** So much of each of them is looked at: whoever prints them decides how long they are. */
const vainBytesMax = 2 * 1024;

const askAll = atAnyTime('ask');

/** What the searches of all groups share. */
interface SharedByGroups {
  readonly kernel: LineKernel;
  readonly candidates: readonly Candidate[];
  readonly patternsOfPieces: PatternsOfPieces;
  /** Where a message is written to be searched. */
  readonly room: MemoryRoom;
}

/**
 * Finds by their bytes the messages of one log group that a detection may match. If what to search for was not
 * prepared, the first messages are a sample from which it learns.
 */
export class GroupSearch {
  readonly #logGroup: string;
  readonly #shared: SharedByGroups;
  readonly #verdicts: ByteVerdicts;
  /** Undefined before it has learnt what to search for. */
  #always: readonly number[] | undefined;
  #literals: LiteralSearch | undefined;
  #treatment = askAll;
  /** A better choice, from the next time on that the treatment is asked for. */
  #next: ChosenLiterals | undefined;
  #sample: Buffer[] = [];
  #sampleBytes = 0;
  #vain: Buffer[] = [];
  #vainCount = 0;

  constructor(
    logGroup: string,
    shared: SharedByGroups,
    verdicts: ByteVerdicts,
    prepared: ChosenLiterals | undefined,
  ) {
    this.#logGroup = logGroup;
    this.#shared = shared;
    this.#verdicts = verdicts;
    if (prepared !== undefined) this.#use(prepared);
  }

  /**
   * How the messages of lines of JSON are treated. {@link mayMatter} must only be asked about what the last one
   * found.
   */
  get treatment(): GroupTreatment {
    if (this.#next !== undefined) this.#use(this.#next);
    this.#next = undefined;
    return this.#treatment;
  }

  /**
   * The numbers of the candidates that a message may belong to.
   *
   * @param message without lone surrogates
   * @returns undefined for all of them
   */
  numbersFor(message: string): readonly number[] | undefined {
    const { kernel, room } = this.#shared;
    const json = JSON.stringify(message);
    const from = room.for(Buffer.byteLength(json));
    const to = from + kernel.bytes.write(json, from);
    const always = this.#always;
    this.#addToSample(from, to);
    if (always === undefined) return undefined;
    const isFound = this.#literals?.search(from, to) ?? false;
    const found = isFound ? (this.#literals?.take() ?? []) : [];
    if (found.length > 0 && always.length === 0 && !this.#verdicts.mayFit(found, from, to))
      return [];
    return always.length === 0 ? found : [...new Set([...always, ...found])].sort((a, b) => a - b);
  }

  /**
   * Whether a detection may match a message in which something was found.
   *
   * @param from where it begins in the kernel, as JSON with its quotes
   */
  mayMatter(from: number, to: number): boolean {
    if (this.#always === undefined || this.#always.length > 0) return true;
    const found = this.#literals?.take() ?? [];
    // Whoever scans may still search for what was chosen before: then it is not known what was found.
    if (found.length === 0 || this.#verdicts.mayFit(found, from, to)) return true;
    this.#vainCount += 1;
    if (this.#vainCount <= vainMax) this.#keepVain(from, to);
    return false;
  }

  #keepVain(from: number, to: number): void {
    if (this.#vainCount > vainMax - sampleTexts) {
      this.#vain.push(this.#copy(from, Math.min(to, from + vainBytesMax)));
    }
    if (this.#vainCount < vainMax) return;
    const sample = new SampleIndex([...this.#sample, ...this.#vain]);
    const chosen = this.#choose(sample);
    const patterns = chosen.patterns.map(({ pattern }) => pattern);
    const stillVain = new SampleIndex(this.#vain).messagesWith(patterns);
    if (stillVain.size < this.#vain.length / 2) this.#next = placeChosen(chosen, sample);
    this.#vain = [];
  }

  #addToSample(from: number, to: number): void {
    if (this.#sample.length === sampleTexts || this.#sampleBytes > sampleBytes) return;
    this.#sample.push(this.#copy(from, to));
    this.#sampleBytes += to - from;
    const isWhole = this.#sample.length === sampleTexts || this.#sampleBytes > sampleBytes;
    if (!isWhole || this.#always !== undefined) return;
    const sample = new SampleIndex(this.#sample);
    this.#use(placeChosen(this.#choose(sample), sample));
  }

  #copy(from: number, to: number): Buffer {
    return Buffer.from(this.#shared.kernel.bytes.subarray(from, Math.min(to, from + sampleBytes)));
  }

  #choose(sample: SampleIndex): ChosenPatterns {
    const { candidates, patternsOfPieces } = this.#shared;
    return choosePatterns(candidates, this.#logGroup, sample, patternsOfPieces);
  }

  #use({ always, literals }: ChosenLiterals): void {
    const { kernel, candidates } = this.#shared;
    const isAny = literals.long.patterns.length + literals.short.length > 0;
    this.#always = always;
    this.#literals = isAny ? new LiteralSearch(kernel, literals, candidates.length) : undefined;
    this.#treatment = always.length > 0 ? askAll : atAnyTime(this.#literals ?? 'pass');
  }
}

/** The search of each log group that is judged: MWAA's own groups, and that of lines of unknown type. */
export class GroupSearches {
  readonly kernel = new LineKernel();
  readonly #prepared: PreparedLiterals;
  readonly #text = new MessageText(this.kernel, new ByteRegexps(this.kernel));
  readonly #shared: SharedByGroups;
  readonly #groups = new Map<string, GroupSearch>();
  #environment: string | undefined;

  /** @param prepared for the same candidates. @default - what to search for is learnt */
  constructor(candidates: readonly Candidate[], prepared: PreparedLiterals = {}) {
    const { kernel } = this;
    const room = new MemoryRoom(kernel);
    this.#prepared = prepared;
    this.#shared = { kernel, candidates, patternsOfPieces: new PatternsOfPieces(), room };
  }

  /**
   * @returns undefined for a group that is not judged. Logs of two environments are refused, so that only
   *   the groups of the first one are
   */
  inGroup(logGroup: string): GroupSearch | undefined {
    const known = this.#groups.get(logGroup);
    if (known !== undefined) return known;
    const environment = environmentOfGroup(logGroup);
    this.#environment ??= environment;
    if (environment === undefined || environment !== this.#environment) return undefined;
    const { candidates } = this.#shared;
    const verdicts = new ByteVerdicts(this.#text, candidates, logGroup);
    const prepared = preparedFor(this.#prepared, candidates, logGroup);
    const search = new GroupSearch(logGroup, this.#shared, verdicts, prepared);
    this.#groups.set(logGroup, search);
    return search;
  }
}
