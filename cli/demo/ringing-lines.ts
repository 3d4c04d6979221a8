import { styleText } from 'node:util';
import type { AlarmStateChange } from '../../local/alarms/alarm-evaluator.ts';
import type { NotificationResult } from '../../local/demo/result/demo-result.ts';
import { alarmLabels } from '../../local/demo/verdict/alarm-labels.ts';
import { visibleText } from '../../local/visible-text.ts';

interface Ringing {
  readonly change: AlarmStateChange;
  readonly notifications: readonly NotificationResult[];
}

const colours = { ALARM: 'red', OK: 'green', INSUFFICIENT_DATA: 'gray' } as const;

/** Collects state changes of alarms and prints each ALARM as a line, and other changes grouped. */
export class RingingLines {
  readonly #labels: ReadonlyMap<string, string>;
  readonly #labelWidth: number;
  #ringing: Ringing[] = [];

  constructor(alarms: readonly { readonly name: string }[]) {
    const names = alarms.map(({ name }) => name);
    const labels = alarmLabels(names);
    this.#labels = new Map(names.map((name, index) => [name, visibleText(labels[index] ?? name)]));
    this.#labelWidth = Math.max(0, ...labels.map((label) => label.length));
  }

  add(change: AlarmStateChange, notifications: readonly NotificationResult[]): void {
    this.#ringing.push({ change, notifications });
  }

  /** The lines for the changes since the last call, in the order of time. */
  take(): string[] {
    const ringing = this.#ringing;
    this.#ringing = [];
    const byTimeAndState = Map.groupBy(
      ringing,
      ({ change }) => `${change.epochMs} ${change.newState}`,
    );
    return [...byTimeAndState.values()].flatMap((group) =>
      group[0]?.change.newState === 'ALARM'
        ? group.flatMap((one) => this.#alarmLines(one))
        : [this.#togetherLine(group)],
    );
  }

  #alarmLines({ change, notifications }: Ringing): string[] {
    const label = this.#label(change).padEnd(this.#labelWidth);
    return [
      `${head(change)}  ${label}  ${visibleText(measured(change.reason))}`,
      ...notifications.map(
        ({ subject, atEpochMs }) => `${time(atEpochMs)}   notify  ${visibleText(subject)}`,
      ),
    ];
  }

  #togetherLine(group: readonly Ringing[]): string {
    const [first] = group;
    if (!first) return '';
    const labels = group.map(({ change }) => this.#label(change));
    const notified = group.flatMap(({ notifications }) => notifications).length;
    const shown = labels.length > 3 ? [...labels.slice(0, 2), `${labels.length - 2} more`] : labels;
    return `${head(first.change)}  ${shown.join(', ')}${notified > 0 ? ` (${notified} notified)` : ''}`;
  }

  #label({ alarm }: AlarmStateChange): string {
    return this.#labels.get(alarm.name) ?? visibleText(alarm.name);
  }
}

function head({ epochMs, newState }: AlarmStateChange): string {
  const state = newState === 'INSUFFICIENT_DATA' ? 'NO DATA' : newState;
  return `${time(epochMs)}  ${styleText(colours[newState], state.padStart(7), { stream: process.stdout })}`;
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 19);
}

/** The values and their minutes from the text of `StateReason`: `16 at 05:53`. */
function measured(reason: string): string {
  const values = /\[(\d[^\]]*)\]/.exec(reason)?.[1] ?? reason.replace(/^Threshold Crossed: /, '');
  return values.replaceAll(/(\d+)\.0 \(\S+ (\d\d:\d\d):\d\d\)/g, '$1 at $2');
}
