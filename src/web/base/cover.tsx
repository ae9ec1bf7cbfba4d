import { clothOf, setAuthor, setTitle, toneOf } from './binding.ts'

interface Book {
  readonly title: string
  readonly author?: string | undefined
  readonly clc?: string | undefined
}

const veil = { light: 'rgba(255,255,255,.09)', plain: 'rgba(0,0,0,0)', deep: 'rgba(0,0,0,.14)' }
const cream = '#fbf6ea'

/** A drawn cover, 120 by 168: cloth of its class, a thin frame, title in serif, author below. Purely decorative. */
export const Cover = ({ book, width = 84 }: { book: Book; width?: number }) => {
  const { lines, size } = setTitle(book.title)
  const lead = size * 1.24
  const top = 66 - ((lines.length - 1) * lead) / 2 + size * 0.36
  const foot = top + (lines.length - 1) * lead
  return (
    <svg
      className="cover"
      style={{ width: `${width / 16}rem` }}
      viewBox="0 0 120 168"
      aria-hidden="true"
      focusable="false"
    >
      <rect width="120" height="168" rx="3" fill={clothOf(book.clc)} />
      <rect width="120" height="168" rx="3" fill={veil[toneOf(book.title)]} />
      <rect width="7" height="168" rx="2" fill="rgba(0,0,0,.16)" />
      <path d="M7.5 0V168" stroke="rgba(255,255,255,.14)" strokeWidth="1" />
      <g fill="none" stroke={cream} strokeOpacity=".62">
        <rect x="14.5" y="8.5" width="98" height="151" strokeWidth="1" />
        <rect x="17" y="11" width="93" height="146" strokeWidth=".5" />
      </g>
      <g className="serif" fill={cream} textAnchor="middle">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a title never move
          <text key={at} x="63.5" y={top + at * lead} fontSize={size} fontWeight="600">
            {line}
          </text>
        ))}
        <path d={`M54 ${foot + 13}h19`} stroke={cream} strokeOpacity=".6" strokeWidth=".8" />
        {book.author && (
          <text x="63.5" y={foot + 28} fontSize="10.5" fillOpacity=".92">
            {setAuthor(book.author)}
          </text>
        )}
      </g>
      <g stroke={cream} strokeOpacity=".75" fill="none" strokeWidth="1.1">
        <path d="M55.5 149.5v-1a8 8 0 0 1 16 0v1M52.5 143.5c3.5-2.2 8-2 11 .3 3-2.3 7.5-2.5 11-.3" />
      </g>
    </svg>
  )
}
