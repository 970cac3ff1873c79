// What the console's own API answers. Times are epoch milliseconds, except in
// documents of AWS operations, which keep AWS's names and epoch seconds.

export interface Part {
  name: string;
  state: 'ok' | 'starting' | 'degraded' | 'down';
  detail: string;
}

export interface Session {
  account: string;
  region: string;
  user: string;
  csrf: string;
  boot: string;
  version: string;
  started: number;
  awsEndpoint: string;
  warehouse: { host: string; port: number; database: string; user: string };
  dataDir: string;
  clusters: string[];
  parts: Part[];
}

export interface Ran {
  kind: 'execution' | 'job';
  arn: string;
  name: string;
  machine?: string;
  machineArn?: string;
  queue?: string;
  execution?: string;
  status: string;
  start: number;
  stop?: number;
  error?: string;
  cause?: string;
}

export interface Will {
  kind: 'rule' | 'schedule' | 'trigger';
  name: string;
  at: number;
  zone?: string;
  target?: string;
  dst?: 'skipped' | 'repeated';
  more?: number;
  last?: number;
}

export interface Late {
  kind: string;
  name: string;
  since: number;
  why: string;
  arn?: string;
}

export interface Home {
  now: number;
  from: number;
  to: number;
  ran: Ran[];
  will: Will[];
  failures: Ran[];
  late: Late[];
  parts: Part[];
  counts: Record<string, number>;
  truncated: boolean;
}

export interface Run {
  arn: string;
  name: string;
  status: string;
  start: number;
  stop?: number;
  error?: string;
}

export interface MachineRow {
  arn: string;
  name: string;
  type: 'STANDARD' | 'EXPRESS';
  created: number;
  updated: number;
  recent: Run[];
  running: number;
  lastFailure?: Run & { cause?: string };
}

export interface Machine {
  arn: string;
  name: string;
  type: 'STANDARD' | 'EXPRESS';
  created: number;
  updated: number;
  revision: string;
  definition: string;
  roleArn: string;
  versions: { arn: string; number: number; description?: string; created: number }[];
  aliases: { arn: string; name: string; routes: { version: number | string; weight: number }[] }[];
  durations: { state: string; n: number; p50: number; p95: number; max: number; failed: number }[];
  runs: Run[];
  schedules: { kind: string; name: string; at?: number }[];
  inputs: { input: string; arn: string; name: string; start: number }[];
}

export interface ExecutionRow {
  arn: string;
  name: string;
  machine: string;
  machineName: string;
  type: string;
  status: string;
  start: number;
  stop?: number;
  error?: string;
  cause?: string;
  redrives: number;
  mapRun?: string;
  items?: number;
  version?: string;
  alias?: string;
  input?: string;
}

/** DescribeExecution's output, as AWS names it. */
export interface DescribeExecution {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: string;
  startDate: number;
  stopDate?: number;
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
  mapRunArn?: string;
  redriveCount?: number;
  redriveDate?: number;
  redriveStatus?: string;
  redriveStatusReason?: string;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
}

/** A Task is what a step ran: a job, a function, a child execution, a statement. */
export interface Task {
  event: number;
  state: string;
  kind: 'job' | 'function' | 'execution' | 'statement' | 'service';
  id: string;
  name?: string;
  resource?: string;
  logGroup?: string;
  logStream?: string;
  status?: string;
  why?: string;
}

export interface ExecutionPage {
  describe: DescribeExecution;
  definition: string;
  machine: { arn: string; name: string; type: string };
  lastEvent: number;
  tasks: Task[];
  mapRuns: { arn: string; state?: string }[];
  parent?: { arn: string };
}

/** One event of a history. Details are in the member that the type names. */
export interface HistoryEvent {
  id: number;
  previousEventId?: number;
  timestamp: number;
  type: string;
  stateEnteredEventDetails?: { name: string; input?: string };
  stateExitedEventDetails?: { name: string; output?: string; assignedVariables?: Record<string, string> };
  [details: string]: unknown;
}

export interface LogEvent {
  t: number;
  m: string;
  s?: string;
}

export interface Saved {
  id: string;
  name: string;
  body: string;
  updated: number;
}

/** JobDetail, as far as the console shows it by name. */
export interface JobDetail {
  jobId: string;
  jobArn: string;
  jobName: string;
  jobQueue: string;
  status: string;
  statusReason?: string;
  createdAt?: number;
  startedAt?: number;
  stoppedAt?: number;
  attempts?: { startedAt?: number; stoppedAt?: number; statusReason?: string; container?: { exitCode?: number; reason?: string; logStreamName?: string } }[];
  [more: string]: unknown;
}

export interface JobPage {
  job: JobDetail;
  why?: string;
  logs: { attempt: number; group: string; stream: string }[];
  execution?: { arn: string; state?: string };
}
