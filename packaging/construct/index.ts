/** What an app gets from the package of the construct. */

export type {
  ApprovalProps,
  MwaaPrivilegeMonitorProps,
  SweepProps,
  WitnessProps,
} from '../../infra/config/monitor-props.ts';
export { MwaaPrivilegeMonitor } from '../../infra/mwaa-privilege-monitor.ts';
