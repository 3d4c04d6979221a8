import type { Slice } from '../plan/runtime-config.ts';
import type { PackText } from '../query/pack-text.ts';
import type { AskText, PackReading, TextScan } from './read-pack.ts';
import type { AnswerRows, ObservedRow } from './slice-rows.ts';

interface CompletedAnswer {
  readonly text: PackText;
  /** The slice that it answers, with the log groups of its query. */
  readonly slice: Slice;
  readonly rows: AnswerRows;
  /** Whether it holds every event of the slice that its text asks for. */
  readonly isWhole: boolean;
}

/**
 * The answers of the pack's texts to one slice. Each has cost a scan of its bytes, so it is not
 * queried again and its events are not lost, whatever happens to the other texts.
 */
export class CompletedAnswers {
  readonly #answers: CompletedAnswer[] = [];

  /**
   * Wraps `ask` so that it queries only what no answer holds yet. An answer serves every text whose
   * detections it asked for, over its own window and shorter ones.
   *
   * @param texts the texts that read the slice. With several of them, answers to parts of a text
   *   and answers that were cut off are stored too, the latter for the same query alone. With a
   *   single text they would serve nothing, since no other text can be refused after them, and they
   *   take as much memory as everything that is read of the slice
   */
  asking(ask: AskText, texts: readonly PackText[]): AskText {
    return async (text, slice, openSink, options) => {
      const known = this.#knownOf(text, slice);
      const left = slice.logGroups.filter((logGroup) => !known.outcomes.has(logGroup));
      if (left.length === 0) return known;
      const scan = await ask(text, { ...slice, logGroups: left }, openSink, options);
      for (const { sink, isCutOff, logGroups } of scan.answers) {
        const isWhole = !isCutOff || sink.isPastSlice;
        const isKept = texts.length > 1 || (isWhole && texts.includes(text));
        if (!isKept) continue;
        this.#answers.push({ text, slice: { ...slice, logGroups }, rows: sink, isWhole });
      }
      return {
        ...scan,
        outcomes: new Map([...known.outcomes, ...scan.outcomes]),
        answers: [...known.answers, ...scan.answers],
      };
    };
  }

  /**
   * A reading with the events of its window that the stored answers hold as well, each event once.
   */
  addTo(reading: PackReading): PackReading {
    const { startEpochMs, endEpochMs } = reading.window;
    const rows = new Map<string, ObservedRow>();
    const answered = this.#answers.flatMap((answer) => answer.rows.observed());
    for (const row of [...[...reading.events.values()].flat(), ...answered]) {
      const { key, logGroup, timestamp, occurrences } = row.seen;
      if (!reading.logGroups.includes(logGroup)) continue;
      if (timestamp < startEpochMs || timestamp >= endEpochMs) continue;
      const before = rows.get(key);
      if (before === undefined || before.seen.occurrences < occurrences) rows.set(key, row);
    }
    return { ...reading, events: Map.groupBy(rows.values(), ({ seen }) => seen.logGroup) };
  }

  #knownOf(text: PackText, slice: Slice): TextScan {
    const covered = slice.logGroups.filter((logGroup) => this.#holds(text, { ...slice, logGroup }));
    const serving = this.#answers.filter(
      ({ isWhole, ...answer }) => isWhole && covers(answer.slice.window, slice.window),
    );
    const answers: TextScan['answers'][number][] = serving.flatMap(({ rows, ...answer }) => {
      const logGroups = covered.filter((logGroup) => answer.slice.logGroups.includes(logGroup));
      return logGroups.length === 0
        ? []
        : [{ sink: rows.of(logGroups), isCutOff: false, logGroups }];
    });
    const known = new Set(covered);
    for (const { isWhole, rows: sink, ...answer } of this.#answers) {
      const { logGroups } = answer.slice;
      if (isWhole || !isSameQuestion(answer, { text, slice })) continue;
      if (!logGroups.every((one) => slice.logGroups.includes(one) && !known.has(one))) continue;
      answers.push({ sink, isCutOff: true, logGroups });
      for (const logGroup of logGroups) known.add(logGroup);
    }
    const outcomes = new Map([...known].map((one) => [one, { kind: 'scanned' } as const]));
    return { outcomes, answers, bytesScanned: 0, doubts: 0 };
  }

  #holds(
    { detections }: PackText,
    { logGroup, window }: { readonly logGroup: string; readonly window: Slice['window'] },
  ): boolean {
    const asked = new Set(
      this.#answers
        .filter(
          ({ isWhole, slice }) =>
            isWhole && slice.logGroups.includes(logGroup) && covers(slice.window, window),
        )
        .flatMap(({ text }) => text.detections),
    );
    return detections.every((id) => asked.has(id));
  }
}

function covers(outer: Slice['window'], inner: Slice['window']): boolean {
  return outer.startEpochMs <= inner.startEpochMs && inner.endEpochMs <= outer.endEpochMs;
}

function isSameQuestion(
  one: Pick<CompletedAnswer, 'text' | 'slice'>,
  other: Pick<CompletedAnswer, 'text' | 'slice'>,
): boolean {
  return (
    one.text.queryString === other.text.queryString &&
    covers(one.slice.window, other.slice.window) &&
    covers(other.slice.window, one.slice.window)
  );
}
