/** How a drawn cover is composed: ground, tone and broken lines. Pure: needs no browser. */

/** A muted cloth colour for each class of the Chinese Library Classification (OKLCH L 0.46, C 0.066, 22 hues). */
const cloth: Readonly<Record<string, string>> = {
  A: '#794949',
  B: '#644d73',
  C: '#764d36',
  D: '#784a40',
  E: '#575c30',
  F: '#6a542a',
  G: '#62582a',
  H: '#6c4b6b',
  I: '#2b5f75',
  J: '#764856',
  K: '#72502f',
  N: '#206364',
  O: '#5b5179',
  P: '#22626e',
  Q: '#3e6242',
  R: '#266459',
  S: '#4b6038',
  T: '#44587d',
  U: '#375c7b',
  V: '#4f547d',
  X: '#31644e',
  Z: '#61545b',
}
const plain = '#5c564c'

export const clothOf = (clc: string | undefined): string =>
  cloth[clc?.trim()[0]?.toUpperCase() ?? ''] ?? plain

/** Lighter, as is, or darker: three tones make a shelf of one class look like cloth, not like a wall. */
export const toneOf = (title: string): 'light' | 'plain' | 'deep' => {
  let sum = 7
  for (const char of title) sum = (sum * 31 + char.codePointAt(0)!) % 997
  return (['light', 'plain', 'deep'] as const)[sum % 3]!
}

const widthOf = (text: string): number => {
  let width = 0
  for (const char of text) width += char.codePointAt(0)! > 0x2e7f ? 1 : 0.56
  return width
}

/** Chinese may break after any character, Latin words stay whole; punctuation never starts a line. */
const pieces = (text: string): string[] =>
  text.match(/[\x21-\u2e7f]+\s*|[^\x20-\u2e7f][，。：；、！？）》”’]*\s*|\s+/gu) ?? [text]

/** A line may be that much longer than its share: a word more than a character. */
const slackOf = (piece: string): number => (piece.length > 2 ? 1 : 0.4)

const breakInto = (text: string, perLine: number): string[] => {
  const rows = Math.max(1, Math.ceil(widthOf(text) / perLine))
  const target = Math.max(widthOf(text) / rows, 1)
  const lines: string[] = []
  let line = ''
  for (const piece of pieces(text)) {
    const grown = widthOf((line + piece).trimEnd())
    const full = grown > perLine || (grown > target + slackOf(piece) && lines.length + 1 < rows)
    if (line && full) {
      lines.push(line.trim())
      line = ''
    }
    line += piece
  }
  if (line.trim()) lines.push(line.trim())
  return lines
}

export interface CoverTitle {
  readonly lines: readonly string[]
  /** Type size in the cover's own units (the cover is 120 wide). */
  readonly size: number
}

const settings = [
  { upTo: 3, perLine: 3, size: 29 },
  { upTo: 4, perLine: 4, size: 23 },
  { upTo: 8, perLine: 4, size: 22 },
  { upTo: 15, perLine: 5, size: 17.5 },
  { upTo: Number.POSITIVE_INFINITY, perLine: 6.6, size: 14.5 },
]
const mostLines = 5

/** A long title stands on its cover without what follows its colon or stands in its brackets. */
const mainTitle = (title: string): string => {
  const text = title.trim().replace(/\s+/g, ' ')
  if (widthOf(text) <= 8) return text
  const [main = ''] = text.split(/[：:（(［[【]|\s[=/—-]\s/)
  return widthOf(main) >= 2 ? main.trim() : text
}

/** The title broken into lines that stand well on a cover; too long a title ends in an ellipsis. */
export const setTitle = (title: string): CoverTitle => {
  const text = mainTitle(title)
  const setting = settings.find(s => widthOf(text) <= s.upTo)!
  const lines = breakInto(text, setting.perLine)
  const widest = Math.max(...lines.map(widthOf))
  const size = Math.min(setting.size, 84 / widest)
  if (lines.length <= mostLines) return { lines, size }
  const last = lines[mostLines - 1]!
  return { lines: [...lines.slice(0, mostLines - 1), `${last.slice(0, -1)}…`], size }
}

/** An author's name short enough for a cover. */
export const setAuthor = (author: string): string => {
  const first = author.split(/[;；,，]/)[0]!.trim()
  return widthOf(first) <= 9
    ? first
    : `${[...first].slice(0, widthOf(first) / first.length > 0.8 ? 8 : 15).join('')}…`
}
