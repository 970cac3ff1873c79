// The console's icons: 16 by 16 strokes in the current colour. Statuses differ by shape, not by colour alone.

const paths = {
  succeeded: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM5 8.2l2.1 2.1L11 6.2',
  failed: 'M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  running: 'M8 1.5a6.5 6.5 0 1 0 6.5 6.5',
  waiting: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 4.5V8l2.3 1.6',
  timedout: 'M4 1.5h8M4 14.5h8M5 1.5c0 4 3 4.5 3 6.5s-3 2.500-3 6.500M11 1.500c0 4-3 4.500-3 6.500s3 2.500 3 6.500',
  aborted: 'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13ZM5.800 5.800h4.400v4.400H5.800Z',
  redriven: 'M13 8a5 5 0 1 1-1.600-3.700M13.200 1.800v3h-3',
  caught: 'M8 1.800 14.600 13.500H1.400ZM8 6v3.500M8 11.500v.2',
  idle: 'M8 3.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9Z',
  home: 'M2 7.500 8 2l6 5.500M3.500 6.500v7h3.300v-4h2.400v4h3.300v-7',
  machines: 'M5.500 1.500h5v3.500h-5ZM1.500 11h5v3.500h-5ZM9.500 11h5v3.500h-5ZM8 5v3M4 11V8h8v3',
  jobs: 'M2 3h12v3H2ZM2 10h12v3H2ZM4 4.500h.01M4 11.500h.01M7 4.500h5M7 11.500h3',
  functions: 'M10.500 2.500C8.500 2 7.800 3 7.500 4.800L6.300 11.500C6 13.300 5 14 3.500 13.500M4.800 6.500h5.400',
  warehouse: 'M8 1.500c-3.300 0-5.500.9-5.500 2.200v8.600c0 1.300 2.200 2.200 5.500 2.200s5.500-.9 5.500-2.200V3.700c0-1.300-2.200-2.200-5.500-2.200ZM2.500 3.700c0 1.300 2.200 2.200 5.500 2.200s5.500-.9 5.500-2.200M2.500 8c0 1.300 2.200 2.200 5.500 2.200s5.500-.9 5.500-2.200',
  objects: 'M2 4h12l-1.300 9.500H3.300ZM2 4c0-1.400 2.700-2.200 6-2.200s6 .8 6 2.200',
  schedules: 'M2 3.500h12v10.500H2ZM2 6.500h12M5 1.800v3M11 1.800v3M6 9.500h.01M8.500 9.500h.01M11 9.500h.01M6 11.700h.01M8.500 11.700h.01',
  stacks: 'M8 1.800 14.500 5 8 8.200 1.500 5ZM1.500 8 8 11.200 14.500 8M1.500 11 8 14.200 14.500 11',
  alerts: 'M3.500 11.500c1-1 1-2.500 1-4a3.500 3.500 0 0 1 7 0c0 1.500 0 3 1 4ZM6.500 13.500c.5 1 2.500 1 3 0',
  parity: 'M2.500 5.500h9l-2.500-2.500M13.500 10.500h-9l2.500 2.500',
  search: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9ZM10.300 10.300 14 14',
  close: 'M4 4l8 8M12 4l-8 8',
  play: 'M4.500 2.500v11l8.500-5.500Z',
  stop: 'M3.500 3.500h9v9h-9Z',
  copy: 'M5.500 5.500h8v8h-8ZM10.500 5.500v-3h-8v8h3',
  download: 'M8 2v8M4.800 7.200 8 10.400l3.200-3.200M2.500 13.500h11',
  upload: 'M8 10.500v-8M4.800 5.500 8 2.300l3.200 3.200M2.500 13.500h11',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  right: 'M6 3.500 10.500 8 6 12.500',
  down: 'M3.500 6 8 10.500 12.500 6',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1.100 1.100M11.900 11.900 13 13M3 13l1.100-1.100M11.900 4.100 13 3',
  moon: 'M13.500 9.500A6 6 0 1 1 6.500 2.500a5 5 0 0 0 7 7Z',
  menu: 'M2.500 4h11M2.500 8h11M2.500 12h11',
  info: 'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13ZM8 7.300v3.700M8 5v.2',
  link: 'M6.500 9.500l3-3M7 4.500l1.800-1.800a2.700 2.700 0 0 1 3.900 3.900L11 8.400M9 11.500l-1.800 1.800a2.700 2.700 0 0 1-3.900-3.900L5 7.600',
  plus: 'M8 3v10M3 8h10',
  trash: 'M2.500 4.500h11M6 4.500v-2h4v2M4 4.500l.7 9h6.600l.7-9',
  fit: 'M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10',
  parallel: 'M3 2.500v11M8 2.500v11M13 2.500v11',
  map: 'M2.500 2.500h4v4h-4ZM9.500 2.500h4v4h-4ZM2.500 9.500h4v4h-4ZM9.500 9.500h4v4h-4Z',
  choice: 'M8 1.800 14.200 8 8 14.200 1.800 8Z',
  task: 'M2.500 4h11v8h-11ZM5 8h6',
  pass: 'M2.500 8h10M9.500 5l3 3-3 3',
  succeed: 'M3 8.500l3.200 3.200L13 4.800',
  fail: 'M4 4l8 8M12 4l-8 8',
  external: 'M9 2.500h4.500V7M13.500 2.500 7.500 8.500M11.500 9.500v4h-9v-9h4',
  refresh: 'M13 8a5 5 0 1 1-1.600-3.700M13.200 1.800v3h-3',
  edit: 'M10.800 2.700l2.500 2.500L5.500 13l-3 .5.5-3Z',
  file: 'M4 1.800h5l3.500 3.500v9H4ZM9 1.800v3.500h3.500',
  folder: 'M1.800 3.500h4.400l1.500 1.800h6.500v7.700H1.800Z',
} as const;

export type IconName = keyof typeof paths;

/** Icon draws one of the console's icons; label makes it speak, otherwise it is decoration. */
export function Icon({ name, label, size = 16, className }: { name: IconName; label?: string; size?: number; className?: string }): React.ReactElement {
  return (
    <svg
      className={`icon ${className ?? ''}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={paths[name]} />
    </svg>
  );
}
