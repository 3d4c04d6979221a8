import { type HeldEvent, monitorWith, published, tickAt } from './pack-fixture.ts';
import { witnessConfig, witnessFixture } from './witness-fixture.ts';

type Reads = { readonly auditLog: boolean; readonly snapshot: boolean };

/**
 * A monitor and a witness on one ledger, both every 15 minutes; the near sweep is past a time after half an
 * hour.
 */
export function bothWith(
  events: readonly HeldEvent[] = [],
  reads: Reads = { auditLog: true, snapshot: true },
) {
  const base = monitorWith(events);
  const config = {
    ...base.monitor.config,
    everyMinutes: 15,
    nearSweep: { everyMinutes: 15, lagMinutes: 15 },
    witness: { ...reads, everyMinutes: 15 },
  };
  const fixture = { ...base, monitor: { ...base.monitor, config } };
  const seen = witnessFixture(fixture.table, { ...witnessConfig, ...reads });
  /** Runs the witness and the monitor at each quarter of an hour, both ends included. */
  const run = async (from: string, to: string) => {
    for (const time of quarters(from, to)) {
      await seen.runAt(time);
      await tickAt(fixture, time);
    }
  };
  return { fixture, airflow: seen.airflow, witness: seen, table: fixture.table, run };
}

export function quarters(from: string, to: string): string[] {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const times: string[] = [];
  for (let at = minutes(from); at <= minutes(to); at += 15) {
    times.push(
      [Math.floor(at / 60), at % 60].map((part) => String(part).padStart(2, '0')).join(':'),
    );
  }
  return times;
}

/** What people were told, but for what the monitor says of itself. */
export function told({ fixture }: { readonly fixture: Parameters<typeof published>[0] }) {
  return published(fixture).filter(
    ({ detections }) => !/^(witness-|unreadable-)/.test(detections?.[0] ?? ''),
  );
}
