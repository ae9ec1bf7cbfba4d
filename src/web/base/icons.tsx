/** The few drawn signs of the pages: one line weight, the colour of the text. Always beside a word. */
const shapes = {
  search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM15.2 15.2 20 20',
  basket: 'M4 9h16l-1.6 10H5.6zM8.5 9 11 4M15.5 9 13 4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  back: 'M14.5 5 8 12l6.5 7',
  on: 'M9.5 5 16 12l-6.5 7',
  yes: 'M4.5 12.5 10 18 19.5 6.5',
  no: 'M6 6l12 12M18 6 6 18',
  look: 'M12 4v10M12 18.5v.6',
  clock: 'M12 20a8 8 0 1 1 0-16 8 8 0 0 1 0 16zM12 7.5V12l3 2',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6zM4 17h16M10.5 20h3',
  locker: 'M5 4h14v16H5zM5 9.3h14M5 14.6h14M12 4v16M9.6 6.6v.1M16.6 6.6v.1',
  home: 'M4 11.5 12 5l8 6.5M6.5 10v9.5h11V10',
  branch: 'M4 20h16M5.5 20V9L12 5l6.5 4v11M10 20v-5h4v5',
  print: 'M7 9V4h10v5M7 16H4V9h16v7h-3M7 13.5h10V20H7z',
  sound: 'M5 9.5v5h3.5L13 18V6L8.5 9.5zM16 9.2a4 4 0 0 1 0 5.6M18.4 7a7 7 0 0 1 0 10',
  mute: 'M5 9.5v5h3.5L13 18V6L8.5 9.5zM16.5 9.8l4.4 4.4M20.9 9.8l-4.4 4.4',
  person: 'M12 11.5a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4zM4.8 20c.6-4 3.4-6 7.2-6s6.6 2 7.2 6',
  book: 'M12 7c-2-1.6-5-2-8-1.4v12.6c3-.6 6-.2 8 1.4 2-1.6 5-2 8-1.4V5.6C17 5 14 5.4 12 7zM12 7v12.6',
  rule: 'M6 4h12v16H6zM9 8.5h6M9 12h6M9 15.5h3.5',
  place: 'M12 20.5c4-4.4 6-7.6 6-10.3a6 6 0 0 0-12 0c0 2.7 2 5.9 6 10.3zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  star: 'M12 4.5l2.3 4.8 5.2.7-3.8 3.6.9 5.2-4.6-2.5-4.6 2.5.9-5.2L4.5 10l5.2-.7z',
  scan: 'M4 8V4.5h3.5M16.5 4.5H20V8M20 16v3.5h-3.5M7.5 19.5H4V16M7.5 8.5v7M10.5 8.5v7M13.5 8.5v7M16.5 8.5v7',
  open: 'M5 4h9v16H5zM14 6l5 2v11l-5 1M16.3 12.5v1',
  out: 'M10 5H5v14h5M13 8.5 17 12l-4 3.5M16.5 12H9.5',
  chart: 'M5 19.5V11M10 19.5V5M15 19.5v-6M20 19.5H4',
  alert: 'M12 4 3.5 19.5h17zM12 10v4.5M12 17v.1',
} as const
export type IconName = keyof typeof shapes

export const Icon = ({ name, size = 24 }: { name: IconName; size?: number }) => (
  <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path
      d={shapes[name]}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
)
