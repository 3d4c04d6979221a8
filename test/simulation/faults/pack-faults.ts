import { detectionIds, detectionsIn, documentedQuery, refusableIds } from '../plan.ts';
import type { PackFault, Schedule } from '../schedule/schedule.ts';
import type { Timeline } from '../schedule/timeline.ts';
import type { PackFaultKind } from './fault-kinds.ts';

interface Span extends PackFault {
  readonly id: number;
  readonly fromMs: number;
  /** Infinity for a fault that does not end. */
  readonly toMs: number;
}

/** What AWS does to the texts of the pack, and never to the documented query. */
export class PackFaults {
  readonly #spans: readonly Span[];
  readonly #onStrike: (kind: PackFaultKind, id: number) => void;
  #endedEpochMs = Number.POSITIVE_INFINITY;

  constructor(
    { packFaults }: Pick<Schedule, 'packFaults'>,
    timeline: Timeline,
    onStrike: (kind: PackFaultKind, id: number) => void,
  ) {
    this.#spans = packFaults.map((fault, id) => ({
      ...{ ...fault, id },
      fromMs: timeline.at(fault.from),
      toMs: staysWhenHealed(fault, packFaults) ? Number.POSITIVE_INFINITY : timeline.at(fault.to),
    }));
    this.#onStrike = onStrike;
  }

  /** What stands still with the whole pack ends; a text that AWS refuses it may refuse for ever. */
  end(nowEpochMs: number): void {
    this.#endedEpochMs = nowEpochMs;
  }

  /** How a query of a text ends. */
  fateOf(queryString: string, nowEpochMs: number): 'refused' | 'fails' | undefined {
    if (queryString === documentedQuery) return undefined;
    const asked = detectionsIn(queryString);
    const span = this.#spans.find((each) => this.#isOn(each, nowEpochMs) && concerns(each, asked));
    if (span === undefined) return undefined;
    this.#onStrike(span.kind, span.id);
    return span.kind === 'pack-fails' ? 'fails' : 'refused';
  }

  /** Detections that were refused at any time up to a moment, even if only with all others. */
  refusedUntil(epochMs: number): ReadonlySet<string> {
    return new Set(
      this.#spans.flatMap((span) => {
        if (span.fromMs > epochMs) return [];
        if (span.kind === 'pack-refused') return detectionIds;
        return span.kind === 'detections-refused' ? refusedBy(span) : [];
      }),
    );
  }

  /** Detections that were refused alone, up to a moment. */
  refusedAloneUntil(epochMs: number): ReadonlySet<string> {
    return new Set(
      this.#spans.flatMap((span) =>
        span.kind === 'detections-refused' && span.fromMs <= epochMs ? refusedBy(span) : [],
      ),
    );
  }

  /** Detections that are refused permanently, from a moment or earlier. */
  refusedForEver(sinceEpochMs: number): ReadonlySet<string> {
    return new Set(
      this.#spans.flatMap((span) =>
        span.kind === 'detections-refused' &&
        span.fromMs <= sinceEpochMs &&
        span.toMs === Number.POSITIVE_INFINITY
          ? refusedBy(span)
          : [],
      ),
    );
  }

  #isOn({ fromMs, toMs }: Span, nowEpochMs: number): boolean {
    if (nowEpochMs < fromMs || nowEpochMs >= toMs) return false;
    return toMs === Number.POSITIVE_INFINITY || nowEpochMs < this.#endedEpochMs;
  }
}

/**
 * Whether a fault may last for ever. A pack that was refused as a whole is tried again as a whole until a
 * day has passed, so that what stays of such a refusal may hold it up for longer than any schedule lasts.
 */
function staysWhenHealed({ kind, to }: PackFault, faults: readonly PackFault[]): boolean {
  if (to < 1000 || kind === 'pack-refused' || kind === 'pack-fails') return false;
  const refused = new Set(
    faults.flatMap((fault) => {
      if (fault.kind === 'pack-refused') return refusableIds;
      return fault.kind === 'detections-refused' ? refusedBy(fault) : [];
    }),
  );
  return refused.size < refusableIds.length;
}

function concerns(fault: PackFault, asked: readonly string[]): boolean {
  switch (fault.kind) {
    case 'detections-refused': {
      const refused = refusedBy(fault);
      return asked.some((id) => refused.includes(id));
    }
    case 'too-many-refused':
      return asked.length > fault.most;
    case 'pack-refused':
    case 'pack-fails':
      return true;
  }
}

function refusedBy({ detections }: PackFault): string[] {
  return [...new Set(detections.flatMap((at) => refusableIds[at % refusableIds.length] ?? []))];
}
